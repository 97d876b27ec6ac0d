#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki free against the software card: a municipality's seal registration card (印鑑登録証) and a
ministry's civil servant id side by side; what is refused first. One test talks to the card without
our client: Python and the openssl command are the other end of SCP03."""
import base64
import json
import os
import random
import socket
import stat
import struct
import subprocess
import threading
import time

from harness import Daemon, Directory, ask, main, program, read_text, run, test, write_text

MAKE_CARD = os.environ["JPKI_TEST_MAKE_CARD"]
DONE, USAGE, ABSENT, PIN, BROKEN = 0, 2, 3, 4, 6
SEAL = ["--label", "印鑑登録証", "--operator", "見本市", "--basis", "ordinance", "--basis-text", "見本市印鑑条例",
        "--basis-date", "2025-04-01", "--expiry", "2099-03-31", "--capacity", "600"]
CIVIL = ["--label", "国家公務員身分証", "--operator", "見本省", "--basis", "rule", "--basis-text", "見本省身分証規程",
         "--basis-date", "2026-01-01", "--expiry", "2099-03-31", "--capacity", "1000"]


class Result:
    def __init__(self, done):
        self.code, self.raw = done.returncode, done.stdout
        self.out, self.err = done.stdout.decode(errors="replace"), done.stderr.decode()

    def __repr__(self):
        return f"exit {self.code}, out {self.out!r}, err {self.err!r}"


class Card:
    """A served card, the issuer's keys on it, and key files of two operators."""

    def __init__(self):
        self.dir = Directory()
        run(MAKE_CARD, self.dir.path)
        self.card, self.direct = self.dir.file("card"), self.dir.file("direct")
        self.control = self.dir.file("control")
        for name in ("issuer", "city", "ministry"):
            self.must("free", "keys", "--out", self.dir.file(name), "--bits", "256" if name == "city" else "128")
        self.issuer, self.city, self.ministry = (self.dir.file(n) for n in ("issuer", "city", "ministry"))
        run(program("jpki-softcard"), "issuer-keys", self.card, "--issuer-key-file", self.issuer)
        argv = [program("jpki-softcard"), "serve", self.card, "--direct", self.direct, "--control", self.control]
        self.daemon = Daemon(argv, self.direct, self.dir.file("log"))
        self.daemon.start()

    def jpki(self, *argv, data=b"", language="C"):
        env = {"PATH": os.environ["PATH"], "LC_ALL": language, "JPKI_READER": "direct:" + self.direct}
        env.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        if language != "C":
            env.update({key: value for key, value in os.environ.items() if key.startswith("JPKI_")})
            env["JPKI_READER"] = "direct:" + self.direct
        result = Result(subprocess.run([program("jpki"), *argv], input=data, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=env, timeout=60, check=False))
        for key in self.secrets():
            assert key not in (result.out + result.err).lower(), result
        return result

    def secrets(self):
        """Every key on any file, as digits."""
        for name in ("issuer", "city", "ministry"):
            if os.path.exists(self.dir.file(name)):
                yield from (line.split()[1] for line in read_text(self.dir.file(name)).splitlines()[1:])

    def must(self, *argv, **more):
        result = self.jpki(*argv, **more)
        assert result.code == DONE, result
        return result

    def create(self, area, described, *more):
        return self.jpki("free", "create", area, "--issuer-key-file", self.issuer, *described, *more)

    def write(self, area, contents, key_file=None):
        return self.jpki("free", "write", area, "--issuer-key-file", key_file or self.issuer, data=contents)

    def read(self, area, key_file=None):
        keys = [] if key_file is None else ["--key-file", key_file]
        return self.jpki("free", "read", area, *keys)

    def listed(self):
        return json.loads(self.must("free", "list", "--json").out)

    def both(self):
        """Both operators' areas with contents, made anew."""
        for area in self.listed()["areas"]:
            self.must("free", "delete", area["area"], "--issuer-key-file", self.issuer)
        for area, described, keys in (("SEAL", SEAL, self.city), ("CIVS", CIVIL, self.ministry)):
            result = self.create(area, described, "--key-file", keys)
            assert result.code == DONE, result
        assert self.write("SEAL", "登録番号 0012345".encode()).code == DONE
        assert self.write("CIVS", b"staff 67890").code == DONE

    def close(self):
        self.daemon.close()
        self.dir.close()


def expect(result, code, *texts):
    assert result.code == code, result
    for text in texts:
        assert text in result.err, (text, result)
    return result


