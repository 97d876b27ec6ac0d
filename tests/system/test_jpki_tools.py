#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The everyday tools of jpki: PINs and who asks for them, certificates, doctor, the card report."""
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time

from cardproxy import CardProxy
from harness import Skip, main, program, read_text, test, wait_until, write_text
from test_jpki_cli import Card, PASSWORD, PIN, SECRETS, Terminal, expect
from test_sandbox import is_alive

LABEL_OLD_CARD = "4A504B494150494343544F4B454E" + "20" * 18


def change(card, name, old, new, *argv, **more):
    """Both PINs through one pipe, a line each."""
    reader, writer = os.pipe()
    os.write(writer, f"{old}\n{new}\n".encode())
    os.close(writer)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": "direct:" + card.direct} | more
    try:
        done = subprocess.run(
            [program("jpki"), "pin", "change", name, "--pin-fd", str(reader), "--new-pin-fd", str(reader), *argv],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, pass_fds=[reader],
            timeout=60, check=False, start_new_session=True
        )
    finally:
        os.close(reader)
    text = (done.stdout + done.stderr).decode()
    assert old not in text and (len(new) < 4 or new not in text), text
    return done.returncode, text


def reads_sign_certificate(card, password):
    return card.jpki("cert", "show", "--sign", password=password).code == 0


def is_auth_pin(card, pin):
    """Whether it is right; costs a try if not."""
    report = card.dir.file("probe")
    result = card.jpki("card", "report", "--out", report, "--yes", "--force", "--with-pin", password=pin)
    assert result.code in (0, 4), result
    return result.code == 0


@test
def what_cannot_be_changed_is_refused_before_the_card_is_asked(card):
    nowhere = {"JPKI_READER": "direct:" + card.dir.file("nowhere")}
    code, text = change(card, "pin", PIN, "5678", **nowhere)
    assert code == 2 and "those are auth, sign, text, juki" in text, text
    code, text = change(card, "birth", PIN, "5678", **nowhere)
    assert code == 2, text
    code, text = change(card, "juki", PIN, "5678", "--only", "text", **nowhere)
    assert code == 2 and "not kept in the application 'text'" in text, text


@test
def a_new_pin_that_breaks_the_rules_is_not_sent(card):
    for new in ("", "123", "12345", "12a4"):
        code, text = change(card, "auth", PIN, new)
        assert code == 4 and "4 digits; nothing was sent" in text, (new, text)
    for new in ("ABC12", "ABCDEF", "123456", "A" * 16 + "1", "ABC 123"):
        code, text = change(card, "sign", PASSWORD, new)
        assert code == 4 and "at least one of each; nothing was sent" in text, (new, text)
    code, text = change(card, "auth", PIN, PIN + "x")
    assert code == 4, text
    assert card.tries() == {"auth": 3, "sign": 5}


@test
def the_old_pin_again_is_no_change(card):
    done = card.jpki("pin", "change", "sign", "--new-pin-fd", "0", password=PASSWORD)
    assert done.code == 4 and "at least one of each" in done.err, done
    reader = os.open(os.devnull, os.O_RDONLY)
    os.close(reader)
    code, text = change(card, "sign", PASSWORD, "abc123x"[:6] + "X")
    assert code == 0, text
    code, text = change(card, "sign", "ABC123X", PASSWORD)
    assert code == 0, text


@test
def a_wrong_old_pin_costs_one_try_and_the_last_needs_consent(card):
    for left in (2, 1):
        code, text = change(card, "auth", "9999", "5678")
        assert code == 4 and f"tries left: {left}" in text, text
    code, text = change(card, "auth", PIN, "5678")
    assert code == 4 and "--last-try" in text, text
    assert card.tries()["auth"] == 1
    code, text = change(card, "auth", PIN, "5678", "--last-try")
    assert code == 0, text
    code, text = change(card, "auth", "5678", PIN, "--json")
    assert code == 0 and json.loads(text) == {"name": "auth", "changed": True}, text
    assert card.tries()["auth"] == 3


@test
def a_password_is_changed_in_capitals(card):
    code, text = change(card, "sign", "abc123", "new4you")
    assert code == 0 and text == "Changed: signature password\n", text
    assert not reads_sign_certificate(card, PASSWORD)
    assert reads_sign_certificate(card, "NEW4YOU")
    assert change(card, "sign", "New4You", PASSWORD)[0] == 0
    assert reads_sign_certificate(card, PASSWORD)


