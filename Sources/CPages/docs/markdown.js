// The small part of Markdown that the descriptions use: paragraphs, lists, tables, `code`, **bold**, [links](…).
import { h } from "./dom.js";

const inlines = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** Where a link may lead: another address of the web, or a place of this page. */
function isSafe(address) {
  return /^(https?:\/\/|#)/.test(address);
}

/** The nodes of one line of text. `linkOf(code)` may give the place of the page that a piece of code names. */
export function inline(text, linkOf = () => null) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(inlines)) {
    nodes.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const [, code, bold, label, address] = match;
    if (code !== undefined) {
      const place = linkOf(code);
      nodes.push(place ? h("a", { href: place, class: "code-link" }, h("code", {}, code)) : h("code", {}, code));
    } else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold, linkOf)));
    else nodes.push(isSafe(address) ? h("a", { href: address, rel: "noreferrer" }, label) : label);
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function cells(line) {
  return line.replace(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim());
}

/** The blocks of a text. */
export function markdown(text, linkOf) {
  return text.trim().split(/\n{2,}/).flatMap((block) => {
    const lines = block.split("\n");
    if (lines.length > 2 && lines[0].startsWith("|") && /^\|[\s:|-]+$/.test(lines[1])) {
      return h("div", { class: "table-box", tabindex: "0", role: "group", "aria-label": "Table" }, h("table", {},
        h("thead", {}, h("tr", {}, cells(lines[0]).map((cell) => h("th", { scope: "col" }, inline(cell, linkOf))))),
        h("tbody", {}, lines.slice(2).map((line) => h("tr", {}, cells(line).map((cell) => h("td", {}, inline(cell, linkOf))))))));
    }
    const items = lines.filter((line) => /^[-*] /.test(line));
    if (items.length === lines.length) return h("ul", {}, items.map((item) => h("li", {}, inline(item.slice(2), linkOf))));
    return h("p", {}, inline(lines.join(" "), linkOf));
  });
}
