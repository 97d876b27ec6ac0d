#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-signerd as it is started by people: refusals first, then keys, then a running process."""
import hashlib
import json
import os
import signal
import subprocess
import sys

from harness import Daemon, Directory, Skip, listens, main, program, read_text, run, test, wait_until, write_text

SIGNERD = program("jpki-signerd")
PASSPHRASE = "canary passphrase 7f3a"
KEY = """[key {}]
role = ca
allow_uid = {}
subject = OU=OpenJPKI TEST Certification Authority,O=OpenJPKI TEST,C=JP
policies = 1.2.392.200149.8.5.1.0.20
"""


class Site:
    def __init__(self):
        self.dir = Directory()
        for name in ("keys", "secret", "cwd"):
            os.mkdir(self.dir.file(name), 0o700)
        self.config = self.dir.file("signerd.conf")
        self.socket = self.dir.file("s.sock")
        self.passphrase = self.dir.file("secret", "passphrase")
        write_text(self.passphrase, PASSPHRASE + "\n")
        self.configure(KEY.format("sign-ca", os.getuid()))
        self.daemon = Daemon([SIGNERD, "serve", "--config", self.config], self.socket, self.dir.file("log"))

    def configure(self, keys, passphrase=None):
        text = f"[signer]\nsocket = {self.socket}\nkeys = {self.dir.file('keys')}\n"
        text += f"passphrase_file = {passphrase or self.passphrase}\n"
        write_text(self.config, text + keys)

    def status(self):
        return json.loads(run(SIGNERD, "status", "--socket", self.socket, "--json").stdout)

    def close(self):
        self.daemon.close()
        self.dir.close()


def assert_ends(code, text, *argv):
    done = run(SIGNERD, *argv, check=False)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert text in done.stderr.decode(), done.stderr


@test
def a_wrong_command_line_is_told_and_ends_with_2(site):
    assert_ends(2, "--config is needed", "serve")
    assert_ends(2, "--config is needed", "keygen", "sign-ca")
    assert_ends(2, "--socket is needed", "status")
    assert_ends(2, "no such file", "serve", "--config", site.dir.file("nothing"))


@test
def a_faulty_configuration_is_told_with_its_line(site):
    good = KEY.format("sign-ca", os.getuid())
    for keys, text in (
        (good + "colour = red\n", ":10: [key sign-ca] has no key colour"),
        (good + "days = 0\n", ":10: days: must be between 1 and 10000"),
        (good.replace("role = ca", "role = ocsp"), "subject, policies and purposes are for role ca"),
        (good.replace("role = ca", "role = king"), "there is no role king"),
        (good + "backend = pkcs11\n", "backend pkcs11 is not there yet"),
    ):
        site.configure(keys)
        assert_ends(2, text, "serve", "--check-config", "--config", site.config)
        assert_ends(2, text, "serve", "--config", site.config)
        assert_ends(2, text, "keygen", "--config", site.config, "sign-ca")
    site.configure(good, passphrase=site.dir.file("keys", "passphrase"))
    assert_ends(2, "must not be in the keys' directory", "serve", "--check-config", "--config", site.config)
    site.configure(good)
    run(SIGNERD, "serve", "--check-config", "--config", site.config)


@test
def a_key_that_was_not_made_is_not_served(site):
    assert_ends(2, "sign-ca.key: no such file", "serve", "--config", site.config)
    assert_ends(2, "no section [key other]", "keygen", "--config", site.config, "other")
    assert not os.path.exists(site.socket)


@test
def a_passphrase_that_others_may_read_is_refused(site):
    os.chmod(site.passphrase, 0o640)
    assert_ends(2, "others may read or write it (mode 0640)", "keygen", "--config", site.config, "sign-ca")
    os.chmod(site.passphrase, 0o600)
    assert not os.listdir(site.dir.file("keys"))


