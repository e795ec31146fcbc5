// The panels beside the text: requests to copy, and answers to compare with.
import { copyButton, freshID, h, icon, tabs } from "./dom.js";
import { highlight, languageOf, pretty } from "./highlight.js";
import { keepLanguage, keptLanguage, languages, message } from "./samples.js";
import { methodBadge, statusBadge } from "./badges.js";

/** Every panel with language tabs; they all show the same language. */
const languageTabs = [];

function codeBox(label) {
  return h("pre", { class: "code", tabindex: "0", "aria-label": label }, h("code", {}));
}

function fill(box, text, language) {
  box.firstChild.replaceChildren(...highlight(text, language));
}

function picker(label, examples, show) {
  if (examples.length < 2) return null;
  const id = freshID("pick");
  return h("div", { class: "picker" },
    h("label", { class: "visually-hidden", for: id }, label),
    h("select", { id, on: { change: (event) => show(examples[event.target.selectedIndex]) } },
      examples.map((example) => h("option", {}, example.label ?? words(example.name)))));
}

export function words(name) {
  return name.replaceAll("_", " ");
}

/** The request of an operation in every language. */
export function requestPanel(operation, tryIt) {
  const values = operation.sampleValues();
  let language = keptLanguage();
  const box = codeBox(`Request: ${operation.summary}`);
  const panel = h("div", { id: freshID("panel") }, box);
  const text = () => languages.find((one) => one.id === language).write(operation, values);
  const show = (id) => {
    language = id;
    fill(box, text(), id);
  };
  const bar = tabs("Language", languages, language, panel, show);
  // The choice is made for all panels, and for the next visit.
  languageTabs.push(bar.select);
  for (const event of ["click", "keydown"]) {
    bar.list.addEventListener(event, () => {
      if (language === keptLanguage()) return;
      keepLanguage(language);
      keepingInView(bar.list, () => languageTabs.filter((select) => select !== bar.select).forEach((select) => select(language)));
    });
  }
  const examples = (operation.body?.examples ?? []).map((example) => ({ ...example, label: example.summary }));
  return h("section", { class: "panel", "aria-label": `Sample: ${operation.summary}` },
    h("div", { class: "panel-head" },
      h("span", { class: "panel-title" }, methodBadge(operation.method), h("span", { class: "panel-path" }, operation.path)),
      copyButton("the request", text)),
    h("div", { class: "panel-tabs" }, bar.list, picker("Example", examples, (example) => {
      values.body = example.value;
      show(language);
    })),
    panel,
    h("div", { class: "panel-foot" },
      h("button", { class: "button primary", type: "button", "aria-haspopup": "dialog", "data-try": operation.id, on: { click: () => tryIt(operation, values.body) } }, icon("play"), "Try it",
        h("span", { class: "visually-hidden" }, `: ${operation.summary}`)),
      operation.key === "none" ? h("span", { class: "panel-note" }, "No API key needed") : null));
}

/** Lets a change of heights above leave what the reader looks at where it is. */
function keepingInView(element, change) {
  const before = element.getBoundingClientRect().top;
  change();
  window.scrollBy({ top: element.getBoundingClientRect().top - before, behavior: "instant" });
}

/** What a vendor sends. */
export function messagePanel(operation) {
  const box = codeBox(`Message: ${operation.summary}`);
  const text = message(operation);
  fill(box, text, operation.body?.type === "application/json" ? "http" : "form");
  return h("section", { class: "panel", "aria-label": `Message: ${operation.summary}` },
    h("div", { class: "panel-head" }, h("span", { class: "panel-title" }, "What is sent"), copyButton("the message", () => text)),
    box);
}

/** The examples of the answers, one at a time. */
export function answerPanel(operation) {
  const none = { name: "no body", value: "There is no body." };
  const shown = operation.responses.filter((response) => response.status !== "default").flatMap((response) => (response.type ? response.examples : [none]).map((example) => ({
    ...example, status: response.status, type: response.type,
    label: example.name === "example" ? response.status : `${response.status} ${words(example.name)}`,
  })));
  if (!shown.length) return null;
  let current = shown[0];
  const box = codeBox(`Answer: ${operation.summary}`);
  const show = (example) => {
    current = example;
    fill(box, pretty(example.value, example.type), languageOf(example.type));
  };
  show(current);
  return h("section", { class: "panel answer", "aria-label": `Answers: ${operation.summary}` },
    h("div", { class: "panel-head" },
      h("span", { class: "panel-title" }, "Answer", picker("Which answer", shown, show) ?? statusBadge(current.status)), copyButton("the answer", () => pretty(current.value, current.type))),
    box);
}

/** The list of a group's operations. */
export function endpointPanel(group) {
  return h("section", { class: "panel endpoints", "aria-label": `Operations: ${group.title}` },
    h("div", { class: "panel-head" }, h("span", { class: "panel-title" }, "Operations")),
    h("ul", {}, group.operations.map((operation) => h("li", {},
      h("a", { href: `#${operation.id}` }, methodBadge(operation.method), h("span", { class: "panel-path" }, operation.path))))));
}

/** The groups, each with the first sentence of what it says. */
export function taskPanel(description) {
  return h("section", { class: "panel tasks", "aria-label": "At a glance" },
    h("div", { class: "panel-head" }, h("span", { class: "panel-title" }, "At a glance")),
    h("ul", {}, description.groups.map((group) => h("li", {},
      h("a", { href: `#${group.id}` }, h("strong", {}, group.title), group.description.split(/(?<=\.) /)[0])))));
}

/** Lines for a shell. */
export function shellPanel(title, text) {
  const box = codeBox(title);
  fill(box, text, "curl");
  return h("section", { class: "panel", "aria-label": title },
    h("div", { class: "panel-head" }, h("span", { class: "panel-title" }, title), copyButton("the lines", () => text)), box);
}

/** One example, without a choice. */
export function examplePanel(title, value) {
  const box = codeBox(title);
  fill(box, pretty(value), "json");
  return h("section", { class: "panel answer", "aria-label": title },
    h("div", { class: "panel-head" }, h("span", { class: "panel-title" }, title), copyButton("the example", () => pretty(value))), box);
}
