# SPDX-License-Identifier: Apache-2.0
"""Documents that must be refused: (what is wrong with it, how to spoil a good one, what is said).

The good one is a small document of its own for openapi.breaches, and the platform's for
discretion.in_document. Then answers: (what it tells, its text, what is said).
"""
import base64

SMALL = {
    "openapi": "3.1.0",
    "info": {"title": "x", "version": "1"},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "summary": "Read",
                "security": [{"key": []}],
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "it",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"a": {"type": "string"}},
                                    "required": ["a"],
                                    "additionalProperties": False,
                                }
                            }
                        },
                    },
                    "404": {"$ref": "#/components/responses/gone"},
                },
            }
        }
    },
    "components": {
        "responses": {"gone": {"description": "gone"}},
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    },
}


def thing(document):
    return document["paths"]["/things/{id}"]["get"]


def schema(document):
    return thing(document)["responses"]["200"]["content"]["application/json"]["schema"]


MALFORMED = [
    ("another version", lambda d: d.update(openapi="3.0.3"), "not a version 3.1"),
    ("no title", lambda d: d["info"].pop("title"), "title is missing"),
    ("an unknown field", lambda d: d.update(host="x"), "no field host"),
    ("nothing described", lambda d: (d.pop("paths"), d.pop("components")), "neither paths"),
    ("a path without a slash", lambda d: d["paths"].update(x={}), "begin with a slash"),
    ("the same path twice", lambda d: d["paths"].update({"/things/{x}": {}}), "the same as"),
    ("an operation twice", lambda d: d["paths"].update({"/other": {"get": dict(thing(d), parameters=[])}}), "twice"),
    ("an operation without a name", lambda d: thing(d).pop("operationId"), "operationId"),
    ("an undeclared path parameter", lambda d: thing(d).pop("parameters"), "declares []"),
    ("a parameter of no path", lambda d: thing(d)["parameters"][0].update(name="x"), "declares ['x']"),
    ("an optional path parameter", lambda d: thing(d)["parameters"][0].pop("required"), "not required"),
    ("a parameter twice", lambda d: thing(d)["parameters"].append(thing(d)["parameters"][0]), "declared twice"),
    ("a parameter nowhere", lambda d: thing(d)["parameters"][0].update({"in": "body"}), "in no place"),
    ("GET with a body", lambda d: thing(d).update(requestBody={"content": {}}), "with a body"),
    ("no responses", lambda d: thing(d).update(responses={}), "no response"),
    ("a status that is none", lambda d: thing(d)["responses"].update(ok={"description": "x"}), "no status"),
    ("a response without words", lambda d: thing(d)["responses"]["200"].pop("description"), "description is missing"),
    ("a reference to nothing", lambda d: d["components"].pop("responses"), "points nowhere"),
    ("a scheme that is not there", lambda d: thing(d).update(security=[{"other": []}]), "no security scheme other"),
    ("a scheme of no type", lambda d: d["components"]["securitySchemes"]["key"].update(type="peer"), "no such type"),
    ("a key with a blank", lambda d: d["components"]["responses"].update({"a b": {"description": ""}}), "no key"),
    ("a media type that is none", lambda d: thing(d)["responses"]["200"]["content"].update(json={}), "no media type"),
    ("a type that is none", lambda d: schema(d)["properties"]["a"].update(type="text"), "no type 'text'"),
    ("an unknown word", lambda d: schema(d).update(nullable=True), "unknown word nullable"),
    ("required and not described", lambda d: schema(d)["required"].append("b"), "requires ['b']"),
    ("an open object", lambda d: schema(d).pop("additionalProperties"), "other members"),
    ("an array of anything", lambda d: schema(d)["properties"].update(a={"type": "array"}), "nothing in particular"),
    ("an empty enum", lambda d: schema(d)["properties"]["a"].update(enum=[]), "empty enum"),
    ("a pattern that is none", lambda d: schema(d)["properties"]["a"].update(pattern="("), "a pattern"),
]


def answer(document, path, method, status):
    operation = document["paths"][path][method]
    return operation["responses"][status]["content"]["application/json"]["schema"]["properties"]


def finding(document):
    return answer(document, "/v1/verifications", "post", "201")


def question(document, path="/v1/verifications"):
    return document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
