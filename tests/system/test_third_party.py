#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs of others, as they are in Debian, with the card of a sandbox's first persona through pcscd.

Each line was first run by hand; realclients.md 3 has them, and which of them cannot work with any
card because OpenSC does not (PSS, changing a PIN)."""
import os
import re
import shutil
import subprocess

import prepared
from harness import Directory, Skip, free_port, main, program, read_text, run, test, wait_until, write_text

PIN, PASSWORD = "1234", "ABC123"
MODULE = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
AUTH, SIGN = "JPKI (User Authentication PIN)", "JPKI (Digital Signature PIN)"


def uri(token, number, kind, pin=None):
    name = token.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"pkcs11:token={name};id=%{number:02d};type={kind}" + (f";pin-value={pin}" if pin else "")


KEY, CERTIFICATE = uri(AUTH, 1, "private", PIN), uri(AUTH, 1, "cert")
SIGN_KEY = uri(SIGN, 2, "private", PASSWORD)


class Site:
    """A sandbox, its card in pcscd's reader, and the certificates on it as OpenSC reads them."""

    def __init__(self):
        self.dir = Directory()
        os.chmod(self.dir.path, 0o711)  # as root, the programs of a sandbox have users of their own
        self.home = self.dir.file("s")
        prepared.make_at(self.home)
        run(program("jpki-sandbox"), "up", "--detach", "--dir", self.home)
        exports = run(program("jpki-sandbox"), "env", "--dir", self.home).stdout.decode()
        found = dict(re.findall(r"export (PCSCLITE_CSOCK_NAME)='([^']*)'", exports))
        self.has_reader = bool(found)
        self.env = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "LC_ALL": "C", "HOME": self.dir.path,
                    "OPENSC_DRIVER": "jpki", "PKCS11_MODULE_PATH": MODULE, **found}
        self.message = self.dir.file("message")
        write_text(self.message, "to be signed\n")
        if self.has_reader:
            run(program("jpki-sandbox"), "persona", "card", "hanako", "--dir", self.home)
            wait_until("the card is in the reader", lambda: "0    Yes" in self.tool("opensc-tool", "-l"))
            self.read_certificates()

    def read_certificates(self):
        for number, name in ((1, "auth"), (3, "auth-ca"), (4, "sign-ca")):
            self.tool("pkcs15-tool", "--read-certificate", f"{number:02d}", "-o", self.dir.file(f"{name}.pem"))
        self.tool("pkcs15-tool", "--verify-pin", "--auth-id", "02", "--pin", PASSWORD, "--read-certificate", "02",
                  "-o", self.dir.file("sign.pem"))
        for name in ("auth", "sign"):
            public = self.tool("openssl", "x509", "-in", self.dir.file(f"{name}.pem"), "-noout", "-pubkey")
            write_text(self.dir.file(f"{name}.pub"), public)

    def tool(self, *argv, check=True, data=None, env=None, seconds=60):
        """What a program printed, on both streams."""
        if not self.has_reader:
            raise Skip("namespaces are not permitted here, so there is no pcscd")
        if shutil.which(argv[0], path=self.env["PATH"]) is None:
            raise Skip(f"{argv[0]} is not installed")
        done = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=seconds, env={**self.env, **(env or {})}, cwd=self.dir.path)
        text = done.stdout.decode(errors="replace")
        assert not check or done.returncode == 0, f"{argv}: {done.returncode}: {text[-2000:]}"
        return text

    def verify(self, signature, name="auth", digest="-sha256"):
        assert "Verified OK" in self.tool("openssl", "dgst", digest, "-verify", self.dir.file(f"{name}.pub"),
                                          "-signature", self.dir.file(signature), self.message)

    def background(self, *argv):
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env=self.env, cwd=self.dir.path)

    def close(self):
        run(program("jpki-sandbox"), "down", "--dir", self.home)
        self.dir.close()


# --- OpenSC and pcsc-tools


