#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki against the software card on its socket: what is refused first, then what works."""
import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys

import terminal as terminal_of
from harness import Daemon, Directory, Skip, ask, main, program, read_text, run, test, wait_until, write_text

MAKE_CARD = os.environ["JPKI_TEST_MAKE_CARD"]
PASSWORD, PIN = "ABC123", "1234"
CMS_MAX = 16 * 1024 * 1024
PIN_LINE_MAX = 64
SECRETS = (PASSWORD, "abc123", PASSWORD.encode().hex(), PIN.encode().hex())


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}, out {self.out!r}, err {self.err!r}"


class Card:
    """A software card of its own kind, served on DIR/direct and DIR/control."""

    def __init__(self, *variant):
        self.dir = Directory()
        run(MAKE_CARD, self.dir.path, *variant)
        self.direct, self.control = self.dir.file("direct"), self.dir.file("control")
        self.anchors, self.other = self.dir.file("anchors"), self.dir.file("other")
        argv = [program("jpki-softcard"), "serve", self.dir.file("card")]
        argv += ["--direct", self.direct, "--control", self.control]
        self.daemon = Daemon(argv, self.direct, self.dir.file("log"))
        self.daemon.start()
        self.document = self.dir.file("document.txt")
        self.signature = self.document + ".p7s"
        write_text(self.document, "これは試験です\n")

    def jpki(self, *argv, password=None, language="C", setup=None, fds=(), **environment):
        """Without a terminal; the password, if any, is given through a pipe."""
        env = {"PATH": os.environ["PATH"], "LC_ALL": language, "JPKI_READER": "direct:" + self.direct}
        env.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        env.update(environment)
        pipe = []
        if password is not None:
            reader, writer = os.pipe()
            os.write(writer, password.encode())
            os.close(writer)
            argv += ("--pin-fd", str(reader))
            pipe = [reader]
        try:
            return Result(
                subprocess.run(
                    [program("jpki"), *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    env=env, pass_fds=[*pipe, *fds], start_new_session=True, timeout=60, preexec_fn=setup, check=False
                )
            )
        finally:
            for fd in pipe:
                os.close(fd)

    def sign(self, *argv, password=PASSWORD, **more):
        return self.jpki("sign", self.document, "--yes", *argv, password=password, **more)

    def tries(self):
        pins = self.jpki("pin", "status", "--json").json()["pins"]
        return {pin["name"]: pin["tries_left"] for pin in pins if pin["name"] in ("auth", "sign")}

    def signed(self):
        """The document with a fresh signature."""
        result = self.sign("--force")
        assert result.code == 0, result

    def trouble(self, **what):
        status, answer = ask(self.control, "POST", "/v1/trouble", what)
        assert status in (200, 204), (status, answer)

    def insert(self, inserted):
        status, answer = ask(self.control, "POST", "/v1/insertion", {"inserted": inserted})
        assert status in (200, 204), (status, answer)

    def close(self):
        self.daemon.close()
        self.dir.close()


def expect(result, code, *texts):
    assert result.code == code, result
    for text in texts:
        assert text in result.err, (text, result)
    for secret in SECRETS:
        assert secret not in result.out + result.err, result
    return result


@test
def wrong_command_lines_end_with_2(card):
    expect(card.jpki(), 2, "which command?", "try 'jpki --help'")
    expect(card.jpki("sing"), 2, "did you mean 'sign'?")
    expect(card.jpki("card"), 2, "try 'jpki card --help'")
    expect(card.jpki("sign"), 2, "an argument is missing: FILE")
    expect(card.jpki("sign", "a", "b"), 2, "one argument too many: 'b'")
    expect(card.jpki("card", "info", "--pin", "1234"), 2, "there is no option --pin")
    expect(card.jpki("cert", "export", "--pem", "--der"), 2, "exclude each other")
    expect(card.jpki("cert", "export", "--json"), 2, "--json needs --out")
    expect(card.jpki("verify"), 2, "an argument is missing: FILE")
    for words in (("sign",), ("verify",), ("sign", "a", "b"), ("card", "info", "--colour"), ("sing",)):
        error = expect(card.jpki(*words, "--json"), 2).json()
        assert error["exit_code"] == 2 and error["error"]["kind"] == "usage", (words, error)
        assert error["error"]["text"] in card.jpki(*words).err, (words, error)


@test
def no_reader_and_no_card_end_with_3(card):
    nowhere = card.dir.file("nowhere")
    expect(card.jpki("card", "info", "--reader", "direct:" + nowhere), 3, "nobody serves a card there")
    expect(card.jpki("card", "info", JPKI_READER="", PCSCLITE_CSOCK_NAME=nowhere), 3, "pcscd is not running")
    result = expect(card.jpki("pin", "status", "--json", "--reader", "direct:" + nowhere), 3)
    assert result.json()["error"]["kind"] == "absent" and result.json()["exit_code"] == 3, result
    card.insert(False)
    try:
        expect(card.jpki("card", "info"), 3, "no card in the reader")
        expect(card.sign(), 3, "no card in the reader")
    finally:
        card.insert(True)
    assert not os.path.exists(card.signature)


@test
def a_socket_path_that_is_too_long_is_told_with_its_length(card):
    expect(card.jpki("card", "info", "--reader", "direct:/" + "a" * 107), 2, "108 bytes")


@test
def files_that_cannot_be_signed_are_refused_before_the_card_is_asked(card):
    nowhere = {"JPKI_READER": "direct:" + card.dir.file("nowhere")}
    expect(card.jpki("sign", card.dir.file("missing"), "--yes", password=PASSWORD, **nowhere), 2, "No such file")
    expect(card.jpki("sign", card.dir.path, "--yes", password=PASSWORD, **nowhere), 2, "Is a directory")
    expect(card.sign("--out", card.dir.file("no", "where.p7s"), **nowhere), 2, "there is no directory")
    write_text(card.signature, "mine")
    try:
        expect(card.sign(**nowhere), 2, "exists already; --force")
        assert read_text(card.signature) == "mine"
    finally:
        os.unlink(card.signature)


@test
def a_signature_never_takes_the_place_of_its_document(card):
    linked = card.dir.file("linked")
    os.link(card.document, linked)
    before = read_text(card.document)
    try:
        for same in (card.document, linked, os.path.join(card.dir.path, ".", os.path.basename(card.document))):
            expect(card.sign("--out", same, "--force"), 2, "is the file that is read")
        assert read_text(card.document) == before
    finally:
        os.unlink(linked)


@test
def no_output_takes_the_place_of_what_is_read(card):
    password = card.dir.file("password")
    write_text(password, PASSWORD)
    commands = [["sign", card.document, "--yes"], ["cert", "export", "--sign"],
                ["card", "report", "--yes", "--with-pin"], ["read", "photo"],
                ["read", "mynumber", "--show", "--purpose", "tax", "--code-a", "--image", password],
                ["clerk", "apply", "--origin", "https://o.example", "--name", "n", "--municipality", "00000"]]
    try:
        for command in commands:
            if "--image" not in command:
                command = [*command, "--out", password]
            with open(password, "rb") as file:
                result = card.jpki(*command, "--force", "--pin-fd", str(file.fileno()), fds=[file.fileno()])
            expect(result, 2, f"{password} is the file that is read")
        for words in (("--card-anchors", password), ("--card-anchors", card.dir.path)):
            expect(card.jpki("read", "photo", "--force", "--out", password, *words), 2, "is the file that is read")
        assert read_text(password) == PASSWORD and card.tries()["sign"] == 5
    finally:
        os.unlink(password)


@test
def force_replaces_files_and_nothing_else(card):
    pipe, link = card.dir.file("pipe"), card.dir.file("link")
    os.mkfifo(pipe)
    os.symlink("/dev/null", link)
    try:
        for other in (pipe, link, card.dir.path):
            expect(card.sign("--out", other, "--force"), 2, "not a file that can be replaced")
            expect(card.jpki("cert", "export", "--out", other, "--force"), 2, "not a file that can be replaced")
        assert stat.S_ISFIFO(os.lstat(pipe).st_mode) and os.path.islink(link)
        assert card.tries()["sign"] == 5
    finally:
        os.unlink(pipe)
        os.unlink(link)


@test
def a_file_s_name_moves_no_cursor(card):
    name = card.dir.file("a\x1b[2Jb\u202ec\nd")
    for answer in (
        expect(card.jpki("sign", name, "--yes", password=PASSWORD), 2, "No such file"),
        expect(card.jpki("verify", name), 2, "there is no file"),
    ):
        assert "a\ufffd[2Jb\ufffdc\ufffdd" in answer.err, answer
    write_text(name, "text")
    signed = card.jpki("sign", name, "--yes", password=PASSWORD)
    assert signed.code == 0, signed
    for shown in (signed.err, signed.out):
        assert "\x1b" not in shown and "\u202e" not in shown and "a\ufffd[2Jb\ufffdc\ufffdd" in shown, signed
    assert card.jpki("verify", name, "--anchors", card.anchors).code == 7


@test
def a_file_s_name_need_not_be_utf_8(card):
    name = os.fsencode(card.dir.file("caf")) + b"\xe9"
    refused = card.jpki("sign", name, "--yes", "--json", password=PASSWORD)
    assert refused.code == 2 and "caf\ufffd: No such file" in refused.json()["error"]["text"], refused
    with open(name, "wb"):
        pass
    signed = card.jpki("sign", name, "--yes", "--json", password=PASSWORD)
    assert signed.code == 0 and signed.json()["signature"].endswith("/caf\ufffd.p7s"), signed
    assert os.path.exists(name + b".p7s")
    verified = card.jpki("verify", name, "--json", "--anchors", card.anchors)
    assert verified.code == 7 and verified.json()["file"].endswith("/caf\ufffd"), verified


@test
def without_a_terminal_nothing_is_asked_and_nothing_sent(card):
    expect(card.jpki("sign", card.document, password=PASSWORD), 2, "--yes")
    expect(card.jpki("sign", card.document, "--yes"), 2, "--pin-fd")
    expect(card.jpki("sign", card.document, "--yes", "--pin-fd", "77"), 2, "descriptor 77 is not open")
    expect(card.jpki("cert", "show", "--sign"), 2, "--pin-fd")
    assert card.tries() == {"auth": 3, "sign": 5}
    assert not os.path.exists(card.signature)


@test
def a_password_that_cannot_be_right_is_not_sent(card):
    for wrong in ("", "ABC12", "ABCDEF", "123456", "ABC 123", "A" * 16 + "1", "パスワード1A", "1" * PIN_LINE_MAX):
        expect(card.sign(password=wrong), 4, "6 to 16 letters and digits", "nothing was sent")
    expect(card.sign(password="1" * (PIN_LINE_MAX + 1)), 4, "no PIN is longer", "nothing was sent")
    assert card.tries()["sign"] == 5


@test
def a_wrong_password_is_sent_once(card):
    expect(card.sign(password="WRONG1"), 4, "the signature password is wrong; tries left: 4")
    assert card.tries() == {"auth": 3, "sign": 4}
    assert not os.path.exists(card.signature)
    result = expect(card.sign("--json", password="WRONG1"), 4)
    assert result.json()["error"]["kind"] == "denied" and result.json()["exit_code"] == 4, result
    assert card.tries()["sign"] == 3
    card.signed()
    assert card.tries()["sign"] == 5


@test
def the_last_try_is_used_only_when_allowed(card):
    for left in (4, 3, 2, 1):
        expect(card.sign("--force", password="WRONG1"), 4, f"tries left: {left}")
    expect(card.sign("--force"), 4, "only one try is left", "--last-try")
    expect(card.jpki("cert", "show", "--sign", password=PASSWORD), 4, "--last-try")
    assert card.tries()["sign"] == 1
    assert card.sign("--force", "--last-try").code == 0
    assert card.tries()["sign"] == 5


@test
def a_card_pulled_out_at_any_command_is_told_and_leaves_nothing(card):
    os.unlink(card.signature)
    for after in range(1, 60):
        card.trouble(remove_after=after)
        result = card.sign()
        if result.code == 0:
            break
        assert result.code == 3, (after, result)
        assert "removed" in result.err or "no card in the reader" in result.err, (after, result)
        assert not os.path.exists(card.signature)
        card.insert(True)
    assert 8 < after < 59, after
    card.trouble()
    card.insert(True)
    assert card.tries()["sign"] == 5


@test
def a_card_that_answers_garbage_is_told_and_leaves_nothing(card):
    os.unlink(card.signature)
    for after in (1, 3, 5, 8):
        card.trouble(garbage_after=after)
        result = card.sign()
        assert result.code == 5, (after, result)
        assert not os.path.exists(card.signature)
        card.trouble()
    assert card.jpki("card", "info").code == 0


@test
def signatures_that_are_none_end_with_2(card):
    card.signed()
    with open(card.signature, "rb") as f:
        good = f.read()
    bad = card.dir.file("bad.p7s")
    for contents in (b"", good[:-1], good[:40], good + b"\0", b"hello", b"-----BEGIN CMS-----\n"):
        with open(bad, "wb") as f:
            f.write(contents)
        expect(card.jpki("verify", card.document, bad), 2, "bad.p7s")
    with open(bad, "wb") as f:
        f.truncate(CMS_MAX + 1)
    expect(card.jpki("verify", card.document, bad), 2, str(CMS_MAX))
    os.unlink(bad)
    expect(card.jpki("verify", card.document, bad), 2, "there is no file")
    expect(card.jpki("verify", card.dir.file("missing"), card.signature), 2, "No such file")


@test
def anchors_that_are_none_end_with_2(card):
    expect(card.jpki("verify", card.document, "--anchors", card.dir.file("missing")), 2, "to take anchors from")
    expect(card.jpki("verify", card.document, "--anchors", card.document), 2, "document.txt")


@test
def a_changed_file_is_invalid_and_nobody_is_named(card):
    changed = card.dir.file("changed.txt")
    write_text(changed, "これは試験です!\n")
    result = card.jpki("verify", changed, card.signature, "--anchors", card.anchors, "--json")
    assert result.code == 1, result
    answer = result.json()
    assert answer["verdict"] == "invalid" and answer["signer"] is None, answer
    assert "document-changed" in [reason["name"] for reason in answer["reasons"]], answer
    result = card.jpki("verify", changed, card.signature, "--anchors", card.anchors)
    assert result.code == 1 and result.out.startswith("INVALID\n") and "試験" not in result.out, result


@test
def an_issuer_that_is_not_listed_ends_with_1_and_nobody_is_named(card):
    for more in ({"JPKI_ANCHORS": card.other}, {"HOME": card.dir.path}, {"XDG_CONFIG_HOME": card.dir.path}):
        result = card.jpki("verify", card.document, "--json", **more)
        assert result.code == 1, result
        answer = result.json()
        assert answer["verdict"] == "indeterminate" and answer["signer"] is None, answer
        assert "issuer-unknown" in [reason["name"] for reason in answer["reasons"]], answer
        result = card.jpki("verify", card.document, **more)
        assert result.code == 1 and "試験" not in result.out, result


@test
def an_unrevoked_looking_signature_is_indeterminate_because_revocation_is_unknown(card):
    result = card.jpki("verify", card.document, "--anchors", card.anchors, "--json")
    assert result.code == 7, result
    answer = result.json()
    assert set(answer) == {"file", "signature", "verdict", "reasons", "signing_time", "signer"}, answer
    assert answer["verdict"] == "indeterminate", answer
    assert [reason["name"] for reason in answer["reasons"]] == ["revocation-not-checked"], answer
    assert answer["signer"]["holder"] == {
        "name": "試験　太郎", "address": "兵庫県神戸市中央区見本町1丁目1番1号", "birth_date": "1990-02-17", "sex": "male",
        "birth_recorded": "419900217", "birth_era": "heisei", "name_substitutes": [], "address_substitutes": []
    }, answer
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00", answer["signing_time"])
    result = card.jpki("verify", card.document, JPKI_ANCHORS=card.anchors)
    assert result.code == 7 and result.out.startswith("INDETERMINATE\n"), result
    assert "\033" not in result.out


@test
def anchors_are_found_in_the_configuration(card):
    os.makedirs(card.dir.file(".config", "openjpki"))
    os.symlink(card.anchors, card.dir.file(".config", "openjpki", "anchors.d"))
    result = card.jpki("verify", card.document, "--json", HOME=card.dir.path)
    assert [reason["name"] for reason in result.json()["reasons"]] == ["revocation-not-checked"], result


@test
def openssl_accepts_the_signature(card):
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", card.signature, "-content", card.document]
    done = run(*verify, "-CAfile", card.anchors + "/sign-ca.pem", "-purpose", "any")
    assert done.stdout.decode() == read_text(card.document)
    assert run(*verify, "-CAfile", card.other + "/sign-ca.pem", "-purpose", "any", check=False).returncode != 0


@test
def before_the_password_it_is_said_what_the_signature_carries(card):
    os.unlink(card.signature)
    result = expect(card.sign("--json"), 0, "your name, address, date of birth and sex")
    answer = result.json()
    assert set(answer) == {"file", "signature", "digest_algorithm", "digest", "signing_time"}, answer
    assert answer["signature"] == card.signature and answer["digest_algorithm"] == "SHA-256"
    assert answer["digest"] == run("sha256sum", card.document).stdout.decode().split()[0]
    assert stat.S_IMODE(os.stat(card.signature).st_mode) == 0o600


@test
def an_empty_file_and_another_target_can_be_signed(card):
    empty, target = card.dir.file("empty"), card.dir.file("elsewhere.p7s")
    write_text(empty, "")
    assert card.jpki("sign", empty, "-y", "-o", target, password="abc123\r\n").code == 0
    assert card.jpki("verify", empty, target, "--anchors", card.anchors).code == 7
    assert not os.path.exists(empty + ".p7s")


@test
def a_full_disk_leaves_nothing_behind(card):
    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    target = card.dir.file("full.p7s")
    expect(card.sign("--out", target, setup=no_room), 6, "File too large")
    assert [name for name in os.listdir(card.dir.path) if "full" in name] == []
    if os.geteuid() != 0:
        raise Skip("only root can mount a small disk")
    folder = card.dir.file("small")
    os.mkdir(folder)
    script = 'mount -t tmpfs -o size=8k tmpfs "$1" && head -c 8192 /dev/zero > "$1/fill"; shift; exec "$@"'
    env = dict(os.environ, LC_ALL="C", JPKI_READER="direct:" + card.direct)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", folder, program("jpki"), "sign", card.document, "--yes", "--pin-fd",
         "0", "--out", folder + "/x.p7s"],
        input=PASSWORD.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, check=False
    )
    if b"unshare failed" in done.stderr or b"mount:" in done.stderr:
        raise Skip("mounting is not permitted here")
    assert done.returncode == 6 and b"No space left" in done.stderr, done


