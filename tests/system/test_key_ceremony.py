#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Key ceremonies with 3 of 5 custodians: refusals, a rehearsal, kills in the middle, and keys that open afterwards.

Shamir's scheme, PBKDF2 and the chain of hashes are computed here once more, by another language."""
import datetime
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess

from harness import Daemon, Directory, listens, main, program, read_text, run, test, wait_until, write_text
from terminal import Terminal

JPKICTL, SIGNERD = program("jpkictl"), program("jpki-signerd")
CUSTODIANS = ("佐藤", "鈴木", "高橋", "田中", "伊藤")
SUBJECT = "OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for digital signature,O=OpenJPKI TEST,C=JP"
CEREMONY_STEPS_MAX = 64
DAEMON = 65534  # whose the keys are where root holds a ceremony


def passphrase_of(name):
    return f"canary of {name}"


def steps(**sections):
    return "".join(
        f"[step {name.replace('_', '-')}]\n" + "".join(f"{key.rstrip('_')} = {value}\n" for key, value in rows.items())
        for name, rows in sections.items()
    )


def roll(custodians):
    who = {"roll_a": {"do": "present", "role": "administrator", "who": "山田"}}
    who["roll_w"] = {"do": "present", "role": "witness", "who": "渡辺"}
    for number, name in enumerate(custodians, 1):
        who[f"roll_{number}"] = {"do": "present", "role": "custodian", "who": name}
    return who


