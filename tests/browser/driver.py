# SPDX-License-Identifier: Apache-2.0
"""Pages that are built from ui/, in Chromium: ui/tests/driver.mjs for tests."""
import json
import os
import shutil
import subprocess

UI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ui")
NARROWEST = 320


class Driver:
    """ui/tests/driver.mjs: driver.click(role="button", name="…")."""

    def __init__(self, origin):
        asked = {"executable": shutil.which("chromium"), "origin": origin}
        self.process = subprocess.Popen(["node", os.path.join(UI, "tests/driver.mjs"), json.dumps(asked)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __getattr__(self, act):
        def call(**words):
            self.process.stdin.write(json.dumps({"act": act} | words).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read().decode()
            answer = json.loads(line)
            assert "failure" not in answer, (act, words, answer["failure"])
            return answer["value"]
        return call

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def missing(folder):
    """Why there is nothing to look at, or None."""
    if shutil.which("chromium") is None:
        return "Chromium is not installed"
    if not os.path.exists(os.path.join(os.environ["JPKI_TEST_SHARE"], f"openjpki/{folder}/index.html")):
        return "the pages are not built (scripts/install-npm ui)"
    return None


def quiet(driver):
    """Nothing was forbidden, nothing complained, and nobody else was asked."""
    found = driver.complaints()
    assert found == {"complaints": [], "strangers": []}, found
