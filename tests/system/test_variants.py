#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The two builds of each daemon: what only a sandbox may do is in one of them, and works nowhere else."""
import hashlib
import os
import signal
import sqlite3
import struct
import subprocess

from harness import Daemon, Directory, Skip, main, make_clock, program, read_text, run, test, wait_until, write_text
from test_issuing import Site as Issuing
import test_issuing

DAEMONS = ("jpki-signerd", "jpki-authorityd", "jpki-registerd", "jpki-ocspd", "jpki-platformd", "jpki-authappd",
           "jpki-portald", "jpki-witnessd")
# What others of our programs link and a daemon for use must not have in it.
ENTRY, VARIABLE = "sandbox_clock_open", b"JPKI_SANDBOX_CLOCK"
# Words of what a sandbox's owner sets, and the functions of each program's own that do it.
WORDS = (b"JPKI_SANDBOX", b"X-JPKI-Sandbox", b"sandbox_persona", b"answerAsPersona", b"/login/:session/persona",
         b"wrong_nonce", b"ocsp_down", b"another-client", b"jpki-softcard-phone", b"code_challenge_computed", b"one that was not used before",
         b"its key signed the digest", b"registered_for")
OWN = {"jpki-authappd": {"people_answer_login", "people_routes", "token_change", "debug_client", "debug_explain"},
       "jpki-platformd": {"debug_note", "debug_explain"}}
USE_ROUNDS, SANDBOX_ROUNDS = 600000, 1000
REAL = "OU=OpenJPKI Certification Authority,O=OpenJPKI,C=JP"


def symbols(path):
    """Names of what is defined in it and seen by other object files."""
    found = set()
    for line in run("nm", "--defined-only", "--extern-only", path).stdout.decode().splitlines():
        words = line.split()
        if len(words) == 3:
            found.add(words[2])
    return found


class Site:
    def __init__(self):
        self.dir = Directory()
        self.clock = make_clock(self.dir.path)

    def ends(self, code, text, name, *argv, **environment):
        env = {k: v for k, v in dict(os.environ, **environment).items() if v is not None}
        done = subprocess.run([program(name), *argv], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, check=False)
        assert done.returncode == code, (argv, done.returncode, done.stderr)
        assert text in done.stderr.decode(), done.stderr

    def close(self):
        self.dir.close()


class Sandboxed(Issuing):
    """The issuing side in the sandbox's builds, with a name of the CAs that can be anything."""

    def __init__(self, subject=test_issuing.SUBJECT, variant="-sandbox"):
        self.subject, self.variant = subject, variant
        super().__init__()

    def daemon(self, command, path):
        log = self.dir.file(command[0] + ".log")
        return Daemon([program(command[0] + self.variant), *command[1:]], path, log)

    def configure(self, peers=None):
        test_issuing.SUBJECT, kept = self.subject, test_issuing.SUBJECT
        try:
            super().configure(peers)
        finally:
            test_issuing.SUBJECT = kept


@test
def no_daemon_for_use_has_anything_of_the_sandbox_in_it(_):
    library = os.environ.get("JPKI_TEST_SANDBOX_LIB")
    if library is None:
        raise Skip("JPKI_TEST_SANDBOX_LIB names no library")
    powers = symbols(library)
    assert ENTRY in powers and "sandbox_check_ca_name" in powers, powers
    for name in DAEMONS:
        assert "main" in symbols(program(name)), f"{name} is stripped: this test would see nothing"
        assert not symbols(program(name)) & powers, (name, symbols(program(name)) & powers)
        with open(program(name), "rb") as f:
            text = f.read()
        assert VARIABLE not in text and not [word for word in WORDS if word in text], name
        assert not symbols(program(name)) & OWN.get(name, set()), name


@test
def the_sandboxs_builds_have_its_clock(_):
    for name in DAEMONS:
        there = symbols(program(name + "-sandbox"))
        assert {ENTRY, "sandbox_check_ca_name", "powers_meet"} | OWN.get(name, set()) <= there, name
        with open(program(name + "-sandbox"), "rb") as f:
            assert b"X-JPKI-Sandbox-Fault" in f.read(), name


