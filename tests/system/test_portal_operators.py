#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service at the gateway of a sandbox, behind a real nginx with etc/nginx/portal-operators.conf: it applies with its
certificate, is approved, asks somebody, and fetches what was consented to. curl is the service."""
import http.server
import json
import os
import threading
import time
import urllib.parse

from harness import main, program, read_text, run, test, wait_until, write_text
from operators_door import APPROVED, VIEWPOINTS, Door, query_of
from sandbox_party import exchange
from test_portald import Browser
from test_sandbox import Sandbox

TAX, SALARY, INCOME = "TM00000000000002", "0000200030", "0000200020"
PLACE = "13101"
BACK = "http://127.0.0.1:4711/back"


class Told(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.box.call("persona", "card", "hanako")
        self.entrance = Door(self.box, "bank", "other")
        self.dir, self.curl, self.operate = self.entrance.dir, self.entrance.curl, self.entrance.operate
        self.callback = http.server.HTTPServer(("127.0.0.1", 0), Told)
        self.callback.told = []
        threading.Thread(target=self.callback.serve_forever, daemon=True).start()
        self.browser = Browser(self.box.state["urls"]["portal"])
        self.client = self.tokens = self.process = self.consent = None

    def door(self, path, *words, who="bank"):
        return self.entrance.ask(path, *words, who=who)

    def post(self, path, body, *words, who="bank"):
        return self.entrance.post(path, body, *words, who=who)

    def pull(self, path, body, who="bank"):
        return self.post(path, body, "-H", f"Authorization: Bearer {self.tokens['access_token']}", who=who)

    def close(self):
        self.callback.shutdown()
        self.entrance.close()
        self.box.close()


def application(shared):
    return {"client_name": "見本銀行", "client_name_en": "Sample Bank", "purpose": "住宅ローンの審査",
            "purpose_en": "To decide on a loan", "actor": "private", "sector": "finance", "environment": "test",
            "apis": ["self-information", "notices", "notice-sending"], "infos": [TAX], "redirect_uris": [BACK],
            "callback_uri": f"http://127.0.0.1:{shared.callback.server_port}/told",
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "review": dict.fromkeys(VIEWPOINTS, "as a test")}


@test
def without_a_certificate_nobody_applies_whatever_he_writes(shared):
    status, body = shared.post("/v1/clients", application(shared), who=None)
    assert status == 400 and "certificate" in body["detail"], body
    pem = urllib.parse.quote(open(shared.dir.file("bank.pem"), encoding="ascii").read())
    status, body = shared.post("/v1/clients", application(shared), "-H", f"X-SSL-Client-Cert: {pem}", who=None)
    assert status == 400, body


@test
def a_service_applies_and_is_approved(shared):
    status, shared.client = shared.post("/v1/clients", application(shared))
    assert status == 201 and shared.client["state"] == "applied", shared.client
    own = "-H", f"Authorization: Bearer {shared.client['registration_access_token']}"
    path = f"/v1/clients/{shared.client['client_id']}"
    assert shared.door(path, *own)[1]["state"] == "applied"
    assert shared.post(f"{path}/confirmation", {}, *own, who=None)[0] == 403
    assert shared.post(f"{path}/confirmation", {}, *own)[0] == 204
    assert shared.door(path, *own)[1]["confirmed_at"] is not None
    status, body = shared.operate("PUT", f"/v1/operators/{shared.client['client_id']}/state", APPROVED)
    assert status == 200, body
    assert shared.door(path, *own)[1]["state"] == "approved"


def consent(shared, verifier, **asked):
    """The parameters that the browser comes back with."""
    query = query_of(shared.client, BACK, verifier, **({"scope": "self-information"} | asked))
    status, place, body = shared.browser.ask("/authorize?" + query)
    assert (status, place) == (303, "/#/consent?" + query), (status, place, body)
    wish = {"request": query} if asked else {"request": query, "items": [SALARY], "area": "13101"}
    status, _, body = shared.browser.ask("/v1/consents", "POST", json.dumps(wish).encode(),
                                         **{"Content-Type": "application/json"})
    assert status == 201, body
    shared.consent = json.loads(body)["id"]
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(json.loads(body)["address"]).query))


def redeem(shared, code, verifier, who="bank"):
    return shared.entrance.redeem(shared.client, BACK, code, verifier, who)


@test
def somebody_consents_and_the_code_is_the_service_s(shared):
    verifier = "v" * 43
    assert shared.browser.log_in("hanako", page="consent") == "/#/consent"
    wanted = "/v1/consent-request?" + urllib.parse.urlencode({"request": query_of(shared.client, BACK, verifier, "self-information")})
    asked = shared.browser.answer_of(wanted)[1]
    assert asked["client_name"] == "見本銀行" and [info["info"] for info in asked["infos"]] == [TAX], asked
    back = consent(shared, verifier)
    assert back["state"] == "s1" and back["iss"] == shared.browser.origin, back
    assert redeem(shared, back["code"], verifier, who="other")[1]["error"] == "invalid_client"
    assert redeem(shared, back["code"], "w" * 43)[1]["error"] == "invalid_grant"
    status, shared.tokens = redeem(shared, back["code"], verifier)
    assert status == 200 and shared.tokens["scope"] == "self-information", shared.tokens


@test
def what_was_consented_to_comes_and_nothing_else(shared):
    assert shared.pull("/request", {}, who="other")[1]["type"].endswith(":certificate-differs")
    status, body = shared.pull("/request", {})
    assert status == 200, body
    shared.process = body["process_id"]
    found = {}

    def is_there():
        found.update(shared.pull("/result", {"process_id": shared.process})[1])
        return found["selfPersonalData"][0]["status"] == "03"

    wait_until("the municipality has answered", is_there)
    codes = {item["code"] for record in found["selfPersonalData"][0]["records"] for item in record["items"]}
    assert codes == {SALARY} and INCOME not in json.dumps(found), found
    assert shared.pull("/request", {})[1]["type"].endswith(":consent-used")


@test
def after_its_test_the_service_goes_into_production(shared):
    live = application(shared) | {"environment": "production", "test_client": shared.client["client_id"],
                                  "redirect_uris": ["https://bank.example/back"]}
    del live["callback_uri"]
    assert shared.post("/v1/clients", live, who="other")[0] == 403
    own = "-H", f"Authorization: Bearer {shared.client['registration_access_token']}"
    status, applied = shared.post("/v1/clients", live, *own, who="other")
    assert status == 201, applied
    path = f"/v1/operators/{applied['client_id']}/state"
    assert shared.operate("PUT", path, {"state": "approved"})[0] == 400
    status, body = shared.operate("PUT", path, APPROVED)
    assert status == 200 and body["verdicts"] == APPROVED["verdicts"], body
    assert shared.operate("PUT", path, {"state": "ended", "reason": "it was a test"})[0] == 200


@test
def the_service_is_told_that_it_is_ready(shared):
    wait_until("the service is told", lambda: shared.callback.told)
    assert shared.callback.told == [{"process_id": shared.process}], shared.callback.told


@test
def the_person_sees_it_in_the_log_and_is_told(shared):
    records = shared.browser.answer_of("/v1/history?what=pulled")[1]["records"]
    assert {row["receiver"] for row in records} == {shared.client["client_id"]}, records
    assert "見本銀行" in json.dumps(records, ensure_ascii=False) and records[0]["info"] == TAX, records
    acts = shared.curl("--unix-socket", os.path.join(shared.box.dir, "portal/portal.sock"),
                       "http://localhost/v1/audit")[1]["records"]
    assert {"operator.applied", "operator.approved", "consent.given", "operator.pulled"} <= {row["act"] for row in acts}


@test
def certificates_on_both_curves_prove_a_service(shared):
    """As openssl makes them by default: signed with SHA-256, and P-256 keys are no holder's here."""
    for curve in "P-256", "P-384":
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-nodes", "-keyout",
            shared.dir.file(curve + ".key"), "-out", shared.dir.file(curve + ".pem"), "-subj", f"/CN={curve}")
        status, body = shared.post("/v1/clients", application(shared), who=curve)
        assert status == 201, body
        status, refused = shared.operate("PUT", f"/v1/operators/{body['client_id']}/state", APPROVED)
        assert status == 200, refused
        form = {"grant_type": "authorization_code", "client_id": body["client_id"], "code": "x", "code_verifier": "v" * 43,
                "redirect_uri": BACK}
        words = "/oauth/token", "--data", urllib.parse.urlencode(form)
        assert shared.door(*words, who=curve)[1]["error"] == "invalid_grant", "known, by its certificate"
        assert shared.door(*words, who="other")[1]["error"] == "invalid_client"


