#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider has it proven that the platform's audit log has its verification, and checks that by itself."""
import json
import os
import subprocess
import sys

from harness import Directory, ask, main, program, read_text, run, test, wait_until, write_text
from test_sandbox import Sandbox, environment

CTL = program("jpkictl")


class Site:
    """One verification that is valid, and one that is not since the certificate was revoked."""

    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.dir = Directory()
        self.env = environment(self.box)
        self.socket = os.path.join(self.box.dir, "platform/platform.sock")
        self.origin_key = os.path.join(self.box.dir, "note-keys/audit-platform")
        self.paper = self.dir.file("contract.txt")
        os.chmod(self.dir.path, 0o711)
        write_text(self.paper, "a contract", 0o644)
        self.box.call("persona", "card", "hanako")
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        assert self.jpki("sign", self.paper, "--yes", "--pin-fd", "0", secret="ABC123\n").returncode == 0
        wait_until("it is valid", lambda: self.verified()["verdict"] == "valid")
        self.valid = self.verified()["id"]
        self.box.call("move", "hanako", "--address", "兵庫県神戸市中央区見本町２番", "--municipality", "28100")
        wait_until("it is revoked", lambda: self.verified()["verdict"] == "invalid")
        self.invalid = self.verified()["id"]
        self.proof = self.prove(self.valid)[1]

    def jpki(self, *words, secret=""):
        return subprocess.run([program("jpki"), *words], env=self.env, input=secret.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)

    def verified(self):
        return json.loads(self.jpki("verify", self.paper, "--platform", self.env["JPKI_PLATFORM"], "--json").stdout)

    def prove(self, name, tenant="sample-bank"):
        key = read_text(os.path.join(self.box.dir, "providers", tenant + ".key")).strip()
        return ask(self.socket, "POST", f"/v1/verifications/{name}/record", fields={"Authorization": f"Bearer {key}"})

    def check(self, proof, *options):
        path = self.dir.file("proof.json")
        write_text(path, json.dumps(proof))
        return run(CTL, "audit", "check", path, *options, check=False)

    def records(self):
        pages = run(CTL, "audit", "list", "--socket", self.socket, "--json").stdout.splitlines()
        return {record["seq"]: record for page in pages for record in json.loads(page)["records"]}

    def close(self):
        self.box.close()
        self.dir.close()


@test
def nobody_has_another_s_verification_proven(site):
    assert site.prove(site.valid, "sample-shop")[0] == 404
    assert site.prove("A" * 22)[0] == 404
    assert ask(site.socket, "POST", f"/v1/verifications/{site.valid}/record")[0] == 403


@test
def a_proof_about_something_else_or_that_was_changed_is_not_believed(site):
    keys = ("--origin-key", site.origin_key)
    done = site.check(site.proof, "--about", site.invalid, *keys)
    assert done.returncode == 1 and b"about another verification" in done.stderr, done
    other = os.path.join(site.box.dir, "note-keys/audit-authority")
    assert site.check(site.proof, "--about", site.valid, "--origin-key", other).returncode == 1
    record = site.proof["record"]
    for changed in (site.proof | {"record": record | {"outcome": "invalid 4"}},
                    site.proof | {"record": record | {"actor": "tenant:sample-shop"}},
                    site.proof | {"salt": "00" * 32},
                    site.proof | {"root": "00" * 32},
                    site.proof | {"checkpoint": site.proof["checkpoint"].replace("\n—", "\nx\n—", 1)}):
        done = site.check(changed, "--about", site.valid, *keys)
        assert done.returncode in (1, 2) and done.stderr, (changed, done)
    unsalted = {key: value for key, value in site.proof.items() if key != "salt"}
    assert site.check(unsalted, "--about", site.valid, *keys).returncode == 2
    assert site.check(unsalted, *keys).returncode == 0  # it is in the log, whatever it is about


@test
def its_tenant_checks_it_without_the_platform(site):
    assert site.proof["record"]["act"] == "verification.shown", site.proof
    assert site.proof["record"]["actor"] == "tenant:sample-bank", site.proof
    done = site.check(site.proof, "--about", site.valid, "--origin-key", site.origin_key, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["about"] == site.valid, done
    assert said["size"] >= site.proof["record"]["seq"] and said["checkpoint"]["size"] == said["size"], said


@test
def it_leads_to_the_record_of_the_judging_and_says_no_more_than_was_told(site):
    for name, verdict in ((site.valid, "valid"), (site.invalid, "invalid")):
        proof = site.prove(name)[1]
        told, number = proof["record"]["outcome"].split()
        judged = site.records()[int(number)]
        assert judged["act"] == "verification.judged" and judged["outcome"].split()[0] == told == verdict, (proof, judged)
        assert not any(word in json.dumps(proof) for word in ("revoked", "ocsp", "held", "affiliation")), proof


@test
def the_log_that_has_the_questions_is_sound(site):
    done = run(CTL, "audit", "verify", "--socket", site.socket, "--origin-key", site.origin_key)
    assert b"signed by the log" in done.stdout, done
    assert sum(record["act"] == "verification.shown" for record in site.records().values()) >= 3


if __name__ == "__main__":
    sys.exit(main(Site))
