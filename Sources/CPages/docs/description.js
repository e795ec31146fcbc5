// What openapi.json says, in the shape in which the page shows it.

const methods = ["get", "post", "put", "patch", "delete"];
const problemType = "application/problem+json";

/** The address of the gateway as this browser reaches it, without a slash at its end; a proxy may have added a prefix. */
export function baseOf(location) {
  return location.origin + location.pathname.replace(/\/docs\/?$/, "").replace(/\/$/, "");
}

export class Description {
  constructor(document, base) {
    this.document = document;
    this.base = base;
    this.operations = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (methods.includes(method)) this.operations.push(new Operation(this, path, method, operation));
      }
    }
    this.byID = new Map(this.operations.map((operation) => [operation.id, operation]));
    this.groups = document.tags
      .map((tag) => ({
        id: `tag-${tag.name}`,
        title: capitalized(tag.name),
        description: tag.description ?? "",
        operations: this.operations.filter((operation) => operation.tag === tag.name),
      }))
      .filter((group) => group.operations.length > 0);
    this.problems = this.listProblems();
    this.objects = this.listObjects();
    this.linkOf = this.linkOf.bind(this);
  }

  /** What a value refers to, with what stands beside the reference on top: both say what is required. */
  resolve(value) {
    const seen = new Set();
    while (value && value.$ref && !seen.has(value.$ref)) {
      seen.add(value.$ref);
      const { $ref, ...beside } = value;
      const target = $ref.slice(2).split("/").reduce((part, name) => part?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], this.document);
      value = { ...target, ...beside };
      if (target?.required && beside.required) value.required = [...target.required, ...beside.required];
    }
    return value;
  }

  /** The examples of a parameter, a header or a media type: `{name, summary, value}`. */
  examples(part) {
    if (part.example !== undefined) return [{ name: "example", value: part.example }];
    return Object.entries(part.examples ?? {}).map(([name, example]) => ({ name, ...this.resolve(example) }));
  }

  /** The example of a parameter as one would write it into a form: lists with commas, members as `name=value`. */
  exampleText(parameter) {
    const value = this.examples(parameter)[0]?.value;
    if (value === undefined) return null;
    if (Array.isArray(value) || typeof value !== "object") return [value].flat().join(",");
    return Object.entries(value).map(([name, one]) => `${name}=${one}`).join(",");
  }

  /** Every problem code with its status, its meaning and an example. */
  listProblems() {
    const problems = new Map();
    const table = this.document.components?.schemas?.ProblemCode?.description ?? "";
    for (const [, code, status, meaning] of table.matchAll(/^\| `(\w+)` \| (\d+) \| (.*) \|$/gm)) {
      problems.set(code, { code, status, meaning, example: this.document.components.examples?.[code]?.value });
    }
    return problems;
  }

  /** The schemas that answers are made of, by their names. */
  listObjects() {
    const names = new Set();
    const visit = (value) => {
      if (Array.isArray(value)) value.forEach(visit);
      else if (value && typeof value === "object") {
        const name = value.$ref?.match(/^#\/components\/schemas\/(\w+)$/)?.[1];
        if (name && !names.has(name)) {
          names.add(name);
          visit(this.document.components.schemas[name]);
        }
        for (const [key, member] of Object.entries(value)) if (key !== "example" && key !== "examples") visit(member);
      }
    };
    for (const operation of this.operations) if (!operation.isWebhook) visit(operation.object.responses);
    return Object.entries(this.document.components?.schemas ?? {})
      .filter(([name, schema]) => names.has(name) && schema.properties)
      .map(([name, schema]) => ({ id: `object-${name}`, name, schema }));
  }

  /** The place of the page that a piece of code is about: `GET /calls/{id}`, `number_busy`. */
  linkOf(code) {
    if (code === "ProblemCode") return "#codes";
    if (this.problems.has(code)) return `#error-${code}`;
    const [, method, path] = code.match(/^([A-Z]+) (\/\S*)$/) ?? [];
    const operation = this.operations.find((one) => one.path === path && one.method === method);
    return operation ? `#${operation.id}` : null;
  }
}

export class Operation {
  constructor(description, path, method, object) {
    this.description = description;
    this.path = path;
    this.method = method.toUpperCase();
    this.object = object;
    this.id = object.operationId ?? `${method}${path.replace(/\W+/g, "_")}`;
    this.summary = object.summary ?? `${this.method} ${path}`;
    this.text = object.description ?? "";
    this.tag = object.tags?.[0];
    this.isWebhook = this.tag === "webhooks";
    /** What is asked before the request is sent, where it does what cannot be undone. */
    this.confirmation = object["x-confirm"] ?? null;
    const security = object.security ?? description.document.security ?? [];
    this.key = security.length === 0 ? "none" : security.some((way) => Object.keys(way).length === 0) ? "optional" : "required";
    this.parameters = (object.parameters ?? []).map((parameter) => ({
      ...description.resolve(parameter), component: parameter.$ref?.split("/").at(-1),
    }));
    this.body = this.readBody();
    this.responses = Object.entries(object.responses ?? {}).map(([status, response]) => this.readResponse(status, description.resolve(response)));
  }

  readBody() {
    const body = this.description.resolve(this.object.requestBody);
    const [type, media] = Object.entries(body?.content ?? {})[0] ?? [];
    if (!type) return null;
    return {
      type, required: body.required === true, text: body.description ?? "", schema: media.schema, examples: this.description.examples(media),
    };
  }

  readResponse(status, response) {
    const [type, media] = Object.entries(response.content ?? {})[0] ?? [];
    const isProblem = type === problemType;
    return {
      status, type, isProblem, text: response.description ?? "", schema: media?.schema,
      headers: Object.entries(response.headers ?? {}).map(([name, header]) => ({ name, ...this.description.resolve(header) })),
      examples: media ? this.description.examples(media) : [],
      // A problem's text is a list: "- `code`: what it means here".
      problems: isProblem
        ? [...(response.description ?? "").matchAll(/^- `(\w+)`: (.*)$/gm)].map(([, code, meaning]) => ({ code, meaning }))
        : [],
    };
  }

  get answers() {
    return this.responses.filter((response) => !response.isProblem && response.status !== "default");
  }

  get errors() {
    return this.responses.flatMap((response) => response.problems.map((problem) => ({ ...problem, status: response.status })));
  }

  /** Whether the answer never ends by itself. */
  get isStream() {
    return this.answers.some((answer) => answer.type === "text/event-stream");
  }

  /** The values of the form and of the samples: what must be given has its example. */
  sampleValues() {
    const values = { path: {}, query: {}, header: {}, body: null };
    for (const parameter of this.parameters) {
      if (parameter.required && values[parameter.in]) values[parameter.in][parameter.name] = this.description.exampleText(parameter) ?? "";
    }
    const example = this.body?.examples[0];
    if (example) values.body = example.value;
    return values;
  }
}

export function capitalized(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
