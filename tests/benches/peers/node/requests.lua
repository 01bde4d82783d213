-- Requests for wrk, from files with a JSON body a line (BODIES), chosen at random; the tokens (TOKENS,
-- a file with one a line) take turns, or belong to the body of the same line (PAIRED=yes).
local function lines(name)
  local all = {}
  for line in io.lines(os.getenv(name)) do all[#all + 1] = line end
  return all
end
local bodies, tokens, turn = lines("BODIES"), lines("TOKENS"), 0
local is_paired = os.getenv("PAIRED") == "yes"
local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
function init() math.randomseed(tonumber(os.getenv("SEED"))) end
function request()
  local body = math.random(#bodies)
  turn = is_paired and body or turn % #tokens + 1
  headers["Authorization"] = "Bearer " .. tokens[turn]
  return wrk.format("POST", "/graphql", headers, bodies[body])
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"bytes":%d,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
