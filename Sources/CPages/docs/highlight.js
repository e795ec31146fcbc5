// Colors for the few languages on the page. Each rule is a kind of token; what no rule takes stays as it is.
import { h } from "./dom.js";

const json = [
  ["key", /"(?:\\.|[^"\\\n])*"(?=\s*:)/y],
  ["string", /"(?:\\.|[^"\\\n])*"/y],
  ["number", /-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/y],
  ["word", /\b(?:true|false|null)\b/y],
];

const head = [
  ["command", /^(?:GET|POST|PUT|DELETE) /y],
  ["key", /(?<=\n)[A-Za-z][A-Za-z-]*(?=: )/y],
];

const rules = {
  json,
  curl: [
    ["flag", /#[^\n]*/y],
    ["command", /\b(?:curl|export)\b/y],
    ["flag", /(?<=\s)-[A-Za-z-]+/y],
    ["json", /'[{[][^']*'/y],
    ["string", /'[^']*'|"[^"]*"/y],
  ],
  python: [
    ["word", /\b(?:import|with|as|try|except|for|in|None|True|False)\b/y],
    ["key", /"(?:\\.|[^"\\])*"(?=\s*:)/y],
    ["string", /"(?:\\.|[^"\\])*"/y],
    ["number", /\b\d+(?:\.\d+)?\b/y],
    ["command", /\b[A-Za-z_]\w*(?=\()/y],
  ],
  http: [...head, ...json],
  form: [...head, ["key", /(?<=\n&?)\w+(?==)/y]],
  events: [["key", /(?<=^|\n)(?:id|event|data)(?=: )/y], ...json],
  xml: [["key", /<\/?[A-Za-z][\w:]*|\/?>/y], ["string", /"[^"]*"/y]],
  text: [],
};

/** The nodes of a text in a language. */
export function highlight(text, language) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    let taken = null;
    for (const [kind, pattern] of rules[language] ?? []) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match && match[0]) {
        taken = [kind, match[0]];
        break;
      }
    }
    if (taken) {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(taken[0] === "json" ? highlight(taken[1], "json") : h("span", { class: `t-${taken[0]}` }, taken[1]));
      at += taken[1].length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  if (plain) nodes.push(plain);
  return nodes.flat();
}

/** The language of a body by its media type. */
export function languageOf(type) {
  if (/json/.test(type ?? "")) return "json";
  if (/event-stream/.test(type ?? "")) return "events";
  return /xml/.test(type ?? "") ? "xml" : "text";
}

/** A value, or a text, as it is shown: a tag of XML on each line, an event as it is sent. */
export function pretty(value, type) {
  if (languageOf(type) === "events") return Object.entries(value).map(([name, one]) => `${name}: ${one}`).join("\n");
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  return value.startsWith("<?xml") ? value.replaceAll("><", ">\n<") : value;
}
