// How the modules make elements: text is only ever set as text, so that nothing of the document becomes markup.

/** An element with attributes and children. A `null` or `false` child or attribute is left out; `on` holds listeners. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const drawings = {
  copy: ["M7 7V4.5A1.5 1.5 0 0 1 8.5 3h7A1.5 1.5 0 0 1 17 4.5v7a1.5 1.5 0 0 1-1.5 1.5H13", "M4.5 7h7A1.5 1.5 0 0 1 13 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7z"],
  done: ["m4 10.5 4 4 8-9"],
  play: ["M6.5 4.2v11.6L16 10z"],
  close: ["m5 5 10 10M15 5 5 15"],
  warning: ["M10 3 2.5 16.5h15zM10 8v4m0 2.2v.3"],
  lock: ["M5.5 9h9v7.5h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9"],
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", `icon-${name}`);
  for (const line of drawings[name]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

/** Tells it to whoever cannot see what changed. */
export function announce(text) {
  document.getElementById("announcement").textContent = text;
}

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Over plain http a browser has no clipboard but this one.
  const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  const host = document.querySelector("dialog[open]") ?? document.body;
  const focused = document.activeElement;
  host.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!copied) throw new Error("the browser does not copy");
}

/** A button that copies what `text()` returns. `what` completes its name: "Copy the path". */
export function copyButton(what, text) {
  const label = h("span", { class: "copy-label" }, "Copy");
  const button = h("button", { class: "copy", type: "button", "aria-label": `Copy ${what}` }, icon("copy"), icon("done"), label);
  let timer;
  const show = (state, word) => {
    button.dataset.state = state;
    label.textContent = word;
    clearTimeout(timer);
    if (state) timer = setTimeout(() => show("", "Copy"), 1600);
  };
  button.addEventListener("click", async () => {
    try {
      await write(text());
      show("done", "Copied");
      announce(`Copied ${what}.`);
    } catch {
      show("failed", "Failed");
      announce(`The browser did not copy ${what}.`);
    }
  });
  return button;
}

/** Tabs over one panel: `choices` are `{id, label}`, `show(id)` fills the panel. Arrow keys move, as in every tab list. */
export function tabs(label, choices, selected, panel, show) {
  const select = (id, focus) => {
    for (const tab of list.children) {
      const isSelected = tab.dataset.id === id;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
      if (isSelected && focus) tab.focus();
    }
    show(id);
  };
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label }, choices.map((choice) =>
    h("button", { type: "button", role: "tab", class: "tab", "data-id": choice.id, on: { click: () => select(choice.id) } }, choice.label)));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = [...list.children].findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    select(list.children[(at + step + choices.length) % choices.length].dataset.id, true);
  });
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-label", label);
  select(selected);
  return { list, select };
}

let count = 0;

/** An id that no other element of the page has. */
export function freshID(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}
