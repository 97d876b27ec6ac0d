#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control API of a sandbox: who may use it, what is set and cleared, the clock, registration, debug answers."""
import base64
import hashlib
import http.client
import json
import urllib.parse

from harness import PATIENCE, main, test, wait_until
from sandbox_party import Control, Party, decode, exchange
from test_sandbox import Sandbox

PERSONA, DEBUG = "X-JPKI-Sandbox-Persona", "X-JPKI-Sandbox-Debug"
NOTHING = {"faults": [], "persona": None, "registration": "strict"}


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.party, self.control = Party(self.box), Control(self.box)

    def powers(self):
        return self.box.status()["powers"]

    def close(self):
        self.box.close()


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
    wish = {"faults": [{"name": "slow", "times": 3}, {"name": "ocsp_down"}], "persona": "hanako", "registration": "loose"}
    status, there = shared.control.ask("PUT", "/v1/state", wish)
    assert status == 200 and there == shared.powers(), there
    assert there == wish | {"faults": [{"name": "ocsp_down", "times": 0}, {"name": "slow", "times": 3}]}, there
    text = shared.box.call("status").stdout
    assert b"slow" in text and b"ocsp_down" in text and b"hanako" in text, text
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
