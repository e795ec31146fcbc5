// The whole reference in its order: introduction, operations by task, errors, objects.
import { statusBadge } from "./badges.js";
import { copyButton, h, icon } from "./dom.js";
import { fields } from "./fields.js";
import { inline, markdown } from "./markdown.js";
import { operationSection } from "./operation.js";
import { endpointPanel, examplePanel, shellPanel, taskPanel } from "./panels.js";

function heading(level, id, title) {
  return h(`h${level}`, { id: `${id}-title` }, title, h("a", { class: "anchor", href: `#${id}`, "aria-label": `Link to: ${title}` }, "#"));
}

/** A heading within a section, with a place of its own. */
function subheading(id, title) {
  return h("h3", { id }, title, h("a", { class: "anchor", href: `#${id}`, "aria-label": `Link to: ${title}` }, "#"));
}

function section(kind, id, title, level, text, side) {
  return h("section", { class: kind, id, "aria-labelledby": `${id}-title`, "data-spy": id },
    h("div", { class: "text" }, heading(level, id, title), text), side ? h("div", { class: "samples" }, side) : null);
}

function addressRow(label, address) {
  return h("div", { class: "address" }, h("dt", {}, label), h("dd", {}, h("code", {}, address), copyButton(`the address ${label.toLowerCase()}`, () => address)));
}

/** What holds everywhere: of the text's paragraphs those that begin with a name, "**Keys.** …", become a list. */
function points(description, text) {
  const blocks = text.split(/\n{2,}/);
  const named = blocks.map((block) => block.match(/^\*\*([^*]+)\.\*\* (.*)$/s)).filter(Boolean);
  return [
    h("div", { class: "prose" }, markdown(blocks.filter((block) => !/^\*\*[^*]+\.\*\* /.test(block)).join("\n\n"), description.linkOf)),
    named.length ? h("dl", { class: "points" }, named.map(([, name, meaning]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, inline(meaning.replaceAll("\n", " "), description.linkOf))))) : null,
  ];
}

function introduction(description, openKey) {
  const { info, servers } = description.document;
  const isElsewhere = servers?.[0] && servers[0].url !== description.base;
  const firstLook = description.byID.get("list_calls");
  const text = [
    h("p", { class: "lead" }, info.summary ?? ""),
    h("dl", { class: "addresses" }, addressRow("Base address", description.base),
      isElsewhere ? addressRow("Public address", servers[0].url) : null),
    points(description, info.description ?? ""),
  ];
  const lines = ["# once in a shell: the secret of an entry in API_KEYS", "export SWITCHBOARD_API_KEY=…"];
  const first = [`curl ${description.base}${firstLook?.path ?? "/health"} \\`, '  -H "X-API-Key: $SWITCHBOARD_API_KEY"'];
  return h("section", { class: "introduction", id: "introduction", "aria-labelledby": "introduction-title", "data-spy": "introduction" },
    h("div", { class: "text" }, h("h1", { id: "introduction-title" }, `${info.title} API`), text),
    h("div", { class: "samples" },
      shellPanel("Set the key", lines.join("\n")),
      shellPanel("Send a first request", first.join("\n")),
      taskPanel(description),
      h("section", { class: "panel key-card", "aria-label": "API key of this tab" },
        h("p", {}, h("strong", {}, "Try requests on this page. "), "The key is kept in this tab alone, until you close it or forget it."),
        h("button", { class: "button", type: "button", "aria-haspopup": "dialog", on: { click: openKey } }, icon("lock"), "API key…"))));
}

/** Which requests may be answered with a code. */
function whoAnswers(description, code) {
  const answering = description.operations.filter((operation) => operation.errors.some((error) => error.code === code));
  if (!answering.length) return "Answered to any request.";
  if (answering.length > 6) return `Answered to ${answering.length} of the ${description.operations.length} operations.`;
  return ["Answered to ", answering.flatMap((operation, at) => [at ? ", " : "", h("a", { href: `#${operation.id}` }, operation.summary)]), "."];
}

function errors(description) {
  const notRead = description.document.components?.responses?.NotRead?.description;
  const problem = description.document.components?.schemas?.Problem;
  const rows = [...description.problems.values()].map(({ code, status, meaning }) =>
    h("li", { id: `error-${code}` },
      h("div", { class: "error-head" }, statusBadge(status), h("a", { href: `#error-${code}` }, h("code", {}, code))),
      h("p", {}, inline(meaning, description.linkOf)),
      h("p", { class: "aside" }, whoAnswers(description, code))));
  const text = [
    h("div", { class: "prose" }, markdown(problem?.description ?? "", description.linkOf)),
    subheading("problem", "What an error looks like"),
    fields(description, problem, { place: "problem", isAnswer: true }),
    subheading("codes", "All codes"),
    h("ul", { class: "errors all" }, rows),
    notRead ? [subheading("not-read", "Requests that are not read"), h("div", { class: "prose" }, markdown(notRead, description.linkOf))] : null,
  ];
  const example = description.problems.get("validation_failed")?.example;
  return section("group", "errors", "Errors", 2, text, example ? examplePanel("An error", example) : null);
}

/** An example of an object: of the answers that are one, the example that tells most. */
function exampleOf(description, name) {
  const answers = description.operations.flatMap((operation) => operation.answers)
    .filter((answer) => answer.schema?.$ref === `#/components/schemas/${name}`);
  const values = answers.flatMap((answer) => answer.examples.map((example) => example.value));
  return values.sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)[0] ?? null;
}

function objects(description) {
  const intro = h("section", { class: "group-head", id: "objects", "aria-labelledby": "objects-title", "data-spy": "objects" },
    h("div", { class: "text" }, heading(2, "objects", "Objects"), h("div", { class: "prose" }, h("p", {}, "What answers are made of."))));
  return h("div", { class: "group" }, intro, description.objects.filter((object) => object.name !== "Problem").map(({ id, name, schema }) => {
    const example = exampleOf(description, name);
    return section("object", id, name, 3, [
      h("div", { class: "prose" }, markdown(schema.description ?? "", description.linkOf)),
      fields(description, schema, { place: id, isAnswer: true }),
    ], example ? examplePanel(`Example: ${name}`, example) : null);
  }));
}

/** All sections. `tryIt(operation)` opens the form, `openKey()` the dialog of the key. */
export function reference(description, { tryIt, openKey }) {
  return [
    introduction(description, openKey),
    ...description.groups.map((group) => h("div", { class: "group" },
      h("section", { class: "group-head", id: group.id, "aria-labelledby": `${group.id}-title`, "data-spy": group.id },
        h("div", { class: "text" }, heading(2, group.id, group.title), h("div", { class: "prose" }, markdown(group.description, description.linkOf))),
        h("div", { class: "samples" }, endpointPanel(group))),
      group.operations.map((operation) => operationSection(operation, tryIt)))),
    errors(description),
    objects(description),
  ];
}
