#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox's clock: where it does not go, that every daemon goes by it at once, and other programs."""
import base64
import datetime
import glob
import json
import os
import re
import signal
import struct
import subprocess
import time

from harness import PATIENCE, Daemon, Skip, ask, main, make_clock, program, read_text, run, test, wait_until, write_text
from test_platformd import Site as Platform
from test_sandbox import ABSENT, INTERNAL, USAGE, Sandbox, environment
from test_variants import DAEMONS, Sandboxed
import test_platformd

JST = datetime.timezone(datetime.timedelta(hours=9))
LATEST = 4102444799  # SANDBOX_CLOCK_LATEST_MAX
DAY = 86400
JPKI_SANDBOX = program("jpki-sandbox")


def clock(directory, *words):
    return json.loads(run(JPKI_SANDBOX, "clock", "--json", "--dir", directory, *words).stdout)


def execute(directory, *words, check=True, **environment):
    done = subprocess.run([JPKI_SANDBOX, "exec", "--dir", directory, *words], stdin=subprocess.DEVNULL,
                          env=dict(os.environ, **environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    if check:
        assert done.returncode == 0, (words, done)
    return done


def date_of(pem, which):
    """A date of a certificate, in UTC seconds."""
    text = run("openssl", "x509", "-noout", "-" + which, "-dateopt", "iso_8601", data=pem).stdout.decode()
    found = re.search(r"=(.*)Z", text).group(1)
    return int(datetime.datetime.fromisoformat(found + "+00:00").timestamp())


def near(seconds, expected, tolerance=30):
    assert expected <= seconds <= expected + tolerance, (seconds, expected)


def refuse_instrumented(path):
    with open(path, "rb") as f:
        if re.search(rb"__[at]san_init", f.read()):
            raise Skip("a sanitizer's runtime and libfaketime both have to be loaded first")


class Shared:
    """One sandbox, whose clock the tests move in their order."""

    def __init__(self):
        # What this test sets for daemons it starts itself is not meant for the sandbox.
        os.environ.pop("JPKI_SANDBOX_CLOCK", None)
        self.box = Sandbox(is_new=False).start()
        self.dir = self.box.dir

    def certificate(self, persona):
        """The auth certificate of a persona's card, which is put in."""
        self.box.call("persona", "card", persona)
        path = os.path.join(self.dir, "log", "exported.pem")
        export = (program("jpki"), "cert", "export", "--out", path, "--force")
        env = environment(self.box)
        # The reader looks for cards now and then.
        wait_until("the card is seen", lambda: subprocess.run(
            export, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0)
        with open(path, "rb") as f:
            return f.read()

    def offset(self):
        return clock(self.dir)["offset_s"]

    def close(self):
        self.box.close()


@test
def it_begins_at_the_machines_time(shared):
    now = clock(shared.dir)
    assert set(now) == {"time", "unix", "offset_s"} and now["offset_s"] == 0, now
    near(int(time.time()), now["unix"])
    assert int(datetime.datetime.fromisoformat(now["time"]).timestamp()) == now["unix"]
    assert now["time"].endswith("+09:00"), now
    text = run(JPKI_SANDBOX, "clock", "--dir", shared.dir).stdout.decode()
    assert "0 d 00:00:00" in text and now["time"][:10] in text, text


@test
def what_is_no_time_or_goes_back_or_too_far_is_refused_and_moves_nothing(shared):
    for words, code, text in (
        (("1d",), USAGE, "+1d"),
        (("+1y",), USAGE, "+1d"),
        (("+0s",), USAGE, "+1d"),
        (("--", "-1d"), USAGE, "only goes forward"),
        (("+1d", "--set", "2090-01-01"), USAGE, "not both"),
        (("+1d", "+1d"), USAGE, "too many"),
        (("--set", "tomorrow"), USAGE, "YYYY-MM-DD"),
        (("--set", "2090-01-01T09"), USAGE, "2027-03-01T09:00"),
        (("--set", "2020-01-01"), USAGE, "only goes forward"),
        (("--set", "2100-01-01T00:00:00Z"), USAGE, "2100-01-01T08:59:59"),
        (("+4000w",), USAGE, "2100-01-01T08:59:59"),
        (("+99999999999999999999s",), USAGE, "too far"),
    ):
        done = run(JPKI_SANDBOX, "clock", "--dir", shared.dir, *words, check=False)
        assert done.returncode == code and text in done.stderr.decode(), (words, done)
    assert shared.offset() == 0


@test
def without_a_sandbox_there_is_no_clock_and_nothing_runs(_):
    with Sandbox() as box:
        for words in (("clock",), ("clock", "+1d")):
            box.call(*words, expect=ABSENT)
        assert execute(box.dir, "true", check=False).returncode == ABSENT
        write_text(os.path.join(box.dir, ".jpki-sandbox"), "OpenJPKI sandbox, version 1\n")
        assert b"no clock yet" in box.call("clock", "+1d", expect=ABSENT).stderr


@test
def a_damaged_clock_stops_the_next_start_until_reset(_):
    with Sandbox(is_new=False).start() as box:
        box.call("clock", "+1d")
        box.stop()
        # Time goes on where it was.
        box.start()
        assert clock(box.dir)["offset_s"] == DAY
        box.stop()
        with open(os.path.join(box.dir, "clock"), "r+b") as f:
            f.write(b"x")
        done = run(*box.command("up"), check=False)
        assert done.returncode == USAGE and b"/clock: it is not a sandbox's clock" in done.stderr, done
        box.call("clock", expect=USAGE)
        box.call("reset")
        box.start()
        assert clock(box.dir)["offset_s"] == 0


@test
def its_file_is_written_by_its_owner_and_read_by_the_programs(shared):
    path = os.path.join(shared.dir, "clock")
    st = os.stat(path)
    page = int(re.search(r"^Uid:\s+(\d+)", read_text(f"/proc/{shared.box.pids()['jpki-sandbox-page']}/status"), re.M).group(1))
    assert (st.st_mode & 0o7777, st.st_uid) == (0o640, page)
    with open(path, "rb") as f:
        assert struct.unpack("=8sIIq", f.read()) == (b"JPKITIME", 1, 0, 0)
    for row in shared.box.status()["programs"]:
        if row["name"] in DAEMONS:
            mapped = [line for line in read_text(f"/proc/{row['pid']}/maps").splitlines() if line.endswith(path)]
            assert [line.split()[1] for line in mapped] == ["r--s"], (row["name"], mapped)


@test
def a_certificate_that_is_issued_after_a_move_begins_then_and_nothing_is_started_again(shared):
    before = shared.certificate("hanako")
    near(date_of(before, "startdate"), int(time.time()) - 60, 90)
    shared.box.status()
    pids = {name: pid for name, pid in shared.box.pids().items() if name != "jpki-softcard"}
    moved = clock(shared.dir, "+400d")
    assert moved["offset_s"] == 400 * DAY, moved
    near(date_of(shared.certificate("uruu"), "startdate"), moved["unix"])
    shared.box.status()
    assert pids == {name: pid for name, pid in shared.box.pids().items() if name != "jpki-softcard"}
    assert all(row["restarts"] == 0 for row in shared.box.state["programs"]), shared.box.state
    # The card that was made before has the certificate it had.
    assert shared.certificate("hanako") == before


@test
def a_set_time_is_japans_unless_it_says_otherwise(shared):
    year = datetime.datetime.now(JST).year + 2
    for text, zone in ((f"{year}-03-01", JST), (f"{year}-03-01T09:00", JST),
                       (f"{year}-03-01T09:00:30Z", datetime.timezone.utc), (f"{year}-03-02T09:00+09:00", None)):
        wanted = datetime.datetime.fromisoformat(text.replace("Z", ""))
        wanted = wanted if zone is None else wanted.replace(tzinfo=zone)
        near(clock(shared.dir, "--set", text)["unix"], int(wanted.timestamp()), 2)
    # It runs on.
    first = clock(shared.dir)["unix"]
    wait_until("the next second", lambda: clock(shared.dir)["unix"] > first)
    assert b"only goes forward" in shared.box.call("clock", "--set", f"{year}-03-01", expect=USAGE).stderr


@test
def another_program_runs_at_the_sandboxs_time_and_its_deadlines_do_not_move(shared):
    offset = shared.offset()
    assert offset > 0
    said = execute(shared.dir, "--", "date", "-u", "+%s").stdout
    near(int(said), int(time.time()) + offset - 10, 20)
    day = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    assert execute(shared.dir, "--", "date", "-u", "+%F").stdout.decode().strip() in {
        (day - datetime.timedelta(minutes=1)).strftime("%F"), day.strftime("%F")}
    script = "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))"
    said = int(execute(shared.dir, "python3", "-c", script).stdout)
    assert abs(said - time.clock_gettime_ns(time.CLOCK_MONOTONIC)) < 60 * 10**9, said


@test
def it_has_the_environment_that_env_prints(shared):
    printed = shared.box.call("env").stdout.decode()
    script = printed + "\nenv -0"
    out = subprocess.run(["/bin/sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout
    wanted = dict(item.split("=", 1) for item in out.decode().split("\0") if "=" in item)
    got = dict(item.split("=", 1) for item in execute(shared.dir, "env", "-0").stdout.decode().split("\0") if item)
    names = re.findall(r"^export (\w+)=", printed, re.M)
    assert {"JPKI_ANCHORS", "PATH"} < set(names), names
    for name in names:
        assert got[name] == wanted[name], name
    # What was to be loaded before is loaded still, behind it.
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    preload = execute(shared.dir, "sh", "-c", "echo $LD_PRELOAD", LD_PRELOAD="libm.so.6", ASAN_OPTIONS=options)
    preload = preload.stdout.decode().strip()
    assert re.fullmatch(r"/\S*/libfaketime\.so\.1:libm\.so\.6", preload), preload


@test
def its_arguments_its_ending_and_its_signals_are_its_own(shared):
    assert execute(shared.dir, "echo", "--dir", "x", "-h", "--", "y").stdout == b"--dir x -h -- y\n"
    assert execute(shared.dir, "sh", "-c", "exit 9", check=False).returncode == 9
    assert execute(shared.dir, "sh", "-c", "kill -9 $$", check=False).returncode == 128 + 9
    done = execute(shared.dir, "no-such-program", check=False)
    assert done.returncode == USAGE and b"no-such-program" in done.stderr, done
    done = run(JPKI_SANDBOX, "exec", check=False)
    assert done.returncode == USAGE and b"COMMAND" in done.stderr, done
    script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"
    command = [JPKI_SANDBOX, "exec", "--dir", shared.dir, "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 7


@test
def nothing_of_it_is_left_in_shared_memory(shared):
    for script in ("exit 3", "kill -9 $$", "sh -c 'date; exit 1'; date", "exec date"):
        pid = execute(shared.dir, "sh", "-c", "echo $$; " + script, check=False).stdout.decode().split()[0]
        left = glob.glob(f"/dev/shm/*faketime_*_{pid}")
        assert not left, (script, left)
    # While it runs they are there, so this test would see them.
    script = "ls /dev/shm/*faketime_*_$$"
    assert len(execute(shared.dir, "sh", "-c", script).stdout.split()) == 2


@test
def inside_it_the_clock_is_not_counted_twice(shared):
    refuse_instrumented(JPKI_SANDBOX)
    for words in (("clock",), ("clock", "+1d"), ("exec", "date")):
        done = execute(shared.dir, JPKI_SANDBOX, *words[:1], "--dir", shared.dir, *words[1:], check=False)
        assert done.returncode == INTERNAL and b"FAKETIME" in done.stderr, done


@test
def openssl_says_of_a_certificate_that_it_is_over_when_it_is(shared):
    files = {name: os.path.join(shared.dir, "log", name) for name in ("ca.pem", "ca.key")}
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shared.offset())
    end = now + datetime.timedelta(days=1)
    execute(shared.dir, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", files["ca.key"],
            "-out", files["ca.pem"], "-days", "1", "-subj", "/CN=OpenJPKI TEST")
    verify = ("openssl", "verify", "-CAfile", files["ca.pem"], files["ca.pem"])
    execute(shared.dir, *verify)
    with open(files["ca.pem"], "rb") as f:
        near(date_of(f.read(), "enddate"), int(end.timestamp()) - 10, 60)
    assert b"not yet valid" in run(*verify, check=False).stderr
    clock(shared.dir, "+2d")
    done = execute(shared.dir, *verify, check=False)
    assert done.returncode == 2 and b"expired" in done.stderr, done


@test
def jpki_judges_a_signature_by_the_sandboxs_time(shared):
    jpki = program("jpki")
    refuse_instrumented(jpki)
    document = os.path.join(shared.dir, "log", "document.txt")
    write_text(document, "a document\n")
    shared.box.call("persona", "card", "john")
    pins = {row["name"]: row["pin_sign"] for row in
            json.loads(run(*shared.box.command("persona", "list", "--json")).stdout)["personas"]}
    sign = [JPKI_SANDBOX, "exec", "--dir", shared.dir, jpki, "sign", document, "--yes", "--pin-fd", "0", "--force"]

    def signs():
        return subprocess.run(sign, input=pins["john"].encode() + b"\n", stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False, timeout=60).returncode == 0
    wait_until("the card signs", signs)
    verify = (jpki, "verify", document, "--json")

    def reasons(done):
        return [row["name"] for row in json.loads(done.stdout)["reasons"]]
    now = execute(shared.dir, *verify, check=False)
    assert now.returncode == 7 and reasons(now) == ["revocation-not-checked"], now
    # For the machine the certificate is not valid yet.
    anchors = {"JPKI_ANCHORS": os.path.join(shared.dir, "anchors")}
    done = subprocess.run(verify, env=dict(os.environ, **anchors), stdout=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 1 and reasons(done) != reasons(now), done
    clock(shared.dir, "+2000d")
    later = execute(shared.dir, *verify, check=False)
    assert later.returncode == 1 and "revocation-not-checked" != reasons(later)[0], later


class SandboxedPlatform(Platform):
    """In the sandbox's build, with a clock beside it."""

    def __init__(self):
        kept = test_platformd.PLATFORMD, test_platformd.SIGNERD
        test_platformd.PLATFORMD, test_platformd.SIGNERD = kept[0] + "-sandbox", kept[1] + "-sandbox"
        try:
            super().__init__()
            self.add_tenant("bank")
            self.daemon.start()
        finally:
            test_platformd.PLATFORMD, test_platformd.SIGNERD = kept


class Clocked:
    """A clock of a test's own, for daemons that it starts without a supervisor."""

    def __enter__(self):
        self.box = Sandbox()
        make_clock(self.box.dir)
        return self.box.dir

    def __exit__(self, *_):
        os.environ.pop("JPKI_SANDBOX_CLOCK", None)
        self.box.close()


@test
def a_platforms_challenge_of_before_the_move_is_over(_):
    with Clocked() as directory:
        site = SandboxedPlatform()
        try:
            status, login = site.url("POST", "/v1/logins", {"client_id": "bank"})
            assert status == 201, login
            near(login["expires_at"], int(time.time()) + 30, 40)
            url = "/v1/logins/" + login["session"]
            assert site.url("GET", url)[0] == 200
            clock(directory, "+61s")
            status, answer = site.url("GET", url)
            assert status == 404 and "are over" in answer["detail"], answer
            status, login = site.url("POST", "/v1/logins", {"client_id": "bank"})
            near(login["expires_at"], clock(directory)["unix"] + 30, 40)
        finally:
            site.close()


class Revocation(Sandboxed):
    """The issuing side with an OCSP responder, and a verifier of openssl's that may ask it."""

    def configure(self, peers=None):
        super().configure(peers)
        config = self.dir.file("signer.conf")
        with open(config, "a", encoding="utf-8") as f:
            for key in ("ocsp-sign", "ocsp-auth"):
                f.write(f"[key {key}]\nrole = ocsp\nallow_uid = {os.getuid()}\n")
        for key in ("ocsp-sign", "ocsp-auth"):
            run(program("jpki-signerd-sandbox"), "keygen", "--config", config, key)

    def start(self):
        authority = program("jpki-authorityd-sandbox")
        text = f"[ocsp]\nsocket = {self.dir.file('o.sock')}\nport = {test_platformd.free_port()}\n"
        text += f"authority = {self.authority_socket}\nsigner = {self.signerd.path}\npoll_ms = 50\n"
        for command, end in (("init-ca", "ca"), ("issue-ocsp", "certificate")):
            for kind in ("sign", "auth"):
                key = f"{kind}_{end}"
                done = run(authority, command, "--config", self.dir.file("authority.conf"), kind)
                write_text(self.dir.file(key), done.stdout.decode())
                text += f"{key} = {self.dir.file(key)}\n"
        write_text(self.dir.file("ocsp.conf"), text)
        self.authorityd.start()
        key, cert = self.dir.file("v.key"), self.dir.file("v.pem")
        request, extensions = self.dir.file("v.csr"), self.dir.file("v.ext")
        write_text(extensions, "keyUsage = critical, digitalSignature\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request,
            "-subj", "/CN=OpenJPKI TEST verifier")
        run("openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", "900", "-extfile", extensions,
            "-out", cert)
        der = run("openssl", "x509", "-in", cert, "-outform", "DER").stdout
        body = {"name": "tester", "certificate": base64.b64encode(der).decode()}
        status, answer = ask(self.authority_socket, "POST", "/v1/verifiers", body)
        assert status in (200, 201), answer
        self.ocspd = Daemon([program("jpki-ocspd-sandbox"), "--config", self.dir.file("ocsp.conf")],
                            self.dir.file("o.sock"), self.dir.file("ocspd.log"))
        self.ocspd.start()
        self.port = re.search(r"port = (\d+)", text).group(1)

    def this_update(self):
        """Of an answer about the responder's own certificate; None if there is none now."""
        done = run("openssl", "ocsp", "-issuer", self.dir.file("sign_ca"), "-cert", self.dir.file("sign_certificate"),
                   "-signer", self.dir.file("v.pem"), "-signkey", self.dir.file("v.key"), "-noverify", "-resp_text",
                   "-url", f"http://127.0.0.1:{self.port}/sign", check=False)
        found = re.search(r"This Update: (.*) GMT", done.stdout.decode())
        if found is None:
            return None
        moment = datetime.datetime.strptime(found.group(1), "%b %d %H:%M:%S %Y")
        return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())

    def close(self):
        if hasattr(self, "ocspd"):
            self.ocspd.close()
        super().close()


@test
def an_ocsp_responder_goes_by_the_new_time_at_the_next_question_to_the_authority(_):
    with Clocked() as directory:
        site = Revocation()
        try:
            site.start()
            wait_until("an answer", lambda: site.this_update() is not None)
            near(site.this_update(), int(time.time()) - 20, 40)
            moved = clock(directory, "+30d")
            wait_until("an answer of then", lambda: (site.this_update() or 0) >= moved["unix"])
            near(site.this_update(), moved["unix"])
        finally:
            site.close()


@test
def it_goes_as_far_as_the_end_of_2099(shared):
    clock(shared.dir, "--set", "2100-01-01T08:59:29+09:00")
    assert shared.offset() <= LATEST
    shared.box.call("clock", "+90s", expect=USAGE)
    assert shared.box.status()["healthy"]


if __name__ == "__main__":
    main(Shared)
