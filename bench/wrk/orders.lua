-- POST /order for wrk. Arguments after "--": MODE PRODUCT RUN
--   cycle  20,000 requests built beforehand, each with its own UUID as key, sent over and over
--          (the same keys in every run: after one pass all of them are used)
--   fresh  a key that never repeats, within a run or between runs with different numbers
-- Prints one line "RESULT {json}" at the end (result.lua).

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "result.lua")

local keys_per_thread = 20000
local threads = 0

function setup(thread)
    thread:set("thread_number", threads)
    threads = threads + 1
end

local function head_and_body(product)
    local body_start = '{"productId":"' .. product .. '","userId":"user-'
    local body_end = '"}'
    local length = #body_start + 12 + #body_end
    local head = "POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" ..
        "Content-Length: " .. length .. "\r\nx-idempotency-key: "
    return head, "\r\n\r\n" .. body_start, body_end
end

local function random_uuid()
    local r = math.random
    return string.format("%04x%04x-%04x-4%03x-%04x-%04x%04x%04x", r(0, 65535), r(0, 65535),
        r(0, 65535), r(0, 4095), r(32768, 49151), r(0, 65535), r(0, 65535), r(0, 65535))
end

local function cycling(product)
    local head, body_start, body_end = head_and_body(product)
    local requests = {}
    math.randomseed(thread_number + 1)
    for i = 1, keys_per_thread do
        requests[i] = head .. random_uuid() .. body_start .. string.format("%012d", i) .. body_end
    end
    local next_one = 0
    return function()
        next_one = next_one % keys_per_thread + 1
        return requests[next_one]
    end
end

local function never_repeating(product, run)
    local head, body_start, body_end = head_and_body(product)
    local prefix = head .. string.format("%08x-%04x-4000-8000-", run, thread_number)
    local format = string.format
    local count = 0
    return function()
        count = count + 1
        local digits = format("%012d", count)
        return prefix .. digits .. body_start .. digits .. body_end
    end
end

function init(args)
    local mode, product, run = args[1], args[2], tonumber(args[3])
    if mode == "cycle" then
        request = cycling(product)
    else
        request = never_repeating(product, run)
    end
end
