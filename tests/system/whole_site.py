# SPDX-License-Identifier: Apache-2.0
"""All daemons together: register, authority, OCSP responder, platform, and signerd for each zone."""
import base64
import json
import os
import threading

from harness import ask, free_port, program, run, wait_until, write_text
from provider import ORIGIN, Provider
from test_issuing import Site

VALID_S = 10  # how long the OCSP responder's answers hold
KINDS = ("sign", "auth")


class WholeSite(Site):
    def __init__(self):
        super().__init__()
        self.key_lock = threading.Lock()
        for name in ("platform", "token", "ocsp", "certs", "anchors"):
            os.mkdir(self.dir.file(name), 0o700)
        try:
            self.start_zones()
            self.start_issuing()
            self.start_ocsp()
            self.start_platform()
        except BaseException:
            self.close()
            raise

    def daemons(self):
        """By the names that a report has."""
        names = "registerd", "authorityd", "signerd", "ocspd", "platformd", "signerd_ocsp", "signerd_token"
        return {name.replace("_", "-"): getattr(self, name) for name in names if hasattr(self, name)}

    def database(self, name):
        """Of a daemon, or None."""
        rooms = {"registerd": "register", "authorityd": "authority", "platformd": "platform"}
        return self.dir.file(rooms[name], rooms[name] + ".db") if name in rooms else None

    def zone(self, name, keys):
        """A signerd for some keys, ready to be started."""
        conf, path = self.dir.file(name + "-zone.conf"), self.dir.file(name + ".sock")
        text = f"[signer]\nsocket = {path}\nkeys = {self.dir.file(name)}\n"
        text += f"passphrase_file = {self.dir.file('signer', 'passphrase')}\n"
        for key, role in keys:
            text += f"[key {key}]\nrole = {role}\nallow_uid = {os.getuid()}\n"
        write_text(conf, text)
        for key, _ in keys:
            run(program("jpki-signerd"), "keygen", "--config", conf, key)
        return self.daemon(["jpki-signerd", "serve", "--config", conf], path)

    def start_zones(self):
        self.signerd_ocsp = self.zone("ocsp", (("ocsp-sign", "ocsp"), ("ocsp-auth", "ocsp")))
        self.signerd_token = self.zone("token", (("token", "token"), ("verifier", "verifier")))
        pem = run(program("jpki-signerd"), "certificate", "--config", self.dir.file("token-zone.conf"), "verifier")
        write_text(self.dir.file("verifier.pem"), pem.stdout.decode())
        self.signerd_ocsp.start()
        self.signerd_token.start()

    def start_issuing(self):
        me, conf = os.getuid(), self.dir.file("authority.conf")
        with open(conf, "a", encoding="utf-8") as f:
            f.write(f"ocspd_peers = {me}\noperator_peers = {me}\nocsp_signer = {self.dir.file('ocsp.sock')}\n")
        for command, path in (("init-ca", "anchors/{}-ca.pem"), ("issue-ocsp", "{}-ocsp.pem")):
            for kind in KINDS:
                pem = run(program("jpki-authorityd"), command, "--config", conf, kind).stdout
                write_text(self.dir.file(path.format(kind)), pem.decode())
        self.authorityd.start()
        self.registerd.start()
        self.at_counter()
        pem = self.dir.file("verifier.pem")
        certificate = run("openssl", "x509", "-in", pem, "-outform", "DER").stdout
        body = {"name": "platform", "certificate": base64.b64encode(certificate).decode()}
        status, answer = ask(self.authority_socket, "POST", "/v1/verifiers", body)
        assert status == 201, answer

    def start_ocsp(self):
        self.ocsp_socket, conf = self.dir.file("ocspd.sock"), self.dir.file("ocspd.conf")
        text = f"[ocsp]\nsocket = {self.ocsp_socket}\nauthority = {self.authority_socket}\n"
        text += f"signer = {self.dir.file('ocsp.sock')}\npoll_ms = 100\nvalid_s = {VALID_S}\n"
        for kind in KINDS:
            text += f"{kind}_ca = {self.dir.file('anchors', kind + '-ca.pem')}\n"
            text += f"{kind}_certificate = {self.dir.file(kind + '-ocsp.pem')}\n"
        write_text(conf, text)
        self.ocspd = self.daemon(["jpki-ocspd", "--config", conf], self.ocsp_socket)
        self.ocspd.start()
        wait_until("the responder knows everything", lambda: ask(self.ocsp_socket, "GET", "/readyz")[0] == 200)
        write_text(
            self.dir.file("ctl.conf"),
            f"[verifier]\nsigner = {self.dir.file('token.sock')}\nkey = verifier\n"
            f"certificate = {self.dir.file('verifier.pem')}\nanchors = {self.dir.file('anchors')}\n"
            f"ocsp_socket = {self.ocsp_socket}\n",
        )

    def start_platform(self):
        self.platform_socket, self.platform_port = self.dir.file("platform.sock"), free_port()
        self.configure_platform()
        conf = self.dir.file("platform.conf")
        keys = {
            name: run(
                *[program("jpki-platformd"), "tenant", "add", "--config", conf, "--name", name],
                *["--origin", f"https://{name}.example", name],
            ).stdout.decode().strip()
            for name in ("bank", "shop")
        }
        self.platformd = self.daemon(["jpki-platformd", "--config", conf], self.platform_socket)
        self.platformd.start()
        self.provider, self.other_provider = (
            Provider(self.platform_socket, key, self.dir.file("token.der")) for key in keys.values()
        )

    def configure_platform(self, ocsp=None):
        """ocsp: where it asks instead of the responder's socket. Taken at the next start."""
        write_text(
            self.dir.file("platform.conf"),
            f"[platform]\nsocket = {self.platform_socket}\nport = {self.platform_port}\norigin = {ORIGIN}\n"
            f"database = {self.database('platformd')}\nsigner = {self.dir.file('token.sock')}\n"
            f"sign_cas = {self.dir.file('anchors', 'sign-ca.pem')}\n"
            f"auth_cas = {self.dir.file('anchors', 'auth-ca.pem')}\n"
            f"ocsp = {ocsp or self.ocsp_socket}\nverifier_certificate = {self.dir.file('verifier.pem')}\n",
        )

    def status_of(self, cert):
        """What the OCSP responder says to a verifier about the certificate in a file: jpkictl's JSON,
        or None if it could not be asked."""
        done = run(program("jpkictl"), "cert", "status", "--config", self.dir.file("ctl.conf"), "--json", cert, check=False)
        if done.returncode == 5:
            return None
        assert done.returncode in (0, 1, 7), (done.returncode, done.stderr)
        return json.loads(done.stdout)

    def close(self):
        for daemon in self.daemons().values():
            daemon.close()
        self.dir.close()
