#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cards made by a CA of one's own, without any service: read command by command, judged by others."""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time
import zlib

import card_judge
from harness import Directory, listens, main, program, read_text, run, test, wait_until, write_text

AIDS = {
    "jpki": "D392F000260100000001",
    "text": "D3921000310001010408",
    "visual": "D3921000310001010402",
    "juki": "D3921000310001010401",
    "common": "D3921000310001010100",
}
PERSON = {
    "name": "見本　太郎",
    "address": "東京都千代田区見本町四丁目５番６号",
    "birth_date": "1980-02-17",
    "sex": "male",
    "mynumber": "900000000154",
    "municipality": "13101",
    "expiry": "2035-02-17",
    "security_code": "2285",
    "pins": {"auth": "4071", "sign": "CANARY9PIN3", "text": "5082", "juki": "6093"},
}
CODE_B, CODE_BIRTH = "55021720352285", "550217"  # card.md 3.4


class Session:
    """A session on the card's direct socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")

    def exchange(self, command):
        self.socket.sendall(struct.pack(">H", len(command)) + command)
        answer = self.stream.read(struct.unpack(">H", self.stream.read(2))[0])
        return answer[:-2], answer[-2:].hex()

    def must(self, command):
        data, status = self.exchange(command)
        assert status == "9000", (command[:4].hex(), status)
        return data

    def select(self, applet):
        return self.exchange(bytes.fromhex("00A4040C0A" + AIDS[applet]))[1]

    def find(self, fid):
        self.must(bytes.fromhex("00A4020C02") + fid.to_bytes(2, "big"))

    def verify(self, fid, pin):
        self.find(fid)
        return self.exchange(bytes.fromhex("00200080") + bytes([len(pin)]) + pin.encode())[1]

    def read(self, fid):
        """A whole file, filler and all."""
        self.find(fid)
        data = b""
        while True:
            block, status = self.exchange(bytes.fromhex("00B0") + len(data).to_bytes(2, "big") + b"\x00")
            if status == "6b00" or (status == "9000" and not block):
                return data
            assert status == "9000", (hex(fid), status)
            data += block

    def close(self):
        self.stream.close()
        self.socket.close()


class Served:
    """A card that is served, for a with statement: a session with it."""

    def __init__(self, site, card):
        self.direct, self.log, self.session = site.dir.file("direct"), site.dir.file("log"), None
        # LeakSanitizer cannot look into a process that hardened itself.
        environment = dict(os.environ, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program("jpki-softcard"), "serve", card, "--direct", self.direct],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        wait_until("the card serves", lambda: self.process.poll() is not None or listens(self.direct))
        assert self.process.poll() is None, read_text(self.log)

    def __enter__(self):
        self.session = Session(self.direct)
        return self.session

    def __exit__(self, *_):
        self.session.close()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0, read_text(self.log)


class Site:
    def __init__(self):
        self.dir = Directory()
        self.ca, self.card = self.dir.file("ca"), self.dir.file("card")
        self.judge = card_judge.Judge(self.dir.path)
        self.said = self.make(self.card, PERSON)

    def command(self, card, person, *more):
        if isinstance(person, str):
            return [program("jpki-softcard"), "make", "-o", card, "--own-ca", self.ca, "--persona", person, *more]
        write_text(self.dir.file("person.json"), json.dumps(person))
        return [program("jpki-softcard"), "make", "-o", card, "--own-ca", self.ca, "--json",
                self.dir.file("person.json"), *more]

    def make(self, card, person, *more):
        return run(*self.command(card, person, *more))

    def refused(self, person, text, code=2, more=()):
        """No card, no key made in vain, and a sentence without personal data."""
        started = time.monotonic()
        done = run(*self.command(self.dir.file("refused"), person, *more), check=False)
        said = done.stderr.decode()
        assert done.returncode == code and text in said, (done.returncode, said)
        assert not any(os.path.exists(self.dir.file("refused" + end)) for end in ("", ".counters", ".key"))
        assert "Making" not in said and time.monotonic() - started < 30
        for secret in ("900000000154", "4071", "CANARY9PIN3", "太郎"):
            assert secret not in said, said

    def root(self, key_id):
        name = (key_id + b"\x08\x05001" + bytes(4)).hex()
        pem = self.dir.file("ca", "card-anchors", f"cv-{name}.pem")
        return run("openssl", "pkey", "-pubin", "-in", pem, "-outform", "DER").stdout

    def show(self, card):
        return json.loads(run(program("jpki-softcard"), "show", "--json", card).stdout)

    def close(self):
        self.dir.close()


def without(member):
    return {key: value for key, value in PERSON.items() if key != member}


@test
def wrong_members_are_named(site):
    for member in ("name", "address", "birth_date", "sex", "mynumber", "municipality"):
        site.refused(without(member), member)
    wrong = {"name": "", "address": "大阪府見本市", "birth_date": "1980-02-30", "sex": "m", "mynumber": "12345678901",
             "municipality": "99999", "expiry": "soon", "security_code": "12a4", "kind": "gold"}
    for member, value in wrong.items():
        site.refused(PERSON | {member: value}, "municipality" if member == "address" else member)
    site.refused(PERSON | {"colour": "red"}, "colour")
    site.refused(PERSON | {"mynumber": 900000000154}, "mynumber")
    site.refused(PERSON | {"expiry": "2020-01-01"}, "expiry", 6)
    site.refused(PERSON | {"birth_date": "2020-04-01", "kind": "plastic"}, "kind")


@test
def wrong_pins_are_named_and_not_shown(site):
    for pin, value in {"auth": "407", "sign": "canary9pin3", "text": "50821", "juki": "6o93"}.items():
        site.refused(PERSON | {"pins": PERSON["pins"] | {pin: value}}, pin)
    site.refused(PERSON | {"pins": {}}, "pins.auth")
    site.refused(PERSON | {"pins": {"auth": "4071", "puk": "1"}}, "puk")


@test
def photos_that_are_none_are_refused(site):
    site.refused(PERSON | {"photo": site.dir.file("nothing.png")}, "photo")
    write_text(site.dir.file("no.png"), "no picture")
    site.refused(PERSON | {"photo": site.dir.file("no.png")}, "photo")


@test
def a_file_may_be_so_long(site):
    """65536 bytes are read, whatever is in them; one more is not."""
    path = site.dir.file("person.json")
    for more, text in ((0, "colour"), (1, "larger")):
        person = json.dumps(PERSON | {"colour": ""})
        write_text(path, person[:-2] + "x" * (65536 - len(person) + more) + person[-2:])
        assert os.path.getsize(path) == 65536 + more
        done = run(program("jpki-softcard"), "make", "-o", site.dir.file("x"), "--own-ca", site.ca, "--json", path,
                   check=False)
        assert done.returncode == 2 and text in done.stderr.decode(), done.stderr


@test
def files_that_are_no_person_are_refused(site):
    site.refused([], "person.json")
    site.refused("nobody", "persona")
    done = run(program("jpki-softcard"), "make", "-o", site.dir.file("x"), "--own-ca", site.ca, "--json", "a",
               "--persona", "hanako", check=False)
    assert done.returncode == 2 and "exclude each other" in done.stderr.decode()
    done = run(program("jpki-softcard"), "make", "-o", site.dir.file("x"), "--own-ca", site.ca, check=False)
    assert done.returncode == 2 and "--json" in done.stderr.decode()


@test
def an_existing_card_is_left_alone(site):
    before = site.show(site.card)
    done = run(*site.command(site.card, PERSON), check=False)
    assert done.returncode == 6 and site.show(site.card) == before, done.stderr


@test
def a_changed_authority_is_not_believed(site):
    path = site.dir.file("ca", "own-ca")
    with open(path, "r+b") as f:
        f.seek(500)
        byte = f.read(1)
        f.seek(500)
        f.write(bytes([byte[0] ^ 1]))
    site.refused(PERSON, "own-ca", 1)
    with open(path, "r+b") as f:
        f.seek(500)
        f.write(byte)


@test
def two_who_make_the_authority_at_once_have_one(site):
    ca = site.dir.file("shared")
    pair = [subprocess.Popen([program("jpki-softcard"), "make", "-o", site.dir.file(name), "--own-ca", ca, "--persona",
                              "john"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for name in ("one", "two")]
    said = [process.communicate(timeout=120)[1] for process in pair]
    assert [process.returncode for process in pair] == [0, 0], said
    with open(os.path.join(ca, "anchors", "sign.pem"), encoding="ascii") as f:
        anchor = f.read()
    for name in ("one", "two"):
        with Served(site, site.dir.file(name)) as card:
            card.must(bytes.fromhex("00A4040C0A" + AIDS["jpki"]))
            der = card.read(0x0002)
        path = site.judge.path("ca.der", der[: int.from_bytes(der[2:4], "big") + 4])
        assert run("openssl", "x509", "-inform", "DER", "-in", path).stdout.decode() == anchor


@test
def what_is_secret_is_only_for_its_owner(site):
    assert os.stat(site.ca).st_mode & 0o777 == 0o700
    for name in ("own-ca", "own-ca.key"):
        assert os.stat(site.dir.file("ca", name)).st_mode & 0o777 == 0o600
    assert site.said.stdout == b"", "the security code was given, not drawn"
    with open(site.card, "rb") as f:
        sealed = f.read()
    assert b"CANARY9PIN3" not in sealed and "太郎".encode() not in sealed and b"900000000154" not in sealed


@test
def the_text_applet_has_the_person_signed_below_the_anchor(site):
    with Served(site, site.card) as card:
        assert card.select("text") == "9000"
        assert card.verify(0x0011, "5082") == "9000"
        files = {f"text-{fid:04x}": card.read(fid) for fid in (1, 2, 3, 4, 5, 6, 7)}
        signed = card.must(bytes.fromhex("802A000005") + b"hello" + b"\x00")
    assert [len(files[f"text-{fid:04x}"]) for fid in (1, 3, 4, 5)] == [17, 336, 568, 256]
    words, key = site.judge.text(files, site.root(b"9000033"))
    assert words == [PERSON["name"], PERSON["address"], "19800217", "1", PERSON["mynumber"]]
    assert site.judge.recover(key, signed) == b"hello", "the key that is vouched for is the card's"


@test
def the_visual_applet_has_the_face_signed_below_the_anchor(site):
    with Served(site, site.card) as card:
        assert card.select("visual") == "9000"
        assert card.verify(0x0011, CODE_BIRTH) == "9000"
        files = {"visual-0001": card.read(1), "visual-0003": card.read(3), "visual-0004": card.read(4)}
        assert card.verify(0x0012, CODE_B) == "9000"
        files["visual-0002"] = card.read(2)
        assert card.verify(0x0013, PERSON["mynumber"]) == "9000"
        files["visual-0005"] = card.read(5)
        signed = card.must(bytes.fromhex("802A000005") + b"hello" + b"\x00")
    words, pictures, key = site.judge.visual(files, site.root(b"9000023"))
    assert words == ["19800217", "1", "20350217"], words
    assert card_judge.picture(pictures[0xDF41])[:2] == (72, 12)
    assert card_judge.picture(pictures[0xDF2A])[:2] == (24, 12)
    assert site.judge.photo(pictures[0xDF27])[:2] == (240, 308)
    assert site.judge.recover(key, signed) == b"hello"


@test
def code_a_opens_the_number_and_code_b_the_attributes(site):
    with Served(site, site.card) as card:
        card.must(bytes.fromhex("00A4040C0A" + AIDS["text"]))
        assert card.verify(0x0015, CODE_B) == "9000"
        assert PERSON["name"].encode() in card.read(2)
        card.find(1)
        assert card.exchange(bytes.fromhex("00B0000000"))[1] == "6982"
    with Served(site, site.card) as card:
        card.must(bytes.fromhex("00A4040C0A" + AIDS["text"]))
        assert card.verify(0x0014, PERSON["mynumber"]) == "9000"
        assert PERSON["mynumber"].encode() in card.read(1)
        card.find(2)
        assert card.exchange(bytes.fromhex("00B0000000"))[1] == "6982"


@test
def the_other_applets_have_their_numbers(site):
    with Served(site, site.card) as card:
        assert card.select("common") == "9000"
        record = card.must(bytes.fromhex("00B2010C00"))
        assert re.fullmatch(rb"\x01\x1c9[0-9]{14}1310120350217", record), record
        assert card.verify(0x001C, "6093") == "9000"
        assert card.select("juki") == "9000"
        assert card.verify(0x001C, "6093") == "9000"
        card.must(bytes.fromhex("00A4040007A0000001510000"))
        assert card.must(bytes.fromhex("00CA004200")) == b"\x42\x0dOpenJPKI TEST"
        assert card.must(bytes.fromhex("00CA00F000")) == b"13101"


@test
def certificates_verify_below_the_anchors(site):
    with Served(site, site.card) as card:
        card.must(bytes.fromhex("00A4040C0A" + AIDS["jpki"]))
        assert card.verify(0x001B, PERSON["pins"]["sign"]) == "9000"
        found = {"auth": card.read(0x000A), "sign": card.read(0x0001)}
    for kind, der in found.items():
        pem = site.dir.file(kind + ".pem")
        path = site.judge.path(kind + ".der", der[: int.from_bytes(der[2:4], "big") + 4])
        run("openssl", "x509", "-inform", "DER", "-in", path, "-out", pem)
        anchor = site.dir.file("ca", "anchors", kind + ".pem")
        run("openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", anchor, pem)
        other = site.dir.file("ca", "anchors", {"auth": "sign", "sign": "auth"}[kind] + ".pem")
        assert run("openssl", "verify", "-CAfile", other, pem, check=False).returncode != 0
        text = run("openssl", "x509", "-in", pem, "-noout", "-subject", "-issuer").stdout.decode()
        assert "OpenJPKI TEST" in text and "13101001A" in text, text


def jpki(site, *argv, pin=None):
    """The client, without a terminal; a PIN goes through a pipe."""
    env = dict(os.environ, LC_ALL="C", JPKI_READER="direct:" + site.dir.file("direct"))
    if pin is None:
        return subprocess.run([program("jpki"), *argv], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                              env=env, timeout=60, check=True).stdout.decode()
    reader, writer = os.pipe()
    os.write(writer, pin.encode())
    os.close(writer)
    with os.fdopen(reader):
        return subprocess.run([program("jpki"), *argv, "--pin-fd", str(reader)], stdout=subprocess.PIPE, env=env,
                              stdin=subprocess.DEVNULL, pass_fds=[reader], timeout=60, check=True).stdout.decode()


@test
def jpki_reads_the_card_and_openssl_verifies_what_it_signs(site):
    document = site.dir.file("document")
    write_text(document, "これは試験です\n")
    with Served(site, site.card) as session:
        session.close()
        assert "JPKIAPICCTOKEN2" in jpki(site, "card", "info")
        shown = jpki(site, "cert", "show", "--sign", pin=PERSON["pins"]["sign"])
        assert PERSON["name"] in shown and PERSON["address"] in shown, shown
        assert "見本" not in jpki(site, "cert", "show")
        jpki(site, "sign", document, "--yes", pin=PERSON["pins"]["sign"])
    done = run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", document + ".p7s", "-content", document,
               "-CAfile", site.dir.file("ca", "anchors", "sign.pem"), "-purpose", "any")
    assert done.stdout.decode() == "これは試験です\n"
    done = run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", document + ".p7s", "-content", document,
               "-CAfile", site.dir.file("ca", "anchors", "auth.pem"), "-purpose", "any", check=False)
    assert done.returncode != 0


@test
def personas_are_made_by_their_age_and_kind(site):
    drawn = site.make(site.dir.file("kodomo"), "kodomo").stdout.decode()
    assert re.search(r"\b[0-9]{4}\b", drawn), drawn
    shown = site.show(site.dir.file("kodomo"))
    assert shown["kind"] == "under15" and not shown["certificates"]["sign"] and not shown["keys"]["sign"]
    assert shown["sizes"]["text/0001"] == 17
    site.make(site.dir.file("nagai"), "nagai")
    assert site.show(site.dir.file("nagai"))["sizes"]["text/0002"] > 600


@test
def kinds_have_what_is_theirs(site):
    baby = without("expiry") | {"birth_date": time.strftime("%Y-%m-%d", time.gmtime())}
    wishes = {"baby": baby, "under1": PERSON | {"kind": "under1"}, "face": without("pins") | {"kind": "face"},
              "iphone": PERSON | {"kind": "iphone"}}
    for name, person in wishes.items():
        site.make(site.dir.file(name), person)
    shown = {name: site.show(site.dir.file(name)) for name in wishes}
    assert [shown[name]["kind"] for name in wishes] == ["under1", "under1", "face", "iphone"]
    assert [name for name in wishes if shown[name]["pins"]["auth"]["set"]] == ["baby", "under1", "iphone"]
    assert [name for name in wishes if shown[name]["certificates"]["sign"]] == ["iphone"]
    assert not any(name.startswith("text") for name in shown["iphone"]["sizes"])
    faces = [shown[name]["sizes"]["visual/0002"] for name in ("baby", "under1", "face")]
    assert max(faces[:2]) < 4000 < faces[2], faces
    assert shown["face"]["pins"]["visual_b"]["set"] and not shown["face"]["pins"]["text"]["set"]


@test
def what_is_in_a_phone_has_the_policies_of_phones(site):
    policies = {}
    for kind in ("android", "plastic"):
        card = site.dir.file("policy-" + kind)
        site.make(card, PERSON, "--kind", kind)
        with Served(site, card) as session:
            session.close()
            for key, words in (("sign", ["--sign"]), ("auth", [])):
                pin = None if (kind, key) == ("plastic", "auth") else PERSON["pins"][key]
                pem = jpki(site, "cert", "export", *words, pin=pin)
                text = run("openssl", "x509", "-noout", "-text", data=pem.encode()).stdout.decode()
                policies[kind, key] = re.search(r"Policy: ([0-9.]+)", text).group(1)
    arc = "1.2.392.200149.8.5.1."
    assert policies == {("android", "sign"): arc + "1.40", ("android", "auth"): "2.999.8.5.1.3.40",
                        ("plastic", "sign"): arc + "0.20", ("plastic", "auth"): arc + "3.30"}, policies


@test
def options_and_kind_of_the_command_line_hold(site):
    site.make(site.dir.file("chosen"), without("pins"), "--kind", "face", "--option", "fci=template")
    shown = site.show(site.dir.file("chosen"))
    assert (shown["kind"], shown["options"]) == ("face", "fci=template")
    site.refused(PERSON, "a card is one of", more=["--kind", "gold"])
    site.refused(PERSON, "an own CA with RSA keys certifies no P-384 keys", more=["--option", "algorithm=p384"])


@test
def a_photo_of_ones_own_is_on_the_card(site):
    """Black above and white below, in colour."""
    rows = b"".join(b"\0" + (b"\0\0\0" if y < 150 else b"\xff\xff\xff") * 200 for y in range(300))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 200, 300, 8, 2, 0, 0, 0))
    path = site.judge.path("photo.png", png + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    site.make(site.dir.file("own"), PERSON | {"photo": path})
    with Served(site, site.dir.file("own")) as card:
        card.must(bytes.fromhex("00A4040C0A" + AIDS["visual"]))
        assert card.verify(0x0012, CODE_B) == "9000"
        face = card_judge.inside(card.read(2), 0xFF20)
    width, height, pixels = site.judge.photo(face[0xDF27][0])
    assert (width, height) == (240, 308)
    assert max(pixels[: width * 140]) < 40 and min(pixels[width * 170 :]) > 215


main(Site)
