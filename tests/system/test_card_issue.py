#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Complete cards, made by a sandbox for files of our own: what is refused, what is on them for
judges of another house, who may ask for it, and that a number is nowhere else."""
import glob
import json
import os
import socket
import struct
import subprocess
import sys

import card_judge
from harness import Daemon, Directory, ask, main, program, run, test, wait_until, write_text
from test_sandbox import ABSENT, USAGE, Sandbox, environment

JPKI, SOFTCARD = program("jpki"), program("jpki-softcard")
NUMBER = "123456789018"
TEXT, VISUAL = "d3921000310001010408", "d3921000310001010402"
TEXT_ROOT, VISUAL_ROOT = (f"cv-39303030{digits}080530303100000000.pem" for digits in ("303333", "303233"))


class Card:
    """A card file that is served on a socket."""

    def __init__(self, directory, name):
        self.file, self.socket = directory.file(name), directory.file(name + ".sock")
        self.daemon = Daemon([SOFTCARD, "serve", self.file, "--direct", self.socket], self.socket,
                             directory.file(name + ".log"))
        self.daemon.start()
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(60)
        self.connection.connect(self.socket)

    def send(self, command):
        data = bytes.fromhex(command)
        self.connection.sendall(struct.pack(">H", len(data)) + data)
        with self.connection.makefile("rb") as f:
            answer = f.read(struct.unpack(">H", f.read(2))[0])
        return answer[:-2], answer[-2:].hex()

    def select(self, aid):
        assert self.send(f"00a4040c{len(aid) // 2:02x}{aid}")[1] == "9000"

    def verify(self, fid, pin):
        assert self.send(f"00a4020c02{fid:04x}")[1] == "9000"
        return self.send(f"00200080{len(pin):02x}{pin.encode().hex()}")[1]

    def read(self, fid):
        assert self.send(f"00a4020c02{fid:04x}")[1] == "9000"
        found = b""
        while True:
            data, status = self.send(f"00b0{len(found):04x}00")
            if status == "6982":
                return None
            found += data
            if len(data) < 256:
                return found

    def close(self):
        self.connection.close()
        self.daemon.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Fixture:
    def __init__(self):
        self.dir = Directory()
        self.box = Sandbox(is_new=False).start()
        self.judge = card_judge.Judge(self.dir.path)
        self.env = environment(self.box)
        self.sockets = self.dir.file("s")
        os.mkdir(self.sockets)

    def make(self, name, persona, *more, check=True):
        return run("env", "TMPDIR=" + self.sockets, SOFTCARD, "make", "--persona", persona, "--sandbox", self.box.dir,
                   "-o", self.dir.file(name), *more, check=check)

    def root(self, name):
        path = os.path.join(self.env["JPKI_CARD_ANCHORS"], name)
        return run("openssl", "pkey", "-pubin", "-in", path, "-outform", "DER").stdout

    def clerk(self, pin, *words, check=True):
        """The sandbox's first clerk, with his own card."""
        card = ["--reader", "direct:" + os.path.join(self.box.dir, "clerks", "first", "direct"), "--pin-fd", "0"]
        done = run(JPKI, "clerk", *words, "--session", self.dir.file("clerk.json"), "--json", *(card if pin else ()),
                   data=pin, check=check)
        return json.loads(done.stdout)

    def read(self, path):
        if not os.path.exists(self.dir.file("clerk.json")):
            socket = os.path.join(self.box.dir, "register", "counter.sock")
            self.clerk(b"1234", "login", "--socket", socket, "--counter", "000000001")
        return self.clerk(None, "read", path)

    def file(self, path, body):
        """The refusal."""
        write_text(self.dir.file("body.json"), json.dumps(body))
        return self.clerk(b"CLERK123", "file", path, self.dir.file("body.json"), check=False)["error"]

    def close(self):
        self.box.close()
        self.dir.close()


@test
def without_a_sandbox_or_a_person_no_card_is_left(f):
    done = f.make("none", "nobody", check=False)
    assert done.returncode == USAGE and b"hanako" in done.stderr, done
    done = run(SOFTCARD, "make", "--persona", "hanako", "--sandbox", f.dir.path, "-o", f.dir.file("none"), check=False)
    assert done.returncode == USAGE and b"no sandbox" in done.stderr, done
    done = run(SOFTCARD, "make", "--sandbox", f.box.dir, "-o", f.dir.file("none"), check=False)
    assert done.returncode == USAGE and b"--persona" in done.stderr, done
    assert not glob.glob(f.dir.file("none*"))


