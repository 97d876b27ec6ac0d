#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpkictl evidence over a running platform: that it says what is not met when something is broken."""
import contextlib
import hashlib
import html.parser
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

from harness import Directory, main, program, read_text, run, test, wait_until, write_text
from test_sandbox import Sandbox

CTL = program("jpkictl")
SOURCES = ["S257", "S258", "S259", "S260", "S261", "S262", "S263", "S264"]
DAY = 86400
NAMES = ("rules", "network", "restored", "entry", "contracts", "organisation", "officers")


class Site:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.dir = Directory()
        self.config = os.path.join(self.box.dir, "conf", "jpkictl.conf")
        self.keys = os.path.join(self.box.dir, "signer-token", "keys")
        wait_until("the witness has cosigned",
                   lambda: findings(self.evidence()[4], "witness of the audit log") == ["met"])
        self.database = os.path.join(self.box.dir, "platform", "platform.db")

    def changed(self, change):
        """Another configuration."""
        path = self.dir.file("changed.conf")
        write_text(path, change(read_text(self.config)))
        return path

    def evidence(self, config=None):
        """By the number of the criterion: what was found, by what was looked at."""
        done = run(CTL, "evidence", "--json", "--config", config or self.config, check=False)
        told = json.loads(done.stdout)
        assert [row["source"] for row in told["criteria"]] == SOURCES, told
        is_met = all(row["finding"] != "not-met" for row in told["criteria"])
        assert done.returncode == (0 if is_met else 1), (done.returncode, told)
        return {row["number"]: row for row in told["criteria"]}

    def execute(self, *statements):
        with contextlib.closing(sqlite3.connect(self.database, timeout=60)) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    def close(self):
        self.box.close()
        self.dir.close()


def findings(row, looked_at):
    return [one["finding"] for one in row["observations"] if one["looked_at"] == looked_at]


def told(row, looked_at):
    return " / ".join(one["found"] for one in row["observations"] if one["looked_at"] == looked_at)


def assert_ends(code, text, *argv):
    done = run(CTL, "evidence", *argv, check=False)
    assert done.returncode == code and text in done.stderr.decode(), (argv, done.returncode, done.stderr)


@test
def without_a_platform_to_ask_there_is_no_evidence(site):
    assert_ends(2, "either --json or --html", "--json", "--html", "--config", site.config)
    assert_ends(2, "has no [evidence]", "--config", site.changed(lambda text: re.sub(r"(?m)^platform = .*\n", "", text)))
    gone = site.changed(lambda text: text.replace("platform/platform.sock", "platform/nobody.sock"))
    done = run(CTL, "evidence", "--json", "--config", gone, check=False)
    assert done.returncode in (2, 5) and not done.stdout, done


@test
def a_tenant_is_not_told(site):
    with open(os.path.join(site.box.dir, "providers", "sample-bank.key"), encoding="utf-8") as stream:
        key = stream.read().strip()
    url = site.box.state["urls"]["platform"] + "/v1/operator/evidence"
    for headers in ({}, {"Authorization": "Bearer " + key}):
        try:
            urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)
            raise RuntimeError("it was told")
        except urllib.error.HTTPError as error:
            assert error.code == 403, error


@test
def what_cannot_be_seen_is_not_said_to_be_met(site):
    found = site.evidence()
    for number in (1, 5, 8):
        assert found[number]["finding"] == "unseen" and found[number]["supply"], found[number]
    assert found[3]["finding"] == "met", found[3]
    # A sandbox has no TLS and calls any address: nobody would certify it.
    assert findings(found[2], "how clients reach it") == ["not-met"]
    assert findings(found[2], "whom it may be made to call") == ["not-met"]


