# SPDX-License-Identifier: Apache-2.0
"""An issuing site with an OCSP responder, on disks that fill and fail, by a clock that is moved,
with clients that go on meanwhile and keep their own list of what was acknowledged."""
import os
import re
import struct

import power_judge as judge
from harness import Daemon, make_clock, program, read_text, run, wait_until, write_text
from persistent import ANSWER_SECONDS, fetch
from power_clients import Client, Requests, Told, end_all
from power_site import KINDS, PowerSite

CLIENTS = 3
ACTS = 6  # that have to be acknowledged before a fault, and after it
ROOMS = ("authorityd", "registerd")
SEED = 20261126


class FaultSite(PowerSite):
    def __init__(self):
        super().__init__(machines=3)
        try:
            self.start_ocsp()
        except BaseException:
            self.close()
            raise

    def prepare(self):
        super().prepare()
        os.mkdir(self.dir.file("ocsp"), 0o700)
        self.clock = make_clock(self.dir.file("ocsp"))
        self.told = Told()
        self.clients, self.gone, self.requests = [], [], Requests()

    def daemon(self, command, path):
        log = self.dir.file(f"{command[0]}-{os.path.basename(path)}.log")
        return Daemon([program(command[0] + "-sandbox"), *command[1:]], path, log)

    def start_ocsp(self):
        me, conf = os.getuid(), self.dir.file("ocsp-zone.conf")
        text = f"[signer]\nsocket = {self.dir.file('ocsp.sock')}\nkeys = {self.dir.file('ocsp')}\n"
        text += f"passphrase_file = {self.dir.file('signer', 'passphrase')}\n"
        text += "".join(f"[key ocsp-{kind}]\nrole = ocsp\nallow_uid = {me}\n" for kind in KINDS)
        write_text(conf, text)
        for kind in KINDS:
            run(program("jpki-signerd-sandbox"), "keygen", "--config", conf, f"ocsp-{kind}")
        self.signerd_ocsp = self.daemon(["jpki-signerd", "serve", "--config", conf], self.dir.file("ocsp.sock"))
        self.signerd_ocsp.start()
        self.appoint()
        self.ocsp_socket, conf = self.dir.file("ocspd.sock"), self.dir.file("ocspd.conf")
        text = f"[ocsp]\nsocket = {self.ocsp_socket}\nauthority = {self.authority_socket}\nlists_s = 1\n"
        text += f"signer = {self.dir.file('ocsp.sock')}\npoll_ms = 100\nvalid_s = 60\n"
        for kind in KINDS:
            text += f"{kind}_ca = {self.dir.file(kind + '-ca.pem')}\n{kind}_certificate = {self.dir.file(kind + '-ocsp.pem')}\n"
        write_text(conf, text)
        self.ocspd = self.daemon(["jpki-ocspd", "--config", conf], self.ocsp_socket)
        self.ocspd.start()

    def appoint(self):
        """Certificates of the responder, by an authority that is stopped for it."""
        conf = self.dir.file("authority.conf")
        assert self.authorityd.stop() == 0
        with open(conf, "a", encoding="utf-8") as f:
            f.write(f"ocspd_peers = {os.getuid()}\nocsp_signer = {self.dir.file('ocsp.sock')}\n")
        for kind in KINDS:
            pem = run(self.authorityd.argv[0], "issue-ocsp", "--config", conf, kind).stdout
            write_text(self.dir.file(f"{kind}-ocsp.pem"), pem.decode())
        self.authorityd.start()

    def restart_ocspd(self, **environment):
        self.ocspd.stop()
        self.ocspd.more = environment
        self.ocspd.start()

    def another_clock(self, name, seconds):
        """For a daemon that does not go by the clock of the others."""
        os.mkdir(self.dir.file(name), 0o700)
        path = make_clock(self.dir.file(name), seconds)
        os.environ["JPKI_SANDBOX_CLOCK"] = self.clock
        return path

    def move_clock(self, seconds):
        """So far ahead of the machine's. Nobody is in the middle of something: what was signed by the
        clock of before would be too old, or of the future."""
        had_clients = bool(self.clients)
        self.come_to_an_end()
        with open(self.clock, "r+b") as f:
            f.seek(16)
            f.write(struct.pack("=q", seconds))
        if had_clients:
            self.start_clients()

    # ---- clients ----

    def start_clients(self):
        """They go on with the people of those before them."""
        self.clients = [Client(self, number + 1, self.told, self.requests, SEED) for number in range(CLIENTS)]
        for client, before in zip(self.clients, self.gone):
            client.people, client.acts, client.made = before.people, before.acts, before.made
        if not self.told.lists:
            self.clients[0].issue()
            self.clients[0].publish()
        for client in self.clients:
            client.start()

    def enter(self, step):
        """All clients do this step, and some of it was acknowledged."""
        self.step(step)
        wait_until(f"step {step}", lambda: all(c.acting == step or c.trouble for c in self.clients), ANSWER_SECONDS)
        self.go_on()

    def step(self, step):
        for client in self.clients:
            client.step = step

    def go_on(self):
        before = self.told.answers
        wait_until("clients go on", lambda: self.told.answers >= before + ACTS or self.trouble(), 2 * ANSWER_SECONDS)
        assert not self.trouble(), self.trouble()

    def trouble(self):
        return [str(client.trouble) for client in self.clients if client.trouble]

    def come_to_an_end(self):
        end_all(self.clients)
        self.clients, self.gone = [], self.clients or self.gone

    # ---- what daemons say ----

    def count(self, name, fault):
        """How often a daemon met that, by its metrics."""
        paths = {"authorityd": self.authority_socket, "registerd": self.counter, "ocspd": self.ocsp_socket}
        status, text = fetch(paths[name], "/metrics")
        assert status == 200, status
        found = re.search(rf'^jpki_faults_total{{fault="{fault}"}} (\d+)$', text.decode(), re.MULTILINE)
        return int(found.group(1))

    def log_of(self, name):
        return read_text(getattr(self, name).log)

    def so_far(self, name, fault):
        """For met(): what was counted and logged before a fault."""
        return name, fault, self.count(name, fault), len(self.log_of(name))

    def met(self, so_far, words):
        """Wait until a daemon has met the fault, and said so."""
        name, fault, count, length = so_far

        def has_met():
            return self.trouble() or self.count(name, fault) > count and words in self.log_of(name)[length:]

        wait_until(f"{name} meets {fault}: {words}", has_met, ANSWER_SECONDS)
        assert not self.trouble(), self.trouble()

    # ---- the end ----

    def lost(self):
        """What is missing or not sound, after an orderly end of all."""
        for name in ("registerd", "authorityd", "signerd"):
            assert self.daemons()[name].stop() == 0, name
        left = [self.survivors(name, False) for name in ROOMS]
        told = self.told.snapshot()
        found = judge.authority(left[0], told, True) + judge.register(left[1], told, True)
        return found + [*judge.between(*left), *judge.half_done(*left)]

    def close(self):
        for name in ("ocspd", "signerd_ocsp"):
            if hasattr(self, name):
                getattr(self, name).close()
        super().close()
        os.environ.pop("JPKI_SANDBOX_CLOCK", None)
