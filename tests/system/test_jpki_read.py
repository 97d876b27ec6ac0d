#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki read: what a served card says about its holder, and what must not be believed of it."""
import hashlib
import json
import os
import pty
import stat
import subprocess
import sys

from harness import Daemon, Directory, main, program, read_text, run, test

MAKE = os.environ["JPKI_TEST_MAKE_PERSONAL_CARD"]
TEXT_PIN, CODE_A, BIRTH = "2345", "123456789018", "1990-04-15"
CODE_B = "1990-04-15 2035 2285"
NAME, ADDRESS = "番号　花子", "東京都千代田区見本町一丁目２番３号"
# Typed, or read from the card: never in what another command or an error says.
CODES = (TEXT_PIN, "02041520352285", CODE_B)
IMAGES = ["address.png", "name.png", "photo.jp2", "security-code.png"]


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def reasons(self):
        return [reason["name"] for reason in self.json()["reasons"]]

    def __repr__(self):
        return f"exit {self.code}, out {self.out!r}, err {self.err!r}"


class Card:
    def __init__(self, *variant):
        self.dir = Directory()
        run(MAKE, self.dir.path, *variant)
        self.direct, self.anchors = self.dir.file("direct"), self.dir.file("card-anchors")
        argv = [program("jpki-softcard"), "serve", self.dir.file("card"), "--direct", self.direct]
        argv += ["--control", self.dir.file("control")]
        self.daemon = Daemon(argv, self.direct, self.dir.file("log"))
        self.daemon.start()

    def read(self, *argv, code=None, stdin=subprocess.DEVNULL, language="C", roots=True):
        """jpki read ..., with the code through a pipe."""
        env = {"PATH": os.environ["PATH"], "LC_ALL": language, "JPKI_READER": "direct:" + self.direct}
        env.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        if roots:
            env["JPKI_CARD_ANCHORS"] = self.anchors
        pipe = []
        if code is not None:
            reader, writer = os.pipe()
            os.write(writer, code.encode())
            os.close(writer)
            argv += ("--pin-fd", str(reader))
            pipe = [reader]
        try:
            return Result(
                subprocess.run(
                    [program("jpki"), "read", *argv], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    env=env, pass_fds=pipe, start_new_session=True, timeout=60, check=False
                )
            )
        finally:
            for fd in pipe:
                os.close(fd)

    def close(self):
        self.daemon.close()
        self.dir.close()


class Cards:
    """One of each kind, made when it is first needed."""

    def __init__(self):
        self.made = {}

    def __getattr__(self, kind):
        if kind not in self.made:
            self.made[kind] = Card() if kind == "genuine" else Card(kind)
        return self.made[kind]

    def close(self):
        for card in self.made.values():
            card.close()


def expect(result, code, *texts):
    assert result.code == code, result
    for text in texts:
        assert text in result.err, (text, result)
    for secret in CODES:
        assert secret not in result.out + result.err, result
    return result


