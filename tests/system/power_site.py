# SPDX-License-Identifier: Apache-2.0
"""signerd, authorityd and registerd with all that they keep on disks that lose their power: on one
disk, as in one machine, or on a disk of its own for each, as in three."""
import os
import shutil
import sqlite3
import time

from harness import program, run, wait_until, write_text
from power_clients import VERIFIER
from powered import PowerDisk
from power_verifier import ORIGIN, Verifier
from test_issuing import Site

KINDS = ("sign", "auth")
ROOMS = {"signerd": "signer", "authorityd": "authority", "registerd": "register"}
# What a daemon keeps begins so.
FILES = {"signerd": ("sign-ca.ledger", "auth-ca.ledger", "feed-"), "authorityd": ("authority.db",), "registerd": ("register.db",)}
START_SECONDS = 60


class PowerSite(Site):
    def __init__(self, machines=1):
        self.machines = machines
        self.disks = {}  # room -> its disk
        self.settled = []  # numbers of sign certificates: one that was revoked, and the one that followed it
        super().__init__()
        try:
            self.start_issuing()
        except BaseException:
            self.close()
            raise

    def prepare(self):
        one = PowerDisk(self.dir.file("disk")) if self.machines == 1 else None
        for room in ROOMS.values():
            self.disks[room] = one or PowerDisk(self.dir.file("disk-" + room))

    def stored(self, *names):
        disk = self.disks[names[0]].mount
        return disk if names == ("signer", "keys") else os.path.join(disk, names[-1])

    def daemons(self):
        return {name: getattr(self, name) for name in ROOMS if hasattr(self, name)}

    def all_disks(self):
        return list(dict.fromkeys(self.disks.values()))

    def on_disk(self, disk):
        """Names of the daemons that have their files there."""
        return [name for name, room in ROOMS.items() if self.disks[room] is disk]

    def configure(self, peers=None):
        super().configure(peers)
        with open(self.dir.file("signer.conf"), "a", encoding="utf-8") as f:
            for kind in KINDS:
                f.write(f"[key feed-{kind}]\nrole = feed\nallow_uid = {os.getuid()}\n")
        with open(self.dir.file("authority.conf"), "a", encoding="utf-8") as f:
            f.write("feed_sign_key = feed-sign\nfeed_auth_key = feed-auth\nfeed_every_s = 2\n")
            f.write(f"verifier_socket = {self.dir.file('verifier.sock')}\nverifier_origin = {ORIGIN}\n")
        for kind in KINDS:
            run(program("jpki-signerd"), "keygen", "--config", self.dir.file("signer.conf"), f"feed-{kind}")

    def start_issuing(self):
        conf = self.dir.file("authority.conf")
        half_a_day = time.strftime("%H:%M", time.gmtime(time.time() + (9 + 12) * 3600))
        with open(conf, "a", encoding="utf-8") as f:
            # All lists are published by clients, and then all of them at once.
            f.write(f"operator_peers = {os.getuid()}\npublish_at = {half_a_day}\n")
        for kind in KINDS:
            pem = run(program("jpki-authorityd"), "init-ca", "--config", conf, kind).stdout.decode()
            write_text(self.dir.file(f"{kind}-ca.pem"), pem)
        for kind in KINDS:
            run(program("jpki-authorityd"), "issue-feed", "--config", conf, kind)
        self.authorityd.start()
        self.verifier = Verifier(VERIFIER, self.dir.file("verifier.sock"), self.dir.file)
        self.verifier.register(self.authority_socket, KINDS)
        self.issuer = self.issuer_of("sign")
        self.registerd.start()
        self.at_counter()

    def age_consents(self):
        """Those there are count since they were given, as if that had been yesterday."""
        self.authorityd.stop()
        database = sqlite3.connect(self.stored("authority", "authority.db"))
        database.execute("UPDATE consent SET valid_from = registered_at")
        database.commit()
        database.close()
        self.authorityd.start()

    def issuer_of(self, kind):
        """The CA's key identifier, in hexadecimal."""
        text = run("openssl", "x509", "-in", self.dir.file(f"{kind}-ca.pem"), "-noout", "-ext", "subjectKeyIdentifier")
        return text.stdout.decode().splitlines()[1].strip().replace(":", "").lower()

    def survivors(self, name, from_platter):
        """A copy of what a room's disk has: a new directory with the files that are its own."""
        disk = self.disks[ROOMS[name]]
        source = disk.platter if from_platter else disk.mount
        target = self.dir.file("survivors-" + name)
        shutil.rmtree(target, ignore_errors=True)
        os.mkdir(target, 0o700)
        for file in os.listdir(source):
            if file.startswith(FILES[name]) and not file.endswith(("-shm", ".lock")):
                shutil.copyfile(os.path.join(source, file), os.path.join(target, file))
        return target

    def launch(self, names):
        for name in names:
            self.daemons()[name].launch()

    def wait(self, names):
        for name in names:
            self.daemons()[name].wait_for_socket()

    def kill(self, names):
        for name in names:
            self.daemons()[name].kill()

    def is_up(self, name):
        return self.daemons()[name].process.poll() is None

    def wait_until_dead(self, name, seconds):
        """Whether it was killed by somebody within that time."""
        process, end = self.daemons()[name].process, time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
        return process.poll() is not None

    def stop_all(self):
        """Names of those that do not end well. Who asks ends before who is asked."""
        return [name for name in ("registerd", "authorityd", "signerd") if self.daemons()[name].stop() != 0]

    def wait_for(self, what, condition):
        wait_until(what, condition, START_SECONDS)

    def close(self):
        for daemon in self.daemons().values():
            daemon.close()
        for disk in self.all_disks():
            disk.close()
        self.dir.close()