@test
def output_that_cannot_be_written_ends_with_6(card):
    with open("/dev/full", "wb") as full:
        env = dict(os.environ, LC_ALL="C", JPKI_READER="direct:" + card.direct)
        argv = [program("jpki"), "card", "info"]
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, env=env, check=False)
    assert done.returncode == 6 and b"cannot write the output" in done.stderr, done


@test
def the_card_tells_what_it_is(card):
    result = card.jpki("card", "info", "--json")
    answer = result.json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00", answer.pop("auth_not_after")), result
    assert answer.pop("pins") == card.jpki("pin", "status", "--json").json()["pins"]
    assert answer == {
        "reader": "direct:" + card.direct, "kind": "card", "label": "JPKIAPICCTOKEN2", "manufacturer": "OpenJPKI TEST",
        "model": "SOFTCARD", "serial": "0000000000000001", "has_sign_certificate": True, "has_auth_certificate": True
    }, result
    result = card.jpki("card", "info")
    assert result.code == 0 and "Kind: My Number Card\n" in result.out, result


@test
def pins_are_told_without_using_one(card):
    answer = card.jpki("pin", "status", "--json").json()
    assert answer["reader"] == "direct:" + card.direct
    assert answer["pins"][:2] == [
        {"name": "auth", "tries_left": 3, "tries_max": 3, "locked": False,
         "places": [{"application": "jpki", "tries_left": 3}]},
        {"name": "sign", "tries_left": 5, "tries_max": 5, "locked": False,
         "places": [{"application": "jpki", "tries_left": 5}]},
    ], answer
    names = [pin["name"] for pin in answer["pins"]]
    assert names == ["auth", "sign", "text", "juki", "a", "b", "birth"], names
    assert card.jpki("pin", "status").out == (
        "authentication PIN: 3 of 3 tries left\nsignature password: 5 of 5 tries left\n"
    )


