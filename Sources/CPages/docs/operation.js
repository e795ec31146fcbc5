// One operation: its text on one side, its samples on the other. Where the page is narrow the samples follow what it does.
import { methodBadge, statusBadge } from "./badges.js";
import { copyButton, h, icon } from "./dom.js";
import { fields, headerRows, parameterRows } from "./fields.js";
import { inline, markdown } from "./markdown.js";
import { answerPanel, messagePanel, requestPanel } from "./panels.js";

/** The path, its parameters set apart. */
function pathNodes(path) {
  return path.split(/(\{\w+\})/).map((part) => (part.startsWith("{") ? h("span", { class: "path-parameter" }, part) : part));
}

function keyNote(operation) {
  if (operation.isWebhook) return h("span", { class: "chip" }, icon("lock"), "Signed by the vendor");
  const words = { required: "API key", optional: "API key optional", none: "No API key" };
  return h("span", { class: "chip" }, operation.key === "none" ? null : icon("lock"), words[operation.key]);
}

/** One kind of answer, folded: what it means is always in sight, its headers and members are not. */
function answer(operation, response) {
  const { description } = operation;
  const members = response.schema ? fields(description, response.schema, { isAnswer: true }) : null;
  const head = [statusBadge(response.status), h("div", { class: "answer-text" }, markdown(response.text, description.linkOf))];
  if (!members && !response.headers.length) return h("div", { class: "answer-row" }, head);
  const name = response.schema?.$ref?.split("/").at(-1);
  const place = description.objects.some((object) => object.name === name) ? `#object-${name}` : null;
  return h("div", { class: "answer-row" }, head,
    h("details", { class: "members" },
      h("summary", {}, members ? "Members and headers" : "Headers", h("span", { class: "visually-hidden" }, ` of ${response.status}`)),
      members && place ? h("p", { class: "aside" }, "The body is one ", h("a", { href: place }, name), ".") : null,
      members,
      response.headers.length ? [h("h5", {}, "Headers"), headerRows(description, response.headers)] : null));
}

function errorList(operation) {
  return h("ul", { class: "errors" }, operation.errors.map(({ code, status, meaning }) => h("li", {},
    h("div", { class: "error-head" }, statusBadge(status), h("a", { href: `#error-${code}` }, h("code", {}, code))),
    h("p", {}, inline(meaning, operation.description.linkOf)))));
}

function part(title, rows) {
  return rows && [h("h4", {}, title), rows];
}

/** `tryIt(operation)` opens the form. */
export function operationSection(operation, tryIt) {
  const { description } = operation;
  const body = operation.body && (fields(description, operation.body.schema, { place: `${operation.id}.body` })
    ?? h("p", {}, inline(operation.body.text, description.linkOf)));
  const intro = h("div", { class: "text" },
    h("h3", { id: `${operation.id}-title` }, operation.summary,
      h("a", { class: "anchor", href: `#${operation.id}`, "aria-label": `Link to: ${operation.summary}` }, "#")),
    h("div", { class: "endpoint" }, methodBadge(operation.method), h("code", { class: "path" }, pathNodes(operation.path)),
      copyButton("the path", () => operation.path)),
    h("div", { class: "chips" }, keyNote(operation), operation.confirmation ? h("span", { class: "chip warn" }, icon("warning"), operation.confirmation) : null),
    h("div", { class: "prose" }, markdown(operation.text, description.linkOf)));
  const samples = h("div", { class: "samples" },
    operation.isWebhook ? messagePanel(operation) : requestPanel(operation, tryIt), answerPanel(operation));
  const details = h("div", { class: "details" },
    part("Path parameters", parameterRows(operation, "path")),
    part("Query parameters", parameterRows(operation, "query")),
    body ? [h("h4", {}, "Body", h("span", { class: "media-type" }, operation.body.type)), body] : null,
    part("Headers", parameterRows(operation, "header")),
    h("h4", {}, "Answers"), h("div", { class: "answers" }, operation.answers.map((response) => answer(operation, response))),
    operation.errors.length ? [h("h4", {}, "Errors"), errorList(operation)] : null);
  return h("section", { class: "operation", id: operation.id, "aria-labelledby": `${operation.id}-title`, "data-spy": operation.id }, intro, samples, details);
}
