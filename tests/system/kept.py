# SPDX-License-Identifier: Apache-2.0
"""What a whole test run leaves to be searched for secrets (scripts/check/canaries).

./check names a directory in JPKI_TEST_KEPT. Whatever the programs of a test wrote as logs is copied
there before its directory goes: logs, traces, rows of audit logs, pages of metrics, command lines.
The secrets that the test itself had in its hands, keys, tokens, cookies and people's data, are kept
apart, so that it is known what must not be in there. Without that variable nothing is done.
"""
import atexit
import base64
import binascii
import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import urllib.parse

FOLDER = os.environ.get("JPKI_TEST_KEPT", "")
LOG_NAMES = re.compile(r"(^log$|\.log$|\.jsonl$|\.err$|^access)")
METRICS_BYTES_MAX = 1 << 20

# Members of JSON and of forms, and cookies' and headers' values, by what they are.
TOKEN_NAMES = {"access_token", "refresh_token", "id_token", "client_secret", "client_assertion", "code_verifier",
               "id_token_hint", "token", "secret", "key", "csrf", "logout_token"}
FORM_TOKEN_NAMES = TOKEN_NAMES | {"code"}  # in JSON that is the name of a problem
PIN_NAMES = {"pin", "password", "new_pin", "new_password", "old_pin", "pins"}
NUMBER_NAMES = {"mynumber", "individual_number"}
ATTRIBUTE_NAMES = {"full_name", "address", "birth_date", "birthdate"}
TOKEN_LENGTH_MIN = 16  # shorter ones are made up to be refused
WORD_LENGTH_MIN = 6

secrets = {"token": set(), "pin": set(), "number": set(), "attribute": set()}
counted = {"files": 0}


def target(name):
    """A file of this process; no two are called the same."""
    counted["files"] += 1
    return os.path.join(FOLDER, "logs", f"{os.getpid()}-{counted['files']}-{name}")


def keep_file(path):
    if FOLDER and os.path.isfile(path):
        shutil.copyfile(path, target(os.path.basename(path)))


def keep_text(name, text):
    if FOLDER and text:
        with open(target(name), "w", encoding="utf-8") as stream:
            stream.write(text)


