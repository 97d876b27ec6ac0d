# SPDX-License-Identifier: Apache-2.0
"""Many RSA keys in no time, for tests that need a new one for each certificate: those that the build
made (tests/support/made_keys.h), or each the product of two primes out of a few, which is as good as
any for being told apart, and worthless otherwise."""
import base64
import hashlib
import os
import threading

from harness import run, write_text

BITS, EXPONENT = 2048, 65537
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
NAME = bytes.fromhex("300f310d300b06035504030c0463617264")  # CN=card


def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else (lambda n: bytes([128 + len(n)]) + n)(size.to_bytes((size.bit_length() + 7) // 8, "big"))
    return bytes([tag]) + length + body


def integer(number):
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def prime():
    while True:
        found = int(run("openssl", "prime", "-generate", "-bits", str(BITS // 2), "-hex").stdout, 16)
        if (found - 1) % EXPONENT != 0:
            return found


def sign(p, q, message):
    """PKCS#1 v1.5 with SHA-256, by the Chinese remainder theorem."""
    size = BITS // 8
    info = SHA256_INFO + hashlib.sha256(message).digest()
    block = int.from_bytes(b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info, "big")
    at_p = pow(block % p, pow(EXPONENT, -1, p - 1), p)
    at_q = pow(block % q, pow(EXPONENT, -1, q - 1), q)
    return (at_q + q * ((at_p - at_q) * pow(q, -1, p) % p)).to_bytes(size, "big")


def request(p, q):
    """A PKCS#10 of this key, signed by it."""
    key = tlv(0x30, integer(p * q), integer(EXPONENT))
    info = tlv(0x30, integer(0), NAME, tlv(0x30, RSA, tlv(3, b"\0", key)), tlv(0xA0))
    return tlv(0x30, info, RSA_SHA256, tlv(3, b"\0", sign(p, q, info)))


def pairs():
    """The two primes of a key, each key another, without an end. Each new prime makes a key with each
    one before it."""
    primes = []
    while True:
        primes.append(prime())
        for other in primes[:-1]:
            yield primes[-1], other


def requests():
    """Requests in base64, each of another key."""
    for p, q in pairs():
        yield base64.b64encode(request(p, q)).decode()


def private_pem(p, q):
    """RFC 8017, A.1.2."""
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = 0, p * q, EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)
    der = tlv(0x30, *(integer(number) for number in numbers))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END RSA PRIVATE KEY-----\n"


def made_keys():
    """Each PrivateKeyInfo that the build made, once a program."""
    path = os.environ.get("JPKI_TEST_MADE_KEYS")
    if path is None:
        return
    with open(path, "rb") as f:
        while size := int.from_bytes(f.read(2), "big"):
            yield f.read(size)


MADE, LOCK = made_keys(), threading.Lock()


def write_key(path):
    """A key in PEM that this program has not had; openssl makes it if there is no such any more."""
    with LOCK:
        key = next(MADE, None)
    if key is None:
        run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{BITS}", "-out", path)
    else:
        write_text(path, f"-----BEGIN PRIVATE KEY-----\n{base64.encodebytes(key).decode()}-----END PRIVATE KEY-----\n")
