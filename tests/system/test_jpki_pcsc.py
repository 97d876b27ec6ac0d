#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki through the real pcscd of a sandbox: a card that is pulled out, swapped, or talks nonsense."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import time

import prepared
from harness import Directory, Skip, ask, main, program, run, test, wait_until, write_text

PASSWORD = "ABC123"


class Sandbox:
    """A sandbox with the first persona's card in its reader."""

    def __init__(self):
        self.dir = Directory()
        os.chmod(self.dir.path, 0o711)  # as root, the programs of a sandbox have users of their own
        self.home = self.dir.file("s")
        prepared.make_at(self.home)
        self.sandbox("up", "--detach")
        self.control = os.path.join(self.home, "card", "control.sock")
        exports = self.sandbox("env").stdout.decode()
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.env.update(re.findall(r"export (PCSCLITE_CSOCK_NAME|JPKI_ANCHORS)='([^']*)'", exports))
        self.responder = dict(re.findall(r"export (JPKI_OCSP|JPKICTL_CONFIG)='([^']*)'", exports))
        if "PCSCLITE_CSOCK_NAME" in self.env:
            self.sandbox("persona", "card", "hanako")
            self.wait_for_card()
        self.document = self.dir.file("document")
        write_text(self.document, "document\n")

    def sandbox(self, *argv):
        return run(program("jpki-sandbox"), *argv, "--dir", self.home)

    def jpki(self, *argv, **more):
        if "PCSCLITE_CSOCK_NAME" not in self.env:
            raise Skip("namespaces are not permitted here, so there is no pcscd")
        return subprocess.run(
            [program("jpki"), *argv], input=PASSWORD.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.env | more, timeout=60, check=False
        )

    def sign(self):
        return self.jpki("sign", self.document, "--yes", "--pin-fd", "0", "--force")

    def wait_for_card(self):
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)

    def tell_card(self, path, **what):
        status, answer = ask(self.control, "POST", path, what)
        assert status in (200, 204), (status, answer)

    def close(self):
        self.sandbox("down")
        self.dir.close()


def read_terminal(fd, text):
    seen = ""
    end = time.monotonic() + 60
    while text not in seen:
        ready, _, _ = select.select([fd], [], [], 1)
        assert time.monotonic() < end, seen
        if ready:
            seen += os.read(fd, 4096).decode()


@test
def a_card_pulled_out_in_a_command_is_told_as_removed(sandbox):
    sandbox.jpki("card", "info")
    for after in (1, 5, 11, 16, 25):
        sandbox.tell_card("/v1/trouble", remove_after=after)
        done = sandbox.sign()
        assert done.returncode == 3 and b"the card was removed" in done.stderr, (after, done)
        assert not os.path.exists(sandbox.document + ".p7s")
        sandbox.tell_card("/v1/trouble")
        sandbox.tell_card("/v1/insertion", inserted=True)
        sandbox.wait_for_card()
    assert b'"name":"sign","tries_left":5' in sandbox.jpki("pin", "status", "--json").stdout


@test
def an_empty_reader_is_told(sandbox):
    sandbox.jpki("card", "info")
    sandbox.tell_card("/v1/insertion", inserted=False)
    wait_until("the reader is empty", lambda: sandbox.jpki("card", "info").returncode == 3)
    assert b"no card is in the reader" in sandbox.jpki("card", "info").stderr
    assert b"no reader has" in sandbox.jpki("card", "info", "--reader", "another").stderr
    sandbox.tell_card("/v1/insertion", inserted=True)
    sandbox.wait_for_card()


@test
def garbage_is_told(sandbox):
    sandbox.jpki("card", "info")
    for after in (1, 5, 12):
        sandbox.tell_card("/v1/trouble", garbage_after=after)
        assert sandbox.sign().returncode == 5
        sandbox.tell_card("/v1/trouble")
    assert not os.path.exists(sandbox.document + ".p7s")


