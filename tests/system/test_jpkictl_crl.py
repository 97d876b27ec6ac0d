#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpkictl crl on lists that openssl ca has made: refusals first."""
import json
import os

from harness import Directory, main, program, run, test, write_text

JPKICTL = program("jpkictl")
CONFIG = """[ca]
default_ca = d
[d]
database = {index}
crlnumber = {number}
private_key = {key}
certificate = {cert}
default_md = sha256
default_crl_days = 2
crl_extensions = e
[e]
authorityKeyIdentifier = keyid
[place]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical, @point
[point]
fullname = dirName:name
onlyuser = TRUE
[name]
CN = Kobe-shi CRLDP
"""


class Authority:
    """A CA of openssl's, and the rows of its index that are revoked."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name)
        self.cert = self.path + ".pem"
        key = self.path + ".key"
        run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", self.cert,
            "-days", "30", "-subj", f"/O=OpenJPKI TEST/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )
        files = {"index": self.path + ".index", "number": self.path + ".number", "key": key, "cert": self.cert}
        write_text(self.path + ".conf", CONFIG.format(**files))
        write_text(files["number"], "07\n")
        self.index = files["index"]

    def list(self, name, rows, *more):
        """The DER of a list with {serial number: reason}, as a file."""
        with open(self.index, "w", encoding="utf-8") as index:
            for serial, reason in rows.items():
                index.write(f"R\t330101000000Z\t260102030405Z,{reason}\t{serial:08X}\tunknown\t/CN=x\n")
        der = f"{self.path}-{name}.crl"
        run("openssl", "ca", "-gencrl", "-config", self.path + ".conf", "-out", der + ".pem", *more)
        run("openssl", "crl", "-in", der + ".pem", "-outform", "DER", "-out", der)
        return der


class Site:
    def __init__(self):
        self.dir = Directory()
        self.ca = Authority(self.dir.path, "ca")
        self.other = Authority(self.dir.path, "other")
        self.old = self.ca.list("old", {5: "superseded", 6: "superseded", 300: "certificateHold"})
        self.new = self.ca.list(
            "new", {5: "superseded", 7: "keyCompromise", 8: "superseded", 9: "superseded", 300: "affiliationChanged"}
        )

    def close(self):
        self.dir.close()


def crl(*argv, code=0):
    done = run(JPKICTL, "crl", *argv, check=False)
    assert done.returncode == code, (argv, done)
    return done.stdout.decode() if code in (0, 1) else done.stderr.decode()


@test
def what_is_no_list_is_a_bad_file(site):
    bad = site.dir.file("bad.crl")
    for what in (b"", b"no list", open(site.old, "rb").read()[:-1]):
        with open(bad, "wb") as file:
            file.write(what)
        for command in (("show", bad), ("verify", "--ca", site.ca.cert, bad), ("diff", site.old, bad)):
            assert bad in crl(*command, code=2)
    assert "no such" in crl("show", site.dir.file("none.crl"), code=2)
    assert "--ca" in crl("verify", site.old, code=2)
    assert "different places" in crl("diff", site.old, site.other.list("o", {1: "superseded"}), code=2)


@test
def a_list_of_another_ca_is_invalid(site):
    text = crl("verify", "--ca", site.other.cert, site.old, code=1)
    assert text.count("invalid: ") == 3 and "signature" in text and "issuer" in text and "key" in text, text
    found = json.loads(crl("verify", "--ca", site.other.cert, "--json", site.old, code=1))
    assert not found["valid"] and found["findings"] == ["signature", "issuer", "key"], found


@test
def a_changed_list_is_invalid(site):
    der = bytearray(open(site.old, "rb").read())
    at = der.index(b"260102030405Z")
    der[at : at + 2] = b"25"
    changed = site.dir.file("changed.crl")
    with open(changed, "wb") as file:
        file.write(der)
    found = json.loads(crl("verify", "--ca", site.ca.cert, "--json", changed, code=1))
    assert found["findings"] == ["signature"], found


@test
def a_list_that_is_over_is_invalid(site):
    over = site.ca.list(
        "over", {5: "superseded"}, "-crl_lastupdate", "20260103000000Z", "-crl_nextupdate", "20260104000000Z"
    )
    found = json.loads(crl("verify", "--ca", site.ca.cert, "--json", over, code=1))
    assert found["findings"] == ["expired"], found
    early = site.ca.list(
        "early", {5: "superseded"}, "-crl_lastupdate", "20460103000000Z", "-crl_nextupdate", "20460104000000Z"
    )
    found = json.loads(crl("verify", "--ca", site.ca.cert, "--json", early, code=1))
    assert found["findings"] == ["future"], found
    behind = site.ca.list(
        "behind", {5: "superseded"}, "-crl_lastupdate", "20260101000000Z", "-crl_nextupdate", "20460104000000Z"
    )
    found = json.loads(crl("verify", "--ca", site.ca.cert, "--json", behind, code=1))
    assert found["findings"] == ["entries"], found


@test
def a_good_list_is_valid(site):
    assert crl("verify", "--ca", site.ca.cert, site.old) == "valid, 3 revoked\n"
    found = json.loads(crl("verify", "--ca", site.ca.cert, "--json", site.old))
    assert found["valid"] and found["findings"] == [] and found["entries"] == 3, found


@test
def a_list_is_shown(site):
    found = json.loads(crl("show", "--json", site.old))
    assert found["entries"] == 3 and found["reasons"]["superseded"] == 2, found
    assert found["reasons"]["certificateHold"] == 1 and found["reasons"]["keyCompromise"] == 0, found
    assert (found["first_serial"], found["last_serial"]) == (5, 300), found
    assert found["first_revoked_at"] == "2026-01-02T03:04:05Z" and found["scope"] == "all", found
    assert found["distribution_point"] == "" and found["bytes"] == os.path.getsize(site.old), found
    assert found["issuer"] == "CN=ca,O=OpenJPKI TEST" and found["number"] == "7", found
    text = crl("show", site.old)
    assert "revoked: 3\n" in text and "certificateHold: 1\n" in text and "2026-01-02T12:04:05+09:00" in text, text
    assert "all that the CA has issued" in text, text
    placed = site.ca.list("placed", {5: "superseded"}, "-crlexts", "place")
    found = json.loads(crl("show", "--json", placed))
    assert found["distribution_point"] == "CN=Kobe-shi CRLDP" and found["scope"] == "users", found
    empty = json.loads(crl("show", "--json", site.ca.list("empty", {})))
    assert empty["entries"] == 0 and "first_serial" not in empty, empty


@test
def changes_are_told_in_ranges(site):
    assert crl("diff", site.old, site.new) == "+ 7-9\n- 6\n* 300\n3 added, 1 removed, 1 changed\n"
    found = json.loads(crl("diff", "--json", site.new, site.old))
    assert found["removed"] == {"count": 3, "ranges": 1, "serials": ["7-9"]}, found
    assert found["added"] == {"count": 1, "ranges": 1, "serials": ["6"]} and found["changed"]["count"] == 1, found
    assert crl("diff", site.old, site.old) == "0 added, 0 removed, 0 changed\n"
    many = site.ca.list("many", {n: "superseded" for n in range(1, 40, 2)})
    text = crl("diff", "--limit", "4", site.ca.list("none", {}), many)
    assert text == "+ 1\n+ 3\n+ 5\n+ 7\n+ and 16 more ranges\n20 added, 0 removed, 0 changed\n", text


@test
def an_estimate_adds_up(_site):
    for wrong in (("0", "1"), ("1000", "1001"), ("1000", "0")):
        assert "--certificates" in crl("estimate", "--certificates", wrong[0], "--yearly-revocations", wrong[1], code=2)
    assert "--years" in crl(
        "estimate", "--certificates", "9", "--yearly-revocations", "1", "--years", "11", code=2
    )
    found = json.loads(
        crl("estimate", "--certificates", "100000000", "--yearly-revocations", "6000000", "--json")
    )
    assert found["full"]["entries"] == 15000000 and 36 < found["entry_bytes"] < 38, found
    assert abs(found["full"]["bytes"] / found["entry_bytes"] - 15000000) < 100, found
    assert found["write_seconds"] > 0 and found["prefectures"]["lists"] == 47, found
    assert 1500 < found["municipalities"]["lists"] < 1800, found
    for division in ("municipalities", "prefectures"):
        sizes = [found[division][size]["entries"] for size in ("smallest", "median", "largest")]
        assert 0 < sizes[0] < sizes[1] < sizes[2] < 15000000, found
    text = crl("estimate", "--certificates", "1000", "--yearly-revocations", "10", "--years", "10")
    assert "everything: 50 revoked, 3 kB\n" in text and "by prefecture, 47 lists\n" in text, text


if __name__ == "__main__":
    main(Site)
