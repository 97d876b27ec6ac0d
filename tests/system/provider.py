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
        jwk = next(key for key in self.ask("GET", "/v1/keys")[1]["keys"] if key["kty"] == "RSA")
        self.kid = jwk["kid"]
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
        header = base64url(json.dumps({"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "kid": self.kid}).encode())
        key, iv = os.urandom(32), os.urandom(16)
        options = "rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"
        wrapped = run(
            *["openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", self.key_file],
            *[word for option in options for word in ("-pkeyopt", option)],
            data=key,
        ).stdout
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
