# SPDX-License-Identifier: Apache-2.0
"""signerd's protocol (src/rpc/frame.h), as a daemon that somebody has taken over would speak it."""
import socket
import struct

from harness import connect

HELLO, SIGN = 1, 4
CERTIFICATE = 1
DONE, NOT_YOURS, NO_SUCH_KEY, REFUSED, USED = 1, 3, 4, 5, 6
TAG_VERSIONS, TAG_KEY, TAG_KIND, TAG_TBS, TAG_SENTENCE = 1, 3, 7, 8, 10
HEADER = ">4sHHHHII"


def field(tag, value):
    return struct.pack(">HI", tag, len(value)) + value


class SignerConnection:
    def __init__(self, path):
        self.sock, self.last = connect(path), 0
        assert self.ask(HELLO, field(TAG_VERSIONS, struct.pack(">HH", 1, 1)))[0] == DONE

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.sock.recv(size - len(data))
            assert more, "signerd hung up"
            data += more
        return data

    def ask(self, verb, body):
        """Status and body."""
        self.last += 1
        self.sock.sendall(struct.pack(HEADER, b"JPKS", 1, verb, 0, 0, self.last, len(body)) + body)
        magic, _, _, status, _, _, size = struct.unpack(HEADER, self.read(struct.calcsize(HEADER)))
        assert magic == b"JPKS"
        return status, self.read(size)

    def sign(self, key, tbs, kind=CERTIFICATE):
        """Status, and signature or sentence."""
        body = field(TAG_KEY, key.encode()) + field(TAG_KIND, bytes([kind])) + field(TAG_TBS, tbs)
        status, answer = self.ask(SIGN, body)
        return status, answer[struct.calcsize(">HI"):]

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
