#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signerd, authorityd and registerd together: refusals first, then issuing, then kill -9."""
import base64
import json
import os
import random
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from types import SimpleNamespace

from clerks import Clerks
from harness import (Daemon, Directory, Skip, UnixConnection, as_nobody, ask, main, program, read_text, run, test, wait_until,
                     write_text)
from rsa_keys import write_key

SUBJECT = "OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for {},O=OpenJPKI TEST,C=JP"
HANAKO = {
    "name": "番号　花子",
    "address": "東京都千代田区見本町一丁目２番３号",
    "birth_date": "1990-04-15",
    "sex": "female",
    "municipality": "13101",
    "mynumber": "123456789018",
}


def check_digit(digits):
    total = sum(int(digits[11 - n]) * (n + 1 if n <= 6 else n - 5) for n in range(1, 12))
    return 0 if total % 11 <= 1 else 11 - total % 11


def test_number(start):
    """Twelve digits that the test rule takes: the right check digit plus five."""
    digits = f"{start:011d}"
    return digits + str((check_digit(digits + "0") + 5) % 10)


JPKICTL = program("jpkictl")
CANARY = test_number(73190462852)  # an individual number that is nowhere else


class Site:
    """The three daemons in a directory of their own."""

    def __init__(self):
        self.dir = Directory()
        for name in ("signer", "signer/keys", "authority", "register", "csr", "clerk-anchors"):
            os.mkdir(self.dir.file(name), 0o700)
        self.prepare()
        self.counter = self.dir.file("register", "counter.sock")
        self.authority_socket = self.dir.file("authority", "authority.sock")
        self.configure()
        signer = ["jpki-signerd", "serve", "--config", self.dir.file("signer.conf")]
        self.signerd = self.daemon(signer, self.dir.file("signer", "ca.sock"))
        self.authorityd = self.daemon(
            ["jpki-authorityd", "--config", self.dir.file("authority.conf")], self.authority_socket
        )
        self.registerd = self.daemon(["jpki-registerd", "--config", self.dir.file("register.conf")], self.counter)
        for key in ("sign-ca", "auth-ca"):
            run(program("jpki-signerd"), "keygen", "--config", self.dir.file("signer.conf"), key)
        self.signerd.start()
        self.serials = 0
        self.keys = 0
        self.clerks, self.clerks_lock = None, threading.Lock()

    def prepare(self):
        """For sites that have what they keep elsewhere."""

    def stored(self, *names):
        """Where a room, the first name, keeps something."""
        return self.dir.file(*names)

    def daemon(self, command, path):
        log = self.dir.file(command[0] + ".log")
        return Daemon([program(command[0]), *command[1:]], path, log)

    def configure(self, peers=None):
        me = os.getuid()
        write_text(self.dir.file("signer", "passphrase"), "a passphrase of this test\n")
        signer = f"[signer]\nsocket = {self.dir.file('signer', 'ca.sock')}\nkeys = {self.stored('signer', 'keys')}\n"
        signer += f"passphrase_file = {self.dir.file('signer', 'passphrase')}\n"
        for key, policy, purpose, use in (
            ("sign-ca", "1.2.392.200149.8.5.1.0.20", "", "digital signature"),
            ("auth-ca", "1.2.392.200149.8.5.1.3.30", "purposes = 1.3.6.1.5.5.7.3.2\n", "user authentication"),
        ):
            signer += f"[key {key}]\nrole = ca\nallow_uid = {me}\nsubject = {SUBJECT.format(use)}\n"
            signer += f"policies = {policy}\n{purpose}"
        write_text(self.dir.file("signer.conf"), signer)
        authority = f"[authority]\nsocket = {self.authority_socket}\nsocket_mode = 0666\npeers = {me}\n"
        authority += f"database = {self.stored('authority', 'authority.db')}\n"
        authority += f"signer = {self.dir.file('signer', 'ca.sock')}\n"
        write_text(self.dir.file("authority.conf"), authority)
        register = f"[register]\nsocket = {self.counter}\nsocket_mode = 0666\npeers = {peers or me}\n"
        register += f"database = {self.stored('register', 'register.db')}\n"
        register += f"authority = {self.authority_socket}\nwindow = 003A\n"
        register += f"clerk_anchors = {self.dir.file('clerk-anchors')}\n"
        write_text(self.dir.file("register.conf"), register)

    def at_counter(self):
        """The clerks, who are made when there is the first thing to ask; the authority runs."""
        with self.clerks_lock:
            if self.clerks is None:
                clerks = Clerks(self)
                self.registerd.stop()
                clerks.bootstrap(self.registerd.argv[0], self.dir.file("register.conf"))
                self.registerd.start()
                clerks.enrol()
                self.clerks = clerks
        return self.clerks

    def post(self, url, body=None):
        return self.at_counter().post(url, body)

    def get(self, url):
        return self.at_counter().get(url)

    def key(self):
        """A new key and its request, in base64."""
        self.keys += 1
        path = self.dir.file("csr", str(self.keys))
        write_key(path)
        return self.request(path)

    @staticmethod
    def request(path):
        done = run("openssl", "req", "-new", "-key", path, "-subj", "/CN=card", "-sha256", "-outform", "DER")
        return base64.b64encode(done.stdout).decode()

    def card(self, **changes):
        """A card of a new resident; its id."""
        self.serials += 1
        number = test_number(50000000000 + self.serials)
        status, body = self.post("/v1/residents", {**HANAKO, "mynumber": number, **changes})
        assert status == 201, body
        status, body = self.post("/v1/cards", {"resident": body["id"], "serial": f"{self.serials:016d}"})
        assert status == 201, body
        return body["id"]

    def close(self):
        for daemon in (self.registerd, self.authorityd, self.signerd):
            daemon.close()
        self.dir.close()


