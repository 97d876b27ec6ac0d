#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What may go wrong at an issuing site, each while clients issue, revoke and publish (docs/faults.md):
it is said whose fault it is, counted, and nothing that was acknowledged is lost."""
import base64
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import time

import powered
from fault_site import FaultSite
from harness import Skip, ask, main, program, read_text, run, test, wait_until, write_text
from persistent import ANSWER_SECONDS, fetch, insist
from power_site import ROOMS
from signer_frames import NO_SUCH_KEY, REFUSED, USED, SignerConnection
from test_issuing import SUBJECT

HOUR, DAY = 3600, 86400
RENEWAL = 320 * DAY  # 45 days before the end of a responder's certificate
KILLS = 6


class Fixture:
    """One site for all; without one nothing can be tried."""

    def __init__(self):
        self.site, self.why = None, powered.reason()
        if not self.why:
            self.site = FaultSite()
            self.site.start_clients()

    def __getattr__(self, name):
        if self.why:
            raise Skip(self.why)
        return getattr(self.site, name)

    def close(self):
        if self.site is not None:
            self.site.close()


# Where a fault of a disk is met first.
DISKS = ("issue", "registerd"), ("revoke", "authorityd"), ("publish", "authorityd")


@test
def a_full_disk_is_waited_for(site):
    for step, name in DISKS:
        site.enter(step)
        before = site.so_far(name, "disk_full")
        disk = site.disks[ROOMS[name]]
        disk.order("full")
        site.met(before, "the disk is full; nothing was changed")
        disk.order("room")
        site.go_on()


@test
def a_full_disk_of_signerd_is_waited_for(site):
    site.enter("issue")
    before = site.so_far("authorityd", "signer_unavailable")
    site.disks["signer"].order("full")
    site.met(before, "signerd has a fault of its own, see its log")
    site.disks["signer"].order("room")
    site.go_on()


@test
def a_database_that_another_process_keeps_is_waited_for(site):
    site.enter("revoke")
    before = site.so_far("authorityd", "database_busy")
    other = sqlite3.connect(site.stored("authority", "authority.db"), isolation_level=None, timeout=ANSWER_SECONDS)
    other.execute("BEGIN IMMEDIATE")
    try:
        site.met(before, "another process keeps the database busy")
    finally:
        other.execute("ROLLBACK")
        other.close()
    site.go_on()


@test
def a_disk_that_fails_is_told_and_what_was_acknowledged_is_there_again(site):
    for step, name in DISKS:
        site.enter(step)
        before = site.so_far(name, "database_unreadable")
        disk = site.disks[ROOMS[name]]
        disk.order("cut none")
        site.met(before, "the database file cannot be read or written")
        assert site.daemons()[name].process.poll() is None
        site.kill([name])
        disk.order("on")
        site.daemons()[name].start()
        site.go_on()


@test
def without_signerd_one_waits_for_it(site):
    for step in ("issue", "publish"):
        site.enter(step)
        before = site.so_far("authorityd", "signer_unavailable")
        site.signerd.kill()
        site.met(before, "ca.sock: nobody is listening")
        assert ask(site.authority_socket, "GET", "/readyz")[0] == 503
        site.signerd.start()
        site.go_on()


@test
def a_daemon_that_was_taken_over_gets_nothing_signed_but_its_own(site):
    site.enter("issue")
    status = [program("jpki-signerd"), "status", "--json", "--socket", site.signerd.path]
    before = json.loads(run(*status).stdout)["refusals"]
    taken = SignerConnection(site.signerd.path)
    try:
        said, why = taken.sign("sign-ca", tbs_of(other_ca(site)))
        assert said == REFUSED, (said, why)
        for key in ("ocsp-sign", "token"):
            said, why = taken.sign(key, tbs_of(other_ca(site)))
            assert said == NO_SUCH_KEY and b"there is no key" in why, (said, why)
        site.enter("revoke")
        said, why = taken.sign("auth-ca", changed(tbs_of(an_auth_certificate(site))))
        assert said == USED and b"serial number" in why, (said, why)
    finally:
        taken.close()
    assert json.loads(run(*status).stdout)["refusals"] >= before + 4
    responder = SignerConnection(site.signerd_ocsp.path)
    try:
        assert responder.sign("ocsp-sign", tbs_of(an_auth_certificate(site)))[0] == REFUSED
    finally:
        responder.close()
    site.go_on()


def part(der, at=0):
    """Where an element's contents begin, and where it ends."""
    size, begin = der[at + 1], at + 2
    if size >= 128:
        begin += size - 128
        size = int.from_bytes(der[at + 2:begin], "big")
    return begin, begin + size


def tbs_of(der):
    begin, _ = part(der)
    return der[begin:part(der, begin)[1]]


def changed(tbs):
    """Another key, under the same number."""
    at = tbs.rindex(bytes.fromhex("0203010001")) - 8
    return tbs[:at] + bytes([tbs[at] ^ 1]) + tbs[at + 1:]


def an_auth_certificate(site):
    answers = [answer for _, answer in site.told.snapshot().requests.values() if "auth" in answer["certificates"]]
    return base64.b64decode(answers[-1]["certificates"]["auth"])