@test
def certificates_are_shown(card):
    keys = {"certificate", "subject", "issuer", "serial", "not_before", "not_after", "key_algorithm", "key_bits", "fingerprint", "holder"}
    for argv, name in ((), "auth"), (("--ca",), "auth-ca"), (("--sign", "--ca"), "sign-ca"):
        answer = card.jpki("cert", "show", "--json", *argv).json()
        assert set(answer) == keys and answer["certificate"] == name and answer["holder"] is None, answer
        assert (answer["key_algorithm"], answer["key_bits"]) == ("RSA", 2048)
    answer = card.jpki("cert", "show", "--sign", "--json", password=PASSWORD).json()
    assert set(answer) == keys and answer["certificate"] == "sign", answer
    assert answer["holder"]["name"] == "試験　太郎", answer
    result = card.jpki("cert", "show", "--sign", password=PASSWORD)
    assert "Name: 試験　太郎\n" in result.out and "Sex: male\n" in result.out, result


@test
def certificates_are_exported(card):
    pem, der = card.dir.file("auth.pem"), card.dir.file("sign.der")
    result = card.jpki("cert", "export", "--out", pem, "--json")
    assert result.json() == {"certificate": "auth", "file": pem, "format": "pem"}, result
    assert card.jpki("cert", "export").out == read_text(pem)
    expect(card.jpki("cert", "export", "--out", pem), 2, "exists already")
    expect(card.jpki("cert", "export", "--out", pem, "--sign", "--ca", "--force"), 0)
    assert read_text(pem) == read_text(card.anchors + "/sign-ca.pem")
    expect(card.jpki("cert", "export", "--sign", "--der", "-o", der, password=PASSWORD), 0, "Written: ")
    assert stat.S_IMODE(os.stat(der).st_mode) == 0o600
    run("openssl", "x509", "-inform", "DER", "-in", der, "-noout")


