#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Register and authority with many clients at once, good, bad and slow; then stopped in the middle."""
import base64
import os
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from harness import ask, main, run, test, wait_until
from rsa_keys import write_key
from test_issuing import HANAKO, Site, certificate, serial_of, test_number

CLIENTS = 12
CARDS = 36
WORKERS = 4  # the default of both daemons
# What a server under load may answer; 503 is "later", and nothing else is above 499.
EXPECTED = {200, 201, 400, 403, 404, 409, 422, 503}


class Loaded(Site):
    """The three daemons, issuing, with a stock of requests made before."""

    def __init__(self):
        super().__init__()
        for kind in ("sign", "auth"):
            run(self.authorityd.argv[0], "init-ca", "--config", self.dir.file("authority.conf"), kind)
        self.authorityd.start()
        self.registerd.start()
        self.at_counter()
        with ThreadPoolExecutor(2) as pool:
            self.stock = list(pool.map(self.new_request, range(CARDS)))

    def new_request(self, number):
        path = self.dir.file("csr", f"load-{number}")
        write_key(path)
        return self.request(path)

    def descriptors(self):
        return [len(os.listdir(f"/proc/{d.process.pid}/fd")) for d in (self.registerd, self.authorityd)]


def patiently(site, url, body):
    """As a counter would: the same again while the answer is "later"."""
    for _ in range(200):
        status, answer = site.post(url, body)
        assert status in EXPECTED, (status, answer)
        if status != 503:
            return status, answer
        time.sleep(0.1)
    raise AssertionError(f"{url}: 503 for too long")


def issue(site, number):
    """A resident, a card, a certificate; every step is repeated and must not count twice."""
    resident = {**HANAKO, "mynumber": test_number(60000000000 + number)}
    status, body = patiently(site, "/v1/residents", resident)
    assert status in (200, 201), body
    card = {"resident": body["id"], "serial": f"L{number:015d}"}
    status, body = patiently(site, "/v1/cards", card)
    assert status in (200, 201), body
    requests = {"requests": {"auth": site.stock[number]}}
    url = f"/v1/cards/{card['serial']}/certificates"
    first = patiently(site, url, requests)
    assert patiently(site, url, requests) == first
    assert patiently(site, f"/v1/cards/{card['serial']}/activation", None)[1]["state"] == "active"
    return certificate(first)


def disturb(site, stop, seed):
    """Everything that must neither work nor harm, until told to stop."""
    chance = random.Random(seed)
    pieces = (
        b"",
        b"GET /livez HTTP/1.1\r\nHo",
        b"\x16\x03\x01\x00\x05nonsense\r\n\r\n",
        b"POST /v1/residents HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
        b"POST /v1/residents HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /v1/cards/none HTTP/1.1\r\nHost: a\r\n\r\n" * 5,
    )
    while not stop.is_set():
        for path in (site.counter, site.authority_socket):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(5)
                try:
                    s.connect(path)
                    s.sendall(chance.choice(pieces))
                    if chance.random() < 0.5:
                        s.shutdown(socket.SHUT_WR)
                        s.recv(100)
                except OSError:
                    pass
            for url in ("/readyz", "/v1/cards/L000000000000000", "/v1/cas/auth", "/v1/certificates/auth/2", "/.."):
                try:
                    assert ask(path, "GET", url)[0] in EXPECTED
                except (OSError, HTTPException):
                    pass


@test
def many_at_once_get_what_is_theirs(site):
    before = site.descriptors()
    stop = threading.Event()
    with ThreadPoolExecutor(CLIENTS + 3) as pool:
        noise = [pool.submit(disturb, site, stop, seed) for seed in range(3)]
        try:
            site.certificates = list(pool.map(lambda n: issue(site, n), range(CARDS - CLIENTS)))
        finally:
            stop.set()
        for one in noise:
            one.result()
    serials = sorted(serial_of(der) for der in site.certificates)
    first = site.clerks.second.auth_serial + 1
    assert serials == list(range(first, first + CARDS - CLIENTS)), serials
    # What may stay is one connection to the signer for each of the authority's workers.
    wait_until(
        "the descriptors of the clients are gone",
        lambda: all(now <= then + WORKERS for now, then in zip(site.descriptors(), before)),
    )


@test
def a_certificate_goes_with_the_key_that_was_asked_for(site):
    for number, der in enumerate(site.certificates):
        ours = run("openssl", "x509", "-inform", "DER", "-noout", "-pubkey", data=der).stdout
        asked = base64.b64decode(site.stock[number])
        assert run("openssl", "req", "-inform", "DER", "-noout", "-pubkey", data=asked).stdout == ours


@test
def stopping_under_load_loses_nothing(site):
    """SIGTERM to each daemon in turn while clients insist: each gets one certificate in the end."""

    def insist(number):
        for _ in range(300):
            try:
                return issue(site, number)
            except (OSError, HTTPException):
                time.sleep(0.1)  # nobody listens at the moment
        raise AssertionError("no answer for too long")

    with ThreadPoolExecutor(CLIENTS) as pool:
        waiting = [pool.submit(insist, CARDS - CLIENTS + n) for n in range(CLIENTS)]
        for daemon in (site.registerd, site.authorityd, site.registerd):
            time.sleep(0.15)
            assert daemon.stop() == 0
            daemon.start()
        site.certificates += [one.result() for one in waiting]
    serials = sorted(serial_of(der) for der in site.certificates)
    first = site.clerks.second.auth_serial + 1
    assert serials == list(range(first, first + CARDS)), serials


if __name__ == "__main__":
    main(Loaded)