def refused(answer, status, words):
    assert answer[0] == status, answer
    assert words in answer[1]["detail"], answer
    assert answer[1]["status"] == status


def certificate(answer, kind="auth"):
    assert answer[0] == 200, answer
    return base64.b64decode(answer[1]["certificates"][kind])


def openssl_text(der):
    return run("openssl", "x509", "-inform", "DER", "-noout", "-text", data=der).stdout.decode()


def serial_of(der):
    return int(re.search(r"Serial Number: (\d+)", openssl_text(der)).group(1))


@test
def daemons_do_not_start_with_a_faulty_configuration(site):
    path = site.dir.file("faulty.conf")
    good = read_text(site.dir.file("register.conf"))
    authority = read_text(site.dir.file("authority.conf"))
    place = "holder_listen = 127.0.0.1:65535\n"
    for name, text, words in (
        ("jpki-registerd", good + "colour = red\n", "colour"),
        ("jpki-registerd", good + "numbers = any\n", "numbers is test or law"),
        ("jpki-registerd", good + "cards = old\n", "cards"),
        ("jpki-registerd", good.replace("003A", "3a"), "window"),
        ("jpki-registerd", good.replace("0666", "0777"), "socket_mode"),
        ("jpki-registerd", good.replace("peers = ", "peers = x "), "peers"),
        ("jpki-registerd", good + "operator_peers = -1\n", "operator_peers"),
        ("jpki-registerd", good + "workers = 0\n", "workers"),
        ("jpki-registerd", good + "card_signer = /s\n", "belong together"),
        ("jpki-registerd", good + "font = /f\n", "belong together"),
        ("jpki-registerd", good + "counter_port = 8\n", "counter_origin"),
        ("jpki-registerd", good + "counter_socket = /c\n", "counter_origin"),
        ("jpki-registerd", good + "counter_origin = https://counter.example\n", "counter_origin"),
        ("jpki-registerd", good + "counter_dir = /d\n", "counter_dir"),
        ("jpki-registerd", good + "counter_port = 8\ncounter_origin = http://counter.example\n", "counter_origin"),
        ("jpki-registerd", good + "counter_port = 8\ncounter_origin = https://counter.example\ncounter_dir = /d\n", "counter_dir"),
        ("jpki-authorityd", "[authority]\nsocket = relative.sock\n", "socket"),
        ("jpki-authorityd", "[authority]\n", "authority"),
        ("jpki-authorityd", authority + "publish_at = 7:00\n", "publish_at"),
        ("jpki-authorityd", authority + "publish_changed_s = 86401\n", "86400"),
        ("jpki-authorityd", authority + "holder_listen = 127.0.0.1:8\n", "holder_origin"),
        ("jpki-authorityd", authority + "holder_origin = https://ca.example\n", "holder_origin"),
        ("jpki-authorityd", authority + "holder_socket = h.sock\nholder_origin = https://ca.example\n", "holder_socket"),
        ("jpki-authorityd", authority + place + "holder_origin = https://CA.example\n", "https://ca.example"),
        ("jpki-authorityd", authority + place + "holder_origin = https://ca.example:443\n", "https://ca.example"),
        ("jpki-authorityd", authority + place + "holder_origin = https://ca.example/\n", "https://ca.example"),
        ("jpki-authorityd", authority + place + "holder_origin = http://ca.example\n", "holder_origin"),
        *(("jpki-authorityd", authority + f"holder_origin = https://ca.example\nholder_listen = {where}\n", "holder_listen")
          for where in ("8", "0.0.0.0:8", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:8x")),
    ):
        write_text(path, text)
        done = run(program(name), "--config", path, "--check-config", check=False)
        assert done.returncode == 2 and words in done.stderr.decode(), (text, done)
    write_text(path, authority + place + "holder_origin = https://ca.example\n")
    run(program("jpki-authorityd"), "--config", path, "--check-config")
    long = good.replace(site.counter, "/tmp/" + "x" * 103)
    write_text(path, long)
    assert run(program("jpki-registerd"), "--config", path, "--check-config", check=False).returncode == 2
    write_text(path, long.replace("x" * 103, "x" * 102))
    run(program("jpki-registerd"), "--config", path, "--check-config")
    write_text(path, good + "municipalities = /nonexistent\n")
    assert run(program("jpki-registerd"), "--config", path, "--check-config", check=False).returncode == 2
    assert run(program("jpki-registerd"), "--config", path + "x", check=False).returncode == 2
    assert run(program("jpki-authorityd"), "--config", path + "x", check=False).returncode == 2
    assert run(program("jpki-registerd"), check=False).returncode == 2


@test
def an_authority_without_cas_says_what_to_do(site):
    done = run(program("jpki-authorityd"), "--config", site.dir.file("authority.conf"), check=False)
    assert done.returncode == 6 and b"init-ca" in done.stderr, done
    done = run(program("jpki-authorityd"), "init-ca", "--config", site.dir.file("authority.conf"), "token", check=False)
    assert done.returncode == 2, done


@test
def a_ca_is_set_up_once_and_survives_a_dead_signer(site):
    command = [program("jpki-authorityd"), "init-ca", "--config", site.dir.file("authority.conf")]
    site.signerd.stop()
    done = run(*command, "sign", check=False)
    assert done.returncode == 5 and done.stdout == b"", done
    site.signerd.start()
    for kind in ("sign", "auth"):
        pem = run(*command, kind).stdout
        assert run(*command, kind).stdout == pem
        write_text(site.dir.file(kind + "-ca.pem"), pem.decode())
        text = run("openssl", "x509", "-noout", "-text", data=pem).stdout.decode()
        assert "Serial Number: 1 (0x1)" in text and "CA:TRUE" in text and "OpenJPKI TEST" in text
    site.authorityd.start()
    site.registerd.start()
    assert run(*command, "sign", check=False).returncode == 6  # the daemon has the database open


@test
def everything_is_ready(site):
    for path in (site.counter, site.authority_socket):
        assert ask(path, "GET", "/livez")[0] == 200
        assert ask(path, "GET", "/readyz")[0] == 200


@test
def a_second_daemon_on_the_same_database_is_refused(site):
    conf = read_text(site.dir.file("register.conf")).replace("counter.sock", "other.sock")
    write_text(site.dir.file("second.conf"), conf)
    done = run(program("jpki-registerd"), "--config", site.dir.file("second.conf"), check=False)
    assert done.returncode == 6 and b"another process" in done.stderr, done


@test
def residents_with_a_fault_are_refused(site):
    for changes, status, words in (
        ({"colour": "red"}, 400, "colour"),
        ({"name": None}, 400, "name"),
        ({"name": ""}, 400, "name is empty"),
        ({"name": "亜" * 101}, 400, "name is longer than 100"),
        ({"address": "東京都" + "亜" * 198}, 400, "address is longer than 200"),
        ({"address": "大阪府大阪市"}, 400, "prefecture"),
        ({"birth_date": "1990-02-30"}, 400, "birth_date"),
        ({"birth_date": "1990/02/03"}, 400, "birth_date"),
        ({"birth_date": "2999-01-01"}, 400, "birth_date is in the future"),
        ({"sex": "9"}, 400, "sex"),
        ({"municipality": "13100"}, 400, "13100"),
        ({"mynumber": "12345678901"}, 400, "twelve digits"),
        ({"mynumber": "987654321093"[:11] + str(check_digit("98765432109" + "0"))}, 400, "test numbers only"),
        ({"mynumber": 123456789018}, 400, "mynumber"),
        ({"resident_code": "2472705960"}, 400, "eleven digits"),
        ({"resident_code": "24727059608"}, 400, "test codes only"),
        ({"resident_code": 24727059603}, 400, "resident_code"),
        ({"name_substitutes": "01"}, 400, "name_substitutes"),
    ):
        refused(site.post("/v1/residents", {**HANAKO, **changes}), status, words)
    body = dict(HANAKO)
    del body["sex"]
    refused(site.post("/v1/residents", body), 400, "sex")


@test
def a_peer_that_is_not_listed_is_refused(site):
    if os.getuid() != 0:
        raise Skip("only root can connect as somebody else")
    os.chmod(site.dir.path, 0o755)
    for name, path, target in (
        ("register", site.counter, "/v1/cards/1"),
        ("authority", site.authority_socket, "/v1/cas/sign"),
    ):
        os.chmod(site.dir.file(name), 0o755)
        status, _ = as_nobody(lambda: ask(path, "GET", target))
        assert status == 403, (name, status)
        os.chmod(site.dir.file(name), 0o700)


@test
def a_resident_is_recorded_once_and_read_without_the_number(site):
    status, first = site.post("/v1/residents", HANAKO)
    assert status == 201
    assert site.post("/v1/residents", HANAKO) == (200, first)
    refused(site.post("/v1/residents", {**HANAKO, "name": "番号　花"}), 409, "another resident")
    status, body = site.get("/v1/residents/" + first["id"])
    assert status == 200 and body["name"] == HANAKO["name"] and body["name_substitutes"] == "00000"
    assert "123456789018" not in str(body) and "mynumber" not in body
    refused(site.get("/v1/residents/" + "0" * 32), 404, "no such resident")
    site.hanako = first["id"]


@test
def a_resident_code_is_one_residents_and_told_to_nobody(site):
    first = {**HANAKO, "mynumber": test_number(22222222222), "resident_code": "24727059603"}
    status, body = site.post("/v1/residents", first)
    assert status == 201
    assert site.post("/v1/residents", first) == (200, body)
    refused(site.post("/v1/residents", {**first, "mynumber": test_number(33333333333)}), 409, "code is another resident's")
    refused(site.post("/v1/residents", {**first, "resident_code": "24846016229"}), 409, "another resident")
    status, known = site.get("/v1/residents/" + body["id"])
    assert status == 200 and "resident_code" not in known and "24727059603" not in str(known)


@test
def cards_are_assigned_once(site):
    body = {"resident": site.hanako, "serial": "A-1"}
    status, card = site.post("/v1/cards", body)
    assert status == 201 and card["state"] == "stock" and card["window_id"] == "13101003A"
    assert re.fullmatch(r"\d{4}", card["security_code"])
    assert site.post("/v1/cards", body) == (200, card)
    refused(site.post("/v1/cards", {**body, "serial": "A-2"}), 409, "another card")
    refused(site.post("/v1/cards", {**body, "resident": "f" * 32}), 404, "no such resident")
    refused(site.post("/v1/cards", {**body, "serial": "A" * 17}), 400, "serial")
    refused(site.post("/v1/cards", {**body, "serial": "../x"}), 400, "serial")
    status, other = site.post("/v1/residents", {**HANAKO, "mynumber": test_number(11111111111)})
    refused(site.post("/v1/cards", {**body, "resident": other["id"]}), 409, "another resident")
    refused(site.post("/v1/cards/A-1/activation"), 409, "no certificates")
    refused(site.get("/v1/cards/none"), 404, "no such card")
    keys = {"text_key": "AAAA", "visual_key": "AAAA"}
    refused(site.post("/v1/cards/A-1/personal-files", keys), 503, "no keys for card data")


@test
def requests_with_a_fault_are_refused_and_leave_the_card_as_it_was(site):
    card = site.card()
    url = f"/v1/cards/{card}/certificates"
    good = site.key()
    der = bytearray(base64.b64decode(good))
    der[-1] ^= 1
    forged = base64.b64encode(bytes(der)).decode()
    refused(site.post(url, {"requests": {"auth": forged}}), 422, "auth request")
    refused(site.post(url, {"requests": {"auth": good[:-8]}}), 400, "auth")
    refused(site.post(url, {"requests": {"auth": "?"}}), 400, "auth")
    refused(site.post(url, {"requests": {"auth": ""}}), 400, "auth")
    refused(site.post(url, {"requests": {}}), 400, "auth certificate")
    refused(site.post(url, {"requests": {"auth": good, "token": good}}), 400, "token")
    refused(site.post("/v1/cards/none/certificates", {"requests": {"auth": good}}), 404, "no such card")
    weak = run("openssl", "req", "-new", "-newkey", "rsa:3072", "-nodes", "-keyout", os.devnull, "-subj", "/CN=c",
               "-outform", "DER").stdout
    refused(site.post(url, {"requests": {"auth": base64.b64encode(weak).decode()}}), 400, "2048")
    curve = run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384", "-nodes",
                "-keyout", os.devnull, "-subj", "/CN=c", "-outform", "DER").stdout
    refused(site.post(url, {"requests": {"auth": base64.b64encode(curve).decode()}}), 400, "over a P-384 key")
    assert site.get("/v1/cards/" + card)[1]["state"] == "stock"
    assert serial_of(certificate(site.post(url, {"requests": {"auth": good}}))) == site.clerks.second.auth_serial + 1  # nothing was used up


@test
def under_15_there_is_an_auth_certificate_only(site):
    year = time.gmtime().tm_year - 10
    card = site.card(birth_date=f"{year}-05-05")
    url = f"/v1/cards/{card}/certificates"
    auth = site.key()
    refused(site.post(url, {"requests": {"auth": auth, "sign": site.key()}}), 403, "under 15")
    answer = site.post(url, {"requests": {"auth": auth}})
    assert set(answer[1]["certificates"]) == {"auth", "auth_ca"}
    assert site.get("/v1/cards/" + card)[1]["state"] == "issued"


@test
def a_card_gets_its_certificates_once(site):
    card = site.card(mynumber=CANARY)
    url = f"/v1/cards/{card}/certificates"
    body = {"requests": {"sign": site.key(), "auth": site.key()}}
    answer = site.post(url, body)
    sign, auth = certificate(answer, "sign"), certificate(answer)
    assert site.post(url, body) == answer
    refused(site.post(url, {"requests": {"auth": site.key()}}), 409, "another key")
    for kind, der in (("sign", sign), ("auth", auth)):
        path = site.dir.file("cert.pem")
        write_text(path, run("openssl", "x509", "-inform", "DER", data=der).stdout.decode())
        run("openssl", "verify", "-x509_strict", "-CAfile", site.dir.file(kind + "-ca.pem"), path)
    text = openssl_text(sign)
    assert "C = JP, L = Tokyo-to, L = Chiyoda-ku, CN = " in text
    assert re.search(r"CN = \d{19}13101003A\n", text), text
    assert "番号　花子" in text and "1.2.392.200149.8.5.1.0.20" in text
    text = openssl_text(auth)
    assert "番号" not in text and "Chiyoda" not in text and "TLS Web Client Authentication" in text
    assert site.post(f"/v1/cards/{card}/activation")[1]["state"] == "active"
    assert site.post(f"/v1/cards/{card}/activation")[0] == 200
    site.body = body


NEW_HOME = {"request_id": "move-1", "address": "兵庫県神戸市中央区見本町１番", "municipality": "28100"}


def feed(site, since=0):
    status, body = ask(site.authority_socket, "GET", f"/v1/revocations?since={since}")
    assert status == 200, body
    return body


def movable(site):
    """Resident, card and sign serial number of somebody with both certificates."""
    card = site.card()
    answer = site.post(f"/v1/cards/{card}/certificates", {"requests": {"sign": site.key(), "auth": site.key()}})
    return site.get("/v1/cards/" + card)[1]["resident"], card, serial_of(certificate(answer, "sign"))


@test
def moves_with_a_fault_are_refused(site):
    resident, card, _ = movable(site)
    url = f"/v1/residents/{resident}/moves"
    refused(site.post(url, {**NEW_HOME, "municipality": "28101"}), 400, "28101")
    refused(site.post(url, {**NEW_HOME, "municipality": "13101"}), 400, "prefecture")
    refused(site.post(url, {**NEW_HOME, "mynumber": CANARY}), 400, "mynumber")
    refused(site.post(url, {**NEW_HOME, "request_id": "a b"}), 400, "request_id")
    refused(site.post(url, {**NEW_HOME, "address": HANAKO["address"], "municipality": "13101"}), 409, "already")
    refused(site.post("/v1/residents/" + "0" * 32 + "/moves", NEW_HOME), 404, "no such resident")
    refused(site.post(f"/v1/cards/{card}/certificates", {"requests": {"sign": site.key()}}), 400, "that was revoked")
    assert site.get("/v1/residents/" + resident)[1]["municipality"] == "13101"
    assert feed(site)["last"] == 0


@test
def a_move_revokes_the_sign_certificate_and_the_card_gets_a_new_one(site):
    resident, card, serial = movable(site)
    url = f"/v1/residents/{resident}/moves"
    moved = site.post(url, NEW_HOME)
    assert moved[0] == 201 and moved[1]["revocation"] == "done" and moved[1]["municipality"] == "28100", moved
    assert site.post(url, NEW_HOME) == moved
    refused(site.post(url, {**NEW_HOME, "address": "兵庫県神戸市中央区見本町２番"}), 409, "another act")
    body = feed(site)
    assert body["last"] == 1 and not body["more"]
    (entry,) = body["entries"]
    assert (entry["kind"], entry["serial"], entry["reason"]) == ("sign", serial, "affiliationChanged")
    request = {"requests": {"sign": site.key()}}
    answer = site.post(f"/v1/cards/{card}/certificates", request)
    text = openssl_text(certificate(answer, "sign"))
    assert "C = JP, L = Hyogo-ken, L = Kobe-shi, CN = " in text and "見本町１番" in text and "28100003A" in text, text
    assert serial_of(certificate(answer, "sign")) > serial and set(answer[1]["certificates"]) == {"sign", "sign_ca"}
    assert site.post(f"/v1/cards/{card}/certificates", request) == answer
    refused(site.post(f"/v1/cards/{card}/certificates", {"requests": {"sign": site.key()}}), 409, "another key")
    assert feed(site)["last"] == 1


@test
def lists_are_published_and_openssl_reads_them(site):
    resident, _, serial = movable(site)
    assert site.post(f"/v1/residents/{resident}/moves", {**NEW_HOME, "request_id": "listed"})[0] == 201
    assert ask(site.authority_socket, "GET", "/v1/crls/none")[0] == 404
    status, body = ask(site.authority_socket, "POST", "/v1/crls")
    assert status == 201, body
    lists = {entry["name"]: entry for entry in ask(site.authority_socket, "GET", "/v1/crls")[1]["crls"]}
    assert len(lists) == body["published"] and lists["sign-Tokyo-to-Chiyoda-ku"]["entries"] == 2, lists
    for name in lists:
        connection = UnixConnection(site.authority_socket, 10)
        connection.request("GET", "/v1/crls/" + name)
        answer = connection.getresponse()
        der = answer.read()
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/pkix-crl"
        ca = site.dir.file(name.split("-")[0] + "-ca.pem")
        done = run("openssl", "crl", "-inform", "DER", "-noout", "-text", "-CAfile", ca, data=der)
        assert b"verify OK" in done.stderr, done
        if name == "sign-Tokyo-to-Chiyoda-ku":
            text = done.stdout.decode()
            assert f"Serial Number: {serial:02X}" in text and "Affiliation Changed" in text, text
            assert "X509v3 Issuing Distribution Point: critical" in text, text


@test
def an_operator_finds_certificates_and_sees_the_lists(site):
    def find(*argv, code=0):
        done = run(JPKICTL, "cert", "find", "--socket", site.authority_socket, *argv, check=False)
        assert done.returncode == code, (argv, done)
        return done.stdout.decode() if code == 0 else done.stderr.decode()

    resident, card, serial = movable(site)
    assert "no such certificate" in find("--kind", "sign", "--serial", str(serial + 1000), code=1)
    assert "one of" in find("--kind", "sign", code=2)
    assert "one of" in find("--kind", "sign", "--serial", "2", "--request-id", "x", code=2)
    assert "hexadecimal" in find("--key", "12", code=2)
    found = json.loads(find("--kind", "sign", "--serial", str(serial), "--json"))
    assert found["state"] == "good" and found["revoked_at"] is None and found["device"] == "card", found
    assert site.post(f"/v1/residents/{resident}/moves", {**NEW_HOME, "request_id": "found"})[0] == 201
    found = json.loads(find("--kind", "sign", "--serial", str(serial), "--json"))
    assert found["state"] == "revoked" and found["reason"] == "affiliationChanged", found
    text = find("--kind", "sign", "--serial", str(serial))
    assert f"serial: {serial}\n" in text and "state: revoked\n" in text, text
    assert "番号" not in text and "見本町" not in text, text

    assert ask(site.authority_socket, "POST", "/v1/crls")[0] == 201
    done = run(JPKICTL, "crl", "list", "--socket", site.authority_socket)
    assert b"sign-full: number" in done.stdout and b"failed" not in done.stdout, done
    shown = json.loads(run(JPKICTL, "crl", "show", "--socket", site.authority_socket, "--json", "sign-full").stdout)
    assert shown["scope"] == "all" and shown["reasons"]["affiliationChanged"] >= 1, shown
    ca = site.dir.file("sign-ca.pem")
    done = run(JPKICTL, "crl", "verify", "--socket", site.authority_socket, "--ca", ca, "sign-full")
    assert done.stdout.startswith(b"valid, "), done


@test
def a_revocation_reaches_the_authority_however_late(site):
    homes = [(movable(site), {**NEW_HOME, "request_id": f"late-{n}"}) for n in range(2)]
    before = feed(site)["last"]
    site.authorityd.kill()
    for (resident, _, _), move in homes:
        answer = site.post(f"/v1/residents/{resident}/moves", move)
        assert answer[0] == 201 and answer[1]["revocation"] == "pending", answer
    site.registerd.kill()
    site.registerd.start()
    site.authorityd.start()
    entries = []

    def are_delivered():
        entries[:] = feed(site, before)["entries"]
        return len(entries) >= 2

    wait_until("both revocations are delivered", are_delivered)
    assert sorted(entry["serial"] for entry in entries) == sorted(home[2] for home, _ in homes), entries
    for (resident, _, _), move in homes:
        assert site.post(f"/v1/residents/{resident}/moves", move)[1]["revocation"] == "done"
    assert "revocation.delivered" in read_text(site.registerd.log)


@test
def what_was_revoked_by_another_is_settled_and_holds_nothing_up(site):
    resident, _, serial = movable(site)
    leak = {"request_id": "leak-1", "kind": "sign", "serial": serial, "reason": "keyCompromise"}
    assert ask(site.authority_socket, "POST", "/v1/revocations", leak)[0] == 201
    answer = site.post(f"/v1/residents/{resident}/moves", {**NEW_HOME, "request_id": "move-leaked"})
    assert answer[0] == 201 and answer[1]["revocation"] == "refused", answer


@test
def a_key_is_certified_once(site):
    key = site.body["requests"]["auth"]
    card = site.card()
    url = f"/v1/cards/{card}/certificates"
    refused(site.post(url, {"requests": {"auth": key}}), 409, "key")
    same = site.key()
    refused(site.post(url, {"requests": {"sign": same, "auth": same}}), 409, "key")
    assert site.post(url, {"requests": {"sign": same, "auth": site.key()}})[0] == 200


def authority_request(site, **changes):
    body = {
        "request_id": "direct-1", "kind": "auth", "request": site.key(), "prefecture": "Tokyo-to",
        "window_id": "131010001", "not_after": end_of_day(4),
    }
    return {**body, **changes}


BEGUN = int(time.time())  # the same day until the end, whenever that is


def end_of_day(years):
    day = (BEGUN + years * 365 * 86400) // 86400 * 86400
    return day + 15 * 3600 - 1


@test
def the_authority_refuses_what_is_not_by_the_book(site):
    def post(**changes):
        return ask(site.authority_socket, "POST", "/v1/certificates", authority_request(site, **changes))

    holder = {"name": "a", "birth": "419900415", "sex": "2", "address": "b", "name_substitutes": "0",
              "address_substitutes": "0"}
    refused(post(mynumber=CANARY), 400, "mynumber")
    refused(post(kind="token"), 400, "kind")
    refused(post(holder=holder), 400, "no personal data")
    refused(post(municipality="Chiyoda-ku"), 400, "no personal data")
    refused(post(kind="sign"), 400, "holder")
    refused(post(kind="sign", municipality="Chiyoda-ku", holder={**holder, "mynumber": CANARY}), 400, "mynumber")
    refused(post(kind="sign", municipality="Chiyoda-ku", holder={**holder, "sex": "9"}), 400, "")
    refused(post(request_id="x" * 65), 400, "request_id")
    refused(post(request_id="a b"), 400, "request_id")
    refused(post(window_id="1310"), 400, "")
    refused(post(not_after=1), 400, "over already")
    curve = run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384", "-nodes",
                "-keyout", os.devnull, "-subj", "/CN=c", "-outform", "DER").stdout
    refused(post(request=base64.b64encode(curve).decode()), 400, "a P-384 key where only RSA keys are used")
    refused(post(not_after=end_of_day(4) + 1), 400, "23:59:59")
    refused(post(not_after=end_of_day(0) + 1831 * 86400), 400, "five years")
    refused(ask(site.authority_socket, "GET", "/v1/cas/token"), 404, "no such CA")
    for serial in ("0", "01", "99999999", "4294967296", "-1", "1x"):
        refused(ask(site.authority_socket, "GET", "/v1/certificates/sign/" + serial), 404, "no such certificate")


