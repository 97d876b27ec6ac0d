#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""openid-client and jose, unmodified, as a site to which somebody goes on from the portal."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from harness import Skip, main, test
from test_portald import Browser
from test_sandbox import Sandbox


class Shared:
    def __init__(self):
        self.box = None
        if shutil.which("node") is None or not os.path.isdir(os.path.join(HERE, "node_modules")):
            return
        self.box = Sandbox(is_new=False).start()
        self.origin = self.box.state["urls"]["portal"]

    def close(self):
        if self.box is not None:
            self.box.close()


@test
def a_library_of_openid_connect_is_such_a_site(shared):
    if shared.box is None:
        raise Skip("the judges are not installed (scripts/install-judges)")
    person = Browser(shared.origin)
    assert person.log_in("hanako") == "/#/sessions"
    site = next(one for one in person.answer_of("/v1/sites")[1]["sites"] if one["id"] == "tax")
    assert person.answer_of("/v1/sites/tax/linkage", "PUT")[0] == 204
    asked = {"issuer": shared.origin + "/sso", "client": "tax", "redirect": site["address"].replace("/enter", "/callback"),
             "key": os.path.join(shared.box.dir, "sites/tax.jwk")}
    # Sanitizers and moved clocks are for our programs.
    with subprocess.Popen(["node", os.path.join(HERE, "portal_site.mjs"), json.dumps(asked)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as party:
        shown = json.loads(party.stdout.readline())
        assert shown["languages"] == ["ja", "en"], shown
        # Of somebody who is not logged in: to the page where he may, in the language that was asked for.
        status, back, _ = Browser(shared.origin).ask(shown["address"])
        assert (status, back) == (303, "/#/linkage/tax?ui_locales=en"), (status, back)
        status, back, _ = person.ask(shown["address"])
        assert status == 303 and back.startswith(asked["redirect"] + "?code="), (status, back)
        party.stdin.write(back.encode() + b"\n")
        party.stdin.flush()
        said = json.loads(party.stdout.readline())
    assert "failure" not in said, said
    assert said["claims"]["sub"] == said["userinfo"]["sub"] == said["payload"]["sub"], said
    assert said["claims"]["acr"] == "aal3" and said["replayed"] == "invalid_grant", said


if __name__ == "__main__":
    main(Shared)
