#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What other people's programs send to the card, played to a software card of the published person.

tests/vectors/card-clients/README.md says how the sequences are written down."""
import glob
import json
import os
import re
import shutil
import socket
import struct
import subprocess

import harness
from harness import Directory, listens, main, program, read_text, run, wait_until, write_text

VECTORS = os.path.join(os.environ["JPKI_TEST_ROOT"], "tests", "vectors", "card-clients")
PERSON = {
    "name": "花子　公的", "address": "東京都千代田区霞が関１丁目１番１号", "birth_date": "1990-04-15",
    "sex": "female", "mynumber": "123456789018", "municipality": "13101", "expiry": "2035-04-15",
    "security_code": "2285",
    "pins": {"auth": "1234", "sign": "ABC123", "text": "4321", "juki": "2468"},
}
# 照合番号B: birth date in the year of the era (Heisei 2), year of expiry, security code (card.md 3.4).
NAMES = {"pin": "1234", "password": "ABC123", "text-pin": "4321", "mynumber": "123456789018",
         "code-b": "02041520352285", "birth": "020415"}
FILES = {"000A": "auth", "0001": "sign", "000B": "auth-ca", "0002": "sign-ca"}


class Session:
    """A connection to the direct socket, which is what a reader's contacts are."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)

    def send(self, payload):
        self.socket.sendall(struct.pack(">H", len(payload)) + payload)

    def receive(self):
        size = struct.unpack(">H", self.exactly(2))[0]
        return self.exactly(size)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            assert piece, "the card is gone"
            data += piece
        return data

    def command(self, apdu):
        self.send(apdu)
        return self.receive()

    def power(self):
        self.send(b"\0")
        self.send(b"\1")


class Expected:
    """An answer of a vector: bytes, *N, and at most one * of any length."""

    def __init__(self, text):
        self.text = text
        pieces = []
        for token in re.findall(r"\*\d*|\{[\w-]+\}|[0-9A-Fa-f]{2}", text):
            if token.startswith("*"):
                pieces.append(b"(?s:.{%s})" % token[1:].encode() if token != "*" else b"(?s:.*)")
            elif token.startswith("{"):
                pieces.append(re.escape(NAMES[token[1:-1]].encode()))
            else:
                pieces.append(re.escape(bytes.fromhex(token)))
        self.pattern = re.compile(b"".join(pieces))

    def check(self, answer, where):
        assert self.pattern.fullmatch(answer), f"{where}: {self.text} was due, {answer.hex()} came"


def command_bytes(text):
    plain = re.sub(r"\{([\w-]+)\}", lambda name: NAMES[name.group(1)].encode().hex(), text)
    return bytes.fromhex(re.sub(r"[\s|]", "", plain))