@test
def opensc_tool_and_scriptor_send_raw_commands(site):
    text = site.tool("opensc-tool", "-s", "00:A4:04:0C:0A:D3:92:F0:00:26:01:00:00:00:01", "-s", "00:A4:02:0C:02:00:06",
                     "-s", "00:B0:00:00:20")
    assert text.count("SW1=0x90, SW2=0x00") == 3 and "JPKIAPICCTOKEN2" in text, text
    script = site.dir.file("apdus.txt")
    write_text(script, "00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01\n00 A4 02 0C 02 00 18\n00 20 00 80\n")
    reader = re.search(r"^0 +Yes +(.*)$", site.tool("opensc-tool", "-l"), re.MULTILINE).group(1)
    text = site.tool("scriptor", "-r", reader, script)
    assert text.count("90 00 : Normal processing") == 2 and "63 C3" in text, text


@test
def pkcs15_tools_list_verify_and_sign(site):
    assert "Tries left     : 3" in site.tool("pkcs15-tool", "--list-pins")
    assert len(re.findall(r"^X\.509 Certificate", site.tool("pkcs15-tool", "-c"), re.MULTILINE)) == 4
    assert len(re.findall(r"^Private RSA Key", site.tool("pkcs15-tool", "-k"), re.MULTILINE)) == 2
    site.tool("pkcs15-tool", "--verify-pin", "--auth-id", "01", "--pin", PIN)
    hashed, signature = site.dir.file("hash"), site.dir.file("p15.sig")
    site.tool("openssl", "dgst", "-sha256", "-binary", "-out", hashed, site.message)
    site.tool("pkcs15-crypt", "-s", "-k", "1", "-p", PIN, "--sha-256", "--pkcs1", "-R", "-i", hashed, "-o", signature)
    site.verify("p15.sig")


@test
def pkcs11_tool_signs_by_every_mechanism_it_has(site):
    for option in ("-L", "-T", "-I", "-M", "-O"):
        site.tool("pkcs11-tool", "--module", MODULE, option)
    for slot, pin, key, name in ((0, PIN, "01", "auth"), (1, PASSWORD, "02", "sign")):
        for digest in ("SHA1", "SHA256", "SHA384", "SHA512"):
            site.tool("pkcs11-tool", "--module", MODULE, "--slot-index", str(slot), "--login", "--pin", pin, "--sign",
                      "--id", key, "-m", f"{digest}-RSA-PKCS", "-i", site.message, "-o", site.dir.file("p11.sig"))
            site.verify("p11.sig", name, "-" + digest.lower())
        assert "No errors" in site.tool("pkcs11-tool", "--module", MODULE, "--slot-index", str(slot), "--login",
                                        "--pin", pin, "--test")


@test
def four_programs_at_once_sign_without_a_failure(site):
    site.tool("pkcs11-tool", "--module", MODULE, "-L")
    script = ("for i in 1 2 3 4 5; do pkcs11-tool --module $1 --slot-index 0 --login --pin 1234 --sign --id 01 "
              "-m SHA256-RSA-PKCS -i $2 -o $3 || exit 1; done")
    started = [site.background("sh", "-c", script, "sh", MODULE, site.message, site.dir.file(f"many{i}.sig"))
               for i in range(4)]
    assert [process.wait(timeout=120) for process in started] == [0, 0, 0, 0]
    for i in range(4):
        site.verify(f"many{i}.sig")


# --- openssl


