# SPDX-License-Identifier: Apache-2.0
"""A timestamp authority (RFC 3161) on loopback: OpenSSL's, behind HTTP, and what it may do wrong."""
import http.server
import os
import threading

from harness import run, write_text

CONFIG = """
[tsa]
default_tsa = tsa_here
[tsa_here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = dn
x509_extensions = v3
[dn]
[v3]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""
TYPE = "application/timestamp-reply"


class TimestampAuthority:
    """mode: "good", "refuses" (a status), "old" (the answer before), "broken" (no answer at all), "500"."""

    def __init__(self, folder):
        self.folder, self.mode, self.last, self.asked = folder, "good", b"", 0
        os.mkdir(folder)
        self.config = os.path.join(folder, "tsa.conf")
        self.roots = os.path.join(folder, "tsa.pem")
        write_text(self.config, CONFIG.format(folder=folder))
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Time",
            "-days", "2", "-config", self.config, "-keyout", os.path.join(folder, "tsa.key"), "-out", self.roots)
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query", self.headers
                status, answer = authority.answer(query)
                self.send_response(status)
                self.send_header("Content-Type", TYPE)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/tsa"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, query):
        self.asked += 1
        if self.mode == "500":
            return 500, b""
        if self.mode == "broken":
            return 200, b"\x30\x03\x02\x01"
        if self.mode == "old":
            return 200, self.last
        path, out = os.path.join(self.folder, "query"), os.path.join(self.folder, "answer")
        with open(path, "wb") as stream:
            stream.write(b"no query" if self.mode == "refuses" else query)
        run("openssl", "ts", "-reply", "-config", self.config, "-queryfile", path, "-out", out)
        with open(out, "rb") as stream:
            self.last = stream.read()
        return 200, self.last

    def close(self):
        self.server.shutdown()
        self.server.server_close()
