# SPDX-License-Identifier: Apache-2.0
"""The nine steps. Each judges by what outside programs say, and tells what it found in a sentence."""
import base64
import json
import os
import re
import secrets
import time

from mainjob.outcome import Failed, Impossible, last_line, need, need_in_order
from mainjob.place import Place
from mainjob.wire import Recorder, ask, ask_url, bodies, members_of, read_url

TOLD_SECONDS = 20  # from what the authority did to the responder's answer
PROVIDER, OTHER_PROVIDER = "sample-bank", "sample-shop"
MODULE = "opensc-pkcs11.so"
NEW_HOMES = (("兵庫県神戸市中央区見本町１番", "28100"), ("兵庫県神戸市中央区見本町２番", "28100"))


class Job(Place):
    """What the steps leave for each other is here."""

    persona = None  # as jpki-sandbox describes the person
    subject = None  # the pseudonym of the person at PROVIDER

    def keys_and_cas(self):
        self.start()
        for kind, purpose in (("sign", "digital signature"), ("auth", "user authentication")):
            pem = self.in_dir("anchors", kind + ".pem")
            text = self.call("openssl", "x509", "-in", pem, "-noout", "-text",
                             "-nameopt", "RFC2253,-esc_msb,utf8").text
            need(text, "Signature Algorithm: sha256WithRSAEncryption")
            need(text, "Public-Key: (2048 bit)")
            need(text, "O=OpenJPKI TEST,C=JP")
            need(text, f"OU=OpenJPKI TEST for {purpose}")
            need_in_order(text, ("X509v3 Key Usage: critical", "Certificate Sign, CRL Sign",
                                 "X509v3 Subject Alternative Name:",
                                 "X509v3 Basic Constraints: critical", "CA:TRUE",
                                 "X509v3 CRL Distribution Points:",
                                 "X509v3 Subject Key Identifier:"))
            self.call("openssl", "verify", "-CAfile", pem, pem)
        return "two self-signed CAs, RSA-2048"

    def a_card(self):
        listed = json.loads(self.call(self.program("jpki-sandbox"), "persona", "list", "--json",
                                      *self.dir_option()).text)
        self.persona = listed["personas"][0]
        made = json.loads(last_line(self.call(
            self.program("jpki-sandbox"), "persona", "card", self.persona["name"], "--json",
            *self.dir_option()).text))
        if not made["sign_certificate"]:
            raise Failed("the card has no sign certificate")
        return (f"card {made['card']} of {self.persona['name']}, "
                f"{'made now' if made['made'] else 'made before'}")

    def a_reader(self):
        if not self.state["reader"]:
            raise Impossible(self.state["no_reader_reason"])
        # pcscd looks for a card every 400 ms, and opensc-tool -l exits 0 whatever it finds.
        for _ in range(50):
            text = self.call("opensc-tool", "-l").text
            if re.search(r"^0\s+Yes\s.*OpenJPKI TEST 00 00", text, re.M):
                name = self.call("opensc-tool", "-n").text
                need(name.lower(), "jpki")
                return "opensc-tool -l sees the card in " + "OpenJPKI TEST 00 00"
            time.sleep(0.1)
        raise Failed("opensc-tool -l shows no card: " + last_line(text))

    def opensc_signs(self):
        if not self.state["reader"]:
            raise Impossible(self.state["no_reader_reason"])
        module = find_module()
        message, signature = self.file("message", b"OpenSC signs this\n"), self.file("sig")
        cert, key = self.file("auth.pem"), self.file("auth.pub")
        dump = self.call("pkcs15-tool", "--dump").text
        for what, least in (("Private RSA Key", 2), ("X.509 Certificate", 4)):
            if dump.count(what) < least:
                raise Failed(f"pkcs15-tool --dump shows {dump.count(what)} x {what}")
        self.call("pkcs15-tool", "--read-certificate", "01", "-o", cert)
        self.check_certificate(cert, "1.2.392.200149.8.5.1.3.30", "auth")
        public = self.call("openssl", "x509", "-in", cert, "-pubkey", "-noout").out
        with open(key, "wb") as out:
            out.write(public)
        self.call("pkcs11-tool", "--module", module, "--slot-index", "0", "--login", "--pin",
                  self.persona["pin_auth"], "--sign", "--id", "01", "-m", "SHA256-RSA-PKCS",
                  "-i", message, "-o", signature)
        need(self.call("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature,
                       message).text, "Verified OK")
        for slot, pin in (("0", "pin_auth"), ("1", "pin_sign")):
            need(self.call("pkcs11-tool", "--module", module, "--slot-index", slot, "--login",
                           "--pin", self.persona[pin], "--test").text, "No errors")
        return "pkcs11-tool signed, openssl verified; both slots pass pkcs11-tool --test"

    def jpki_signs(self):
        jpki, sign_ca = self.program("jpki"), self.in_dir("anchors", "sign.pem")
        document = self.file("document.txt", "契約書の見本\n".encode())
        pin = self.persona["pin_sign"]
        cert = self.file("sign.pem")
        said = self.call(jpki, "sign", document, "--yes", pin=pin).text
        need(self.call("openssl", "cms", "-verify", "-binary", "-inform", "DER",
                       "-in", document + ".p7s", "-content", document, "-CAfile", sign_ca,
                       "-purpose", "any", "-out", self.file("out"),
                       "-signer", cert).text, "successful")
        self.check_certificate(cert, "1.2.392.200149.8.5.1.0.20", "sign")
        verdict = json.loads(self.call(jpki, "verify", document, "--json", expect=7).text)
        if [reason["name"] for reason in verdict["reasons"]] != ["revocation-not-checked"]:
            raise Failed(f"jpki verify is not indeterminate for the reason expected: {verdict}")
        with open(document, "ab") as out:
            out.write(b"!")
        verdict = json.loads(self.call(jpki, "verify", document, "--json", expect=1).text)
        if verdict["verdict"] != "invalid":
            raise Failed("jpki verify does not call a changed file invalid")
        if not all(word in said for word in ("name", "address", "birth", "sex")):
            raise Failed("jpki sign did not say which personal data the signature carries")
        how = "through PC/SC" if self.state["reader"] else "through the card's own socket"
        return (f"{how}; openssl cms -verify accepts it; jpki verify: indeterminate, and invalid "
                "once the file is changed")

    def sign(self, name):
        """A document signed by jpki and verified by openssl; gives the signer's certificate."""
        document, cert = self.file(name + ".txt", name.encode()), self.file(name + ".pem")
        self.call(self.program("jpki"), "sign", document, "--yes", pin=self.persona["pin_sign"])
        need(self.call("openssl", "cms", "-verify", "-binary", "-inform", "DER",
                       "-in", document + ".p7s", "-content", document,
                       "-CAfile", self.in_dir("anchors", "sign.pem"), "-purpose", "any",
                       "-out", self.file("out"), "-signer", cert).text, "successful")
        return cert

    def platform_verdict(self, document, url=None, expect=0):
        """What the platform, reached at url, tells PROVIDER of a document's signature."""
        return json.loads(last_line(self.call(
            self.program("jpki"), "verify", document, "--platform", url or self.url("platform"),
            "--tenant-key-file", self.provider_key(), "--json", expect=expect).text))

    def provider_key(self):
        return self.in_dir("providers", PROVIDER + ".key")

    def url(self, service):
        return self.state["urls"][service]

    def the_platform_verifies(self):
        document = self.file("contract.txt", "契約書の見本、その二\n".encode())
        self.call(self.program("jpki"), "sign", document, "--yes", pin=self.persona["pin_sign"])
        self.wait_for_responder(document)
        with Recorder(self.url("platform")) as recorder:
            answer = self.platform_verdict(document, recorder.url)
        if answer["verdict"] != "valid" or not answer["attributes"]:
            raise Failed(f"the platform's answer is not valid with attributes: {answer}")
        if answer["attributes"]["name"] != self.persona["full_name"]:
            raise Failed("the attributes are somebody else's")
        self.check_exchange(document, recorder)
        with open(self.provider_key(), encoding="ascii") as key:
            again = ask_url(f"{self.url('platform')}/v1/verifications/{answer['id']}",
                            key.read().strip())
        if again["verdict"] != "valid" or "attributes" in again:
            raise Failed(f"asked again, the platform tells more or less than the verdict: {again}")
        return ("valid, with the four attributes, once; what went over the wire was "
                f"{len(recorder.sent)} bytes without document, certificate or name in clear, what "
                "came back has no certificate and no serial number")

    def wait_for_responder(self, document):
        """Until it has heard of the certificate, which may have been made just now."""
        end = time.monotonic() + TOLD_SECONDS
        while (self.platform_verdict(document, expect=None)["verdict"] == "indeterminate"
               and time.monotonic() < end):
            time.sleep(0.1)

    def check_exchange(self, document, recorder):
        """Nothing of the CMS went out in clear, nothing about the certificate came back."""
        with open(document + ".p7s", "rb") as file:
            cms = file.read()
        pem = self.file("contract.pem")
        self.call("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
                  document + ".p7s", "-content", document, "-noverify", "-out", self.file("out"),
                  "-signer", pem)
        der = self.call("openssl", "x509", "-in", pem, "-outform", "DER").out
        for what, secret in (("the CMS", cms), ("the certificate", der)):
            for sent in (secret, base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
                # A part is enough to be recognised, and base64 is aligned to three bytes.
                if sent[60:300] in recorder.sent or sent[60:300] in recorder.received:
                    raise Failed(f"{what} went over the wire in clear")
        if self.persona["full_name"].encode() in recorder.sent:
            raise Failed("the name went over the wire in clear")
        members = members_of(bodies(recorder.received)[-1])
        if any(word in key for key in members
               for word in ("serial", "certificate", "revo", "issuer", "not_after")):
            raise Failed(f"the answer has members it must not have: {sorted(members)}")

    def login(self, client):
        return json.loads(last_line(self.call(
            self.program("jpki"), "login", self.url("platform"), "--client", client, "--yes",
            "--json", pin=self.persona["pin_auth"]).text))["sub"]

    def log_in(self):
        said = self.call(self.program("jpki"), "login", self.url("platform"), "--client", PROVIDER,
                         "--yes", pin=self.persona["pin_auth"]).text
        at = [said.find(word) for word in ("見本銀行", "https://bank.openjpki.test",
                                           self.url("platform"), "Logged in as")]
        if -1 in at or at[-1] != max(at):
            raise Failed(f"provider and platform were not told before the login: {last_line(said)}")
        self.subject, other = self.login(PROVIDER), self.login(OTHER_PROVIDER)
        if self.subject not in said or other == self.subject:
            raise Failed("the pseudonym changes from login to login, or is one for all providers")
        return f"{PROVIDER} knows the person as {self.subject[:12]}..., {OTHER_PROVIDER} as another"

    def revocations(self):
        """What the authority tells, kind and serial to reason."""
        entries, since = {}, 0
        while True:
            answer = ask(self.in_dir("authority", "authority.sock"),
                         f"/v1/revocations?since={since}")
            for entry in answer["entries"]:
                entries[entry["kind"], entry["serial"]] = entry["reason"]
                since = entry["number"]
            if not answer["more"]:
                return entries

    def lists_with(self, serial):
        """The lists of sign certificates, published now and verified by openssl, that hold it."""
        authority, found = self.in_dir("authority", "authority.sock"), []
        ask(authority, "/v1/crls", method="POST")
        for row in ask(authority, "/v1/crls")["crls"]:
            if row["kind"] != "sign":
                continue
            der = self.file("list.crl", ask(authority, "/v1/crls/" + row["name"], raw=True))
            text = self.call("openssl", "crl", "-inform", "DER", "-in", der, "-noout", "-text",
                             "-CAfile", self.in_dir("anchors", "sign.pem")).text
            need(text, "verify OK")
            if re.search(rf"Serial Number: 0*{serial:X}$", text, re.M):
                found.append(row["name"])
        return found

    def own_verifier(self):
        """A key of our own whose certificate the authority knows as that of a verifier."""
        key, pem = self.file("verifier.key"), self.file("verifier.pem")
        self.call("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                  "-out", pem, "-days", "2", "-subj", "/C=JP/O=OpenJPKI TEST/CN=run",
                  "-addext", "basicConstraints=critical,CA:FALSE",
                  "-addext", "keyUsage=critical,digitalSignature")
        der = self.call("openssl", "x509", "-in", pem, "-outform", "DER").out
        body = {"name": "run-" + secrets.token_hex(8),
                "certificate": base64.b64encode(der).decode()}
        authority = self.in_dir("authority", "authority.sock")
        ask(authority, "/v1/verifiers", method="POST", body=body)
        return ("-signer", pem, "-signkey", key), lambda: ask(
            authority, "/v1/verifiers/" + body["name"], method="DELETE", raw=True)

    def openssl_ocsp(self, cert, *signer, expect=0):
        anchor = self.in_dir("anchors", "sign.pem")
        return self.call("openssl", "ocsp", "-issuer", anchor, "-cert", cert, "-CAfile", anchor,
                         "-url", self.url("ocsp") + "/sign", *signer, expect=expect).text

    def status(self, cert):
        """What jpkictl is told, by a question signed in signerd."""
        return json.loads(last_line(self.call(
            self.program("jpkictl"), "cert", "status", "--json", cert, expect=None).text))

    def check_ocsp(self, old, new):
        end = time.monotonic() + TOLD_SECONDS
        while (told := self.status(old))["status"] == "good" and time.monotonic() < end:
            time.sleep(0.1)
        if (told["status"], told.get("reason")) != ("revoked", "affiliationChanged"):
            raise Failed(f"jpkictl says of the old certificate: {told}")
        signer, forget = self.own_verifier()
        while "unauthorized" in (text := self.openssl_ocsp(old, *signer, expect=None)):
            if time.monotonic() > end:
                raise Failed("the responder does not know our verifier")
            time.sleep(0.1)
        for part in ("Response verify OK", ": revoked", "Reason: affiliationChanged"):
            need(text, part)
        need(self.openssl_ocsp(new, *signer), ": good")
        need(self.openssl_ocsp(old, expect=None), "sigrequired")
        forget()

    def a_move(self):
        jpki, sandbox = self.program("jpki"), self.program("jpki-sandbox")
        old, auth = self.sign("before"), self.call(jpki, "cert", "export").out
        if self.platform_verdict(self.file("before.txt"))["verdict"] != "valid":
            raise Failed("the platform does not call the document valid before the move")
        serial, old_key = self.serial(old), self.public_key(old)
        if ("sign", serial) in self.revocations():
            raise Failed("the certificate on the card is revoked before the move")
        # There and back again: a sandbox that stays may have seen this move before.
        home = NEW_HOMES[NEW_HOMES[0][0] in self.call(jpki, "verify", self.file("before.txt"),
                                                      "--json", expect=7).text]
        moved = json.loads(last_line(self.call(
            sandbox, "move", self.persona["name"], "--address", home[0], "--municipality",
            home[1], "--json", *self.dir_option()).text))
        told = self.revocations().get(("sign", serial))
        if (moved["revocation"], told) != ("done", "affiliationChanged"):
            raise Failed(f"the old certificate is not revoked: {moved['revocation']}, {told}")
        lists = self.lists_with(serial)
        self.wait_for_card()
        new = self.sign("after")
        self.check_certificate(new, "1.2.392.200149.8.5.1.0.20", "sign")
        if self.serial(new) <= serial or self.public_key(new) == old_key:
            raise Failed("the card signs with the old key or certificate after the move")
        need(self.call(jpki, "verify", self.file("after.txt"), "--json", expect=7).text, home[0])
        if self.call(jpki, "cert", "export").out != auth:
            raise Failed("the auth certificate changed")
        if ("sign", self.serial(new)) in self.revocations() or self.lists_with(self.serial(new)):
            raise Failed("the new certificate is revoked")
        if len(lists) != 2 or "sign-full" not in lists:
            raise Failed(f"the old certificate is in {lists}, not in its place's list and in that of everything")
        self.check_ocsp(old, new)
        verdict = self.platform_verdict(self.file("before.txt"), expect=1)
        if verdict["verdict"] != "invalid" or verdict["attributes"]:
            raise Failed(f"the platform calls the old signature {verdict['verdict']}")
        self.wait_for_responder(self.file("after.txt"))
        if self.platform_verdict(self.file("after.txt"))["verdict"] != "valid":
            raise Failed("the platform does not call the new signature valid")
        if self.login(PROVIDER) != self.subject:
            raise Failed("the pseudonym changed with the move")
        return (f"certificate {serial} is revoked (affiliationChanged), say jpkictl, openssl ocsp "
                f"and openssl crl (list {lists[0]}); the platform calls the same document invalid; "
                f"the card signs with number {self.serial(new)} and another key, valid; "
                "the auth certificate stays and logs in under the same pseudonym")

    def the_trace(self):
        steps = json.loads(self.call(self.program("jpki-sandbox"), "trace", "--json",
                                     *self.dir_option()).text)["steps"]
        move = [(step["step"], step["program"]) for step in steps if step["flow"] == "F4"]
        expected = [("①", "jpki-registerd"), ("②", "jpki-authorityd"), ("③", "jpki-softcard")]
        # An order may reach the authority twice, by the counter and by its outbox, and counts once.
        # Lists come out by themselves, as soon as something is revoked and again later.
        lists = ("④", "jpki-signerd")
        if [step for step in dict.fromkeys(move) if step != lists] != expected or lists not in move:
            raise Failed(f"the trace shows the move as {move}")
        self.check_steps(steps, "F2", "①②③④⑤⑥")
        self.check_steps(steps, "F3", "①②③④⑤⑥⑦")
        programs = json.loads(self.call(self.program("jpki-sandbox"), "status", "--json",
                                        *self.dir_option()).text)["programs"]
        # A card is a process of its own each time it is put in, and so is each jpki; what makes
        # certificates before a daemon runs is that daemon's program.
        for step in steps:
            if step["program"] in ("jpki", "jpki-softcard"):
                continue
            if step["pid"] not in [program["pid"] for program in programs
                                   if program["name"].startswith(step["program"])]:
                raise Failed(f"a step by a process that is not {step['program']}: {step}")
        self.check_page(steps)
        return (f"{self.url('page')}/ shows {len(steps)} steps by {len({step['program'] for step in steps})} programs, "
                "those of daemons by the processes that run")

    def check_page(self, steps):
        """The start page is one file and one script, and its data are what the commands say."""
        page = self.url("page")
        html = read_url(page + "/").decode()
        need(html, '<script src="/start.js"')
        need(html, "公的")
        shown = json.loads(read_url(page + "/v1/trace"))["steps"]
        if shown[:len(steps)] != steps:
            raise Failed("the start page tells of other steps than jpki-sandbox trace")
        personas = json.loads(read_url(page + "/v1/personas"))["personas"]
        if not json.loads(read_url(page + "/v1/state"))["healthy"] or not personas:
            raise Failed("the start page does not show a healthy sandbox with its personas")

    def check_steps(self, steps, flow, numbers):
        seen = {step["step"] for step in steps if step["flow"] == flow}
        if missing := sorted(set(numbers) - seen):
            raise Failed(f"the trace does not show {flow} {' '.join(missing)}")

    def wait_for_card(self):
        for _ in range(50):
            if self.call(self.program("jpki"), "card", "info", expect=None).code == 0:
                return
            time.sleep(0.1)
        raise Failed("the card is not in the reader after the move")

    def serial(self, pem):
        text = self.call("openssl", "x509", "-in", pem, "-noout", "-serial").text
        return int(text.strip().partition("=")[2], 16)

    def public_key(self, pem):
        return self.call("openssl", "x509", "-in", pem, "-noout", "-pubkey").out

    def check_certificate(self, pem, policy, kind):
        text = self.call("openssl", "x509", "-in", pem, "-noout", "-text").text
        need_in_order(text, ("X509v3 Key Usage: critical",
                             "X509v3 Certificate Policies: critical", policy,
                             "X509v3 Issuer Alternative Name:", "X509v3 CRL Distribution Points:",
                             "Authority Information Access:", "X509v3 Authority Key Identifier:",
                             "serial:", "X509v3 Subject Key Identifier:"))
        self.call("openssl", "verify", "-CAfile", self.in_dir("anchors", kind + ".pem"), pem)


def find_module():
    for folder in ("/usr/lib/" + os.uname().machine + "-linux-gnu", "/usr/lib"):
        if os.path.exists(os.path.join(folder, MODULE)):
            return os.path.join(folder, MODULE)
    raise Failed(f"{MODULE} is not installed")


STEPS = (
    ("keys and CAs", "鍵と認証局", Job.keys_and_cas),
    ("a card", "カード", Job.a_card),
    ("a reader", "カードリーダー", Job.a_reader),
    ("a third-party client signs", "他のソフトによる署名", Job.opensc_signs),
    ("our client signs", "jpki による署名", Job.jpki_signs),
    ("the platform verifies", "プラットフォームによる検証", Job.the_platform_verifies),
    ("log in", "ログイン", Job.log_in),
    ("a move", "転居", Job.a_move),
    ("the trace", "処理の記録", Job.the_trace),
)
