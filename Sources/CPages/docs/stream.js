// Server-sent events, read from the body of an answer as they arrive. EventSource could not send a key.

/**
 * Reads events until the stream ends; `report` gets each: `{type, id, data}`. Lines that only keep the connection open
 * are passed over.
 * SeeAlso: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function readEvents(body, report) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { type: "message", id: "", data: [] };
  const take = (line) => {
    if (line === "") {
      if (event.data.length) report({ ...event, data: event.data.join("\n") });
      event = { type: "message", id: event.id, data: [] };
      return;
    }
    const [, field, value] = line.match(/^([^:]*):? ?(.*)$/s);
    if (field === "data") event.data.push(value);
    else if (field === "event") event.type = value;
    else if (field === "id") event.id = value;
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    // A carriage return at the end may be the first half of a line's end.
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(take);
  }
}
