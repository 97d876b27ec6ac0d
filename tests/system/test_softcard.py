#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The software card in pcscd's virtual reader, judged by OpenSC and OpenSSL as they are in Debian."""
import base64
import os
import re
import shutil
import signal
import socket
import struct
import subprocess

from harness import Directory, Skip, ask, listens, main, program, read_text, run, test, wait_until, write_text

AUTH_PIN, SIGN_PIN = "4071", "CANARY9PIN3"
MODULE = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
READER = 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x8C7B\n' \
    "LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID 0x8C7B\n"
# A mount namespace for /run/pcscd, a network namespace because vpcd listens on all addresses.
SCRIPT = """
ip link set lo up && mount --bind "$1" /run/pcscd || exit 77
pcscd -f -c "$1/conf" & P=$!
shift
"$@" & C=$!
trap 'kill $C $P' TERM
wait $C; status=$?
test $status -le 128 || { wait $C; status=$?; }
kill $P; wait
exit $status
"""


class Card:
    """A personalised card, served on its sockets and, where that can be, to pcscd."""

    def __init__(self):
        self.dir = Directory()
        self.file, self.log = self.dir.file("card"), self.dir.file("log")
        self.direct, self.control = self.dir.file("direct"), self.dir.file("control")
        run(program("jpki-softcard"), "make", "-o", self.file, "--serial", "0000000000000047")
        self.process, self.no_reader = None, self.why_no_reader()
        self.start()

    @classmethod
    def why_no_reader(cls, names=("pcscd", "opensc-tool", "pkcs11-tool", "pkcs15-tool", "unshare", "ip")):
        for name in names:
            if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
                return f"{name} is not installed"
        done = run("unshare", *cls.namespaces(), "true", check=False)
        return None if done.returncode == 0 else f"no namespaces: {done.stderr.decode().strip()}"

    @staticmethod
    def namespaces():
        user = [] if os.getuid() == 0 else ["-r"]
        return [*user, "-m", "-n", "--propagation", "private"]

    def serve_command(self):
        return [program("jpki-softcard"), "serve", self.file, "--direct", self.direct, "--control", self.control]

    def start(self):
        command = self.serve_command()
        if self.no_reader is None:
            pcscd = self.dir.file("pcscd")
            os.makedirs(os.path.join(pcscd, "conf"), exist_ok=True)
            os.makedirs("/run/pcscd", exist_ok=True)
            write_text(os.path.join(pcscd, "conf", "reader"), READER)
            command = ["unshare", *self.namespaces(), "sh", "-c", SCRIPT, "sh", pcscd, *command,
                       "--vpcd", "127.0.0.1:35963"]
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, "PATH": path})
        wait_until("the card serves", lambda: self.process.poll() is not None or listens(self.control))
        assert self.process.poll() is None, read_text(self.log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self.dir.close()

    def ask(self, method, url, body=None):
        return ask(self.control, method, url, body)

    def client(self, *argv, check=True):
        """A client of pcscd, from outside the namespaces."""
        if self.no_reader is not None:
            raise Skip(self.no_reader)
        socket_name = self.dir.file("pcscd", "pcscd.comm")
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              env={**os.environ, "PCSCLITE_CSOCK_NAME": socket_name, "LC_ALL": "C"})
        text = done.stdout.decode(errors="replace")
        assert not check or done.returncode == 0, text
        return text

    def has_card(self):
        return re.search(r"^0 +Yes", self.client("opensc-tool", "-l"), re.MULTILINE) is not None


def issue(card, kind):
    """A CA with openssl and a certificate over the card's key; both in DER."""
    d, name = card.dir, {"sign": "digital signature", "auth": "user authentication"}[kind]
    subject = f"/C=JP/O=OpenJPKI TEST/OU=OpenJPKI TEST for {name}/OU=OpenJPKI TEST Certification Authority"
    ca, key, request = d.file(kind + "-ca.pem"), d.file(kind + "-ca.key"), d.file(kind + ".csr")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", ca, "-sha256", "-utf8",
        "-days", "3650", "-subj", subject, "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-addext", "basicConstraints=critical,CA:TRUE")
    status, body = card.ask("POST", "/v1/keys", {"key": kind})
    assert status == 201 and base64.b64decode(body["spki"]), body
    status, body = card.ask("POST", "/v1/requests", {"key": kind})
    assert status == 200, body
    with open(request, "wb") as f:
        f.write(base64.b64decode(body["request"]))
    write_text(d.file("extensions"), "keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\n"
               "subjectKeyIdentifier=hash\n")
    der = run("openssl", "x509", "-req", "-in", request, "-inform", "DER", "-CA", ca, "-CAkey", key, "-days", "1826",
              "-set_serial", "2", "-sha256", "-extfile", d.file("extensions"), "-outform", "DER").stdout
    write_text(d.file(kind + ".pem"), run("openssl", "x509", "-inform", "DER", data=der).stdout.decode())
    return der, run("openssl", "x509", "-in", ca, "-outform", "DER").stdout


