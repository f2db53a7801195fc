-- What wrk sends, and one line of JSON at the end. The number of users is the script's argument.
local requests = {}
local at = 0

function init(args)
  for user = 1, tonumber(args[1]) do
    requests[user] = wrk.format("GET", "/dashboard/" .. user)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"answers":%d,"failures":%d,"p50Us":%f,"p99Us":%f}\n',
    summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50),
    latency:percentile(99)
  ))
end
