#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/bank-ts, type-checked and compiled by tsc, opens accounts in a sandbox: the scenes of the bank in C."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

import bank_site
from harness import Directory, Skip, TESTS, main, read_text, test

ROOT = os.environ["JPKI_TEST_ROOT"]
SAMPLE = os.path.join(ROOT, "examples/bank-ts")
MODULES = os.path.join(HERE, "node_modules")


class Site(bank_site.BankSite):
    """Nothing is started where the judges are not installed: then each scene is skipped."""

    def __init__(self):
        self.bank = self.box = None
        self.directory = Directory()
        self.is_there = shutil.which("node") is not None and os.path.exists(os.path.join(MODULES, ".bin/tsc"))
        if not self.is_there:
            return
        for name in ("bank.ts", "kit.ts", "package.json", "tsconfig.json"):
            shutil.copy(os.path.join(SAMPLE, name), self.directory.path)
        os.symlink(MODULES, self.directory.file("node_modules"))
        done = subprocess.run([os.path.join(MODULES, ".bin/tsc"), "-p", self.directory.path], stdout=subprocess.PIPE,
                              text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout
        super().__init__(["node", self.directory.file("bank.js")], False)

    def need(self):
        if not self.is_there:
            raise Skip("node or the judges are not installed (scripts/install-judges)")

    def close(self):
        if self.bank is not None:
            super().close()
        self.directory.close()


def with_need(scene):
    def needed(site):
        site.need()
        scene(site)

    needed.__name__ = scene.__name__
    return needed


@test
def its_versions_are_those_that_are_judged(_):
    versions = [{**package["dependencies"], **package["devDependencies"]} for package in
                (json.loads(read_text(os.path.join(folder, "package.json"))) for folder in (SAMPLE, HERE))]
    assert len(versions[0]) == 3 and versions[0].items() <= versions[1].items(), versions


for row in bank_site.SCENES:
    TESTS.append(with_need(row))

if __name__ == "__main__":
    main(Site)
