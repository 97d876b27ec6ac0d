#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-witnessd: what it cosigns, what it never cosigns, and that it forgets nothing. The logs are fakes that
show what they are told to; openssl judges the signatures."""
import base64
import os
import sqlite3

from fake_log import FakeLog, LOG, is_signed, key_line, note_of, read_key, root_of, text_of
from harness import Daemon, Directory, ask, main, program, read_text, run, test, UnixConnection, wait_until, write_text

JPKICTL, SIGNERD, WITNESSD = program("jpkictl"), program("jpki-signerd"), program("jpki-witnessd")
NAME = "witness.openjpki.test"
LOGS, NAME_MAX, ALARMS = 16, 32, 64  # WITNESS_LOGS_MAX, WITNESS_NAME_MAX, WITNESS_ALARMS_MAX
NAMES = ("first", "second", "third", "fork", "rolled", "cut", "alien", "dead", "noisy")


class Site:
    def __init__(self):
        self.dir = Directory()
        os.mkdir(self.dir.file("keys"), 0o700)
        self.logs = {name: FakeLog(self.dir.path, name) for name in NAMES}
        write_text(self.dir.file("passphrase"), "a passphrase of this test\n")
        origins = "".join(f"origins = {log.origin}\n" for log in self.logs.values())
        write_text(self.dir.file("signer.conf"),
                   f"[signer]\nsocket = {self.dir.file('signer.sock')}\nkeys = {self.dir.file('keys')}\n"
                   f"passphrase_file = {self.dir.file('passphrase')}\n"
                   f"[key witness]\nrole = cosignature\nbits = 255\nallow_uid = {os.getuid()}\n{origins}")
        run(SIGNERD, "keygen", "--config", self.dir.file("signer.conf"), "witness")
        self.key_file = self.dir.file("witness.key")
        line = run(SIGNERD, "public", "--config", self.dir.file("signer.conf"), "--name", NAME, "witness").stdout
        write_text(self.key_file, line.decode())
        self.configure("witness.conf", [(name, log.path, log.key_file) for name, log in self.logs.items()])
        self.signerd = Daemon([SIGNERD, "serve", "--config", self.dir.file("signer.conf")],
                              self.dir.file("signer.sock"), self.dir.file("signerd.log"))
        self.socket = self.dir.file("witness.sock")
        self.witnessd = Daemon([WITNESSD, "--config", self.dir.file("witness.conf")], self.socket,
                               self.dir.file("witnessd.log"))
        self.signerd.start()
        self.witnessd.start()

    def configure(self, name, logs, more=""):
        text = f"[witness]\nsocket = {self.dir.file('witness.sock')}\npeers = {os.getuid()}\n"
        text += f"database = {self.dir.file('witness.db')}\nsigner = {self.dir.file('signer.sock')}\n"
        text += f"name = {NAME}\npoll_ms = 50\n{more}"
        for log, path, key in logs:
            text += f"[log {log}]\nsocket = {path}\nkey = {key}\n"
        write_text(self.dir.file(name), text)
        return self.dir.file(name)

    def checks(self, path):
        return run(WITNESSD, "--check-config", "--config", path, check=False)

    def state(self, name):
        status, body = ask(self.socket, "GET", "/v1/logs")
        assert status == 200 and body["witness"] == NAME, body
        return next(log for log in body["logs"] if log["name"] == name)

    def is_at(self, name, size):
        state = self.state(name)
        return state["state"] == "current" and state["size"] == size

    def cosigned(self, name, size=None):
        """The note itself, or None."""
        connection = UnixConnection(self.socket, 60)
        try:
            connection.request("GET", f"/v1/logs/{name}/checkpoint" + (f"?size={size}" if size else ""))
            answer = connection.getresponse()
            text = answer.read().decode()
            return text if answer.status == 200 else None
        finally:
            connection.close()

    def alarms(self, name):
        return [a for a in ask(self.socket, "GET", "/v1/alarms")[1]["alarms"] if a["origin"] == self.logs[name].origin]

    def is_ready(self):
        status, body = ask(self.socket, "GET", "/readyz")
        return status == 200, (body or {}).get("detail", "")

    def metric(self, name, log):
        connection = UnixConnection(self.socket, 60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return int(next(line for line in text.splitlines() if line.startswith(f'{name}{{log="{log}"}}')).split()[1])

    def note_all(self):
        """An operator takes note of every alarm."""
        for alarm in ask(self.socket, "GET", "/v1/alarms")[1]["alarms"]:
            run(JPKICTL, "witness", "note", "--socket", self.socket, str(alarm["id"]))

    def close(self):
        for log in self.logs.values():
            log.stop()
        self.witnessd.close()
        self.signerd.close()
        self.dir.close()


def refused(site, name, doubt):
    """The witness has raised one alarm more of this kind, is not ready, and says so in its log and metrics."""
    wait_until(f"{name} is refused", lambda: site.state(name)["state"] == "refused" and site.alarms(name))
    alarm = site.alarms(name)[-1]
    assert alarm["doubt"] == doubt and alarm["noted_at"] is None, alarm
    ready, why = site.is_ready()
    assert not ready and "alarm" in why, why
    assert site.metric("jpki_witness_alarm", name) == 1 and site.metric("jpki_witness_refused_total", name) >= 1
    event = f'"event":"log.refused","log":"{name}","doubt":"{doubt}"'
    wait_until(f"its log says {event}", lambda: event in read_text(site.witnessd.log))
    return alarm


def mended(site, name, size):
    """Noted and shown in order again: the alarm stays, the witness is ready."""
    assert not site.is_ready()[0]
    wait_until(f"{name} is in order", lambda: site.is_at(name, size))
    assert not site.is_ready()[0], "nobody has taken note"
    site.note_all()
    assert site.is_ready()[0], site.is_ready()
    assert all(a["noted_at"] for a in site.alarms(name)) and site.alarms(name)


@test
def what_is_no_configuration_is_refused(site):
    one = [("first", "/run/x", site.logs["first"].key_file)]
    for logs, words in (([], b"[log NAME]"), ([("First",) + one[0][1:]], b"a-z"), (one + [("again",) + one[0][1:]], b"same log"),
                        ([("first", "/run/x", site.key_file)], b"of a witness"), ([("first", "/run/x", "/nowhere")], b"no such file"),
                        ([("first", "/run/x", site.dir.file("passphrase"))], b"NAME+HEX+BASE64")):
        done = site.checks(site.configure("bad.conf", logs))
        assert done.returncode == 2 and words in done.stderr, (logs, done)
    assert site.checks(site.configure("bad.conf", one, "name = a b\n")).returncode == 2
    assert site.checks(site.configure("good.conf", [("n" * NAME_MAX,) + one[0][1:]])).returncode == 0
    assert site.checks(site.configure("bad.conf", [("n" * (NAME_MAX + 1),) + one[0][1:]])).returncode == 2


@test
def as_many_logs_as_fit_and_not_one_more(site):
    logs = []
    for i in range(LOGS + 1):
        path = site.dir.file(f"many{i}.key")
        name, algorithm, public = read_key(site.logs["first"].key_file)
        assert algorithm == LOG
        write_text(path, key_line(f"{name}{i}", LOG, public))
        logs.append((f"log{i}", "/run/x", path))
    assert site.checks(site.configure("many.conf", logs[:LOGS])).returncode == 0
    done = site.checks(site.configure("many.conf", logs))
    assert done.returncode == 2, done


@test
def a_log_that_grows_is_cosigned_and_openssl_agrees(site):
    log, witness = site.logs["first"], read_key(site.key_file)
    assert site.state("first")["state"] == "failed" and site.state("first")["size"] is None
    log.start()
    wait_until("it is asked", lambda: log.asked > 1)
    wait_until("there is no checkpoint yet", lambda: site.state("first")["state"] == "none")
    assert site.cosigned("first") is None and site.is_ready()[0]
    size = 0
    for count in (1, 1, 5, 250, 3, 64):
        log.grow(count, bytes([count]))
        size += count
        wait_until(f"{size} are cosigned", lambda size=size: site.is_at("first", size))
        note = site.cosigned("first")
        assert note.startswith(text_of(log.origin, size, root_of(log.leaves))), note
        assert is_signed(site.dir.path, note, read_key(log.key_file))
        assert is_signed(site.dir.path, note, witness) == site.state("first")["cosigned_at"]
    assert site.cosigned("first", 7).startswith(text_of(log.origin, 7, root_of(log.leaves[:7])))
    assert site.cosigned("first", 8) is None and site.cosigned("second") is None and not site.alarms("first")


@test
def a_fork_is_never_cosigned(site):
    log = site.logs["fork"]
    log.start()
    log.grow(10)
    wait_until("ten are cosigned", lambda: site.is_at("fork", 10))
    honest, kept = log.leaves, site.cosigned("fork")
    # As many records, one of them another.
    with log.lock:
        log.leaves = honest[:4] + honest[5:6] + honest[5:]
        log.show()
        shown = log.note
    alarm = refused(site, "fork", "fork")
    assert base64.b64decode(alarm["seen"]).decode() == kept and base64.b64decode(alarm["shown"]).decode() == shown
    # More records, on another past.
    log.grow(7)
    wait_until("that is refused, too", lambda: len(site.alarms("fork")) == 2)
    assert site.cosigned("fork") == kept and site.cosigned("fork", 17) is None
    with log.lock:
        log.leaves = honest
        log.grow(2)
    mended(site, "fork", 12)
    # The same proof again, when somebody has taken note, is no new alarm, but the log is refused.
    log.note = shown
    wait_until("it is refused", lambda: site.state("fork")["state"] == "refused")
    assert len(site.alarms("fork")) == 3 and site.alarms("fork")[-1]["doubt"] == "rollback"
    log.show()
    mended(site, "fork", 12)


@test
def an_older_checkpoint_is_not_cosigned_again(site):
    log = site.logs["rolled"]
    log.start()
    log.grow(5)
    wait_until("five are cosigned", lambda: site.is_at("rolled", 5))
    older = log.note
    log.grow(5)
    wait_until("ten are cosigned", lambda: site.is_at("rolled", 10))
    log.note = older
    refused(site, "rolled", "rollback")
    assert site.cosigned("rolled").startswith(text_of(log.origin, 10, root_of(log.leaves)))
    log.show()
    mended(site, "rolled", 10)


@test
def a_log_without_the_records_of_its_checkpoint_is_refused(site):
    log = site.logs["cut"]
    log.start()
    log.grow(20)
    wait_until("twenty are cosigned", lambda: site.is_at("cut", 20))
    whole = log.leaves
    log.leaves = whole[:19]
    refused(site, "cut", "truncated")
    log.leaves = whole
    mended(site, "cut", 20)


@test
def checkpoints_of_others_are_refused(site):
    log, other = site.logs["alien"], site.logs["first"]
    log.start()
    log.grow(3)
    wait_until("three are cosigned", lambda: site.is_at("alien", 3))
    good, root = log.note, root_of(log.leaves)
    text, line = good.split("\n\n")
    changed = line[:-6] + ("A" if line[-6] != "A" else "B") + line[-5:]
    for note in (
        other.note,  # of another log, honestly signed
        note_of(log.key, other.origin, 3, root),  # of another log, by this one's key
        note_of(other.key, log.origin, 3, root),  # by another's key
        note_of(log.key, log.origin, 3, root, name=other.origin),
        text + "\n\n" + changed,
        text + "\nmore\n\n" + line,
        text.replace("\n3\n", "\n03\n") + "\n\n" + line,
        "nothing\n",
        "\u2014 " * 100,
    ):
        before = len(site.alarms("alien"))
        log.note = note
        wait_until(f"it is refused: {note!r}", lambda before=before: len(site.alarms("alien")) > before)
        assert refused(site, "alien", "signature")["doubt"] == "signature"
        log.note = good
        mended(site, "alien", 3)


@test
def alarms_of_a_log_are_kept_up_to_a_limit(site):
    log = site.logs["noisy"]
    log.start()
    log.grow(1)
    wait_until("it is cosigned", lambda: site.is_at("noisy", 1))
    good = log.note
    for i in range(ALARMS):
        log.note = f"noise {i}\n"
        wait_until("it is kept", lambda i=i: len(site.alarms("noisy")) == i + 1)
    log.note, count = "one more\n", site.metric("jpki_witness_refused_total", "noisy")
    wait_until("it is counted", lambda: site.metric("jpki_witness_refused_total", "noisy") > count + 1)
    assert len(site.alarms("noisy")) == ALARMS
    log.note = good
    mended(site, "noisy", 1)


@test
def a_log_that_does_not_answer_is_no_alarm(site):
    log = site.logs["dead"]
    log.start()
    log.grow(4)
    wait_until("four are cosigned", lambda: site.is_at("dead", 4))
    kept = site.cosigned("dead")
    log.stop()
    wait_until("it failed", lambda: site.state("dead")["state"] == "failed")
    assert site.is_ready()[0] and not site.alarms("dead") and site.cosigned("dead") == kept
    log.grow(4)
    log.tree_status = 500
    log.start()
    wait_until("it is asked", lambda: log.asked > 3)
    assert site.state("dead")["size"] == 4 and site.is_ready()[0]
    log.tree_status = 200
    wait_until("eight are cosigned", lambda: site.is_at("dead", 8))


@test
def nothing_is_cosigned_without_signerd_and_all_of_it_later(site):
    log = site.logs["second"]
    log.start()
    log.grow(6)
    wait_until("six are cosigned", lambda: site.is_at("second", 6))
    assert site.signerd.stop() == 0
    log.grow(6)
    wait_until("it failed", lambda: site.state("second")["state"] == "failed")
    assert site.state("second")["size"] == 6 and not site.is_ready()[0] and not site.alarms("second")
    site.signerd.start()
    wait_until("twelve are cosigned", lambda: site.is_at("second", 12))
    wait_until("it is ready", lambda: site.is_ready()[0])


@test
def kill_9_loses_nothing_that_was_told(site):
    log = site.logs["third"]
    log.start()
    told = 0
    for i in range(8):
        log.grow(3, bytes([i]))
        wait_until("it is cosigned", lambda: site.is_at("third", len(log.leaves)))
        log.grow(2, bytes([i]))
        told = site.state("third")["size"]
        site.witnessd.kill()
        site.witnessd.start()
        assert site.state("third")["size"] >= told, i
    wait_until("it is cosigned", lambda: site.is_at("third", len(log.leaves)))
    log.show(told - 1)
    site.witnessd.kill()
    site.witnessd.start()
    refused(site, "third", "rollback")
    site.witnessd.kill()
    site.witnessd.start()
    assert site.alarms("third") and not site.is_ready()[0], "an alarm outlives the process"
    log.show()
    mended(site, "third", len(log.leaves))
    database = sqlite3.connect(f"file:{site.dir.file('witness.db')}?mode=ro", uri=True)
    acts = [row[0] for row in database.execute("SELECT act FROM audit ORDER BY seq")]
    database.close()
    alarms = ask(site.socket, "GET", "/v1/alarms")[1]["alarms"]
    assert acts.count("alarm.raised") == len(alarms) == acts.count("alarm.noted"), acts


@test
def alarms_are_shown_and_noted_by_operators(site):
    lines = run(JPKICTL, "witness", "alarms", "--socket", site.socket).stdout.decode().splitlines()
    told = ask(site.socket, "GET", "/v1/alarms")[1]["alarms"]
    assert len(lines) == len(told) and all(line.endswith("noted") for line in lines), lines
    assert run(JPKICTL, "witness", "note", "--socket", site.socket, "999999", check=False).returncode == 2
    assert run(JPKICTL, "witness", "note", "--socket", site.socket, "x", check=False).returncode == 2
    assert run(JPKICTL, "witness", "alarms", check=False).returncode == 2
    assert ask(site.socket, "POST", "/v1/alarms/0/note")[0] == 400


if __name__ == "__main__":
    main(Site)