@test
def a_card_that_cannot_be_issued_is_taken_away(f):
    """Whose serial is another's already."""
    f.make("first", "john", "--serial", "TAKEN1")
    done = f.make("second", "uruu", "--serial", "TAKEN1", check=False)
    assert done.returncode != 0 and b"another resident" in done.stderr, done
    assert not glob.glob(f.dir.file("second*"))
    done = f.make("first", "john", check=False)
    assert done.returncode != 0 and b"exists" in done.stderr, done
    assert len(glob.glob(f.dir.file("first*"))) == 3, "what was there stays"
    assert not os.listdir(f.sockets), "and no socket either"


# A test number: the check digit is the right one, 3, plus five.
PERSON = {"name": "見本　太郎", "address": "東京都千代田区見本町三丁目１番", "birth_date": "1985-06-07", "sex": "male",
          "mynumber": "100000000018", "municipality": "13101",
          "pins": {"auth": "1357", "sign": "PASSW0RD", "text": "2468"}}


@test
def a_wish_that_the_register_cannot_grant_is_named(f):
    path = f.dir.file("wish.json")
    for member, value, word in (("expiry", "2030-01-01", "expiry"), ("security_code", "1234", "security_code"),
                                ("photo", None, "photo"), ("kind", "android", "android"), ("mynumber", "123456789012", ""),
                                ("pins", {"auth": "1357"}, "pins.sign"), ("pins", {"sign": "PASSW0RD"}, "pins.auth")):
        write_text(path, json.dumps(PERSON | {member: value}))
        done = run(SOFTCARD, "make", "--json", path, "--sandbox", f.box.dir, "-o", f.dir.file("wish"), check=False)
        assert done.returncode in (2, 5) and word in done.stderr.decode(), (member, done)
        assert "123456789012" not in done.stderr.decode() and glob.glob(f.dir.file("wish*")) == [path], member


@test
def somebody_from_a_file_gets_a_card_of_the_sandbox(f):
    path = f.dir.file("person.json")
    write_text(path, json.dumps(PERSON))
    run(SOFTCARD, "make", "--json", path, "--sandbox", f.box.dir, "-o", f.dir.file("somebody"))
    with Card(f.dir, "somebody") as card:
        card.select(TEXT)
        assert [card.verify(0x11, pin) for pin in ("1357", "2468")] == ["63c2", "9000"]
        assert PERSON["name"].encode() in card.read(2)


@test
def the_card_in_the_reader_and_further_ones_are_of_one_resident(f):
    own = json.loads(f.box.call("persona", "card", "hanako", "--json").stdout)["card"]
    f.make("hanako", "hanako", "--serial", "0001234567890123")
    f.make("again", "hanako")
    cards = [f.read(f"/v1/cards/{serial}") for serial in (own, "0001234567890123")]
    assert cards[0]["resident"] == cards[1]["resident"] and {card["state"] for card in cards} == {"active"}
    done = json.loads(f.box.call("persona", "card", "hanako", "--json").stdout)
    assert (done["card"], done["made"]) == (own, False)


@test
def nothing_opens_without_its_pin_and_codes_open_their_own(f):
    known = f.read("/v1/cards/0001234567890123")
    code_b = "020415" + known["expires_on"][:4] + known["security_code"]
    with Card(f.dir, "hanako") as card:
        card.select(TEXT)
        assert [fid for fid in range(1, 9) if card.read(fid) is not None] == [4, 5]
        assert card.verify(0x0011, "0000") == "63c2"
        assert card.verify(0x0015, code_b) == "9000"
        assert card.read(0x0002) and card.read(0x0001) is None
        card.select(VISUAL)
        assert [fid for fid in range(1, 7) if card.read(fid) is not None] == [3, 4]
        assert card.verify(0x0012, code_b) == "9000"
        assert card.read(0x0002) and card.read(0x0005) is None
        assert card.verify(0x0011, "0" * 6) == "63c9"


def read_all(card, number, pin, birth):
    files = {}
    card.select(TEXT)
    assert card.verify(0x0011, pin) == "9000"
    files |= {f"text-{fid:04x}": card.read(fid) for fid in range(1, 8)}
    card.select(VISUAL)
    assert card.verify(0x0013, number) == "9000" and card.verify(0x0011, birth) == "9000"
    return files | {f"visual-{fid:04x}": card.read(fid) for fid in range(1, 6)}


@test
def what_is_on_it_is_of_its_holder_and_signed_under_our_roots(f):
    known = f.read("/v1/cards/0001234567890123")
    with Card(f.dir, "hanako") as card:
        files = read_all(card, NUMBER, "1234", "020415")
        card.select("d3921000310001010100")
        record, status = card.send("00b2010c00")
    words, text_key = f.judge.text(files, f.root(TEXT_ROOT))
    assert words == ["番号　花子", "東京都千代田区見本町一丁目２番３号", "19900415", "2", NUMBER], words
    expiry = known["expires_on"].replace("-", "")
    words, pictures, visual_key = f.judge.visual(files, f.root(VISUAL_ROOT))
    assert words == ["19900415", "2", expiry], words
    assert text_key != visual_key
    assert card_judge.picture(pictures[0xDF41])[:2] == (72, 12)
    width, height, _ = f.judge.photo(pictures[0xDF27])
    assert width > 0 and height > width
    assert (record, status) == (b"\x01\x1c00123456789012313101" + expiry.encode(), "9000"), record