@test
def a_card_pulled_out_in_a_change_leaves_one_of_the_two(card):
    current, other = PIN, "5678"
    unknown = 0
    for after in range(1, 40):
        card.trouble(remove_after=after)
        code, text = change(card, "auth", current, other)
        card.trouble()
        card.insert(True)
        if code == 0:
            current, other = other, current
            break
        assert code == 3, (after, text)
        if "may count now" in text:
            unknown += 1
            if is_auth_pin(card, other):
                current, other = other, current
        else:
            assert "removed" in text or "no card in the reader" in text, text
        assert is_auth_pin(card, current), (after, text)
    assert unknown == 1 and 8 < after < 39, (unknown, after)
    if current != PIN:
        assert change(card, "auth", current, PIN)[0] == 0
    assert card.tries()["auth"] == 3


@test
def on_a_terminal_the_new_pin_is_asked_for_twice(card):
    terminal = Terminal(card, "pin", "change", "auth")
    for before, question, typed in (("", "authentication PIN (tries left: 3): ", "1234"),
                                    ("date of birth", "New authentication PIN: ", "56789"),
                                    ("4 digits", "\nNew authentication PIN: ", "5678"),
                                    ("", "once more: ", "5679"),
                                    ("something else", "New authentication PIN: ", "5678"),
                                    ("", "once more: ", "5678")):
        terminal.expect_next(before)
        terminal.expect_next(question)
        wait_until("the echo is off", lambda: not terminal.echoes())
        terminal.type(typed + "\n")
    terminal.expect("Changed: authentication PIN")
    assert terminal.code() == 0
    for pin in ("1234", "5678", "5679"):
        assert pin not in terminal.seen, terminal.seen
    assert change(card, "auth", "5678", PIN)[0] == 0


@test
def the_text_pin_is_not_a_part_of_the_birth_date(_card):
    full = Card("full")
    try:
        for new in ("1990", "9002", "0217", "0202"):
            code, text = change(full, "text", "2345", new)
            assert code == 4 and "part of your date of birth; it was not changed" in text, text
        assert change(full, "text", "2345", "6789")[0] == 0
        code, text = change(full, "text", "2345", "1111")
        assert code == 4 and "tries left: 2" in text, text
        assert change(full, "text", "6789", "2345")[0] == 0
        pins = {pin["name"]: pin for pin in full.jpki("pin", "status", "--json").json()["pins"]}
        assert pins["text"]["tries_left"] == 3 and pins["text"]["tries_max"] == 3, pins
        assert [place["application"] for place in pins["juki"]["places"]] == ["juki", "common"], pins
    finally:
        full.close()


@test
def the_resident_register_s_pin_is_changed_in_both_places(_card):
    full = Card("full")
    try:
        assert change(full, "juki", "3456", "6543")[0] == 0
        for place in ("juki", "common"):
            code, text = change(full, "juki", "3456", "1111", "--only", place)
            assert code == 4 and "tries left: 2" in text, (place, text)
            assert change(full, "juki", "6543", "3456", "--only", place)[0] == 0
    finally:
        full.close()


@test
def a_half_changed_pin_is_told_with_the_way_on(_card):
    full = Card("full")
    path = full.dir.file("proxy")

    def break_second(command):
        is_second = len([sent for sent in proxy.commands if sent[1] == 0x32]) == 2
        return bytes.fromhex("6581") if command[1] == 0x32 and is_second else None

    proxy = CardProxy(path, full.direct, answer=break_second)
    try:
        code, text = change(full, "juki", "3456", "6543", JPKI_READER="direct:" + path)
        assert code == 5 and "go on with --only common: " in text, text
        assert "was changed in the application 'juki', but not in 'common': " in text, text
        assert change(full, "juki", "3456", "6543", "--only", "common")[0] == 0
        assert change(full, "juki", "6543", "3456")[0] == 0
    finally:
        proxy.close()
        full.close()


# ---- pinentry ----

def pinentry(card, name, script):
    path = card.dir.file(name)
    write_text(path, script, 0o700)
    return path


def with_pinentry(card, path, **more):
    return card.jpki("cert", "show", "--sign", "--pinentry=" + path, **more)


POLITE = """#!/bin/sh
echo OK Pleased to meet you
while read -r line; do
    echo "$line" >>"$0.log"
    case $line in
    GETPIN) %s ;;
    BYE) echo OK; exit 0 ;;
    *) echo OK ;;
    esac
done
"""