@test
def a_sandboxs_build_without_a_good_clock_does_not_start(site):
    os.mkdir(site.dir.file("keys"), 0o700)
    write_text(site.dir.file("pass"), "a passphrase of tests\n")
    config = site.dir.file("signer.conf")
    write_text(config, f"[signer]\nsocket = {site.dir.file('s.sock')}\nkeys = {site.dir.file('keys')}\n"
               f"passphrase_file = {site.dir.file('pass')}\n[key token]\nrole = token\nallow_uid = 1\n"
               f"[key asker]\nrole = verifier\nallow_uid = 1\n")
    for key in ("token", "asker"):
        run(program("jpki-signerd"), "keygen", "--config", config, key)
    serve = ("jpki-signerd-sandbox", "serve", "--config", config)
    bad = site.dir.file("bad-clock")
    for contents, code, text in (
        (b"", 2, "not a sandbox's clock"),
        (b"+86400\n", 2, "not a sandbox's clock"),
        (struct.pack("=8sIIq", b"JPKITIMF", 1, 0, 0), 2, "not a sandbox's clock"),
        (struct.pack("=8sIIq", b"JPKITIME", 1, 0, -1), 2, "damaged"),
        (struct.pack("=8sIIq", b"JPKITIME", 1, 0, 0) + b"x", 2, "not a sandbox's clock"),
        (struct.pack("=8sIIq", b"JPKITIME", 2, 0, 0), 6, "another version"),
    ):
        with open(bad, "wb") as f:
            f.write(contents)
        for argv in (serve, ("jpki-signerd-sandbox", "certificate", "--config", config, "asker")):
            site.ends(code, text, *argv, JPKI_SANDBOX_CLOCK=bad)
            site.ends(code, bad, *argv, JPKI_SANDBOX_CLOCK=bad)
    site.ends(2, "no sandbox's clock", *serve, JPKI_SANDBOX_CLOCK=bad + "-none")
    site.ends(2, "JPKI_SANDBOX_CLOCK is not set", *serve, JPKI_SANDBOX_CLOCK=None)
    site.ends(6, "FAKETIME", *serve, FAKETIME="+1d")
    assert not os.path.exists(site.dir.file("s.sock"))
    # The build for use needs none and looks at none.
    run(program("jpki-signerd"), "certificate", "--config", config, "asker")
    site.ends(0, "", "jpki-signerd", "certificate", "--config", config, "asker", JPKI_SANDBOX_CLOCK=bad)


def rounds_of(path):
    """How often a key file's passphrase is hashed, says OpenSSL."""
    shown = run("openssl", "asn1parse", "-inform", "DER", "-in", path).stdout.decode()
    return [int(line.rsplit(":", 1)[1], 16) for line in shown.splitlines() if "INTEGER" in line]


@test
def a_sandboxs_key_opens_fast_and_in_no_daemon_for_use(site):
    os.mkdir(site.dir.file("fast"), 0o700)
    write_text(site.dir.file("word"), "a passphrase of tests\n")
    config = site.dir.file("fast.conf")
    write_text(config, f"[signer]\nsocket = {site.dir.file('f.sock')}\nkeys = {site.dir.file('fast')}\n"
               f"passphrase_file = {site.dir.file('word')}\n[key ours]\nrole = verifier\nallow_uid = 1\n"
               f"[key theirs]\nrole = verifier\nallow_uid = 1\n")
    for variant, key, rounds in (("", "ours", USE_ROUNDS), ("-sandbox", "theirs", SANDBOX_ROUNDS)):
        run(program("jpki-signerd" + variant), "keygen", "--config", config, key)
        assert rounds in rounds_of(site.dir.file("fast", key + ".key")), (variant, rounds)
        run(program("jpki-signerd-sandbox"), "certificate", "--config", config, key)
    run(program("jpki-signerd"), "certificate", "--config", config, "ours")
    site.ends(2, "it is not encrypted as ours is", "jpki-signerd", "certificate", "--config", config, "theirs")


@test
def every_daemon_of_the_sandbox_looks_for_its_clock(site):
    """Each by its own way to main: with configurations that are right as far as they are read."""
    inner = Sandboxed()
    try:
        for kind in ("sign", "auth"):
            command = ("jpki-authorityd-sandbox", "init-ca", "--config", inner.dir.file("authority.conf"), kind)
            site.ends(2, "JPKI_SANDBOX_CLOCK is not set", *command, JPKI_SANDBOX_CLOCK=None)
            write_text(inner.dir.file(kind + ".pem"), run(program(command[0]), *command[1:]).stdout.decode())
        ca = inner.dir.file("sign.pem")
        write_text(inner.dir.file("platform.conf"),
                   f"[platform]\nsocket = {inner.dir.file('p.sock')}\norigin = https://platform.example\n"
                   f"database = {inner.dir.file('authority', 'p.db')}\nsigner = {inner.signerd.path}\n"
                   f"sign_cas = {ca}\nauth_cas = {ca}\n")
        for name, config in (("jpki-authorityd", "authority"), ("jpki-registerd", "register"),
                             ("jpki-platformd", "platform")):
            argv = (name + "-sandbox", "--config", inner.dir.file(config + ".conf"))
            site.ends(2, "JPKI_SANDBOX_CLOCK is not set", *argv, JPKI_SANDBOX_CLOCK=None)
            site.ends(0, "", *argv, "--check-config", JPKI_SANDBOX_CLOCK=None)
    finally:
        inner.close()


@test
def a_sandbox_has_no_key_for_a_ca_without_test_in_its_name(_):
    real = Sandboxed(REAL, variant="")  # the build for use makes and serves them
    try:
        config = real.dir.file("signer.conf")
        for argv in (("serve", "--config", config), ("keygen", "--config", config, "sign-ca")):
            done = run(program("jpki-signerd-sandbox"), *argv, check=False)
            assert done.returncode == 2 and b"TEST" in done.stderr and b"[key sign-ca]" in done.stderr, done
    finally:
        real.close()


