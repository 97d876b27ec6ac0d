#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real SMTP server (aiosmtpd) that behaves as the name before '@' says: mailserver.py DIRECTORY [CERTIFICATE KEY].

Each mail that it takes is a file of DIRECTORY, an object {from, to, ehlo, tls, text}; the port is in the file "port".
With a certificate it offers STARTTLS; a file "login" (USER PASSWORD) has it insist on that: by AUTH LOGIN alone while
the file "old" is there, and by an AUTH PLAIN that asks nothing back while "mute" is there. While the file "down" is
there it says 421 to everybody, and while "full" is there 452. It serves until standard input ends, so that it never
outlives the test that started it.

  later       451 for the receiver           later-data   451 behind the mail
  refused     550 for the receiver           refused-data 554 behind the mail
  silent      no answer behind the mail      cut          the connection ends there
  slow        answers after a second
"""
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

DIRECTORY = sys.argv[1]
RECEIVERS = {"later": "451 4.3.0 later", "refused": "550 5.1.1 no such user"}
ENDS = {"later-data": "451 4.3.0 later", "refused-data": "554 5.7.1 no"}


def there(name):
    return os.path.exists(os.path.join(DIRECTORY, name))


def put(name, text):
    path = os.path.join(DIRECTORY, name)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)


class Mails:
    """What becomes of mails."""

    def __init__(self):
        self.count = 0

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def auth_PLAIN(self, server, args):
        """As exim's without server_prompts: who sends no initial response is not asked for one, but denied."""
        if len(args) == 1 and there("mute"):
            return AuthResult(success=False)
        return await server.auth_PLAIN(server, args)

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        if there("down"):
            return "421 4.3.2 closed"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        if there("full"):
            return "452 4.2.2 full"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return RECEIVERS.get(address.split("@")[0], "250 OK")

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name in ENDS:
            return ENDS[name]
        if name == "slow":
            await asyncio.sleep(1)
        self.count += 1
        put(f"{self.count}.mail", json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "ehlo": session.host_name,
            "tls": session.ssl is not None, "text": envelope.original_content.decode("ascii")}))
        if name == "cut":
            server.transport.abort()
        if name in ("silent", "cut"):
            await asyncio.sleep(3600)
        return "250 OK"


def login(_server, _session, _envelope, _mechanism, data):
    with open(os.path.join(DIRECTORY, "login"), encoding="utf-8") as file:
        user, password = file.read().split()
    return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()))


def options():
    chosen = {"enable_SMTPUTF8": False, "ident": "test", "timeout": 60}
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        chosen |= {"tls_context": context, "require_starttls": True}
    if there("login"):
        chosen |= {"authenticator": login, "auth_required": True, "auth_require_tls": True}
    if there("old"):
        chosen["auth_exclude_mechanism"] = ["PLAIN"]
    return chosen


async def serve():
    loop, mails = asyncio.get_running_loop(), Mails()
    server = await loop.create_server(lambda: SMTP(mails, loop=loop, **options()), "127.0.0.1", 0)
    put("port", str(server.sockets[0].getsockname()[1]))
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(serve())
