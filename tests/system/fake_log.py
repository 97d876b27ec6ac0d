# SPDX-License-Identifier: Apache-2.0
"""Signed notes, and a log that shows whatever it is told to: written from the specifications (c2sp.org/signed-note,
tlog-checkpoint, tlog-cosignature; RFC 9162), with openssl to sign and to verify."""
import base64
import hashlib
import http.server
import json
import os
import socketserver
import threading
import urllib.parse

from harness import read_text, run, write_text

SPKI_HEAD = bytes.fromhex("302a300506032b6570032100")
LOG, WITNESS = 1, 4


def key_id(name, algorithm, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def key_line(name, algorithm, public):
    return f"{name}+{key_id(name, algorithm, public).hex()}+{base64.b64encode(bytes([algorithm]) + public).decode()}"


def read_key(path):
    """(name, algorithm, public key) of a line as it is handed on; its id is the right one."""
    name, digits, octets = read_text(path).strip().split("+", 2)
    octets = base64.b64decode(octets)
    assert key_id(name, octets[0], octets[1:]).hex() == digits
    return name, octets[0], octets[1:]


class SigningKey:
    """An Ed25519 key in a file."""

    def __init__(self, path):
        self.path = path
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", path)
        self.public = run("openssl", "pkey", "-in", path, "-pubout", "-outform", "DER").stdout[len(SPKI_HEAD):]

    def sign(self, message):
        write_text(self.path + ".message", message.decode())
        return run("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", self.path + ".message").stdout


def text_of(origin, size, root):
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def note_of(key, origin, size, root, name=None):
    text = text_of(origin, size, root)
    signed = key_id(name or origin, LOG, key.public) + key.sign(text.encode())
    return f"{text}\n\u2014 {name or origin} {base64.b64encode(signed).decode()}\n"


def is_signed(directory, note, key):
    """What openssl says of this key's line; of a witness, when it signed."""
    name, algorithm, public = key
    text, lines = note.split("\n\n", 1)
    for line in lines.splitlines():
        dash, signer, octets = line.split(" ")
        octets = base64.b64decode(octets)
        if dash != "\u2014" or signer != name or octets[:4] != key_id(name, algorithm, public):
            continue
        message, signature, time = (text + "\n").encode(), octets[4:], None
        if algorithm == WITNESS:
            time, signature = int.from_bytes(octets[4:12], "big"), octets[12:]
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        paths = [os.path.join(directory, "judged." + what) for what in ("key", "message", "signature")]
        for path, data in zip(paths, (SPKI_HEAD + public, message, signature)):
            with open(path, "wb") as f:
                f.write(data)
        done = run("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", paths[0],
                   "-in", paths[1], "-sigfile", paths[2], check=False)
        return done.returncode == 0 and (time or True)
    return False


def root_of(leaves):
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def consistency(m, leaves, is_whole=True):
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if m == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return consistency(m, leaves[:k], is_whole) + [root_of(leaves[k:])]
    return consistency(m - k, leaves[k:], False) + [root_of(leaves[:k])]


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Whoever asked was killed before the answer."""


class FakeLog:
    """A daemon with an audit log, as far as a witness knows one. What it shows is in its members; whoever sets more
    than one holds the lock, and who has asked for the checkpoint is told of the records that went with it."""

    def __init__(self, directory, name):
        self.origin = "log.openjpki.test/" + name
        self.path = os.path.join(directory, name + ".sock")
        self.key = SigningKey(os.path.join(directory, name + ".pem"))
        self.key_file = os.path.join(directory, name + ".key")
        write_text(self.key_file, key_line(self.origin, LOG, self.key.public) + "\n")
        self.leaves, self.note, self.server = [], None, None
        self.lock, self.told = threading.RLock(), []
        self.tree_status, self.asked = 200, 0

    def grow(self, count, mark=b""):
        with self.lock:
            self.leaves = self.leaves + [hashlib.sha256(b"\0" + mark + bytes([i % 256])).digest() for i in range(count)]
            self.show()

    def show(self, size=None):
        with self.lock:
            size = len(self.leaves) if size is None else size
            self.note = note_of(self.key, self.origin, size, root_of(self.leaves[:size]))

    def answer(self, url):
        path, query = url.path, urllib.parse.parse_qs(url.query)
        if path == "/v1/audit/checkpoint":
            with self.lock:
                self.asked += 1
                self.told = self.leaves
                return (404, "application/problem+json", "{}") if self.note is None else (200, "text/plain", self.note)
        size, leaves = int(query["size"][0]), self.told
        if self.tree_status != 200 or size > len(leaves):
            return (self.tree_status if self.tree_status != 200 else 409), "application/problem+json", "{}"
        told = {"size": size, "root": root_of(leaves[:size]).hex()}
        if "since" in query:
            told["consistency"] = [h.hex() for h in consistency(int(query["since"][0]), leaves[:size])]
        return 200, "application/json", json.dumps(told)

    def start(self):
        log = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, kind, text = log.answer(urllib.parse.urlparse(self.path))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):  # pylint: disable=arguments-differ
                """Nothing is written where a test's results are."""

            def address_string(self):
                return "a witness"

        self.server = Server(self.path, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            os.unlink(self.path)
            self.server = None