@test
def the_openssl_engine_signs_with_both_keys(site):
    assert "[ available ]" in site.tool("openssl", "engine", "-t", "-c", "pkcs11")
    site.tool("openssl", "dgst", "-engine", "pkcs11", "-keyform", "engine", "-sign", KEY, "-sha256", "-out",
              site.dir.file("engine.sig"), site.message)
    site.verify("engine.sig")
    site.tool("openssl", "pkeyutl", "-engine", "pkcs11", "-keyform", "engine", "-inkey", KEY, "-sign", "-rawin",
              "-digest", "sha256", "-in", site.message, "-out", site.dir.file("pkeyutl.sig"))
    site.verify("pkeyutl.sig")
    request = site.tool("openssl", "req", "-new", "-engine", "pkcs11", "-keyform", "engine", "-key", KEY, "-subj",
                        "/CN=x", "-sha256", "-out", site.dir.file("x.csr"))
    assert "verify OK" in site.tool("openssl", "req", "-in", site.dir.file("x.csr"), "-verify", "-noout"), request


@test
def openssl_makes_a_cms_with_the_sign_key(site):
    conf = site.dir.file("opensc.conf")
    write_text(conf, "app default { card_drivers = jpki; framework pkcs15 { pin_cache_ignore_user_consent = true; } }")
    site.tool("openssl", "cms", "-sign", "-engine", "pkcs11", "-keyform", "engine", "-inkey", SIGN_KEY, "-signer",
              site.dir.file("sign.pem"), "-in", site.message, "-binary", "-nodetach", "-md", "sha256", "-outform", "DER",
              "-out", site.dir.file("m.p7"), env={"OPENSC_CONF": conf})
    site.tool("openssl", "cms", "-verify", "-in", site.dir.file("m.p7"), "-inform", "DER", "-CAfile",
              site.dir.file("sign-ca.pem"), "-purpose", "any", "-out", site.dir.file("out"))
    assert read_text(site.dir.file("out")) == read_text(site.message)


# --- TLS client authentication


class Server:
    """openssl s_server that wants a certificate of the card's CA; TLS 1.2, as OpenSC has no PSS."""

    def __init__(self, site):
        self.site, self.port = site, free_port()
        certificate, key = site.dir.file("srv.pem"), site.dir.file("srv.key")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days",
            "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        write_text(site.dir.file("index.html"), "TLS-OK\n")
        self.certificate = certificate
        self.process = site.background(
            "openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", certificate, "-key", key, "-CAfile",
            site.dir.file("auth-ca.pem"), "-Verify", "2", "-verify_return_error", "-tls1_2", "-client_sigalgs",
            "RSA+SHA256:RSA+SHA384:RSA+SHA512", "-WWW")
        wait_until("the server listens", self.listens)

    def listens(self):
        return f":{self.port:04X} " in read_text("/proc/net/tcp")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def server(site):
    if not site.has_reader:
        raise Skip("namespaces are not permitted here, so there is no pcscd")
    return Server(site)


@test
def a_tls_server_lets_curl_and_wget_in_by_card_only(site):
    with server(site) as tls:
        url = f"https://localhost:{tls.port}/index.html"
        refused = site.tool("curl", "-sS", "--cacert", tls.certificate, url, check=False)
        assert "TLS-OK" not in refused, refused
        assert "TLS-OK" in site.tool("curl", "-sS", "--cacert", tls.certificate, "--key", KEY, "--cert", CERTIFICATE, url)
        assert "TLS-OK" in site.tool("wget", "-q", "-O", "-", "--ca-certificate", tls.certificate,
                                     "--secure-protocol=TLSv1_2", "--certificate", CERTIFICATE, "--private-key", KEY, url)


@test
def a_tls_server_lets_gnutls_and_nss_in(site):
    request = b"GET /index.html HTTP/1.0\r\n\r\n"
    with server(site) as tls:
        for argv in (
                ("gnutls-cli", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "--x509cafile", tls.certificate,
                 "--x509keyfile", KEY, "--x509certfile", CERTIFICATE, "-p", str(tls.port), "localhost"),
                ("tstclnt", "-h", "127.0.0.1", "-a", "localhost", "-p", str(tls.port), "-d", nss(site, "tls", MODULE), "-V",
                 "tls1.2:tls1.2", "-n", f"{AUTH}:User Authentication Certificate", "-w", PIN, "-o")):
            text = feed_slowly(site, argv, request)
            assert "TLS-OK" in text, text