@test
def a_request_id_stands_for_one_request(site):
    body = authority_request(site, request_id="x" * 64)
    first = ask(site.authority_socket, "POST", "/v1/certificates", body)
    assert first[0] == 200
    assert ask(site.authority_socket, "POST", "/v1/certificates", body) == first
    for change in ({"not_after": end_of_day(3)}, {"window_id": "131010002"}, {"prefecture": "Osaka-fu"},
                   {"request": site.key()}):
        answer = ask(site.authority_socket, "POST", "/v1/certificates", {**body, **change})
        refused(answer, 409, "another request")
    serial = first[1]["serial"]
    status, record = ask(site.authority_socket, "GET", f"/v1/certificates/auth/{serial}")
    assert status == 200 and record["state"] == "issued" and "certificate" not in record


@test
def without_the_signer_nothing_is_issued_and_nothing_is_lost(site):
    body = authority_request(site, request_id="waits")
    site.signerd.kill()
    assert ask(site.authority_socket, "GET", "/readyz")[0] == 503
    card = site.card()
    requests = {"requests": {"auth": site.key()}}
    assert site.post(f"/v1/cards/{card}/certificates", requests)[0] == 503
    assert ask(site.authority_socket, "POST", "/v1/certificates", body)[0] == 503
    site.signerd.start()
    assert site.post(f"/v1/cards/{card}/certificates", requests)[0] == 200
    assert ask(site.authority_socket, "POST", "/v1/certificates", body)[0] == 200
    assert ask(site.authority_socket, "GET", "/readyz")[0] == 200


