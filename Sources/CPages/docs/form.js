// The form of a request: one field for each parameter, the body as text.
import { currentKey, keyField } from "./key.js";
import { freshID, h } from "./dom.js";
import { inline } from "./markdown.js";
import { words } from "./panels.js";
import { typeOf } from "./fields.js";

/** Where real ids come from: the operation that lists them, the id of an entry and how it is called. */
const sources = {
  AgentID: { operation: "list_agents", name: (agent) => `${agent.config.name} (${agent.id.slice(0, 8)}…)` },
  CallID: { operation: "list_calls", name: (call) => `${call.status}, ${call.phone_number ?? "unknown number"}, ${call.created_at.slice(0, 16).replace("T", " ")}` },
};

/** The field for the key, the same one in every form. */
const keyRows = { required: keyField(false), optional: keyField(true) };

function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A choice of what the gateway has, which fills in an id. Without a key, or without an entry, it is not there. */
async function offerIDs(operation, parameter, input, box) {
  const source = sources[parameter.component];
  const list = source && operation.description.byID.get(source.operation);
  if (!list || !currentKey()) return;
  try {
    const answer = await fetch(`${operation.description.base}${list.path}?limit=20`, { headers: { "X-API-Key": currentKey() }, cache: "no-store" });
    const entries = answer.ok ? (await answer.json()).data : [];
    if (!entries.length) return;
    const id = freshID("choice");
    box.replaceChildren(h("label", { class: "visually-hidden", for: id }, `Choose the ${parameter.name}`),
      h("select", { id, on: { change: (event) => { if (event.target.value) input.value = event.target.value; } } },
        h("option", { value: "" }, "Fill in one of the newest…"),
        entries.map((entry) => h("option", { value: entry.id }, source.name(entry)))));
  } catch {
    // The field is there all the same.
  }
}

function parameterField(operation, parameter, given) {
  const id = freshID("parameter");
  const { description } = operation;
  const example = description.exampleText(parameter);
  const schema = description.resolve(parameter.schema) ?? {};
  let value = given ?? (parameter.required ? example ?? "" : "");
  if (parameter.name === "Idempotency-Key" && !given) value = freshKey();
  const common = { id, name: parameter.name, "aria-describedby": `${id}-help` };
  const input = schema.enum
    ? h("select", common, h("option", { value: "" }, "any"), schema.enum.map((word) => h("option", { value: word, selected: word === value }, word)))
    : h("input", { ...common, class: "input mono", type: "text", value, spellcheck: "false", autocomplete: "off", required: parameter.required,
      placeholder: parameter.required || example === null ? null : `for example ${example}` });
  const choice = h("div", { class: "id-choice" });
  offerIDs(operation, parameter, input, choice);
  const row = h("div", { class: "form-row" },
    h("label", { for: id }, h("code", {}, parameter.name), " ", h("span", { class: "optional" }, typeOf(description, schema), parameter.required ? null : ", optional")),
    input, choice, h("p", { class: "help", id: `${id}-help` }, inline(parameter.description ?? "", () => null)));
  return { row, parameter, input };
}

/** What was written into a field, as a list or as members where it is one of these. */
function parted(value, type) {
  if (type !== "array" && type !== "object") return value;
  const parts = value.split(",").map((one) => one.trim());
  if (type === "array") return parts;
  return Object.fromEntries(parts.map((one) => [one.split("=", 1)[0], one.slice(one.indexOf("=") + 1)]));
}

function bodyField(operation, given) {
  const id = freshID("body");
  const { body } = operation;
  const area = h("textarea", { id, class: "input mono", rows: "10", spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-error` });
  const error = h("p", { class: "form-error", id: `${id}-error`, hidden: true });
  const set = (value) => {
    area.value = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    area.rows = Math.min(Math.max(area.value.split("\n").length + 1, 4), 18);
  };
  set(given ?? body.examples[0]?.value ?? {});
  const pick = freshID("pick");
  const picker = body.examples.length < 2 ? null : h("div", { class: "picker" },
    h("label", { class: "visually-hidden", for: pick }, "Example"),
    h("select", { id: pick, on: { change: (event) => set(body.examples[event.target.selectedIndex].value) } },
      body.examples.map((example) => h("option", { selected: example.value === given }, example.summary ?? words(example.name)))));
  const row = h("div", { class: "form-row" },
    h("div", { class: "form-row-head" }, h("label", { for: id }, "Body ", h("span", { class: "optional" }, body.type)), picker), area, error);
  return { row, area, error };
}

/**
 * The form's rows; `read()`: the values, or `null` after it has shown what is wrong; `accepted()` is called once the
 * gateway has done what was asked.
 */
export function requestForm(operation, given = {}) {
  const names = { path: "Path", query: "Query", header: "Headers" };
  const inputs = operation.parameters.filter((parameter) => names[parameter.in])
    .map((parameter) => parameterField(operation, parameter, given[parameter.in]?.[parameter.name]));
  const of = (kind) => inputs.filter(({ parameter }) => parameter.in === kind).map(({ row }) => row);
  const body = operation.body ? bodyField(operation, given.body) : null;
  const headers = of("header");
  // Order by what one thinks of first: what it is about, what is sent, what may be added.
  const rows = [
    keyRows[operation.key] ?? null,
    of("path"), body?.row,
    of("query").length ? h("fieldset", {}, h("legend", {}, "Query"), of("query")) : null,
    headers.length ? h("details", { class: "more" }, h("summary", {}, "Headers"), headers) : null,
  ];

  const read = () => {
    const values = { path: {}, query: {}, header: {}, body: null };
    for (const { parameter, input } of inputs) {
      const value = input.value.trim();
      if (value) values[parameter.in][parameter.name] = parameter.in === "query" ? parted(value, parameter.schema?.type) : value;
    }
    if (!body) return values;
    // What is sent is the text as it was typed; the samples and the question read it.
    values.text = body.area.value;
    values.body = body.area.value;
    body.error.hidden = true;
    body.area.removeAttribute("aria-invalid");
    if (operation.body.type !== "application/json") return values;
    try {
      values.body = JSON.parse(body.area.value);
      return values;
    } catch (error) {
      body.error.textContent = `The body is not JSON: ${error.message}`;
      body.error.hidden = false;
      body.area.setAttribute("aria-invalid", "true");
      body.area.focus();
      return null;
    }
  };
  // What was accepted is done: the next order has a key of its own. One that got no answer keeps its key.
  const accepted = () => {
    for (const { parameter, input } of inputs) if (parameter.name === "Idempotency-Key") input.value = freshKey();
  };
  return { rows, read, accepted };
}
