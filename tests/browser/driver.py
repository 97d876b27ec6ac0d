# SPDX-License-Identifier: Apache-2.0
"""Pages that are built from ui/, in Chromium: ui/tests/driver.mjs for tests.

With JPKI_TEST_SLOW set to so many milliseconds each answer takes up to that much longer, by chance: whoever reads what is
not there yet fails then, and not once in many runs.

Of each page that a test looks at there is a picture in JPKI_TEST_PICTURES, for people: build/pictures.
"""
import json
import os
import re
import shutil
import subprocess
import sys

UI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ui")
NARROWEST = 320
JAPANESE = re.compile("[ぁ-ヶ一-龥]")


def keep_picture(name, take):
    """Have take(PATH) leave a picture there; that it did, and of more than one colour."""
    folder = os.environ["JPKI_TEST_PICTURES"]
    os.makedirs(folder, exist_ok=True)
    program = os.path.basename(sys.argv[0]).removeprefix("test_").removesuffix(".py")
    stem = name if name.startswith(program) else f"{program}-{name}"
    path = os.path.join(folder, stem.replace("_", "-") + ".png")
    if os.path.exists(path):
        os.unlink(path)  # of a run before
    take(path)
    with open(path, "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n", path
    assert os.path.getsize(path) > 5000, path


class Driver:
    """ui/tests/driver.mjs: driver.click(role="button", name="…")."""

    def __init__(self, origin):
        self.seen = {}  # by page: how much text was in its picture
        asked = {"executable": shutil.which("chromium"), "origin": origin}
        own = os.environ | {"LANGUAGE": "en", "LC_ALL": "C.UTF-8"}  # of the browser: what comes first in a field of a date
        self.process = subprocess.Popen(["node", os.path.join(UI, "tests/driver.mjs"), json.dumps(asked)], env=own,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def picture(self, name):
        keep_picture(name, lambda path: self.shoot(path=path))

    def axe(self):
        """What is wrong with the page as it is now, also in its other language; and a picture of it, unless there is one
        that shows as much: a page is looked at first where it is refused to somebody."""
        address, length = self.run(script="[location.pathname + location.hash, document.body.textContent.length]")
        name = "-".join(re.findall("[a-z]+(?:-[a-z]+)*", re.sub(r"\?.*|/[A-Za-z0-9_-]*[0-9A-Z][A-Za-z0-9_-]*", "", address))) or "first"
        if length > 1.3 * self.seen.get(name, 0):
            self.seen[name] = length
            self.picture(name)
        strange = self.foreigners()
        for one in strange:
            print(f"# {address}: {one}", flush=True)
        return self.violations() + ([{"rule": "language-of-parts", "at": strange}] if strange else [])

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
            self.process.wait(timeout=60)
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
