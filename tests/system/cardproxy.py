# SPDX-License-Identifier: Apache-2.0
"""Between a program and a card: a socket that looks like a card's, keeps what is sent to it, and
may answer otherwise than the card behind it; or a card of its own that has no card behind it."""
import os
import socket
import struct
import threading


def read_exact(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_frame(connection):
    (length,) = struct.unpack(">H", read_exact(connection, 2))
    return read_exact(connection, length)


def write_frame(connection, payload):
    connection.sendall(struct.pack(">H", len(payload)) + payload)


class CardProxy:
    """answer(command) gives the response to a command, or None for that of the card behind."""

    def __init__(self, path, card=None, atr=None, answer=None):
        self.path, self.card, self.atr = path, card, atr
        self.answer = answer or (lambda command: None)
        self.commands = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(4)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self.talk(connection)
                except (EOFError, OSError):
                    pass

    def talk(self, connection):
        behind = None
        if self.card is not None:
            behind = socket.socket(socket.AF_UNIX)
            behind.connect(self.card)
        try:
            while True:
                self.exchange(connection, behind, read_frame(connection))
        finally:
            if behind is not None:
                behind.close()

    def exchange(self, connection, behind, payload):
        if len(payload) == 1:
            if behind is not None:
                write_frame(behind, payload)
            if payload == b"\x04":
                atr = read_frame(behind) if behind is not None else b""
                write_frame(connection, self.atr or atr)
            return
        self.commands.append(payload)
        answer = self.answer(payload)
        if answer is None:
            write_frame(behind, payload)
            answer = read_frame(behind)
        write_frame(connection, answer)

    def sent(self):
        """What was sent since the last time, in hexadecimal."""
        commands, self.commands = self.commands, []
        return [command.hex().upper() for command in commands]

    def close(self):
        self.listener.close()
        os.unlink(self.path)
