#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The revocation feed from the act to a verifier that has nothing but libjpki-verify and the feed:
jpki-signerd with its key, jpki-authorityd, and examples/verify-with-feed.c outside.
"""
import base64
import json
import os
import time

from harness import Daemon, Directory, UnixConnection, ask, main, program, run, test, write_text
from rsa_keys import write_key
from library import Library

SIGNERD, AUTHORITYD, JPKICTL = program("jpki-signerd"), program("jpki-authorityd"), program("jpkictl")
SUBJECT = "OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for {},O=OpenJPKI TEST,C=JP"
HOLDER = {
    "name": "試験　太郎", "birth": "419900217", "sex": "1", "address": "東京都千代田区見本町一丁目２番３号",
    "name_substitutes": "00000", "address_substitutes": "0" * 17,
}


def end_of_day(days):
    """23:59:59 in Japan, some days ahead."""
    return (int(time.time()) + 9 * 3600) // 86400 * 86400 + days * 86400 - 9 * 3600 - 1


class Site:
    def __init__(self):
        self.dir = Directory()
        for name in ("signer", "db", "keys", "feed"):
            os.makedirs(self.dir.file(name), mode=0o700)
        os.makedirs(self.dir.file("signer", "keys"), mode=0o700)
        self.sample = Library("jpki-verify", self.dir).example("verify-with-feed")
        self.signer = self.make_signer()
        self.authority = self.make_authority()
        write_text(self.dir.file("document"), "document\n")
        self.serials, self.items = {}, 0

    def make_signer(self):
        config, path = self.dir.file("signer.conf"), self.dir.file("signer", "s.sock")
        keys = {
            "sign-ca": f"role = ca\nsubject = {SUBJECT.format('digital signature')}\n"
                       "policies = 1.2.392.200149.8.5.1.0.20\n",
            "auth-ca": f"role = ca\nsubject = {SUBJECT.format('user authentication')}\n"
                       "policies = 1.2.392.200149.8.5.1.3.30\npurposes = 1.3.6.1.5.5.7.3.2\n",
            "feed-sign": "role = feed\n",
            "feed-auth": "role = feed\n",
        }
        write_text(self.dir.file("signer", "pass"), "a passphrase of this test\n")
        write_text(config, f"[signer]\nsocket = {path}\nkeys = {self.dir.file('signer', 'keys')}\n"
                   f"passphrase_file = {self.dir.file('signer', 'pass')}\n"
                   + "".join(f"[key {key}]\nallow_uid = {os.getuid()}\n{rows}" for key, rows in keys.items()))
        for key in keys:
            run(SIGNERD, "keygen", "--config", config, key)
        daemon = Daemon([SIGNERD, "serve", "--config", config], path, self.dir.file("signerd.log"))
        daemon.start()
        return daemon

    def make_authority(self):
        self.config, path = self.dir.file("authority.conf"), self.dir.file("a.sock")
        write_text(self.config, f"[authority]\nsocket = {path}\npeers = {os.getuid()}\n"
                   f"database = {self.dir.file('db', 'a.db')}\nsigner = {self.signer.path}\n"
                   "feed_sign_key = feed-sign\nfeed_auth_key = feed-auth\nfeed_every_s = 1\n")
        for command, suffix in (("init-ca", "-ca.pem"), ("issue-feed", "-feed.pem")):
            for kind in ("sign", "auth"):
                pem = run(AUTHORITYD, command, "--config", self.config, kind).stdout.decode()
                write_text(self.dir.file(kind + suffix), pem)
        daemon = Daemon([AUTHORITYD, "--config", self.config], path, self.dir.file("authorityd.log"))
        daemon.start()
        return daemon

    def issue(self, name):
        """A sign certificate, and the document signed with its key by openssl."""
        key = self.dir.file("keys", name + ".key")
        write_key(key)
        csr = run("openssl", "req", "-new", "-key", key, "-subj", "/CN=card", "-sha256", "-outform", "DER").stdout
        status, body = ask(self.authority.path, "POST", "/v1/certificates", {
            "request_id": name, "kind": "sign", "request": base64.b64encode(csr).decode(),
            "not_after": end_of_day(100), "prefecture": "Tokyo-to", "municipality": "Chiyoda-ku",
            "window_id": "13101003A", "holder": HOLDER})
        assert status == 200, body
        der = self.dir.file("keys", name + ".der")
        with open(der, "wb") as file:
            file.write(base64.b64decode(body["certificate"]))
        run("openssl", "x509", "-inform", "DER", "-in", der, "-out", self.dir.file("keys", name + ".pem"))
        run("openssl", "cms", "-sign", "-binary", "-in", self.dir.file("document"), "-inkey", key,
            "-signer", self.dir.file("keys", name + ".pem"), "-md", "sha256", "-outform", "DER",
            "-out", self.dir.file(name + ".p7s"))
        self.serials[name] = body["serial"]

    def revoke(self, name):
        answer = ask(self.authority.path, "POST", "/v1/revocations",
                     {"request_id": "revoke-" + name, "kind": "sign", "serial": self.serials[name],
                      "reason": "affiliationChanged"})
        assert answer[0] == 201, answer

    def get(self, path, **headers):
        connection = UnixConnection(self.authority.path, 40)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def keep(self, data):
        """One more file of the feed."""
        self.items += 1
        with open(self.dir.file("feed", f"{self.items:04}.feed"), "wb") as file:
            file.write(data)

    def snapshot(self):
        """The snapshot, once there is one; its edition."""
        for _ in range(200):
            status, data, headers = self.get("/v1/feed/sign/snapshot")
            if status == 200:
                self.keep(data)
                return int(headers["ETag"].strip('"').split("-")[1])
            time.sleep(0.1)
        raise AssertionError((status, data))

    def deltas(self, since, wait=0):
        status, data, _ = self.get(f"/v1/feed/sign/deltas?since={since}&wait={wait}")
        if status == 200:
            self.keep(data)
        return status

    def judge(self, name, feed="feed", at=None):
        """Exit code, edition, and what was printed behind it, by lines."""
        done = run(self.sample, self.dir.file("sign-ca.pem"), self.dir.file(feed), self.dir.file("document"),
                   self.dir.file(name + ".p7s"), *([] if at is None else [str(at)]), check=False)
        lines = done.stdout.decode().splitlines()
        edition = int(lines[0].split()[1].rstrip(",")) if lines else 0
        return done.returncode, edition, [line.split(": ")[0] for line in lines[1:]], done.stderr.decode()

    def follow(self, name, expected):
        """Take deltas until the verifier says this; the edition at which it does."""
        for _ in range(40):
            _, edition, lines, complaint = self.judge(name)
            if lines == expected:
                return edition
            self.deltas(edition, wait=1000)
        raise AssertionError((lines, complaint))

    def close(self):
        self.authority.close()
        self.signer.close()
        self.dir.close()


@test
def without_items_nothing_is_covered(site):
    site.issue("taro")
    code, edition, lines, _ = site.judge("taro")
    assert (code, edition, lines) == (7, 0, ["indeterminate", "feed-too-old"]), (code, lines)
    code, _, lines, complaint = site.judge("taro", feed="nowhere")
    assert code == 2 and lines == [] and "no such file" in complaint, (code, lines, complaint)


@test
def revocations_reach_a_verifier_in_order_and_none_is_skipped(site):
    """How soon they do is measured, by `jpki-bench freshness`: here others may have the processors, and a
    limit that holds on a busy machine says nothing about one that is not."""
    site.snapshot()
    revoked, valid, names = ["invalid", "revoked"], ["valid"], ("hanako", "shiro", "goro", "rokuro")
    for name in names:
        site.issue(name)
    for name in names:
        site.follow(name, valid)
    editions = []
    for i in range(2):
        site.revoke(names[i])
        editions.append(site.follow(names[i], revoked))
        # Those before stay revoked; nobody else is.
        assert [site.judge(name)[2] for name in names] == [revoked] * (i + 1) + [valid] * (3 - i), i
    # Two that happen while nobody asks are both told to whoever goes on from where he was.
    site.revoke("goro")
    site.revoke("rokuro")
    editions.append(site.follow("rokuro", revoked))
    assert [site.judge(name)[2] for name in names] == [revoked] * 4
    assert site.judge("taro")[2] == valid
    assert editions == sorted(set(editions)), editions


@test
def what_was_changed_on_the_way_is_refused_and_what_came_before_stays(site):
    site.issue("jiro")
    site.follow("jiro", ["valid"])
    path = site.dir.file("feed", f"{site.items:04}.feed")
    good = open(path, "rb").read()
    for at in (200, 400, 900, len(good) - 3):  # head, signature, certificate, body
        with open(path, "wb") as file:
            file.write(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1:])
        code, _, lines, complaint = site.judge("jiro")
        assert code == 2 and lines == [] and complaint, (at, code, lines)
    with open(path, "wb") as file:
        file.write(good)
    assert site.judge("jiro")[2] == ["valid"]
    # Without it the certificate is newer than the copy.
    os.rename(path, path + ".away")
    assert site.judge("jiro")[2] == ["indeterminate", "feed-not-covered"]
    os.rename(path + ".away", path)


@test
def a_copy_that_is_not_kept_up_to_date_answers_nothing(site):
    code, _, lines, _ = site.judge("jiro", at=int(time.time()) + 25 * 3600)
    assert (code, lines) == (7, ["indeterminate", "feed-too-old"]), (code, lines)


@test
def the_feed_goes_on_after_a_kill(site):
    site.revoke("jiro")
    site.authority.kill()
    site.authority.start()
    site.follow("jiro", ["invalid", "revoked"])


@test
def the_signature_is_what_openssl_says(site):
    """Head, signature and certificate out of an item by `openssl asn1parse`, judged by openssl."""
    _, item, _ = site.get("/v1/feed/sign/snapshot")
    path = site.dir.file("item")
    with open(path, "wb") as file:
        file.write(item)
    parts = []
    for line in run("openssl", "asn1parse", "-inform", "DER", "-in", path).stdout.decode().splitlines():
        offset, rest = line.split(":", 1)
        if "d=1 " in rest:
            header = int(rest.split("hl=")[1].split()[0])
            length = int(rest.split(" l=")[1].split()[0])
            parts.append((int(offset), header, length))
    assert len(parts) == 4, parts
    (head, signature, certificate, _) = parts
    for name, data in (("head", item[head[0]:head[0] + head[1] + head[2]]),
                       ("signature", item[signature[0] + signature[1] + 1:signature[0] + signature[1] + signature[2]]),
                       ("cert.der", item[certificate[0]:certificate[0] + certificate[1] + certificate[2]])):
        with open(site.dir.file(name), "wb") as file:
            file.write(data)
    public = run("openssl", "x509", "-inform", "DER", "-in", site.dir.file("cert.der"), "-noout", "-pubkey").stdout
    write_text(site.dir.file("public.pem"), public.decode())
    run("openssl", "dgst", "-sha256", "-verify", site.dir.file("public.pem"),
        "-signature", site.dir.file("signature"), site.dir.file("head"))
    run("openssl", "x509", "-inform", "DER", "-in", site.dir.file("cert.der"), "-out", site.dir.file("cert.pem"))
    run("openssl", "verify", "-partial_chain", "-trusted", site.dir.file("sign-ca.pem"), site.dir.file("cert.pem"))


@test
def jpkictl_shows_what_is_in_a_file(site):
    snapshot = site.dir.file("feed", "0001.feed")
    done = run(JPKICTL, "feed", "show", "--ca", site.dir.file("auth-ca.pem"), snapshot, check=False)
    assert done.returncode == 1 and b"no snapshot about certificates of this CA" in done.stderr, done
    assert run(JPKICTL, "feed", "show", site.dir.file("document"), check=False).returncode == 2
    shown = json.loads(run(JPKICTL, "feed", "show", "--json", "--ca", site.dir.file("sign-ca.pem"), snapshot).stdout)
    (item,) = shown["items"]
    assert item["kind"] == "snapshot" and item["edition"] == shown["taken_edition"] == 1, shown
    assert item["bytes"] == os.path.getsize(snapshot) and shown["first"] == 1 and shown["revoked"] == 0, shown
    text = run(JPKICTL, "feed", "show", site.dir.file("feed", "0002.feed")).stdout.decode()
    assert text.startswith("delta, edition 2,"), text


@test
def an_operator_gets_a_snapshot_at_once(site):
    before = int(site.get("/v1/feed/sign/snapshot")[2]["ETag"].strip('"').split("-")[1])
    status, body = ask(site.authority.path, "POST", "/v1/feed/snapshots")
    assert status == 201 and body["items"] >= 2, (status, body)
    status, data, headers = site.get("/v1/feed/sign/snapshot")
    assert int(headers["ETag"].strip('"').split("-")[1]) > before
    assert site.get("/v1/feed/sign/snapshot", **{"If-None-Match": headers["ETag"]})[0] == 304
    # Whoever stands anywhere before goes on from there.
    site.issue("saburo")
    site.follow("saburo", ["valid"])
    assert site.judge("jiro")[2] == ["invalid", "revoked"]


if __name__ == "__main__":
    main(Site)
