#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The search of a test run's logs (scripts/check/canaries) finds what is planted. Prints TAP."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
CANARIES = os.path.join(ROOT, "scripts/check/canaries")
TOKEN = "3uCZ3khpKzOMPNbf8xDH_63qsU-GO6fFjFA6uMeJtCU"
NAME, NUMBER = "番号　花子", "123456789018"

# what the case shows, what stands in a log, the kind that has to be found (None: nothing)
CASES = [
    ("nothing is found in what may be there", '{"event":"http.request","status":200,"ms":1234}', None),
    ("a token is found", f"why: {TOKEN} is refused", "token"),
    ("a token is found within a longer text", f"x{TOKEN}y", "token"),
    ("a token in hexadecimal is found", TOKEN.encode().hex(), "token"),
    ("a token in percent signs is found", "".join(f"%{octet:02x}" for octet in TOKEN.encode()), "token"),
    *[(f"a token in base64 after {n} octets is found", base64.b64encode(b"-" * n + TOKEN.encode() + b"-").decode(), "token")
      for n in range(3)],
    ("a token behind Bearer is found, though nobody knew it", "Authorization: Bearer 0123456789abcdefABCDEF", "shape"),
    ("a JWT is found, though nobody knew it", "got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "shape"),
    ("a code of six digits behind its name is found, though nobody knew it", "GET /qr?code=042137 HTTP/1.1", "shape"),
    ("so is one in JSON", '{"code":"042137"}', "shape"),
    ("the code of a problem is none", '{"code":"too_many","status":429,"ms":123456}', None),
    ("a private key is found", "-----BEGIN PRIVATE KEY-----", "shape"),
    ("an individual number is found", f"card of {NUMBER}.", "number"),
    ("one in hexadecimal is found", NUMBER.encode().hex().upper(), "number"),
    ("digits within other digits are none", f"at 9{NUMBER}", None),
    ("a name is found", f"holder={NAME}", "attribute"),
    ("a name in escapes of JSON is found", json.dumps({"who": NAME}), "attribute"),
    ("a name in percent signs is found", "/v1/people?name=" + urllib.parse.quote(NAME), "attribute"),
    ("an address that is cut is found", "address 東京都千代田区見本町一丁目", "attribute"),
    ("a birth date is found", "born 1990-04-15", "attribute"),
    ("one of eight digits is found", '{"birth":"19900415"}', "attribute"),
    ("a password is found", "password ABC123", "pin"),
    ("a PIN is found behind its name", "pin=1234", "pin"),
    ("a PIN is found where it is all of a text", '{"given":"1234"}', "pin"),
    ("a PIN in an order to a card is found", "00200080 04 31323334".replace(" ", ""), "pin"),
]


def search(text, folder):
    """Names of what was found, and everything that was printed."""
    for name in ("logs", "secrets"):
        os.mkdir(os.path.join(folder, name))
    with open(os.path.join(folder, "logs", "1-1-log"), "w", encoding="utf-8") as stream:
        stream.write("a line before\n" + text + "\n")
    with open(os.path.join(folder, "secrets", "1.json"), "w", encoding="utf-8") as stream:
        json.dump({"token": [TOKEN]}, stream)
    done = subprocess.run([CANARIES, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2 and not done.stderr, done.stderr.decode()
    said = done.stdout.decode()
    return [line for line in said.splitlines() if line.startswith("not ok")], said


KINDS = {"pin": "no PIN or", "number": "no individual number", "attribute": "no attribute", "token": "no key, token",
         "shape": "no thing that looks"}


def judge(text, expected):
    with tempfile.TemporaryDirectory() as folder:
        failed, said = search(text, folder)
    # Nothing but this log was left, which is told as well.
    assert "every program has left something" in failed[0], said
    assert [line for line in failed[1:] if KINDS.get(expected, "?") not in line] == [], said
    assert len(failed[1:]) == (expected is not None), said
    if expected is not None:
        assert "1-1-log, line 2" in said, said
    assert not any(secret in said for secret in (TOKEN, NUMBER, NAME)), said


def main():
    failed = 0
    print(f"1..{len(CASES)}")
    for number, (shows, text, expected) in enumerate(CASES, 1):
        try:
            judge(text, expected)
        except AssertionError as problem:
            print("\n".join(f"# {line}" for line in str(problem).splitlines()))
            print(f"not ok {number} - {shows}")
            failed += 1
            continue
        print(f"ok {number} - {shows}")
    sys.exit(1 if failed else 0)


main()
