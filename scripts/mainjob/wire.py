# SPDX-License-Identifier: Apache-2.0
"""Talking to daemons over HTTP, and listening to somebody else who does."""
import http.client
import json
import re
import select
import socket
import threading
import urllib.request

from mainjob.outcome import Failed

ANSWER_SECONDS = 60


class UnixConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(self.host)


class Recorder:
    """A way to a service on which both directions of one exchange are kept: it passes on the bytes
    of the first connection, and ends with it."""

    def __init__(self, url):
        self.target = ("127.0.0.1", int(url.rpartition(":")[2]))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(ANSWER_SECONDS)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.sent, self.received = b"", b""
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while self.listener.fileno() >= 0:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.exchange(client)

    def exchange(self, client):
        with client, socket.create_connection(self.target, ANSWER_SECONDS) as service:
            while ready := select.select([client, service], [], [], ANSWER_SECONDS)[0]:
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    if end is client:
                        self.sent += data
                        service.sendall(data)
                    else:
                        self.received += data
                        client.sendall(data)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()


def bodies(stream):
    """The JSON bodies of the answers in what a service sent over one connection after another."""
    found = []
    while stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        size = int(re.search(rb"\r\nContent-Length: *(\d+)", head, re.I).group(1))
        found.append(json.loads(rest[:size]))
        stream = rest[size:]
    return found


def members_of(value):
    """The names of all members at any depth."""
    if isinstance(value, list):
        return {name for item in value for name in members_of(item)}
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in members_of(item)}
    return set()


def read_url(url):
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            return answer.read()
    except OSError as why:
        raise Failed(f"{url}: {why}") from None


def ask_url(url, key):
    """An exchange with the platform, as a provider."""
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + key})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return json.loads(answer.read())
    except OSError as why:
        raise Failed(f"{url}: {why}") from None


def ask(path, url, method="GET", raw=False, body=None):
    """An exchange with a daemon on its socket, as its operator."""
    connection = UnixConnection(path)
    headers = {"Host": "localhost"} | ({} if body is None else {"Content-Type": "application/json"})
    try:
        connection.request(method, url, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 204):
            raise Failed(f"{url} is answered with {answer.status}: {text.decode(errors='replace')}")
        return text if raw else json.loads(text)
    except OSError as why:
        raise Failed(f"{path}: {why}") from None
    finally:
        connection.close()
