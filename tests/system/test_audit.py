#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit log from outside: who may read it, what kill -9 leaves of it, and whether its hashes are those of RFC 9162."""
import hashlib
import hmac
import http.client
import json
import os
import sqlite3
import stat
import threading

from harness import as_nobody, ask, main, program, read_text, run, test, wait_until, write_text
from test_issuing import Site as Issuing

JPKICTL = program("jpkictl")
NAME = "番号　花子"
ADDRESS = "東京都千代田区見本町一丁目２番３号"
KILLS = 6
WORKERS = 4


def number(index):
    """A number that nobody has: the check digit is the right one plus five, modulo ten."""
    digits = f"{80000000000 + index:011d}"
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits), 1))
    right = 0 if total % 11 <= 1 else 11 - total % 11
    return digits + str((right + 5) % 10)


def field(data):
    return len(data).to_bytes(4, "big") + data


def leaf_of(row):
    """The encoding as audit/audit.h states it, and its hash as a leaf."""
    fields = [b"OpenJPKI audit v1", row["seq"].to_bytes(8, "big"), row["at"].to_bytes(8, "big")]
    fields += [row[key].encode() for key in ("actor", "act", "subject")]
    fields += [row["commitment"], row["outcome"].encode(), row["trace_id"].encode()]
    return hashlib.sha256(b"\0" + b"".join(map(field, fields))).digest()


class Site(Issuing):
    """A register whose clerks record residents."""

    def __init__(self):
        super().__init__()
        os.chmod(self.dir.path, 0o755)
        os.chmod(self.dir.file("register"), 0o755)
        self.socket, self.daemon = self.counter, self.registerd
        self.database = self.dir.file("register", "register.db")
        for kind in ("sign", "auth"):
            run(program("jpki-authorityd"), "init-ca", "--config", self.dir.file("authority.conf"), kind)
        self.authorityd.start()
        self.registerd.start()
        self.at_counter()
        assert self.daemon.stop() == 0
        self.recorded = 0  # residents that were answered
        self.next = 0
        self.lock = threading.Lock()

    def with_operator(self):
        with open(self.dir.file("register.conf"), "a", encoding="utf-8") as conf:
            conf.write("operator_peers = 65534\n")

    def record(self):
        """One more resident; whether it was answered."""
        with self.lock:
            index, self.next = self.next, self.next + 1
        person = {"name": NAME, "address": ADDRESS, "birth_date": "1990-04-15", "sex": "female", "municipality": "13101"}
        try:
            status, answer = self.post("/v1/residents", {**person, "mynumber": number(index)})
        except (OSError, ValueError, http.client.HTTPException):
            return False
        assert status == 201, answer
        with self.lock:
            self.recorded += 1
        return True

    def registered(self):
        """Records about residents."""
        return [row for row in self.rows("audit") if row["act"] == "resident.registered"]

    def rows(self, table):
        """What is on disk; nobody has the database open."""
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY 1")]  # nosec
        finally:
            database.close()

    def list(self, *more):
        return run(JPKICTL, "audit", "list", "--socket", self.socket, *more, check=False)


@test
def without_a_socket_or_a_daemon_nothing_is_listed(site):
    done = run(JPKICTL, "audit", "list", check=False)
    assert done.returncode == 2 and b"--socket" in done.stderr, done
    done = site.list()
    assert done.returncode == 5 and not done.stdout, done


@test
def kill_9_leaves_as_many_records_as_acts(site):
    for _ in range(KILLS):
        site.daemon.start()
        goal = site.recorded + 25

        def work():
            while site.record():
                pass

        workers = [threading.Thread(target=work) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        wait_until("residents are recorded", lambda goal=goal: site.recorded >= goal)
        site.daemon.kill()
        for worker in workers:
            worker.join()
        residents, records = site.rows("resident"), site.registered()
        assert len(records) == len(residents) >= site.recorded, (len(records), len(residents), site.recorded)
        ended = [row for row in site.rows("audit") if (row["act"], row["outcome"]) == ("filing.ended", "done")]
        assert len(ended) == sum(row["state"] == "done" for row in site.rows("filing")) >= site.recorded
        everything = site.rows("audit")
        assert [row["seq"] for row in everything] == list(range(1, len(everything) + 1))


@test
def each_leaf_is_the_hash_of_the_record_and_each_commitment_of_one_resident(site):
    residents = {row["id"] for row in site.rows("resident")}
    for row in site.rows("audit"):
        assert row["leaf"] == leaf_of(row), row["seq"]
    for row in site.registered()[:20]:
        found = [
            resident
            for resident in residents
            if hmac.digest(row["salt"], field(b"resident") + field(resident.encode()), "sha256") == row["commitment"]
        ]
        assert len(found) == 1, row["seq"]
        residents.remove(found[0])


@test
def the_log_has_nothing_about_a_person(site):
    columns = b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for row in site.rows("audit") for value in row.values()
    )
    canaries = [NAME, "花子", ADDRESS, "千代田", "1990-04-15"]
    canaries += [row["id"] for row in site.rows("resident")] + [number(i) for i in range(site.next)]
    for canary in canaries:
        assert canary.encode() not in columns, canary
        assert canary not in read_text(site.daemon.log), canary