@test
def without_the_authority_the_counter_says_so(site):
    site.authorityd.stop()
    card = site.card()
    requests = {"requests": {"auth": site.key()}}
    assert site.post(f"/v1/cards/{card}/certificates", requests)[0] == 503
    assert site.get("/readyz")[0] == 503
    site.authorityd.start()
    assert site.post(f"/v1/cards/{card}/certificates", requests)[0] == 200


@test
def kill_9_at_any_moment_neither_loses_nor_doubles_a_certificate(site):
    chance = random.Random(20261123)
    for turn in range(12):
        card = site.card()
        requests = {"requests": {"auth": site.key()}}
        victim = (site.authorityd, site.registerd, site.signerd)[turn % 3]
        killer = subprocess.Popen(
            ["sh", "-c", f"sleep {chance.random() * 0.06:.3f}; kill -9 {victim.process.pid}"], stdout=subprocess.DEVNULL
        )
        try:
            first = site.post(f"/v1/cards/{card}/certificates", requests)
        except (OSError, HTTPException):  # before an answer, or in the middle of it
            first = None
        killer.wait()
        victim.process.wait()
        victim.start()
        again = site.post(f"/v1/cards/{card}/certificates", requests)
        assert again[0] == 200, again
        if first is not None and first[0] == 200:
            assert first == again
        assert site.post(f"/v1/cards/{card}/certificates", requests) == again