@test
def a_key_is_made_once_and_is_what_openssl_finds_in_the_file(site):
    done = run(SIGNERD, "keygen", "--config", site.config, "--json", "sign-ca")
    made = json.loads(done.stdout)
    assert made["key"] == "sign-ca"
    path = site.dir.file("keys", "sign-ca.key")
    assert os.stat(path).st_mode & 0o777 == 0o600
    public = run(
        "openssl", "pkey", "-inform", "DER", "-in", path, "-passin", f"pass:{PASSPHRASE}", "-pubout", "-outform", "DER"
    ).stdout
    assert hashlib.sha256(public).hexdigest() == made["spki_sha256"]
    with open(path, "rb") as f:
        before = f.read()
    assert_ends(6, "exists already", "keygen", "--config", site.config, "sign-ca")
    with open(path, "rb") as f:
        assert f.read() == before


@test
def a_new_passphrase_is_made_once(site):
    fresh = site.dir.file("secret", "fresh")
    site.configure(KEY.format("other", os.getuid()), passphrase=fresh)
    run(SIGNERD, "keygen", "--config", site.config, "--new-passphrase", "other")
    assert os.stat(fresh).st_mode & 0o777 == 0o600
    assert len(read_text(fresh)) == 65
    assert_ends(6, "exists already", "keygen", "--config", site.config, "--new-passphrase", "other")
    site.configure(KEY.format("sign-ca", os.getuid()))


@test
def a_verifier_certifies_itself_and_nobody_else_does(site):
    assert_ends(2, "only keys of roles verifier and party", "certificate", "--config", site.config, "sign-ca")
    site.configure(f"[key asker]\nrole = verifier\nallow_uid = {os.getuid()}\n")
    run(SIGNERD, "keygen", "--config", site.config, "asker")
    pem = site.dir.file("asker.pem")
    write_text(pem, run(SIGNERD, "certificate", "--config", site.config, "asker").stdout.decode())
    run("openssl", "verify", "-check_ss_sig", "-CAfile", pem, pem)
    subject = run("openssl", "x509", "-in", pem, "-noout", "-subject", "-nameopt", "RFC2253").stdout.decode()
    assert subject == "subject=CN=asker,OU=OpenJPKI TEST Verifiers,O=OpenJPKI TEST,C=JP\n", subject
    site.configure(KEY.format("sign-ca", os.getuid()))


CARD_KEYS = """[key root]
role = cv-root
allow_uid = {0}
key_id = 39303030303333080530303100000000
subjects = 39303030303334080530303100000000
[key data]
role = card-data
allow_uid = {0}
key_id = 39303030303334080530303100000000
applet = text
"""


@test
def a_root_certifies_a_key_of_card_data_and_openssl_agrees(site):
    site.configure(CARD_KEYS.format(os.getuid()))
    for key in ("root", "data"):
        run(SIGNERD, "keygen", "--config", site.config, key)
    assert_ends(2, "--config and --root are needed", "cv-certificate", "--config", site.config, "data")
    assert_ends(
        2, "a key of role cv-root certifies one of role card-data",
        "cv-certificate", "--config", site.config, "--root", "data", "root",
    )  # fmt: skip
    made = run(SIGNERD, "cv-certificate", "--config", site.config, "--root", "root", "data").stdout
    again = run(SIGNERD, "cv-certificate", "--config", site.config, "--root", "root", "data").stdout
    assert len(made) == 568 and made == again
    assert made[10:42] == b"9000033\x08\x05001\0\0\0\0" + b"9000034\x08\x05001\0\0\0\0"
    pem, body, signature = (site.dir.file(name) for name in ("root.pem", "body", "signature"))
    write_text(pem, run(SIGNERD, "public", "--config", site.config, "root").stdout.decode())
    for path, part in ((body, made[10:307]), (signature, made[312:])):
        with open(path, "wb") as f:
            f.write(part)
    run("openssl", "dgst", "-sha256", "-verify", pem, "-signature", signature, body)
    data = run(SIGNERD, "public", "--config", site.config, "data").stdout
    modulus = run("openssl", "rsa", "-pubin", "-noout", "-modulus", data=data).stdout.decode()
    assert modulus.strip() == "Modulus=" + made[51:307].hex().upper(), modulus
    site.configure(KEY.format("sign-ca", os.getuid()))


@test
def a_wrong_passphrase_ends_with_4(site):
    write_text(site.passphrase, "not that passphrase\n")
    assert_ends(4, "sign-ca.key", "serve", "--config", site.config)
    write_text(site.passphrase, PASSPHRASE + "\n")