class Site:
    """What there is before the first ceremony: configurations, and empty places for keys."""

    def __init__(self):
        self.dir = Directory()
        os.mkdir(self.dir.file("state"), 0o700)
        os.mkdir(self.dir.file("media"), 0o700)
        self.keys, self.database = self.dir.file("state", "keys"), self.dir.file("state", "authority.db")
        self.socket, self.unlock = self.dir.file("s.sock"), self.dir.file("u.sock")
        self.config, self.script = self.dir.file("signer.conf"), self.dir.file("founding")
        self.transcript, self.root = self.dir.file("transcript"), self.dir.file("rehearsal")
        self.configure("sign-ca")
        write_text(self.script, self.founding())
        self.daemon = Daemon([SIGNERD, "serve", "--config", self.config], self.unlock, self.dir.file("log"))

    def configure(self, *keys):
        text = f"[signer]\nsocket = {self.socket}\nkeys = {self.keys}\n"
        text += f"quorum = {self.keys}/quorum\nunlock_socket = {self.unlock}\n"
        for key in keys:
            text += f"[key {key}]\nrole = ca\nallow_uid = {os.getuid()}\nsubject = {SUBJECT}\n"
            text += "policies = 1.2.392.200149.8.5.1.0.20\n"
        write_text(self.config, text)

    def head(self, needed=3, shares=5):
        text = f"[ceremony]\ntitle = The first keys\nconfig = {self.config}\ndatabase = {self.database}\n"
        return text + f"needed = {needed}\nshares = {shares}\n"

    def media(self, number):
        return self.dir.file("media", f"share-{number}")

    def founding(self, **more):
        found = roll(CUSTODIANS)
        found["network"] = {"do": "confirm", "who": "渡辺", "say": "is the network cable unplugged?"}
        found["program"] = {"do": "fingerprint", "file": self.config}
        found["split"] = {"do": "split"}
        for number, name in enumerate(CUSTODIANS, 1):
            found[f"share_{number}"] = {"do": "share", "who": name, "file": self.media(number)}
        found["prove"] = {"do": "restore"}
        found["key"] = {"do": "key", "key": "sign-ca"}
        found["install"] = {"do": "install"}
        found["certify"] = {"do": "certificate", "key": "sign-ca", "ca": "sign", "file": self.dir.file("ca.pem")}
        found["close"] = {"do": "close"}
        return self.head() + steps(**(found | more))

    def start(self, *argv, script=None):
        return People([JPKICTL, "key", "ceremony", script or self.script, *argv])

    def snapshot(self):
        """All that is in use, byte by byte."""
        found = {}
        for folder, _, names in os.walk(self.dir.file("state")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    found[os.path.join(folder, name)] = f.read()
        return found

    def close(self):
        self.daemon.close()
        self.dir.close()


class People(Terminal):
    """Those who sit around the terminal."""

    def __init__(self, argv):
        super().__init__(argv, {"LC_ALL": "C"})

    def come(self, custodians=CUSTODIANS):
        for name in ("山田", "渡辺", *custodians):
            self.answer(f"{name}: are you here as", "yes")

    def look(self):
        self.answer("is the network cable unplugged?", "yes")

    def take_share(self, name):
        """What is on the screen for paper, and is gone afterwards."""
        self.answer(f"{name}: new passphrase", passphrase_of(name))
        self.answer("once more", passphrase_of(name))
        start = self.at
        self.answer("did you copy the lines", "yes")
        lines = self.seen[start : self.at]
        self.expect_next("\033[3J")
        self.answer("passphrase of ", passphrase_of(name))
        return [line.strip()[3:].strip() for line in lines.splitlines() if line.strip()[:2] in tuple(f"{i} " for i in range(1, 7))]

    def hand_in(self, name, path, passphrase=None):
        self.answer("who hands it in?", name)
        self.answer("file of the share", path)
        self.answer("passphrase of ", passphrase or passphrase_of(name))

    def ends(self, code):
        got = self.code()
        assert got == code, (got, self.seen[-1500:])
        return self


def entries(path):
    done = run(JPKICTL, "key", "transcript", "verify", "--json", path)
    return json.loads(done.stdout)


def refused(code, text, *argv):
    done = run(JPKICTL, "key", *argv, check=False)
    assert done.returncode == code and text in done.stderr.decode(), (done.returncode, done.stderr)


@test
def a_script_that_cannot_be_held_is_refused_before_anything_is_done(site):
    before, bad = site.snapshot(), site.dir.file("bad")
    for text, why in (
        (site.head(), "there is no section [step NAME]"),
        (site.founding(program={"do": "dance"}), "step program: nothing is called dance"),
        (site.founding(network={"do": "confirm", "who": "渡辺"}), "step network: confirm needs say"),
        (site.founding(split={"do": "split", "key": "x"}), "step split: split has no key"),
        (site.founding(network={"do": "confirm", "who": "誰か", "say": "?"}), "誰か has not said that he is there"),
        (site.founding(roll_1={"do": "present", "role": "king", "who": "佐藤"}), "there is no role king"),
        (site.founding(roll_1={"do": "present", "role": "custodian", "who": "山田"}), "nobody has two roles"),
        (site.founding(roll_w={"do": "present", "role": "custodian", "who": "渡辺"}), "no witness or auditor is present"),
        (site.founding(share_2={"do": "share", "who": "佐藤", "file": site.media(2)}), "the same custodian or file"),
        (site.founding(share_2={"do": "share", "who": "鈴木", "file": site.media(1)}), "the same custodian or file"),
        (site.founding(share_2={"do": "share", "who": "渡辺", "file": site.media(2)}), "渡辺 is not there as a custodian"),
        (site.founding(share_5={"do": "fingerprint", "file": site.config}), "4 steps give a share, of 5"),
        (site.founding(prove={"do": "fingerprint", "file": site.config}), "keys are made and given up between restore and install"),
        (site.founding(key={"do": "install"}), "step install: install comes once"),
        (site.founding(install={"do": "fingerprint", "file": site.config}), "certificates are made behind install"),
        (site.founding(close={"do": "fingerprint", "file": site.config}), "the last step is close"),
        (site.founding().replace("needed = 3", "needed = 1"), "needed: must be between 2 and 16"),
        (site.founding().replace("needed = 3", "needed = 6"), "more custodians are needed than have a share"),
        (site.head() + steps(**{f"s{i}": {"do": "split"} for i in range(CEREMONY_STEPS_MAX + 1)}), "more than 64 sections"),
    ):
        write_text(bad, text)
        refused(2, why, "ceremony", "--plan", bad)
        refused(2, why, "ceremony", bad, "--transcript", site.transcript)
    assert site.snapshot() == before and not os.path.exists(site.transcript)
    refused(2, "--transcript is needed", "ceremony", site.script)
    plan = json.loads(run(JPKICTL, "key", "ceremony", "--plan", "--json", site.script).stdout)
    assert [step["do"] for step in plan["steps"]][-5:] == ["restore", "key", "install", "certificate", "close"], plan


@test
def who_does_not_say_yes_stops_the_ceremony(site):
    people = site.start("--transcript", site.dir.file("no"))
    people.answer("山田: are you here", "yes")
    people.answer("渡辺: are you here", "no")
    people.expect_next("Go on with --resume, or end it with --abort.")
    people.ends(4)
    last = entries(site.dir.file("no"))["entries"][-1]
    assert last["do"] == "refused" and last["step"] == "roll-w", last


@test
def a_whole_ceremony_is_rehearsed_and_touches_nothing_in_use(site):
    before = site.snapshot()
    record = site.dir.file("rehearsed")
    people = site.start("--rehearsal", site.root, "--transcript", record)
    people.expect_next("TEST: this is a rehearsal")
    people.come()
    people.look()
    papers = {name: people.take_share(name) for name in CUSTODIANS}
    shares = {name: os.path.join(site.root, f"share-{i}") for i, name in enumerate(CUSTODIANS, 1)}
    assert all(len(lines) == 6 for lines in papers.values()), papers
    people.answer("who hands it in?", "佐藤")
    people.answer("file of the share", site.dir.file("nowhere"))
    people.expect_next("nowhere: no such file")
    people.hand_in("佐藤", shares["佐藤"], "a wrong passphrase")
    people.expect_next("the passphrase does not open this share")
    people.hand_in("佐藤", shares["佐藤"])
    people.hand_in("佐藤", shares["佐藤"])
    people.expect_next("share 1 was given already; another one is needed")
    people.hand_in("伊藤", shares["伊藤"])
    people.answer("who hands it in?", "高橋")
    people.answer("file of the share", "")
    for number, line in enumerate(papers["高橋"]):
        if number == 2:
            people.answer("line 3 of 6", papers["高橋"][3])
            people.expect_next("a digit of line 3 is wrong, or it is another line")
        people.answer(f"line {number + 1} of 6", line)
    people.expect_next("everybody writes down the last hash")
    people.ends(0)
    assert site.snapshot() == before and os.listdir(site.dir.file("media")) == []
    told = entries(record)
    assert told["closed"] and told["entries"][0]["facts"]["rehearsal"] is True
    assert sum(entry["do"] == "refused" for entry in told["entries"]) == 3
    run("openssl", "verify", "-check_ss_sig", "-CAfile", os.path.join(site.root, "ca.pem"), os.path.join(site.root, "ca.pem"))
    for name in CUSTODIANS:
        assert passphrase_of(name) not in people.seen and passphrase_of(name) not in read_text(record)
        assert not any(line in read_text(record) for line in papers[name])


@test
def a_transcript_that_was_changed_is_not_believed(site):
    record, copy = site.dir.file("rehearsed"), site.dir.file("changed")
    with open(record, "rb") as f:
        whole = f.read()
    head, before = entries(record)["head"], bytes(32)
    for line in whole.splitlines():
        digest, _, text = line.partition(b" ")
        before = hashlib.sha256(before + text).digest()
        assert digest.decode() == before.hex()
    assert head == before.hex()
    lines = whole.splitlines(keepends=True)
    for data, why in (
        (whole.replace("鈴木".encode(), "鈴太".encode(), 1), "was changed after it was written"),
        (b"".join(lines[:4] + lines[5:]), "entry 5: it, or one before it, was changed"),
        (b"".join(lines[:4] + [lines[5], lines[4]] + lines[6:]), "entry 5"),
        (whole + lines[-1], "something follows the end of the ceremony"),
    ):
        with open(copy, "wb") as f:
            f.write(data)
        refused(1, why, "transcript", "verify", copy)
    with open(copy, "wb") as f:
        f.write(b"".join(lines[:-1]))
    refused(1, "the last hash is", "transcript", "verify", copy, "--head", head)
    with open(copy, "wb") as f:
        f.write(whole[:-10])
    refused(2, "the last entry is not finished", "transcript", "verify", copy)
    run(JPKICTL, "key", "transcript", "verify", record, "--head", head)


@test
def an_aborted_ceremony_leaves_nothing_and_says_what_to_destroy(site):
    before, record = site.snapshot(), site.dir.file("aborted")
    people = site.start("--transcript", record)
    people.come()
    people.look()
    people.take_share("佐藤")
    people.expect_next("鈴木: new passphrase")
    people.kill()
    done = run(JPKICTL, "key", "ceremony", site.script, "--transcript", record, "--abort")
    assert "To be destroyed by 佐藤: share 1 of set" in done.stderr.decode(), done.stderr
    last = entries(record)["entries"][-1]
    assert last["do"] == "abort" and [one["who"] for one in last["facts"]["destroy"]] == ["佐藤"], last
    assert site.snapshot() == before
    refused(6, "the ceremony is over", "ceremony", site.script, "--transcript", record, "--resume")
    os.unlink(site.media(1))


@test
def a_ceremony_goes_on_after_kills_and_makes_keys_that_open(site):
    people = site.start("--transcript", site.transcript)
    people.come()
    people.look()
    for name in CUSTODIANS[:2]:
        people.take_share(name)
    people.expect_next("高橋: new passphrase")
    people.kill()
    with open(site.transcript, "ab") as f:
        f.write(b"0123 torn by a power cut")
    write_text(site.dir.file("other"), site.founding().replace("The first keys", "Other keys"))
    refused(6, "begun with another script", "ceremony", site.dir.file("other"), "--transcript", site.transcript, "--resume")
    people = site.start("--transcript", site.transcript, "--resume")
    for name in CUSTODIANS[:2]:
        people.expect_next(f"To be destroyed by {name}: share ")
    for number in (1, 2):
        os.rename(site.media(number), site.media(number) + "-void")
    for name in CUSTODIANS:
        people.take_share(name)
    people.answer("who hands it in?", "佐藤")
    people.answer("file of the share", site.media(1) + "-void")
    people.answer("passphrase of ", passphrase_of("佐藤"))
    people.expect_next("this is share 1 of set ")
    for number in (2, 4, 5):
        people.hand_in(CUSTODIANS[number - 1], site.media(number))
    people.expect_next("spki_sha256: ")
    people.expect_next("certify: certificate")
    people.kill()
    people = site.start("--transcript", site.transcript, "--resume", "--json")
    for number in (1, 2, 3):
        people.hand_in(CUSTODIANS[number - 1], site.media(number))
    people.expect_next('"head":')
    people.ends(0)
    told = entries(site.transcript)
    acts = [entry["do"] for entry in told["entries"]]
    assert told["closed"] and acts.count("void") == 1 and acts.count("resume") == 2, acts
    run("openssl", "verify", "-check_ss_sig", "-CAfile", site.dir.file("ca.pem"), site.dir.file("ca.pem"))
    made = [entry for entry in told["entries"] if entry.get("kind") == "key"][0]["facts"]["spki_sha256"]
    public = run("openssl", "x509", "-in", site.dir.file("ca.pem"), "-noout", "-pubkey").stdout
    der = run("openssl", "pkey", "-pubin", "-outform", "DER", data=public).stdout
    assert hashlib.sha256(der).hexdigest() == made
    there = sorted(os.listdir(site.keys))
    assert there == ["ceremony", "quorum", "sign-ca.ca", "sign-ca.key", "sign-ca.ledger"], there
    assert not os.path.exists(site.keys + ".next")
    refused(6, "exists already", "ceremony", site.script, "--transcript", site.transcript)


def open_share(path, passphrase):
    """PBES2 by hashlib and the openssl program."""
    with open(path, "rb") as f:
        der = f.read()
    salt = der[der.index(b"\x04\x10") + 2 :][:16]
    iv = der[der.rindex(b"\x04\x10", 0, len(der) - 66) + 2 :][:16]
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 600000)
    return run("openssl", "enc", "-d", "-aes-256-cbc", "-K", key.hex(), "-iv", iv.hex(), data=der[-64:]).stdout