@test
def the_same_question_at_the_same_time_has_one_answer(site):
    cards = [(site.card(), {"requests": {"auth": site.key()}}) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(site.post, f"/v1/cards/{card}/certificates", body) for card, body in cards * 4]
        answers = [future.result() for future in waiting]
    assert all(status == 200 for status, _ in answers), answers
    assert len({certificate(answer) for answer in answers}) == len(cards)


@test
def serial_numbers_are_dense(site):
    for kind in ("sign", "auth"):
        serial = 2
        while True:
            status, record = ask(site.authority_socket, "GET", f"/v1/certificates/{kind}/{serial}")
            if status == 404:
                break
            assert record["state"] == "issued", record
            serial += 1
        for beyond in range(serial, serial + 40):
            assert ask(site.authority_socket, "GET", f"/v1/certificates/{kind}/{beyond}")[0] == 404
        assert serial > 3


@test
def a_database_from_a_newer_version_is_refused(site):
    if run("sh", "-c", "command -v sqlite3", check=False).returncode != 0:
        raise Skip("there is no sqlite3 program")
    assert site.registerd.stop() == 0
    database = site.dir.file("register", "register.db")
    run("sqlite3", database, "UPDATE schema_version SET version = version + 1")
    done = run(program("jpki-registerd"), "--config", site.dir.file("register.conf"), check=False)
    assert done.returncode == 6 and b"newer version" in done.stderr, done
    run("sqlite3", database, "UPDATE schema_version SET version = version - 1")
    site.registerd.start()


