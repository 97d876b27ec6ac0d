#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemons answer /openapi.json, and the platform does what its document says: each operation is
called with everything that the document does not allow, and each answer is held against it."""
import copy
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../openapi"))

import discretion
import openapi
import test_documents
import test_issuing
import test_platformd
from harness import BIN, Daemon, Directory, Skip, main, program, read_text, run, test, write_text

DOCUMENTS = os.path.join(BIN, "../openapi")
# A text for each form (pattern) of the platform's requests.
JWE = "e30.YQ.YQ.YQ.YQ"


class Daemons:
    def __init__(self):
        self.platform, self.issuing = test_platformd.Site(), test_issuing.Site()
        self.platform.configure(operator_peers=os.getuid())
        self.dir = Directory()
        run(program("jpki-softcard"), "make", "-o", self.dir.file("card"), "--serial", "0000000000000049")
        card = [program("jpki-softcard"), "serve", self.dir.file("card"), "--control", self.dir.file("control")]
        self.card = Daemon(card, self.dir.file("control"), self.dir.file("card.log"))
        self.card.start()
        self.ocspd = self.make_ocspd()
        for kind in ("sign", "auth"):
            run(program("jpki-authorityd"), "init-ca", "--config", self.issuing.dir.file("authority.conf"), kind)
        holders = self.issuing.authority_socket.replace("authority.sock", "holder.sock")
        conf = self.issuing.dir.file("authority.conf")
        verifiers = self.issuing.authority_socket.replace("authority.sock", "verifier.sock")
        proxy = self.issuing.authority_socket.replace("authority.sock", "proxy.sock")
        write_text(conf, read_text(conf) + f"holder_socket = {holders}\nholder_origin = https://ca.example\n"
                   f"verifier_socket = {verifiers}\nverifier_origin = https://ca.example\n"
                   f"proxy_socket = {proxy}\nproxies = {os.getuid()}\n")
        self.issuing.authorityd.start()
        self.issuing.registerd.start()
        self.key = self.platform.add_tenant("bank").stdout.decode().strip()
        self.platform.daemon.start()
        self.sockets = {
            "platform": self.platform.socket,
            "authority": self.issuing.authority_socket,
            "authority-holder": holders,
            "authority-verifier": verifiers,
            "authority-proxy": proxy,
            "register": self.issuing.counter,
            "softcard": self.card.path,
            "ocsp": self.ocspd.path,
        }
        self.document = json.loads(curl(self.platform.socket, "GET", "/openapi.json")[2])

    def make_ocspd(self):
        """A responder of a CA of its own, with neither authority nor signerd: it is not ready, and listens."""
        ca, key, socket = (self.dir.file(name) for name in ("ca.pem", "key.pem", "ocsp.sock"))
        request, certificate = self.dir.file("request"), self.dir.file("ocsp.pem")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", ca, "-days", "10",
            "-subj", "/C=JP/O=OpenJPKI TEST", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        run("openssl", "req", "-new", "-key", key, "-out", request, "-subj", "/C=JP/O=OpenJPKI TEST/CN=OCSP")
        write_text(self.dir.file("extensions"), "extendedKeyUsage=OCSPSigning\nnoCheck=ignored\n"
                   "keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-set_serial", "2", "-days", "9",
            "-extfile", self.dir.file("extensions"), "-out", certificate)
        nobody = self.dir.file("nobody.sock")
        write_text(self.dir.file("ocsp.conf"), f"[ocsp]\nsocket = {socket}\nauthority = {nobody}\nsigner = {nobody}\n"
                   f"sign_ca = {ca}\nauth_ca = {ca}\nsign_certificate = {certificate}\n"
                   f"auth_certificate = {certificate}\n")
        ocspd = Daemon([program("jpki-ocspd"), "--config", self.dir.file("ocsp.conf")], socket, self.dir.file("o.log"))
        ocspd.start()
        return ocspd

    def close(self):
        self.card.close()
        self.ocspd.close()
        self.platform.close()
        self.issuing.close()
        self.dir.close()


def curl(socket, method, path, body=None, headers=()):
    """(status, media type, body) of one exchange, as curl sees it."""
    argv = ["curl", "-s", "-g", "--path-as-is", "--unix-socket", socket, "-X", method, "-w", "\n%{http_code} %{content_type}"]
    for header in headers:
        argv += ["-H", header]
    if body is not None:
        argv += ["--data-binary", "@-"]
    if method == "HEAD":
        argv += ["-I"]
    said = run(*argv, f"http://localhost{path}", data=body).stdout.decode()
    text, _, last = said.rpartition("\n")
    status, _, media = last.partition(" ")
    return int(status), media or None, text


def names_of(document):
    """(method, template, operation) of all operations."""
    for template, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), template, operation


def is_by_session(operation):
    """Whether no key is enough: it needs somebody who has logged in, so a stranger gets no further."""
    return operation["security"] != [] and not any(operation["x-access"] in way for way in operation["security"])


def address_of(template):
    """The path with something in its variables that is nowhere."""
    return template.replace("{", "no-").replace("}", "")


def schema_of(operation):
    content = operation.get("requestBody", {}).get("content", {})
    return content["application/json"]["schema"] if "application/json" in content else None


def example(schema):
    """A value that the schema allows; nobody who reads further can do anything with it."""
    kind = schema["type"]
    if kind == "object":
        return {name: example(inner) for name, inner in schema["properties"].items() if name in schema["required"]}
    if kind == "string" and "enum" not in schema:
        texts = ("x", "AAAA", "0" * 40, "A" * 22, "A" * 43, "A" * 43 + "=", "A" * 342, "2026-01-01", "ア", JWE)
        return next(text for text in texts if openapi.re.search(schema.get("pattern", ""), text))
    return {"string": schema.get("enum", [""])[0], "integer": 1, "boolean": True, "array": []}[kind]


def wrong_values(schema):
    """What the schema does not allow in the place of a value."""
    yield None
    yield 1 if schema["type"] != "integer" else "1"
    yield [] if schema["type"] != "array" else {}
    if "enum" in schema:
        yield "none of them"


def wrong_bodies(schema):
    """(what is wrong, the body) for each way in which an object can be wrong, at every depth."""
    good = example(schema)
    yield "an unknown member", dict(good, certificate_in_clear="MII")
    for name in schema["required"]:
        yield f"no {name}", {other: value for other, value in good.items() if other != name}
    for name, inner in schema["properties"].items():
        for value in wrong_values(inner):
            yield f"{name} is {value!r}", dict(good, **{name: value})
        if inner["type"] == "object":
            for what, value in wrong_bodies(inner):
                yield f"{name}: {what}", dict(good, **{name: value})


def hold(daemons, request, answer, expected=None):
    """The answer is one that the document has; of the status that is expected."""
    method, path, what = request
    status, media, text = answer
    body = json.loads(text) if text else None
    assert expected is None or status == expected, (request, status, text)
    wrong = openapi.mismatch(daemons.document, method, path, status, media, body)
    assert wrong is None, (what, wrong)
    assert status < 400 or body["status"] == status, body


def need_jsonschema():
    if openapi.jsonschema is None:
        raise Skip("python3-jsonschema is not installed")


def headers_for(daemons, operation, *more):
    key = [f"Authorization: Bearer {daemons.key}"] if operation["security"] else []
    return [*key, *more]


JSON = "Content-Type: application/json"


@test
def each_daemon_serves_the_document_that_the_build_wrote(daemons):
    assert sorted(daemons.sockets) == sorted(test_documents.NAMES)
    for name, socket in daemons.sockets.items():
        status, media, text = curl(socket, "GET", "/openapi.json")
        assert (status, media) == (200, "application/json"), (name, status, media)
        with open(os.path.join(DOCUMENTS, name + ".json"), encoding="utf-8") as stream:
            assert stream.read() == text, name
        assert curl(socket, "GET", "/openapi.json?x=1")[0] == 400, name
        assert curl(socket, "POST", "/openapi.json", b"{}", [JSON])[0] == 405, name


@test
def what_the_platform_serves_is_discreet(daemons):
    assert discretion.in_document(daemons.document) == []
    served = json.loads(run("curl", "-s", daemons.platform.origin + "/openapi.json").stdout)
    assert served == daemons.document


@test
def without_a_key_an_operation_that_needs_one_says_403(daemons):
    need_jsonschema()
    closed = 0
    for method, template, operation in names_of(daemons.document):
        if not operation["security"] or operation["x-access"] in ("operator", "witness-or-operator"):
            continue  # this process is the operator, by its user id
        closed += 1
        schema = schema_of(operation)
        body = None if schema is None else json.dumps(example(schema)).encode()
        for header in ([], ["Authorization: Bearer x"], [f"Authorization: Basic {daemons.key}"]):
            path = address_of(template)
            answer = curl(daemons.platform.socket, method, path, body, [JSON, *header] if body else header)
            hold(daemons, (method, path, "no key"), answer, 403)
    assert closed >= 2


@test
def every_body_that_the_document_does_not_allow_is_refused(daemons):
    need_jsonschema()
    count = 0
    for method, template, operation in names_of(daemons.document):
        schema, path = schema_of(operation), address_of(template)
        if schema is None:
            continue
        for what, body in wrong_bodies(schema):
            assert openapi.differences(daemons.document, schema, body), (what, body)
            answer = curl(daemons.platform.socket, method, path, json.dumps(body).encode(),
                          headers_for(daemons, operation, JSON))
            hold(daemons, (method, path, what), answer, 400)
            count += 1
    assert count > 40, count


@test
def a_body_that_it_allows_gets_past_that(daemons):
    need_jsonschema()
    for method, template, operation in names_of(daemons.document):
        schema, path = schema_of(operation), address_of(template)
        if schema is None:
            continue
        body = example(schema)
        assert openapi.differences(daemons.document, schema, body) == [], body
        answer = curl(daemons.platform.socket, method, path, json.dumps(body).encode(),
                      headers_for(daemons, operation, JSON))
        hold(daemons, (method, path, "senseless"), answer)
        told = json.loads(answer[2]).get("detail", "")
        assert "member" not in told or "base64" in told, told


def body_max(operation):
    """As the document says: "at most N bytes"."""
    return int(re.search(r"at most (\d+) bytes", operation["requestBody"]["description"])[1])


@test
def a_body_of_another_kind_or_length_is_refused_as_the_document_says(daemons):
    need_jsonschema()
    for method, template, operation in names_of(daemons.document):
        if schema_of(operation) is None:
            continue
        path = address_of(template)
        for body, kind, expected in (
            (b"", JSON, 400),
            (b"[]", JSON, 400),
            (b"x", JSON, 400),
            (b'{"a":1,"a":2}', JSON, 400),
            (b"{}", "Content-Type: text/plain", 415),
            (b"x" * (body_max(operation) + 1), JSON, 413),
        ):
            answer = curl(daemons.platform.socket, method, path, body, headers_for(daemons, operation, kind))
            hold(daemons, (method, path, f"{len(body)} bytes"), answer, expected)
        answer = curl(daemons.platform.socket, method, path, None, headers_for(daemons, operation))
        hold(daemons, (method, path, "no length"), answer, 411)


@test
def unknown_parameters_bodies_and_expectations_are_refused_everywhere(daemons):
    need_jsonschema()
    for method, template, operation in names_of(daemons.document):
        path = address_of(template)
        schema = schema_of(operation)
        body = None if schema is None else json.dumps(example(schema)).encode()
        kind = [] if schema is None else [JSON]
        refusal = 403 if is_by_session(operation) else 400
        answer = curl(daemons.platform.socket, method, path + "?x=1", body, headers_for(daemons, operation, *kind))
        hold(daemons, (method, path, "a parameter"), answer, refusal)
        answer = curl(daemons.platform.socket, method, path, body,
                      headers_for(daemons, operation, *kind, "Expect: wonders"))
        hold(daemons, (method, path, "an expectation"), answer, 417)
        answer = curl(daemons.platform.socket, method, path + "?" + "x" * 4096, body,
                      headers_for(daemons, operation, *kind))
        hold(daemons, (method, path, "a long address"), answer, 414)
        answer = curl(daemons.platform.socket, method, path, body,
                      headers_for(daemons, operation, *kind, "x: " + "x" * 9000))
        hold(daemons, (method, path, "a long field"), answer)
        assert answer[0] == 431, answer
        if schema is None:
            answer = curl(daemons.platform.socket, method, path, b"{}", headers_for(daemons, operation, JSON))
            hold(daemons, (method, path, "a body"), answer, 400)


@test
def a_method_that_the_document_does_not_have_is_refused(daemons):
    need_jsonschema()
    for template, item in daemons.document["paths"].items():
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method.lower() in item:
                continue
            status, media, text = curl(daemons.platform.socket, method, address_of(template))
            assert (status, media) == (405, "application/problem+json"), (method, template, status)
            problem = {"$ref": "#/components/schemas/problem"}
            assert openapi.differences(daemons.document, problem, json.loads(text)) == []


@test
def what_goes_well_is_as_the_document_says(daemons):
    need_jsonschema()
    for path in ("/livez", "/readyz", "/v1/keys"):
        hold(daemons, ("GET", path, "well"), curl(daemons.platform.socket, "GET", path), 200)
    answer = curl(daemons.platform.socket, "POST", "/v1/logins", b'{"client_id":"bank"}', [JSON])
    hold(daemons, ("POST", "/v1/logins", "well"), answer, 201)
    login = json.loads(answer[2])
    path = "/v1/logins/" + login["session"]
    hold(daemons, ("GET", path, "well"), curl(daemons.platform.socket, "GET", path), 200)
    body = json.dumps({"secret": login["secret"]}).encode()
    hold(daemons, ("POST", path + "/redeem", "too early"),
         curl(daemons.platform.socket, "POST", path + "/redeem", body, [JSON]), 409)


@test
def without_its_signerd_the_platform_says_so_as_the_document_does(daemons):
    need_jsonschema()
    daemons.platform.signer.kill()
    answer = curl(daemons.platform.socket, "GET", "/readyz")
    hold(daemons, ("GET", "/readyz", "without signerd"), answer, 503)


@test
def the_judge_notices_an_answer_that_is_not_in_the_document(daemons):
    need_jsonschema()
    status, media, text = curl(daemons.platform.socket, "GET", "/v1/keys")
    body = json.loads(text)
    assert openapi.mismatch(daemons.document, "GET", "/v1/keys", status, media, body) is None
    spoiled = copy.deepcopy(body)
    spoiled["keys"][0]["x5c"] = ["MII"]
    for case in ((status, media, spoiled), (201, media, body), (status, "text/html", body), (status, media, {})):
        assert openapi.mismatch(daemons.document, "GET", "/v1/keys", *case) is not None, case
    assert openapi.mismatch(daemons.document, "GET", "/v1/other", 200, media, body) is not None


if __name__ == "__main__":
    main(Daemons)