def times(a, b):
    """In GF(2^8) by x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def power(a, n):
    result = 1
    for _ in range(n):
        result = times(result, a)
    return result


def join(pieces):
    """Lagrange at 0."""
    secret = bytes(32)
    for x, piece in pieces.items():
        factor = 1
        for other in pieces:
            if other != x:
                factor = times(factor, times(other, power(x ^ other, 254)))
        secret = bytes(s ^ times(factor, byte) for s, byte in zip(secret, piece))
    return secret


@test
def any_three_shares_make_the_passphrase_by_an_outside_computation(site):
    shares = {n: open_share(site.media(n), passphrase_of(CUSTODIANS[n - 1])) for n in range(1, 6)}
    quorum = json.loads(read_text(site.keys + "/quorum"))
    for number, share in shares.items():
        assert len(share) == 48 and share[9:12] == bytes((3, 5, number)) and share[1:9].hex() == quorum["set"]
        assert hashlib.sha256(share[:44]).digest()[:4] == share[44:]
    secrets = {join({n: shares[n][12:44] for n in three}) for three in itertools.combinations(shares, 3)}
    assert len(secrets) == 1
    for two in itertools.combinations(shares, 2):
        assert join({n: shares[n][12:44] for n in two}) not in secrets
    passphrase = secrets.pop().hex()
    key = site.keys + "/sign-ca.key"
    run("openssl", "pkey", "-inform", "DER", "-in", key, "-passin", f"pass:{passphrase}", "-noout", "-check")


def unlock(site, number, name, root="media", check=True):
    """Through a pipe, as a script would; the passphrase is no argument."""
    read_end, write_end = os.pipe()
    os.write(write_end, passphrase_of(name).encode() + b"\n")
    os.close(write_end)
    argv = [JPKICTL, "key", "unlock", "--socket", site.unlock, "--json", "--passphrase-fd", str(read_end)]
    argv += ["--share", site.dir.file(root, f"share-{number}")]
    done = subprocess.run(argv, pass_fds=[read_end], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    os.close(read_end)
    if check:
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return done.returncode, done.stderr.decode()


@test
def signerd_serves_nothing_before_enough_custodians_came(site):
    done = run(SIGNERD, "keygen", "--config", site.config, "sign-ca", check=False)
    assert done.returncode == 4 and "opened by their custodians" in done.stderr.decode(), done.stderr
    done = run(SIGNERD, "serve", "--config", site.config.replace("signer.conf", "none"), check=False)
    assert done.returncode == 2
    site.daemon.start()
    assert not os.path.exists(site.socket)
    assert os.stat(site.unlock).st_mode & 0o777 == 0o600
    assert unlock(site, 1, "佐藤")["given"] == [1]
    code, text = unlock(site, 1, "佐藤", check=False)
    assert code == 6 and "share 1 was given already" in text, text
    code, text = unlock(site, 2, "佐藤", check=False)
    assert code == 4 and "the passphrase does not open this share" in text, text
    code, text = unlock(site, 2, "鈴木", "rehearsal", check=False)
    assert code == 1 and "share of a rehearsal, which opens nothing" in text, text
    code, text = unlock(site, "1-void", "佐藤", check=False)
    assert code == 1 and "of set" in text and "the keys are under set" in text, text
    assert unlock(site, 4, "田中")["open"] is False
    status = json.loads(run(JPKICTL, "key", "unlock", "--socket", site.unlock, "--status", "--json").stdout)
    assert status["given"] == [1, 4] and status["needed"] == 3 and status["shares"] == 5, status
    assert not os.path.exists(site.socket)
    assert unlock(site, 5, "伊藤")["open"] is True
    wait_until("signerd serves", lambda: listens(site.socket), 60)
    assert not os.path.exists(site.unlock)
    status = json.loads(run(SIGNERD, "status", "--socket", site.socket, "--json").stdout)
    assert status["keys"] == 1, status
    refused(5, "not running", "unlock", "--socket", site.unlock, "--status")
    os.kill(site.daemon.process.pid, signal.SIGHUP)
    wait_until("it has read its configuration", lambda: "config.reloaded" in read_text(site.daemon.log), 60)
    site.configure("sign-ca", "another")
    os.kill(site.daemon.process.pid, signal.SIGHUP)
    wait_until("a key is not added", lambda: "key another is opened by custodians" in read_text(site.daemon.log), 60)
    site.configure("sign-ca")
    log = read_text(site.daemon.log)
    assert not any(passphrase_of(name) in log for name in CUSTODIANS)


@test
def a_ceremony_does_not_begin_while_signerd_has_the_keys(site):
    refused(6, "another jpki-signerd is using it", "ceremony", site.script, "--transcript", site.dir.file("busy"))
    assert not os.path.exists(site.dir.file("busy"))
    assert site.daemon.stop() == 0


@test
def keys_of_a_rehearsal_are_not_served(site):
    config = site.dir.file("rehearsal.conf")
    write_text(config, read_text(site.config).replace(site.keys, os.path.join(site.root, "keys")))
    done = run(SIGNERD, "serve", "--config", config, check=False)
    assert done.returncode == 2 and "is of a rehearsal, whose keys are not served" in done.stderr.decode(), done.stderr


@test
def a_custodian_can_try_his_share_at_any_time(site):
    people = People([JPKICTL, "key", "share", "check", "--quorum", site.keys + "/quorum", site.media(3)])
    people.answer("passphrase of", passphrase_of("高橋"))
    people.expect_next("share 3 of 5, of which 3 are needed")
    people.ends(0)
    with open(site.media(3), "rb") as f:
        damaged = bytearray(f.read())
    damaged[-20] ^= 1
    with open(site.dir.file("damaged"), "wb") as f:
        f.write(damaged)
    people = People([JPKICTL, "key", "share", "check", "--quorum", site.keys + "/quorum", site.dir.file("damaged")])
    people.answer("passphrase of", passphrase_of("高橋"))
    people.ends(4)


@test
def signerd_that_is_stopped_while_it_waits_ends_well(site):
    shutil.rmtree(site.root)
    site.daemon.start()
    assert site.daemon.stop() == 0 and not os.path.exists(site.unlock)


NEW = ("小林", "加藤")


def opens(site, passphrase):
    argv = ["openssl", "pkey", "-inform", "DER", "-in", site.keys + "/sign-ca.key", "-passin", f"pass:{passphrase}"]
    return run(*argv, "-noout", check=False).returncode == 0


@test
def new_custodians_replace_the_old_ones_and_the_keys_stay(site):
    old = {n: open_share(site.media(n), passphrase_of(CUSTODIANS[n - 1]))[12:44] for n in (1, 2, 4)}
    assert opens(site, join(old).hex())
    script, record, before = site.dir.file("handover"), site.dir.file("handover.transcript"), site.snapshot()
    text = site.head(2, 2) + steps(**roll(NEW), old={"do": "restore"}, split={"do": "split"})
    for number, name in enumerate(NEW, 1):
        text += steps(**{f"share_{number}": {"do": "share", "who": name, "file": site.media(f"new-{number}")}})
    write_text(script, text + steps(prove={"do": "restore"}, install={"do": "install"}, close={"do": "close"}))
    people = site.start("--transcript", record, script=script)
    people.come(NEW)
    for number in (1, 2, 4):
        people.hand_in(CUSTODIANS[number - 1], site.media(number))
    people.take_share("小林")
    people.expect_next("加藤: new passphrase")
    people.kill()
    assert site.snapshot() == before
    os.unlink(site.media("new-1"))
    people = site.start("--transcript", record, "--resume", script=script)
    people.expect_next("To be destroyed by 小林: share 1")
    for number in (5, 3, 1):
        people.hand_in(CUSTODIANS[number - 1], site.media(number))
    for name in NEW:
        people.take_share(name)
    people.hand_in("佐藤", site.media(1))
    people.expect_next("this is share 1 of set")
    for number, name in enumerate(NEW, 1):
        people.hand_in(name, site.media(f"new-{number}"))
    people.expect_next("open nothing any more; destroy them")
    people.ends(0)
    new = {n: open_share(site.media(f"new-{n}"), passphrase_of(NEW[n - 1]))[12:44] for n in (1, 2)}
    assert opens(site, join(new).hex()) and not opens(site, join(old).hex())
    ledger = os.path.join(site.keys, "sign-ca.ledger")
    assert site.snapshot()[ledger] == before[ledger], "what the key has signed is forgotten"
    site.daemon.start()
    assert unlock(site, "new-2", "加藤")["needed"] == 2
    code, said = unlock(site, 1, "佐藤", check=False)
    assert code == 1 and "the keys are under set" in said, said
    unlock(site, "new-1", "小林")
    wait_until("signerd serves", lambda: listens(site.socket), 60)
    assert site.daemon.stop() == 0


def later(site, name, *what):
    """A ceremony by the new custodians that adds or gives up keys."""
    script, record = site.dir.file(name), site.dir.file(name + ".transcript")
    text = site.head(2, 2) + steps(**roll(NEW), open={"do": "restore"})
    text += "".join(steps(**{f"s{i}": step}) for i, step in enumerate(what))
    write_text(script, text + steps(install={"do": "install"}, close={"do": "close"}))
    people = site.start("--transcript", record, script=script)
    people.come(NEW)
    for number, who in enumerate(NEW, 1):
        people.hand_in(who, site.media(f"new-{number}"))
    return people


@test
def keys_are_added_and_given_up_and_no_name_is_used_twice(site):
    site.configure("sign-ca", "spare")
    later(site, "add", {"do": "key", "key": "spare"}).ends(0)
    assert os.path.exists(site.keys + "/spare.key") and os.path.exists(site.keys + "/sign-ca.key")
    later(site, "give-up", {"do": "retire", "key": "spare"}).ends(0)
    assert not os.path.exists(site.keys + "/spare.key") and os.path.exists(site.keys + "/sign-ca.key")
    before = site.snapshot()
    people = later(site, "again", {"do": "key", "key": "spare"})
    people.expect_next("spare.ledger: exists already; keys are never replaced")
    people.ends(6)
    people = later(site, "unknown", {"do": "retire", "key": "nothing"})
    people.expect_next("nothing.key: no such key")
    people.ends(2)
    shutil.rmtree(site.keys + ".next")
    assert site.snapshot() == before
    site.configure("sign-ca")


def rotation(site, **more):
    """The next generation, known to verifiers for 40 days before it issues."""
    date = (datetime.date.today() + datetime.timedelta(days=42)).isoformat()
    certificate = {"do": "certificate", "key": "sign-ca", "ca": "sign", "file": site.dir.file("ca-g2.pem")}
    turn = {"open": {"do": "restore"}, "key": {"do": "key", "key": "sign-ca-g2"}, "install": {"do": "install"}}
    turn["certify"] = certificate | {"generation": 2, "issues_from": date}
    return site.head(2, 2) + steps(**(roll(NEW) | turn | more), close={"do": "close"})


def give(site, uid):
    """Let all that is in use belong to another user, as it does where daemons have their own."""
    if os.getuid() == 0:
        for path in (site.dir.file("state"), site.keys, *site.snapshot()):
            os.chown(path, uid, uid)


def field(pem, *what):
    return run("openssl", "x509", "-in", pem, "-noout", *what).stdout


@test
def a_rotation_that_comes_too_early_or_makes_nothing_new_is_refused(site):
    script, certificate = site.dir.file("bad"), {"do": "certificate", "key": "sign-ca", "ca": "sign", "file": "/nowhere"}
    for text, why in (
        (rotation(site, certify=certificate), "makes generation 2 or later, not the first"),
        (rotation(site, certify=certificate | {"generation": 2}), "issues_from is for generation 2 and later"),
        (rotation(site, certify=certificate | {"generation": 2, "issues_from": "2026-02-30"}), "issues_from: "),
        (rotation(site, certify=certificate | {"generation": 2, "issues_from": "2026-01-01"}), "verifiers would not have"),
        (rotation(site, key={"do": "key", "key": "sign-ca-g3"}), "no step makes the key sign-ca-g2"),
        (rotation(site, certify={"do": "fingerprint", "file": "/nowhere"}), "a rotation makes a certificate"),
    ):
        write_text(script, text)
        refused(2, why, "rotate", "--plan", script)
    write_text(script, rotation(site))
    refused(2, "verifiers would not have", "rotate", "--plan", "--lead-days", "60", script)
    run(JPKICTL, "key", "rotate", "--plan", script)


@test
def a_rotation_brings_the_next_generation_of_the_ca(site):
    site.configure("sign-ca", "sign-ca-g2")
    script, record = site.dir.file("rotation"), site.dir.file("rotation.transcript")
    write_text(script, rotation(site))
    give(site, DAEMON)
    people = People([JPKICTL, "key", "rotate", script, "--transcript", record])
    people.come(NEW)
    for number, who in enumerate(NEW, 1):
        people.hand_in(who, site.media(f"new-{number}"))
    people.ends(0)
    owners = {path: os.stat(path).st_uid for path in (site.keys, *site.snapshot())}
    assert set(owners.values()) == {DAEMON if os.getuid() == 0 else os.getuid()}, owners
    give(site, os.getuid())
    old, new = site.dir.file("ca.pem"), site.dir.file("ca-g2.pem")
    run("openssl", "verify", "-check_ss_sig", "-CAfile", new, new)
    assert field(old, "-subject") == field(new, "-subject") and field(old, "-pubkey") != field(new, "-pubkey")
    facts = entries(record)["entries"][-2]["facts"]
    assert facts["generation"] == 2 and facts["issues_from"] in read_text(script), facts
    again = site.dir.file("again.pem")
    config = site.dir.file("authority.conf")
    write_text(config, f"[authority]\nsocket = {site.dir.file('a.sock')}\npeers = {os.getuid()}\n"
                       f"database = {site.database}\nsigner = {site.socket}\n")
    site.daemon.start()
    for number, who in enumerate(NEW, 1):
        unlock(site, f"new-{number}", who)
    wait_until("signerd serves", lambda: listens(site.socket), 60)
    told = run(program("jpki-authorityd"), "init-ca", "--config", config, "--generation", "2", "sign", check=False)
    write_text(again, told.stdout.decode())
    assert told.returncode == 0 and read_text(again) == read_text(new), told.stderr
    assert site.daemon.stop() == 0


if __name__ == "__main__":
    main(Site)
