# SPDX-License-Identifier: Apache-2.0
"""Clients of daemons that die: they ask until they are answered."""
import re
import time

from harness import UnixConnection, run

ANSWER_SECONDS = 60


class Trouble(Exception):
    """Something that must not happen; the text says what."""


def insist(url, question, excuses=()):
    """The same question until it is answered; only a dead or restarting daemon is an excuse. The
    status and the answer. excuses: statuses that a question may have that was answered before, by
    a daemon that did not live to send the answer."""
    tries, end = 0, time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        tries += 1
        try:
            status, answer = question()
        except (OSError, ValueError, EOFError):
            status = 0
        except Exception as broken:  # http.client's own: the connection died in an answer
            if type(broken).__module__ != "http.client":
                raise
            status = 0
        if status in (200, 201, 204) or (status in excuses and tries > 1):
            return status, answer
        if status not in (0, 500, 503):
            raise Trouble(f"{url}: {status} {answer}")
        time.sleep(0.02)
    raise Trouble(f"{url}: not answered within {ANSWER_SECONDS} s")


def fetch(path, url):
    """Status and bytes."""
    connection = UnixConnection(path, 30)
    try:
        connection.request("GET", url)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def download(path, url):
    status, body = fetch(path, url)
    if status != 200:
        raise Trouble(f"{url}: {status}")
    return body


def serials_on(der):
    """Of the certificates on a list of revocations."""
    text = run("openssl", "crl", "-inform", "DER", "-noout", "-text", data=der).stdout.decode()
    return [int(serial, 16) for serial in re.findall(r"Serial Number: ([0-9A-F]+)", text)]
