#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-sandbox-page beside a real sandbox: what it refuses, and that it says what the commands say."""
import http.client
import json
import os
import re
import signal
import sys
import tempfile

from harness import PATIENCE, Daemon, Directory, ask, main, program, read_text, run, test, wait_until, write_text
from test_platformd import free_port
from test_sandbox import Sandbox

PAGE = program("jpki-sandbox-page")
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
USAGE, ABSENT, INTERNAL = 2, 3, 6
PATHS = ("/", "/start.js", "/start.css", "/icon.svg", "/v1/state", "/v1/trace", "/v1/personas")


class Site:
    """A sandbox, with the page started by hand."""

    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.dir = Directory()
        self.port = free_port()
        self.socket = os.path.join(self.box.dir, "page", "hand.sock")
        # Below a closed home the page's user reaches the sandbox's copies of programs alone.
        copied = os.path.join(self.box.dir, "programs", "bin", "jpki-sandbox-page")
        argv = [copied if os.path.exists(copied) else PAGE, "--dir", self.box.dir, "--port", str(self.port), "--socket", self.socket]
        self.page = Daemon(argv, self.socket, self.dir.file("log"))
        self.page.start()

    def request(self, method, path, **headers):
        """One exchange with a Host of its own: the answer and its body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in ({"Host": f"127.0.0.1:{self.port}"} | headers).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def get(self, path):
        answer, body = self.request("GET", path)
        assert answer.status == 200, (path, answer.status, body)
        return json.loads(body)

    def close(self):
        self.page.close()
        self.box.close()
        self.dir.close()


def assert_ends(code, text, *argv):
    done = run(PAGE, *argv, check=False)
    assert done.returncode == code, (argv, done.returncode, done.stderr)
    assert text in done.stderr.decode(), done.stderr


@test
def a_wrong_command_line_is_told_and_ends_with_2(site):
    for argv in ((), ("--port", "0"), ("--port", "65536")):
        assert_ends(USAGE, "--port PORT is needed", "--dir", site.box.dir, *argv)
    assert_ends(USAGE, "x", "--port", "x")


@test
def without_a_running_sandbox_there_is_nothing_to_show(_):
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        assert_ends(ABSENT, "jpki-sandbox up", "--dir", top, "--port", str(free_port()))


@test
def a_port_that_is_taken_is_told(site):
    assert_ends(INTERNAL, str(site.port), "--dir", site.box.dir, "--port", str(site.port))


@test
def whoever_names_another_host_gets_nothing(site):
    for path in PATHS:
        for host in ("evil.example", f"evil.example:{site.port}", "127.0.0.1.evil.example"):
            answer, body = site.request("GET", path, Host=host)
            assert answer.status == 403, (path, host, answer.status)
            assert site.box.dir.encode() not in body and b"1234" not in body, body
    for host in ("127.0.0.1", f"LOCALHOST:{site.port}"):
        assert site.request("GET", "/", Host=host)[0].status == 200, host


@test
def nothing_can_be_posted_and_nothing_else_is_served(site):
    for path in PATHS:
        for method in ("POST", "PUT", "DELETE"):
            answer, _ = site.request(method, path, **{"Content-Length": "0"})
            is_set = (method, path) == ("PUT", "/v1/state")  # by JSON alone
            assert answer.status == (415 if is_set else 405), (method, path, answer.status)
    for path in ("/index.html", "/state.json", "/v1/state.json", "/share", "/v1/log"):
        assert site.request("GET", path)[0].status == 404, path
    for path in ("/../state.json", "/%2e%2e/lock"):
        assert site.request("GET", path)[0].status in (400, 404), path


@test
def every_answer_forbids_what_the_page_does_not_need(site):
    for path in PATHS:
        answer, _ = site.request("GET", path)
        policy = answer.getheader("Content-Security-Policy")
        for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                     "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
            assert rule in policy.split("; "), (path, policy)
        assert answer.getheader("X-Content-Type-Options") == "nosniff", path
        assert answer.getheader("Cache-Control") == "no-store", path
        assert answer.getheader("Access-Control-Allow-Origin") is None, path


@test
def no_script_and_no_style_stands_in_the_page(site):
    text = site.request("GET", "/")[1].decode()
    assert re.findall(r"<script[^>]*>[^<]*", text) == ['<script src="/start.js" defer>'], text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert "試験用・非公式。政府のサイトではありません" in text
    assert "TEST, unofficial, not a government site" in text
    script = site.request("GET", "/start.js")[1].decode()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script)
    assert not re.search(r"https?://(?!127|\(127)", script)


@test
def it_says_what_the_commands_say(site):
    box = site.box
    box.call("persona", "card", "hanako")
    assert site.get("/v1/state") == box.status() and box.state["plugged"] == "hanako"
    trace = site.get("/v1/trace")
    assert trace == json.loads(box.call("trace", "--json").stdout)
    assert [step["step"] for step in trace["steps"] if step["program"] == "jpki-registerd"] == list("①②⑥⑦")
    people = site.get("/v1/personas")
    assert people == json.loads(box.call("persona", "list", "--json").stdout)
    assert [row["name"] for row in people["personas"] if row["plugged"]] == ["hanako"]
    assert "123456789018" not in json.dumps(people)


@test
def a_step_that_nobody_did_is_not_shown(site):
    box = site.box
    signer = box.pids()["jpki-signerd-ca"]
    before = len(site.get("/v1/trace")["steps"])
    os.kill(signer, signal.SIGSTOP)
    try:
        assert run(*box.command("persona", "card", "uruu"), check=False).returncode != 0
        steps = [(row["step"], row["program"]) for row in site.get("/v1/trace")["steps"][before:]]
    finally:
        os.kill(signer, signal.SIGCONT)
    assert ("④", "jpki-softcard") in steps, steps
    assert not {step for step, _ in steps} & set("⑤⑥⑦"), steps


@test
def it_lives_and_is_ready_on_both_sockets(site):
    for path, status in (("/livez", "live"), ("/readyz", "ready")):
        assert site.get(path) == {"status": status}
        assert ask(site.socket, "GET", path) == (200, {"status": status})
    assert ask(site.socket, "GET", "/v1/personas") == (200, site.get("/v1/personas"))


def status_of(pid):
    return dict(line.split(":\t", 1) for line in read_text(f"/proc/{pid}/status").splitlines() if ":\t" in line)


@test
def it_has_no_power_but_over_what_it_shows_and_sets(site):
    """Both processes: what serves, and whoever starts software cards for it."""
    box, serving = site.box, site.page.process.pid
    keepers = [int(pid) for pid in read_text(f"/proc/{serving}/task/{serving}/children").split()]
    assert len(keepers) == 1, keepers
    for pid in (serving, keepers[0]):
        status = status_of(pid)
        assert status["NoNewPrivs"] == "1", status
        if os.geteuid() == 0:
            assert status["CapPrm"].strip("0") == status["CapEff"].strip("0") == "", status
            assert len(set(status["Uid"].split())) == 1 and int(status["Uid"].split()[0]) > 64100, status
            assert "0" not in status["Groups"].split() + status["Gid"].split(), status
    if os.geteuid() == 0:
        box.call("persona", "card", "hanako")
        box.status()
        assert status_of(serving)["Uid"] != status_of(keepers[0])["Uid"] == status_of(box.pids()["jpki-softcard"])["Uid"]
    log = read_text(site.page.log)
    assert "service.ready" in log and "http.failure" not in log and "confine.unavailable" not in log, log


@test
def it_reads_no_file_elsewhere_that_everybody_may_read(site):
    """A persona's file is a link out of the sandbox: the command follows it, the page is not able to."""
    elsewhere, link = site.dir.file("elsewhere.json"), os.path.join(site.box.dir, "personas", "elsewhere.json")
    with open(os.path.join(SOURCES, "data", "personas.json"), encoding="utf-8") as f:
        persona = json.load(f)["personas"][0]
    write_text(elsewhere, json.dumps(persona | {"name": "elsewhere"}))
    os.chmod(site.dir.path, 0o755)
    os.chmod(elsewhere, 0o644)
    os.symlink(elsewhere, link)
    try:
        assert "elsewhere" in site.box.call("persona", "list").stdout.decode()
        answer, body = site.request("GET", "/v1/personas")
        assert answer.status == 500 and b"hanako" not in body, body
    finally:
        os.unlink(link)
    assert site.request("GET", "/v1/personas")[0].status == 200


