// The search box: everything of the page that has a name, found by its words.
import { methodBadge } from "./badges.js";
import { announce, h } from "./dom.js";
import { reveal } from "./navigation.js";

const most = 12;

function entry(place, kind, title, detail, text, weight, method) {
  return { place, kind, title, detail, method, weight, name: `${title} ${detail}`.toLowerCase(), words: text.toLowerCase().split(/[^\w-]+/) };
}

/** Every name on the page and where it stands. */
function index(description) {
  const found = [];
  for (const operation of description.operations) {
    found.push(entry(operation.id, "operation", operation.summary, operation.path, `${operation.method} ${operation.id} ${operation.tag} ${operation.text}`, 4, operation.method));
    for (const parameter of operation.parameters) {
      found.push(entry(`${operation.id}.${parameter.name}`, "parameter", parameter.name, operation.summary, parameter.description ?? "", 1));
    }
    const schema = operation.body && description.resolve(operation.body.schema);
    for (const [name, member] of Object.entries(schema?.properties ?? {})) {
      found.push(entry(`${operation.id}.body.${name}`, "field", name, operation.summary, description.resolve(member).description ?? "", 2));
    }
  }
  for (const { code, status, meaning } of description.problems.values()) found.push(entry(`error-${code}`, "error", code, status, meaning, 3));
  for (const { id, name, schema } of description.objects) {
    const place = name === "Problem" ? "problem" : id;
    if (name !== "Problem") found.push(entry(id, "object", name, "Object", schema.description ?? "", 3));
    for (const [member, value] of Object.entries(schema.properties)) {
      found.push(entry(`${place}.${member}`, "field", member, name, description.resolve(value).description ?? "", 1.5));
    }
  }
  return found;
}

/** How well an entry fits; 0 where a word is missing. Inside of a word it is looked for in names alone. */
function score(candidate, words) {
  const title = candidate.title.toLowerCase();
  let sum = candidate.weight;
  for (const word of words) {
    if (title === word) sum += 30;
    else if (title.startsWith(word)) sum += 14;
    else if (title.includes(word)) sum += 10;
    else if (candidate.name.includes(word)) sum += 6;
    else if (!candidate.words.some((one) => one.startsWith(word))) return 0;
  }
  return sum;
}

/** The text with the searched words set apart. */
function marked(text, words) {
  const lower = text.toLowerCase();
  const nodes = [];
  let from = 0;
  while (from < text.length) {
    const next = words.map((word) => [lower.indexOf(word, from), word.length]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0])[0];
    if (!next) break;
    nodes.push(text.slice(from, next[0]), h("mark", {}, text.slice(next[0], next[0] + next[1])));
    from = next[0] + next[1];
  }
  return [...nodes, text.slice(from)];
}

export function search(description, { input, box, list, none }) {
  const entries = index(description);
  let hits = [];
  let active = -1;

  const activate = (position) => {
    active = position;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === position)));
    const option = list.children[position];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  };
  const open = (hit) => {
    close();
    input.value = "";
    input.blur();
    location.hash = hit.place;
    reveal(location.hash);
  };
  const update = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    hits = entries.map((one) => [score(one, words), one]).filter(([points]) => points > 0).sort((a, b) => b[0] - a[0]).slice(0, most).map(([, one]) => one);
    list.replaceChildren(...hits.map((hit, at) => h("div", { role: "option", id: `hit-${at}`, class: "hit", "aria-selected": "false", on: { click: () => open(hit) } },
      h("span", { class: "hit-kind" }, hit.method ? methodBadge(hit.method) : hit.kind),
      h("span", { class: "hit-title" }, marked(hit.title, words)), h("span", { class: "hit-detail" }, marked(hit.detail, words)))));
    box.hidden = false;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    list.hidden = !hits.length;
    none.hidden = hits.length > 0;
    none.textContent = hits.length ? "" : `Nothing has “${input.value.trim()}”. Try a path, a field or an error code.`;
    activate(hits.length ? 0 : -1);
    announce(hits.length ? `${hits.length === most ? `The best ${most}` : hits.length} results` : "No results");
  };

  input.disabled = false;
  input.addEventListener("input", update);
  input.addEventListener("focus", update);
  input.addEventListener("blur", close);
  // The click on a result must come before the box closes.
  box.addEventListener("pointerdown", (event) => event.preventDefault());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      if (box.hidden) input.blur();
      close();
    } else if (event.key === "Enter" && hits[active]) {
      event.preventDefault();
      open(hits[active]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!box.hidden && hits.length) activate((active + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length);
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, dialog");
    const isShortcut = event.key === "/" || (event.key === "k" && (event.metaKey || event.ctrlKey));
    if (!isShortcut || isTyping) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}
