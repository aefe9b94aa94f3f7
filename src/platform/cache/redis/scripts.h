// What Redis does in one step. With its first line a script is refused while the memory is full;
// without, Redis would only refuse it when its first write needs memory.
#pragma once

#include <string_view>

namespace souk::cache::on_redis {

// KEYS: generation, the key, the keys of the group with the second each is over.
// ARGV: the generation that is meant, value, life in seconds, most keys.
inline constexpr std::string_view put_script = R"(#!lua
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
local is_new = not redis.call('ZSCORE', KEYS[3], KEYS[2])
if is_new and redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[4]) then
    redis.call('UNLINK', redis.call('ZPOPMIN', KEYS[3])[1])
end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('ZADD', KEYS[3], now + ARGV[3], KEYS[2])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return 1
)";

// KEYS: generation. ARGV: where to begin when Redis has none, which is a number that was never one,
// so that nobody takes a generation for one that Redis forgot. Also while its memory is full: it is
// about to get less.
inline constexpr std::string_view next_generation_script = R"(#!lua flags=allow-oom
if redis.call('INCR', KEYS[1]) == 1 then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
)";

// KEYS: of the limits, as sorted sets of what was counted by its microsecond. ARGV: a name for what
// is counted now, then of each limit the most and the window in microseconds.
inline constexpr std::string_view admit_script = R"(#!lua
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
for i, key in ipairs(KEYS) do
    local most, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
    local counted = redis.call('ZCARD', key)
    if most < 1 then
        wait = math.max(wait, window)
    elseif counted >= most then
        local at = counted - most
        local oldest = redis.call('ZRANGE', key, at, at, 'WITHSCORES')[2]
        wait = math.max(wait, oldest + window - now)
    end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
    redis.call('ZADD', key, now, ARGV[1])
    redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i + 1] / 1000))
end
return 0
)";

}  // namespace souk::cache::on_redis