@test
def a_trace_shows_commands_and_neither_pins_nor_personal_data(card):
    result = expect(card.sign("--force", "--trace"), 0, "> 00200080 VERIFY, 6 bytes not shown", "< 9000 done")
    assert "COMPUTE DIGITAL SIGNATURE" in result.err and "SELECT" in result.err
    assert "試験" not in result.err and "試験".encode().hex() not in result.err
    assert result.err.count("VERIFY, 6 bytes") == 1


def keys_of(value):
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set()


@test
def every_key_of_the_json_outputs_is_in_the_man_page(card):
    page = read_text(os.path.join(os.path.dirname(__file__), "../../man/jpki-json.7"))
    outputs = [
        card.jpki("card", "info", "--json"), card.jpki("pin", "status", "--json"), card.sign("--force", "--json"),
        card.jpki("cert", "show", "--sign", "--json", password=PASSWORD), card.jpki("sign", "missing", "--json"),
        card.jpki("verify", card.document, "--json", "--anchors", card.anchors),
        card.jpki("cert", "export", "--json", "--force", "--out", card.dir.file("c.pem")),
        card.jpki("cert", "verify", "--json"), card.jpki("doctor", "--json"),
        card.jpki("cert", "status", "--json", "--anchors", card.anchors, "--sign", "--ocsp", "http://127.0.0.1:9",
                  password=PASSWORD),
        card.jpki("card", "report", "--json", "--yes", "--out", card.dir.file("r.txt")),
    ]
    keys = set().union(*(keys_of(output.json()) for output in outputs))
    assert len(keys) > 30, keys
    listed = set(re.findall(r"[a-z_0-9]+", page[page.index(".Sh DESCRIPTION"):page.index(".Sh SEE ALSO")]))
    assert keys <= listed, keys - listed


