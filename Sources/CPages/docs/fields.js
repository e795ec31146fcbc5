// Schemas and parameters as rows that people read: name, type, what it means, what is allowed.
import { h } from "./dom.js";
import { markdown } from "./markdown.js";

/** The schema without its `null`, and whether it may be null; of words that are open for later ones, the known words. */
function opened(description, schema) {
  schema = description.resolve(schema) ?? {};
  let isNullable = false;
  if (Array.isArray(schema.type)) {
    isNullable = schema.type.includes("null");
    const types = schema.type.filter((type) => type !== "null");
    schema = { ...schema, type: types.length === 1 ? types[0] : types };
  }
  if (!schema.anyOf) return { schema, isNullable, isOpen: false };
  const { anyOf, ...beside } = schema;
  const options = anyOf.map((option) => description.resolve(option)).filter((option) => option.type !== "null");
  isNullable ||= options.length < anyOf.length;
  const words = options.find((option) => option.enum);
  if (words && options.length === 2 && options.some((option) => option.type === "string" && !option.enum)) {
    return { schema: { ...beside, ...words }, isNullable, isOpen: true };
  }
  if (options.length === 1) return { schema: { ...options[0], ...beside }, isNullable, isOpen: false };
  return { schema: { ...beside, options }, isNullable, isOpen: false };
}

/** The type in words: `string (date-time) or null`, `array of object`. */
export function typeOf(description, given) {
  const { schema, isNullable } = opened(description, given);
  let name;
  if (schema.options) name = [...new Set(schema.options.map((option) => typeOf(description, option)))].join(" or ");
  else if (schema.type === "array") name = `array of ${typeOf(description, schema.items ?? {})}`;
  else if (schema.type === "object" && !schema.properties && typeof schema.additionalProperties === "object") {
    const values = typeOf(description, schema.additionalProperties);
    name = values.includes(" or ") ? "object of values" : `object of ${values}`;
  } else name = [schema.type ?? (schema.properties ? "object" : "any")].flat().join(" or ");
  if (schema.format) name += ` (${schema.format})`;
  return isNullable ? `${name} or null` : name;
}

const grouped = new Intl.NumberFormat("en-US");

function range(low, high, unit) {
  if (low === undefined && high === undefined) return null;
  const count = (number) => grouped.format(number) + (unit ? ` ${unit}` : "");
  if (low === high) return `exactly ${count(low)}`;
  if (low === undefined) return `at most ${count(high)}`;
  if (high === undefined) return `at least ${count(low)}`;
  return `${grouped.format(low)} to ${count(high)}`;
}

/** The limits and the default of a schema: `[label, node]`. */
function rules(description, name, given) {
  const { schema, isOpen } = opened(description, given);
  const unit = /_seconds$/.test(name) ? "seconds" : "";
  const found = [];
  const add = (label, node) => node !== null && node !== undefined && found.push([label, node]);
  const words = schema.enum ?? description.resolve(schema.items)?.enum;
  if (words) {
    add(isOpen ? "Known values" : "Allowed values", words.flatMap((word, index) => [index ? " " : "", h("code", {}, String(word))]));
  }
  if (schema.const !== undefined) add("Always", h("code", {}, JSON.stringify(schema.const)));
  if (schema.default !== undefined) add("Default", h("code", {}, typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default)));
  add("Range", range(schema.minimum, schema.maximum, unit));
  add("Length", range(schema.minLength, schema.maxLength, "characters"));
  add("Items", range(schema.minItems, schema.maxItems, ""));
  add("Members", range(schema.minProperties, schema.maxProperties, ""));
  if (schema.pattern) add("Pattern", h("code", {}, schema.pattern));
  return found;
}

function exampleOf(schema) {
  const value = schema.examples?.find((example) => example !== null);
  return value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value);
}

/** The object whose members a schema has, if it has any: itself, the entries of an array, one of several. */
function objectIn(description, given) {
  const { schema } = opened(description, given);
  if (schema.properties) return schema;
  if (schema.type === "array") return objectIn(description, schema.items);
  if (schema.options) return schema.options.find((option) => option.properties) ?? null;
  if (typeof schema.additionalProperties === "object") return objectIn(description, schema.additionalProperties);
  return null;
}

/**
 * One row. `place` is its id on the page, where it has one. In requests it is told what must be there, in answers what
 * may be absent: nearly everything is always there.
 */
function row(description, { name, isRequired, given, text, example, place, isAnswer, depth }) {
  const { schema } = opened(description, given);
  const facts = rules(description, name, given);
  const shown = example ?? exampleOf(schema);
  if (shown !== null && !schema.enum && schema.type !== "boolean") facts.push(["Example", h("code", {}, shown)]);
  const inner = objectIn(description, given);
  return h("li", { class: "field", id: place },
    h("div", { class: "field-head" },
      place ? h("a", { class: "field-name", href: `#${place}` }, name) : h("span", { class: "field-name" }, name),
      h("span", { class: "field-type" }, typeOf(description, given)),
      isRequired && !isAnswer ? h("span", { class: "field-required" }, "required") : null,
      !isRequired && isAnswer ? h("span", { class: "field-note" }, "not always there") : null),
    markdown(text ?? schema.description ?? "", description.linkOf),
    facts.length ? h("dl", { class: "facts" }, facts.map(([label, node]) => h("div", {}, h("dt", {}, label), h("dd", {}, node)))) : null,
    inner && depth < 6 ? members(description, inner, { name, place, isAnswer, depth: depth + 1 }) : null);
}

/** The members of an object inside another one, folded. */
function members(description, schema, { name, ...view }) {
  const count = Object.keys(schema.properties).length;
  const box = h("details", { class: "members" },
    h("summary", {}, count === 1 ? "1 member of " : `${count} members of `, h("code", {}, name)));
  const fill = () => box.childElementCount === 1 && box.append(fields(description, schema, view));
  // What has a place may be the target of a link. The rest is made when it is first shown.
  if (view.place) fill();
  else box.addEventListener("toggle", fill, { once: true });
  return box;
}

/** The rows of an object's members. `place` is the id before theirs. */
export function fields(description, given, { place = null, isAnswer = false, depth = 0 } = {}) {
  const schema = objectIn(description, given);
  if (!schema) return null;
  const hidden = new Set(schema.not?.required ?? []);
  const required = new Set(schema.required ?? []);
  return h("ul", { class: "fields" }, Object.entries(schema.properties)
    .filter(([name]) => !hidden.has(name))
    .map(([name, member]) => row(description, {
      name, isRequired: required.has(name), given: member, place: place && `${place}.${name}`, isAnswer, depth,
    })));
}

/** The rows of an operation's parameters of one kind. */
export function parameterRows(operation, kind) {
  const { description } = operation;
  const parameters = operation.parameters.filter((parameter) => parameter.in === kind);
  if (!parameters.length) return null;
  return h("ul", { class: "fields" }, parameters.map((parameter) => {
    return row(description, {
      name: parameter.name, isRequired: parameter.required, given: parameter.schema ?? {}, text: parameter.description,
      example: description.exampleText(parameter), place: `${operation.id}.${parameter.name}`, depth: 0,
    });
  }));
}

/** The rows of an answer's headers. */
export function headerRows(description, headers) {
  return h("ul", { class: "fields" }, headers.map((header) => row(description, {
    name: header.name, isRequired: header.required, given: header.schema ?? {}, text: header.description, isAnswer: true,
    example: header.example === undefined ? null : String(header.example), place: null, depth: 0,
  })));
}