def feed_slowly(site, argv, data):
    """gnutls-cli ends when its input does, which stays open until the answer was there; tstclnt does
    not, and is ended."""
    script = "(printf '%s' \"$DATA\"; sleep 3) | timeout 8 \"$@\""
    return site.tool("sh", "-c", script, "sh", *argv, check=False, env={"DATA": data.decode()})


# --- GnuTLS


@test
def gnutls_lists_exports_and_signs(site):
    module = ("--provider", MODULE)
    assert AUTH in site.tool("p11tool", *module, "--list-tokens")
    token = uri(AUTH, 1, "private").split(";", maxsplit=1)[0]
    assert "Private key" in site.tool("p11tool", *module, "--login", "--set-pin", PIN, "--list-all", token)
    assert site.tool("p11tool", *module, "--export-chain", CERTIFICATE).count("BEGIN CERTIFICATE") == 2
    for key, pin in ((uri(AUTH, 1, "private"), PIN), (uri(SIGN, 2, "private"), PASSWORD)):
        assert "ok" in site.tool("p11tool", *module, "--login", "--set-pin", pin, "--test-sign", key)


@test
def certtool_signs_a_message_with_the_sign_key(site):
    site.tool("certtool", "--provider", MODULE, "--p7-sign", "--load-privkey", SIGN_KEY, "--load-certificate",
              site.dir.file("sign.pem"), "--infile", site.message, "--outfile", site.dir.file("gnutls.p7"))
    site.tool("openssl", "cms", "-verify", "-in", site.dir.file("gnutls.p7"), "-inform", "PEM", "-CAfile",
              site.dir.file("sign-ca.pem"), "-purpose", "any", "-out", site.dir.file("out"))
    assert read_text(site.dir.file("out")) == read_text(site.message)


# --- OpenSSH


def askpass(site):
    path = site.dir.file("askpass")
    write_text(path, f"#!/bin/sh\necho {PIN}\n", 0o700)
    return {"SSH_ASKPASS": path, "SSH_ASKPASS_REQUIRE": "force"}


def public_key(site):
    keys = [line for line in site.tool("ssh-keygen", "-D", MODULE).splitlines() if line.startswith("ssh-rsa ")]
    assert keys
    write_text(site.dir.file("card.pub"), keys[0] + "\n", 0o644)
    return site.dir.file("card.pub")


@test
def ssh_keygen_signs_a_file(site):
    key, message = public_key(site), site.message
    agent = site.tool("ssh-agent", "-P", "/usr/lib/*", "-a", site.dir.file("agent"))
    pid = int(re.search(r"SSH_AGENT_PID=(\d+)", agent).group(1))
    env = {"SSH_AUTH_SOCK": site.dir.file("agent"), **askpass(site)}
    try:
        site.tool("ssh-add", "-s", MODULE, env=env)
        site.tool("ssh-keygen", "-Y", "sign", "-f", key, "-n", "file", message, env=env)
    finally:
        os.kill(pid, 15)
    write_text(site.dir.file("allowed"), "me@example " + read_text(key))
    text = site.tool("sh", "-c", 'ssh-keygen -Y verify -f "$1" -I me@example -n file -s "$2" < "$3"', "sh",
                     site.dir.file("allowed"), message + ".sig", message)
    assert 'Good "file" signature' in text, text