@test
def a_pinentry_that_is_none_is_told_and_nothing_is_sent(card):
    started = time.monotonic()
    expect(with_pinentry(card, card.dir.file("missing")), 2, "cannot start the pinentry", "No such file")
    expect(with_pinentry(card, "/bin/true"), 5, "ended without an answer", "nothing was sent")
    for name, script in (
        ("greets", "#!/bin/sh\necho hello\nexec sleep 100\n"),
        ("long", "#!/bin/sh\nhead -c 5000 /dev/zero | tr '\\0' x\nexec sleep 100\n"),
        ("silly", POLITE % "echo 'D 41%4'; echo OK"),
        ("word", POLITE % "echo PASSWORD; echo OK"),
        ("chatter", POLITE % "yes '# hm'"),
    ):
        expect(with_pinentry(card, pinentry(card, name, script)), 5, "Assuan protocol", "nothing was sent")
    assert time.monotonic() - started < 90
    assert card.tries() == {"auth": 3, "sign": 5}


@test
def a_pinentry_ends_with_who_asked(card):
    # One that waits for a person does not look at its input.
    path = pinentry(card, "waits", POLITE % "exec sleep 90")
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": "direct:" + card.direct}
    env |= {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
    asking = subprocess.Popen([program("jpki"), "cert", "show", "--sign", "--pinentry=" + path], env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until("it is asked", lambda: os.path.exists(path + ".log") and "GETPIN" in read_text(path + ".log"))
    children = read_text(f"/proc/{asking.pid}/task/{asking.pid}/children").split()
    assert len(children) == 1, children
    asking.kill()
    asking.wait()
    wait_until("it is gone", lambda: not is_alive(children[0]), seconds=20)
    assert card.tries()["sign"] == 5


@test
def a_mute_pinentry_is_given_up(card):
    started = time.monotonic()
    for name, script in (("mute", "#!/bin/sh\nexec sleep 60\n"), ("half", "#!/bin/sh\nprintf OK\nexec sleep 60\n")):
        expect(with_pinentry(card, pinentry(card, name, script)), 5, "does not answer", "nothing was sent")
    assert 19 < time.monotonic() - started < 60
    assert card.tries()["sign"] == 5


@test
def a_pinentry_s_lies_cost_no_try(card):
    for name, answer, text in (
        ("nothing", "echo OK", "at least one of each"),
        ("empty", "echo 'D '; echo OK", "at least one of each"),
        ("words", "echo 'D no password'; echo OK", "at least one of each"),
        ("much", "echo D %s; echo OK" % ("A1" * 33), "no PIN is longer"),
        ("nul", "echo 'D ABC%00123'; echo OK", "at least one of each"),
    ):
        expect(with_pinentry(card, pinentry(card, name, POLITE % answer)), 4, text, "nothing was sent")
    expect(with_pinentry(card, pinentry(card, "cancel", POLITE % "echo 'ERR 83886179 cancelled'")), 4, "given up")
    expect(with_pinentry(card, pinentry(card, "late", POLITE % "echo 'ERR 83886142 timeout'")), 4, "in time")
    expect(with_pinentry(card, pinentry(card, "ill", POLITE % "echo 'ERR 83886081 general'")), 5, "failed with error 1")
    assert card.tries()["sign"] == 5


@test
def a_pinentry_is_told_what_to_ask(card):
    path = pinentry(card, "good", POLITE % "echo S SOMETHING; echo 'INQUIRE QUALITY x'; read -r no; "
                                           "echo 'D abc'; echo 'D %31%32%33'; echo OK")
    assert with_pinentry(card, path).code == 0
    assert "SETPROMPT signature password (tries left: 5)\n" in read_text(path + ".log"), read_text(path + ".log")
    assert with_pinentry(card, path, language="ja").code == 0
    assert "SETPROMPT 署名用パスワード（残り5回）\n" in read_text(path + ".log"), read_text(path + ".log")
    old_and_new = pinentry(card, "changes", POLITE % (
        'n=$(cat "$0.n" 2>/dev/null); n=$((n + 1)); echo $n >"$0.n"; '
        '[ $n = 1 ] && echo D 1234 || echo D 5678; echo OK'))
    done = card.jpki("pin", "change", "auth", "--pinentry=" + old_and_new)
    assert done.code == 0, done
    log = read_text(old_and_new + ".log")
    assert "SETPROMPT New authentication PIN once more\n" in log and "SETDESC Do not take a date" in log, log
    assert change(card, "auth", "5678", PIN)[0] == 0


@test
def real_pinentries_on_a_terminal_work(card):
    for name in ("pinentry-tty", "pinentry-curses"):
        if shutil.which(name) is None:
            raise Skip(f"{name} is not installed")
        terminal = Terminal(card, "cert", "show", "--sign", "--json", "--pinentry=" + name, TERM="vt100")
        terminal.expect("signature password (tries left: 5)")
        wait_until("the echo is off", lambda terminal=terminal: not terminal.echoes())
        terminal.type("abc123\r" if name == "pinentry-curses" else "abc123\n")
        terminal.expect('"birth_date"')
        assert terminal.code() == 0, terminal.seen
        assert "abc123" not in terminal.seen.lower(), terminal.seen


@test
def a_real_pinentry_may_be_cancelled(card):
    if shutil.which("pinentry-curses") is None:
        raise Skip("pinentry-curses is not installed")
    terminal = Terminal(card, "cert", "show", "--sign", "--pinentry=pinentry-curses", TERM="vt100")
    terminal.expect("signature password")
    wait_until("the echo is off", lambda: not terminal.echoes())
    terminal.type("ABC\t\t\r")
    terminal.expect("given up; nothing was sent")
    assert terminal.code() == 4, terminal.seen
    assert card.tries()["sign"] == 5


# ---- certificates ----

@test
def a_certificate_of_an_unknown_authority_is_indeterminate(card):
    for argv, password in (((), None), (("--sign",), PASSWORD)):
        result = card.jpki("cert", "verify", "--json", *argv, password=password, HOME=card.dir.file("none"))
        assert result.code == 7, result
        answer = result.json()
        assert answer["verdict"] == "indeterminate" and answer["authority"] == "unknown", answer
        assert answer["signed_by_ca_on_card"] is True and answer["revocation"] is None, answer
        names = [reason["name"] for reason in answer["reasons"]]
        assert names == ["issuer-unknown", "revocation-not-checked"], names


@test
def a_certificate_of_a_configured_authority_lacks_revocation_only(card):
    result = card.jpki("cert", "verify", "--sign", "--json", "--anchors", card.anchors, password=PASSWORD)
    assert result.code == 7, result
    answer = result.json()
    assert answer["authority"] == "configured" and answer["generation"] is None, answer
    assert [reason["name"] for reason in answer["reasons"]] == ["revocation-not-checked"], answer
    assert answer["holder"]["birth_era"] == "heisei", answer
    shown = card.jpki("cert", "verify", "--sign", JPKI_ANCHORS=card.anchors, password=PASSWORD)
    assert shown.code == 7 and shown.out.startswith("INDETERMINATE\n"), shown
    assert "Date of birth: 1990-02-17 (Heisei 2; recorded as 419900217)\n" in shown.out, shown


@test
def substituted_characters_and_a_birth_date_in_parts_are_explained(_card):
    odd = Card("substitutes")
    try:
        shown = odd.jpki("cert", "show", "--sign", password=PASSWORD)
        assert "Characters in the name that stand for others (position): 験 (2), 郎 (5)\n" in shown.out, shown
        assert "Date of birth: 19640000 (Showa; recorded as 319640000)\n" in shown.out, shown
        assert "氏名の代替文字（位置）: 験 (2), 郎 (5)\n" in odd.jpki(
            "cert", "show", "--sign", password=PASSWORD, language="ja").out
        holder = odd.jpki("cert", "show", "--sign", "--json", password=PASSWORD).json()["holder"]
        assert holder["name_substitutes"] == [2, 5] and holder["address_substitutes"] == [], holder
        assert holder["birth_era"] == "showa" and holder["birth_date"] == "19640000", holder
    finally:
        odd.close()


@test
def an_expired_certificate_is_invalid(_card):
    expired = Card("expired")
    try:
        result = expired.jpki("cert", "verify", "--sign", "--json", "--anchors", expired.anchors, password=PASSWORD)
        assert result.code == 1 and result.json()["verdict"] == "invalid", result
        assert "expired" in [reason["name"] for reason in result.json()["reasons"]], result
    finally:
        expired.close()


@test
def nobody_is_asked_about_revocation_unless_configured(card):
    expect(card.jpki("cert", "status"), 2, "whom to ask?", "certified verifiers only")
    unknown = card.jpki("cert", "status", "--ocsp", "http://127.0.0.1:9", HOME=card.dir.file("none"))
    expect(unknown, 1, "not known here")
    asked = card.jpki("cert", "status", "--json", "--sign", "--anchors", card.anchors, "--ocsp",
                      "http://127.0.0.1:9", password=PASSWORD)
    assert asked.code == 7 and asked.json()["status"] == "unknown", asked
    assert asked.json()["reasons"] == ["ocsp-unavailable"], asked


# ---- doctor ----

def findings(result):
    return {(finding["check"], finding["severity"]): finding for finding in result.json()["findings"]}


@test
def without_a_service_the_doctor_says_how_to_get_one(card):
    env = {"JPKI_READER": "", "PCSCLITE_CSOCK_NAME": card.dir.file("nowhere")}
    result = card.jpki("doctor", "--json", **env)
    assert result.code == 3, result
    found = findings(result)[("service", "wrong")]
    assert "pcscd is not running" in found["text"] and "apt install pcscd" in found["advice"], found
    assert "PC/SCサービスpcscdが動いていません" in card.jpki("doctor", language="ja", **env).out


@test
def a_service_that_closes_the_door_is_told_as_polkit(card):
    path = card.dir.file("pcscd.comm")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(8)

    def refuse():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.close()

    threading.Thread(target=refuse, daemon=True).start()
    try:
        result = card.jpki("doctor", "--json", JPKI_READER="", PCSCLITE_CSOCK_NAME=path)
        assert result.code == 3, result
        found = findings(result)[("service", "wrong")]
        assert "polkit" in found["advice"], found
        assert "ends the connection at once" in found["text"] or "does not let this user in" in found["text"], found
    finally:
        listener.close()


@test
def a_socket_without_permission_is_told(_card):
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        raise Skip("only root can be another user")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "comm")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        os.chmod(path, 0o700)
        listener.listen(1)
        copy = os.path.join(folder, "jpki")
        shutil.copy(program("jpki"), copy)
        os.chmod(copy, 0o755)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, "doctor", "--json"],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PCSCLITE_CSOCK_NAME": path},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False
        )
        listener.close()
    assert done.returncode == 3, done
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}["service"]
    assert "may not reach the PC/SC service" in found["text"], found


