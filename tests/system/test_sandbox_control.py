#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control API of a sandbox: who may use it, what is set and cleared, the clock, registration, debug answers."""
import base64
import hashlib
import http.client
import json
import os
import subprocess
import urllib.parse

from harness import PATIENCE, Directory, main, program, run, test, wait_until, write_text
from provider import Provider
from sandbox_party import OIDC, Control, Party, decode, exchange
from test_sandbox import ABSENT, USAGE, Sandbox, environment

PERSONA, DEBUG, FAULT = "X-JPKI-Sandbox-Persona", "X-JPKI-Sandbox-Debug", "X-JPKI-Sandbox-Fault"
NOTHING = {"faults": [], "persona": None, "registration": "strict"}


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.party, self.control = Party(self.box), Control(self.box)

    def powers(self):
        return self.box.status()["powers"]

    def close(self):
        self.box.close()


def children(octets):
    """The elements inside a DER element, each whole."""
    def head(at):
        length, size = octets[at + 1], 2
        if length > 127:
            size += length & 127
            length = int.from_bytes(octets[at + 2 : at + size], "big")
        return size, length

    at, found = head(0)[0], []
    while at < len(octets):
        size, length = head(at)
        found.append(octets[at : at + size + length])
        at += size + length
    return found


def signed_by_uruu(shared, directory):
    """Attributes of a CMS signature of that card, their raw signature and the certificate (RFC 5652, 5)."""
    document = directory.file("document")
    write_text(document, "a document")
    env = environment(shared.box)
    shared.box.call("persona", "card", "uruu")
    pin = next(row["pin_sign"] for row in shared.control.ask("GET", "/v1/personas")[1]["personas"] if row["name"] == "uruu")
    wait_until("the card is in the reader", lambda: subprocess.run(
        [program("jpki"), "card", "info"], env=env, capture_output=True, timeout=60, check=False).returncode == 0)
    subprocess.run([program("jpki"), "sign", document, "--yes", "--pin-fd", "0"], env=env, input=pin.encode() + b"\n",
                   stdout=subprocess.DEVNULL, timeout=120, check=True)
    with open(document + ".p7s", "rb") as f:
        data = children(children(children(f.read())[1])[0])
    signer = children(children(data[-1])[0])
    attributes = b"\x31" + signer[3][1:]
    (cert,) = [cert for cert in children(data[3]) if cert != sign_ca(shared)]
    return attributes, signer[5][-256:], cert


def sign_ca(shared):
    return run("openssl", "x509", "-in", os.path.join(shared.box.dir, "anchors/sign.pem"), "-outform", "DER").stdout


# First of all, while the sandbox's clock is still the one that jpki goes by.
@test
def a_verdict_of_the_platform_says_what_it_was_made_of(shared):
    directory = Directory()
    try:
        with open(os.path.join(shared.box.dir, "providers/sample-bank.key"), encoding="utf-8") as f:
            bank = Provider(os.path.join(shared.box.dir, "platform/platform.sock"), f.read().strip(), directory.file("key"))
        attributes, signature, cert = signed_by_uruu(shared, directory)
        digest = hashlib.sha256(attributes)
        body = {"digest": {"alg": "SHA-256", "value": base64.b64encode(digest.digest()).decode()},
                "signature": base64.b64encode(signature).decode(), "certificate": bank.encrypt(cert)}
        wait_until("the responder knows the certificate", lambda: ask_verdict(shared, bank, body)["verdict"] == "valid")
        good = ask_verdict(shared, bank, body)
        (judged,) = good["debug"]["judged"]
        assert judged["digest"] == digest.hexdigest() and judged["cas"] == 1, judged
        assert all(step["holds"] is True and step["reason"] is None for step in judged["path"]), judged
        assert judged["issuer_sha256"] == hashlib.sha256(sign_ca(shared)).hexdigest(), judged
        assert judged["revocation"]["policy"] == "ocsp" and judged["revocation"]["this_update"] <= judged["at"], judged
        other = ask_verdict(shared, bank, body | {"digest": {"alg": "SHA-256", "value": base64.b64encode(bytes(32)).decode()}})
        assert [step["reason"] for step in other["debug"]["judged"][0]["path"] if not step["holds"]] == ["signature-broken"], other
        key = directory.file("own.key")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=TEST", "-out", key + ".pem",
            "-days", "9")
        own = run("openssl", "x509", "-in", key + ".pem", "-outform", "DER").stdout
        unknown = ask_verdict(shared, bank, bank.document(key, own))
        steps = unknown["debug"]["judged"][0]["path"]
        assert steps[0]["reason"] == "issuer-unknown" and steps[0]["holds"] is False and steps[3]["holds"] is None, steps
        assert "issuer_sha256" not in unknown["debug"]["judged"][0]
        for answer in (good, other, unknown):
            text = json.dumps(answer["debug"])
            assert base64.b64encode(cert).decode()[:40] not in text and "serial" not in text and "見本通" not in text, text
        assert "debug" not in bank.ask("POST", "/v1/verifications", body)[1]
    finally:
        directory.close()