@test
def a_full_disk_is_survived_and_nothing_acknowledged_is_lost(site):
    if run("unshare", "-m", "true", check=False).returncode != 0:
        raise Skip("a mount namespace is not permitted here")
    folder = site.dir.file("small")
    os.mkdir(folder, 0o700)
    conf = read_text(site.dir.file("register.conf")).replace("register.db", "../small/full.db")
    conf = conf.replace(site.dir.file("register", "../small"), folder).replace("counter.sock", "small.sock")
    write_text(site.dir.file("small.conf"), conf)
    daemon = site.daemon(["jpki-registerd", "--config", site.dir.file("small.conf")], site.dir.file("register", "small.sock"))
    copy = site.dir.file("register", "register.db-copy")  # with the clerks
    run("sqlite3", site.dir.file("register", "register.db"), f".backup {copy}")
    command = f"mount -t tmpfs -o size=3m,mode=700 none $0 && cp {copy} $0/full.db && exec $@"
    daemon.argv = ["unshare", "-m", "sh", "-c", command, folder, *daemon.argv]
    clerks = Clerks(SimpleNamespace(dir=site.dir, counter=daemon.path))
    daemon.start()
    inside = f"/proc/{daemon.process.pid}/root{folder}"
    try:
        clerks.get("/v1/filings")  # logs in, which the log of acts has no room for later
        kept, full = fill_disk(clerks, os.path.join(inside, "ballast"))
        assert full["status"] == 500 and "disk" not in str(full), full  # the operator's business: in the log
        assert "the disk is full" in read_text(daemon.log)
        for resident in kept:
            assert clerks.get("/v1/residents/" + resident)[0] == 200
        os.unlink(os.path.join(inside, "ballast"))
        assert clerks.post("/v1/residents", {**HANAKO, "mynumber": test_number(60000009999)})[0] == 201
    finally:
        daemon.close()


