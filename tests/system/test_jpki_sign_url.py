#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki sign URL against a service written from docs/card-protocol.md: what is signed, and what never."""
import base64
import hashlib
import os
import sys
import time

from card_service import Service, key_id, message, recovered, verifies
from harness import main, read_text, test, write_text
from test_jpki_cli import PASSWORD, Card, Terminal, expect

CODE = "123456"
NOBODY = "ZZZZ9999"  # a password that would cost a try if it were sent
SIGNING_DOCUMENT_MAX = 2 << 20
DOCUMENT = "口座開設申込書\n".encode() + bytes(range(256))
PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


class Both:
    def __init__(self):
        self.card = Card()
        ca = self.card.dir.file("auth-ca.pem")
        assert self.card.jpki("cert", "export", "--ca", "--out", ca).code == 0
        self.service = Service(self.card.dir, [key_id(ca)])

    def sign(self, url, *argv, password=PASSWORD, **more):
        return self.card.jpki("sign", url, "--yes", "--code", CODE, *argv, password=password, **more)

    def refused(self, url, code, *texts, argv=()):
        """Before the password, and nothing was sent."""
        sent = len(self.service.sent)
        result = expect(self.sign(url, *argv, password=NOBODY), code, *texts)
        assert self.card.tries()["sign"] == 5 and len(self.service.sent) == sent, result

    def close(self):
        self.service.close()
        self.card.close()


@test
def another_document_than_the_one_announced_is_refused(both):
    signing, url = both.service.signing(DOCUMENT)
    both.service.pages[f"/v1/signings/{signing['session']}/document"] = DOCUMENT + b"!"
    both.refused(url, 1, "another one than the one to be signed")
    _, url = both.service.signing(DOCUMENT)
    other = both.card.dir.file("mine")
    write_text(other, "mine\n")
    both.refused(url, 1, "another one than the one to be signed", argv=("--document", other))


@test
def nothing_is_signed_unseen(both):
    for is_bare in (False, True):
        _, url = both.service.signing(DOCUMENT, is_bare, has_document=False)
        both.refused(url, 2, "nothing is signed unseen")
        _, url = both.service.signing(DOCUMENT, is_bare, has_document=False, text="another text")
        both.refused(url, 2, "nothing is signed unseen")


@test
def a_login_is_no_document(both):
    challenge, _ = both.service.login()
    for login in (message(challenge, both.service.origin), message(challenge, "https://other.example")):
        for is_bare in (False, True):
            _, url = both.service.signing(login, is_bare)
            both.refused(url, 1, "no document but a login")
    _, url = both.service.signing(login, has_document=False)
    copy = both.card.dir.file("login")
    with open(copy, "wb") as f:
        f.write(login)
    both.refused(url, 1, "no document but a login", argv=("--document", copy))


@test
def what_is_no_signing_is_refused(both):
    for change in (
        {"digest": base64.b64encode(bytes(20)).decode()},
        {"digest": base64.b64encode(PREFIX + bytes(32)).decode()},
        {"form": "raw"},
        {"platform": "http://platform.example"},
        {"platform": "https://platform.example/path"},
        {"title": ""},
        {"title": "a" * 201},
        {"text": "a" * 4097},
        {"document": None},
        {"provider": {"name": "x"}},
        {"expires_at": "soon"},
    ):
        _, url = both.service.signing(DOCUMENT, **change)
        both.refused(url, 5, "asks for a signature that cannot be made")
    _, url = both.service.signing(DOCUMENT, session="another")
    both.refused(url, 1, "gave another signing")
    _, url = both.service.signing(DOCUMENT, expires_at=int(time.time()) - 1)
    both.refused(url, 5, "the time of this signing is over")
    _, url = both.service.signing(DOCUMENT, expires_at=int(time.time()) + 3700)
    both.refused(url, 1, "open for longer than 3600 seconds")
    both.refused(f"{both.service.origin}/v1/signings/{'A' * 22}", 5, "no such signing")


@test
def a_document_has_a_largest_size(both):
    document = bytes(SIGNING_DOCUMENT_MAX)
    signing, url = both.service.signing(document, is_bare=True)
    expect(both.sign(url), 0)
    certificate, signature, _ = both.service.signed(signing)
    assert recovered(both.card.dir, certificate, signature) == hashlib.sha256(document).digest()
    _, url = both.service.signing(document + b"x")
    both.refused(url, 5, both.service.origin)


@test
def command_lines_that_cannot_be_meant_end_with_2(both):
    _, url = both.service.signing(DOCUMENT)
    expect(both.card.jpki("sign", url, "--yes"), 2, "--code is needed")
    expect(both.card.jpki("sign", url, "--yes", "--code", "12345"), 2, "is 6 digits")
    expect(both.card.jpki("sign", both.service.origin, "--code", CODE), 2, "no address of a signing")
    expect(both.card.jpki("sign", both.card.document, "--code", CODE), 2, "are for the address of a signing")


