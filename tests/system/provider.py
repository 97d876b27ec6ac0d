# SPDX-License-Identifier: Apache-2.0
"""A provider and the people who log in at it, with openssl only: nothing of ours but the answers."""
import base64
import hashlib
import hmac
import json
import os

from harness import UnixConnection, run

ORIGIN = "http://127.0.0.1"  # as the platform's configuration says; no connection is made to it


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def der(tag, contents):
    size = len(contents)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + contents


def spki_of(jwk):
    """SubjectPublicKeyInfo of an RSA key in a JWK (RFC 8017, A.1.1)."""
    numbers = [base64.urlsafe_b64decode(jwk[name] + "==") for name in ("n", "e")]
    key = der(0x30, b"".join(der(0x02, (b"\0" if n[0] & 0x80 else b"") + n) for n in numbers))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return der(0x30, algorithm + der(0x03, b"\0" + key))


def sign(key, data):
    return run("openssl", "dgst", "-sha256", "-sign", key, data=data).stdout


def login_message(challenge, origin=ORIGIN):
    """What a card signs for a login (crypto/bound.h)."""
    nonce = hashlib.sha256(base64.b64decode(challenge["nonce"])).digest()
    fields = ["OpenJPKI login v1", origin, challenge["provider"]["client_id"], "", challenge["session"], nonce]
    fields.append(str(challenge["expires_at"]))
    octets = [field if isinstance(field, bytes) else field.encode() for field in fields]
    return b"".join(len(field).to_bytes(4, "big") + field for field in octets)


class Provider:
    """A tenant of the platform that listens on a socket; key_file is where its key may be written."""

    def __init__(self, socket, tenant_key, key_file):
        self.socket, self.tenant_key, self.key_file = socket, tenant_key, key_file
        jwk, *others = self.ask("GET", "/v1/keys")[1]["keys"]
        self.kid = jwk["kid"]
        self.point = others[0] if others else None
        with open(key_file, "wb") as f:
            f.write(spki_of(jwk))

    def ask(self, method, url, body=None, authorization=None):
        """The status and the JSON of the answer (None if there is none)."""
        connection = UnixConnection(self.socket, 30)
        try:
            who = "Bearer " + self.tenant_key if authorization is None else authorization
            headers = {"Authorization": who, "Content-Type": "application/json"}
            connection.request(method, url, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def encrypt(self, plain):
        """Compact JWE, RSA-OAEP-256 and A128CBC-HS256 (RFC 7518, 4.3 and 5.2.3)."""
        key = os.urandom(32)
        options = "rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"
        wrapped = run(
            *["openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", self.key_file],
            *[word for option in options for word in ("-pkeyopt", option)],
            data=key,
        ).stdout
        header = {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "kid": self.kid}
        return self.seal(header, key, wrapped, plain)

    def encrypt_agreed(self, plain):
        """The same by ECDH-ES (RFC 7518, 4.6), of openssl's key, shared secret and digest."""
        mine = run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout
        point = run("openssl", "pkey", "-pubout", "-outform", "DER", data=mine).stdout[-64:]
        paths = self.key_file + ".mine", self.key_file + ".theirs"
        theirs = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
        theirs += b"".join(base64.urlsafe_b64decode(self.point[name] + "=") for name in "xy")
        for path, data in zip(paths, (mine, theirs)):
            with open(path, "wb") as f:
                f.write(data)
        shared = run("openssl", "pkeyutl", "-derive", "-inkey", paths[0], "-peerform", "DER", "-peerkey", paths[1]).stdout
        name = b"A128CBC-HS256"
        info = len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")
        epk = {"kty": "EC", "crv": "P-256", "x": base64url(point[:32]), "y": base64url(point[32:])}
        header = {"alg": "ECDH-ES", "enc": "A128CBC-HS256", "kid": self.point["kid"], "epk": epk}
        return self.seal(header, hashlib.sha256(b"\0\0\0\1" + shared + info).digest(), b"", plain)

    @staticmethod
    def seal(header, key, wrapped, plain):
        header, iv = base64url(json.dumps(header).encode()), os.urandom(16)
        text = run("openssl", "enc", "-aes-128-cbc", "-K", key[16:].hex(), "-iv", iv.hex(), data=plain).stdout
        covered = header.encode() + iv + text + (len(header) * 8).to_bytes(8, "big")
        tag = hmac.new(key[:16], covered, hashlib.sha256).digest()[:16]
        return ".".join([header, *map(base64url, (wrapped, iv, text, tag))])

    def document(self, key, cert):
        """The body of a verification: some document, signed."""
        document = os.urandom(100)
        digest = base64.b64encode(hashlib.sha256(document).digest()).decode()
        return {
            "digest": {"alg": "SHA-256", "value": digest},
            "signature": base64.b64encode(sign(key, document)).decode(),
            "certificate": self.encrypt(cert),
        }

    def login_answer(self, challenge, key, cert):
        return {
            "certificate": self.encrypt(cert),
            "signature": base64.b64encode(sign(key, login_message(challenge))).decode(),
            "secret": challenge["secret"],
        }