DIGITS = {"type": "string", "pattern": "^[0-9]{1,10}$"}
INDISCREET = [
    ("a serial number", lambda d: finding(d).update(serial=NUMBER), "verify: answers serial"),
    ("a serial number as text", lambda d: finding(d).update(serialNumber=DIGITS), "answers serialNumber"),
    ("a serial number below the first level",
     lambda d: finding(d)["attributes"]["properties"].update(cert_serial=DIGITS), "answers attributes/cert_serial"),
    ("a reason", lambda d: finding(d).update(revocation_reason={"type": "string", "enum": ["keyCompromise"]}),
     "answers revocation_reason"),
    ("a time of revocation", lambda d: finding(d).update(revoked_at=NUMBER), "answers revoked_at"),
    ("a time under another name", lambda d: finding(d).update(since=NUMBER), "since has room for any number"),
    ("a certificate", lambda d: finding(d).update(certificate=TEXT), "answers certificate"),
    ("a certificate under another name", lambda d: finding(d).update(evidence=TEXT), "evidence has room for any text"),
    ("a certificate in base64", lambda d: finding(d).update(evidence={"type": "string", "pattern": "^[A-Za-z0-9+/=]*$"}),
     "room for a certificate in base64"),
    ("a certificate in hexadecimal", lambda d: finding(d).update(evidence={"type": "string", "pattern": "^[0-9a-f]+$"}),
     "room for a certificate in hexadecimal"),
    ("a list of certificates", lambda d: finding(d).update(x={"type": "array", "items": TEXT}), "x has room for any text"),
    ("anything at all", lambda d: finding(d).update(x={"type": "object", "properties": {}}), "x/* has room"),
    ("a reason that says more", lambda d: finding(d)["reasons"]["items"]["enum"].append("held"), "the reason held"),
    ("reasons of any kind", lambda d: finding(d)["reasons"].update(items=TEXT), "the reason any"),
    ("a login's serial number", lambda d: answer(d, "/v1/logins/{session}/redeem", "post", "200").update(serial=NUMBER),
     "redeemLogin: answers serial"),
    ("a verdict with its time, later", lambda d: answer(d, "/v1/verifications/{id}", "get", "200").update(at=NUMBER),
     "getVerification: answers at"),
    ("a problem with a serial number", lambda d: d["components"]["schemas"]["problem"]["properties"].update(serial=TEXT),
     "problem: answers serial"),
    ("the audit log for tenants", lambda d: d["paths"]["/v1/audit"]["get"].update({"x-access": "tenant"}),
     "listAudit: answers records/subject"),
    ("an answer of bytes", lambda d: d["paths"]["/v1/keys"]["get"]["responses"]["200"]["content"].update(
        {"application/pkix-cert": {}}), "could hold anything"),
    ("a document from anybody", lambda d: d["paths"]["/v1/document-verifications"]["post"].pop("x-problems"),
     "certificates in the clear from anybody"),
    ("a serial number of a document's signature",
     lambda d: answer(d, "/v1/document-verifications", "post", "201")["signatures"]["items"]["properties"].update(
         serial=DIGITS), "verifyDocument: answers signatures/serial"),
    ("a certificate in clear", lambda d: question(d).update(certificate=TEXT), "takes certificate, which has room"),
    ("a certificate in base64 taken", lambda d: question(d)["certificate"].update(pattern="^[A-Za-z0-9+/=]+$"),
     "takes certificate, which has room"),
    ("a certificate that is no JWE", lambda d: question(d)["certificate"].update(pattern="^[0-9]{9}$"), "no compact JWE"),
    ("a question by serial number", lambda d: question(d).update(serial=NUMBER), "verify: takes serial"),
    ("a login with a chain", lambda d: question(d, "/v1/logins").update(chain=TEXT), "openLogin: takes chain"),
    ("a path with a serial number", lambda d: d["paths"]["/v1/keys"]["get"]["parameters"].append(
        {"name": "serial", "in": "query"}), "asks by serial"),
]

DER = bytes((7 * i * i + 3 * i) % 251 for i in range(900))
SERIAL, REVOKED_AT = 1589698049, 1700000003
TOLD = [
    ("a certificate", base64.b64encode(DER).decode(), "part of a certificate"),
    ("a certificate in base64url", base64.urlsafe_b64encode(DER).decode().rstrip("="), "part of a certificate"),
    ("a certificate behind a byte", base64.b64encode(b"\x00" + DER).decode(), "part of a certificate"),
    ("a certificate behind two bytes", base64.b64encode(b"\x00\x01" + DER).decode(), "part of a certificate"),
    ("a certificate in hexadecimal", DER.hex(), "part of a certificate"),
    ("a certificate in capitals", DER.hex().upper(), "part of a certificate"),
    ("a piece of a certificate", base64.b64encode(DER[400:520]).decode(), "part of a certificate"),
    ("a serial number", '{"n":1589698049}', "a serial number"),
    ("a serial number in hexadecimal", f"{SERIAL:x}", "a serial number"),
    ("a serial number in capitals", f"{SERIAL:X}", "a serial number"),
    ("a serial number with colons", SERIAL.to_bytes(4, "big").hex(":").upper(), "a serial number"),
    ("a serial number in base64", base64.b64encode(SERIAL.to_bytes(4, "big")).decode(), "a serial number"),
    ("a time of revocation", "1700000003", "the time of a revocation"),
    ("a time of revocation as a date", "2023-11-14T22:13:23Z", "the time of a revocation"),
    ("a time of revocation in Japan", "2023-11-15T07:13:23+09:00", "the time of a revocation"),
    ("a time of revocation as in a list", "231114221323Z", "the time of a revocation"),
]
