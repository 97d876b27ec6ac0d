#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-sandbox: what it refuses, what it survives, and that nothing is left of it."""
import atexit
import datetime
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kept
import prepared
from harness import Skip, listens, main, program, read_text, run, test, wait_until, write_text

NOBODY = 65534
LONGEST_DIR = 82
USAGE, ABSENT, REMOTE, INTERNAL = 2, 3, 5, 6
UP_SECONDS = 120


def processes_of(directory):
    """Processes, zombies excepted, whose command line names something below the directory."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(word == directory or word.startswith(directory + "/") for word in words):
            found[int(pid)] = " ".join(words)
    return found


def is_alive(pid):
    """Zombies are dead: whoever inherits them may take his time."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read() != b""
    except OSError:
        return False


class Sandbox:
    """A sandbox in a directory of its own, run in the foreground; its first start, if it is new."""

    def __init__(self, prefix=(), parent="/tmp", sandbox=program("jpki-sandbox"), is_new=True):
        self.dir = tempfile.mkdtemp(prefix="jpki-sys-", dir=parent) if is_new else prepared.directory_for(parent)
        self.prefix = list(prefix)
        self.sandbox = sandbox
        self.process = None
        self.state = None
        atexit.register(self.close)  # of a test whose fixture failed behind it

    def command(self, *words):
        return self.prefix + [self.sandbox, *words, "--dir", self.dir]

    def start(self, *words):
        self.process = subprocess.Popen(
            self.command("up", "--json", *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        line = self.process.stdout.readline()
        assert line, f"up ended with {self.process.wait()}: {self.process.stderr.read().decode()}"
        self.state = json.loads(line)
        return self

    def call(self, *words, expect=0):
        done = run(*self.command(*words), check=False)
        assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done

    def status(self, expect=0):
        self.state = json.loads(self.call("status", "--json", expect=expect).stdout)
        return self.state

    def pids(self):
        return {row["name"]: row["pid"] for row in self.state["programs"]}

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=UP_SECONDS)

    def all_gone(self):
        pids = list(self.pids().values())
        wait_until("every program is gone", lambda: not any(is_alive(pid) for pid in pids))
        wait_until("the supervisor is gone", lambda: not processes_of(self.dir))

    def close(self):
        atexit.unregister(self.close)
        if self.process is not None and self.process.poll() is None:
            kept.keep_running(self.dir)
            for pid in processes_of(self.dir):
                kept.keep_command_line(pid)
            self.stop()
        kept.keep_directory(self.dir)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Shared:
    """One sandbox with a card that most tests share; others make their own."""

    def __init__(self):
        self.box = Sandbox().start()

    def close(self):
        self.box.close()


def environment(box):
    script = box.call("env").stdout.decode() + '\nenv -0'
    out = subprocess.run(["/bin/sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout
    return dict(item.split("=", 1) for item in out.decode().split("\0") if "=" in item)


@test
def a_directory_whose_path_is_too_long_for_sockets_is_refused(_):
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        for length, expect in ((LONGEST_DIR + 1, USAGE), (LONGEST_DIR, ABSENT)):
            path = top + "/" + "d" * (length - len(top) - 1)
            done = run(program("jpki-sandbox"), "status", "--dir", path, check=False)
            assert done.returncode == expect, done.stderr
            assert (b"shorter" in done.stderr) == (expect == USAGE), done.stderr


@test
def a_directory_with_other_files_is_neither_used_nor_reset(_):
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        write_text(top + "/thesis", "x")
        for words, expect in ((("up",), INTERNAL), (("reset",), ABSENT)):
            done = run(program("jpki-sandbox"), *words, "--dir", top, check=False)
            assert done.returncode == expect, done.stderr
        assert os.listdir(top) == ["thesis"]


@test
def a_test_whose_fixture_fails_leaves_no_sandbox(_):
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        fake = os.path.join(top, "jpki-sandbox")
        write_text(fake, "#!/usr/bin/env python3\nimport signal\nprint('{}', flush=True)\nsignal.pause()\n")
        os.chmod(fake, 0o755)
        write_text(os.path.join(top, "test.py"), f"""import harness
from test_sandbox import Sandbox
class Fixture:
    def __init__(self):
        self.box = Sandbox(parent={top!r}, sandbox={fake!r}).start()
        print(self.box.dir, flush=True)
        raise AssertionError("the fixture failed")
harness.main(Fixture)
""")
        search = os.pathsep.join([os.path.dirname(os.path.abspath(__file__)), *sys.path])
        done = subprocess.run([sys.executable, "-B", os.path.join(top, "test.py")], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": search}, check=False)
        box = done.stdout.decode().split()[-1]
        assert done.returncode == 1 and b"the fixture failed" in done.stderr and box.startswith(top), done
        assert not processes_of(box) and not os.path.exists(box)


@test
def without_a_running_sandbox_every_command_says_so(_):
    with Sandbox() as box:
        for words in (("status",), ("env",), ("down",), ("persona", "card", "hanako")):
            assert b"jpki-sandbox up" in box.call(*words, expect=ABSENT).stderr


@test
def a_second_sandbox_in_one_directory_is_refused_and_the_first_goes_on(shared):
    done = shared.box.call("up", expect=INTERNAL)
    assert f"process {shared.box.process.pid}".encode() in done.stderr, done.stderr
    shared.box.call("reset", expect=INTERNAL)
    assert shared.box.status()["healthy"]


@test
def two_sandboxes_run_side_by_side_with_a_reader_each(shared):
    with Sandbox().start() as other:
        assert other.pids() != shared.box.pids()
        # Nobody has done anything yet, whatever was made for the start.
        assert json.loads(other.call("trace", "--json").stdout) == {"steps": []}
        if not other.state["reader"]:
            raise Skip(other.state["no_reader_reason"])
        other.call("persona", "card", "uruu")
        for box, has_card in ((shared.box, False), (other, True)):
            def sees(wanted, env):
                out = subprocess.run(["opensc-tool", "-l"], env=env, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, check=False).stdout.decode()
                return bool(re.search(r"^0\s+" + ("Yes" if wanted else "No"), out, re.M))
            env = environment(box)
            wait_until(f"card there: {has_card}", lambda: sees(has_card, env))
        assert other.stop() == 0
        other.all_gone()
    assert shared.box.status()["healthy"]


@test
def an_unknown_persona_is_refused_and_nothing_changes(shared):
    done = shared.box.call("persona", "card", "nobody", expect=ABSENT)
    assert b"hanako" in done.stderr, done.stderr
    assert shared.box.status()["plugged"] is None


@test
def a_card_is_made_once_and_plugged_in_again(shared):
    box = shared.box
    first = json.loads(box.call("persona", "card", "hanako", "--json").stdout)
    assert first["made"] and first["sign_certificate"], first
    child = json.loads(box.call("persona", "card", "kodomo", "--json").stdout)
    assert child["made"] and not child["sign_certificate"], child
    assert box.status()["plugged"] == "kodomo"
    listed = json.loads(box.call("persona", "list", "--json").stdout)["personas"]
    assert [row["name"] for row in listed if row["plugged"]] == ["kodomo"], listed
    again = json.loads(box.call("persona", "card", "hanako", "--json").stdout)
    assert again == dict(first, made=False), (first, again)
    assert box.status()["plugged"] == "hanako"


@test
def the_trace_shows_who_did_what_at_an_issue_and_nobodys_data(shared):
    box = shared.box
    before = len(json.loads(box.call("trace", "--json").stdout)["steps"])
    box.call("persona", "card", "uruu")
    text = box.call("trace", "--json").stdout.decode()
    steps = json.loads(text)["steps"][before:]
    assert {(row["step"], row["program"]) for row in steps} == {
        ("①", "jpki-registerd"), ("②", "jpki-registerd"), ("③", "jpki-softcard"),
        ("④", "jpki-softcard"), ("⑤", "jpki-signerd"), ("⑤", "jpki-authorityd"),
        ("⑥", "jpki-softcard"), ("⑥", "jpki-registerd"), ("⑦", "jpki-registerd")}, steps
    assert [row["step"] for row in steps if row["program"] == "jpki-registerd"] == list("①②⑥⑦")
    assert all(row["flow"] == "F1" for row in steps), steps
    assert steps == sorted(steps, key=lambda row: row["at_us"])
    pids = [(row["name"], row["pid"]) for row in box.status()["programs"]]
    for row in steps:
        assert any(name.startswith(row["program"]) and pid == row["pid"] for name, pid in pids), (row, pids)
    people = json.loads(box.call("persona", "list", "--json").stdout)["personas"]
    for person in people:
        for word in (person["full_name"], person["address"], person["pin_sign"]):
            assert word not in text, word
    assert "⑦" in box.call("trace").stdout.decode()


@test
def a_move_without_a_card_or_a_home_is_refused_and_a_child_has_nothing_to_revoke(shared):
    box = shared.box
    home = ("--address", "兵庫県神戸市中央区見本町１番", "--municipality", "28100")
    assert b"--municipality" in box.call("move", "kodomo", "--address", "x", expect=USAGE).stderr
    assert b"persona card" in box.call("move", "john", *home, expect=ABSENT).stderr
    assert b"99999" in box.call("move", "hanako", *home[:3], "99999", expect=USAGE).stderr
    moved = json.loads(box.call("move", "kodomo", *home, "--json").stdout)
    assert (moved["revocation"], moved["sign_certificate"]) == ("none", False), moved


@test
def a_move_gives_the_card_a_new_certificate_once(shared):
    box = shared.box
    home = ("--address", "兵庫県神戸市中央区見本町２番", "--municipality", "28100")
    moved = json.loads(box.call("move", "hanako", *home, "--json").stdout)
    assert (moved["revocation"], moved["sign_certificate"]) == ("done", True), moved
    again = json.loads(box.call("act", "hanako", "move", *home, "--json").stdout)
    assert (again["revocation"], again["new_sign_certificate"]) == ("none", False), again


@test
def acts_that_are_none_or_told_wrongly_are_refused(shared):
    box = shared.box
    assert b"no act" in box.call("act", "hanako", "marriage", expect=USAGE).stderr
    assert b"persona card" in box.call("act", "john", "death", expect=ABSENT).stderr
    assert b"needs name" in box.call("act", "hanako", "name", expect=USAGE).stderr
    assert b"nothing to do" in box.call("act", "hanako", "death", "--date", "2026-11-23", expect=USAGE).stderr


@test
def a_new_name_gives_the_card_a_new_certificate_and_a_pin_is_set_anew(shared):
    box = shared.box
    acted = json.loads(box.call("act", "hanako", "name", "--name", "番号　華子", "--json").stdout)
    assert (acted["revocation"], acted["state"], acted["new_sign_certificate"]) == ("done", "active", True), acted
    acted = json.loads(box.call("act", "hanako", "pin-reset", "--pin", "sign", "--json").stdout)
    assert (acted["revocation"], acted["state"], acted["new_sign_certificate"]) == ("none", "active", False), acted


@test
def a_lost_card_is_stopped_and_goes_on_when_it_is_found(shared):
    box = shared.box
    acted = json.loads(box.call("act", "kodomo", "loss", "--json").stdout)
    assert (acted["revocation"], acted["state"]) == ("done", "suspended"), acted
    assert b"the card is suspended" in box.call("act", "kodomo", "loss", expect=INTERNAL).stderr
    box.call("persona", "card", "kodomo")  # it can be held to a reader all the same
    assert json.loads(box.call("act", "kodomo", "found", "--json").stdout)["state"] == "active"


@test
def an_added_persona_gets_a_card_too(shared):
    box = shared.box
    path = box.dir + "/../" + os.path.basename(box.dir) + ".persona"
    persona = {"name": "added", "note": "by a test", "mynumber": "900000000155",
               "full_name": "追加　見本", "address": "東京都港区見本一丁目", "birth_date": "1999-09-09",
               "sex": "unknown", "municipality": "13103",
               "pins": {"auth": "9876", "sign": "ADDED1"}}
    try:
        write_text(path, json.dumps(dict(persona, sex="other")))
        box.call("persona", "add", path, expect=USAGE)
        write_text(path, json.dumps(persona))
        box.call("persona", "add", path)
        box.call("persona", "add", path, expect=INTERNAL)
    finally:
        os.unlink(path)
    assert json.loads(box.call("persona", "card", "added", "--json").stdout)["made"]


@test
def a_signature_is_judged_and_a_person_logged_in_by_what_env_prints(shared):
    box = shared.box
    box.call("persona", "card", "hanako")
    env = environment(box)
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        document = os.path.join(top, "a")
        write_text(document, "a")

        def jpki(*words, pin="", expect=0):
            done = subprocess.run([program("jpki"), *words, "--json"], env=env, input=pin.encode(),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            assert expect is None or done.returncode == expect, (words, done)
            return done
        wait_until("the card is in the reader",
                   lambda: jpki("card", "info", expect=None).returncode == 0)
        jpki("sign", document, "--yes", "--pin-fd", "0", pin="ABC123\n")
        wait_until("the responder knows the certificate", lambda: jpki(
            "verify", document, "--platform", env["JPKI_PLATFORM"], expect=None).returncode == 0)
        subjects = {client: json.loads(jpki("login", env["JPKI_PLATFORM"], "--client", client, "--yes",
                                            "--pin-fd", "0", pin="1234\n").stdout)["sub"]
                    for client in ("sample-bank", "sample-shop")}
        assert subjects["sample-bank"] != subjects["sample-shop"], subjects
    status = subprocess.run([program("jpkictl"), "status", "--json"], env=env, check=True,
                            stdout=subprocess.PIPE).stdout
    daemons = json.loads(status)["daemons"]
    assert len(daemons) == 12 and all(row["ready"] for row in daemons), daemons
    acts = {}
    for daemon in ("register/counter", "authority/authority", "platform/platform"):
        listed = subprocess.run([program("jpkictl"), "audit", "list", "--socket", f"{box.dir}/{daemon}.sock",
                                 "--json"], env=env, check=True, stdout=subprocess.PIPE).stdout.decode()
        acts[daemon] = listed
    assert "card.activated" in acts["register/counter"], acts
    assert "certificate.issued" in acts["authority/authority"], acts
    assert "verification.judged" in acts["platform/platform"], acts
    assert "login.redeemed" in acts["platform/platform"], acts


@test
def the_free_area_of_whatever_card_is_in_the_reader_is_the_counters(shared):
    box = shared.box
    env = environment(box)
    until = datetime.date.today() + datetime.timedelta(days=100)  # the area must end before the card
    area = ["--label", "印鑑登録証", "--operator", "見本市", "--basis", "ordinance", "--basis-text", "見本市条例",
            "--basis-date", "2025-04-01", "--expiry", until.isoformat(), "--capacity", "100"]

    def free(*words, data=b"", expect=0):
        done = subprocess.run([program("jpki"), "free", *words], env=env, input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        assert expect is None or done.returncode == expect, (words, done)
        return done

    def plug(persona):
        serial = json.loads(box.call("persona", "card", persona, "--json").stdout)["card"]
        wait_until("the card is in the reader", lambda: free("list", expect=None).returncode == 0)
        return serial
    keys = {}
    for persona in ("kodomo", "hanako"):
        plug(persona)
        free("create", "SEAL", *area)
        free("write", "SEAL", data=persona.encode())
        keys[persona] = read_text(env["JPKI_ISSUER_KEY_FILE"])
        assert os.stat(env["JPKI_ISSUER_KEY_FILE"]).st_mode & 0o777 == 0o600
    assert keys["kodomo"] != keys["hanako"]
    plug("kodomo")
    assert free("read", "SEAL").stdout == b"kodomo"
    wrong = box.dir + "/issuer-keys/of-hanako"
    assert b"does not know these keys" in free("delete", "SEAL", "--issuer-key-file", wrong, expect=4).stderr
    free("delete", "SEAL")
    digits = [line.split()[1] for text in keys.values() for line in text.splitlines()[1:]]
    assert len(set(digits)) == 6, digits
    for name in os.listdir(box.dir + "/log"):
        text = read_text(f"{box.dir}/log/{name}")
        assert not any(key in text for key in digits), name


@test
def a_provider_whose_key_is_lost_has_another_one_after_a_start(_):
    with Sandbox(is_new=False).start() as box:
        path = box.dir + "/providers/sample-bank.key"
        old = read_text(path)
        other = read_text(box.dir + "/providers/sample-shop.key")
        box.stop()
        os.unlink(path)
        box.start()
        assert len(read_text(path)) == len(old) and read_text(path) != old
        assert read_text(box.dir + "/providers/sample-shop.key") == other


@test
def each_killed_program_is_started_again_and_reported(shared):
    box = shared.box
    box.call("persona", "card", "hanako")
    box.status()
    for name, pid in box.pids().items():
        os.kill(pid, signal.SIGKILL)

        def is_back():
            done = run(*box.command("status", "--json"), check=False)
            row = [r for r in json.loads(done.stdout)["programs"] if r["name"] == name][0]
            return (row["state"] == "running" and row["restarts"] == 1 and row["pid"] != pid
                    and row["last_ending"] == "killed by signal 9" and (row["socket"] is None or listens(row["socket"])))
        wait_until(f"{name} is back", is_back)
    assert box.status()["healthy"]
    # And it works: the card is served, the daemons answer each other.
    wait_until("the card answers", lambda: run(
        *box.command("persona", "card", "hanako"), check=False).returncode == 0)
    assert json.loads(box.call("persona", "card", "showa", "--json").stdout)["made"]


@test
def as_root_every_daemon_has_a_user_of_its_own(shared):
    if os.geteuid() != 0:
        raise Skip("not root")
    assert shared.box.status()["separate_users"]
    uids = {}
    for name, pid in shared.box.pids().items():
        uids[name] = int(re.search(r"^Uid:\s+(\d+)", read_text(f"/proc/{pid}/status"), re.M).group(1))
    assert len(set(uids.values())) == len(uids) and 0 not in uids.values(), uids


@test
def the_virtual_reader_listens_in_no_network_of_the_machine(shared):
    if not shared.box.state["reader"]:
        raise Skip(shared.box.state["no_reader_reason"])
    ports = re.findall(r":([0-9A-F]{4}) [0-9A-F]{8}:0000 0A", read_text("/proc/net/tcp"))
    assert "8C7B" not in ports, ports
    inside = read_text(f"/proc/{shared.box.pids()['pcscd']}/net/tcp")
    assert ":8C7B" in inside, inside


@test
def the_individual_number_is_in_no_log(shared):
    logs = shared.box.dir + "/log"
    for name in os.listdir(logs):
        text = read_text(os.path.join(logs, name))
        for secret in ("123456789018", "ABC123", "番号　花子"):
            assert secret not in text, (name, secret)


@test
def no_daemon_answered_what_its_rows_do_not_declare(shared):
    logs = shared.box.dir + "/log"
    for name in os.listdir(logs):
        lines = read_text(os.path.join(logs, name)).splitlines()
        # That it is not ready is an answer, too: on a busy machine its peers may be late.
        told = [line for line in lines if "http.undeclared" in line or
                "http.failure" in line and "_ready" not in line]
        assert not told, (name, told)


@test
def the_environment_survives_a_shell_whatever_the_directory_is_called(_):
    top = tempfile.mkdtemp(dir="/tmp")
    os.chmod(top, 0o755)
    box = Sandbox(is_new=False)
    try:
        odd = os.path.join(top, "it's @home $HOME `x` \"y\"")
        os.rename(box.dir, odd)
        box.dir = odd
        box.start()
        assert environment(box)["JPKI_ANCHORS"] == odd + "/anchors"
        assert os.path.exists(odd + "/anchors/sign.pem")
    finally:
        box.close()
        shutil.rmtree(top)


@test
def after_ctrl_c_nothing_is_left_and_the_state_is_kept(_):
    with Sandbox(is_new=False).start() as box:
        card = json.loads(box.call("persona", "card", "hanako", "--json").stdout)["card"]
        box.status()
        assert box.stop(signal.SIGINT) == 0
        box.all_gone()
        box.start()
        assert box.state["plugged"] == "hanako", box.state
        again = json.loads(box.call("persona", "card", "hanako", "--json").stdout)
        assert again["card"] == card and not again["made"], again


@test
def after_kill_9_of_the_supervisor_nothing_is_left_and_it_starts_again(_):
    with Sandbox(is_new=False).start() as box:
        box.call("persona", "card", "hanako")
        box.status()
        assert box.stop(signal.SIGKILL) == -signal.SIGKILL
        box.all_gone()
        box.call("status", expect=ABSENT)
        box.start()
        assert box.state["healthy"]


@test
def ctrl_c_while_starting_leaves_nothing(_):
    for delay in (0.02, 0.2, 0.6, 1.2):
        with Sandbox() as box:
            process = subprocess.Popen(box.command("up", "--json"), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       start_new_session=True)
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=UP_SECONDS)
            wait_until("nothing is left", lambda: not processes_of(box.dir))
            # What had been made by then is no obstacle.
            box.start()
            assert box.state["healthy"]


@test
def a_closed_terminal_stops_the_sandbox(_):
    with Sandbox(is_new=False) as box:
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(program("jpki-sandbox"), box.command("up", "--json"))
        wait_until("it runs", lambda: run(*box.command("status"), check=False).returncode == 0,
                   UP_SECONDS)
        box.status()
        os.close(terminal)
        wait_until("the supervisor ends", lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, UP_SECONDS)
        box.all_gone()


@test
def a_link_that_a_program_plants_is_not_followed_by_root(_):
    if os.geteuid() != 0:
        raise Skip("everything is one user's anyway")
    with Sandbox(is_new=False).start() as box, tempfile.TemporaryDirectory(dir="/tmp") as outside:
        os.chmod(outside, 0o711)
        for path in ("card/hanako", "pcscd/reader.conf.d", "signer-ca/keys"):
            victim = os.path.join(box.dir, path)
            if os.path.isdir(victim):
                os.rename(victim, victim + ".old")
            os.symlink(outside, victim)
        box.call("persona", "card", "hanako", expect=REMOTE)
        box.stop()
        assert run(*box.command("up"), check=False).returncode != 0
        assert os.listdir(outside) == [] and os.stat(outside).st_mode & 0o777 == 0o711
        assert os.stat(outside).st_uid == 0


@test
def a_removed_directory_stops_the_sandbox(_):
    with Sandbox(is_new=False).start() as box:
        shutil.rmtree(box.dir)
        assert box.process.wait(timeout=UP_SECONDS) == 0
        box.all_gone()


@test
def detached_it_runs_until_down_and_reset_forgets_everything(_):
    with Sandbox() as box:
        box.call("up", "--detach")
        box.status()
        old = read_text(box.dir + "/anchors/sign.pem")
        write_text(box.dir + "/notes", "mine")
        box.call("down")
        box.all_gone()
        box.call("reset")
        assert sorted(os.listdir(box.dir)) == [".jpki-sandbox", "lock", "notes"]
        box.call("up", "--detach")
        assert read_text(box.dir + "/anchors/sign.pem") != old
        box.call("down")


def names_the_disk(said):
    """Whether a failure says that there is no room: the system's word for it, or how much there is and is needed."""
    return "No space left on device" in said or "disk is full" in said or \
        re.search(r"[0-9]+ KiB left on the file system of its log, a sandbox takes up to [0-9]+ MiB", said)


@test
def a_full_disk_is_reported_and_later_starts_work(_):
    if os.geteuid() != 0:
        raise Skip("a small file system takes root")
    top = tempfile.mkdtemp(dir="/tmp")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0755", "tmpfs", top],
                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
        os.rmdir(top)
        raise Skip("mounting is not permitted here")
    try:
        with Sandbox(parent=top) as box:
            write_text(top + "/filler", "x" * (200 * 1024))
            done = run(*box.command("up"), check=False)
            assert done.returncode in (5, INTERNAL), (done.returncode, done.stderr)
            assert names_the_disk(done.stderr.decode()), done.stderr
            assert not processes_of(box.dir)
            os.unlink(top + "/filler")
            for megabytes in (1, 2, 4):  # so that each time another step is the first without room
                run("mount", "-o", f"remount,size={megabytes}m", top)
                done = run(*box.command("up"), check=False)
                assert done.returncode in (5, INTERNAL), (done.returncode, done.stderr)
                assert names_the_disk(done.stderr.decode()), (megabytes, done.stderr)
                assert not processes_of(box.dir)
            run("mount", "-o", "remount,size=160m", top)
            box.start()
            assert box.state["healthy"]
    finally:
        run("umount", top)
        os.rmdir(top)


def copy_installation(top):
    """The programs and their data below top, where everybody can read them; returns the sandbox's."""
    os.chmod(top, 0o755)
    build = os.path.dirname(program(""))
    shutil.copytree(os.path.join(build, "../share"), os.path.join(top, "share"))
    os.mkdir(os.path.join(top, "bin"))
    for name in os.listdir(build):
        if os.path.isfile(program(name)):
            shutil.copy(program(name), os.path.join(top, "bin", name))
    return os.path.join(top, "bin", "jpki-sandbox")


@test
def a_plain_user_gets_everything_or_a_reason(_):
    if os.geteuid() != 0:
        raise Skip("the whole run is a plain user's already")
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        with Sandbox(prefix=prefix, sandbox=copy_installation(top)) as box:
            os.chown(box.dir, NOBODY, NOBODY)
            box.start()
            assert not box.state["separate_users"]
            assert box.state["reader"] or box.state["no_reader_reason"], box.state
            assert json.loads(box.call("persona", "card", "hanako", "--json").stdout)["made"]
            assert os.stat(box.dir).st_mode & 0o777 == 0o700
            assert box.stop() == 0
            box.all_gone()


@test
def where_namespaces_are_not_permitted_the_card_has_its_own_socket(_):
    if os.geteuid() != 0:
        raise Skip("taking a capability away takes root")
    with Sandbox(prefix=["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"], is_new=False) as box:
        box.start()
        assert not box.state["reader"]
        assert "permit" in box.state["no_reader_reason"], box.state
        box.call("persona", "card", "hanako")
        env = environment(box)
        assert env["JPKI_READER"] == f"direct:{box.dir}/card/direct.sock"
        assert "PCSCLITE_CSOCK_NAME" not in box.call("env").stdout.decode()
        done = subprocess.run([program("jpki"), "card", "info"], env=env, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0 and b"JPKIAPICCTOKEN2" in done.stdout, done


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(Shared)
