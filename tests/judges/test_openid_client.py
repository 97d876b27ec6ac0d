#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""openid-client and jose, unmodified, as relying parties of a sandbox's OpenID provider: discovery,
login with a software card, userinfo, refresh, replay, logout."""
import base64
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from harness import Skip, main, program, read_text, test
from test_sandbox import Sandbox, environment

PINS = b"1234\nABC123\n"


class Site:
    def __init__(self):
        self.box = self.sub = None
        if shutil.which("node") is None or not os.path.isdir(os.path.join(HERE, "node_modules")):
            return
        self.box = Sandbox().start()
        self.box.call("persona", "card", "hanako")
        self.env = environment(self.box)
        self.clients = os.path.join(self.box.dir, "authapp", "clients")

    def close(self):
        if self.box is not None:
            self.box.close()

    def need(self):
        if self.box is None:
            raise Skip("the judges are not installed (scripts/install-judges)")

    def begin(self, client, scope, **proof):
        asked = {"issuer": self.env["JPKI_AUTHAPP"] + "/api/realms/main", "client": client, "scope": scope,
                 "redirect": "http://127.0.0.1:51515/callback",
                 "logged_out": "http://127.0.0.1:51515/logged-out"} | proof
        # Sanitizers and moved clocks are for our programs.
        return subprocess.Popen(["node", os.path.join(HERE, "relying_party.mjs"), json.dumps(asked)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def jpki_login(self, address, code, *more):
        return self.jpki("login", PINS, address, code, *more)

    def jpki(self, command, secrets, address, code, *more):
        read_end, write_end = os.pipe()
        os.write(write_end, secrets)
        os.close(write_end)
        try:
            return subprocess.run([program("jpki"), command, "--yes", "--code", code, "--pin-fd", str(read_end), *more,
                                   address], env=self.env, pass_fds=[read_end], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=120)
        finally:
            os.close(read_end)

    def log_in(self, client, scope, *more, **proof):
        """What the relying party says in the end."""
        with self.begin(client, scope, **proof) as party:
            shown = json.loads(party.stdout.readline())
            assert "address" in shown, shown
            done = self.jpki_login(shown["address"], shown["code"], *more)
            said = json.loads(party.stdout.readline())
        return done, said

    def bank(self, scope, *more):
        return self.log_in("sample-bank", scope, *more, key=os.path.join(self.clients, "sample-bank.jwk"))

    def shop(self, scope, *more):
        return self.log_in("sample-shop", scope, *more, secret=os.path.join(self.clients, "sample-shop.secret"))


@test
def a_holder_who_refuses_is_denied(site):
    site.need()
    _, said = site.bank("openid", "--deny")
    assert said.get("error") == "access_denied", said


@test
def a_login_with_attributes_is_refreshed_and_ended(site):
    site.need()
    done, said = site.bank("openid name address birthdate gender")
    assert done.returncode == 0, done
    assert "failure" not in said, said
    assert said["header"]["alg"] == "ES256" and said["payload"]["acr"] == "aal3", said
    assert said["userinfo"]["name"] == "番号　花子" and said["userinfo"]["birthdate"] == "19900415", said
    assert said["userinfo"]["gender"] == "2" and said["userinfo"]["address"]["formatted"], said
    assert said["userinfo"]["sub"] == said["claims"]["sub"] == said["refreshed"]["sub"], said
    assert said["claims"]["sid"] == said["session_state"], said
    assert said["replayed"] == "invalid_grant" and said["ended"] == "invalid_token", said
    assert said["logout"] == {"status": 303, "location": "http://127.0.0.1:51515/logged-out?state=bye"}, said
    site.sub = said["claims"]["sub"]


@test
def a_client_of_profile_basic_gets_rs256_and_words(site):
    site.need()
    done, said = site.shop("openid birthdate gender")
    assert done.returncode == 0, done
    assert "failure" not in said, said
    assert said["header"]["alg"] == "RS256", said
    assert said["userinfo"] == {"sub": said["claims"]["sub"], "birthdate": "1990-04-15", "gender": "female"}, said


@test
def a_browser_is_known_again_as_the_relying_party_wishes(site):
    site.need()
    wishes = [{"prompt": "none"}, {"max_age": 10000}, {"hint": True}, {"prompt": "none", "scope": "openid name"},
              {"prompt": "login"}]
    done, said = site.log_in("sample-shop", "openid", secret=os.path.join(site.clients, "sample-shop.secret"),
                             again=wishes)
    assert done.returncode == 0, done
    assert "failure" not in said, said
    first = said["claims"]
    for claims in said["again"][:3]:
        assert [claims[name] for name in ("sub", "sid", "auth_time")] == \
            [first[name] for name in ("sub", "sid", "auth_time")], said
    assert said["again"][3] == {"error": "interaction_required"}, said
    assert "/login/" in said["again"][4]["shown"], said
    assert said["replayed"] == "invalid_grant" and said["ended"] == "invalid_token", said
    assert said["gone"] == {"error": "login_required"}, "after the logout nobody is known"


@test
def a_person_is_sent_to_sign_and_comes_back_with_the_result(site):
    site.need()
    with site.begin("sample-bank", "openid sign", key=os.path.join(site.clients, "sample-bank.jwk"),
                    document="口座開設申込書") as party:
        shown = json.loads(party.stdout.readline())
        assert "/v1/logins/" in shown["address"], shown
        assert site.jpki_login(shown["address"], shown["code"]).returncode == 0
        shown = json.loads(party.stdout.readline())
        assert "/v1/signings/" in shown["address"] and "script-src" not in shown["policy"], shown
        done = site.jpki("sign", b"ABC123\n", shown["address"], shown["code"])
        assert done.returncode == 0, done
        said = json.loads(party.stdout.readline())
    assert "failure" not in said, said
    assert said["userinfo"] == {"sub": said["claims"]["sub"]}, said
    result = said["result"]
    assert result["status"] == "signed" and result["certificate"].count(".") == 4, result
    assert len(base64.b64decode(result["signature"])) == 256, result


@test
def the_same_person_has_the_same_pseudonym_and_no_attribute_without_being_asked(site):
    site.need()
    done, said = site.bank("openid")
    assert done.returncode == 0, done
    assert said["userinfo"] == {"sub": site.sub}, said


@test
def keys_change_while_clients_hold_those_of_before(site):
    """Tokens of the old key stay good, those of the new one are verified by clients that cached the old set."""
    site.need()
    with site.begin("sample-shop", "openid", secret=os.path.join(site.clients, "sample-shop.secret"),
                    rotate=True) as party:
        shown = json.loads(party.stdout.readline())
        assert site.jpki_login(shown["address"], shown["code"]).returncode == 0
        before = json.loads(party.stdout.readline())
        assert "rotate" in before, before
        site.box.call("keys", "rotate")
        party.stdin.write(b"\n")
        party.stdin.flush()
        said = json.loads(party.stdout.readline())
    assert "failure" not in said, said
    rotated = said["rotated"]
    assert rotated["old"] == [before["rotate"]] * 2, said
    assert rotated["fresh"][0] == rotated["fresh"][1] != before["rotate"], said
    assert rotated["again"]["sub"] == said["claims"]["sub"] == said["refreshed"]["sub"], said
    assert said["replayed"] == "invalid_grant" and said["ended"] == "invalid_token", said
    assert said["logout"]["status"] == 303, "the hint of the old key ends the session"
    done, said = site.bank("openid")
    assert done.returncode == 0 and said["claims"]["sub"] == site.sub, said


@test
def nothing_of_it_is_in_the_logs(site):
    site.need()
    for name in ("jpki-authappd", "jpki-platformd", "jpki-signerd"):
        log = read_text(os.path.join(site.box.dir, "log", name + ".log")) if os.path.exists(
            os.path.join(site.box.dir, "log", name + ".log")) else ""
        for canary in ("番号", "ABC123", "code=", site.sub):
            assert canary not in log, (name, canary)


main(Site)