def keep_audit(path):
    """Each row of an audit log as a line, but for the salts, which are secret and are never told."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
            rows = db.execute("SELECT seq, at, actor, act, subject, hex(commitment), outcome, trace_id, hex(leaf)"
                              " FROM audit ORDER BY seq").fetchall()
    except sqlite3.Error:
        return  # no database, or one without a log
    names = ("seq", "at", "actor", "act", "subject", "commitment", "outcome", "trace_id", "leaf")
    lines = [json.dumps(dict(zip(names, row)), ensure_ascii=False) for row in rows]
    keep_text("audit-" + os.path.basename(path), "\n".join(lines))


def keep_metrics(path):
    """What the daemon behind a socket counts, if it is still there."""
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(path)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b""
            while len(text) < METRICS_BYTES_MAX and (piece := s.recv(65536)):
                text += piece
    except OSError:
        return
    if text.startswith(b"HTTP/1.1 200"):
        keep_text("metrics-" + os.path.basename(path), text.decode(errors="replace"))


def keep_command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            keep_text("cmdline", stream.read().replace(b"\0", b"\n").decode(errors="replace"))
    except OSError:
        pass


# The daemons of a sandbox that have pages of metrics; behind other sockets are cards.
HTTP_DAEMONS = ("jpki-registerd", "jpki-authorityd", "jpki-ocspd", "jpki-platformd", "jpki-authappd", "jpki-witnessd",
                "jpki-portald", "jpki-sandbox-page")
SANDBOX_SOCKETS = ("register/counter.sock", "authority/authority.sock", "ocsp/ocsp.sock", "platform/platform.sock",
                   "authapp/authapp.sock", "witness/witness.sock", "portal/portal.sock")


def keep_running(directory):
    """Of a sandbox before it ends: what its daemons count."""
    for name in SANDBOX_SOCKETS if FOLDER else ():
        keep_metrics(os.path.join(directory, name))


def keep_directory(directory):
    """All logs below a directory that is about to go, and the keys that were given in it."""
    if not FOLDER:
        return
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            if LOG_NAMES.search(name):
                keep_file(path)
            elif name.endswith(".db"):
                keep_audit(path)
            elif name.endswith(".secret") or os.path.basename(folder) == "providers":
                learn_key_file(path)


def learn_key_file(path):
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = stream.read(4096).strip()
    if re.fullmatch(r"[\w-]+", text):
        learn("token", text)


def learn(kind, value):
    """Of what has such a name only what looks like it: an address may be a URL."""
    if not FOLDER or not isinstance(value, str) or "://" in value or len(value) < WORD_LENGTH_MIN:
        return
    if kind != "token" or (len(value) >= TOKEN_LENGTH_MIN and re.fullmatch(r"[\w.+/=-]+", value)):
        secrets[kind].add(value)


def kind_of(name):
    for kind, names in (("token", TOKEN_NAMES), ("pin", PIN_NAMES), ("number", NUMBER_NAMES),
                        ("attribute", ATTRIBUTE_NAMES)):
        if name.lower() in names:
            return kind
    return None


def learn_json(value, name=""):
    if isinstance(value, dict):
        for key, part in value.items():
            # What an object of this name has is of its kind: {"pins": {"auth": ...}}.
            learn_json(part, name if kind_of(name) and not kind_of(key) else key)
    elif isinstance(value, list):
        for part in value:
            learn_json(part, name)
    elif kind_of(name):
        learn(kind_of(name), value)


def learn_form(text):
    for name, value in urllib.parse.parse_qsl(text):
        kind = "token" if name in FORM_TOKEN_NAMES else kind_of(name)
        if kind:
            learn(kind, value)


def learn_body(data):
    if isinstance(data, str):
        data = data.encode()
    if not isinstance(data, bytes) or not data:
        return
    try:
        text = data.decode()
        if text[:1] in "{[":
            value = json.loads(text)
            if "openapi" not in value:
                learn_json(value)
        elif re.match(r"[\w.-]+=", text):
            learn_form(text)
    except ValueError:
        pass  # a document, or one that is malformed on purpose


def learn_header(name, value):
    value = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    if name.lower() == "authorization":
        scheme, _, rest = value.partition(" ")
        learn("token", rest)
        if scheme == "Basic":
            try:
                learn("token", base64.b64decode(rest).decode().partition(":")[2])
            except (binascii.Error, ValueError):
                pass
    elif name.lower() in ("cookie", "set-cookie"):
        for pair in value.split(";"):
            learn("token", pair.partition("=")[2].strip())
    elif name.lower() == "location":
        learn_form(urllib.parse.urlsplit(value).query)


def watch_http():
    """Tests meet these values in Python's one HTTP client, which urllib is made of."""
    connection, response = http.client.HTTPConnection, http.client.HTTPResponse
    put, send, read, begin = connection.putheader, connection.send, response.read, response.begin

    def putheader(self, header, *values):
        for value in values:
            learn_header(header, value)
        return put(self, header, *values)

    def send_data(self, data):
        learn_body(data)
        return send(self, data)

    def read_data(self, *amount):
        data = read(self, *amount)
        learn_body(data)
        return data

    def begin_answer(self):
        begin(self)
        for name, value in self.headers.items():
            learn_header(name, value)

    connection.putheader, connection.send = putheader, send_data
    response.read, response.begin = read_data, begin_answer


def write_secrets():
    with open(os.path.join(FOLDER, "secrets", f"{os.getpid()}.json"), "w", encoding="utf-8") as stream:
        json.dump({kind: sorted(values) for kind, values in secrets.items()}, stream, ensure_ascii=False)


if FOLDER:
    for below in ("logs", "secrets"):
        os.makedirs(os.path.join(FOLDER, below), mode=0o700, exist_ok=True)
    watch_http()
    atexit.register(write_secrets)