@test
def during_maintenance_it_says_so(shared):
    outage = {"api": "self-information", "kind": "outage", "text": "障害", "text_en": "An outage"}
    status, body = shared.operate("POST", "/v1/status/outages", outage)
    assert status == 201, body
    status, refused = shared.pull("/result", {"process_id": shared.process})
    assert status == 503 and refused["type"].endswith(":maintenance"), refused
    states = {row["api"]: row["state"] for row in shared.door("/v1/status", who=None)[1]["apis"]}
    assert states["self-information"] == "outage" and states["procedure-search"] == "open", states
    run("curl", "-sS", "--unix-socket", os.path.join(shared.box.dir, "portal/portal.sock"), "-X", "POST",
        f"http://localhost/v1/status/outages/{body['id']}/end")
    assert shared.pull("/result", {"process_id": shared.process})[0] == 200


@test
def what_was_withdrawn_gives_nothing_any_more(shared):
    listed = shared.browser.answer_of("/v1/consents")[1]["consents"]
    assert [row["id"] for row in listed] == [shared.consent] and listed[0]["used_at"] is not None, listed
    assert shared.browser.ask(f"/v1/consents/{shared.consent}", "DELETE")[0] == 204
    status, body = shared.pull("/result", {"process_id": shared.process})
    assert status == 403 and body["type"].endswith(":consent-over"), body