@test
def it_speaks_japanese_where_the_locale_is_japanese(card):
    for locale in ("ja_JP.UTF-8", "ja"):
        assert "種類: マイナンバーカード\n" in card.jpki("card", "info", language=locale).out
        assert "使い方: jpki sign" in card.jpki("sign", "--help", language=locale).out
        expect(card.sign("--force", password="X", language=locale), 4, "署名用パスワードは英字と数字")
    result = card.jpki("verify", card.document, "--anchors", card.anchors, language="ja_JP.UTF-8")
    assert result.out.startswith("判定できません\n") and "失効" in result.out, result
    assert card.jpki("verify", card.document, "--json", language="ja").json()["verdict"] == "indeterminate"


@test
def clients_at_the_same_time_wait_for_each_other(card):
    env = dict(os.environ, LC_ALL="C", JPKI_READER="direct:" + card.direct)
    argv = [program("jpki"), "card", "info", "--json"]
    several = [subprocess.Popen(argv, stdout=subprocess.PIPE, env=env) for _ in range(6)]
    for process in several:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and json.loads(out)["kind"] == "card"


class Terminal(terminal_of.Terminal):
    """jpki with a terminal of its own."""

    def __init__(self, card, *argv, **environment):
        everywhere = {"LC_ALL": "C", "JPKI_READER": "direct:" + card.direct}
        super().__init__([program("jpki"), *argv], everywhere | environment)