@test
def a_responder_answers_the_card_s_holder_as_a_verifier_only(sandbox):
    as_nobody = sandbox.jpki("cert", "status", "--json", JPKI_OCSP=sandbox.responder["JPKI_OCSP"])
    answer = json.loads(as_nobody.stdout)
    assert as_nobody.returncode == 7 and answer["reasons"] == ["ocsp-refused"], as_nobody
    for kind in ((), ("--sign", "--pin-fd", "0")):
        status = sandbox.jpki("cert", "status", "--json", *kind, **sandbox.responder)
        answer = json.loads(status.stdout)
        assert status.returncode == 0 and answer["status"] == "good" and answer["this_update"], status
        verified = sandbox.jpki("cert", "verify", "--json", *kind, **sandbox.responder)
        answer = json.loads(verified.stdout)
        assert verified.returncode == 0 and answer["verdict"] == "valid" and answer["reasons"] == [], verified
        assert answer["authority"] == "configured" and answer["revocation"]["status"] == "good", answer


@test
def after_a_move_the_old_certificate_is_revoked_and_the_new_one_good(sandbox):
    der = sandbox.dir.file("old.der")
    assert sandbox.jpki("cert", "export", "--sign", "--der", "--out", der, "--pin-fd", "0").returncode == 0
    sandbox.sandbox("move", "hanako", "--address", "兵庫県神戸市中央区見本町２番", "--municipality", "28100")
    sandbox.wait_for_card()

    def status_of_new():
        new = sandbox.jpki("cert", "status", "--sign", "--pin-fd", "0", "--json", **sandbox.responder)
        return new.returncode, json.loads(new.stdout)["status"]

    # A number that was given out just now is unknown to the responder until it asks the authority again.
    wait_until("the new certificate is known", lambda: status_of_new()[1] != "unknown")
    assert status_of_new() == (0, "good")
    old = run(program("jpkictl"), "cert", "status", "--config", sandbox.responder["JPKICTL_CONFIG"], "--json", der,
              check=False)
    assert old.returncode == 1 and json.loads(old.stdout)["status"] == "revoked", old


@test
def the_doctor_looks_through_real_readers(sandbox):
    result = sandbox.jpki("doctor", "--json")
    answer = json.loads(result.stdout)
    assert result.returncode == 0 and answer["wrong"] == 0, result
    checks = {(finding["check"], finding["severity"]) for finding in answer["findings"]}
    assert {("service", "fine"), ("reader", "fine"), ("card", "fine"), ("authority", "fine")} <= checks, answer
    sandbox.tell_card("/v1/insertion", inserted=False)
    wait_until("the reader is empty", lambda: sandbox.jpki("doctor").returncode == 3)
    assert b"Put a My Number Card into a reader." in sandbox.jpki("doctor").stdout
    sandbox.tell_card("/v1/insertion", inserted=True)
    sandbox.wait_for_card()


@test
def a_pin_is_changed_through_a_real_reader(sandbox):
    both = b"ABC123\nXYZ789\n"
    for pins in (both, b"XYZ789\nABC123\n"):
        done = subprocess.run(
            [program("jpki"), "pin", "change", "sign", "--pin-fd", "0", "--new-pin-fd", "0"], input=pins,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=sandbox.env, timeout=60, check=False
        )
        assert done.returncode == 0, done
    assert b'"name":"sign","tries_left":5' in sandbox.jpki("pin", "status", "--json").stdout


@test
def another_program_may_reset_the_card_while_the_password_is_typed(sandbox):
    sandbox.jpki("card", "info")
    if shutil.which("opensc-tool") is None:
        raise Skip("opensc-tool is not installed")
    pid, fd = pty.fork()
    if pid == 0:
        argv = [program("jpki"), "sign", sandbox.document, "--yes"]
        os.execve(argv[0], argv, sandbox.env)
    try:
        read_terminal(fd, "tries left: 5): ")
        run_reset = ["opensc-tool", "--reset=cold"]
        done = subprocess.run(run_reset, env=dict(sandbox.env, OPENSC_DRIVER="jpki"), check=False, capture_output=True)
        assert done.returncode == 0, done
        os.write(fd, PASSWORD.encode() + b"\n")
        read_terminal(fd, "Signed: ")
    finally:
        os.close(fd)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, -1)  # -1: SIGHUP, as the terminal is gone
    os.unlink(sandbox.document + ".p7s")


@test
def a_signature_is_made_and_holds_but_for_revocation(sandbox):
    started = time.monotonic()
    done = sandbox.sign()
    assert done.returncode == 0, done
    assert sandbox.jpki("verify", sandbox.document).returncode == 7
    write_text(sandbox.document, "another\n")
    assert sandbox.jpki("verify", sandbox.document).returncode == 1
    assert time.monotonic() - started < 60


if __name__ == "__main__":
    main(Sandbox)
