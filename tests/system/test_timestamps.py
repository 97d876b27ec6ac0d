#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports with the time of an authority outside (RFC 3161): OpenSSL is the authority, and the judge."""
import base64
import json
import os
import urllib.error
import urllib.request

from harness import main, read_text, run, test, write_text
from test_jpki_cli import expect
from test_jpki_platform import Both
from timestamp_authority import TimestampAuthority


class Stamped(Both):
    def __init__(self):
        super().__init__()
        self.authority = TimestampAuthority(self.card.dir.file("tsa"))
        self.stranger = TimestampAuthority(self.card.dir.file("stranger"))
        self.restart(timestamp_url=self.authority.url, timestamp_roots=self.authority.roots)
        self.id = self.verify("--tenant-key-file", self.key_file, "--json").json()["id"]
        self.keys = self.card.dir.file("report-keys.json")
        with urllib.request.urlopen(self.origin + "/v1/report-keys", timeout=60) as answer:
            write_text(self.keys, answer.read().decode())

    def report(self):
        request = urllib.request.Request(f"{self.origin}/v1/verifications/{self.id}/report",
                                         headers={"Authorization": f"Bearer {read_text(self.key_file).strip()}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def kept(self):
        """A report and its token, as files."""
        status, answer = self.report()
        assert status == 200, answer
        report, token = self.card.dir.file("report.jws"), self.card.dir.file("report.tst")
        write_text(report, answer["report"])
        with open(token, "wb") as stream:
            stream.write(base64.b64decode(answer["timestamp"], validate=True))
        return report, token

    def check(self, report, token, roots, *argv):
        return self.card.jpki("verify", "--report", report, "--keys", self.keys, "--timestamp", token,
                              "--timestamp-roots", roots, *argv)

    def close(self):
        self.authority.close()
        self.stranger.close()
        super().close()


@test
def without_a_good_timestamp_there_is_no_report(site):
    site.kept()  # so that there is an answer of before
    for mode in ("old", "500", "broken", "refuses"):
        site.authority.mode, asked = mode, site.authority.asked
        status, refused = site.report()
        assert status == 503 and refused["kind"] == "remote" and "report" not in refused, (mode, refused)
        assert site.authority.asked > asked, mode
    site.authority.mode = "good"
    log = read_text(site.site.daemon.log)
    for why in ("grants no timestamp", "no answer to this query", "no answer of a timestamp authority"):
        assert why in log, why


@test
def an_authority_that_is_not_the_named_one_is_not_believed(site):
    site.restart(timestamp_url=site.stranger.url, timestamp_roots=site.authority.roots)
    assert site.report()[0] == 503
    site.restart(timestamp_url=site.authority.url, timestamp_roots=site.authority.roots)


@test
def half_a_configuration_is_refused(site):
    site.site.daemon.stop()
    for more in ({"timestamp_url": site.authority.url}, {"timestamp_roots": site.authority.roots}):
        site.site.configure(**(site.cas | more))
        done = run(*site.site.daemon.argv, check=False)
        assert done.returncode == 2 and b"belong together" in done.stderr, done
    site.site.configure(**(site.cas | {"timestamp_url": site.authority.url, "timestamp_roots": site.key_file}))
    done = run(*site.site.daemon.argv, check=False)
    assert done.returncode == 2 and b"no certificate of a timestamp authority" in done.stderr, done
    site.site.configure(**(site.cas | {"timestamp_url": site.authority.url, "timestamp_roots": site.authority.roots}))
    site.site.daemon.start()


@test
def a_token_of_another_report_or_by_a_stranger_is_not_believed(site):
    first, token = site.kept()
    other = site.card.dir.file("other.jws")
    os.rename(first, other)
    second, _ = site.kept()
    old = site.card.dir.file("old.tst")
    with open(old, "wb") as stream:
        stream.write(base64.b64decode(site.report()[1]["timestamp"]))
    expect(site.check(second, old, site.authority.roots), 1, "of something else")
    expect(site.check(second, token, site.stranger.roots), 1, "by no authority that is believed")
    expect(site.check(second, site.keys, site.authority.roots), 2, "no timestamp")
    expect(site.card.jpki("verify", "--report", second, "--keys", site.keys, "--timestamp", token), 2, "belong together")
    expect(site.card.jpki("verify", "--timestamp", token, second), 2, "need --report")


@test
def both_jpki_and_openssl_read_the_time(site):
    report, token = site.kept()
    told = run("openssl", "ts", "-verify", "-data", report, "-in", token, "-token_in", "-CAfile", site.authority.roots)
    assert b"Verification: OK" in told.stdout + told.stderr, told
    text = run("openssl", "ts", "-reply", "-in", token, "-token_in", "-text").stdout.decode()
    answer = site.check(report, token, site.authority.roots, "--json")
    assert answer.code == 7 and answer.json()["timestamp"], answer  # nobody is asked about revocation here
    [stamp] = [line.split(": ", 1)[1] for line in text.splitlines() if line.startswith("Time stamp:")]
    japan = run("env", "TZ=Asia/Tokyo", "date", "-d", stamp, "+%FT%H:%M:%S").stdout.decode().strip()
    assert answer.json()["timestamp"].startswith(japan), (answer, japan)
    assert "Timestamp" in site.check(report, token, site.authority.roots).out


if __name__ == "__main__":
    main(Stamped)
