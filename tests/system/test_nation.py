#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-sandbox nation: the same people each time, in parts, and nobody who can exist."""
import json
import os
import resource
import subprocess

from harness import main, program, run, test

PEOPLE = "100000000"
MEMORY_MAX_KB = 64 * 1024
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def nation(*options, check=True):
    return run(program("jpki-sandbox"), "nation", *options, check=check)


def people(*options):
    return [json.loads(line) for line in nation("--people", PEOPLE, *options).stdout.splitlines()]


def check_digit(digits):
    """What follows so many digits of an individual number or a resident code, by the ordinances: weights 2 to 7
    and 2 to 6 from the right."""
    weights = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6]
    rest = sum(int(d) * w for d, w in zip(reversed(digits), weights)) % 11
    return 0 if rest <= 1 else 11 - rest


class Fixture:
    def close(self):
        pass


@test
def what_cannot_be_is_refused(fixture):
    for options in ((), ("--people", "0"), ("--people", "10", "--from", "10"),
                    ("--people", "10", "--from", "5", "--count", "6"), ("--people", "1000000001"),
                    ("--people", "10", "--until", "2026-02-30"), ("--people", "10", "--municipality", "99999"),
                    ("--people", "10", "--municipality", "1310")):
        refused = nation(*options, check=False)
        assert refused.returncode == 2 and not refused.stdout, options


@test
def a_part_is_as_it_is_in_the_whole(fixture):
    whole = people("--seed", "7", "--from", "5000", "--count", "40")
    assert [row["person"] for row in whole] == list(range(5000, 5040))
    assert people("--seed", "7", "--from", "5030", "--count", "1") == whole[30:31]
    assert people("--seed", "8", "--from", "5030", "--count", "1") != whole[30:31]


@test
def people_of_a_place_come_as_personas(fixture):
    """What 'persona add' takes, of the same people: the name is what bodies' records are drawn from."""
    of_place = ("--seed", "1", "--municipality", "13101", "--count", "2")
    rows, personas = people(*of_place), people(*of_place, "--personas")
    assert len(rows) == 2 and [row["municipality"] for row in rows] == ["13101"] * 2, rows
    for row, persona in zip(rows, personas):
        assert persona.pop("name") == f"nation-{row['person']}", persona
        assert persona.pop("pins") == {"auth": "1234", "sign": "ABC123"} and persona.pop("note")
        assert persona == {key: row[key] for key in persona} and len(persona) == 6, persona


@test
def nobody_in_it_can_exist(fixture):
    with open(os.path.join(ROOT, "data", "municipalities.tsv"), encoding="utf-8") as f:
        rows = [line.split("\t") for line in f if not line.startswith("#")]
    places = {row[0]: row[2] + row[4] for row in rows}
    towns = {row[4] for row in rows}
    numbers, codes = set(), set()
    for row in people("--count", "2000"):
        number = row["mynumber"]
        assert int(number[11]) == (check_digit(number[:11]) + 5) % 10, number
        numbers.add(number)
        code = row["resident_code"]
        assert len(code) == 11 and int(code[10]) == (check_digit(code[:10]) + 5) % 10, code
        codes.add(code)
        rest = row["address"].removeprefix(places[row["municipality"]])
        assert rest != row["address"] and rest.rstrip("0123456789丁目番号") not in towns, row["address"]
    assert len(numbers) == len(codes) == 2000


@test
def time_goes_on_and_certificates_end_by_what_happened(fixture):
    before = people("--count", "3000")
    after = people("--count", "3000", "--until", "2029-04-01")
    reasons = set()
    for old, new in zip(before, after):
        assert new["events"][:len(old["events"])] == old["events"]
        for cert in new["certificates"]:
            if "reason" in cert:
                reasons.add(cert["reason"])
                assert cert["revoked_at"] in {event["at"] for event in new["events"]}
                assert cert["not_before"] < cert["revoked_at"] <= cert["not_after"]
    assert {"affiliationChanged", "cessationOfOperation", "superseded", "certificateHold"} == reasons


@test
def nothing_is_kept(fixture):
    subprocess.run([program("jpki-sandbox"), "nation", "--people", PEOPLE, "--count", "30000"],
                   stdout=subprocess.DEVNULL, check=True)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY_MAX_KB


main(Fixture)