def read_notices(shared, path="", *words, who="bank"):
    return shared.door("/v1/notices" + path, "-H", f"Authorization: Bearer {shared.tokens['access_token']}", *words, who=who)


def send_notice(shared):
    """The municipality tells whoever wants to hear of births there that something is to be paid."""
    status, _, body = shared.browser.ask(
        "/v1/notice-subscriptions", "PUT", json.dumps({"subscriptions": [{"municipality": PLACE, "event": "birth"}]}).encode(),
        **{"Content-Type": "application/json"})
    assert status == 204, body
    key = read_text(os.path.join(shared.box.dir, "providers", f"{PLACE}-clerk.key")).strip()
    order = {"key": "fee", "to": "subscribers", "event": "birth", "topic": "payment.due",
             "parameters": {"payment": "保育料", "until": "2030-01-31"}}
    status, _, body = exchange(f"{shared.browser.origin}/v1/municipality/notices", "POST", json.dumps(order).encode(),
                            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    assert status == 204, body


@test
def notices_are_read_by_consent_and_not_marked(shared):
    verifier = "n" * 43
    send_notice(shared)
    back = consent(shared, verifier, scope="notices", period="true")
    status, shared.tokens = redeem(shared, back["code"], verifier)
    assert status == 200 and shared.tokens["scope"] == "notices", shared.tokens
    status, page = read_notices(shared)
    assert status == 200 and [one["topic"] for one in page["notices"]] == ["payment.due"], page
    notice = page["notices"][0]
    assert notice["text"]["ja"] == "「保育料」の納付期限は2030年1月31日です。" and notice["sender"] == "東京都千代田区", notice
    assert "read_at" not in notice and "archived_at" not in notice and "next" not in page, page
    assert read_notices(shared, f"/{notice['id']}") == (200, notice)
    assert read_notices(shared, f"/{notice['id']}", who="other")[1]["type"].endswith(":certificate-differs")
    status, _ = read_notices(shared, f"/{notice['id']}/state", "-X", "PUT", "--json", '{"read": true, "archived": true}')
    assert status == 404, status
    own = shared.browser.answer_of("/v1/notices")[1]["notices"]
    assert {one["topic"] for one in own} == {"payment.due", "consent.used"}, own
    assert all(one["read_at"] is None for one in own), own
    for one in own:
        if one["topic"] == "consent.used":
            assert read_notices(shared, f"/{one['id']}")[1]["type"].endswith(":notice-unknown")
    assert shared.pull("/request", {})[1]["type"].endswith(":not-consented")


@test
def reading_notices_is_in_the_log_until_the_consent_ends(shared):
    records = shared.browser.answer_of("/v1/history?what=pulled")[1]["records"]
    told = [row for row in records if row.get("items") == "お知らせ"]
    assert len(told) == 2 and {row["receiver"] for row in told} == {shared.client["client_id"]}, records
    assert "保育料" not in json.dumps(told, ensure_ascii=False), told
    maintenance = {"api": "notices", "kind": "outage", "text": "障害", "text_en": "An outage"}
    status, body = shared.operate("POST", "/v1/status/outages", maintenance)
    assert status == 201, body
    status, refused = read_notices(shared)
    assert status == 503 and refused["type"].endswith(":maintenance"), refused
    run("curl", "-sS", "--unix-socket", os.path.join(shared.box.dir, "portal/portal.sock"), "-X", "POST",
        f"http://localhost/v1/status/outages/{body['id']}/end")
    assert read_notices(shared)[0] == 200
    assert shared.browser.ask(f"/v1/consents/{shared.consent}", "DELETE")[0] == 204
    status, refused = read_notices(shared)
    assert status == 403 and refused["type"].endswith(":consent-over"), refused


@test
def a_service_sends_a_notice_by_consent_and_takes_it_back(shared):
    time.sleep(1)  # a service has ten requests a second, and those before were of it
    verifier = "w" * 43
    back = consent(shared, verifier, scope="notice-sending", period="true")
    status, shared.tokens = redeem(shared, back["code"], verifier)
    assert status == 200 and shared.tokens["scope"] == "notice-sending", shared.tokens
    token = "-H", f"Authorization: Bearer {shared.tokens['access_token']}"
    letter = {"key": "1", "topic": "document.ready", "parameters": {"document": "残高証明書"}}
    assert shared.post("/v1/sent-notices", letter, *token, who="other")[1]["type"].endswith(":certificate-differs")
    assert shared.post("/v1/sent-notices", letter | {"parameters": {"document": "<b>"}}, *token)[0] == 400
    status, sent = shared.post("/v1/sent-notices", letter, *token)
    assert (status, sent) == shared.post("/v1/sent-notices", letter, *token) and status == 201, sent
    assert [one["sender"] for one in shared.browser.answer_of("/v1/notices")[1]["notices"]][0] == "見本銀行"
    assert shared.door("/v1/sent-notices/" + sent["id"], *token)[1]["taken_at"] is None
    taken = shared.door("/v1/sent-notices/" + sent["id"], *token, "-X", "DELETE")
    assert taken[0] == 204, taken
    assert "document.ready" not in {one["topic"] for one in shared.browser.answer_of("/v1/notices")[1]["notices"]}


def check(shared, saved, *words):
    path = shared.dir.file("saved.json")
    write_text(path, saved if isinstance(saved, str) else json.dumps(saved, ensure_ascii=False, indent=2))
    key = os.path.join(shared.box.dir, "note-keys/audit-portal")
    return run(program("jpkictl"), "audit", "check", path, "--origin-key", key, *words, check=False)


def saved_records(shared):
    records = shared.browser.answer_of("/v1/history?what=pulled")[1]["records"]
    return [shared.browser.answer_of(f"/v1/history/{row['id']}/proof")[1] for row in records[:2]]


@test
def a_saved_record_is_judged_without_the_portal(shared):
    saved = saved_records(shared)[0]
    assert saved["proof"]["checkpoint"].count("\n\n") == 1, saved
    done = check(shared, saved)
    assert done.returncode == 0 and shared.client["client_id"].encode() in done.stdout, done
    told = json.loads(check(shared, saved, "--json").stdout)
    assert told["text"] == saved["text"] and told["size"] == told["checkpoint"]["size"], told
    assert check(shared, saved, "--about", "x").returncode == 2


@test
def a_saved_record_that_was_changed_does_not_hold(shared):
    saved, other = saved_records(shared)
    record, proof = saved["record"], saved["proof"]
    text = json.dumps(saved, ensure_ascii=False)
    for changed in (saved | {"record": record | {"at": record["at"] + 1}},
                    saved | {"record": record | {"receiver": record["receiver"] + "x"}},
                    saved | {"record": record | {"giver": "M13101"}},
                    saved | {"record": record | {"items_en": "nothing"}},
                    saved | {"text": saved["text"] + "x"},
                    saved | {"text": saved["text"] + "|" * 9},
                    saved | {"proof": other["proof"]},  # of another record
                    saved | {"proof": proof | {"salt": other["proof"]["salt"]}},
                    saved | {"proof": proof | {"tree": other["proof"]["tree"]}},
                    saved | {"proof": {key: value for key, value in proof.items() if key != "checkpoint"}},
                    text.replace('"commitment": "', '"commitment": "0', 1),
                    text[:-1]):
        done = check(shared, changed)
        assert done.returncode in (1, 2) and done.stderr and not done.stdout, (changed, done)


@test
def a_checkpoint_of_before_proves_no_record(shared):
    older = saved_records(shared)[0]
    outage = {"api": "notices", "kind": "outage", "text": "障害", "text_en": "An outage"}
    assert shared.operate("POST", "/v1/status/outages", outage)[0] == 201  # it is in the log
    newer = saved_records(shared)[0]
    stale = newer | {"proof": newer["proof"] | {"checkpoint": older["proof"]["checkpoint"]}}
    assert newer["proof"]["checkpoint"] != older["proof"]["checkpoint"], newer
    done = check(shared, stale)
    assert done.returncode == 1 and b"does not lead to its checkpoint" in done.stderr, done
    assert check(shared, older).returncode == 0, "one that was saved before holds for ever"


@test
def an_address_applies_so_often_and_no_more(shared):
    answers = [shared.post("/v1/clients", {}, who=None)[0] for _ in range(11)]
    assert 429 in answers and set(answers) <= {400, 429}, answers
    assert shared.door("/v1/status", who=None)[0] == 200, "for whatever else one comes"


if __name__ == "__main__":
    main(Shared)
