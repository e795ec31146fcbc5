// What a request was answered: status, time, the headers that matter, the body; events as they arrive.
import { methodBadge, statusBadge } from "./badges.js";
import { announce, copyButton, h } from "./dom.js";
import { highlight, languageOf } from "./highlight.js";
import { readEvents } from "./stream.js";

const shownHeaders = [
  "X-Request-ID", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotent-Replayed", "Allow", "WWW-Authenticate", "ETag", "Content-Type",
];
/** Longer bodies are shown without colors. */
const longestColored = 100_000;
const mostEvents = 500;

function indented(text, type) {
  if (languageOf(type) !== "json") return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function code(label, text, type) {
  const nodes = text.length > longestColored ? [text] : highlight(text, languageOf(type));
  return h("pre", { class: "code", tabindex: "0", "aria-label": label }, h("code", {}, nodes));
}

export class AnswerView {
  /** `open(operation, values)` shows the form of another request. */
  constructor(description, open) {
    this.description = description;
    this.open = open;
    this.element = h("section", { class: "result", "aria-label": "Answer" });
    this.clear();
  }

  clear() {
    this.element.replaceChildren(h("p", { class: "result-empty" }, "The answer will be here."));
  }

  wait(operation, address) {
    this.operation = operation;
    this.line = h("div", { class: "result-line", role: "status" }, h("span", { class: "pulse" }), "Waiting for the answer…");
    this.element.replaceChildren(h("p", { class: "result-address" }, h("code", {}, `${operation.method} ${address}`)), this.line);
  }

  async show(answer, milliseconds) {
    const type = answer.headers.get("Content-Type") ?? "";
    this.line.replaceChildren(statusBadge(answer.status), h("strong", {}, answer.statusText), h("span", { class: "muted" }, `${Math.round(milliseconds)} ms`));
    const headers = shownHeaders.filter((name) => answer.headers.has(name));
    this.element.append(h("dl", { class: "result-headers" }, headers.map((name) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, answer.headers.get(name))))));
    this.offerNext(answer.headers.get("Location"));
    if (type.startsWith("text/event-stream") && answer.ok) return this.showEvents(answer.body);
    const text = await answer.text();
    const shown = indented(text, type);
    if (text) this.element.append(h("div", { class: "result-body" }, copyButton("the answer", () => shown), code("Body of the answer", shown, type)));
    else this.element.append(h("p", { class: "muted" }, "There is no body."));
    announce(`Answered with ${answer.status}.`);
  }

  /** A way on to what the answer says it has made. */
  offerNext(location) {
    const parts = location?.split("/");
    const next = parts && this.description.operations.find((operation) => {
      const template = operation.path.split("/");
      return operation.method === "GET" && template.length === parts.length
        && template.every((part, at) => part === parts[at] || (part.startsWith("{") && parts[at]));
    });
    if (!next) return;
    const path = Object.fromEntries(next.path.split("/").flatMap((part, at) => (part.startsWith("{") ? [[part.slice(1, -1), decodeURIComponent(parts[at])]] : [])));
    this.element.append(h("button", { class: "button next", type: "button", on: { click: () => this.open(next, { path }) } },
      "Next: ", next.summary.toLowerCase(), " ", methodBadge(next.method)));
  }

  async showEvents(body) {
    let count = 0;
    const label = h("span", {}, "Live: waiting for events…");
    const list = h("ol", { class: "events", "aria-label": "Events" });
    this.line.append(h("span", { class: "live" }, h("span", { class: "pulse" }), label));
    this.element.append(list);
    this.finish = (word) => {
      label.parentElement.replaceChildren(`${word} after ${count} ${count === 1 ? "event" : "events"}`);
      this.finish = null;
    };
    announce("Events are shown as they arrive. Press Stop to end.");
    await readEvents(body, (event) => {
      count += 1;
      label.textContent = `Live: ${count} ${count === 1 ? "event" : "events"}`;
      list.prepend(h("li", {}, h("div", { class: "event-head" }, h("strong", {}, event.type), h("time", {}, new Date().toLocaleTimeString()),
        event.id ? h("span", { class: "muted" }, `id ${event.id}`) : null),
      h("details", { open: count === 1 }, h("summary", {}, h("code", {}, event.data.length > 90 ? `${event.data.slice(0, 90)}…` : event.data)), code(`Data of ${event.type}`, indented(event.data, "json"), "json"))));
      if (list.childElementCount > mostEvents) list.lastElementChild.remove();
    });
    this.finish("The gateway ended the stream");
  }

  stopped() {
    if (this.finish) this.finish("Stopped");
    else this.line?.replaceChildren("Stopped before the answer came.");
    announce("Stopped.");
  }

  fail(error) {
    if (this.finish) this.finish("The connection broke");
    else {
      this.line.replaceChildren(h("strong", {}, "No answer. "), "The gateway cannot be reached from this browser, or the request cannot be sent.");
      this.element.append(h("p", { class: "muted" }, error.message));
    }
    announce("No answer.");
  }
}