@test
def the_log_is_met_with_a_witness_and_not_without(site):
    found = site.evidence()[4]
    assert findings(found, "the audit log") == ["met"] and "hashed again" in told(found, "the audit log"), found
    assert findings(found, "witness of the audit log") == ["met"], found
    gone = site.evidence(site.changed(lambda text: text.replace("witness/witness.sock", "witness/nobody.sock")))[4]
    assert findings(gone, "the audit log") == ["met"] and findings(gone, "witness of the audit log") == ["not-met"], gone
    for key in ("witness_key", "origin_key"):
        alone = site.evidence(site.changed(lambda text, key=key: re.sub(rf"(?m)^{key} = .*\n", "", text)))[4]
        assert alone["finding"] == "not-met" and findings(alone, "witness of the audit log") == ["not-met"], alone
        assert findings(alone, "the audit log") == ["met"], alone


@test
def a_paper_is_named_by_its_hash_and_missed_when_it_is_gone(site):
    lines = ""
    for name in NAMES:
        write_text(site.dir.file(name + ".txt"), "the paper about " + name)
        lines += f"{name} = {site.dir.file(name + '.txt')}\n"
    config = site.changed(lambda text: text.replace("[evidence]\n", "[evidence]\n" + lines))
    found = site.evidence(config)
    for number, name in ((1, "rules"), (5, "entry"), (6, "contracts"), (8, "officers")):
        assert found[number]["finding"] == "supplied", found[number]
        assert hashlib.sha256(f"the paper about {name}".encode()).hexdigest() in str(found[number]), found[number]
    os.unlink(site.dir.file("entry.txt"))
    found = site.evidence(config)
    assert found[5]["finding"] == "not-met" and found[1]["finding"] == "supplied", found[5]


@test
def a_key_that_others_can_read_is_found(site):
    name = os.path.join(site.keys, sorted(n for n in os.listdir(site.keys) if n.endswith(".key"))[0])
    for mode in (0o640, 0o604, 0o620):
        os.chmod(name, mode)
        found = site.evidence()[3]
        assert findings(found, "files of keys") == ["not-met"], (mode, found)
        assert "can reach 1" in told(found, "files of keys"), found
    os.chmod(name, 0o600)
    os.chmod(site.keys, 0o720)
    assert findings(site.evidence()[3], "files of keys") == ["not-met"]
    os.chmod(site.keys, 0o700)
    assert findings(site.evidence()[3], "files of keys") == ["met"]
    gone = site.changed(lambda text: text.replace("signer-token/keys", "signer-token/nothing"))
    assert findings(site.evidence(gone)[3], "files of keys") == ["not-met"]


@test
def a_key_that_is_too_old_is_found(site):
    name = os.path.join(site.keys, sorted(n for n in os.listdir(site.keys) if n.endswith(".key"))[0])
    before = os.stat(name)
    for days, expected in ((1824, "met"), (1827, "not-met")):
        os.utime(name, (time.time(), time.time() - days * DAY))
        assert findings(site.evidence()[3], "age of keys") == [expected], days
    os.utime(name, (before.st_atime, before.st_mtime))
    strict = site.changed(lambda text: text.replace("[evidence]\n", "[evidence]\nkey_days = 1\n"))
    os.utime(name, (time.time(), time.time() - 3 * DAY))
    assert findings(site.evidence(strict)[3], "age of keys") == ["not-met"]
    os.utime(name, (before.st_atime, before.st_mtime))


@test
def a_daemon_that_is_not_there_or_not_separated_is_found(site):
    gone = site.changed(lambda text: text + "\n[daemon lost]\nsocket = " + site.dir.file("lost.sock") + "\n")
    found = site.evidence(gone)[3]
    assert found["finding"] == "not-met" and "lost does not run" in told(found, "processes"), found
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(site.dir.file("mine.sock"))
        listener.listen(8)
        config = site.changed(lambda text: text + "\n[daemon mine]\nsocket = " + site.dir.file("mine.sock") + "\n")
        found = site.evidence(config)[3]
    assert found["finding"] == "not-met" and "mine " in told(found, "processes"), found