@test
def the_keys_of_the_applets_were_made_in_each_card(f):
    """Two cards of one person have nothing in common that could be copied."""
    keys = []
    for name in ("hanako", "again"):
        with Card(f.dir, name) as card:
            files = read_all(card, NUMBER, "1234", "020415")
        keys.append((f.judge.text(files, f.root(TEXT_ROOT))[1], f.judge.visual(files, f.root(VISUAL_ROOT))[2]))
    assert len({key for pair in keys for key in pair}) == 4


@test
def each_kind_of_card_has_what_it_should(f):
    people = {row["name"]: row for row in json.loads(f.box.call("persona", "list", "--json").stdout)["personas"]}
    expected = {"kodomo": ("under15", False, "1234"), "akachan": ("under1", False, "1234"), "kao": ("face", False, None)}
    for name, (kind, has_sign, pin) in expected.items():
        assert people[name]["kind"] == kind
        f.make(name, name)
        shown = json.loads(run(SOFTCARD, "show", "--json", f.dir.file(name)).stdout)
        assert shown["certificates"]["sign"] == has_sign and shown["certificates"]["auth"], shown
        with Card(f.dir, name) as card:
            card.select(TEXT)
            assert card.verify(0x0011, "1234") == ("9000" if pin else "6984"), name


@test
def who_is_under_one_has_no_photo_and_a_signature_all_the_same(f):
    with Card(f.dir, "akachan") as card:
        files = read_all(card, "900000000138", "1234", "080707")
    words, pictures, _ = f.judge.visual(files, f.root(VISUAL_ROOT))
    assert words[:2] == ["20260707", "9"] and pictures[0xDF27] == b""


@test
def nobody_has_files_made_for_a_card_in_use(f):
    with open(os.path.join(f.box.dir, "card-anchors", TEXT_ROOT), encoding="ascii") as pem:
        key = "".join(pem.read().split("\n")[1:-2])
    body = {"text_key": key, "visual_key": key}
    problem = f.file("/v1/cards/0001234567890123/personal-files", body)
    assert problem["kind"] == "conflict" and "handed over" in problem["text"], problem
    assert f.file("/v1/cards/NONE/personal-files", body)["kind"] == "absent"
    assert f.file("/v1/cards/0001234567890123/personal-files", body | {"text_key": "AAAA"})["kind"] == "input"


@test
def each_reading_of_a_number_is_in_the_log(f):
    records = ask(os.path.join(f.box.dir, "register", "counter.sock"), "GET", "/v1/audit?since=0")[1]["records"]
    acts = [record["act"] for record in records]
    assert acts.count("mynumber.read") == acts.count("card.activated") > 5, acts
    assert {record["outcome"] for record in records if record["act"] == "mynumber.read"} == {"card"}


@test
def the_number_is_in_the_register_and_in_no_other_file(f):
    """In clear, as a picture it is on cards alone, and these are sealed. The copies of our programs,
    which a sandbox makes where users of its own may not read the build, know the published one."""
    found = []
    for folder, _, names in os.walk(f.box.dir):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                if NUMBER.encode() in file.read():
                    found.append(os.path.relpath(path, f.box.dir))
    assert {name.split("/")[0] for name in found} - {"programs"} == {"register"}, found


@test
def a_sandbox_of_an_older_version_gets_the_new_zone(f):
    """Without the keys, folders and configurations that it did not have. Keys that others hold to stay: the
    witness takes another one of a log for somebody else's, and registerd keeps a secret under "exchange"."""
    f.box.stop()
    keys = os.path.join(f.box.dir, "signer-card", "keys")
    for name in os.listdir(keys):
        if not name.startswith(("audit-", "exchange")):
            os.unlink(os.path.join(keys, name))
    subprocess.run(["rm", "-r", os.path.join(f.box.dir, "card-anchors")], check=True)
    for name in ("conf/signerd-card.conf", "certificates/card-text.cvc", "certificates/card-visual.cvc"):
        os.unlink(os.path.join(f.box.dir, name))
    f.box.start()
    wait_until("the new zone answers", lambda: f.box.status()["programs"])
    f.make("new", "taisho")
    with Card(f.dir, "new") as card:
        card.select(TEXT)
        assert card.verify(0x0011, "1234") == "9000"
        assert len(card.read(0x0004)) == 568
    assert f.box.call("persona", "card", "nobody", expect=ABSENT)


if __name__ == "__main__":
    sys.exit(main(Fixture))