@test
def a_blank_card_is_no_my_number_card_yet(card):
    status, body = card.ask("GET", "/v1/card")
    assert status == 200 and body["personalised"] is False and body["serial"] == "0000000000000047", body
    assert exchange(card, "00A4040C0AD392F000260100000001") == bytes.fromhex("6A82")


@test
def a_second_process_cannot_have_the_card(card):
    done = run(program("jpki-softcard"), "serve", card.file, "--direct", card.dir.file("other"), check=False)
    assert done.returncode == 6 and b"in use" in done.stderr, done
    assert not os.path.exists(card.dir.file("other"))


@test
def a_socket_path_too_long_is_refused(card):
    path = card.dir.file("s" * (108 - len(card.dir.file(""))))
    other = card.dir.file("spare")
    run(program("jpki-softcard"), "make", "-o", other)
    done = run(program("jpki-softcard"), "serve", other, "--direct", path, check=False)
    assert done.returncode == 2 and b"107" in done.stderr, done


@test
def the_card_is_personalised_once(card):
    certificates, pins = {}, {"auth": AUTH_PIN, "sign": SIGN_PIN}
    for kind in ("auth", "sign"):
        own, ca = issue(card, kind)
        certificates[kind] = base64.b64encode(own).decode()
        certificates[kind + "_ca"] = base64.b64encode(ca).decode()
    body = {"certificates": {**certificates, "auth": certificates["sign"]}, "pins": pins}
    assert card.ask("POST", "/v1/personalisation", body)[0] == 422
    body = {"certificates": certificates, "pins": pins}
    assert card.ask("POST", "/v1/personalisation", body)[0] == 204
    assert card.ask("POST", "/v1/personalisation", body)[0] == 409


def exchange(card, *commands):
    """The last answer of a session on the direct socket."""
    answer = b""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(card.direct)
        for command in commands:
            data = bytes.fromhex(command)
            s.sendall(struct.pack(">H", len(data)) + data)
            with s.makefile("rb") as f:
                answer = f.read(struct.unpack(">H", f.read(2))[0])
    return answer


@test
def pcscd_sees_a_card(card):
    wait_until("a card in the reader", card.has_card)
    assert "3b:88:80:01:00:00:41:e0:b3:81:a1:00:3b" in card.client("opensc-tool", "-a")


def is_recognised(card):
    return "jpki" in card.client("opensc-tool", "-n", check=False).split()


@test
def opensc_recognises_it_among_all_its_drivers(card):
    assert is_recognised(card)


@test
def opensc_sees_both_keys_pins_and_all_certificates(card):
    text = card.client("pkcs15-tool", "--dump")
    for expected in ("User Authentication PIN", "Digital Signature PIN", "User Authentication Key",
                     "Digital Signature Key", "Tries left     : 3", "Tries left     : 5"):
        assert expected in text, text
    assert len(re.findall(r"^X\.509 Certificate", text, re.MULTILINE)) == 4, text
    read = card.client("pkcs15-tool", "--read-certificate", "01")
    assert read.strip().endswith(read_text(card.dir.file("auth.pem")).strip()), read


def sign_with(card, slot, pin, key, mechanism):
    data, signature = card.dir.file("data"), card.dir.file("signature")
    write_text(data, "to be signed\n")
    card.client("pkcs11-tool", "--module", MODULE, "--slot-index", str(slot), "--login", "--pin", pin, "--sign",
                "--id", key, "-m", mechanism, "-i", data, "-o", signature)
    return data, signature