def other_ca(site):
    """A certificate of somebody who would like to be the CA."""
    names = SUBJECT.format("digital signature").split(",")
    subject = "/" + "/".join(reversed(names))
    return run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", site.dir.file("other-ca.key"),
               "-subj", subject, "-sha256", "-days", "30", "-outform", "DER",
               "-addext", "keyUsage=critical,keyCertSign,cRLSign").stdout


@test
def more_than_is_taken_is_refused_and_counted(site):
    site.enter("revoke")
    for name, path in (("authorityd", site.authority_socket), ("registerd", site.counter)):
        before = site.count(name, "request_too_large")
        url = "/v1/revocations" if name == "authorityd" else "/v1/sessions"
        status, answer = ask(path, "POST", url, {"request_id": "x" * (1 << 20)})
        assert status == 413 and "larger than" in answer["detail"], answer
        assert site.count(name, "request_too_large") == before + 1
    site.go_on()


@test
def a_clock_that_goes_back_stops_what_would_be_wrong(site):
    """Issuing and revoking go on; a list older than what is on it is not made."""
    words = "seconds before the revocation of serial number"
    site.move_clock(2 * DAY)
    for back in (HOUR, DAY):
        site.enter("revoke")
        site.move_clock(2 * DAY - back)
        before = site.so_far("authorityd", "clock_back")
        status, answer = ask(site.authority_socket, "POST", "/v1/crls")
        assert status == 503 and words in answer["detail"], answer
        site.met(before, words)
        for step in ("issue", "revoke"):
            site.enter(step)
        site.move_clock(2 * DAY)
        site.enter("publish")


@test
def a_list_from_the_future_is_not_taken(site):
    """Made by a clock that is ahead of the responder's; with the right time the next one takes its place."""
    site.come_to_an_end()
    site.restart_ocspd(JPKI_SANDBOX_CLOCK=site.another_clock("late", 2 * DAY + HOUR))
    site.move_clock(3 * DAY)
    before = site.so_far("ocspd", "list_refused")
    publish(site)
    site.met(before, "is not taken: a list from the future")
    site.move_clock(2 * DAY + HOUR)
    site.restart_ocspd()
    publish(site)
    site.start_clients()
    site.enter("publish")


def publish(site):
    status, answer = ask(site.authority_socket, "POST", "/v1/crls")
    assert status == 201, answer


@test
def a_second_authority_is_refused_whichever_came_first(site):
    site.enter("revoke")
    second = another_authority(site, "second")
    done = run(*second.argv, check=False)
    assert done.returncode == 6 and b"another process has this database open" in done.stderr, done
    site.authorityd.kill()
    second.start()
    done = run(*site.authorityd.argv, check=False)
    assert done.returncode == 6 and b"another process has this database open" in done.stderr, done
    assert second.stop() == 0
    site.authorityd.start()
    site.go_on()


def another_authority(site, name):
    """On the same database, with sockets of its own."""
    path = site.dir.file("authority", name + ".sock")
    conf = site.dir.file(name + ".conf")
    text = read_text(site.dir.file("authority.conf")).replace(site.authority_socket, path)
    write_text(conf, text.replace(site.dir.file("verifier.sock"), site.dir.file(name + "-verifier.sock")))
    return site.daemon(["jpki-authorityd", "--config", conf], path)


@test
def an_authority_that_was_taken_over_does_nothing_more(site):
    """It hung for longer than its lease lasts, and somebody thought that its lock file was a left-over."""
    site.enter("revoke")
    second = another_authority(site, "third")
    os.unlink(site.stored("authority", "authority.db.lock"))
    done = run(*second.argv, check=False)
    assert done.returncode == 6 and b"another process has the lease" in done.stderr, done
    before = site.so_far("authorityd", "database_taken")
    stop_between_transactions(site)
    try:
        wait_until("the lease is over", lambda: starts(second), ANSWER_SECONDS)
    finally:
        site.authorityd.process.send_signal(signal.SIGCONT)
    site.met(before, "another process has taken this database over")
    assert site.authorityd.stop() == 0
    assert second.stop() == 0
    site.authorityd.start()
    site.go_on()


