"""`docs/api.md` out of the description of the API, so that both say the same."""

import json

# Parameters that every request may have.
EVERYWHERE = ("X-Request-ID",)

INTRODUCTION = """# The REST API

Every request, its answers and its errors, written from `GET /openapi.json` by `UPDATE_DOCS=1 scripts/blackbox test_openapi.py -k reference`; the gateway serves the same as a page at `/docs`. `$SB` is the address of the gateway, `$KEY` an API key.

An error is `application/problem+json`: act on its `code`, show its `detail`. [What each code means](#errors) stands at the end. Every request may have an `X-Request-ID` of yours: 1 to 64 letters, digits, `-`, `_` and `.`; the answer and the gateway's log have it.
"""


def reference(description):
    """The whole document."""
    document = description.document
    parts = [INTRODUCTION]
    for tag in document["tags"]:
        operations = [
            (path, method, operation)
            for path, method, operation in description.operations()
            if tag["name"] in operation["tags"]
        ]
        if tag["name"] == "webhooks" or not operations:
            continue
        parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}\n")
        parts += [_operation(description, *operation) for operation in operations]
    parts.append("## Schemas\n")
    for name in _named(description):
        parts.append(_schema(description, name))
    parts.append(_errors(description))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def _type(description, schema):
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name == "ProblemCode":
            return "[code](#errors)"
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        kinds = dict.fromkeys(_type(description, one) for one in schema["anyOf"])
        if "string" in kinds and len(kinds) == 2:  # words that may grow
            kinds.pop("string")
        return " or ".join(kinds)
    kind = schema.get("type", "any")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    if "items" in schema:
        kind = kind.replace("array", "list of " + _type(description, schema["items"]))
    if schema.get("format"):
        kind = kind.replace("string", schema["format"])
    limits = [
        f"{word} {schema[name]}"
        for name, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
        if name in schema
    ]
    if "default" in schema:
        limits.append(f"default `{json.dumps(schema['default'])}`".replace('"', ""))
    return kind + (", " + " ".join(limits[:2]) if limits else "") + "".join(", " + limit for limit in limits[2:])


def _members(description, schema):
    required = schema.get("required", [])
    rows = ["| Member | Type | Meaning |", "|---|---|---|"]
    for name, member in schema.get("properties", {}).items():
        text = description.resolved(member).get("description", "") if "$ref" in member else member.get("description", "")
        needed = " (required)" if name in required and "additionalProperties" in schema else ""
        rows.append(f"| `{name}`{needed} | {_cell(_type(description, member))} | {_cell(text)} |")
    return "\n".join(rows)


def _operation(description, path, method, operation):
    lines = [f"### {operation['summary']}\n", f"`{method.upper()} {path}`\n", operation["description"], ""]
    lines += [_sample(description, path, method, operation), ""]
    parameters = [description.resolved(parameter) for parameter in operation.get("parameters", [])]
    parameters = [parameter for parameter in parameters if parameter["name"] not in EVERYWHERE]
    if parameters:
        lines += ["| Parameter | Where | Type | Meaning |", "|---|---|---|---|"]
        for parameter in parameters:
            needed = ", required" if parameter.get("required") and parameter["in"] != "path" else ""
            kind = _cell(_type(description, parameter["schema"]))
            lines.append(f"| `{parameter['name']}` | {parameter['in']}{needed} | {kind} | {_cell(parameter['description'])} |")
        lines.append("")
    for content in operation.get("requestBody", {}).get("content", {}).values():
        lines += [f"The body is {_type(description, content['schema'])}.", ""]
    lines += ["| Answer | Body | Meaning |", "|---|---|---|"]
    for status, response in sorted(operation["responses"].items()):
        response = description.resolved(response)
        bodies = []
        for kind, content in response.get("content", {}).items():
            codes = [f"`{code}`" for code in content.get("examples", {})] if kind.endswith("problem+json") else []
            bodies.append(", ".join(codes) or (_type(description, content["schema"]) if "schema" in content else f"`{kind}`"))
        meaning = "<br>".join(line.removeprefix("- ") for line in response["description"].split("\n") if line)
        if status != "default":
            lines.append(f"| {status} | {_cell(' or '.join(bodies)) or '–'} | {_cell(meaning)} |")
    return "\n".join(lines) + "\n"


def _sample(description, path, method, operation):
    """The request as curl."""
    for parameter in map(description.resolved, operation.get("parameters", [])):
        if parameter["in"] == "path":
            examples = parameter.get("examples", {})
            value = parameter.get("example") or next(iter(examples.values()), {}).get("value", "")
            path = path.replace("{%s}" % parameter["name"], str(value))
    words = ["curl -s" + ("N" if "/events" in path else "")]
    if method not in ("get", "post") or (method == "post" and "requestBody" not in operation):
        words.append(f"-X {method.upper()}")
    words.append(f"$SB{path}")
    if operation.get("security") != []:
        words.append('-H "X-API-Key: $KEY"')
    command = " ".join(words)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        examples = content.get("examples", {"one": {"value": content.get("example")}})
        example = next(iter(examples.values()))["value"]
        body = json.dumps(example, ensure_ascii=False).replace("'", "'\\''")
        command += f" -H 'Content-Type: application/json' \\\n  -d '{body}'"
    return f"```\n{command}\n```"


def _named(description):
    """The schemas that a reader meets, in the order of the document."""
    for name in sorted(description.document["components"]["schemas"]):
        if name != "ProblemCode" and not name.startswith(("Twilio", "Ultravox")):
            yield name


def _schema(description, name):
    schema = description.document["components"]["schemas"][name]
    lines = [f"### {name}\n", schema.get("description", ""), ""]
    if "properties" in schema:
        lines.append(_members(description, schema))
    else:
        lines.append(f"{_type(description, schema)}.")
    return "\n".join(lines) + "\n"


def _errors(description):
    return "## Errors\n\n" + description.document["components"]["schemas"]["ProblemCode"]["description"] + "\n"