def ask_verdict(shared, bank, body):
    status, _, text = exchange(shared.box.state["urls"]["platform"] + "/v1/verifications", data=json.dumps(body).encode(),
                               fields={DEBUG: "1", "Authorization": "Bearer " + bank.tenant_key,
                                       "Content-Type": "application/json"})
    assert status == 201, text
    return json.loads(text)


def change(shared, method, path, body, **fields):
    """One exchange with a Host of its own."""
    address = urllib.parse.urlsplit(shared.control.origin)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in ({"Host": address.netloc, "Content-Length": str(len(body))} | fields).items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


@test
def no_page_of_another_origin_and_no_other_name_changes_anything(shared):
    own = shared.control.origin
    for method, path, body in (("PUT", "/v1/state", b'{"persona": "hanako"}'), ("PUT", "/v1/clock", b'{"by": 1}'),
                               ("PUT", "/v1/faults/slow", b"{}"), ("POST", "/v1/reset", b"")):
        json_type = {"Content_Type": "application/json"} if body else {}
        for fields in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"},
                       {"Origin": own + ".evil.example"}, {"Origin": own.replace("http:", "https:")}):
            assert change(shared, method, path, body, **json_type, **fields) == 403, (path, fields)
        if body:
            assert change(shared, method, path, body, Content_Type="text/plain") == 415, path
    assert shared.powers() == NOTHING and shared.control.ask("GET", "/v1/clock")[1]["offset_s"] == 0
    assert change(shared, "PUT", "/v1/state", b"{}", Content_Type="application/json", Origin=own) == 200


@test
def what_is_set_is_replaced_as_a_whole_or_not_at_all(shared):
    # Both are met by what nobody asks for meanwhile; discovery, say, which programs look at, would use up "slow".
    wish = {"faults": [{"name": "consent_withdrawn", "times": 3}, {"name": "ocsp_down"}], "persona": "hanako",
            "registration": "loose"}
    status, there = shared.control.ask("PUT", "/v1/state", wish)
    assert status == 200 and there == shared.powers(), there
    assert there == wish | {"faults": [{"name": "ocsp_down", "times": 0}, {"name": "consent_withdrawn", "times": 3}]}, there
    text = shared.box.call("status").stdout
    assert b"consent_withdrawn" in text and b"ocsp_down" in text and b"hanako" in text, text
    for bad, expected in (({"faults": [{"name": "no_such_thing"}]}, 404), ({"faults": [{"name": "pin_locked"}]}, 400),
                          ({"persona": "nobody-here"}, 404), ({"registration": "open"}, 400), ({"colour": "red"}, 400),
                          ({"faults": [{"name": "slow", "times": -1}]}, 400)):
        assert shared.control.ask("PUT", "/v1/state", bad)[0] == expected, bad
        assert shared.powers() == there, bad
    assert shared.control.ask("POST", "/v1/reset")[0] == 204 and shared.powers() == NOTHING