@test
def a_digestinfo_is_signed_as_one(both):
    signing, url = both.service.signing(DOCUMENT, text="普通預金口座を開設します。\n印鑑不要")
    kept = both.card.dir.file("kept")
    result = expect(both.sign(url, "--out", kept), 0, "見本銀行", "https://bank.example", both.service.origin,
                    "口座開設申込書", "> 普通預金口座を開設します。\n> 印鑑不要\n", "name, address, date of birth and sex")
    certificate, signature, code = both.service.signed(signing)
    assert code == CODE and verifies(both.card.dir, certificate, signature, DOCUMENT), result
    assert recovered(both.card.dir, certificate, signature) == PREFIX + hashlib.sha256(DOCUMENT).digest()
    with open(kept, "rb") as f:
        assert f.read() == DOCUMENT


@test
def a_hash_is_signed_bare(both):
    signing, url = both.service.signing(DOCUMENT, is_bare=True)
    assert both.sign(url, "--json").json()["form"] == "hash"
    certificate, signature, _ = both.service.signed(signing)
    assert recovered(both.card.dir, certificate, signature) == hashlib.sha256(DOCUMENT).digest()
    assert not verifies(both.card.dir, certificate, signature, DOCUMENT), "no DigestInfo: nothing else verifies it"


@test
def the_text_itself_or_an_own_copy_can_be_signed(both):
    text = "口座番号 1234567 を解約します。"
    signing, url = both.service.signing(text.encode(), has_document=False, text=text)
    expect(both.sign(url), 0, "> " + text)
    assert verifies(both.card.dir, *both.service.signed(signing)[:2], text.encode())
    signing, url = both.service.signing(read_text(both.card.document).encode(), has_document=False)
    expect(both.sign(url, "--document", both.card.document), 0)
    assert verifies(both.card.dir, *both.service.signed(signing)[:2], read_text(both.card.document).encode())


@test
def a_consent_is_told_in_words_whatever_it_is_called(both):
    lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<利用者同意申請>", "<様式>OpenJPKI同意書第1版</様式>",
             "<署名検証者>pf</署名検証者>", "<サービス事業者>lender</サービス事業者>", "<サービス>loans</サービス>",
             "<提供項目>氏名</提供項目>", "<提供項目>住所</提供項目>", "<署名日時>2026-11-26T14:00:00+09:00</署名日時>",
             "</利用者同意申請>", ""]
    consent = "\n".join(lines).encode()
    signing, url = both.service.signing(consent, title="アンケート")
    expect(both.sign(url), 0, "loans of lender may be told when these change: your name, your address.\n")
    assert verifies(both.card.dir, *both.service.signed(signing)[:2], consent)
    ended = [line.replace("同意申請", "同意取消申請") for line in lines if "提供項目" not in line]
    signing, url = both.service.signing("\n".join(ended).encode(), title="アンケート")
    expect(both.sign(url), 0, "It ends your consent for loans of lender.")
    other = [line for line in lines if "署名日時" not in line]
    _, url = both.service.signing("\n".join(other).encode(), title="アンケート")
    assert "consent" not in expect(both.sign(url), 0).err


@test
def a_wrong_password_sends_nothing(both):
    signing, url = both.service.signing(DOCUMENT)
    expect(both.sign(url, password="WRONG123"), 4, "tries left: 4")
    assert not [path for path, _ in both.service.sent if signing["session"] in path]
    expect(both.sign(url), 0)
    assert both.card.tries()["sign"] == 5


@test
def a_refusal_is_sent_without_a_card(both):
    signing, url = both.service.signing(DOCUMENT)
    result = both.card.jpki("sign", url, "--deny", "--code", CODE, "--json", JPKI_READER="direct:/nowhere")
    assert result.code == 0 and result.json()["denied"] is True, result
    assert both.service.sent[-1] == (f"/v1/signings/{signing['session']}/answer", {"code": CODE, "denied": True})


@test
def a_person_sees_all_of_it_before_the_password(both):
    hidden = "A\x1b[2J\u202e<!--"
    signing, url = both.service.signing(DOCUMENT, title=hidden, text="一\nSigning for: somebody else")
    terminal = Terminal(both.card, "sign", url, "--code", CODE)
    terminal.expect("Sign? [y/N] ")
    for text in ("見本銀行", "https://bank.example", both.service.origin, "> Signing for: somebody else", "A\ufffd[2J\ufffd‹!--"):
        assert text in terminal.seen, terminal.seen
    assert "tries left" not in terminal.seen and "\x1b" not in terminal.seen
    terminal.type("n\n")
    terminal.expect("you did not agree")
    assert terminal.code() == 4
    assert not [path for path, _ in both.service.sent if signing["session"] in path] and os.path.exists(both.card.document)


if __name__ == "__main__":
    sys.exit(main(Both))