class Player:
    """Plays one file line by line."""

    def __init__(self, session, certificates):
        self.session, self.certificates = session, certificates
        self.file, self.is_twice, self.answer = None, False, None

    def exchange(self, apdu):
        answer = self.session.command(apdu)
        if self.is_twice:
            answer = self.session.command(apdu)
        return answer

    def play(self, path):
        played = 0
        for number, line in enumerate(read_text(path).splitlines(), 1):
            where = f"{os.path.basename(path)}:{number}"
            kind, _, rest = line.partition(" ")
            if kind in ("#", ""):
                continue
            getattr(self, {">": "send", "<": "expect", "!": "event", "@": "macro"}[kind])(rest, where)
            played += 1
        assert self.answer is None and played > 1, f"{path} ends in the middle"

    def send(self, text, where):
        assert self.answer is None, f"{where}: the answer before is not looked at"
        apdu = command_bytes(text)
        if apdu[:4] == bytes.fromhex("00A4020C"):
            self.file = apdu[5:7].hex().upper()
        self.answer = self.exchange(apdu)

    def expect(self, text, where):
        Expected(text).check(self.answer, where)
        self.answer = None

    def event(self, text, where):
        assert text == "power", where
        self.session.power()

    def macro(self, text, where):
        if text == "twice on":
            self.is_twice = True
            return
        word, *options = text.split()
        assert word == "certificate", where
        self.certificate({key: value for key, _, value in (option.partition("=") for option in options)}, where)

    def read(self, offset, size):
        answer = self.exchange(bytes.fromhex(f"00B0{offset:04X}") + bytes([size % 256]))
        return answer[:-2], answer[-2:].hex().upper()

    def certificate(self, how, where):
        """In blocks as this program does; what comes out is the certificate of the selected file."""
        header, step, start, total = int(how["header"]), int(how["step"]), int(how["from"]), None
        data = b""
        if header:
            data, status = self.read(0, header)
            assert status == "9000" and len(data) == header and data[:2] == b"\x30\x82", f"{where}: {data.hex()}"
            total = 4 + struct.unpack(">H", data[2:4])[0]
        data, offset = data[:start], start
        while total is None or offset < total:
            wanted = step if total is None or how["last"] == "00" else min(step, total - offset)
            block, status = self.read(offset, wanted)
            if status == how["until"]:
                assert block == b"", f"{where}: data beside {status}"
                break
            assert status == "9000" and block, f"{where}: {status} at {offset}"
            assert total is None or len(block) == wanted, f"{where}: {len(block)} of {wanted} bytes at {offset}"
            data, offset = data + block, offset + len(block)
        size = 4 + struct.unpack(">H", data[2:4])[0]
        assert data[:size] == self.certificates[self.file], f"{where}: not the certificate of file {self.file}"
        assert not any(data[size:]), f"{where}: the filler is not 00"


class Cards:
    """One card, and a copy of it for each sequence: PINs are blocked and changed on the way."""

    def __init__(self):
        self.dir = Directory()
        self.original = self.dir.file("original")
        os.mkdir(self.original)
        person = self.dir.file("person.json")
        write_text(person, json.dumps(PERSON))
        run(program("jpki-softcard"), "make", "--own-ca", self.dir.file("ca"), "--json", person,
            "-o", os.path.join(self.original, "card"))
        self.certificates = {}

    def close(self):
        self.dir.close()

    def export(self, direct):
        """The certificates as another reader gets them, judged by openssl."""
        for fid, name in FILES.items():
            words = [program("jpki"), "cert", "export", "--der", "-o", self.dir.file(f"{name}.der"),
                     "--reader", f"direct:{direct}", *(["--ca"] if name.endswith("-ca") else [])]
            if name.startswith("sign"):
                words.append("--sign")
            words += ["--pin-fd", "0"] if name == "sign" else []
            subprocess.run(words, input=b"ABC123\n", check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            run("openssl", "x509", "-inform", "DER", "-in", self.dir.file(f"{name}.der"), "-noout")
            with open(self.dir.file(f"{name}.der"), "rb") as file:
                self.certificates[fid] = file.read()

    def play(self, path):
        name = os.path.basename(path)[:-len(".apdu")]
        place, direct = self.dir.file(name), self.dir.file(f"{name}.sock")
        shutil.copytree(self.original, place)
        with subprocess.Popen([program("jpki-softcard"), "serve", os.path.join(place, "card"), "--direct", direct],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as served:
            try:
                wait_until("the card serves", lambda: served.poll() is not None or listens(direct))
                if not self.certificates:
                    self.export(direct)
                Player(Session(direct), self.certificates).play(path)
            finally:
                served.terminate()


def add(path):
    """A test per file, named as the file is."""
    name = os.path.basename(path)[:-len(".apdu")]

    def play(cards):
        cards.play(path)

    play.__name__ = f"{name.replace('-', '_')}_gets_its_answers"
    harness.TESTS.append(play)


for vector in sorted(glob.glob(os.path.join(VECTORS, "*.apdu"))):
    add(vector)
assert len(harness.TESTS) > 20, "where are the sequences?"
main(Cards)