@test
def on_a_terminal_the_password_is_typed_unseen(card):
    terminal = Terminal(card, "sign", card.document, "--force")
    terminal.expect("Sign? [y/N] ")
    terminal.type("y\n")
    terminal.expect("signature password (tries left: 5): ")
    wait_until("the echo is off", lambda: not terminal.echoes())
    terminal.type("wrong\x15abc12\x7f\x7f123\n")
    terminal.expect("Signed: ")
    assert terminal.code() == 0
    assert "abc" not in terminal.seen.lower() and "wrong" not in terminal.seen, terminal.seen


@test
def on_a_terminal_one_may_say_no_or_give_up(card):
    os.unlink(card.signature)
    terminal = Terminal(card, "sign", card.document)
    terminal.expect("Sign? [y/N] ")
    terminal.type("\n")
    terminal.expect("you did not agree")
    assert terminal.code() == 4
    for key in ("\x03", "\x04"):
        terminal = Terminal(card, "sign", card.document, "--yes")
        terminal.expect("tries left: 5): ")
        wait_until("the echo is off", lambda t=terminal: not t.echoes())
        terminal.type("ABC" + key)
        terminal.expect("given up; nothing was sent")
        assert terminal.echoes()
        assert terminal.code() == 4
    assert not os.path.exists(card.signature)
    assert card.tries()["sign"] == 5


