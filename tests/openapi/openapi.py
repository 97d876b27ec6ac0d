# SPDX-License-Identifier: Apache-2.0
"""What OpenAPI 3.1.0 asks of a document, and a program's answers against one.

breaches(document) lists what is wrong, each with the place as a JSON pointer. It is stricter than
the specification in one respect: fields that it does not know are refused, unless they begin with
"x-". Schemas are judged by python3-jsonschema, where it is installed.
"""
import json
import re

try:
    import jsonschema
except ImportError:  # the caller decides whether it can do without
    jsonschema = None

TEXT, FLAG, LIST, MAP = str, bool, list, dict
# Objects of the specification (4.8): fields and their types; "!" marks what must be there.
FIELDS = {
    "document": {"openapi!": TEXT, "info!": MAP, "jsonSchemaDialect": TEXT, "servers": LIST, "paths": MAP,
                 "webhooks": MAP, "components": MAP, "security": LIST, "tags": LIST, "externalDocs": MAP},
    "info": {"title!": TEXT, "version!": TEXT, "summary": TEXT, "description": TEXT, "termsOfService": TEXT,
             "contact": MAP, "license": MAP},
    "licence": {"name!": TEXT, "identifier": TEXT, "url": TEXT},
    "item": {"summary": TEXT, "description": TEXT, "servers": LIST, "parameters": LIST, "get": MAP, "put": MAP,
             "post": MAP, "delete": MAP, "options": MAP, "head": MAP, "patch": MAP, "trace": MAP},
    "operation": {"tags": LIST, "summary": TEXT, "description": TEXT, "externalDocs": MAP, "operationId": TEXT,
                  "parameters": LIST, "requestBody": MAP, "responses!": MAP, "callbacks": MAP, "deprecated": FLAG,
                  "security": LIST, "servers": LIST},
    "parameter": {"name!": TEXT, "in!": TEXT, "description": TEXT, "required": FLAG, "deprecated": FLAG,
                  "schema!": MAP, "style": TEXT, "explode": FLAG},
    "body": {"description": TEXT, "content!": MAP, "required": FLAG},
    "response": {"description!": TEXT, "headers": MAP, "content": MAP, "links": MAP},
    "header": {"description": TEXT, "required": FLAG, "schema!": MAP},
    "media": {"schema": MAP, "example": object, "examples": MAP, "encoding": MAP},
    "components": {"schemas": MAP, "responses": MAP, "parameters": MAP, "requestBodies": MAP, "headers": MAP,
                   "securitySchemes": MAP},
    "scheme": {"type!": TEXT, "scheme": TEXT, "description": TEXT, "bearerFormat": TEXT, "name": TEXT, "in": TEXT},
}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The words of JSON Schema 2020-12 that our documents use; another one would go unnoticed here.
SCHEMA_WORDS = {"type", "description", "properties", "required", "additionalProperties", "items", "enum",
                "pattern", "anyOf", "$ref"}
TYPES = {"object", "array", "string", "integer", "boolean", "null"}
VARIABLE = re.compile(r"\{([^{}/]+)\}")


def lookup(document, ref):
    """What a reference of this document points at (RFC 6901); KeyError if there is nothing."""
    if not ref.startswith("#/"):
        raise KeyError(ref)
    value = document
    for part in ref[2:].split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