def fill_disk(clerks, ballast):
    """Record residents until it fails: ids of those that were taken, and the failure."""
    with open(ballast, "wb", buffering=0) as f:
        try:
            while f.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        f.truncate(f.tell() - 65536)
    kept = []
    for count in range(2000):
        status, body = clerks.post("/v1/residents", {**HANAKO, "mynumber": test_number(60000000000 + count)})
        if status != 201:
            return kept, body
        kept.append(body["id"])
    raise AssertionError("the disk did not become full")


def bytes_below(path):
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)
            if os.path.isfile(file):
                with open(file, "rb") as f:
                    yield file, f.read()


@test
def the_individual_number_is_in_the_register_and_nowhere_else(site):
    found = {file for file, data in bytes_below(site.dir.path) if CANARY.encode() in data}
    assert found, "the canary is not even in the register"
    for file in found:
        assert os.path.basename(file).startswith("register.db"), file


@test
def logs_name_nobody(site):
    for name in ("jpki-authorityd", "jpki-registerd", "jpki-signerd"):
        text = read_text(site.dir.file(name + ".log"))
        assert "service.ready" in text or "server.ready" in text
        for word in ("番号", "花子", "千代田", "1990-04-15", "19900415", CANARY, "123456789018", site.hanako):
            assert word not in text, (name, word)


@test
def sigterm_ends_the_daemons_and_removes_their_sockets(site):
    for daemon in (site.registerd, site.authorityd):
        assert daemon.stop() == 0
        assert not os.path.exists(daemon.path)


if __name__ == "__main__":
    main(Site)