@test
def a_signal_ends_the_question_and_the_terminal_is_as_it_was(card):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT):
        before = signal.signal(number, signal.SIG_DFL)  # whoever began these tests may ignore it
        try:
            terminal = Terminal(card, "sign", card.document, "--yes")
        finally:
            signal.signal(number, before)
        terminal.expect("tries left: 5): ")
        wait_until("the echo is off", lambda t=terminal: not t.echoes())
        terminal.type("ABC")
        os.kill(terminal.pid, number)
        wait_until("the echo is on", terminal.echoes)
        assert terminal.code() == -number
    assert card.tries()["sign"] == 5 and not os.path.exists(card.signature)


@test
def an_ignored_signal_ends_no_question(card):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        terminal = Terminal(card, "sign", card.document, "--yes")
    finally:
        signal.signal(signal.SIGHUP, before)
    terminal.expect("tries left: 5): ")
    wait_until("the echo is off", lambda: not terminal.echoes())
    os.kill(terminal.pid, signal.SIGHUP)
    terminal.type(PASSWORD + "\n")
    terminal.expect("Signed: ")
    assert terminal.code() == 0
    os.unlink(card.signature)


@test
def an_expired_certificate_signs_nothing(_card):
    expired = Card("expired")
    try:
        expect(expired.sign(), 1, "the signature certificate expired at")
        assert not os.path.exists(expired.signature)
        assert expired.jpki("cert", "show", "--sign", password=PASSWORD).code == 0
    finally:
        expired.close()


@test
def a_card_without_a_sign_certificate_says_so(_card):
    young = Card("young")
    try:
        expect(young.sign(), 3, "holds no signature certificate")
        expect(young.jpki("cert", "show", "--sign", password=PASSWORD), 3, "holds no signature certificate")
        assert young.tries() == {"auth": 3, "sign": None}
        assert young.jpki("card", "info", "--json").json()["has_sign_certificate"] is False
        assert young.jpki("cert", "show").code == 0
    finally:
        young.close()


@test
def a_locked_password_says_where_to_go(card):
    for left in (4, 3, 2, 1):
        expect(card.sign(password="WRONG1"), 4, f"tries left: {left}")
    expect(card.sign("--last-try", password="WRONG1"), 4, "is locked", "municipality", "kiosk")
    expect(card.sign("--last-try"), 4, "is locked")
    assert card.jpki("pin", "status", "--json").json()["pins"][1] == {
        "name": "sign", "tries_left": 0, "tries_max": 5, "locked": True,
        "places": [{"application": "jpki", "tries_left": 0}]
    }
    assert "is locked" in card.jpki("pin", "status").out
    assert not os.path.exists(card.signature)


@test
def the_card_s_log_holds_no_secret(card):
    log = read_text(card.daemon.log)
    for secret in SECRETS + ("試験　太郎",):
        assert secret not in log


if __name__ == "__main__":
    sys.exit(main(Card))
