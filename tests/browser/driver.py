# SPDX-License-Identifier: Apache-2.0
"""Pages that are built from ui/, in Chromium: ui/tests/driver.mjs for tests."""
import json
import os
import re
import shutil
import subprocess

UI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ui")
NARROWEST = 320
JAPANESE = re.compile("[ぁ-ヶ一-龥]")


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


def every_page(driver, pages):
    """All of them, in both languages and colours, narrow and wide: accessible, one heading, nothing wrong on them."""
    for language, scheme in (("English", "dark"), ("日本語", "light")):
        driver.click(role="button", name=language)
        driver.scheme(scheme=scheme)
        for width in (NARROWEST, 1280):
            driver.width(width=width)
            for page in pages:
                driver.visit(path=page)
                assert driver.run(script="document.documentElement.scrollWidth") <= width, (page, language)
                assert driver.axe() == [], (page, language, scheme, width)
                assert driver.count(at="main .note.bad") == 0 and driver.count(at="h1") == 1, page
        if language == "English":
            assert not JAPANESE.search(driver.text(at="main h1"))


def by_keyboard(driver, url, steps, names):
    """From the top of a page: each step is seen, first comes the way past the menu, and these are among them."""
    driver.goto(url=url)
    driver.reload()
    seen = []
    for _ in range(steps):
        driver.press(key="Tab")
        at = driver.focused()
        assert at["visible"], (at, seen, driver.run(script="document.activeElement.outerHTML"))
        seen.append(at["text"])
    assert seen[0] == "本文へ" and names <= set(seen), seen


def quiet(driver):
    """Nothing was forbidden, nothing complained, and nobody else was asked."""
    found = driver.complaints()
    assert found == {"complaints": [], "strangers": []}, found