@test
def the_clock_goes_forward_everywhere_and_not_back(shared):
    before = shared.control.ask("GET", "/v1/clock")[1]
    for bad in ({}, {"by": 1, "to": 2}, {"by": -1}, {"to": before["now"] - 3600}):
        assert shared.control.ask("PUT", "/v1/clock", bad)[0] == 400, bad
    assert shared.control.ask("PUT", "/v1/clock", {"by": 3600})[1]["offset_s"] == before["offset_s"] + 3600
    shown = json.loads(shared.box.call("clock", "--json").stdout)
    assert shown["offset_s"] == before["offset_s"] + 3600, shown


@test
def addresses_of_this_computer_register_themselves_if_that_is_set(shared):
    near, far = "http://127.0.0.1:4711/some/where", "http://127.0.0.1.evil.example/some/where"
    for uri in (near, far):
        assert shared.party.open(redirect_uri=uri)[0] == 400, uri
    assert shared.control.ask("PUT", "/v1/state", {"registration": "loose"})[0] == 200
    assert shared.party.open(redirect_uri=far)[0] == 400, "another computer's"
    result = shared.party.log_in({PERSONA: "hanako"}, redirect_uri=near)
    assert shared.party.redeem(result)[0] == 200
    assert shared.control.ask("POST", "/v1/reset")[0] == 204
    assert shared.party.open(redirect_uri=near)[0] == 400, "only while it is set"


def kids(keys):
    return [key["kid"] for key in keys]


def signer_of(token):
    return json.loads(decode(token.split(".")[0]))["kid"]


@test
def other_keys_sign_on_demand_and_what_was_signed_stays_good(shared):
    report_keys = shared.box.state["urls"]["platform"] + "/v1/report-keys"
    before, reports = json.loads(shared.party.keys()[2])["keys"], json.loads(exchange(report_keys)[2])["keys"]
    old = shared.party.redeem(shared.party.log_in({PERSONA: "hanako"}))[2]["id_token"]
    nonce = shared.party.sent["nonce"]
    assert change(shared, "POST", "/v1/rotations", b"", Origin="http://evil.example") == 403
    status, told = shared.control.ask("POST", "/v1/rotations")
    after = json.loads(exchange(told["jwks_uri"])[2])["keys"]
    assert status == 200 and told["kid"] == after[0]["kid"] and told["kid"] not in kids(before), (told, kids(before))
    assert set(kids(before)) < set(kids(after)) and len(after) == 2 * len(before), (kids(before), kids(after))
    wait_until("the platform has another key", lambda: set(kids(reports)) < set(kids(json.loads(exchange(report_keys)[2])["keys"])))
    new = shared.party.redeem(shared.party.log_in({PERSONA: "hanako"}))[2]["id_token"]
    assert signer_of(new) != signer_of(old) in kids(before) and signer_of(new) not in kids(before)
    now = shared.control.ask("GET", "/v1/clock")[1]["now"]
    assert shared.party.judge(new, now)[0] == []
    shared.party.sent["nonce"] = nonce
    assert shared.party.judge(old, now)[0] == [], "those of before are published"
    # By command and by form as well, back to the first key.
    told = json.loads(shared.box.call("keys", "rotate", "--json").stdout)
    assert told["kid"] == before[0]["kid"], (told, kids(before))
    assert change(shared, "POST", "/set", b"do=rotate", Content_Type="application/x-www-form-urlencoded",
                  Origin=shared.control.origin) == 303
    assert json.loads(shared.party.keys()[2])["keys"][0]["kid"] == after[0]["kid"]
    shared.control.ask("PUT", "/v1/faults/jwks_down", {})
    assert shared.control.ask("POST", "/v1/rotations")[1]["kid"] is None
    shared.control.ask("POST", "/v1/reset")