@test
def a_foreign_card_is_told_by_its_applications(card):
    path = card.dir.file("foreign")
    foreign = CardProxy(path, atr=bytes.fromhex("3BE000FF8131FE4514"), answer=lambda command: bytes.fromhex("6A82"))
    try:
        result = card.jpki("doctor", "--json", JPKI_READER="direct:" + path)
        assert result.code == 3, result
        assert "is no My Number Card" in findings(result)[("card", "wrong")]["text"], result
        assert [command[:8] for command in foreign.sent()] == ["00A4040C"]
    finally:
        foreign.close()
    recording = card.dir.file("old")
    write_text(recording, "> 00A4040C 0A D392F000260100000001\n< 9000\n> 00A4020C 02 0006\n< 9000\n"
                          f"> 00B00000 A0\n< {LABEL_OLD_CARD} 9000\n")
    result = card.jpki("doctor", JPKI_READER="replay:" + recording)
    assert result.code == 3 and "old Basic Resident Register card" in result.out, result


@test
def a_good_card_has_nothing_wrong(card):
    result = card.jpki("doctor", "--json", "--anchors", card.dir.file("anchors"))
    assert result.code == 0 and result.json()["wrong"] == 0, result
    found = findings(result)
    assert ("card", "fine") in found and ("certificate", "fine") in found and ("pin", "fine") in found, found
    assert ("clock", "fine") in found, found
    assert card.jpki("doctor").out.endswith("\nNothing is wrong.\n")
    assert "異常はありません" in card.jpki("doctor", language="ja").out
    assert card.tries() == {"auth": 3, "sign": 5}