@test
def a_tenant_without_certification_is_named_once_something_was_judged_for_it(site):
    assert findings(site.evidence()[6], "standing of the tenants") == ["met"]
    site.execute("INSERT INTO usage_day VALUES ('sample-bank', '2026-11-26', 'judgement', 'signature', 'valid',"
                 " 'online', 1)")
    found = site.evidence()[6]
    assert findings(found, "standing of the tenants") == ["not-met"], found
    assert "sample-bank (registered)" in told(found, "standing of the tenants"), found
    site.execute("INSERT INTO tenant_step VALUES ('sample-bank', 1, 2, 1, NULL)")
    assert findings(site.evidence()[6], "standing of the tenants") == ["met"]


@test
def a_key_of_an_operator_that_never_ends_is_found(site):
    site.execute("INSERT INTO operator_key VALUES ('k', 'Ops', x'00', 1, 0, 0)")
    assert findings(site.evidence()[3], "keys of operators") == ["not-met"]
    site.execute("UPDATE operator_key SET expires_at = 99999999999")
    found = site.evidence()
    assert findings(found[3], "keys of operators") == ["met"]
    assert findings(found[7], "who can operate it") == ["met"], found[7]


class Page(html.parser.HTMLParser):
    """What a page has that a strict one must not."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.bad = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        names = dict(attrs)
        if tag in ("script", "iframe", "object", "embed", "img", "link", "form", "base", "svg"):
            self.bad.append(tag)
        self.bad += [name for name in names if name.startswith("on") or name in ("src", "href", "style", "action")]
        if names.get("http-equiv") == "Content-Security-Policy":
            self.policy = names["content"]

    def handle_data(self, data):
        self.text += data


@test
def the_page_is_one_file_that_loads_and_runs_nothing(site):
    config = site.changed(lambda text: text + "\n[daemon <script>alert(1)</script>]\nsocket = /nowhere/s.sock\n")
    for language, word in (("ja", "役員"), ("en", "Officers")):
        done = subprocess.run([CTL, "evidence", "--html", "--config", config], env=dict(os.environ, LC_ALL=language),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        assert done.returncode == 1, done
        text = done.stdout.decode()
        page = Page(text)
        assert not page.bad and "<script" not in text and "<script>alert(1)</script> " in page.text, page.bad
        assert "default-src 'none'" in page.policy and "unsafe" not in page.policy, page.policy
        assert f'<html lang="{language}">' in text and word in page.text, text[:400]
        assert page.tags.count("h2") == len(SOURCES) + 1 and all(source in page.text for source in SOURCES)
        assert "TEST" in page.text and "tenant_key" in page.text
        assert ("配信を諦めたイベント" if language == "ja" else "events that were given up") in page.text


@test
def as_text_each_criterion_has_its_finding(site):
    text = run(CTL, "evidence", "--config", site.config, check=False).stdout.decode()
    for number, source in enumerate(SOURCES, 1):
        assert re.search(rf"(?m)^{number}\. .*\({source}\): ", text), (source, text)


@test
def a_log_that_was_changed_is_found(site):
    """Last: nothing makes it good again."""
    site.execute("DROP TRIGGER audit_change", "UPDATE audit SET actor = 'uid:4711' WHERE seq = 2")
    found = site.evidence()[4]
    assert found["finding"] == "not-met" and findings(found, "the audit log") == ["not-met"], found
    assert findings(found, "witness of the audit log") == ["not-met"], found


@test
def what_the_witness_found_out_is_found_as_well(site):
    """A log that is shorter than what was cosigned: the witness raises an alarm, and stays with it."""
    site.execute("DROP TRIGGER audit_remove", "DELETE FROM audit WHERE seq > 1", "DELETE FROM audit_node")
    site.box.call("status", "--json")
    wait_until("the witness is alarmed", lambda: findings(site.evidence()[4], "alarms of the witness") == ["not-met"])


if __name__ == "__main__":
    sys.exit(main(Site))
