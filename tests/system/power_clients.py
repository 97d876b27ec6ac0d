# SPDX-License-Identifier: Apache-2.0
"""Clients of an issuing site that keep their own list of what was acknowledged to them."""
import base64
import copy
import hashlib
import random
import threading
import time

import rsa_keys
from harness import ask, wait_until
from persistent import ANSWER_SECONDS, Trouble, fetch, insist, serials_on
from power_feed import Copy, items_of
from power_verifier import PLACE, Holder
from test_issuing import HANAKO, test_number

STEPS = ("issue", "revoke", "publish", "meter", "feed", "consent", "disclose")
KINDS = ("sign", "auth")
PAUSE_SECONDS = 0.05
VERIFIER = "pf"  # whose questions are charged
AHEAD_SECONDS = 30  # of the clock, at most, in what a holder signs
PUBLICATIONS = 3  # before one looks at the lists, which takes longer
HOMES = ("兵庫県神戸市中央区見本町{}番", "28100"), ("東京都千代田区見本町{}番", "13101")


class Told:
    """What was acknowledged, in the clients' words."""

    def __init__(self):
        self.lock = threading.Lock()
        self.residents = {}  # id -> (address, municipality), as acknowledged last
        self.cards = {}  # id -> resident
        self.certificates = {}  # (kind, serial) -> SHA-256
        self.requests = {}  # card -> (requests, answer) of the last certificates
        self.revocations = {}  # (kind, serial, reason) -> number, or None if only the register knows it
        self.lists = {}  # name -> (number, SHA-256), as acknowledged last
        self.orders = {}  # path of a clerk's order -> how often it was done
        self.meters = {}  # meter -> (number of its last batch, kind -> questions)
        self.feeds = {}  # kind -> (edition of the last snapshot, SHA-256)
        self.snapshots = {}  # kind -> the first one, whole: what all deltas that are kept lead on from
        self.deltas = {}  # (kind, edition) -> SHA-256
        self.consents = {}  # id -> "given", "ending" while nobody knows, "withdrawn"
        self.disclosures = {}  # request id -> (serial, charged_at)
        self.questions = {}  # act in the audit log -> how many were answered
        self.publications = 0
        self.answers = 0

    def note(self, change):
        with self.lock:
            change()
            self.answers += 1

    def snapshot(self):
        """The same, as of now, and nobody's to change."""
        with self.lock:
            found = copy.copy(self)
            for name, value in vars(self).items():
                if isinstance(value, dict):
                    setattr(found, name, dict(value))
            return found

    def note_certificate(self, kind, serial, der):
        said = hashlib.sha256(der).hexdigest()

        def change():
            if self.certificates.setdefault((kind, serial), said) != said:
                raise Trouble(f"two {kind} certificates have the serial number {serial}")

        self.note(change)

    def note_feed(self, kind, edition, digest):
        def change():
            before = self.feeds.get(kind, (0, None))
            if edition < before[0] or (edition == before[0] and digest != before[1]):
                raise Trouble(f"the {kind} feed went back from {before} to {edition}")
            self.feeds[kind] = (edition, digest)

        self.note(change)

    def note_delta(self, kind, item):
        said = hashlib.sha256(item.whole).hexdigest()

        def change():
            if self.deltas.setdefault((kind, item.edition), said) != said:
                raise Trouble(f"two deltas of the {kind} feed have edition {item.edition}")

        self.note(change)

    def note_disclosure(self, request, answer):
        said = answer["serial"], answer["charged_at"]

        def change():
            if self.disclosures.setdefault(request, said) != said:
                raise Trouble(f"{request} was charged twice: {self.disclosures[request]}, {said}")

        self.note(change)

    def note_question(self, act):
        def change():
            self.questions[act] = self.questions.get(act, 0) + 1

        self.note(change)

    def note_lists(self, found):
        def change():
            for name, (number, digest) in found.items():
                before = self.lists.get(name, (0, None))
                if number < before[0] or (number == before[0] and digest != before[1]):
                    raise Trouble(f"the list {name} went back from {before} to {number}")
                self.lists[name] = (number, digest)
            self.publications += 1

        self.note(change)