@test
def a_persona_that_is_added_is_seen(site):
    with open(os.path.join(SOURCES, "data", "personas.json"), encoding="utf-8") as f:
        persona = json.load(f)["personas"][0]
    write_text(site.dir.file("added.json"), json.dumps(persona | {"name": "added-here"}))
    site.box.call("persona", "add", site.dir.file("added.json"))
    assert "added-here" in [row["name"] for row in site.get("/v1/personas")["personas"]]


@test
def what_is_set_is_set_by_programs_and_its_own_page_alone(site):
    own = f"http://127.0.0.1:{site.port}"
    for fields, status in (({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                           ({"Origin": "http://127.0.0.1:1"}, 403), ({"Host": "evil.example"}, 403),
                           ({"Origin": own}, 204), ({}, 204)):
        for path in ("/v1/faults/slow", "/v1/faults"):
            assert site.request("DELETE", path, **fields)[0].status == status, (path, fields)


@test
def only_refusals_are_logged(site):
    before = len(read_text(site.page.log))
    site.get("/v1/state")
    assert site.request("GET", "/v1/state", Host="evil.example")[0].status == 403
    wait_until("it is logged", lambda: len(read_text(site.page.log)) > before)
    lines = [json.loads(line) for line in read_text(site.page.log)[before:].splitlines()]
    assert [(line["event"], line["status"]) for line in lines] == [("http.request", 403)], lines


@test
def every_text_is_there_in_japanese(site):
    script = site.request("GET", "/start.js")[1].decode()
    known = set(re.findall(r'^  "([^"]+)":', script, re.M))
    texts = {row["note"] for row in site.get("/v1/personas")["personas"]}
    step = re.compile(r'(?:"F\d",\s*"[①-⑳]",|trace_step(?:_at)?\([^;]*?)\s*"([a-z][^"]{8,})"')
    for folder, _, names in os.walk(os.path.join(SOURCES, "src")):
        for name in names:
            if name.endswith(".c"):
                texts |= set(step.findall(read_text(os.path.join(folder, name))))
    assert len(texts) > 30, texts
    assert texts <= known, texts - known


@test
def when_the_sandbox_has_gone_its_state_has_too(_):
    own = Site()
    try:
        own.box.call("down")
        own.box.process.wait()
        answer, body = own.request("GET", "/v1/state")
        assert answer.status == 404 and "jpki-sandbox up" in json.loads(body)["detail"], body
        assert own.get("/v1/trace") == json.loads(own.box.call("trace", "--json").stdout)
        assert not any(row["plugged"] for row in own.get("/v1/personas")["personas"])
        assert own.page.stop() == 0
        assert not os.path.exists(own.socket)
    finally:
        own.close()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(Site)
