#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that behaves badly in the way its path names: badserver.py SOCKET.

It serves until standard input ends, so that it never outlives the test that started it.
"""
import os
import select
import socket
import sys
import threading
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

failures_left = {}


def answer(connection, path):
    """Say what the path asks for; every branch ends the connection afterwards."""
    if path == "/nothing":
        return
    if path == "/garbage":
        connection.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
    elif path == "/cut-head":
        connection.sendall(OK + b"Content-Le")
    elif path == "/cut-body":
        connection.sendall(OK + b'Content-Length: 100\r\n\r\n{"half":')
    elif path == "/cut-chunk":
        connection.sendall(OK + b'Transfer-Encoding: chunked\r\n\r\n10\r\n{"half":')
    elif path == "/short":
        connection.sendall(OK + b'Content-Length: 2\r\n\r\n{"more":"than that"}')
    elif path == "/no-json":
        connection.sendall(OK + b"Content-Length: 5\r\n\r\n{nope")
    elif path == "/slow":
        for _ in range(300):
            connection.sendall(OK[:1])
            time.sleep(0.1)
    elif path == "/slow-body":
        connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
        for _ in range(300):
            connection.sendall(b" ")
            time.sleep(0.1)
    elif path == "/endless":
        connection.sendall(OK + b"\r\n")
        while True:
            connection.sendall(b" " * 65536)
    elif path == "/endless-head":
        connection.sendall(OK)
        while True:
            connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
    elif path == "/endless-continue":
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 100)
    elif path.startswith("/length/"):
        connection.sendall(OK + b"Content-Length: " + path[8:].encode() + b"\r\n\r\n{}")
    elif path == "/elsewhere":
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /fine\r\nContent-Length: 0\r\n\r\n")
    elif path.startswith("/status/"):
        connection.sendall(b"HTTP/1.1 " + path[8:].encode() + b" X\r\nContent-Length: 0\r\n\r\n")
    elif path == "/angry":
        body = b'{"detail":"two\\nlines"}'
        connection.sendall(
            b"HTTP/1.1 409 X\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
    elif path.startswith("/fails/"):
        how, times = path[7:].split("/")[:2]
        left = failures_left.setdefault(path, int(times))
        failures_left[path] = left - 1
        if left <= 0:
            connection.sendall(OK + b"Content-Length: 2\r\n\r\n{}")
        elif how == "503":
            connection.sendall(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")
        elif how == "later":
            connection.sendall(b"HTTP/1.1 503 X\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n")
    else:
        connection.sendall(OK + b"Content-Length: 2\r\n\r\n{}")


def serve(connection):
    """One request, one answer, and the connection ends."""
    with connection:
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(4096)
                if not more:
                    return
                head += more
            answer(connection, head.split(b" ")[1].decode())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        except OSError:
            pass


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1] + ".new")
    listener.listen(64)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()