def stop_between_transactions(site):
    """Whoever hangs inside of one keeps all others out, and is taken over by nobody."""

    def is_between():
        site.authorityd.process.send_signal(signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(site.stored("authority", "authority.db"), timeout=0)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError:
                site.authorityd.process.send_signal(signal.SIGCONT)
                return False

    wait_until("the authority is between two transactions", is_between)


def starts(daemon):
    """Whether it does; it ends at once if not."""
    daemon.launch()
    end = time.monotonic() + ANSWER_SECONDS
    while daemon.process.poll() is None and time.monotonic() < end:
        if os.path.exists(daemon.path):
            return True
        time.sleep(0.1)
    time.sleep(0.5)
    return False


@test
def a_damaged_index_is_told_and_nothing_is_answered_from_it(site):
    site.enter("issue")
    assert site.authorityd.stop() == 0
    path = site.stored("authority", "authority.db")
    with sqlite3.connect(path) as database:
        size = database.execute("PRAGMA page_size").fetchone()[0]
        page = database.execute("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'certificate'"
                                " AND name LIKE 'sqlite_autoindex%' ORDER BY name LIMIT 1 OFFSET 1").fetchone()[0]
    database.close()
    good = overwrite(path, (page - 1) * size, b"\xff" * size)
    site.authorityd.start()
    site.met(("authorityd", "database_damaged", 0, 0), "the database file is damaged, restore it from a backup")
    assert site.authorityd.stop() == 0
    overwrite(path, (page - 1) * size, good)
    site.authorityd.start()
    site.go_on()


def overwrite(path, at, data):
    """What was there before."""
    with open(path, "r+b", buffering=0) as f:
        f.seek(at)
        before = f.read(len(data))
        f.seek(at)
        f.write(data)
        os.fsync(f.fileno())
    return before


@test
def nothing_acknowledged_was_lost(site):
    assert site.count("ocspd", "feed_refused") == 0
    wait_until("the responder knows everything", lambda: ask(site.ocsp_socket, "GET", "/readyz")[0] == 200, ANSWER_SECONDS)
    site.come_to_an_end()
    lost = site.lost()
    assert not lost, lost
    told = site.told
    assert told.certificates and told.revocations and told.publications
    print(f"# {told.answers} acknowledged: {len(told.certificates)} certificates, {len(told.revocations)} revocations,"
          f" {told.publications} publications")


@test
def a_responder_that_is_killed_while_it_renews_its_certificates_gets_one_each(site):
    chance = random.Random(KILLS)
    site.signerd.start()
    site.authorityd.start()
    site.ocspd.kill()
    site.move_clock(RENEWAL)
    publish(site)
    # signerd dies in the middle of the first signature, so there is one that waits for it; and then who asked for it.
    disk = site.disks["signer"]
    disk.order("kill-at 1 sign-ca.ledger")
    site.ocspd.launch()
    assert site.wait_until_dead("signerd", ANSWER_SECONDS)
    disk.order("kill-at 0")
    count, signed = followers(site)
    assert count == signed + 1, (count, signed)
    site.ocspd.kill()
    site.signerd.start()
    for _ in range(KILLS):
        site.ocspd.launch()
        time.sleep(chance.random() * 0.2)
        site.ocspd.kill()
    site.ocspd.start()
    wait_until("both are there", lambda: renewals(site) == 2, ANSWER_SECONDS)
    assert followers(site) == (2, 2), followers(site)


def followers(site):
    """How many certificates that follow a responder's there are, and how many of them are signed."""
    database = sqlite3.connect(site.stored("authority", "authority.db"), timeout=ANSWER_SECONDS)
    try:
        return database.execute("SELECT count(*), count(certificate) FROM certificate"
                                " WHERE request_id LIKE 'responder-%-%'").fetchone()
    finally:
        database.close()


def renewals(site):
    """That the responder has fetched since it started."""
    text = fetch(site.ocsp_socket, "/metrics")[1].decode()
    return int(re.search(r'^jpki_ocsp_renewals_total{result="done"} (\d+)$', text, re.MULTILINE).group(1))


def newer(site, used):
    """Serial numbers of auth certificates that were issued since."""
    return {serial for kind, serial in site.told.snapshot().certificates
            if kind == "auth" and (kind, serial) not in used.certificates}


@test
def a_number_that_was_used_is_not_signed_again(site):
    """The authority comes back with a database of before: signerd remembers, and it finds its way."""
    site.registerd.start()
    used = site.told.snapshot()
    path, copy = site.stored("authority", "authority.db"), site.dir.file("authority.db.old")
    assert site.authorityd.stop() == 0
    with open(path, "rb") as f, open(copy, "wb") as g:
        g.write(f.read())
    site.authorityd.start()
    site.start_clients()
    site.enter("issue")
    wait_until("there are more auth certificates", lambda: newer(site, used) or site.trouble())
    site.come_to_an_end()
    later = newer(site, used)
    assert site.registerd.stop() == 0 and site.authorityd.stop() == 0
    for name in ("authority.db-wal", "authority.db-shm"):
        assert not os.path.exists(site.stored("authority", name)), name
    with open(copy, "rb") as f, open(path, "r+b") as g:
        g.truncate(0)
        g.write(f.read())
        os.fsync(g.fileno())
    site.authorityd.start()
    site.registerd.start()
    before = site.so_far("authorityd", "signer_refused")
    url, body = f"/v1/cards/{site.card()}/certificates", {"requests": {"auth": site.key()}}
    _, answer = insist(url, lambda: site.post(url, body))
    site.met(before, "the database is older than signerd's records")
    serial = int(re.search(r"Serial Number: (\d+)", run("openssl", "x509", "-inform", "DER", "-noout", "-text",
                 data=base64.b64decode(answer["certificates"]["auth"])).stdout.decode()).group(1))
    assert serial not in later and ("auth", serial) not in used.certificates


if __name__ == "__main__":
    powered.enter(__file__)
    main(Fixture)