def answer_on_terminal(card, answers, *argv):
    """With a terminal as standard input, on which somebody types."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        return card.read(*argv, code=CODE_B, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


@test
def wrong_command_lines_end_with_2(cards):
    card = cards.genuine
    expect(card.read("mynumber", "--show", code=TEXT_PIN), 2, "--show needs --purpose")
    expect(card.read("mynumber", "--show", "--purpose", "curiosity", code=TEXT_PIN), 2, "--purpose is one of")
    expect(card.read("mynumber", "--purpose", "tax", code=TEXT_PIN), 2, "--purpose needs --show")
    expect(card.read("mynumber", "--show", "--purpose", "tax", "--image", "x", code=TEXT_PIN), 2, "--image needs")
    expect(card.read("photo", code=CODE_B), 2, "--out FILE is needed")
    expect(card.read("face", "--decision", "match", code=CODE_B), 2, "need --confirm")
    expect(card.read("face", "--confirm", code=CODE_B), 2, "--confirm needs --out")
    expect(card.read("face", "--confirm", "--out", card.dir.file("no"), code=CODE_B), 2, "nobody can be asked here")
    expect(card.read("face", "--confirm", "--decision", "maybe", code=CODE_B), 2, "match or mismatch")
    expect(card.read("attrs", "--birth-date", "1990-04-15"), 2, "there is no option --birth-date")
    expect(card.read("attrs", "--card-anchors", card.dir.file("none"), code=TEXT_PIN), 2, "there is no directory")
    assert not os.path.exists(card.dir.file("no"))


@test
def codes_that_cannot_be_right_are_not_sent(cards):
    card = cards.genuine
    expect(card.read("attrs", code="12345"), 4, "nothing was sent")
    expect(card.read("attrs", "--code-b", code="1990-04-31 2035 2285"), 4, "nothing was sent")
    expect(card.read("mynumber", "--code-a", code="123456789017"), 4, "nothing was sent")
    expect(card.read("age", code="1990-04-31"), 4, "nothing was sent")


@test
def wrong_codes_cost_a_try_and_say_so(cards):
    card = cards.genuine
    expect(card.read("attrs", code="9999"), 4, "the card text PIN is wrong; tries left: 2")
    expect(card.read("face", code="1990-04-15 2035 2286"), 4, "check code B is wrong; tries left: 9")
    expect(card.read("age", code="1990-04-16"), 4, "tries left: 9")
    assert expect(card.read("attrs", code=TEXT_PIN), 0).code == 0


@test
def nothing_of_changed_data_is_shown_or_written(cards):
    card, out = cards.changed, cards.changed.dir.file("face")
    for argv, code, reasons in (
        (("attrs",), TEXT_PIN, ["attributes-changed"]),
        (("mynumber", "--show", "--purpose", "tax"), TEXT_PIN, ["number-changed"]),
        (("face", "--out", out, "--confirm", "--decision", "match", "--record", out + ".log"), CODE_B,
         ["signature-broken"]),
        (("age",), BIRTH, ["signature-broken"]),
    ):
        result = expect(card.read(*argv, "--json", code=code), 1)
        answer = result.json()
        assert answer["verdict"] == "invalid" and result.reasons() == reasons, result
        values = [answer.get(key) for key in ("attributes", "mynumber", "mynumber_masked", "birth_date", "age", "sex")]
        assert values == [None] * 6 and not answer.get("files") and answer.get("decision") is None, result
        result = expect(card.read(*argv, code=code), 1)
        assert result.out.startswith("INVALID\n- "), result
        for text in NAME, "番号", "1990", "9018", "0015", "Written":
            assert text not in result.out, (text, result)
    assert os.listdir(out) == [] and read_text(out + ".log") == ""
    target = card.dir.file("photo.jp2")
    result = expect(card.read("photo", "--out", target, "--json", code=CODE_B), 1)
    assert result.json()["file"] is None and not os.path.exists(target), result


@test
def a_copied_card_is_invalid(cards):
    for argv, code in (
        (("attrs",), TEXT_PIN), (("mynumber",), TEXT_PIN), (("face",), CODE_B), (("age",), BIRTH)
    ):
        result = expect(cards.copied.read(*argv, "--json", code=code), 1)
        assert result.json()["verdict"] == "invalid" and result.reasons() == ["card-copied"], result
        assert NAME not in result.out, result


@test
def without_its_root_a_card_is_indeterminate_and_the_key_is_named(cards):
    result = expect(cards.genuine.read("attrs", "--json", code=TEXT_PIN, roots=False), 7)
    answer = result.json()
    assert answer["verdict"] == "indeterminate" and result.reasons() == ["issuer-unknown"], result
    assert answer["issuer_key_id"] == "39303030303333080530303100000000", result
    assert answer["attributes"]["name"] == NAME, result
    result = expect(cards.genuine.read("attrs", code=TEXT_PIN, roots=False), 7)
    assert result.out.startswith("INDETERMINATE\n- "), result
    assert "Key identifier of the issuer: 39303030303333080530303100000000\n" in result.out, result
    # The roots of another card do not help.
    other = cards.copied.anchors
    result = expect(cards.genuine.read("attrs", "--card-anchors", other, "--json", code=TEXT_PIN, roots=False), 1)
    assert result.reasons() == ["certificate-forged"] and result.json()["attributes"] is None, result


@test
def the_number_stays_masked_unless_a_lawful_purpose_is_named(cards):
    card = cards.genuine
    for code, argv in ((TEXT_PIN, ()), ("1234 5678 9018", ("--code-a",))):
        result = card.read("mynumber", *argv, "--json", code=code)
        answer = result.json()
        assert result.code == 0 and answer["mynumber"] is None and answer["purpose"] is None, result
        assert answer["mynumber_masked"] == "********9018" and CODE_A not in result.out, result
        result = card.read("mynumber", *argv, code=code)
        assert result.code == 0 and "Individual number: ********9018\n" in result.out, result
        assert CODE_A not in result.out + result.err, result
        result = card.read("mynumber", *argv, "--show", "--purpose", "tax", "--json", code=code)
        assert result.json()["mynumber"] == CODE_A and result.json()["purpose"] == "tax", result
    image = card.dir.file("number.png")
    argv = ("mynumber", "--code-a", "--show", "--purpose", "social-security", "--image", image)
    result = card.read(*argv, code=CODE_A)
    assert result.code == 0 and f"Written: {image}\n" in result.out, result
    assert b"PNG" in run("head", "-c", "4", image).stdout and stat.S_IMODE(os.stat(image).st_mode) == 0o600
    expect(card.read(*argv, code=CODE_A), 2, "exists already")


@test
def attributes_are_read_with_pin_and_with_what_is_printed(cards):
    for code, argv in ((TEXT_PIN, ()), (CODE_B, ("--code-b",)), ("02041520352285", ("--code-b",))):
        result = cards.genuine.read("attrs", "--json", *argv, code=code)
        answer = result.json()
        assert result.code == 0 and set(answer) == {"verdict", "reasons", "issuer_key_id", "attributes"}, result
        assert answer["attributes"] == {
            "name": NAME, "address": ADDRESS, "birth_date": "1990-04-15", "sex": "female"
        }, result
    result = cards.genuine.read("attrs", code=TEXT_PIN)
    assert result.code == 0 and f"\nName: {NAME}\nAddress: {ADDRESS}\n" in result.out, result
    assert result.out.startswith("VALID\n") and "Date of birth: 1990-04-15\nSex: female\n" in result.out, result
    result = cards.genuine.read("attrs", code=TEXT_PIN, language="ja_JP.UTF-8")
    assert f"氏名: {NAME}\n" in result.out and "生年月日: 1990-04-15\n" in result.out, result


@test
def the_face_is_written_as_images_for_its_owner_only(cards):
    card, out = cards.genuine, cards.genuine.dir.file("face")
    result = expect(card.read("face", "--out", out, "--json", code="1990-04-15 2035 2285"), 0)
    answer = result.json()
    assert answer["verdict"] == "valid" and answer["birth_date"] == "1990-04-15" and answer["sex"] == "female", result
    assert answer["expires"] == "2035-04-15" and answer["unsigned"] == ["expires", "security-code.png"], result
    assert answer["decision"] is None and sorted(answer["files"]) == [f"{out}/{name}" for name in IMAGES], result
    for name in IMAGES:
        assert stat.S_IMODE(os.stat(f"{out}/{name}").st_mode) == 0o600, name
    for name in IMAGES[0], IMAGES[1], IMAGES[3]:
        with open(f"{out}/{name}", "rb") as file:
            assert file.read(8) == b"\x89PNG\r\n\x1a\n", name
    run("opj_dump", "-i", out + "/photo.jp2")
    expect(card.read("face", "--out", out, code=CODE_B), 2, "exists already")
    photo = card.dir.file("photo.jp2")
    assert expect(card.read("photo", "--code-a", "--out", photo, "--json", code=CODE_A), 0).json()["file"] == photo
    run("cmp", photo, out + "/photo.jp2")
    result = card.read("face", code=CODE_B)
    assert "Card expires (not signed): 2035-04-15\n" in result.out, result


@test
def the_operators_decision_is_forced_and_kept_without_attributes(cards):
    card, out, record = cards.genuine, cards.genuine.dir.file("desk"), cards.genuine.dir.file("decisions")
    argv = ("face", "--out", out, "--force", "--confirm", "--record", record)
    result = expect(answer_on_terminal(card, "maybe\ny\nYES\n", *argv), 4, "nobody decided", "Type yes or no")
    assert read_text(record) == "", result
    result = expect(answer_on_terminal(card, "perhaps\nyes\n", *argv, "--operator", "窓口１"), 0)
    assert "The photo shows the person: yes\n" in result.out, result
    expect(answer_on_terminal(card, "no\n", *argv, "--json"), 1)
    result = expect(card.read(*argv, "--decision", "mismatch", "--json", "--operator", "x", code=CODE_B), 1)
    assert result.json()["decision"] == "mismatch" and result.json()["verdict"] == "valid", result
    lines = [json.loads(line) for line in read_text(record).splitlines()]
    assert [line["decision"] for line in lines] == ["match", "mismatch", "mismatch"], lines
    assert lines[0]["operator"] == "窓口１" and lines[2]["operator"] == "x", lines
    with open(out + "/photo.jp2", "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    for line in lines:
        assert set(line) == {"time", "photo_sha256", "verdict", "decision", "operator"}, line
        assert line["photo_sha256"] == digest and line["verdict"] == "valid", line
    assert stat.S_IMODE(os.stat(record).st_mode) == 0o600
    for text in NAME, ADDRESS, "1990", "2285":
        assert text not in read_text(record)


@test
def the_age_needs_the_date_of_birth(cards):
    answer = expect(cards.genuine.read("age", "--json", code=BIRTH), 0).json()
    assert answer["birth_date"] == "1990-04-15" and 36 <= answer["age"] < 130, answer
    result = expect(cards.genuine.read("age", code="020415"), 0)
    assert f"Date of birth: 1990-04-15\nAge: {answer['age']}\n" in result.out, result


@test
def the_card_says_about_itself_what_nobody_signs(cards):
    answer = expect(cards.genuine.read("common", "--json"), 0).json()
    assert answer["manufacture_number"] == "900000000000018" and answer["municipality"] == "13101", answer
    assert answer["expires"] == "2035-04-15" and answer["signed"] is False, answer
    assert answer["card_id"] == "900000000000018" and answer["expiry_data"] == "20350415", answer
    assert "Manufacture number: 900000000000018\n" in expect(cards.genuine.read("common"), 0).out


@test
def nothing_personal_is_in_a_trace(cards):
    result = cards.genuine.read("mynumber", "--code-a", "--trace", code=CODE_A)
    assert result.code == 0 and "VERIFY, 12 bytes not shown" in result.err, result
    for text in CODE_A, CODE_A.encode().hex(), CODE_A.encode().hex().upper():
        assert text not in result.err, result
    result = cards.genuine.read("attrs", "--trace", code=TEXT_PIN)
    assert "READ BINARY" in result.err and NAME.encode().hex() not in result.err.lower(), result


if __name__ == "__main__":
    sys.exit(main(Cards))