@test
def only_peers_and_operators_read_the_log(site):
    site.daemon.start()
    for method, status in (("GET", 200), ("POST", 405), ("DELETE", 405)):
        assert ask(site.socket, method, "/v1/audit")[0] == status, method
    if os.getuid() != 0:
        return
    status, body = as_nobody(lambda: ask(site.socket, "GET", "/v1/audit"))
    assert status == 403 and "65534" in body["detail"], (status, body)
    assert site.daemon.stop() == 0
    site.with_operator()
    site.daemon.start()
    assert as_nobody(lambda: ask(site.socket, "GET", "/v1/audit"))[0] == 200
    assert as_nobody(lambda: ask(site.socket, "GET", "/v1/residents/" + "0" * 32))[0] == 403


@test
def a_number_that_is_none_or_not_given_yet_is_refused(site):
    for since, code, words in (("-1", 2, "number"), ("x", 2, "number"), ("", 2, "number"), ("999999", 6, "older")):
        done = site.list("--since", since)
        assert done.returncode == code and words in done.stderr.decode() and not done.stdout, (since, done)


@test
def all_pages_are_listed_one_after_the_other(site):
    while len(site.rows("audit")) <= 501:
        assert site.record()
    records = site.rows("audit")
    pages = [json.loads(line) for line in site.list("--json").stdout.splitlines()]
    assert [page["more"] for page in pages] == [True, False], pages
    assert [page["last"] for page in pages] == [500, len(records)]
    listed = [record for page in pages for record in page["records"]]
    assert [(r["seq"], r["leaf"]) for r in listed] == [(r["seq"], r["leaf"].hex()) for r in records]
    assert set(listed[0]) == set("seq at actor act subject commitment outcome trace_id leaf".split()), listed[0]
    lines = site.list().stdout.decode().splitlines()
    assert len(lines) == len(records)
    seq, _, act, actor, outcome = lines[0].split()
    assert (seq, act, actor, outcome) == ("1", "clerk.changed", f"uid:{os.getuid()}", "added"), lines[0]
    _, _, _, actor, outcome = next(line for line in lines if "resident.registered" in line).split()
    assert (actor, outcome) == (f"clerk:{site.clerks.first.id}", "-"), actor
    assert len(site.list("--since", "500").stdout.splitlines()) == len(records) - 500