WRONG_BODIES = (b"", b"{", b"[]", b"null", b'"x"', b"{}trailing", b'{"unknown": 1}', b'{"a": 1, "a": 2}', b"\xff\xfe",
                b'{"x": ' + b"[" * 200 + b"]" * 200 + b"}", b'{"x": "' + b"y" * 2000000 + b'"}')
WRONG_MEMBERS = (None, True, -1, 1.5, 2**63, "", "x" * 5000, "\u0000", [], [1], {"a": 1})


def routes_of(shared):
    """Every row that changes something, from the document of the API: method, path, members."""
    document = json.loads(exchange(shared.control.origin + "/openapi.json")[2])
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in ("put", "post", "delete") and path != "/set":
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                yield method.upper(), path, body.get("properties", {})


@test
def wrong_bodies_change_nothing_on_any_route(shared):
    seen, before = set(), (shared.powers(), shared.control.ask("GET", "/v1/clock")[1]["offset_s"])
    for method, path, members in routes_of(shared):
        where = path.replace("{name}", "slow")
        seen.add((method, path))
        if not members:
            for body in WRONG_BODIES[1:]:
                status = change(shared, method, where, body, Content_Type="application/json")
                assert status in (204, 400, 413, 415), (method, where, body[:40], status)
            continue
        for body in WRONG_BODIES:
            status = change(shared, method, where, body, Content_Type="application/json")
            assert status in (400, 413), (method, where, body[:40], status)
        for name in members:
            for value in WRONG_MEMBERS:
                status = change(shared, method, where, json.dumps({name: value}).encode(), Content_Type="application/json")
                allowed = {("PUT", "/v1/faults/slow", "persona"): (200, 400), ("PUT", "/v1/state", "persona"): (200, 400, 404)}
                is_fine = value == [] and name == "faults" and path == "/v1/state"
                assert status in ((200,) if is_fine else allowed.get((method, where, name), (400,))), (where, name, value, status)
        for type_ in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
            assert change(shared, method, where, b"{}", Content_Type=type_) == 415, (where, type_)
    assert {("PUT", "/v1/faults/{name}"), ("PUT", "/v1/state"), ("PUT", "/v1/clock"), ("POST", "/v1/logins"),
            ("POST", "/v1/rotations"), ("POST", "/v1/reset"), ("DELETE", "/v1/faults")} <= seen, seen
    for method in ("GET", "PUT", "DELETE"):
        for name in ("no_such_thing", "SLOW", "slow%00", "x" * 3000, "%2e%2e"):
            body, type_ = (b"{}", {"Content_Type": "application/json"}) if method == "PUT" else (b"", {})
            assert change(shared, method, f"/v1/faults/{name}", body, **type_) in (400, 404, 414, 431), (method, name[:20])
    shared.control.ask("DELETE", "/v1/faults")
    assert (shared.powers(), shared.control.ask("GET", "/v1/clock")[1]["offset_s"]) == before


def message(challenge, origin):
    """What a card signs for a login (crypto/bound.h), computed by nothing of ours."""
    nonce = hashlib.sha256(base64.b64decode(challenge["nonce"])).digest()
    fields = ["OpenJPKI login v1", origin, challenge["provider"]["client_id"], challenge["redirect_uri"],
              challenge["session"], nonce, str(challenge["expires_at"])]
    octets = [field if isinstance(field, bytes) else field.encode() for field in fields]
    return b"".join(len(field).to_bytes(4, "big") + field for field in octets)


