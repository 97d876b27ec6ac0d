#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/bank-c opens accounts in a sandbox, and to nobody who should have none."""
import os
import subprocess

import bank_site
from harness import Directory, TESTS, main, run, test

ROOT = os.environ["JPKI_TEST_ROOT"]
SAMPLE = os.path.join(ROOT, "examples/bank-c")
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
         "-fsanitize=address,undefined"]


def compiled(directory):
    """With sanitizers always: it is not a program of ours, and small."""
    libraries = run("pkg-config", "--cflags", "--libs", "libcurl", "libmicrohttpd", "jansson", "libcrypto").stdout
    out = directory.file("bank")
    sources = [os.path.join(SAMPLE, name) for name in ("bank.c", "oidc.c", "hook.c", "jose.c", "kit.c")]
    run(*os.environ["JPKI_TEST_CC"].split(), *FLAGS, *sources, *libraries.decode().split(), "-o", out)
    return out


class Site(bank_site.BankSite):
    def __init__(self):
        self.directory = Directory()
        self.program = compiled(self.directory)
        super().__init__([self.program], True)

    def close(self):
        super().close()
        self.directory.close()


@test
def what_is_missing_is_said(site):
    for argv, env, code in (([], site.env, 2), (["1"], site.env, 2), (["1", "/nowhere"], site.env, 2),
                            (["1", os.path.join(site.box.dir, "authapp/clients/sample-bank.jwk")], {}, 2),
                            (["1", os.path.join(site.box.dir, "authapp/clients/sample-bank.jwk")],
                             {"JPKI_AUTHAPP": "http://127.0.0.1:9", "JPKI_PLATFORM": "http://127.0.0.1:9"}, 5)):
        done = subprocess.run([site.program, *argv], env=env, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == code and done.stderr, (argv, done)


for scene in bank_site.SCENES:
    TESTS.append(scene)
TESTS.append(bank_site.the_bank_saw_no_certificate_and_no_serial_number)

if __name__ == "__main__":
    main(Site)