class Forged:
    """A CA certificate of ours, with other names and a key that openssl has."""

    def __init__(self, directory, pem):
        self.key, self.cert = directory.file("forged.key"), directory.file("forged.pem")
        run("openssl", "genrsa", "-out", self.key, "2048")
        der = run("openssl", "x509", "-outform", "DER", data=pem).stdout
        old = run("openssl", "x509", "-noout", "-pubkey", data=pem).stdout
        old = run("openssl", "pkey", "-pubin", "-outform", "DER", data=old).stdout
        new = run("openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER").stdout
        tbs = der[4 : 8 + int.from_bytes(der[6:8], "big")]
        old_id, new_id = (hashlib.sha1(spki[24:]).digest() for spki in (old, new))  # RFC 5280, 4.2.1.2
        for before, after in ((old, new), (old_id, new_id), (b"TEST", b"REAL")):
            assert before in tbs and len(before) == len(after)
            tbs = tbs.replace(before, after)
        signature = run("openssl", "dgst", "-sha256", "-sign", self.key, data=tbs).stdout
        self.der = der[:4] + tbs + der[4 + len(tbs) : -len(signature)] + signature
        with open(self.cert, "wb") as f:
            f.write(run("openssl", "x509", "-inform", "DER", data=self.der).stdout)

    def delegate(self, directory):
        """A certificate to answer OCSP requests with."""
        request, cert, extensions = (directory.file("forged." + end) for end in ("csr", "ocsp", "ext"))
        write_text(extensions, "keyUsage = critical, digitalSignature\nextendedKeyUsage = OCSPSigning\n"
                   "noCheck = yes\nauthorityKeyIdentifier = keyid\n")
        run("openssl", "req", "-new", "-key", self.key, "-out", request, "-subj", "/CN=OpenJPKI TEST")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key, "-days", "9",
            "-set_serial", "7", "-extfile", extensions, "-out", cert)
        return cert


@test
def daemons_of_a_sandbox_refuse_a_ca_certificate_without_test_in_its_names(_):
    inner = Sandboxed()
    try:
        where = inner.dir
        init = (program("jpki-authorityd-sandbox"), "init-ca", "--config", where.file("authority.conf"))
        pem = {kind: run(*init, kind).stdout for kind in ("sign", "auth")}
        forged = Forged(where, pem["sign"])
        write_text(where.file("auth.pem"), pem["auth"].decode())
        with sqlite3.connect(where.file("authority", "authority.db")) as database:
            database.execute("UPDATE ca SET certificate = ? WHERE kind = 'sign'", (forged.der,))
        database.close()
        common = f"database = {where.file('authority', 'p.db')}\nsigner = {inner.signerd.path}\n"
        write_text(where.file("platform.conf"),
                   f"[platform]\nsocket = {where.file('p.sock')}\norigin = https://platform.example\n{common}"
                   f"sign_cas = {where.file('auth.pem')}\nauth_cas = {forged.cert}\n")
        delegate = forged.delegate(where)
        write_text(where.file("ocsp.conf"),
                   f"[ocsp]\nsocket = {where.file('o.sock')}\nauthority = {inner.authority_socket}\n"
                   f"signer = {inner.signerd.path}\nsign_ca = {forged.cert}\nauth_ca = {forged.cert}\n"
                   f"sign_certificate = {delegate}\nauth_certificate = {delegate}\n")
        for name, config in (("jpki-platformd", "platform.conf"), ("jpki-ocspd", "ocsp.conf")):
            argv = ("--config", where.file(config), "--check-config")
            done = run(program(name + "-sandbox"), *argv, check=False)
            assert done.returncode == 2 and b"OpenJPKI REAL" in done.stderr, (name, done)
            run(program(name), *argv)  # a CA like any other
        # The authority's profiles know no other names, in either build.
        for variant in ("", "-sandbox"):
            argv = (program("jpki-authorityd" + variant), "--config", where.file("authority.conf"))
            done = run(*argv, check=False)
            assert done.returncode == 1 and b"issuer is not as in sign-ca certificates" in done.stderr, done
    finally:
        inner.close()


@test
def a_reload_brings_no_such_name_in_either(_):
    inner = Sandboxed()
    try:
        config = inner.dir.file("signer.conf")
        write_text(config, read_text(config).replace("OpenJPKI TEST", "OpenJPKI"))
        inner.signerd.process.send_signal(signal.SIGHUP)
        wait_until("the reload is refused", lambda: "word TEST" in read_text(inner.signerd.log))
        # It goes on with what it had.
        run(program("jpki-authorityd-sandbox"), "init-ca", "--config", inner.dir.file("authority.conf"), "sign")
    finally:
        inner.close()


if __name__ == "__main__":
    main(Site)
