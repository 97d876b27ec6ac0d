# SPDX-License-Identifier: Apache-2.0
"""A second opinion on the personal files of a card (card.md 3.2 to 3.7): Python's zlib and hashlib,
openssl and opj_decompress, none of which knows of us. Every check raises AssertionError."""
import hashlib
import os
import struct
import zlib

from harness import run

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
FACE_INFO = bytes.fromhex("3071300d060960864801650304020105000460")
# RSAPublicKey of 2048 bits, e = 65537, in SubjectPublicKeyInfo (RFC 3279, 2.3.1), around the modulus
SPKI_HEAD = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
SPKI_TAIL = bytes.fromhex("0203010001")


def tlv(data):
    """One element: tag, value, rest. Two-byte tags where the first says so; long lengths allowed."""
    size = 2 if data[0] & 0x1F == 0x1F else 1
    tag, length, at = int.from_bytes(data[:size], "big"), data[size], size + 1
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(data[at : at + count], "big"), at + count
    assert at + length <= len(data)
    return tag, data[at : at + length], data[at + length :]


def tlvs(data):
    """All elements: tag -> (value, header and value), in order."""
    found = {}
    while data:
        tag, value, rest = tlv(data)
        assert tag not in found
        found[tag] = (value, data[: len(data) - len(rest)])
        data = rest
    return found


def inside(data, tag, filler=b"\xff"):
    """The fields of the one element of a file, behind which is filler only."""
    found, value, rest = tlv(data)
    assert found == tag and rest.strip(filler) == b"", hex(found)
    return tlvs(value)


def spki_of(key):
    """A key as the card's files write it, as openssl reads it."""
    assert key[:9] == bytes.fromhex("900301000191820100") and len(key) == 265, key[:9].hex()
    return SPKI_HEAD + key[9:] + SPKI_TAIL


class Judge:
    def __init__(self, directory):
        self.directory = directory

    def path(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def recover(self, spki, signature):
        """What the signature pads, by openssl."""
        key = self.path("judge.der", spki)
        return run("openssl", "pkeyutl", "-verifyrecover", "-pubin", "-inkey", key, "-keyform", "DER",
                   "-pkeyopt", "rsa_padding_mode:pkcs1", data=signature).stdout

    def check(self, spki, signed, signature):
        """An ordinary signature with SHA-256."""
        assert self.recover(spki, signature) == DIGEST_INFO + hashlib.sha256(signed).digest()

    def certificate(self, data, root, subject):
        """The key of a CV certificate that this root has signed."""
        assert len(data) == 568
        parts = inside(data, 0x7F21)
        body, signature = parts[0x5F4E][0], parts[0x5F37][0]
        self.check(root, body, signature)
        assert body[16:28] == subject + b"\x08\x05001" and body[28:32] == bytes(4), body[16:32]
        return spki_of(body[32:])

    def text(self, files, root):
        """The text applet's files; name, address, birth date, sex and number in them."""
        issuer = self.certificate(files["text-0004"], root, b"9000034")
        digests = inside(files["text-0003"], 0xFF30)
        self.check(issuer, digests[0xDF31][1] + digests[0xDF32][1], digests[0xDF33][0])
        assert digests[0xDF31][0] == hashlib.sha256(files["text-0001"]).digest()
        attributes = inside(files["text-0002"], 0xFF20)
        offsets(files["text-0002"], attributes, [0xDF22, 0xDF23, 0xDF24, 0xDF25])
        signed = b"".join(attributes[tag][1] for tag in (0xDF22, 0xDF23, 0xDF24, 0xDF25))
        assert digests[0xDF32][0] == hashlib.sha256(signed).digest()
        own = inside(files["text-0007"], 0xFF50)
        self.check(issuer, own[0xDF51][1], own[0xDF52][0])
        assert tlv(files["text-0006"])[1] == own[0xDF51][0]
        tag, number, filler = tlv(files["text-0001"])
        assert (tag, filler) == (0xFF10, b"\xff\xff")
        words = [attributes[tag][0].decode() for tag in (0xDF22, 0xDF23, 0xDF24, 0xDF25)]
        return words + [number.decode()], spki_of(own[0xDF51][0])

    def visual(self, files, root):
        """The visual applet's files; birth date, sex, expiry and the pictures by tag."""
        issuer = self.certificate(files["visual-0004"], root, b"9000024")
        age = inside(files["visual-0001"], 0xFF10)
        self.check(issuer, age[0xDF11][1] + age[0xDF12][1], age[0xDF13][0])
        face = inside(files["visual-0002"], 0xFF20)
        offsets(files["visual-0002"], face, range(0xDF22, 0xDF2B))
        hashes = [hashlib.sha256(b"".join(face[tag][1] for tag in tags)).digest() for tags in
                  ((0xDF22, 0xDF23, 0xDF24), (0xDF25, 0xDF26), (0xDF27,))]
        assert self.recover(issuer, face[0xDF28][0]) == FACE_INFO + b"".join(hashes)
        number = inside(files["visual-0005"], 0xFF40)
        self.check(issuer, number[0xDF41][1] + number[0xDF42][1], number[0xDF43][0])
        assert age[0xDF12][0] == face[0xDF24][0] == number[0xDF42][0]
        assert age[0xDF11][0] == face[0xDF22][0]
        words = [face[tag][0].decode() for tag in (0xDF22, 0xDF23, 0xDF29)]
        pictures = {tag: face[tag][0] for tag in (0xDF25, 0xDF26, 0xDF27, 0xDF2A)}
        return words, pictures | {0xDF41: number[0xDF41][0]}, spki_of(face[0xDF24][0])

    def photo(self, jp2):
        """A photo by opj_decompress: width, height and the shades of its pixels."""
        source, target = self.path("judge.jp2", jp2), os.path.join(self.directory, "judge.pgm")
        run("opj_decompress", "-i", source, "-o", target)
        with open(target, "rb") as f:
            data = f.read()
        head, _, rest = data.partition(b"255\n")
        words = [line for line in head.split(b"\n") if not line.startswith(b"#")]
        width, height = b" ".join(words[1:]).split()
        assert words[0] == b"P5" and len(rest) == int(width) * int(height), head
        return int(width), int(height), rest


def offsets(file, fields, tags):
    """The table DF21 says where each field begins, in this order."""
    table = fields[0xDF21][0]
    assert list(fields) == [0xDF21, *tags], [hex(tag) for tag in fields]
    for offset, tag in zip(struct.unpack(f">{len(table) // 2}H", table), tags, strict=True):
        assert file[offset : offset + 2] == tag.to_bytes(2, "big"), (hex(tag), offset)


def picture(png):
    """A 1-bit greyscale PNG without a filter or a palette: width, height and rows of 0 and 1."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, size = 8, b"", None
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        chunk = png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + chunk) == struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        if kind == b"IHDR":
            size = struct.unpack(">IIBBBBB", chunk)
        if kind == b"IDAT":
            data += chunk
        at += 12 + length
    width, height = size[:2]
    assert size[2:] == (1, 0, 0, 0, 0), size
    raw, stride = zlib.decompress(data), (width + 7) // 8 + 1
    assert len(raw) == stride * height
    rows = []
    for line in range(height):
        row = raw[line * stride : (line + 1) * stride]
        assert row[0] == 0
        rows.append([row[1 + x // 8] >> (7 - x % 8) & 1 for x in range(width)])
    return width, height, rows
