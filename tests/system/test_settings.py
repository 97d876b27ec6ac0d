#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/settings.md says what the programs say, and that is all there is: every configuration table is shown by its
program, every variable that sources read is listed, and each key is in the program's manual page."""
import json
import os
import re
import subprocess

from harness import BIN, Directory, main, read_text, test

ROOT = os.environ.get("JPKI_TEST_ROOT", os.getcwd())
PAGE = os.path.join(ROOT, "docs/settings.md")
READ = re.compile(r'(?:secure_getenv|\benvironment)\(\s*"([A-Z_]+)"')
NAMED = re.compile(r'"(JPKI(?:CTL)?_[A-Z_]+)"')
TABLE = re.compile(r"^(?:static )?const struct conf_key (\w+)\[\]", re.MULTILINE)
# Tables of other files than a program's configuration: profiles of certificates (docs/profiles.md) and the script of a
# key ceremony (docs/key-ceremony.md).
OTHER_TABLES = ("src/x509/", "src/ceremony/")


def sources():
    for folder, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in names:
            if name.endswith((".c", ".h")):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, ROOT), read_text(path)


def programs():
    return sorted(name for name in os.listdir(os.path.join(ROOT, "src/programs"))
                  if os.path.isdir(os.path.join(ROOT, "src/programs", name)))


def told(name, *words):
    done = subprocess.run([os.path.join(BIN, name), "--settings", *words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


def as_json(name):
    code, text = told(name, "--json")
    assert code == 0, (name, text)
    return json.loads(text)


@test
def the_page_is_what_the_programs_say(fixture):
    made = subprocess.run([os.path.join(ROOT, "scripts/settings"), "--print", BIN], stdout=subprocess.PIPE, text=True,
                          timeout=60, check=True).stdout
    assert made == read_text(PAGE), "docs/settings.md is out of date: run scripts/settings"


@test
def every_program_is_on_it(fixture):
    on_page = re.findall(r"^## (\S+)$", read_text(PAGE), re.MULTILINE)
    assert sorted(on_page) == programs(), (on_page, programs())


@test
def every_configuration_table_is_shown(fixture):
    """Each table is of one section, but for jpkictl's, which has [evidence] behind [verifier]."""
    tables = {name for path, text in sources() if not path.startswith(OTHER_TABLES) for name in TABLE.findall(text)}
    shown = {key["section"] for name in programs() for key in as_json(name)["keys"]} - {"evidence"}
    assert len(tables) == len(shown) >= 9, (sorted(tables), sorted(shown))


@test
def every_variable_that_is_read_is_listed(fixture):
    listed = {row["name"] for name in programs() for row in as_json(name)["variables"]}
    read = {name: path for path, text in sources() for name in READ.findall(text) + NAMED.findall(text)}
    missing = {name: path for name, path in read.items() if name not in listed}
    assert len(read) > 15 and not missing, missing


@test
def each_key_is_in_the_manual_page(fixture):
    for name in programs():
        page = next(path for path in (f"man/{name}.8", f"man/{name}.1") if os.path.exists(os.path.join(ROOT, path)))
        words = set(re.findall(r"[\w-]+", read_text(os.path.join(ROOT, page))))
        missing = [key["key"] for key in as_json(name)["keys"] if key["key"] not in words]
        assert not missing, (page, missing)


@test
def no_description_is_empty_and_defaults_fit(fixture):
    for name in programs():
        for key in as_json(name)["keys"]:
            assert key["description"].strip(), key
            if "min" in key and not key["required"]:
                assert key["min"] <= int(key["default"]) <= key["max"], (name, key)
        rows = as_json(name)["variables"]
        assert all(row["description"].strip() for row in rows), rows
        assert len({row["name"] for row in rows}) == len(rows), (name, rows)


@test
def settings_take_no_other_word(fixture):
    code, text = told("jpki-ocspd", "--jsn")
    assert code == 2 and "one argument too many: '--jsn'" in text, (code, text)
    code, text = told("jpki-ocspd")
    assert code == 0 and "[ocsp] poll_ms: number, 50 to 900000, default 1000" in text, (code, text)


main(Directory)