@test
def a_card_can_be_made_with_its_issuers_keys(card):
    new = card.dir.file("new")
    for wrong in (card.dir.file("none"), card.card):
        done = run(program("jpki-softcard"), "make", "-o", new, "--issuer-key-file", wrong, check=False)
        assert done.returncode == USAGE and not os.path.exists(new), done
    run(program("jpki-softcard"), "make", "-o", new, "--issuer-key-file", card.issuer, "--own-ca",
        card.dir.file("ca"), "--persona", "hanako")
    serve = [program("jpki-softcard"), "serve", new, "--direct", card.dir.file("new.direct")]
    daemon = Daemon(serve, card.dir.file("new.direct"), card.dir.file("new.log"))
    daemon.start()
    try:
        # With the right keys the card says that it has no such area.
        for keys, code in ((card.ministry, PIN), (card.issuer, ABSENT)):
            done = subprocess.run(
                [program("jpki"), "free", "delete", "SEAL"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                env=dict(os.environ, JPKI_READER="direct:" + card.dir.file("new.direct"), JPKI_ISSUER_KEY_FILE=keys))
            assert done.returncode == code, done
    finally:
        daemon.close()


@test
def usage_is_told_before_the_card_is_asked(card):
    """With a reader that is not there: whoever asked it would say so instead."""
    direct, card.direct = card.direct, card.dir.file("nowhere")
    expect(card.jpki("free", "read"), USAGE)
    expect(card.jpki("free", "read", "seal"), USAGE, "1 to 4 letters")
    expect(card.jpki("free", "write", "SEAL"), USAGE, "--issuer-key-file is needed")
    expect(card.jpki("free", "delete", "SEAL"), USAGE, "--issuer-key-file is needed")
    for at in range(0, len(SEAL), 2):
        rest = SEAL[:at] + SEAL[at + 2:]
        expect(card.create("SEAL", rest), USAGE, SEAL[at])
    expect(card.create("SEAL", SEAL[:4] + ["--basis", "custom"] + SEAL[6:]), USAGE, "ordinance, rule and private")
    expect(card.create("SEAL", SEAL[:-4] + ["--expiry", "31.3.2030"] + SEAL[-2:]), USAGE, "2030-03-31")
    expect(card.create("SEAL", SEAL[:-1] + ["0"]), USAGE, "--capacity")
    expect(card.create("SEAL", SEAL[:-1] + ["65536"]), USAGE, "--capacity")
    expect(card.jpki("free", "keys"), USAGE, "--out is needed")
    expect(card.jpki("free", "keys", "--out", card.dir.file("k"), "--bits", "160"), USAGE, "128, 192 or 256")
    expect(card.jpki("free", "keys", "--out", card.issuer), USAGE, "exists already")
    expect(card.create("SEAL", SEAL), ABSENT)
    card.direct = direct


@test
def key_files_are_for_their_owner_and_of_one_form(card):
    assert stat.S_IMODE(os.stat(card.issuer).st_mode) == 0o600
    good = read_text(card.issuer)
    path = card.dir.file("bad")
    expect(card.write("SEAL", b"x", path), USAGE, "there is no key file")
    for mode in (0o640, 0o604, 0o620):
        write_text(path, good)
        os.chmod(path, mode)
        expect(card.write("SEAL", b"x", path), USAGE, "chmod 600")
    os.chmod(path, 0o600)
    lines = good.splitlines(keepends=True)
    bad = ["", good[:-1], good + "\n", "".join(lines[1:]), "".join(lines[::-1]), good.replace("48", "0"),
           good.replace("48", "128"), good.replace("enc ", "enc"), good.replace("mac ", "mac zz"),
           lines[0] + lines[1][:-3] + "\n" + lines[2] + lines[3], good.replace("\n", "\r\n")]
    for text in bad:
        write_text(path, text)
        expect(card.write("SEAL", b"x", path), USAGE, path)


@test
def a_card_without_issuer_keys_takes_nothing(card):
    other = Card.__new__(Card)
    other.__dict__.update(card.__dict__)
    other.dir = Directory()
    run(MAKE_CARD, other.dir.path)
    other.direct = other.dir.file("direct")
    argv = [program("jpki-softcard"), "serve", other.dir.file("card"), "--direct", other.direct]
    argv += ["--control", other.dir.file("control")]
    other.daemon = Daemon(argv, other.direct, other.dir.file("log"))
    other.daemon.start()
    try:
        assert other.create("SEAL", SEAL).code == ABSENT
        assert other.listed() == {"areas": [], "capacity_left": 16384}
        assert_control_puts_keys(other)
    finally:
        other.close()


def assert_control_puts_keys(card):
    keys = dict(line.split() for line in read_text(card.issuer).splitlines())
    keys["version"] = int(keys["version"])
    for wrong in ({"version": 0}, {"version": 128}, {"enc": "00"}, {"mac": keys["mac"] * 2}, {"dek": None}):
        status, _ = ask(card.dir.file("control"), "POST", "/v1/issuer-keys", {**keys, **wrong})
        assert status == 400, (wrong, status)
    assert card.create("SEAL", SEAL).code == ABSENT
    status, answer = ask(card.dir.file("control"), "POST", "/v1/issuer-keys", keys)
    assert (status, answer) == (204, None), (status, answer)
    assert card.create("SEAL", SEAL).code == DONE


@test
def issuer_keys_go_on_a_card_that_nobody_serves(card):
    softcard = program("jpki-softcard")
    done = run(softcard, "issuer-keys", card.card, "--issuer-key-file", card.city, check=False)
    assert done.returncode == 6, done
    done = run(softcard, "issuer-keys", card.card, check=False)
    assert done.returncode == 2 and b"--issuer-key-file is needed" in done.stderr, done


@test
def one_operators_keys_open_nothing_of_another(card):
    card.both()
    expect(card.read("SEAL"), PIN, "only the operator's keys", "; --key-file gives them")
    expect(card.read("SEAL", card.ministry), PIN, "does not know these keys")
    expect(card.read("CIVS", card.city), PIN, "does not know these keys")
    expect(card.read("SEAL", card.issuer), PIN, "does not know these keys")
    expect(card.write("SEAL", b"mine", card.city), PIN, "does not know these keys")
    expect(card.jpki("free", "delete", "CIVS", "--issuer-key-file", card.city), PIN)
    assert card.read("SEAL", card.city).out == "登録番号 0012345"
    assert card.read("CIVS", card.ministry).out == "staff 67890"


@test
def too_much_is_refused_and_nothing_changes(card):
    card.both()
    expect(card.write("SEAL", b"x" * 601), USAGE, "not enough room")
    assert card.read("SEAL", card.city).out == "登録番号 0012345"
    assert card.write("SEAL", b"x" * 600).code == DONE
    assert card.read("SEAL", card.city).raw == b"x" * 600
    left = card.listed()["capacity_left"]
    assert left == 16384 - 1600, left
    expect(card.create("BIG", SEAL[:-1] + [str(left + 1)]), USAGE, "not enough room")
    assert card.create("BIG", SEAL[:-1] + [str(left)]).code == DONE
    assert card.listed()["capacity_left"] == 0
    assert card.create("SEAL", CIVIL).code == BROKEN
    expect(card.write("NONE", b"x"), ABSENT, "no such area")
    expect(card.read("NONE"), ABSENT, "no such area")


@test
def everybody_can_list(card):
    card.both()
    found = {area["area"]: area for area in card.listed()["areas"]}
    assert list(found) == ["SEAL", "CIVS"]
    assert found["SEAL"] == {
        "area": "SEAL", "aid": "f0" + b"OJPKI TESTASEAL".hex(), "label": "印鑑登録証", "operator": "見本市",
        "basis": "ordinance", "basis_text": "見本市印鑑条例", "basis_date": "2025-04-01", "expiry": "2099-03-31",
        "expired": False, "capacity": 600, "protected": True,
    }
    assert found["CIVS"]["basis"] == "rule"
    text = card.must("free", "list").out
    for word in ("SEAL", "印鑑登録証", "見本省身分証規程", "ministers' rule", "the operator", "14784 bytes"):
        assert word in text, (word, text)
    text = card.must("free", "list", language="ja_JP.UTF-8").out
    assert "条例" in text and "空き" in text, text


@test
def contents_come_back_in_files_and_in_json(card):
    card.both()
    out = card.dir.file("out")
    card.must("free", "read", "SEAL", "--key-file", card.city, "--out", out)
    assert read_text(out) == "登録番号 0012345"
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600
    expect(card.jpki("free", "read", "SEAL", "--key-file", card.city, "--out", out), USAGE, "--force")
    keys = read_text(card.city)
    over = card.jpki("free", "read", "SEAL", "--key-file", card.city, "--out", card.city, "--force")
    expect(over, USAGE, "is the file that is read")
    assert read_text(card.city) == keys
    answer = json.loads(card.must("free", "read", "SEAL", "--key-file", card.city, "--json").out)
    assert base64.b64decode(answer["contents"]).decode() == "登録番号 0012345", answer
    write_text(card.dir.file("in"), "from a file")
    card.must("free", "write", "SEAL", "--issuer-key-file", card.issuer, "--in", card.dir.file("in"))
    assert card.read("SEAL", card.city).out == "from a file"
    assert card.create("OPEN", SEAL).code == DONE
    assert card.write("OPEN", b"for all").code == DONE
    assert card.read("OPEN").out == "for all"


@test
def a_card_pulled_out_in_a_write_has_old_or_new(card):
    card.both()
    new = b"n" * 900
    after = 0
    while True:
        status, _ = ask(card.control, "POST", "/v1/trouble", {"remove_after": after})
        assert status == 204
        wrote = card.write("CIVS", new)
        status, _ = ask(card.control, "POST", "/v1/insertion", {"inserted": True})
        assert status == 204
        found = card.read("CIVS", card.ministry).raw
        assert found == (new if wrote.code == DONE else b"staff 67890"), (after, wrote, found)
        if wrote.code == DONE:
            break
        assert wrote.code == ABSENT, wrote
        after += 1
    assert after > 8, after


@test
def power_lost_in_a_write_leaves_old_or_new(card):
    """kill -9 at any moment of many writes; the card opens again, and other areas are as they were."""
    card.both()
    known = b"staff 67890"
    chance = random.Random(1)
    for number in range(12):
        new = str(number).encode() * 800
        result = []
        writer = threading.Thread(target=lambda: result.append(card.write("CIVS", new)))
        writer.start()
        time.sleep(chance.uniform(0.0, 0.12))
        card.daemon.kill()
        writer.join()
        card.daemon.start()
        found = card.read("CIVS", card.ministry).raw
        assert found in (known, new), (number, found[:20])
        assert found == new or result[0].code != DONE, "acknowledged and lost"
        known = found
        assert card.read("SEAL", card.city).out == "登録番号 0012345"


def openssl(*argv, data):
    return subprocess.run(["openssl", *argv], input=data, stdout=subprocess.PIPE, check=True).stdout


class Host:
    """The other end of SCP03 as somebody else would write it: AES and CMAC are openssl's."""

    def __init__(self, path, keys):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.keys, self.chain, self.count = keys, bytes(16), 0

    def send(self, command):
        self.socket.sendall(struct.pack(">H", len(command)) + command)
        size = struct.unpack(">H", self.socket.recv(2, socket.MSG_WAITALL))[0]
        answer = self.socket.recv(size, socket.MSG_WAITALL)
        return answer[:-2], answer[-2:].hex()

    @staticmethod
    def cmac(key, data):
        cipher = f"AES-{len(key) * 8}-CBC"
        text = openssl("mac", "-cipher", cipher, "-macopt", "hexkey:" + key.hex(), "CMAC", data=data)
        return bytes.fromhex(text.decode().strip())

    @staticmethod
    def cbc(key, iv, data, *way):
        return openssl("enc", f"-aes-{len(key) * 8}-cbc", "-nopad", "-K", key.hex(), "-iv", iv.hex(), *way, data=data)

    def derive(self, key, constant, bits, context):
        made = b""
        while len(made) * 8 < bits:
            number = len(made) // 16 + 1
            made += self.cmac(key, bytes(11) + bytes([constant, 0]) + struct.pack(">HB", bits, number) + context)
        return made[:bits // 8]

    def proven(self, header, data):
        mac = self.cmac(self.mac, self.chain + header + bytes([len(data) + 8]) + data)
        self.chain = mac
        return header + bytes([len(data) + 8]) + data + mac[:8] + b"\0"

    def open(self):
        challenge = os.urandom(8)
        answer, status = self.send(bytes.fromhex("8050000008") + challenge + b"\0")
        assert status == "9000" and answer[11:13] == b"\x03\x70", (answer.hex(), status)
        context = challenge + answer[13:21]
        bits = len(self.keys["enc"]) * 8
        self.enc = self.derive(self.keys["enc"], 4, bits, context)
        self.mac = self.derive(self.keys["mac"], 6, bits, context)
        self.rmac = self.derive(self.keys["mac"], 7, bits, context)
        assert answer[21:29] == self.derive(self.mac, 0, 64, context)
        proof = self.derive(self.mac, 1, 64, context)
        answer, status = self.send(self.proven(bytes.fromhex("84823300"), proof)[:-1])
        assert status == "9000", status

    def read(self):
        self.count += 1
        answer, status = self.send(self.proven(bytes.fromhex("04b08100"), b""))
        assert status == "9000", status
        assert answer[-8:] == self.cmac(self.rmac, self.chain + answer[:-8] + b"\x90\0")[:8]
        number = b"\x80" + bytes(14) + bytes([self.count])
        iv = self.cbc(self.enc, bytes(16), number)
        return self.cbc(self.enc, iv, answer[:-8], "-d").rstrip(b"\0")[:-1]


@test
def another_host_reads_an_area(card):
    card.both()
    lines = dict(line.split() for line in read_text(card.city).splitlines())
    keys = {name: bytes.fromhex(lines[name]) for name in ("enc", "mac")}
    host = Host(card.direct, keys)
    try:
        aid = b"\xf0OJPKI TESTASEAL"
        assert host.send(bytes.fromhex("00a4040c") + bytes([len(aid)]) + aid)[1] == "9000"
        assert host.send(bytes.fromhex("00b0810000"))[1] == "6982"
        host.open()
        assert host.read().decode() == "登録番号 0012345"
        assert host.send(bytes.fromhex("00b0810000"))[1] == "6982"
    finally:
        host.socket.close()


main(Card)