def tree_of(leaves):
    """MTH of RFC 9162, 2.1.1, over leaves that are hashed already."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_of(leaves[:k]) + tree_of(leaves[k:])).digest()


def root_of(site):
    return tree_of([row["leaf"] for row in site.rows("audit")]).hex()


def verify(site, *more):
    return run(JPKICTL, "audit", "verify", "--socket", site.socket, "--json", *more, check=False)


@test
def a_log_that_is_as_it_was_written_is_verified_once(site):
    assert site.record()  # the clerk is logged in from here on
    state, before = site.dir.file("state.json"), len(site.rows("audit"))
    told = json.loads(verify(site, "--state", state).stdout)
    assert told == {"records": before, "new": before, "root": root_of(site)}, told
    for _ in range(3):
        assert site.record()
    told = json.loads(verify(site, "--state", state).stdout)
    after = len(site.rows("audit"))
    assert after == before + 3 * 3  # a resident, and what a clerk signed: received and ended
    assert told == {"records": after, "new": 3 * 3, "root": root_of(site)}, told
    assert json.loads(verify(site).stdout)["new"] == after
    assert run(JPKICTL, "audit", "verify", check=False).returncode == 2


@test
def a_log_in_a_file_is_verified_without_the_daemon(site):
    def judge(text):
        path = site.dir.file("judged.jsonl")
        write_text(path, text)
        return run(JPKICTL, "audit", "verify", "--json", path, check=False)

    path = site.dir.file("log.jsonl")
    run(JPKICTL, "audit", "export", "--socket", site.socket, path)
    lines, count = read_text(path).splitlines(True), len(site.rows("audit"))
    assert json.loads(judge("".join(lines)).stdout) == {"records": count, "new": count, "root": root_of(site)}
    # Cut anywhere, without its end, with something behind it, with one record changed.
    for text in ("", "".join(lines)[:-20], "".join(lines[:-1]), "".join(lines) + "{}\n"):
        done = judge(text)
        assert done.returncode == 2 and b"judged.jsonl" in done.stderr, done
    done = judge("".join(lines).replace("resident.registered", "resident.forgotten", 1))
    assert done.returncode == 1, done
    # A daemon that is away leaves a file of before as it is.
    for more in (("--socket", site.socket), ("--state", path)):
        assert run(JPKICTL, "audit", "verify", *more, path, check=False).returncode == 2
    done = run(JPKICTL, "audit", "export", "--socket", site.dir.file("nobody.sock"), path, check=False)
    assert done.returncode == 5 and read_text(path) == "".join(lines), done
    assert not os.path.exists(path + ".part")
    # As root a device could be replaced.
    os.mkfifo(site.dir.file("pipe"))
    done = run(JPKICTL, "audit", "export", "--socket", site.socket, site.dir.file("pipe"), check=False)
    assert done.returncode == 2 and b"not a regular file" in done.stderr, done
    assert stat.S_ISFIFO(os.lstat(site.dir.file("pipe")).st_mode) and not os.path.exists(site.dir.file("pipe.part"))


@test
def a_state_that_is_none_is_refused_and_kept(site):
    for text in ("", "{", "[]", '{"size":3,"subtrees":[]}', '{"size":-1,"subtrees":[]}', '{"size":0,"subtrees":["00"]}'):
        write_text(site.dir.file("cut.json"), text)
        done = verify(site, "--state", site.dir.file("cut.json"))
        assert done.returncode == 2 and b"cut.json" in done.stderr, (text, done)
        assert read_text(site.dir.file("cut.json")) == text


def rewrite(site, *statements):
    """Somebody with the file in his hands, who knows the triggers, too."""
    assert site.daemon.stop() == 0
    database = sqlite3.connect(site.database)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'").fetchall():
        database.execute(f"DROP TRIGGER {name}")  # nosec
    for statement in statements:
        database.execute(*statement)
    database.commit()
    database.close()
    site.daemon.start()


@test
def a_past_that_was_rewritten_is_found_out(site):
    state = site.dir.file("state.json")
    assert verify(site, "--state", state).returncode == 0
    kept = read_text(state)
    row = dict(site.rows("audit")[4], actor="uid:4711")
    original = site.rows("audit")[4]

    # The record alone; the record and its hash; that and the hashes above it.
    rewrite(site, ("UPDATE audit SET actor = 'uid:4711' WHERE seq = 5",))
    assert verify(site).returncode != 0
    rewrite(site, ("UPDATE audit SET leaf = ? WHERE seq = 5", (leaf_of(row),)))
    done = verify(site)
    assert done.returncode == 1 and b"records are not those" in done.stderr, done
    rewrite(site, ("DELETE FROM audit_node",))
    assert verify(site).returncode == 0  # whoever sees it for the first time cannot know
    done = verify(site, "--state", state)
    assert done.returncode == 1 and b"records are not those" in done.stderr, done
    assert read_text(state) == kept
    rewrite(site, ("UPDATE audit SET actor = ?, leaf = ? WHERE seq = 5", (original["actor"], original["leaf"])))
    assert verify(site, "--state", state).returncode == 0


@test
def a_log_that_lost_its_end_is_found_out(site):
    state, last = site.dir.file("state.json"), site.rows("audit")[-1]
    rewrite(site, ("DELETE FROM audit WHERE seq = ?", (last["seq"],)))
    done = verify(site, "--state", state)
    assert done.returncode == 1 and b"shorter" in done.stderr, done
    columns = list(last)
    rewrite(site, (f"INSERT INTO audit ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", list(last.values())))
    assert verify(site, "--state", state).returncode == 0


@test
def one_record_is_proven_to_somebody_without_the_others(site):
    proof, total = site.dir.file("proof.json"), len(site.rows("audit"))
    for seq, more, size in ((1, (), total), (total, (), total), (300, ("--size", "400"), 400)):
        done = run(JPKICTL, "audit", "prove", "--socket", site.socket, *more, str(seq))
        told = json.loads(done.stdout)
        assert told["record"]["seq"] == seq and told["size"] == size, told
        write_text(proof, done.stdout.decode())
        root = tree_of([row["leaf"] for row in site.rows("audit")[:size]]).hex()
        done = run(JPKICTL, "audit", "check", "--root", root, "--json", proof)
        assert json.loads(done.stdout) == {"size": size, "root": root, "root_compared": True}, done
    done = run(JPKICTL, "audit", "check", "--root", "0" * 64, proof, check=False)
    assert done.returncode == 1 and b"another root" in done.stderr, done
    for name, value in (("actor", "uid:4711"), ("seq", 299), ("outcome", "given"), ("leaf", "00" * 32)):
        forged = dict(told, record=dict(told["record"], **{name: value}))
        write_text(proof, json.dumps(forged))
        assert run(JPKICTL, "audit", "check", proof, check=False).returncode == 1, name
    for forged in (dict(told, inclusion=told["inclusion"][1:]), dict(told, size=1000), dict(told, root="00" * 32)):
        write_text(proof, json.dumps(forged))
        assert run(JPKICTL, "audit", "check", proof, check=False).returncode == 1, forged
    write_text(proof, json.dumps(told)[:-20])
    assert run(JPKICTL, "audit", "check", proof, check=False).returncode == 2


@test
def a_record_that_is_not_there_is_not_proven(site):
    for argv, code in ((("0",), 2), (("x",), 2), (("999999",), 6), (("5", "--size", "4"), 6), (("5", "--size", "999999"), 6)):
        done = run(JPKICTL, "audit", "prove", "--socket", site.socket, *argv, check=False)
        assert done.returncode == code and not done.stdout, (argv, done)


if __name__ == "__main__":
    main(Site)
