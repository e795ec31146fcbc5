"""What the gateway says of its API at `GET /openapi.json`, and whether an answer is what it says."""

import copy
import json

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ADDRESS = "urn:switchboard:openapi"
PROBLEM = "application/problem+json"
# Headers of which each must be described wherever it is sent.
TOLD = {
    "allow",
    "etag",
    "idempotent-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
    "x-switchboard-probe",
}
METHODS = ("get", "post", "put", "delete")


def pointer(*names):
    return "#/" + "/".join(str(name).replace("~", "~0").replace("/", "~1") for name in names)


def _close(value):
    """Lets an object have no other members than those that are described: an answer with another one is a mistake."""
    if isinstance(value, dict):
        if isinstance(value.get("properties"), dict):
            value.setdefault("additionalProperties", False)
        for member in value.values():
            _close(member)
    elif isinstance(value, list):
        for member in value:
            _close(member)


class Description:
    """The document, as what requests and answers are checked against."""

    def __init__(self, document):
        self.document = document
        closed = copy.deepcopy(document)
        _close(closed)
        self._registries = {
            closes: Registry().with_resource(ADDRESS, Resource.from_contents(text, default_specification=DRAFT202012))
            for closes, text in ((False, document), (True, closed))
        }
        self._validators = {}
        self._templates = {tuple(part for part in path.split("/") if part): path for path in document["paths"]}

    def resolved(self, value):
        """What a reference leads to; any other value itself."""
        while isinstance(value, dict) and set(value) == {"$ref"}:
            found = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                found = found[name.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def operations(self):
        """All of them: path, method, operation."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def faults(self, value, *schema, closed=False):
        """How a value does not fit the schema that stands at that place of the document, in words."""
        if (schema, closed) not in self._validators:
            self._validators[schema, closed] = Draft202012Validator(
                {"$ref": ADDRESS + pointer(*schema)},
                registry=self._registries[closed],
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
        return [f"{error.json_path}: {error.message}" for error in self._validators[schema, closed].iter_errors(value)]

    def check(self, method, target, answer):
        """Fails where an answer is not as it is described."""
        faults = self._faults_of(method, target, answer)
        if faults:
            listed = "; ".join(faults)
            raise AssertionError(f"GET /openapi.json describes {method} {target} otherwise: {listed}: {answer!r}")

    def _faults_of(self, method, target, answer):
        if answer.header("x-request-id") is None:
            return self._faults_of_unread(answer)
        path = self._template(target)
        operation = method.lower() if method != "HEAD" else "get"
        if path is None or operation not in self.document["paths"][path]:
            return self._faults_of_unserved(method, answer)
        place = ("paths", path, operation, "responses", str(answer.status))
        response = self.document["paths"][path][operation]["responses"].get(str(answer.status))
        if response is None:
            return [f"it has no answer {answer.status}"]
        faults = self._faults_of_headers(response.get("headers", {}), answer)
        return faults + self._faults_of_body(place, response.get("content", {}), answer, has_none=method == "HEAD")

    def _template(self, target):
        """The path of the document that serves a target."""
        parts = tuple(part for part in target.partition("?")[0].split("/") if part)
        fitting = [
            template
            for template in self._templates
            if len(template) == len(parts)
            and all(ours == theirs or ours.startswith("{") for ours, theirs in zip(template, parts))
        ]
        exact = min(fitting, key=lambda template: sum(part.startswith("{") for part in template), default=None)
        return self._templates.get(exact)

    def _faults_of_headers(self, headers, answer):
        faults = []
        described = {name.lower() for name in headers}
        for name, header in headers.items():
            header, value = self.resolved(header), answer.header(name)
            if value is None:
                faults += [f"{name} is missing"] if header.get("required") else []
                continue
            schema = header["schema"]
            if schema["type"] == "integer":
                value = int(value) if value.isdigit() else value
            errors = Draft202012Validator(schema).iter_errors(value)
            faults += [f"{name}: {error.message}" for error in errors]
        sent = {name.lower() for name, _ in answer.headers}
        return faults + [f"{name} is not described" for name in sorted((sent & TOLD) - described)]

    def _faults_of_body(self, place, content, answer, has_none=False):
        if not content or has_none:
            return ["it has a body"] if answer.body else []
        kind = (answer.header("content-type") or "").partition(";")[0]
        if kind not in content:
            return [f"its Content-Type is {kind!r}"]
        if kind not in (PROBLEM, "application/json"):
            return []
        document = answer.json()
        faults = self.faults(document, *place, "content", kind, "schema", closed=True)
        if kind == PROBLEM and document.get("code") not in content[kind]["examples"]:
            faults.append(f"the code {document.get('code')!r} does not come with {answer.status} here")
        return faults

    def _faults_of_unread(self, answer):
        """Of a request that was refused before the router saw it."""
        if answer.header("connection") != "close":
            return ["X-Request-ID is missing"]
        if not answer.body:
            return [] if answer.status >= 400 else [f"it has no answer {answer.status}"]
        place = ("components", "responses", "NotRead")
        content = self.document["components"]["responses"]["NotRead"]["content"]
        return self._faults_of_body(place, content, answer)

    def _faults_of_unserved(self, method, answer):
        """Of a path that there is not, or one without that method."""
        if method == "OPTIONS" and answer.status == 204:  # for a browser
            return [] if answer.header("access-control-allow-methods") else ["it is described nowhere"]
        examples = self.document["components"]["examples"]
        known = {(example["value"]["status"], code) for code, example in examples.items()}
        if method == "HEAD":
            return [] if answer.status in {status for status, _ in known} else ["it is described nowhere"]
        if answer.header("content-type") != PROBLEM:
            return ["it is described nowhere"]
        problem = answer.json()
        faults = self.faults(problem, "components", "schemas", "Problem", closed=True)
        if (answer.status, problem.get("code")) not in known:
            faults.append(f"the code {problem.get('code')!r} does not come with {answer.status}")
        if answer.status == 405:
            headers = self.document["components"]["responses"]["MethodNotAllowed"]["headers"]
            faults += self._faults_of_headers(headers, answer)
        return faults


def media(description):
    """Every place of the document that has examples of a schema: the way to it, and its examples by name."""
    for path, method, operation in description.operations():
        place = ("paths", path, method)
        for index, parameter in enumerate(operation.get("parameters", [])):
            if "$ref" not in parameter:
                yield (*place, "parameters", index), parameter
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield (*place, "requestBody", "content", kind), content
        for status, response in operation["responses"].items():
            for name, header in response.get("headers", {}).items():
                if "$ref" not in header:
                    yield (*place, "responses", status, "headers", name), header
            for kind, content in response.get("content", {}).items():
                yield (*place, "responses", status, "content", kind), content
    components = description.document["components"]
    for section in ("parameters", "headers"):
        for name, part in components[section].items():
            yield ("components", section, name), part
    for name, response in components["responses"].items():
        for kind, content in response.get("content", {}).items():
            yield ("components", "responses", name, "content", kind), content


def examples_of(description, part):
    """The examples of a parameter, a header or a media type, by name."""
    if "example" in part:
        return {"example": part["example"]}
    return {name: description.resolved(example)["value"] for name, example in part.get("examples", {}).items()}


def schemas(value, place=()):
    """Every schema with examples of its own: the way to it, and the schema."""
    if isinstance(value, dict):
        if isinstance(value.get("examples"), list):
            yield place, value
        for name, member in value.items():
            if name not in ("example", "value") and not (name == "examples" and isinstance(member, list)):
                yield from schemas(member, (*place, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from schemas(member, (*place, index))


def parsed(text):
    """The document of an answer's body, in which no name stands twice."""

    def unique(pairs):
        assert len(pairs) == len(dict(pairs)), f"a name stands twice among {[name for name, _ in pairs]}"
        return dict(pairs)

    return json.loads(text, object_pairs_hook=unique)