@test
def locked_pins_and_expired_certificates_are_wrong(_card):
    expired = Card("expired")
    try:
        for left in (2, 1):
            assert f"tries left: {left}" in change(expired, "auth", "9999", "5678")[1]
        found = findings(expired.jpki("doctor", "--json"))
        assert "one try left" in found[("pin", "advice")]["text"], found
        assert "is locked" in change(expired, "auth", "9999", "5678", "--last-try")[1]
        result = expired.jpki("doctor", "--json")
        assert result.code == 1 and result.json()["wrong"] == 2, result
        assert "municipality" in findings(result)[("pin", "wrong")]["text"], result
        assert "expired on" in findings(result)[("certificate", "wrong")]["text"], result
    finally:
        expired.close()


@test
def a_clock_that_is_wrong_is_told(card):
    if shutil.which("faketime") is None and not os.path.exists("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"):
        raise Skip("libfaketime is not installed")
    if os.environ.get("JPKI_TEST_SANITIZE", "none") != "none":
        raise Skip("libfaketime and a sanitizer exclude each other")
    result = card.jpki("doctor", "--json", FAKETIME="@2001-01-01 00:00:00",
                       LD_PRELOAD="/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
    assert result.code == 1, result
    found = [f["text"] for f in result.json()["findings"] if f["severity"] == "wrong" and f["check"] == "clock"]
    assert len(found) == 2 and "clock is wrong" in found[0] and "in the future" in found[1], found


@test
def a_card_that_goes_while_the_doctor_looks_is_one_more_finding(card):
    gone = 0
    for after in range(1, 200, 4):
        card.trouble(remove_after=after)
        result = card.jpki("doctor", "--json")
        card.trouble()
        card.insert(True)
        if result.code == 0:
            break
        assert result.code == 3 and result.json()["wrong"] >= 1, (after, result)
        gone += 1
    assert 5 < gone < 49, gone


# ---- card report ----

@test
def the_report_is_written_only_where_it_may_be(card):
    report = card.dir.file("report")
    expect(card.jpki("card", "report"), 2, "--out FILE is needed")
    write_text(report, "mine")
    expect(card.jpki("card", "report", "--out", report, "--yes"), 2, "exists already")
    assert read_text(report) == "mine"
    os.unlink(report)
    expect(card.jpki("card", "report", "--out", report), 2, "--yes")
    assert not os.path.exists(report)
    terminal = Terminal(card, "card", "report", "--out", report)
    terminal.expect("Write it? [y/N] ")
    terminal.type("n\n")
    terminal.expect("nothing was written")
    assert terminal.code() == 4 and not os.path.exists(report)
    assert card.tries() == {"auth": 3, "sign": 5}


LINE = re.compile(
    r"#.*|> [0-9A-F ]+( +# .*)?|< [0-9A-F]{4}(, \d+ bytes|,[ 0-9A-F(){}]+|)"
    r"|[0-9A-F]{4}: select [0-9A-F]{4}(, read [0-9A-F]{4}, tries [0-9A-F]{4}(, \d+ bytes)?)?|"
)
SHOWN = ("# its label", "# the model", "# flags, sessions", "# their presence", "# answer to reset")


@test
def the_report_has_status_words_and_lengths_and_nothing_of_anybody(_card):
    full = Card("full")
    try:
        report = full.dir.file("report")
        result = full.jpki("card", "report", "--out", report, "--yes", "--trace", "--with-pin", password=PIN)
        assert result.code == 0, result
        text = read_text(report)
        assert result.out == text, "what was written is not what was shown"
        before = ""
        for line in text.splitlines():
            if any(shown in before for shown in SHOWN):
                assert re.fullmatch(r"< [0-9A-F]{4}( [0-9a-f]{2,96})?", line), line
            else:
                assert LINE.fullmatch(line), line
            before = line
        for canary in SECRETS + (b"0000000000000001".hex(), "試験".encode().hex(), b"19900217".hex()):
            assert canary not in text.lower() and canary.lower() not in text.lower(), canary
        for part in ("JPKI", "text", "visual", "resident register", "common"):
            assert f"# files of the {part} application\n" in text, text
        assert "0011: select 9000, read 6981, tries 63C3\n" in text, text
        verifies = re.findall(r"> 0020\w{4} VERIFY, \d+ bytes not shown", result.err)
        assert len(verifies) == 1 and "CHANGE" not in result.err, verifies
        left = {pin["name"]: pin["tries_left"] for pin in full.jpki("pin", "status", "--json").json()["pins"]}
        assert left == {"auth": 3, "sign": 5, "text": 3, "juki": 3, "a": 10, "b": 10, "birth": 10}, left
        assert stat.S_IMODE(os.stat(report).st_mode) == 0o644
    finally:
        full.close()


@test
def the_report_without_a_pin_sends_none(card):
    report = card.dir.file("report")
    result = card.jpki("card", "report", "--out", report, "--yes", "--json", "--trace")
    assert result.code == 0 and result.json() == {"file": report, "with_pin": False}, result
    assert not re.search(r"VERIFY, \d+ bytes", result.err) and "CHANGE" not in result.err, result.err
    assert "after the authentication PIN" not in read_text(report)


if __name__ == "__main__":
    main(Card)