@test
def debug_answers_tell_what_the_provider_went_by(shared):
    _, address, _, _ = shared.party.open()
    session = urllib.parse.urlsplit(address).path.rsplit("/", 1)[1]
    where = f"{shared.party.origin}/v1/logins/{session}"
    assert "debug" not in json.loads(exchange(where)[2])
    challenge = json.loads(exchange(where, fields={DEBUG: "1"})[2])
    assert challenge["debug"]["digest"] == hashlib.sha256(message(challenge, shared.party.origin)).hexdigest(), challenge
    status, _, text = exchange(where + "/answer", data=b"{}", fields={DEBUG: "1", "Content-Type": "application/json"})
    assert status == 403 and json.loads(text)["debug"]["client_id"] == "sample-shop", text
    result = shared.party.log_in({PERSONA: "hanako"})
    sent = dict(shared.party.sent)
    shared.party.sent["redirect_uri"] = "http://127.0.0.1:4711/other"
    status, _, refused = shared.party.redeem(result, {DEBUG: "1"})
    assert status == 400 and refused["error"] == "invalid_grant", refused
    assert refused["debug"]["redirect_uri"] == sent["redirect_uri"] and refused["debug"]["nonce"] == sent["nonce"], refused
    assert result["code"] not in json.dumps(refused) and shared.party.secret not in json.dumps(refused)


ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def ask_token(shared, assertion, **more):
    """The bank asks for a token of its own; what is computed is told."""
    form = {"grant_type": "client_credentials", "scope": "sign", "client_assertion_type": ASSERTION,
            "client_assertion": assertion} | more
    status, _, text = exchange(shared.party.origin + OIDC + "/token", fields={DEBUG: "1"},
                               data=urllib.parse.urlencode(form).encode())
    return status, json.loads(text)


def failing(answer):
    return [row["claim"] for row in answer["debug"]["assertion"]["checks"] if not row["holds"]]


def make_assertion(shared, *words):
    return json.loads(shared.box.call("assertion", "--json", *words).stdout)


@test
def an_assertion_of_the_helper_is_taken_once(shared):
    good = make_assertion(shared, "sample-bank")
    header, claims = (json.loads(decode(part)) for part in good["client_assertion"].split(".")[:2])
    assert header == good["header"] and claims == good["claims"] and claims["exp"] - claims["iat"] == 60, good
    status, taken = ask_token(shared, good["client_assertion"])
    assert status == 200 and failing(taken) == [] and taken["debug"]["registered_for"] == "private_key_jwt", taken
    status, again = ask_token(shared, good["client_assertion"])
    assert status == 401 and failing(again) == ["jti"], again
    bare = shared.box.call("assertion").stdout.decode().strip()
    assert ask_token(shared, bare)[0] == 200
    shared.box.call("assertion", "no-such-client", expect=ABSENT)
    shared.box.call("assertion", "--lifetime", "86401", expect=USAGE)


@test
def an_assertion_that_is_refused_is_explained(shared):
    late = make_assertion(shared, "--over")
    status, refused = ask_token(shared, late["client_assertion"])
    row = next(row for row in refused["debug"]["assertion"]["checks"] if row["claim"] == "exp")
    now = refused["debug"]["assertion"]["now"]
    assert status == 401 and failing(refused) == ["exp"] and row["seen"] == late["claims"]["exp"], refused
    assert row["expected"] == f"after {now} and at most {now + 630}", row
    good = make_assertion(shared)["client_assertion"]
    parts = good.split(".")
    spoilt = ".".join([*parts[:2], ("B" if parts[2][0] != "B" else "C") + parts[2][1:]])
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    banks_key = os.path.join(shared.box.dir, "authapp/clients/sample-bank.jwk")
    for assertion, more, wanted in (
        (make_assertion(shared, "--audience", "https://elsewhere.example")["client_assertion"], {}, ["aud"]),
        (make_assertion(shared, "--lifetime", "700")["client_assertion"], {}, ["exp"]),
        (spoilt, {}, ["signature"]),
        (good, {"client_assertion_type": "x"}, ["client_assertion_type"]),
        (good, {"client_id": "sample-shop"}, ["client_id"]),
        (make_assertion(shared, "nobody", "--key", banks_key)["client_assertion"], {}, ["iss"]),
        (f"{none}.{parts[1]}.", {}, ["client_assertion"]),
        ("x" * 100, {}, ["client_assertion"]),
    ):
        status, refused = ask_token(shared, assertion, **more)
        assert status == 401 and failing(refused) == wanted, (wanted, status, refused)
        assert assertion.split(".")[-1] == "" or assertion.split(".")[-1] not in json.dumps(refused), refused
    # Of a secret nothing is told, and of a code only whose it is.
    wrong = {DEBUG: "1", "Authorization": "Basic " + base64.b64encode(b"sample-shop:not-it").decode()}
    status, _, refused = shared.party.post("/token", {"grant_type": "client_credentials"}, wrong)
    assert status == 401 and refused["debug"] == {"came_with": ["client_secret_basic"], "registered_for": None}, refused
    form = {"grant_type": "authorization_code", "code": "x", "code_verifier": "v" * 43}
    status, _, refused = shared.party.post("/token", form, {DEBUG: "1"})
    computed = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()
    assert status == 400 and refused["debug"]["code_is_known"] is False, refused
    assert refused["debug"]["code_challenge_computed"] == computed and shared.party.secret not in json.dumps(refused), refused


