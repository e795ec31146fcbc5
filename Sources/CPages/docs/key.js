// The API key for trying requests: in the storage of this tab alone, which ends with it.
import { freshID, h } from "./dom.js";

const storageKey = "switchboard-docs-api-key";
const changed = new EventTarget();
let kept = null;

export function currentKey() {
  try {
    return sessionStorage.getItem(storageKey) ?? kept ?? "";
  } catch {
    return kept ?? "";
  }
}

function keep(key) {
  kept = key || null;
  try {
    if (key) sessionStorage.setItem(storageKey, key);
    else sessionStorage.removeItem(storageKey);
  } catch {
    // A browser that keeps nothing: the key lasts as long as the page.
  }
  changed.dispatchEvent(new Event("change"));
}

/** Calls `show` now and at every change. */
export function onKey(show) {
  changed.addEventListener("change", show);
  show();
}

/** The field for the key, and a button to forget it. */
export function keyField(isOptional) {
  const id = freshID("key");
  const input = h("input", { id, type: "password", class: "input mono", autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-help`,
    on: { change: () => keep(input.value.trim()) } });
  const forget = h("button", { class: "button small", type: "button", on: { click: () => { keep(""); input.value = ""; input.focus(); } } }, "Forget");
  onKey(() => {
    const key = currentKey();
    if (document.activeElement !== input) input.value = key;
    forget.hidden = !key;
  });
  return h("div", { class: "form-row" },
    h("label", { for: id }, "API key", isOptional ? h("span", { class: "optional" }, " optional") : null),
    h("div", { class: "input-with-button" }, input, forget),
    h("p", { class: "help", id: `${id}-help` }, "The secret of an entry in ", h("code", {}, "API_KEYS"), ". It is kept in this tab alone and sent to this gateway alone."));
}

/** The dialog that asks for the key. */
export function keyDialog() {
  const title = freshID("title");
  const close = () => dialog.close();
  const dialog = h("dialog", { class: "small-dialog", "aria-labelledby": title },
    h("form", { method: "dialog" }, h("h2", { id: title }, "API key of this tab"), keyField(false),
      h("div", { class: "form-actions" }, h("button", { class: "button primary", type: "button", on: { click: close } }, "Done"))));
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    document.activeElement.blur();
    close();
  });
  document.body.append(dialog);
  return () => dialog.showModal();
}
