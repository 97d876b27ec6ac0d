#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job as ./run does it, once everything is built: scripts/main-job."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kept
import prepared
from harness import BIN, Skip, main, test, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS = 120
STEPS = 9


def alive_with(word):
    """Processes, zombies excepted, with this in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                line = f.read()
        except OSError:
            continue
        if int(pid) != os.getpid() and word.encode() in line:
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


class Job:
    """One run in a directory of its own, whose sandbox is new or was up before."""

    def __init__(self, *words, prefix=(), env=None, is_new=True):
        self.dir = tempfile.mkdtemp(prefix="jpki-run-", dir="/tmp") if is_new else prepared.directory_for()
        self.argv = [*prefix, sys.executable, "-B", os.path.join(ROOT, "scripts", "main-job"),
                     "--bin", BIN, "--dir", self.dir, *words]
        self.env = dict(os.environ, **(env or {}))

    def start(self):
        return subprocess.Popen(self.argv, env=self.env, stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def finish(self):
        """Exit status and what was printed for each step."""
        process = self.start()
        out, err = process.communicate(timeout=SECONDS)
        steps = [json.loads(line) for line in out.splitlines()]
        assert len(steps) == STEPS, (out, err)
        assert [step["step"] for step in steps] == list(range(1, STEPS + 1)), steps
        return process.returncode, steps

    def nothing_left(self):
        wait_until("nothing is left", lambda: not alive_with(self.dir))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kept.keep_directory(self.dir)
        shutil.rmtree(self.dir, ignore_errors=True)


class NoFixture:
    def close(self):
        pass


@test
def an_unknown_argument_is_refused_before_anything_happens(_):
    done = subprocess.run([os.path.join(ROOT, "run"), "--frobnicate"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2 and b"--frobnicate" in done.stderr, done
    done = subprocess.run([os.path.join(ROOT, "run"), "--once", "--dir"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2 and b"./run: --dir needs a value: DIR\n" in done.stderr, done


@test
def a_step_that_does_not_hold_fails_and_those_after_it_too(_):
    # Without openssl nobody can judge the first step.
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        for name in ("setpriv", "sh"):
            os.symlink(shutil.which(name), os.path.join(path, name))
        with Job("--once", "--json", env={"PATH": path}, is_new=False) as job:
            code, steps = job.finish()
            assert code == 1, code
            assert [step["ok"] for step in steps] == [False] * STEPS, steps
            assert "openssl" in steps[0]["reason"], steps[0]
            job.nothing_left()


@test
def once_holds_twice_in_one_directory_and_leaves_nothing_running(_):
    with Job("--once", "--json", "--allow-skip") as job:
        for made in ("made now", "made before"):
            code, steps = job.finish()
            assert code == 0, (code, steps)
            assert False not in [step["ok"] for step in steps], steps
            assert made in steps[1]["detail"], steps[1]
            job.nothing_left()


@test
def without_namespaces_two_steps_are_skipped_with_the_reason_and_it_exits_4(_):
    if os.geteuid() != 0:
        raise Skip("taking a capability away takes root")
    with Job("--once", "--json", is_new=False,
             prefix=["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]) as job:
        code, steps = job.finish()
        assert code == 4, (code, steps)
        assert [step["ok"] for step in steps] == [True, True, None, None] + [True] * 5, steps
        assert "permit" in steps[2]["reason"], steps[2]
        assert "own socket" in steps[4]["detail"], steps[4]
        job.nothing_left()


@test
def it_stays_until_ctrl_c_and_says_where_to_look(_):
    with Job("--allow-skip", is_new=False) as job:
        process = job.start()
        seen = ""
        while "persona card" not in seen:
            line = process.stdout.readline()
            assert line, seen + process.stderr.read()
            seen += line
        assert job.dir in seen and "personas" in seen.lower(), seen
        assert any("jpki-signerd" in line for line in alive_with(job.dir))
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=SECONDS) == 0
        job.nothing_left()


@test
def ctrl_c_or_a_kill_at_any_point_leaves_nothing_running(_):
    for delay, number in ((0.3, signal.SIGINT), (1.5, signal.SIGINT), (2.5, signal.SIGKILL),
                          (4.0, signal.SIGTERM)):
        with Job("--once", "--json") as job:
            process = job.start()
            time.sleep(delay)
            os.kill(process.pid, number)
            process.communicate(timeout=SECONDS)
            job.nothing_left()


if __name__ == "__main__":
    main(NoFixture)
