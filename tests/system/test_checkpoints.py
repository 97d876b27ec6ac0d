#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of a real register's audit log: made on time and on demand, witnessed, verified anywhere; and a log that
somebody has rewritten. openssl judges the signatures."""
import json
import os
import sqlite3

from fake_log import is_signed, read_key, text_of
from harness import Daemon, UnixConnection, as_nobody, ask, main, program, read_text, run, test, wait_until, write_text
from test_audit import Site as Audited, rewrite, tree_of

JPKICTL, SIGNERD, WITNESSD = program("jpkictl"), program("jpki-signerd"), program("jpki-witnessd")
ORIGIN, WITNESS = "register.openjpki.test/audit", "witness.openjpki.test"


class Site(Audited):
    def __init__(self):
        super().__init__()
        self.signers = {}
        self.zone("log", f"role = checkpoint\norigin = {ORIGIN}\n", ORIGIN)
        self.zone("witness", f"role = cosignature\norigins = {ORIGIN}\n", WITNESS)
        with open(self.dir.file("register.conf"), "a", encoding="utf-8") as conf:
            conf.write(f"audit_key = log\naudit_origin = {ORIGIN}\naudit_signer = {self.dir.file('log.sock')}\n")
            conf.write("audit_every_s = 1\nwitness_peers = 65534\n")
        write_text(self.dir.file("witness.conf"),
                   f"[witness]\nsocket = {self.dir.file('w.sock')}\npeers = {os.getuid()}\nname = {WITNESS}\npoll_ms = 50\n"
                   f"database = {self.dir.file('witness.db')}\nsigner = {self.dir.file('witness.sock')}\n"
                   f"[log register]\nsocket = {self.socket}\nkey = {self.dir.file('log.key')}\n")
        self.witnessd = Daemon([WITNESSD, "--config", self.dir.file("witness.conf")], self.dir.file("w.sock"),
                               self.dir.file("witnessd.log"))
        self.keys = ("--origin-key", self.dir.file("log.key"))
        self.all_keys = (*self.keys, "--witness", self.dir.file("witness.key"))
        self.witnessed = (*self.all_keys, "--witness-socket", self.dir.file("w.sock"))
        self.daemon.start()

    def zone(self, name, section, signs_as):
        """A signerd with one key, and that key in a file for whoever verifies."""
        conf = self.dir.file(name + "-signer.conf")
        os.mkdir(self.dir.file(name + "-keys"), 0o700)
        write_text(conf, f"[signer]\nsocket = {self.dir.file(name + '.sock')}\nkeys = {self.dir.file(name + '-keys')}\n"
                   f"passphrase_file = {self.dir.file('signer', 'passphrase')}\n"
                   f"[key {name}]\nbits = 255\nallow_uid = {os.getuid()}\n{section}")
        run(SIGNERD, "keygen", "--config", conf, name)
        line = run(SIGNERD, "public", "--config", conf, "--name", signs_as, name).stdout.decode()
        write_text(self.dir.file(name + ".key"), line)
        self.signers[name] = Daemon([SIGNERD, "serve", "--config", conf], self.dir.file(name + ".sock"),
                                    self.dir.file(name + "-signer.log"))
        self.signers[name].start()

    def note(self, size=None):
        connection = UnixConnection(self.socket, 60)
        try:
            connection.request("GET", "/v1/audit/checkpoint" + (f"?size={size}" if size else ""))
            answer = connection.getresponse()
            text = answer.read().decode()
            return text if answer.status == 200 else None
        finally:
            connection.close()

    def make(self):
        """A checkpoint of all records, and how many these are."""
        done = run(JPKICTL, "audit", "checkpoint", "--socket", self.socket)
        return done.stdout.decode(), len(self.rows("audit"))

    def is_witnessed(self, size):
        logs = ask(self.witnessd.path, "GET", "/v1/logs")[1]["logs"]
        return logs[0]["size"] == size and logs[0]["state"] == "current"

    def close(self):
        self.witnessd.close()
        for signer in self.signers.values():
            signer.close()
        super().close()


def root_of(site, size):
    return tree_of([row["leaf"] for row in site.rows("audit")[:size]])


@test
def checkpoints_are_made_in_time_and_when_asked_for(site):
    key = read_key(site.dir.file("log.key"))
    wait_until("there is one by itself", lambda: site.note() is not None)
    assert site.record()
    note, size = site.make()
    assert note.startswith(text_of(ORIGIN, size, root_of(site, size))), note
    assert is_signed(site.dir.path, note, key)
    assert site.make()[0] == note == site.note() == site.note(size)
    assert site.record()
    wait_until("the next one comes by itself", lambda: site.note() != note)
    wait_until("all are in it", lambda: site.note().startswith(text_of(ORIGIN, len(site.rows("audit")), root_of(site, None))))
    assert is_signed(site.dir.path, site.note(), key) and site.note(size) == note and site.note(999999) is None
    assert '"event":"checkpoint.made"' in read_text(site.daemon.log)


@test
def a_witness_reads_hashes_and_no_record(site):
    if os.getuid() != 0:
        return
    for method, url, status in (("GET", "/v1/audit/tree", 200), ("GET", "/v1/audit", 403), ("POST", "/v1/audit/checkpoint", 403),
                                ("GET", "/v1/residents/" + "0" * 32, 403)):
        assert as_nobody(lambda method=method, url=url: ask(site.socket, method, url)[0]) == status, (method, url)

    def read_checkpoint():
        connection = UnixConnection(site.socket, 60)
        connection.request("GET", "/v1/audit/checkpoint")
        return connection.getresponse().read().decode()

    assert as_nobody(read_checkpoint) == site.note()


@test
def without_a_witness_the_daemon_goes_on_and_checkpoints_wait(site):
    note, size = site.make()
    done = run(JPKICTL, "audit", "prove", "--socket", site.socket, *site.witnessed, "1", check=False)
    assert done.returncode == 5, done
    assert site.record()
    done = run(JPKICTL, "audit", "prove", "--socket", site.socket, *site.all_keys, "1", check=False)
    assert done.returncode == 1 and b"has not signed" in done.stderr, done
    site.witnessd.start()
    wait_until("it is witnessed", lambda: site.is_witnessed(len(site.rows("audit"))))
    assert site.note(size) == note


@test
def a_record_is_proven_anywhere_by_a_cosigned_checkpoint(site):
    _, size = site.make()
    wait_until("it is witnessed", lambda: site.is_witnessed(size))
    proof = site.dir.file("proof.json")
    for seq in (1, size // 2, size):
        done = run(JPKICTL, "audit", "prove", "--socket", site.socket, *site.witnessed, str(seq))
        write_text(proof, done.stdout.decode())
        told = json.loads(done.stdout)
        witness = read_key(site.dir.file("witness.key"))
        for command in ("verify", "check"):
            done = run(JPKICTL, "audit", command, "--json", *site.all_keys, proof)
            said = json.loads(done.stdout)
            assert said["root"] == root_of(site, size).hex(), said
            assert said["checkpoint"] == {"origin": ORIGIN, "size": size,
                                          "cosigned_at": is_signed(site.dir.path, told["checkpoint"], witness)}, said
    assert "連署" in run("env", "LC_ALL=ja_JP.UTF-8", JPKICTL, "audit", "verify", *site.all_keys, proof).stdout.decode()
    text, lines = told["checkpoint"].split("\n\n")
    log_line, witness_line = lines.splitlines(True)
    other = site.note(size - 1) or next(n for n in (site.note(i) for i in range(1, size)) if n)
    for changes in (
        {"record": dict(told["record"], actor="uid:4711")}, {"checkpoint": other}, {"checkpoint": text + "\n\n" + log_line},
        {"checkpoint": text + "\n\n" + witness_line}, {"checkpoint": text.replace(ORIGIN, ORIGIN + "x") + "\n\n" + lines},
        {"inclusion": told["inclusion"][:-1]}, {"size": size + 1},
    ):
        write_text(proof, json.dumps(dict(told, **changes)))
        done = run(JPKICTL, "audit", "verify", *site.all_keys, proof, check=False)
        assert done.returncode == 1 and not done.stdout, (changes, done)
    del told["checkpoint"]
    write_text(proof, json.dumps(told))
    assert run(JPKICTL, "audit", "verify", *site.keys, proof, check=False).returncode == 1
    assert run(JPKICTL, "audit", "verify", proof).returncode == 0
    done = run(JPKICTL, "audit", "prove", "--socket", site.socket, *site.witnessed, "--size", "1", "1", check=False)
    assert done.returncode == 2, done


@test
def what_is_verified_continues_what_the_witness_saw(site):
    assert site.record()
    done = run(JPKICTL, "audit", "verify", "--json", "--socket", site.socket, *site.witnessed)
    told = json.loads(done.stdout)
    assert told["records"] == len(site.rows("audit")) >= told["checkpoint"]["size"] and told["checkpoint"]["cosigned_at"], told
    path = site.dir.file("log.jsonl")
    run(JPKICTL, "audit", "export", "--socket", site.socket, *site.witnessed, path)
    said = json.loads(run(JPKICTL, "audit", "verify", "--json", *site.all_keys, path).stdout)
    assert said["records"] >= told["records"] and said["checkpoint"]["origin"] == ORIGIN, said
    lines = read_text(path).splitlines(True)
    # Without the checkpoint; with a past of another; with one that stands elsewhere or twice.
    for text, keys, code in (
        ("".join(lines[1:]), site.all_keys, 1), ("".join(lines[1:]), (), 0), ("".join(lines), (), 0),
        ("".join(lines[1:2] + lines[:1] + lines[2:]), (), 2), ("".join(lines[:1] + lines), (), 2),
        ("".join(lines).replace('"consistency"', '"x"'), (), 2), (lines[0] + "".join(lines[2:]), (), 1),
    ):
        write_text(site.dir.file("judged.jsonl"), text)
        done = run(JPKICTL, "audit", "verify", *keys, site.dir.file("judged.jsonl"), check=False)
        assert done.returncode == code, (code, text[:200], done)
    for more in (("--witness", site.dir.file("witness.key")), ("--origin-key", site.dir.file("witness.key")),
                 ("--origin-key", site.dir.file("passphrase")), (*site.keys, "--witness", site.dir.file("log.key"))):
        assert run(JPKICTL, "audit", "verify", "--socket", site.socket, *more, check=False).returncode == 2, more


@test
def kill_9_at_any_time_leaves_checkpoints_that_grow(site):
    for _ in range(6):
        assert site.record()
        note, size = site.make()
        site.daemon.kill()
        site.daemon.start()
        assert site.note(size) == note
        assert site.make()[1] >= size
    sizes = [row["size"] for row in site.rows("audit_checkpoint")]
    assert sizes == sorted(set(sizes)) and len(sizes) > 6
    wait_until("all is witnessed", lambda: site.is_witnessed(site.make()[1]))
    assert ask(site.witnessd.path, "GET", "/v1/alarms")[1]["alarms"] == []


@test
def nobody_changes_a_checkpoint_by_mistake(site):
    assert site.daemon.stop() == 0
    database = sqlite3.connect(site.database)
    for statement in ("DELETE FROM audit_checkpoint", "UPDATE audit_checkpoint SET note = x'00'",
                      "INSERT INTO audit_checkpoint VALUES (1, 0, x'00')"):
        try:
            database.execute(statement)
            raise SystemExit("it was changed: " + statement)
        except sqlite3.IntegrityError:
            pass
    database.close()
    site.daemon.start()


@test
def a_rewritten_log_gets_no_signature_and_is_no_secret(site):
    _, size = site.make()
    wait_until("it is witnessed", lambda: site.is_witnessed(size))
    database = site.rows("audit")
    last = database[-1]
    # Its end is cut off, with all checkpoints of it: signerd remembers, and the witness does.
    rewrite(site, ("DELETE FROM audit WHERE seq = ?", (last["seq"],)), ("DELETE FROM audit_checkpoint WHERE size >= ?", (size,)))
    done = run(JPKICTL, "audit", "checkpoint", "--socket", site.socket, check=False)
    assert done.returncode == 6 and b"not higher" in done.stderr, done
    wait_until("it is told", lambda: '"event":"checkpoint.failure"' in read_text(site.daemon.log))
    wait_until("there is an alarm", lambda: ask(site.witnessd.path, "GET", "/v1/alarms")[1]["alarms"])
    status, body = ask(site.witnessd.path, "GET", "/readyz")
    assert status == 503, body
    done = run(JPKICTL, "audit", "verify", "--socket", site.socket, *site.witnessed, check=False)
    assert done.returncode == 1 and b"its checkpoint is of" in done.stderr, done
    assert run(JPKICTL, "audit", "verify", "--socket", site.socket).returncode == 0  # without a witness nobody knows
    # The daemon works on, and grows another past: nothing of it is ever cosigned.
    while len(site.rows("audit")) <= size:
        assert site.record()
    note, grown = site.make()
    assert is_signed(site.dir.path, note, read_key(site.dir.file("log.key"))), "signerd cannot know"
    wait_until("the fork is found", lambda: any(
        a["doubt"] == "fork" for a in ask(site.witnessd.path, "GET", "/v1/alarms")[1]["alarms"]))
    assert not site.is_witnessed(grown)
    done = run(JPKICTL, "audit", "verify", "--socket", site.socket, *site.witnessed, check=False)
    assert done.returncode == 1, done


if __name__ == "__main__":
    main(Site)
