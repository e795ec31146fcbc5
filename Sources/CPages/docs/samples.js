// Requests as text to copy: curl, and Python with nothing but its standard library. They run as they stand once
// SWITCHBOARD_API_KEY is set.

const keyName = "SWITCHBOARD_API_KEY";

/** The path of a request with its parameters filled in, and its query. */
export function target(operation, values) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values.path[name] ?? ""));
  const pairs = Object.entries(values.query)
    .flatMap(([name, value]) => (value?.constructor === Object
      ? Object.entries(value).map(([member, one]) => [`${name}[${member}]`, one])
      : [value].flat().map((one) => [name, one])))
    .filter(([, value]) => value !== "" && value !== null && value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return path + (pairs.length ? `?${pairs.join("&")}` : "");
}

/** The body as it is sent. */
export function bodyText(operation, value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  return operation.body?.type === "application/x-www-form-urlencoded"
    ? new URLSearchParams(Object.entries(value)).toString()
    : JSON.stringify(value, null, 2);
}

function acceptsKey(operation) {
  return operation.key !== "none";
}

/** A header of its own for each order, which every repetition of the order must have again. */
function takesIdempotencyKey(operation) {
  return operation.parameters.some((parameter) => parameter.name === "Idempotency-Key");
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function shellWord(text) {
  return /^[\w./:@%+=,~-]+$/.test(text) ? text : quoted(text);
}

export function curl(operation, values) {
  const body = bodyText(operation, values.body);
  const usual = body === null ? "GET" : "POST";
  const address = operation.description.base + target(operation, values);
  const lines = [`curl${operation.isStream ? " -N" : ""}${operation.method === usual ? "" : ` -X ${operation.method}`} ${shellWord(address)}`];
  if (acceptsKey(operation)) lines.push(`-H "X-API-Key: $${keyName}"`);
  if (takesIdempotencyKey(operation) && !values.header["Idempotency-Key"]) lines.push('-H "Idempotency-Key: order-$(date +%s)"');
  for (const [name, value] of Object.entries(values.header)) if (value) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== null) lines.push(`-H ${quoted(`Content-Type: ${operation.body.type}`)}`, `-d ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

/** A value of JSON as Python writes it. */
function literal(value, indent) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const inner = `${indent}    `;
  const parts = Array.isArray(value)
    ? value.map((one) => inner + literal(one, inner))
    : Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${literal(one, inner)}`);
  return parts.length ? `${open}\n${parts.join(",\n")},\n${indent}${close}` : open + close;
}

export function python(operation, values) {
  const hasJSON = operation.body?.type === "application/json" && values.body !== null;
  const answersJSON = operation.answers.some((answer) => answer.type === "application/json");
  const ownKey = takesIdempotencyKey(operation) && !values.header["Idempotency-Key"];
  const imports = ["sys", "urllib.error", "urllib.request"];
  if (hasJSON || answersJSON) imports.push("json");
  if (acceptsKey(operation)) imports.push("os");
  if (ownKey) imports.push("uuid");

  const headers = [];
  if (acceptsKey(operation)) headers.push(`"X-API-Key": os.environ["${keyName}"]`);
  if (ownKey) headers.push('"Idempotency-Key": str(uuid.uuid4())');
  for (const [name, value] of Object.entries(values.header)) if (value) headers.push(`${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  if (values.body !== null) headers.push(`"Content-Type": ${JSON.stringify(operation.body.type)}`);

  const lines = imports.sort().map((name) => `import ${name}`);
  lines.push("");
  if (hasJSON) lines.push(`body = ${typeof values.body === "string" ? `json.loads(${JSON.stringify(values.body)})` : literal(values.body, "")}`);
  lines.push("request = urllib.request.Request(");
  lines.push(`    ${JSON.stringify(operation.description.base + target(operation, values))},`);
  lines.push(`    method="${operation.method}",`);
  if (headers.length) lines.push("    headers={", ...headers.map((header) => `        ${header},`), "    },");
  if (hasJSON) lines.push("    data=json.dumps(body).encode(),");
  else if (values.body !== null) lines.push(`    data=${JSON.stringify(bodyText(operation, values.body))}.encode(),`);
  lines.push(")", "try:", "    with urllib.request.urlopen(request) as response:");
  if (operation.isStream) lines.push("        for line in response:", '            print(line.decode(), end="")');
  else if (answersJSON) lines.push("        print(json.dumps(json.load(response), indent=2))");
  else if (operation.answers.some((answer) => answer.type)) lines.push("        print(response.read().decode())");
  else lines.push("        print(response.status, response.reason)");
  lines.push("except urllib.error.HTTPError as error:", "    sys.exit(error.read().decode())");
  return lines.join("\n");
}

/** What a vendor sends, as it goes over the wire. */
export function message(operation) {
  const values = operation.sampleValues();
  for (const parameter of operation.parameters) {
    if (parameter.in === "query") values.query[parameter.name] ??= operation.description.examples(parameter)[0]?.value;
  }
  const body = bodyText(operation, values.body);
  const lines = [`${operation.method} ${target(operation, values)} HTTP/1.1`];
  for (const [name, value] of Object.entries(values.header)) lines.push(`${name}: ${value}`);
  if (body === null) return lines.join("\n");
  // A form is one line; it is broken here to be read.
  const shown = operation.body.type === "application/json" ? body : body.replaceAll("&", "\n&");
  return [...lines, `Content-Type: ${operation.body.type}`, "", shown].join("\n");
}

export const languages = [
  { id: "curl", label: "curl", write: curl },
  { id: "python", label: "Python", write: python },
];

const languageKey = "switchboard-docs-language";

export function keptLanguage() {
  try {
    const kept = localStorage.getItem(languageKey);
    return languages.some((language) => language.id === kept) ? kept : "curl";
  } catch {
    return "curl";
  }
}

export function keepLanguage(id) {
  try {
    localStorage.setItem(languageKey, id);
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}
