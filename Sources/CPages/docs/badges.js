// Small signs that stand in many places.
import { h } from "./dom.js";

export function methodBadge(method) {
  return h("span", { class: `method m-${method.toLowerCase()}` }, method);
}

export function statusBadge(status) {
  return h("span", { class: `status s${String(status)[0]}` }, status);
}
