-- Sends the messages of a file, each once or the first ones again and again, and stops after a number of requests.
-- wrk gives each script its arguments after `--`: the file, how many requests, and after how many messages to begin anew.

local messages, count, period, sent = {}, 0, 0, -1

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local text = file:read("*a")
  file:close()
  count, period = tonumber(arguments[2]), tonumber(arguments[3])
  local from = 1
  while #messages < period do
    local to = assert(text:find("\0", from, true), "the file holds fewer messages than asked for")
    messages[#messages + 1] = text:sub(from, to - 1)
    from = to + 1
  end
end

function request()
  sent = sent + 1
  -- wrk asks once to look at a request, and does not send it.
  if sent == 0 then return messages[1] end
  if sent == count then
    -- wrk itself waits for the end of its time, or for a signal.
    io.write("SENT\n")
    io.flush()
    wrk.thread:stop()
  end
  return messages[(sent - 1) % period + 1]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "RESULT %d %d %d %d\n", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
