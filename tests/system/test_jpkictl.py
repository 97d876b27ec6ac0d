#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpkictl as an operator uses it: refusals first, then daemons that are there, that are not, and that are not ready."""
import http.server
import json
import os
import socketserver
import threading

from harness import Daemon, Directory, main, program, run, test, write_text

JPKICTL = program("jpkictl")
SIGNERD = program("jpki-signerd")


class Answer(http.server.BaseHTTPRequestHandler):
    """/readyz of a daemon that can, or cannot, do its work."""

    def do_GET(self):
        ready = self.server.ready and self.path == "/readyz"
        body = b"{}" if ready else b'{"title": "no", "status": 503, "detail": "the disk is full"}'
        self.send_response(200 if ready else 503)
        self.send_header("Content-Type", "application/json" if ready else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class Site:
    def __init__(self):
        self.dir = Directory()
        os.mkdir(self.dir.file("keys"), 0o700)
        write_text(self.dir.file("pass"), "a passphrase of tests\n")
        self.signer = self.dir.file("signer.sock")
        self.http = self.dir.file("http.sock")
        self.config = self.dir.file("ctl.conf")
        signerd = self.dir.file("signerd.conf")
        write_text(
            signerd,
            f"[signer]\nsocket = {self.signer}\nkeys = {self.dir.file('keys')}\npassphrase_file = {self.dir.file('pass')}\n"
            f"[key asker]\nrole = verifier\nallow_uid = {os.getuid()}\n",
        )
        run(SIGNERD, "keygen", "--config", signerd, "asker")
        self.signerd = Daemon([SIGNERD, "serve", "--config", signerd], self.signer, self.dir.file("log"))
        self.server = socketserver.UnixStreamServer(self.http, Answer)
        self.server.ready = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configure(self, text):
        write_text(self.config, text)

    def status(self, code):
        done = run(JPKICTL, "status", "--config", self.config, "--json", check=False)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return {row["name"]: row for row in json.loads(done.stdout)["daemons"]}

    def close(self):
        self.signerd.close()
        self.server.shutdown()
        self.server.server_close()
        self.dir.close()


def assert_refused(text, *argv):
    done = run(JPKICTL, *argv, check=False)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert text in done.stderr.decode(), done.stderr


@test
def a_faulty_configuration_is_told_and_ends_with_2(site):
    assert_refused("--config is needed", "status")
    assert_refused("no such file", "status", "--config", site.dir.file("nothing"))
    for text, sentence in (
        ("", "there is no section [daemon NAME]"),
        ("[daemon a]\nsocket = relative\n", "socket"),
        ("[daemon a]\nprotocol = ftp\nsocket = /s\n", "[daemon a]: protocol: must be http or signer"),
        ("[daemon a]\nsocket = /s\ncolour = red\n", "has no key colour"),
        ("".join(f"[daemon d{i}]\nsocket = /s\n" for i in range(17)), "16"),
    ):
        site.configure(text)
        assert_refused(sentence, "status", "--config", site.config)


@test
def a_daemon_that_is_not_there_is_told_and_ends_with_5(site):
    site.configure(f"[daemon s]\nprotocol = signer\nsocket = {site.signer}\n[daemon h]\nsocket = {site.dir.file('none')}\n")
    rows = site.status(5)
    assert not rows["s"]["ready"] and "not running" in rows["s"]["why"], rows
    assert not rows["h"]["ready"] and rows["h"]["why"], rows


@test
def daemons_that_answer_are_ready(site):
    site.signerd.start()
    site.configure(f"[daemon s]\nprotocol = signer\nsocket = {site.signer}\n[daemon h]\nsocket = {site.http}\n")
    rows = site.status(0)
    assert rows["s"] == {"name": "s", "protocol": "signer", "ready": True, "why": None}, rows
    assert rows["h"]["ready"], rows
    text = run(JPKICTL, "status", "--config", site.config).stdout.decode()
    assert text == "s: ready\nh: ready\n", text


@test
def a_daemon_that_is_not_ready_says_why(site):
    site.server.ready = False
    rows = site.status(5)
    assert rows["s"]["ready"] and not rows["h"]["ready"], rows
    assert rows["h"]["why"] == "the disk is full", rows
    text = run(JPKICTL, "status", "--config", site.config, check=False).stdout.decode()
    assert text == "s: ready\nh: not ready: the disk is full\n", text


@test
def a_daemon_of_another_protocol_is_not_ready(site):
    site.configure(f"[daemon s]\nsocket = {site.signer}\n[daemon h]\nprotocol = signer\nsocket = {site.http}\n")
    rows = site.status(5)
    assert not rows["s"]["ready"] and not rows["h"]["ready"], rows


@test
def the_sample_is_a_configuration(_site):
    assert "socket =" in run(JPKICTL, "sample").stdout.decode()


if __name__ == "__main__":
    main(Site)
