#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A body that verifies on its own, without a platform: examples/certified-body.c beside a sandbox.

Somebody signs, the authority publishes, the signer moves, the authority publishes again; the body
knows nothing but CAs, lists and documents, and runs all the time.
"""
import json
import os
import re
import subprocess

import prepared
from harness import Directory, UnixConnection, ask, main, program, run, test, wait_until, write_text
from library import Library

PASSWORD = "ABC123"
HOME = ("--address", "兵庫県神戸市中央区見本町１番", "--municipality", "28100")


class Body:
    """The sandbox with hanako's card, and the sample at work on the directories of that body."""

    def __init__(self):
        self.dir = Directory()
        os.chmod(self.dir.path, 0o711)
        self.home, self.lists = self.dir.file("s"), self.dir.file("lists")
        os.mkdir(self.lists)
        prepared.make_at(self.home)
        self.sandbox("up", "--detach")
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.env.update(re.findall(r"export (PCSCLITE_CSOCK_NAME|J\w+)='([^']*)'", self.sandbox("env").stdout.decode()))
        self.sandbox("persona", "card", "hanako")
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        self.document = self.dir.file("document")
        write_text(self.document, "document\n")
        self.sign(self.document)
        sample = Library("jpki-verify", self.dir).example("certified-body")
        self.process = subprocess.Popen([sample, self.env["JPKI_ANCHORS"], self.lists, "3"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def sandbox(self, *argv):
        return run(program("jpki-sandbox"), *argv, "--dir", self.home)

    def jpki(self, *argv, secret=""):
        return subprocess.run([program("jpki"), *argv], input=secret.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env, timeout=60, check=False)

    def sign(self, document):
        done = self.jpki("sign", document, "--yes", "--pin-fd", "0", secret=PASSWORD)
        assert done.returncode == 0, done

    def publish(self):
        """What an operator does: have lists made, fetch them, put them in place whole."""
        socket = os.path.join(self.home, "authority", "authority.sock")
        assert ask(socket, "POST", "/v1/crls")[0] == 201
        for entry in ask(socket, "GET", "/v1/crls")[1]["crls"]:
            connection = UnixConnection(socket, 10)
            connection.request("GET", "/v1/crls/" + entry["name"])
            new = os.path.join(self.lists, entry["name"] + ".new")
            with open(new, "wb") as file:
                file.write(connection.getresponse().read())
            os.rename(new, os.path.join(self.lists, entry["name"] + ".crl"))

    def judge(self, *cases):
        """Verdicts and reasons by document, of several at once."""
        for document, signature in cases:
            self.process.stdin.write(f"{document} {signature}\n")
        self.process.stdin.flush()
        answers = [self.process.stdout.readline().split() for _ in cases]
        return {os.path.basename(answer[0]): answer[1:] for answer in answers}

    def verdict(self, document=None):
        document = document or self.document
        return self.judge((document, self.document + ".p7s"))[os.path.basename(document)]

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.sandbox("down")
        self.dir.close()


@test
def what_cannot_be_judged_is_an_error_and_the_body_goes_on(body):
    missing = body.dir.file("nowhere")
    assert body.judge((missing, missing))["nowhere"][0] == "error"
    assert body.judge((body.document, body.document))["document"][0] == "error"


@test
def without_lists_nothing_is_valid(body):
    assert body.verdict() == ["indeterminate", "crl-missing"], body.verdict()


@test
def with_the_published_lists_it_is_valid_and_another_document_is_not(body):
    body.publish()
    changed = body.dir.file("changed")
    write_text(changed, "Document\n")
    assert body.verdict() == ["valid"], body.verdict()
    assert body.verdict(changed) == ["invalid", "document-changed"]


@test
def many_at_once_get_their_own_answers(body):
    names = [body.dir.file(f"many-{n}") for n in range(20)]
    for number, name in enumerate(names):
        write_text(name, "document\n" if number % 2 == 0 else f"{number}\n")
    answers = body.judge(*((name, body.document + ".p7s") for name in names))
    for number, name in enumerate(names):
        assert answers[os.path.basename(name)][0] == ("valid" if number % 2 == 0 else "invalid"), answers


@test
def a_move_counts_from_the_next_lists_on(body):
    moved = json.loads(body.sandbox("move", "hanako", *HOME, "--json").stdout)
    assert moved["revocation"] == "done" and moved["sign_certificate"], moved
    assert body.verdict() == ["valid"], body.verdict()
    body.publish()
    assert body.verdict() == ["invalid", "revoked"], body.verdict()


@test
def the_new_certificate_is_valid_beside_it(body):
    new = body.dir.file("new")
    write_text(new, "new\n")
    wait_until("the card signs", lambda: self_sign(body, new))
    answers = body.judge((new, new + ".p7s"), (body.document, body.document + ".p7s"))
    assert answers == {"new": ["valid"], "document": ["invalid", "revoked"]}, answers


def self_sign(body, document):
    return body.jpki("sign", document, "--yes", "--force", "--pin-fd", "0", secret=PASSWORD).returncode == 0


main(Body)