@test
def both_keys_sign_and_openssl_accepts_it(card):
    for slot, pin, key, name in ((0, AUTH_PIN, "01", "auth"), (1, SIGN_PIN, "02", "sign")):
        public = card.dir.file("public.pem")
        write_text(public, run("openssl", "x509", "-in", card.dir.file(name + ".pem"), "-noout", "-pubkey")
                   .stdout.decode())
        for mechanism, digest in (("SHA256-RSA-PKCS", "-sha256"), ("SHA512-RSA-PKCS", "-sha512")):
            data, signature = sign_with(card, slot, pin, key, mechanism)
            done = run("openssl", "dgst", digest, "-verify", public, "-signature", signature, data)
            assert b"Verified OK" in done.stdout


@test
def pkcs11_tool_finds_no_error_on_either_slot(card):
    for slot, pin in ((0, AUTH_PIN), (1, SIGN_PIN)):
        text = card.client("pkcs11-tool", "--module", MODULE, "--slot-index", str(slot), "--login", "--pin", pin,
                           "--test")
        assert "No errors" in text, text


@test
def the_sign_certificate_needs_the_password(card):
    card.client("opensc-tool", "--reset")  # pcscd keeps a card powered after its last client
    refused = card.client("pkcs15-tool", "--read-certificate", "02", check=False)
    assert "BEGIN CERTIFICATE" not in refused, refused
    text = card.client("pkcs15-tool", "--verify-pin", "--auth-id", "02", "--pin", SIGN_PIN,
                       "--read-certificate", "02")
    assert read_text(card.dir.file("sign.pem")).strip() in text, text


@test
def a_wrong_pin_is_counted_on_disk_and_forgiven_by_the_right_one(card):
    text = card.client("pkcs11-tool", "--module", MODULE, "--slot-index", "0", "--login", "--pin", "0000", "-O",
                       check=False)
    assert "CKR_PIN_INCORRECT" in text, text
    assert b'"auth":{"set":true,"tries":2' in run(program("jpki-softcard"), "show", "--json", card.file).stdout
    assert "Tries left     : 2" in card.client("pkcs15-tool", "--dump")
    sign_with(card, 0, AUTH_PIN, "01", "SHA256-RSA-PKCS")
    assert card.ask("GET", "/v1/card")[1]["pins"]["auth"]["tries"] == 3


@test
def the_direct_socket_waits_for_pcscd_to_power_off(card):
    """pcscd does so about five seconds after its last client."""
    answer = exchange(card, "00A4040C0AD392F000260100000001", "0020009B")
    assert answer == bytes.fromhex("63C5"), answer


@test
def a_card_that_is_pulled_out_and_put_back_is_noticed(card):
    if card.no_reader is not None:
        raise Skip(card.no_reader)
    assert card.ask("POST", "/v1/insertion", {"inserted": False})[0] == 204
    wait_until("an empty reader", lambda: not card.has_card())
    assert card.ask("POST", "/v1/insertion", {"inserted": True})[0] == 204
    wait_until("a card in the reader", card.has_card)
    assert is_recognised(card)


@test
def a_card_that_says_garbage_is_refused_by_opensc(card):
    if card.no_reader is not None:
        raise Skip(card.no_reader)
    assert card.ask("POST", "/v1/trouble", {"garbage_after": 0})[0] == 204
    assert not is_recognised(card)
    for inserted in (False, True):
        assert card.ask("POST", "/v1/insertion", {"inserted": inserted})[0] == 204
    wait_until("a card that works", lambda: is_recognised(card))


@test
def it_stops_cleanly_and_starts_again_as_it_was(card):
    status = card.stop()
    assert status == 0, (status, read_text(card.log)[-1000:])
    assert not os.path.exists(card.direct) and not os.path.exists(card.control)
    shown = run(program("jpki-softcard"), "show", card.file).stdout
    card.start()
    assert run(program("jpki-softcard"), "show", card.file).stdout == shown
    answer = exchange(card, "00A4040C0AD392F000260100000001", "00200098" + "04" + AUTH_PIN.encode().hex())
    assert answer == bytes.fromhex("9000"), answer


@test
def no_pin_is_in_the_log_or_in_the_clear_on_disk(card):
    for name in os.listdir(card.dir.path):
        path = card.dir.file(name)
        if os.path.isfile(path):
            with open(path, "rb") as f:
                assert SIGN_PIN.encode() not in f.read(), name


if __name__ == "__main__":
    main(Card)
