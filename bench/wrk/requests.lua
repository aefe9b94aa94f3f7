-- Requests from a file for wrk, sent over and over in their order. Argument after "--": FILE, which holds for each
-- request a line with its length in bytes, and then its bytes.
-- Prints one line "RESULT {json}" at the end (result.lua).

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "result.lua")

local function read_requests(path)
    local file = assert(io.open(path, "rb"))
    local requests = {}
    for line in file:lines() do
        requests[#requests + 1] = file:read(tonumber(line))
    end
    file:close()
    return requests
end

function init(args)
    local requests = read_requests(args[1])
    local next_one = 0
    request = function()
        next_one = next_one % #requests + 1
        return requests[next_one]
    end
end
