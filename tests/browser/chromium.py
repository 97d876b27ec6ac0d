# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium and one page in it, by the DevTools protocol over a pipe: no port, no library."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))

from harness import Skip  # pylint: disable=wrong-import-position

FLAGS = ("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
         "--remote-debugging-pipe")
ANSWER_SECONDS = 30
FIRST_FREE = 10


class Browser:
    """close() ends it. Whatever the page complained about is in complaints."""

    def __init__(self):
        found = shutil.which("chromium")
        if found is None:
            raise Skip("Chromium is not installed")
        self.profile = tempfile.mkdtemp(prefix="jpki-browser-", dir="/tmp")
        self.complaints, self.count, self.rest, self.session = [], 0, b"", None
        self.process = self.start([found, *FLAGS, f"--user-data-dir={self.profile}"])
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def start(self, argv):
        """Chromium reads descriptor 3 and writes descriptor 4."""
        if os.geteuid() == 0:
            argv.append("--no-sandbox")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        high_in = fcntl.fcntl(theirs_in, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE)
        high_out = fcntl.fcntl(theirs_out, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE)

        def place():
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=place,
                                   env=dict(os.environ, HOME=self.profile))
        for fd in (theirs_in, theirs_out, high_in, high_out):
            os.close(fd)
        self.reader, self.writer = ours_in, ours_out
        return process

    def hear(self, seconds):
        """The next message, or None if none comes in time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            if not select.select([self.reader], [], [], max(0, end - time.monotonic()))[0]:
                return None
            more = os.read(self.reader, 1 << 20)
            assert more, "Chromium has ended"
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def note(self, message):
        """What should be in nobody's console."""
        method, about = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        if method == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning", "assert"):
            self.complaints.append(str([arg.get("value") for arg in about["args"]]))
        if method == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.complaints.append(about["entry"]["text"] + " " + about["entry"].get("url", ""))

    def call(self, method, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.hear(ANSWER_SECONDS)
            assert answer is not None, f"no answer to {method}"
            if answer.get("id") == self.count:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self.note(answer)

    def run(self, script):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, (script, result)
        return result["result"].get("value")

    def wait(self, what, script, seconds=60):
        """Until an expression is true in the page, which may be about to be another one."""
        end, why = time.monotonic() + seconds, ""
        while True:
            try:
                if self.run(script):
                    return
            except AssertionError as gone:
                why = f"; {gone}"
            assert time.monotonic() < end, f"not within {seconds} s: {what}{why}"
            time.sleep(0.05)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait(f"{url} is loaded", f"document.readyState === 'complete' && location.href === {json.dumps(url)}")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=False)

    def scheme(self, name):
        """Light or dark, as the person's system would ask for."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def prefer(self, languages):
        agent = self.run("navigator.userAgent")
        self.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages)

    def press(self, key, code):
        what = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text="\r" if key == "Enter" else "", **what)
        self.call("Input.dispatchKeyEvent", type="keyUp", **what)

    def picture(self, path):
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(timeout=60)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.reader)
        os.close(self.writer)
        shutil.rmtree(self.profile, ignore_errors=True)