@test
def a_key_without_its_ledger_is_not_served(site):
    ledger = site.dir.file("keys", "sign-ca.ledger")
    os.rename(ledger, ledger + ".away")
    assert_ends(2, "sign-ca.ledger: no such file", "serve", "--config", site.config)
    os.rename(site.dir.file("keys", "other.ledger"), ledger)
    assert_ends(2, "belongs to another key", "serve", "--config", site.config)
    os.rename(ledger + ".away", ledger)


@test
def a_running_signer_tells_how_it_is(site):
    site.daemon.start()
    status = site.status()
    assert status["keys"] == 1 and status["signatures"] == 0 and status["connections"] == 1
    assert status["peers_separated"] is False
    text = run(SIGNERD, "status", "--socket", site.socket).stdout.decode()
    assert "peers are not separated" in text, text


@test
def a_running_signer_has_given_up_what_it_does_not_need(site):
    fields = dict(
        line.split(":", 1) for line in read_text(f"/proc/{site.daemon.process.pid}/status").splitlines() if ":" in line
    )
    assert fields["NoNewPrivs"].strip() == "1"
    assert fields["Seccomp"].strip() == "2"
    locked = int(fields["VmLck"].split()[0])
    if not site.daemon.is_sanitized():
        assert (locked > 1000) == site.status()["memory_locked"], fields["VmLck"]
    if os.getuid() == 0:
        assert site.status()["memory_locked"]
        limits = read_text(f"/proc/{site.daemon.process.pid}/limits")
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"], core


@test
def a_second_signer_and_a_new_key_wait_for_the_first_to_end(site):
    assert_ends(6, "another jpki-signerd is using it", "serve", "--config", site.config)
    assert_ends(6, "another jpki-signerd is using it", "keygen", "--config", site.config, "sign-ca")
    assert site.status()["keys"] == 1


@test
def a_reload_works_from_inside_the_confinement(site):
    log = read_text(site.daemon.log)
    # Files that were put in place after the start, as an operator would.
    write_text(site.passphrase + ".new", PASSPHRASE + "\n")
    os.rename(site.passphrase + ".new", site.passphrase)
    site.configure(KEY.format("sign-ca", "64199"))
    site.daemon.process.send_signal(signal.SIGHUP)
    wait_until("config.reloaded", lambda: "config.reloaded" in read_text(site.daemon.log)[len(log) :])
    assert site.status()["peers_separated"] is True
    site.configure("")
    site.daemon.process.send_signal(signal.SIGHUP)
    wait_until("config.refused", lambda: "config.refused" in read_text(site.daemon.log)[len(log) :])
    assert site.status()["peers_separated"] is True
    site.configure(KEY.format("sign-ca", os.getuid()))


@test
def another_user_cannot_reach_a_key(site):
    if os.getuid() != 0:
        raise Skip("only root can start a program as another user")
    os.chmod(site.dir.path, 0o711)
    os.chmod(site.socket, 0o666)
    done = subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", SIGNERD, "status", "--socket", site.socket],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert done.returncode == 4, done
    assert b"user 65534 may not use any key here" in done.stderr, done.stderr


@test
def a_crash_leaves_no_core_file(site):
    process = site.daemon.process
    process.send_signal(signal.SIGSEGV)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGSEGV
    assert os.WIFSIGNALED(status) and not os.WCOREDUMP(status), status
    # What it left does not keep the next one from starting.
    site.daemon.start()
    assert site.status()["keys"] == 1


@test
def sigterm_ends_it_and_removes_the_socket(site):
    assert site.daemon.stop() == 0
    assert not os.path.exists(site.socket) and not listens(site.socket)
    assert_ends(5, "the signer is not running", "status", "--socket", site.socket)


@test
def neither_passphrase_nor_key_is_in_any_log_or_other_file(site):
    found = []
    for folder, _, names in os.walk(site.dir.path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                text = f.read()
            if PASSPHRASE.encode() in text or b"PRIVATE KEY" in text:
                found.append(os.path.relpath(os.path.join(folder, name), site.dir.path))
    assert found == ["secret/passphrase"], found


if __name__ == "__main__":
    sys.exit(main(Site))
