// The list of contents, which part of the page is in sight, and links into folded places.
import { methodBadge } from "./badges.js";
import { h } from "./dom.js";

const narrow = matchMedia("(max-width: 1023px)");

function links(place, title, entries) {
  const id = `side-${place}`;
  return h("div", { class: "side-group" }, h("a", { class: "side-title", id, href: `#${place}`, "data-place": place }, title),
    entries.length === 0 ? null : h("ul", { "aria-labelledby": id }, entries.map(({ place, label, method }) => h("li", {},
      h("a", { href: `#${place}`, "data-place": place }, h("span", { class: "side-label" }, label), method ? methodBadge(method) : null)))));
}

export function fillNavigation(nav, description) {
  nav.replaceChildren(
    links("introduction", "Introduction", []),
    ...description.groups.map((group) => links(group.id, group.title, group.operations.map((operation) => ({
      place: operation.id, label: operation.summary, method: operation.method,
    })))),
    links("errors", "Errors", []),
    links("objects", "Objects", description.objects.filter((object) => object.name !== "Problem").map((object) => ({ place: object.id, label: object.name }))),
    h("p", { class: "side-foot" }, h("a", { href: "openapi.json" }, "openapi.json"), ` · version ${description.document.info.version}`));
}

/** Marks the entry of the section that is being read: the one that crosses a line near the top of the window. */
export function followReading(nav, sections) {
  const entries = new Map([...nav.querySelectorAll("a[data-place]")].map((link) => [link.dataset.place, link]));
  let marked = null;
  const observer = new IntersectionObserver((changes) => {
    const link = entries.get(changes.findLast((change) => change.isIntersecting)?.target.dataset.spy);
    if (!link || link === marked) return;
    marked?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "location");
    marked = link;
    const [box, own] = [nav.getBoundingClientRect(), link.getBoundingClientRect()];
    if (own.top < box.top + 40 || own.bottom > box.bottom - 40) nav.scrollTop += own.top - box.top - box.height / 3;
  }, { rootMargin: "-18% 0px -81% 0px" });
  sections.forEach((section) => observer.observe(section));
}

/** The list as a drawer where the page is narrow. */
export function drawer(button, nav, shade, rest) {
  const set = (isOpen) => {
    nav.classList.toggle("is-open", isOpen);
    shade.hidden = !isOpen;
    rest.inert = isOpen;
    document.documentElement.classList.toggle("has-drawer", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    button.setAttribute("aria-label", isOpen ? "Close the menu" : "Menu");
  };
  const close = () => {
    if (!nav.classList.contains("is-open")) return;
    set(false);
    button.focus();
  };
  button.addEventListener("click", () => {
    const isOpen = !nav.classList.contains("is-open");
    set(isOpen);
    if (isOpen) (nav.querySelector("[aria-current]") ?? nav).focus();
  });
  shade.addEventListener("click", close);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  nav.addEventListener("click", (event) => event.target.closest("a") && nav.classList.contains("is-open") && set(false));
  narrow.addEventListener("change", () => set(false));
}

function named(hash) {
  return hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
}

function unfold(target) {
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
}

/** Lets links lead into folded places. The browser itself does the rest, and finds the way back. */
export function openFoldsOfLinks() {
  document.addEventListener("click", (event) => unfold(named(event.target.closest("a[href^='#']")?.hash ?? "")));
}

/** Brings a place into sight, and lets reading go on there. */
export function reveal(hash) {
  const target = named(hash);
  if (!target) return;
  unfold(target);
  target.scrollIntoView();
  if (target.tabIndex < 0) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
}
