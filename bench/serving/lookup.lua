-- wrk's requests: POST /v1/online-features for random keys. All bodies are made before the load starts.
--   wrk … -s lookup.lua URL -- SERVICE ENTITIES KEYS SEED [FIELDS]
-- FIELDS: more fields of the body, such as "statuses":true.
-- The same arguments make the same bodies, so that all contenders answer the same questions.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

-- About this many random keys per thread: enough that no cache but the store's own has them.
local DRAWS = 100000

function init(args)
  local service, entities, keys, seed = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  local fields = args[5] and ',' .. args[5] or ''
  math.randomseed(seed * 1000 + number)
  bodies = {}
  for i = 1, math.ceil(DRAWS / entities) do
    local drawn = {}
    for j = 1, entities do
      drawn[j] = '{"user_id":' .. math.random(0, keys - 1) .. '}'
    end
    local body = '{"service":"' .. service .. '","entities":[' .. table.concat(drawn, ",") .. "]" .. fields .. "}"
    bodies[i] = wrk.format("POST", "/v1/online-features", { ["Content-Type"] = "application/json" }, body)
  end
  next_body = 0
end

function request()
  next_body = next_body % #bodies + 1
  return bodies[next_body]
end

-- Durations are microseconds.
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationMicros":%d,"bytes":%d,"p50Micros":%d,"p99Micros":%d,"failed":%d}',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
