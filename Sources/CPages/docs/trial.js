// The dialog that sends a request to this gateway and shows the answer.
import { methodBadge } from "./badges.js";
import { announce, copyButton, freshID, h, icon } from "./dom.js";
import { requestForm } from "./form.js";
import { currentKey } from "./key.js";
import { AnswerView } from "./result.js";
import { keptLanguage, languages, target } from "./samples.js";

/** Makes the dialog, and returns what opens it: `(operation, body)`. */
export function trial(description) {
  const title = freshID("title");
  const form = h("form", { class: "trial-form", novalidate: true });
  const view = new AnswerView(description, (operation, values) => open(operation, values));
  const close = h("button", { class: "icon-button", type: "button", "aria-label": "Close", on: { click: () => dialog.close() } }, icon("close"));
  const head = h("h2", { id: title });
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": title },
    h("div", { class: "sheet-head" }, head, close), h("div", { class: "sheet-body" }, form, view.element));
  document.body.append(dialog);

  let running = null;
  dialog.addEventListener("close", () => running?.abort());
  // A click beside the sheet.
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());

  function open(operation, given) {
    running?.abort();
    view.clear();
    const { rows, read, accepted } = requestForm(operation, given);
    head.replaceChildren(h("span", { class: "sheet-title" }, operation.summary), h("span", { class: "sheet-path" }, methodBadge(operation.method), h("code", {}, operation.path)));
    const send = h("button", { class: "button primary", type: "submit" }, icon("play"), "Send");
    const stop = h("button", { class: "button", type: "button", hidden: true, on: { click: () => running?.abort() } }, "Stop");
    const question = h("div", { class: "question", role: "alert", tabindex: "-1", hidden: true });
    const sample = copyButton("the request", () => languages.find(({ id }) => id === keptLanguage()).write(operation, read() ?? operation.sampleValues()));
    form.replaceChildren(...rows.flat().filter(Boolean), question, h("div", { class: "form-actions" }, send, stop, sample));

    const start = async (values) => {
      const { signal } = (running = new AbortController());
      send.disabled = true;
      stop.hidden = false;
      try {
        if (await exchange(operation, values, signal, view)) accepted();
      } finally {
        send.disabled = false;
        stop.hidden = true;
        running = null;
      }
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      if (running) return;
      const values = read();
      if (!values || !isComplete(operation, form)) return;
      if (operation.confirmation) ask(question, operation, values, send, () => start(values));
      else start(values);
    };
    if (!dialog.open) dialog.showModal();
    dialog.querySelector(".sheet-body").scrollTop = 0;
    const first = form.querySelector("input:not([readonly]), textarea, select");
    (first?.type === "password" && first.value ? form.querySelector(".trial-form > .form-row:nth-child(2) :is(input, textarea, select)") ?? send : first ?? send).focus();
  }

  return (operation, body) => open(operation, { body });
}

/** Whether what must be given is there; else it shows where it is missing. */
function isComplete(operation, form) {
  const missing = [...form.querySelectorAll("input[required]")].find((input) => !input.value.trim());
  if (missing) {
    missing.setAttribute("aria-invalid", "true");
    missing.addEventListener("input", () => missing.removeAttribute("aria-invalid"), { once: true });
    missing.closest("details")?.setAttribute("open", "");
    missing.focus();
    announce(`${missing.name} is missing.`);
    return false;
  }
  if (operation.key === "required" && !currentKey()) {
    form.querySelector("input[type=password]").focus();
    announce("This request needs an API key.");
    return false;
  }
  return true;
}

/** Asks before a request that cannot be taken back. */
function ask(box, operation, values, send, go) {
  const actions = send.parentElement;
  const hide = () => {
    box.hidden = true;
    actions.hidden = false;
    send.focus();
  };
  const number = values.body?.phone_number;
  actions.hidden = true;
  box.replaceChildren(icon("warning"), h("div", {},
    h("p", {}, h("strong", {}, operation.confirmation), number ? [" Number: ", h("code", {}, String(number)), "."] : null),
    h("div", { class: "form-actions" },
      h("button", { class: "button danger", type: "button", on: { click: () => { hide(); go(); } } }, `Yes: ${operation.summary.toLowerCase()}`),
      h("button", { class: "button", type: "button", on: { click: hide } }, "Cancel"))));
  box.hidden = false;
  box.focus();
  box.scrollIntoView({ block: "center" });
}

/** Whether the gateway did what was asked. */
async function exchange(operation, values, signal, view) {
  const address = operation.description.base + target(operation, values);
  view.wait(operation, address);
  const started = performance.now();
  try {
    const headers = new Headers(values.header);
    if (operation.key !== "none" && currentKey()) headers.set("X-API-Key", currentKey());
    const body = values.text ?? null;
    if (body !== null) headers.set("Content-Type", operation.body.type);
    const answer = await fetch(address, { method: operation.method, headers, body, signal, cache: "no-store", credentials: "omit" });
    await view.show(answer, performance.now() - started);
    return answer.ok;
  } catch (error) {
    if (signal.aborted) view.stopped();
    else view.fail(error);
    return false;
  }
}