@test
def the_documents_say_what_requests_of_a_sandbox_may_ask_for(shared):
    def said(origin, path, method):
        operation = json.loads(exchange(origin + "/openapi.json")[2])["paths"][path][method]
        return {(row["in"], row["name"]): row for row in operation["parameters"]}

    there = said(shared.party.origin, OIDC + "/auth", "get")
    for key in (("query", "sandbox_persona"), ("header", PERSONA), ("header", FAULT), ("header", DEBUG)):
        assert there[key]["required"] is False and there[key]["description"].startswith("sandbox: "), (key, there)
    token = said(shared.party.origin, OIDC + "/token", "post")
    assert ("header", FAULT) in token and ("header", PERSONA) not in token and ("query", "sandbox_persona") not in token
    assert ("header", FAULT) in said(shared.box.state["urls"]["platform"], "/v1/verifications", "post")
    assert not said(shared.party.origin, "/livez", "get")


@test
def a_page_with_forms_sets_the_same_and_takes_its_own_forms_alone(shared):
    form_type = {"Content_Type": "application/x-www-form-urlencoded"}
    own = shared.control.origin
    status, fields, page = exchange(own + "/set")
    text = page.decode()
    assert status == 200 and "wrong_nonce" in text and "<script" not in text and "IDトークン" in text, text
    assert "form-action 'self'" in fields["Content-Security-Policy"], fields
    assert "until it is cleared" in exchange(own + "/set", fields={"Accept-Language": "en"})[2].decode()
    for body, origin, expected in ((b"do=set&fault=slow&times=2", None, 403),
                                   (b"do=set&fault=slow&times=2", "http://evil.example", 403),
                                   (b"do=set&fault=slow&times=2", "null", 403),
                                   (b"do=set&fault=no_such_thing&times=2", own, 404),
                                   (b"do=set&fault=slow&times=-2", own, 400), (b"do=dance", own, 400),
                                   (b"do=persona&persona=nobody-here", own, 404), (b"do=clock&hours=-1", own, 400)):
        origin = {} if origin is None else {"Origin": origin}
        assert change(shared, "POST", "/set", body, **form_type, **origin) == expected, (body, origin)
    assert shared.powers() == NOTHING
    offset = shared.control.ask("GET", "/v1/clock")[1]["offset_s"]
    for body in (b"do=set&fault=slow&times=2", b"do=set&fault=ocsp_down&times=0", b"do=persona&persona=hanako",
                 b"do=clock&hours=1", b"do=clear&fault=ocsp_down"):
        assert change(shared, "POST", "/set", body, **form_type, Origin=own) == 303, body
    assert shared.powers() == NOTHING | {"faults": [{"name": "slow", "times": 2}], "persona": "hanako"}
    assert shared.control.ask("GET", "/v1/clock")[1]["offset_s"] == offset + 3600
    assert change(shared, "POST", "/set", b"do=reset", **form_type, Origin=own) == 303 and shared.powers() == NOTHING


if __name__ == "__main__":
    main(Shared)