@test
def ssh_logs_in_with_the_card(site):
    if os.getuid() != 0:
        raise Skip("sshd needs root to log somebody in")
    if shutil.which("sshd", path=site.env["PATH"]) is None:
        raise Skip("sshd is not installed")
    os.makedirs("/run/sshd", exist_ok=True)
    port = free_port()
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", site.dir.file("host"))
    shutil.copy(public_key(site), site.dir.file("authorized"))
    write_text(site.dir.file("sshd_config"), f"Port {port}\nListenAddress 127.0.0.1\nHostKey {site.dir.file('host')}\n"
               f"PidFile {site.dir.file('sshd.pid')}\nAuthorizedKeysFile {site.dir.file('authorized')}\nUsePAM no\n"
               "StrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n")
    sshd = site.background(shutil.which("sshd", path=site.env["PATH"]), "-D", "-f", site.dir.file("sshd_config"), "-E",
                           site.dir.file("sshd.log"))
    try:
        wait_until("sshd listens", lambda: f":{port:04X} " in read_text("/proc/net/tcp"))
        login = ("ssh", "-F", "none", "-p", str(port), "-o", "UserKnownHostsFile=/dev/null", "-o",
                 "StrictHostKeyChecking=no", "-o", "IdentityAgent=none")
        refused = site.tool(*login, "-o", "BatchMode=yes", "root@127.0.0.1", "echo LOGIN-OK", check=False)
        assert "LOGIN-OK" not in refused, refused
        text = site.tool(*login, "-o", f"PKCS11Provider={MODULE}", "root@127.0.0.1", "echo LOGIN-OK", env=askpass(site))
        assert "LOGIN-OK" in text, text + read_text(site.dir.file("sshd.log"))
    finally:
        sshd.terminate()
        sshd.communicate()


# --- NSS and poppler


def nss(site, name, module, conf=None):
    """A database of NSS that knows the module."""
    place = site.dir.file("nss-" + name)
    if not os.path.exists(place):
        os.mkdir(place)
        env = {"OPENSC_CONF": conf} if conf else {}
        site.tool("certutil", "-N", "-d", f"sql:{place}", "--empty-password")
        site.tool("modutil", "-dbdir", f"sql:{place}", "-add", "JPKI", "-libfile", module, "-force", env=env)
    return f"sql:{place}"


@test
def nss_lists_both_certificates_and_keys(site):
    database, pins = nss(site, "list", MODULE), site.dir.file("pins")
    write_text(pins, f"{AUTH}:{PIN}\n{SIGN}:{PASSWORD}\n")
    text = site.tool("certutil", "-L", "-d", database, "-h", "all", "-f", pins)
    for name in (f"{AUTH}:User Authentication Certificate", f"{SIGN}:Digital Signature Certificate"):
        assert name in text, text
    keys = site.tool("certutil", "-K", "-d", database, "-h", "all", "-f", pins)
    assert len(re.findall(r"^<.*rsa", keys, re.MULTILINE)) == 2, keys


def pdf(path):
    """The smallest document that has a page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>"]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"xref\n0 4\n0000000000 65535 f \n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    with open(path, "wb") as file:
        file.write(out + tail % (table, len(out)))


@test
def pdfsig_signs_a_pdf_with_each_key(site):
    plain = site.dir.file("in.pdf")
    pdf(plain)
    conf = site.dir.file("sign-only.conf")
    write_text(conf, 'app default { card_drivers = jpki; }\napp opensc-pkcs11 { pkcs11 { create_slots_for_pins = "sign"; } }')
    onepin = os.path.join(os.path.dirname(MODULE), "onepin-opensc-pkcs11.so")
    for name, module, used, pin, nick in (
            ("auth", onepin, None, PIN, f"{AUTH}:User Authentication Certificate"),
            ("sign", MODULE, conf, PASSWORD, f"{SIGN}:Digital Signature Certificate")):
        database, out = nss(site, "pdf-" + name, module, used), site.dir.file(name + ".pdf")
        env = {"OPENSC_CONF": used} if used else {}
        site.tool("pdfsig", "-nssdir", database, "-nss-pwd", pin, "-add-signature", "-nick", nick, plain, out, env=env)
        text = site.tool("pdfsig", "-nssdir", database, "-nss-pwd", pin, out, env=env, check=False)
        assert "Signature is Valid." in text, text


if __name__ == "__main__":
    main(Site)