class Judge:
    def __init__(self, document):
        self.document, self.found, self.names = document, [], []

    def no(self, at, what):
        self.found.append(f"{at}: {what}")

    def fields(self, kind, value, at):
        """Whether value is an object of that kind; fields by their types."""
        if not isinstance(value, dict):
            self.no(at, "not an object")
            return False
        known = {name.rstrip("!"): wanted for name, wanted in FIELDS[kind].items()}
        for name, inner in value.items():
            if name.startswith("x-"):
                continue
            if name not in known:
                self.no(at, f"{kind} has no field {name}")
            elif not isinstance(inner, known[name]):
                self.no(at, f"{name} is no {known[name].__name__}")
        for name in FIELDS[kind]:
            if name.endswith("!") and name[:-1] not in value:
                self.no(at, f"{name[:-1]} is missing")
        return True

    def parts(self, value, name):
        inner = value.get(name, {})
        return inner.items() if isinstance(inner, dict) else ()

    def run(self):
        document = self.document
        if not self.fields("document", document, "#"):
            return
        if not re.match(r"3\.1\.\d+$", str(document.get("openapi"))):
            self.no("#/openapi", "not a version 3.1")
        if not {"paths", "components", "webhooks"} & set(document):
            self.no("#", "neither paths nor components nor webhooks")
        self.info(document.get("info"))
        self.components(document.get("components", {}))
        self.paths(document.get("paths", {}))
        for name in sorted({name for name in self.names if self.names.count(name) > 1}):
            self.no("#/paths", f"operationId {name} is used twice")

    def info(self, info):
        if self.fields("info", info, "#/info") and "license" in info:
            self.fields("licence", info["license"], "#/info/license")
            if {"identifier", "url"} <= set(info["license"]):
                self.no("#/info/license", "identifier and url exclude each other")

    def components(self, components):
        if not self.fields("components", components, "#/components"):
            return
        for kind in components:
            for name, _ in self.parts(components, kind):
                if not re.match(r"[a-zA-Z0-9.\-_]+$", name):
                    self.no(f"#/components/{kind}", f"{name} is no key")
        for name, schema in self.parts(components, "schemas"):
            self.schema(schema, f"#/components/schemas/{name}")
        for name, response in self.parts(components, "responses"):
            self.response(response, f"#/components/responses/{name}")
        for name, scheme in self.parts(components, "securitySchemes"):
            at = f"#/components/securitySchemes/{name}"
            if self.fields("scheme", scheme, at) and scheme.get("type") == "http" and "scheme" not in scheme:
                self.no(at, "http without a scheme")
            if scheme.get("type") not in ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"):
                self.no(at, "no such type of security scheme")

    def paths(self, paths):
        shapes = {}
        for path, item in paths.items():
            at = "#/paths/" + path.replace("~", "~0").replace("/", "~1")
            shape = VARIABLE.sub("{}", path)
            if not path.startswith("/"):
                self.no(at, "does not begin with a slash")
            if shapes.setdefault(shape, path) != path:
                self.no(at, f"the same as {shapes[shape]}")
            if not self.fields("item", item, at):
                continue
            for method in METHODS:
                if method in item:
                    self.operation(method, path, item[method], f"{at}/{method}")

    def operation(self, method, path, operation, at):
        if not self.fields("operation", operation, at):
            return
        if "operationId" not in operation or not operation.get("summary"):
            self.no(at, "operationId or summary is missing")
        self.names.append(operation.get("operationId"))
        self.parameters(path, operation.get("parameters", []), at)
        self.security(operation.get("security", []), at)
        if "requestBody" in operation:
            if method in ("get", "head", "delete", "trace"):
                self.no(at, f"{method} with a body")
            if self.fields("body", operation["requestBody"], at + "/requestBody"):
                self.content(operation["requestBody"], at + "/requestBody")
        responses = operation.get("responses", {})
        if not responses:
            self.no(at, "no response")
        for status, response in responses.items():
            if not re.match(r"([1-5][0-9][0-9]|default)$", status):
                self.no(at, f"{status} is no status")
            self.response(response, f"{at}/responses/{status}")

    def parameters(self, path, parameters, at):
        seen = set()
        for number, parameter in enumerate(parameters):
            here = f"{at}/parameters/{number}"
            if not self.fields("parameter", parameter, here):
                continue
            place = parameter.get("in"), parameter.get("name")
            if place in seen:
                self.no(here, "declared twice")
            seen.add(place)
            if place[0] not in ("query", "header", "path", "cookie"):
                self.no(here, "in no place of a request")
            if place[0] == "path" and parameter.get("required") is not True:
                self.no(here, "in the path and not required")
            self.schema(parameter.get("schema", {}), here + "/schema")
        declared = {name for where, name in seen if where == "path"}
        if declared != set(VARIABLE.findall(path)):
            self.no(at, f"declares {sorted(declared)} for {path}")

    def security(self, security, at):
        schemes = self.document.get("components", {}).get("securitySchemes", {})
        for requirement in security:
            for name, scopes in requirement.items():
                if name not in schemes:
                    self.no(at, f"there is no security scheme {name}")
                if not isinstance(scopes, list):
                    self.no(at, f"{name} has no list of scopes")

    def response(self, response, at):
        if isinstance(response, dict) and "$ref" in response:
            self.reference(response, at)
        elif self.fields("response", response, at):
            self.content(response, at)
            for name, header in self.parts(response, "headers"):
                if self.fields("header", header, f"{at}/headers/{name}"):
                    self.schema(header.get("schema", {}), f"{at}/headers/{name}/schema")

    def reference(self, value, at):
        try:
            lookup(self.document, value["$ref"])
        except (KeyError, TypeError):
            self.no(at, f"{value['$ref']} points nowhere")

    def content(self, holder, at):
        for media, value in self.parts(holder, "content"):
            if not re.match(r"\*/\*$|[a-z]+/[a-z0-9.+-]+(; ?[a-z]+=[a-zA-Z0-9-]+)?$", media):
                self.no(at, f"{media} is no media type")
            if self.fields("media", value, f"{at}/content/{media}") and "schema" in value:
                self.schema(value["schema"], f"{at}/content/{media}/schema")

    def schema(self, schema, at):
        if not isinstance(schema, dict):
            self.no(at, "no schema")
            return
        for word in sorted(set(schema) - SCHEMA_WORDS):
            self.no(at, f"unknown word {word}")
        if "$ref" in schema:
            self.reference(schema, at)
            return
        if "anyOf" not in schema and schema.get("type") not in TYPES:
            self.no(at, f"no type {schema.get('type')!r}")
        self.words(schema, at)
        for name, inner in self.parts(schema, "properties"):
            self.schema(inner, f"{at}/properties/{name}")
        for number, inner in enumerate(schema.get("anyOf", [])):
            self.schema(inner, f"{at}/anyOf/{number}")
        if "items" in schema:
            self.schema(schema["items"], at + "/items")

    def words(self, schema, at):
        missing = set(schema.get("required", [])) - set(schema.get("properties", {}))
        if missing:
            self.no(at, f"requires {sorted(missing)}, which it does not describe")
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            self.no(at, "an object that may have other members")
        if schema.get("type") == "array" and "items" not in schema:
            self.no(at, "an array of nothing in particular")
        values = schema.get("enum", [None])
        if not values or len(set(map(str, values))) != len(values):
            self.no(at, "an empty enum, or one that repeats itself")
        try:
            re.compile(schema.get("pattern", ""))
        except re.error:
            self.no(at, "a pattern that is none")


