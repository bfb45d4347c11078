-- wrk's script. MINT_BODY names the file with the request's body. MINT_KEYS names a file of API keys, a line each and all
-- of one length: one is drawn evenly for each request; with MINT_KEY there is one, and wrk repeats a finished request.
-- VERIFY_TARGET is what /verify is asked about; then nothing is minted.
local function bytes_of(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

if os.getenv("VERIFY_TARGET") then
  wrk.path = "/verify"
  wrk.headers["X-Original-URI"] = os.getenv("VERIFY_TARGET")
  wrk.headers["X-Original-Method"] = "GET"
else
  wrk.method = "POST"
  wrk.path = "/api/v1/file-access"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = bytes_of(os.getenv("MINT_BODY"))
end

if os.getenv("MINT_KEYS") then
  local keys = bytes_of(os.getenv("MINT_KEYS"))
  local width = keys:find("\n", 1, true)
  local count = #keys / width
  local before, after
  math.randomseed(os.time())

  function request()
    if not before then
      wrk.headers["Authorization"] = "Bearer KEY"
      before, after = wrk.format():match("^(.-Bearer )KEY(.*)$")
    end
    local start = math.random(0, count - 1) * width
    return before .. keys:sub(start + 1, start + width - 1) .. after
  end
elseif os.getenv("MINT_KEY") then
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("MINT_KEY")
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.6f,"errors":%d,"refused":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