class Person:
    def __init__(self, resident, card):
        self.resident, self.card = resident, card
        self.serials = {}  # kind -> serial of the certificate that counts
        self.is_held = False  # the auth certificate
        self.holder = None  # who signs with the sign certificate that counts
        self.consent = None  # that is given and was not withdrawn
        self.said_at = 0  # when what was signed last is from


class Client(threading.Thread):
    """Does acts of the step that is on, one after the other."""

    def __init__(self, site, number, told, pool, seed):
        super().__init__(daemon=True)
        self.site, self.number, self.told, self.pool = site, number, told, pool
        self.step = "issue"  # that is wanted
        self.acting = None  # the one of the act at work
        self.ending = threading.Event()
        self.trouble = None
        self.people = []
        self.acts = self.made = 0  # and cards
        self.meter_id, self.batch = f"{number:032x}", 0
        self.asked = {"sign": 0, "auth": 0}
        self.copies = {kind: Copy() for kind in KINDS}  # of the feeds
        self.chance = random.Random(seed * 1000 + number)

    def run(self):
        try:
            while not self.ending.is_set():
                self.acting = self.step
                getattr(self, self.acting)()
        except Exception as trouble:  # pylint: disable=broad-except
            self.trouble = trouble

    def ask_register(self, url, body):
        answer = insist(url, lambda: self.site.post(url, body))[1]

        def change():
            self.told.orders[url] = self.told.orders.get(url, 0) + 1

        self.told.note(change)
        return answer

    def ask_authority(self, method, url, body=None):
        return insist(url, lambda: ask(self.site.authority_socket, method, url, body))[1]

    def issue(self):
        """A certificate for somebody who moved, or a person and a card with both."""
        moved = [person for person in self.people if "sign" not in person.serials]
        if moved and self.chance.random() < 0.5:
            return self.certify(self.chance.choice(moved), ("sign",))
        self.made += 1
        serial = self.number * 100000 + self.made
        number = test_number(40000000000 + serial)
        resident = self.ask_register("/v1/residents", {**HANAKO, "mynumber": number})["id"]
        home = (HANAKO["address"], HANAKO["municipality"])
        self.told.note(lambda: self.told.residents.__setitem__(resident, home))
        card = self.ask_register("/v1/cards", {"resident": resident, "serial": f"{serial:016d}"})["id"]
        self.told.note(lambda: self.told.cards.__setitem__(card, resident))
        person = Person(resident, card)
        self.certify(person, KINDS)
        self.people.append(person)
        return None

    def certify(self, person, kinds):
        keys = {kind: self.pool.next() for kind in kinds}
        requests = {kind: key.request for kind, key in keys.items()}
        answer = self.ask_register(f"/v1/cards/{person.card}/certificates", {"requests": requests})
        for kind in kinds:
            der = base64.b64decode(answer["certificates"][kind])
            person.serials[kind] = serial_of(der)
            self.told.note_certificate(kind, person.serials[kind], der)
            if kind == "sign":
                person.holder = Holder(self.site.dir.file(f"holder-{person.card}"), keys[kind].private(), der)
        self.told.note(lambda: self.told.requests.__setitem__(person.card, (requests, answer)))

    def revoke(self):
        left = [person for person in self.people if person.serials]
        if not left:
            return self.issue()
        person = self.chance.choice(left)
        if self.chance.choice(list(person.serials)) == "sign":
            return self.move(person)
        return self.end_auth(person)

    def end_auth(self, person):
        """On hold first, then for ever: two events, each with a number of its own."""
        serial = person.serials["auth"]
        reason = "keyCompromise" if person.is_held else "certificateHold"
        body = {"request_id": f"end-{serial}-{reason}", "kind": "auth", "serial": serial, "reason": reason}
        number = self.ask_authority("POST", "/v1/revocations", body)["number"]
        self.told.note(lambda: self.told.revocations.__setitem__(("auth", serial, reason), number))
        if person.is_held:
            del person.serials["auth"]
        person.is_held = not person.is_held

    def move(self, person):
        self.acts += 1
        serial = person.serials["sign"]
        street, municipality = HOMES[self.acts % 2]
        home = (street.format(self.number * 100000 + self.acts), municipality)
        url = f"/v1/residents/{person.resident}/moves"
        body = {"request_id": f"move-{self.number}-{self.acts}", "address": home[0], "municipality": municipality}
        self.ask_register(url, body)
        self.told.note(lambda: self.told.residents.__setitem__(person.resident, home))
        self.told.note(lambda: self.told.requests.pop(person.card, None))  # they count no longer
        wait_until(f"{url}: the revocation is delivered",
                   lambda: self.ask_register(url, body)["revocation"] == "done", ANSWER_SECONDS)
        self.told.note(lambda: self.told.revocations.__setitem__(("sign", serial, "affiliationChanged"), None))
        del person.serials["sign"]

    def publish(self):
        """One of them publishes; the others see to it that the lists are others each time, and leave
        most of what is written to him."""
        if self.number != 1:
            time.sleep(PAUSE_SECONDS)
            return self.revoke()
        before = self.told.snapshot().revocations
        for _ in range(PUBLICATIONS):
            self.ask_authority("POST", "/v1/crls")
        found, full = self.fetch_lists()
        missing = [row for row in before if row[1] not in full[row[0]]]
        if missing:
            raise Trouble(f"not on the full list that was published afterwards: {missing}")
        self.told.note_lists(found)
        return None

    def meter(self):
        """As a responder, tell how many questions of the verifier it has answered so far."""
        self.batch += 1
        for kind in KINDS:
            self.asked[kind] += self.chance.randrange(1, 50)
        totals = [{"verifier": VERIFIER, "kind": kind, "total": self.asked[kind]} for kind in KINDS]
        self.ask_authority("POST", "/v1/usage", {"meter": self.meter_id, "number": self.batch, "totals": totals})
        told = (self.batch, dict(self.asked))
        self.told.note(lambda: self.told.meters.__setitem__(self.meter_id, told))

    def feed(self):
        """One has snapshots made and follows the deltas, the others see to it that they are others each
        time."""
        if self.number != 1:
            return self.revoke()
        self.ask_authority("POST", "/v1/feed/snapshots")
        for kind in KINDS:
            self.follow(kind)
            url = f"/v1/feed/{kind}/snapshot"
            _, whole = insist(url, lambda url=url: fetch(self.site.authority_socket, url))
            [item] = items_of(whole)
            self.told.note_feed(kind, item.edition, hashlib.sha256(whole).hexdigest())
            if self.copies[kind].edition == 0:
                self.copies[kind].take(item)
                self.told.note(lambda: self.told.snapshots.__setitem__(kind, whole))
        return None

    def follow(self, kind):
        """All deltas there are: the copy goes on from what it was told before, or something was lost."""
        copy = self.copies[kind]
        while copy.edition > 0:
            url = f"/v1/feed/{kind}/deltas?since={copy.edition}"
            status, data = insist(url, lambda url=url: fetch(self.site.authority_socket, url))
            if status == 204:
                break
            for item in items_of(data):
                self.told.note_delta(kind, item)
                copy.take(item)

    def ask_verifier(self, act, path, request, **members):
        """As the verifier, who keeps to its request id."""
        return insist(path, lambda: self.site.verifier.ask(act, path, request, **members))[1]

    def consent(self):
        """The holder gives a consent or ends it, signed with the card."""
        able = [person for person in self.people if "sign" in person.serials]
        if not able:
            return self.issue()
        person = self.chance.choice(able)
        at = max(int(time.time()), person.said_at + 1)
        if at > time.time() + AHEAD_SECONDS:
            return self.issue()
        return self.end_consent(person, at) if person.consent else self.give_consent(person, at)

    def give_consent(self, person, at):
        self.acts += 1
        answer = self.ask_verifier("consent", "consents", f"give-{self.number}-{self.acts}",
                                   **person.holder.consent(VERIFIER, at))
        person.consent, person.said_at = answer["consent"], at
        self.told.note(lambda: self.told.consents.__setitem__(answer["consent"], "given"))

    def end_consent(self, person, at):
        self.acts += 1
        given = person.consent
        with self.told.lock:
            self.told.consents[given] = "ending"
        answer = self.ask_verifier("consent", "consents", f"end-{self.number}-{self.acts}",
                                   **person.holder.withdrawal(VERIFIER, at))
        if answer["consent"] != given or answer["withdrawn_at"] is None:
            raise Trouble(f"consent {given} was to be withdrawn: {answer}")
        person.consent, person.said_at = None, max(at, answer["withdrawn_at"])
        self.told.note(lambda: self.told.consents.__setitem__(given, "withdrawn"))

    def settle(self):
        """Somebody who has given a consent and moved since: the number of the certificate from before, and
        of the newer one."""
        self.issue()
        person = self.people.pop()
        presented = person.serials["sign"]
        self.give_consent(person, int(time.time()))
        self.move(person)
        self.certify(person, ("sign",))
        return presented, person.serials["sign"]

    def disclose(self):
        """Ask for the latest attributes of somebody who has moved, once more under the same id, and for
        the link from the certificate of before."""
        presented, newest = self.chance.choice(self.site.settled)
        which = {"issuer": self.site.issuer, "serial": presented}
        self.acts += 1
        request = f"hit-{self.number}-{self.acts}"
        for _ in range(2):
            answer = self.ask_verifier("latest", "latest", request, **PLACE, **which)
            if answer["outcome"] != "given" or answer["serial"] != newest:
                raise Trouble(f"{request}: {answer['outcome']}, not certificate {newest}")
            self.told.note_disclosure(request, answer)
            self.told.note_question("latest.answered")
        link = self.ask_verifier("link", "links", f"link-{self.number}-{self.acts}", want="newest", **which)
        if (link["outcome"], link.get("serial")) != ("found", newest):
            raise Trouble(f"from certificate {presented} no link leads to {newest}: {link}")
        self.told.note_question("link.answered")

    def numbers(self):
        return {row["name"]: row["number"] for row in self.ask_authority("GET", "/v1/crls")["crls"]}

    def fetch_lists(self):
        """Name to number and digest, and the serial numbers on the lists of everything."""
        found, full = {}, {}
        for name, number in self.numbers().items():
            url = "/v1/crls/" + name
            _, der = insist(url, lambda url=url: fetch(self.site.authority_socket, url))
            found[name] = (number, hashlib.sha256(der).hexdigest())
            if name.endswith("-full"):
                full[name.split("-")[0]] = set(serials_on(der))
        return found, full


class Key:
    """Two primes, and what is made of them."""

    def __init__(self, p, q):
        self.primes, self.request = (p, q), base64.b64encode(rsa_keys.request(p, q)).decode()

    def private(self):
        return rsa_keys.private_pem(*self.primes)


class Requests:
    """Keys with their certificate requests for all clients, each another one."""

    def __init__(self):
        self.lock, self.pairs = threading.Lock(), rsa_keys.pairs()

    def next(self):
        with self.lock:
            primes = next(self.pairs)
        return Key(*primes)


def serial_of(der):
    """Certificate, TBSCertificate, version [0], serial number: an INTEGER of at most four octets."""
    at = der.index(b"\xa0\x03\x02\x01\x02\x02") + 6
    return int.from_bytes(der[at + 1:at + 1 + der[at]], "big")


def end_all(clients):
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(4 * ANSWER_SECONDS)
        if client.is_alive():
            raise Trouble("a client did not come to an end")
        if client.trouble is not None:
            raise client.trouble