def breaches(document):
    judge = Judge(document)
    judge.run()
    return judge.found


def schemas(value, at="#"):
    """All schemas of a document where they begin: (pointer, schema)."""
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from schemas(inner, f"{at}/{number}")
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            if name == "schema":
                yield here, inner
            elif at == "#/components/schemas":
                yield here, inner
            else:
                yield from schemas(inner, here)


def bad_schemas(document):
    """Schemas that are none by JSON Schema 2020-12; needs jsonschema."""
    found = []
    for at, schema in schemas(document):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            found.append(f"{at}: {error.message}")
    return found


def operation_of(document, method, path):
    """(template, operation) for a request; literal segments win. KeyError if there is none."""
    best = None
    for template, item in document["paths"].items():
        pattern = "".join(
            part if number % 2 == 0 else "[^/]+"
            for number, part in enumerate(re.split(r"\{([^{}]+)\}", template))
        )
        if method.lower() not in item or not re.fullmatch(pattern, path):
            continue
        if best is None or template.count("{") < best[0].count("{"):
            best = template, item[method.lower()]
    if best is None:
        raise KeyError(f"{method} {path}")
    return best


def response_of(document, operation, status):
    """The response object for a status; KeyError if the operation does not have it."""
    response = operation["responses"][str(status)]
    return lookup(document, response["$ref"]) if "$ref" in response else response


def mismatch(document, method, path, status, media, body):
    """Why an answer is not one the document has, or None. body: JSON, None if there is none."""
    try:
        _, operation = operation_of(document, method, path)
        response = response_of(document, operation, status)
    except KeyError as error:
        return f"{method} {path} {status}: not in the document ({error})"
    content = response.get("content")
    if content is None:
        return None if body is None else f"{method} {path} {status}: a body that is not in the document"
    if media not in content:
        return f"{method} {path} {status}: {media} instead of {sorted(content)}"
    if "schema" not in content[media]:
        return None
    found = differences(document, content[media]["schema"], body)
    return f"{method} {path} {status}: {found}" if found else None


def referred(document, schema, found):
    """Add to found the components that a schema refers to, and those that they do."""
    if isinstance(schema, list):
        for part in schema:
            referred(document, part, found)
    if not isinstance(schema, dict):
        return
    kind, _, name = str(schema.get("$ref", "")).removeprefix("#/components/").partition("/")
    if name and name not in found.setdefault(kind, {}):
        found[kind][name] = document["components"][kind][name]
        referred(document, found[kind][name], found)
    for part in schema.values():
        referred(document, part, found)


VALIDATORS = {}


def validator(document, schema):
    """One for each schema, with no more components than it refers to: jsonschema looks through all of them."""
    key = id(document), json.dumps(schema, sort_keys=True)
    if key not in VALIDATORS:
        components = {}
        referred(document, schema, components)
        # With the document, so that nothing else has its identity meanwhile.
        VALIDATORS[key] = jsonschema.Draft202012Validator(dict(schema, components=components)), document
    return VALIDATORS[key][0]


def differences(document, schema, value):
    """Where a value is not as a schema of the document says; by jsonschema."""
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
            for error in validator(document, schema).iter_errors(value)]
