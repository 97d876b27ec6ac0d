#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The documents that the build writes (build/openapi) keep to OpenAPI 3.1 and say nothing that must
not reach a provider; and whatever would not is noticed: samples first."""
import copy
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

import discretion
import openapi
import samples
from harness import Skip, main, read_text, test

DOCUMENTS = os.environ.get("JPKI_TEST_OPENAPI", "build/openapi")
ROUTES = os.environ.get("JPKI_TEST_PLATFORM_ROUTES", "build/tests/component/test_component_platform_routes")
WHOLE = os.environ.get("JPKI_TEST_PLATFORM_DOCUMENTS", "build/tests/component/test_component_platform_documents")
NAMES = ("authority", "authority-holder", "authority-proxy", "authority-verifier", "ocsp", "platform", "register", "softcard")


class Documents:
    def __init__(self):
        self.all = {name: json.loads(read_text(os.path.join(DOCUMENTS, name + ".json"))) for name in NAMES}
        self.platform = self.all["platform"]
        self.heard = {}

    def recorded(self, program):
        """(secrets, answers) of a component test of the platform, which plants the secrets; it runs once."""
        if program not in self.heard:
            self.heard[program] = record(program)
        return self.heard[program]

    def close(self):
        pass


def refuse(good, spoil, judge, expected):
    """A good document, spoiled, is refused for what was done to it and for nothing before that."""
    bad = copy.deepcopy(good)
    assert judge(bad) == [], judge(bad)
    spoil(bad)
    assert any(expected in breach for breach in judge(bad)), (expected, judge(bad))


@test
def each_malformed_sample_is_refused(_):
    for what, spoil, expected in samples.MALFORMED:
        try:
            refuse(samples.SMALL, spoil, openapi.breaches, expected)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from error


@test
def each_indiscreet_sample_is_refused(documents):
    for what, spoil, expected in samples.INDISCREET:
        try:
            refuse(documents.platform, spoil, discretion.in_document, expected)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from error


@test
def each_indiscreet_answer_is_noticed(_):
    secrets = discretion.Secrets([samples.DER], [samples.SERIAL], [samples.REVOKED_AT])
    for what, text, expected in samples.TOLD:
        assert secrets.found_in(text) == [expected], (what, secrets.found_in(text))
    assert secrets.found_in('{"id":"x","verdict":"invalid","reasons":["revoked"]}') == []


@test
def all_documents_keep_to_openapi(documents):
    for name, document in documents.all.items():
        assert openapi.breaches(document) == [], (name, openapi.breaches(document))
        assert document["info"]["title"].startswith("OpenJPKI "), document["info"]


@test
def all_schemas_are_json_schema(documents):
    if openapi.jsonschema is None:
        raise Skip("python3-jsonschema is not installed")
    count = 0
    for name, document in documents.all.items():
        assert openapi.bad_schemas(document) == [], (name, openapi.bad_schemas(document))
        count += len(list(openapi.schemas(document)))
    assert count > 60, count


@test
def the_platform_has_room_for_nothing_that_a_provider_must_not_know(documents):
    assert discretion.in_document(documents.platform) == [], discretion.in_document(documents.platform)


@test
def the_exceptions_are_all_needed(documents):
    # A row of an exception that nothing uses any more would let something else in.
    used = set()
    for operation, _, schema in discretion.answers_of(documents.platform):
        if schema is not None:
            used |= {(operation, member) for member, _ in discretion.members(documents.platform, schema)}
    assert set(discretion.MAY_TELL) <= used, sorted(set(discretion.MAY_TELL) - used)


def record(program):
    read_end, write_end = os.pipe()
    environment = dict(os.environ, JPKI_TEST_RECORD=str(write_end))
    process = subprocess.Popen([program], stdout=subprocess.DEVNULL, env=environment, pass_fds=[write_end])
    os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as stream:
        first, *answers = [json.loads(line) for line in stream]
    assert process.wait() == 0
    certificates = [bytes.fromhex(text) for text in first["certificates"]]
    return discretion.Secrets(certificates, first["serials"], first["times"]), answers


@test
def no_recorded_answer_of_the_platform_tells_what_was_planted(documents):
    for program, least in (ROUTES, 30), (WHOLE, 15):
        secrets, answers = documents.recorded(program)
        assert len(answers) > least, len(answers)
        for answer in answers:
            found = secrets.found_in(answer["head"] + answer["body"])
            assert found == [], (answer["request"], found)


@test
def no_recorded_request_carries_it_either(documents):
    # Certificates pass a tenant's hands encrypted: what it sends says no more than what it hears.
    secrets, answers = documents.recorded(ROUTES)
    carried = 0
    for answer in answers:
        found = secrets.found_in(answer["request"] + answer["sent"])
        assert found == [], (answer["request"], found)
        carried += "certificate" in answer["sent"]
    assert carried > 10, carried


@test
def every_recorded_answer_of_the_platform_is_in_its_document(documents):
    if openapi.jsonschema is None:
        raise Skip("python3-jsonschema is not installed")
    statuses = set()
    for answer in documents.recorded(ROUTES)[1] + documents.recorded(WHOLE)[1]:
        method, path = answer["request"].partition("?")[0].split(" ")[:2]
        body = json.loads(answer["body"]) if answer["body"] else None
        wrong = openapi.mismatch(documents.platform, method, path, answer["status"], answer.get("type"), body)
        assert wrong is None, wrong
        statuses.add(answer["status"])
    assert {200, 201, 204, 400, 403, 404, 409, 413, 422, 503} <= statuses, statuses


if __name__ == "__main__":
    main(Documents)
