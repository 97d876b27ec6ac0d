#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two platforms of two companies beside each other, at one authority: they share nothing, and cannot
find out together whose they both know."""
import base64
import os

from harness import ask, main, program, run, test, wait_until, write_text
from provider import ORIGIN, Provider
from test_attacks import Person
from whole_site import WholeSite


class Second:
    """Another company's: its own signerd, keys, database, port, and tenants of the same names."""

    def __init__(self, site):
        self.site = site
        self.socket, self.database = site.dir.file("second.sock"), site.dir.file("second", "platform.db")
        for name in ("second", "keys-second"):
            os.mkdir(site.dir.file(name), 0o700)
        self.signerd = site.zone("keys-second", (("token", "token"), ("verifier", "verifier")))
        self.register()
        self.signerd.start()
        self.conf = site.dir.file("second.conf")
        write_text(
            self.conf,
            f"[platform]\nsocket = {self.socket}\norigin = {ORIGIN}\ndatabase = {self.database}\n"
            f"signer = {site.dir.file('keys-second.sock')}\nocsp = {site.ocsp_socket}\n"
            f"sign_cas = {site.dir.file('anchors', 'sign-ca.pem')}\n"
            f"auth_cas = {site.dir.file('anchors', 'auth-ca.pem')}\n"
            f"verifier_certificate = {site.dir.file('second.pem')}\n",
        )
        key = run(program("jpki-platformd"), "tenant", "add", "--config", self.conf, "--name", "bank",
                  "--origin", "https://bank.example", "bank").stdout.decode().strip()
        self.daemon = site.daemon(["jpki-platformd", "--config", self.conf], self.socket)
        self.daemon.start()
        self.provider = Provider(self.socket, key, site.dir.file("second.der"))

    def register(self):
        """At the authority, as a verifier beside the first."""
        conf, pem = self.site.dir.file("keys-second-zone.conf"), self.site.dir.file("second.pem")
        write_text(pem, run(program("jpki-signerd"), "certificate", "--config", conf, "verifier").stdout.decode())
        der = run("openssl", "x509", "-in", pem, "-outform", "DER").stdout
        body = {"name": "second", "certificate": base64.b64encode(der).decode()}
        status, answer = ask(self.site.authority_socket, "POST", "/v1/verifiers", body)
        assert status == 201, answer

    def close(self):
        self.daemon.close()
        self.signerd.close()


class Two(WholeSite):
    def __init__(self):
        super().__init__()
        self.person, self.somebody = Person(self), Person(self)
        self.second = Second(self)
        for provider in (self.provider, self.second.provider):
            wait_until("the responder answers its questions",
                       lambda asked=provider: judge(asked, self.person)["verdict"] == "valid")

    def close(self):
        if hasattr(self, "second"):
            self.second.close()
        super().close()


def log_in(provider, person):
    """The pseudonym that the bank hears of this person."""
    status, login = provider.ask("POST", "/v1/logins", {"client_id": "bank"})
    assert status == 201, login
    body = provider.login_answer(login, person.keys["auth"], person.certs["auth"])
    status, answer = provider.ask("POST", f"/v1/logins/{login['session']}/answer", body)
    assert status == 204, answer
    status, answer = provider.ask("POST", f"/v1/logins/{login['session']}/redeem", {"secret": login["secret"]})
    assert status == 200, answer
    return answer["sub"]


def judge(provider, person):
    status, answer = provider.ask("POST", "/v1/verifications",
                                  provider.document(person.keys["sign"], person.certs["sign"]))
    assert status == 201, answer
    return answer


def verify(provider, person):
    answer = judge(provider, person)
    assert answer["verdict"] == "valid", answer
    return answer


@test
def what_goes_to_one_is_not_for_the_other(site):
    first, second = site.provider, site.second.provider
    # Not the key of a tenant of the same name,
    status, answer = second.ask("GET", "/v1/tenant", authorization="Bearer " + first.tenant_key)
    assert status == 403, answer
    # not a certificate,
    document = first.document(site.person.keys["sign"], site.person.certs["sign"])
    status, answer = second.ask("POST", "/v1/verifications", document)
    assert status == 422 and "another key" in answer["detail"], answer
    # not what was judged,
    made = verify(first, site.person)
    assert second.ask("GET", "/v1/verifications/" + made["id"])[0] == 404
    assert second.ask("DELETE", "/v1/verifications/" + made["id"])[0] == 404
    assert first.ask("GET", "/v1/verifications/" + made["id"])[0] == 200
    # and not an answer to a login.
    status, login = first.ask("POST", "/v1/logins", {"client_id": "bank"})
    body = second.login_answer(login, site.person.keys["auth"], site.person.certs["auth"])
    assert second.ask("POST", f"/v1/logins/{login['session']}/answer", body)[0] == 404
    assert first.ask("POST", f"/v1/logins/{login['session']}/answer", body)[0] == 422  # encrypted for the other


@test
def a_person_is_somebody_else_at_each(site):
    first, second = site.provider, site.second.provider
    subs = [log_in(provider, person) for provider in (first, second) for person in (site.person, site.somebody)]
    assert len(set(subs)) == 4, subs
    assert log_in(first, site.person) == subs[0]
    assert log_in(second, site.person) == subs[2]
    # The same attributes all the same: they are the certificate's.
    assert verify(first, site.person)["attributes"] == verify(second, site.person)["attributes"]


@test
def each_counts_its_own(site):
    def used(provider):
        return provider.ask("GET", "/v1/tenant")[1]["used"]

    first, second = site.provider, site.second.provider
    before = used(first), used(second)
    verify(second, site.person)
    verify(second, site.person)
    assert (used(first), used(second)) == (before[0], before[1] + 2)


@test
def one_goes_on_while_the_other_is_away(site):
    sub = log_in(site.second.provider, site.person)
    site.platformd.stop()
    site.signerd_token.stop()
    assert log_in(site.second.provider, site.person) == sub
    verify(site.second.provider, site.somebody)
    site.signerd_token.start()
    site.platformd.start()
    site.second.daemon.stop()
    verify(site.provider, site.person)
    site.second.daemon.start()
    assert log_in(site.second.provider, site.person) == sub


def octets_of(database):
    return b"".join(open(path, "rb").read() for path in (database, database + "-wal") if os.path.exists(path))


@test
def neither_keeps_anything_of_the_other(site):
    made = {provider: verify(provider, site.person)["id"].encode()
            for provider in (site.provider, site.second.provider)}
    first, second = octets_of(site.database("platformd")), octets_of(site.second.database)
    assert made[site.provider] in first and made[site.provider] not in second
    assert made[site.second.provider] in second and made[site.second.provider] not in first


if __name__ == "__main__":
    main(Two)
