# SPDX-License-Identifier: Apache-2.0
"""What must never reach a provider (design 6, rule 5): serial number, certificate, why and when it
was revoked. Looked for in two ways that know nothing of each other: by what the document of the
platform's API has room for, and by what is in answers that it really gave.
"""
import base64
import datetime
import re

import openapi

# Parts of a member's name that would say what it carries.
TELLING = {
    "serial", "serials", "reason", "reasons", "revoked", "revocation", "revocations", "held", "hold", "suspended",
    "cert", "certs", "certificate", "certificates", "crl", "crls", "ocsp", "der", "pem", "csr", "spki", "x5c", "x5t",
    "x5u", "cms", "chain", "issuer", "issuers", "subject", "before", "after", "update", "at", "number", "link",
    "fingerprint", "thumbprint", "status", "mynumber", "ski", "aki",
}
# Why a provider may hear them all the same: nothing else than these was judged.
REASONS = {
    "document-changed", "signature-broken", "weak-hash", "signer-certificate-missing",
    "signer-certificate-replaced", "issuer-unknown", "issuer-forged", "not-yet-valid", "expired",
    "issuer-not-valid", "wrong-usage", "wrong-policy", "wrong-profile", "profile-unknown",
    "unknown-critical-extension", "revoked", "challenge-expired", "holders-differ", "coverage-broken",
    "added-later", "form-not-read", "revocation-not-checked",
}
# Answers: (operation, member) with a telling name, or a text or number of any value, and why.
MAY_TELL = {
    ("verify", "reasons"): "a closed list, in which revoked and suspended are one and no time is",
    ("verify", "attributes/name"): "one of the four attributes",
    ("verify", "attributes/address"): "one of the four attributes",
    ("verify", "verified_at"): "when the platform judged, not when anything was revoked",
    ("verifyDocument", "reasons"): "the same list",
    ("verifyDocument", "verified_at"): "as above",
    ("verifyDocument", "signatures/reasons"): "the same list",
    ("verifyDocument", "signatures/claimed_time"): "what the signer wrote into the document that the tenant sent",
    ("verifyDocument", "signatures/attributes/name"): "one of the four attributes",
    ("verifyDocument", "signatures/attributes/address"): "one of the four attributes",
    ("getVerification", "signatures/reasons"): "the same list",
    ("getVerification", "reasons"): "the same list",
    ("getVerification", "verified_at"): "as above",
    ("listVerifications", "verifications/reasons"): "the same list",
    ("listVerifications", "verifications/verified_at"): "as above",
    ("authenticate", "reasons"): "the same list",
    ("presentCard", "reasons"): "the same list",
    ("authenticate", "attributes/name"): "one of the four attributes",
    ("authenticate", "attributes/address"): "one of the four attributes",
    ("getTenant", "client_id"): "the tenant's own",
    ("getTenant", "name"): "the tenant's own",
    ("getTenant", "origin"): "the tenant's own",
    ("getTenant", "rate"): "requests a second",
    ("getTenant", "quota"): "judgements a month",
    ("getTenant", "used"): "judgements of this month",
    ("listEnvironments", "environments/client_id"): "the tenant's own",
    ("listEnvironments", "environments/origin"): "the tenant's own",
    ("addEnvironment", "client_id"): "the tenant's own",
    ("addEnvironment", "origin"): "the tenant's own",
    ("getUsage", "days/judgements/count"): "of the tenant's own judgements",
    ("getUsage", "days/webhooks/delivered"): "of the tenant's own webhooks",
    ("getUsage", "days/webhooks/failed"): "of the tenant's own webhooks",
    ("getUsage", "days/fees/count"): "of what the tenant is billed for",
    ("listTenantKeys", "keys/name"): "as the tenant calls it",
    ("listTenantKeys", "keys/made"): "times of the tenant's own key",
    ("listTenantKeys", "keys/expires"): "times of the tenant's own key",
    ("listTenantKeys", "keys/used"): "times of the tenant's own key",
    ("addTenantKey", "name"): "as the tenant calls it",
    ("addTenantKey", "made"): "times of the tenant's own key",
    ("addTenantKey", "expires"): "times of the tenant's own key",
    ("addTenantKey", "used"): "times of the tenant's own key",
    ("listTenantMembers", "members/name"): "as the tenant calls him",
    ("listTenantMembers", "members/invited"): "times of the tenant's own member",
    ("listTenantMembers", "members/expires"): "times of the tenant's own member",
    ("listTenantMembers", "members/bound"): "times of the tenant's own member",
    ("listTenantMembers", "members/used"): "times of the tenant's own member",
    ("inviteTenantMember", "name"): "as the tenant calls him",
    ("inviteTenantMember", "invited"): "times of the tenant's own member",
    ("inviteTenantMember", "expires"): "times of the tenant's own member",
    ("inviteTenantMember", "bound"): "times of the tenant's own member",
    ("inviteTenantMember", "used"): "times of the tenant's own member",
    ("openConsoleLogin", "address"): "of the login, at the platform",
    ("openConsoleLogin", "expires_at"): "the login's end, not a certificate's",
    ("getConsoleSession", "member/name"): "as the tenant calls him",
    ("getConsoleSession", "tenant/client_id"): "the tenant's own",
    ("getConsoleSession", "tenant/name"): "the tenant's own",
    ("proveVerification", "record/seq"): "of the record of this question",
    ("proveVerification", "record/at"): "when the tenant asked",
    ("proveVerification", "record/actor"): "the tenant, or its member, who asks",
    ("proveVerification", "record/act"): "always verification.shown",
    ("proveVerification", "record/subject"): "always verification",
    ("proveVerification", "record/outcome"): "the verdict that was told, and the number of a record",
    ("proveVerification", "size"): "how many records the log has",
    ("proveVerification", "checkpoint"): "name, size and root of the log, signed",
    ("getReport", "report"): "what was told already, signed: its claims are looked at by signerd and in recorded reports",
    ("identify", "made_at"): "when the tenant put it here",
    ("listIdentifications", "identifications/made_at"): "as above",
    ("listIdentifications", "next"): "a number of the tenant's own list",
    ("getIdentification", "made_at"): "as above",
    ("endIdentification", "made_at"): "as above",
    ("openLogin", "issuers"): "the CAs', before anybody has shown a certificate",
    ("getLogin", "issuers"): "the CAs', before anybody has shown a certificate",
    ("openLogin", "expires_at"): "the login's end, not a certificate's",
    ("getLogin", "expires_at"): "the login's end, not a certificate's",
    ("openLogin", "provider/name"): "the provider's own",
    ("openLogin", "provider/origin"): "the provider's own",
    ("openLogin", "provider/client_id"): "the provider's own",
    ("getLogin", "provider/name"): "the provider's own",
    ("getLogin", "provider/origin"): "the provider's own",
    ("getLogin", "provider/client_id"): "the provider's own",
    ("getHolder", "newer_since"): "the beginning of an interval that was agreed with the tenant",
    ("giveConsent", "valid_from"): "of the consent: midnight in Japan",
    ("giveConsent", "valid_until"): "of the consent: midnight in Japan",
    ("withdrawConsent", "valid_from"): "of the consent: midnight in Japan",
    ("withdrawConsent", "valid_until"): "of the consent: midnight in Japan",
    ("getConsent", "valid_from"): "of the consent: midnight in Japan",
    ("getConsent", "valid_until"): "of the consent: midnight in Japan",
    ("listConsents", "consents/valid_from"): "of the consent: midnight in Japan",
    ("listConsents", "consents/valid_until"): "of the consent: midnight in Japan",
    ("askLatest", "attributes/name"): "one of the four attributes, with the holder's consent",
    ("askLatest", "attributes/name_substitutes"): "which characters of it stand for others",
    ("askLatest", "attributes/address"): "one of the four attributes, with the holder's consent",
    ("askLatest", "attributes/address_substitutes"): "which characters of it stand for others",
    ("listTold", "told/told_at"): "when this tenant asked",
    ("addWebhook", "url"): "the tenant's own",
    ("listWebhooks", "webhooks/url"): "the tenant's own",
    ("listDead", "dead/tries"): "how often the tenant was called",
    ("listDeliveries", "deliveries/tries"): "how often the tenant was called",
    ("listDeliveries", "deliveries/due_at"): "when the tenant is called again",
    ("replayEvents", "count"): "of the tenant's own events",
    ("getFees", "lines/count"): "what the tenant asked for",
    ("getFees", "lines/yen_each"): "a price",
    ("getFees", "lines/yen"): "a sum",
    ("getFees", "yen"): "a sum",
    ("listEvents", "events/data/newer_since"): "the beginning of an interval agreed with the tenant",
    ("listEvents", "events/data/valid_until"): "of the consent: midnight in Japan",
    ("ready", "reloaded_at"): "of the daemon",
    ("live", "status"): "of the daemon",
    ("ready", "status"): "of the daemon",
    ("ready", "reloaded_at"): "when the daemon read its files again",
    ("problem", "type"): "the same for all problems",
    ("problem", "title"): "goes by the status alone",
    ("problem", "status"): "of the answer",
    ("problem", "detail"): "a sentence; what is in it is looked at in recorded answers",
}
# Rules of access that no provider can pass, whatever it proves.
NOT_FOR_PROVIDERS = {
    "operator": "a user id of this machine on the Unix socket, or a key or session of the operator",
    "witness-or-operator": "the same, or the witness's user id",
}
# Answers that are files of this project, the same for everybody.
FILES = {"describe", "getConsole", "getConsoleFile"}
# Requests: what a provider carries without being able to read it.
MAY_CARRY = {
    ("verify", "certificate"), ("answerLogin", "certificate"), ("authenticate", "certificate"),
    ("authenticate", "sign/certificate"), ("presentCard", "certificate"),
    ("giveConsent", "certificate"), ("withdrawConsent", "certificate"),
    ("identify", "certificate"),
}
# Where whoever asks has certificates in the clear: by law, and as its access or refusal says.
MAY_BRING = {("verifyDocument", "content"): "not-a-verifier"}
# And what it says of itself, under a telling name.
MAY_SAY = {("authenticate", "message/expires_at"): "the end of the login that it opened"}
# Parameters with a telling name that ask for nothing of a certificate.
MAY_ASK = {("listEvents", "after"): "an event of this tenant's own", ("listTenants", "after"): "a client id",
           ("listIdentifications", "after"): "a place in this tenant's own list"}

# No certificate is shorter; each as somebody could try to pass it on.
BLOB = bytes(range(256)) * 4
AS_TEXT = {
    "base64": base64.b64encode(BLOB).decode(),
    "base64url": base64.urlsafe_b64encode(BLOB).decode().rstrip("="),
    "hexadecimal": BLOB.hex(),
    "upper-case hexadecimal": BLOB.hex().upper(),
    "digits": str(int.from_bytes(BLOB, "big"))[:2000],
    "PEM": "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(BLOB).decode() + "-----END CERTIFICATE-----\n",
}


def is_telling(name):
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return bool(set(re.split(r"[^a-z0-9]+", words)) & TELLING)


def members(document, schema, at=""):
    """(member, schema) of all scalars, arrays and objects below a schema."""
    if "$ref" in schema:
        schema = openapi.lookup(document, schema["$ref"])
    for inner in schema.get("anyOf", []):
        yield from members(document, inner, at)
    for name, inner in schema.get("properties", {}).items():
        here = f"{at}/{name}".lstrip("/")
        yield here, inner
        yield from members(document, inner, here)
    if "items" in schema:
        yield at, schema["items"]
        yield from members(document, schema["items"], at)
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield f"{at}/*", {}


def has_room(schema):
    """How a schema could carry a certificate or a number, or None."""
    kind = schema.get("type")
    if "$ref" in schema or "anyOf" in schema or kind in ("object", "array", "boolean", "null"):
        return None
    if kind == "integer":
        return "any number"
    if kind != "string":
        return "anything"
    if "enum" in schema:
        return None
    if "pattern" not in schema:
        return "any text"
    for way, text in AS_TEXT.items():
        if re.search(schema["pattern"], text):
            return f"a certificate in {way}"
    return None


def content_of(holder):
    return holder.get("content", {}).items()


def answers_of(document):
    """(operation or "problem", media type, schema or None) of all answers."""
    for item in document["paths"].values():
        for operation in item.values():
            if operation.get("x-access") in NOT_FOR_PROVIDERS:
                continue
            for response in operation["responses"].values():
                for media, value in content_of(response):
                    yield operation["operationId"], media, value.get("schema")
    for response in document["components"].get("responses", {}).values():
        for media, value in content_of(response):
            yield "problem", media, value.get("schema")


def in_answers(document):
    found = []
    for operation, media, schema in answers_of(document):
        if schema is None:
            if operation not in FILES:
                found.append(f"{operation}: an answer of {media} could hold anything")
            continue
        for member, inner in members(document, schema):
            allowed = (operation, member) in MAY_TELL
            room = has_room(inner)
            if is_telling(member.rsplit("/", 1)[-1]) and not allowed:
                found.append(f"{operation}: answers {member}")
            if room is not None and not allowed:
                found.append(f"{operation}: {member} has room for {room}")
            if member.rsplit("/", 1)[-1] == "reasons" and inner.get("type") == "string":
                strange = set(inner.get("enum", ["any"])) - REASONS
                found += [f"{operation}: tells the reason {reason}" for reason in sorted(strange)]
    return found


def in_requests(document):
    """A certificate passes a provider's hands encrypted or not at all, and nothing is asked by number."""
    found = []
    for path, item in document["paths"].items():
        for operation in item.values():
            name = operation["operationId"]
            for parameter in operation.get("parameters", []):
                if is_telling(parameter["name"]) and (name, parameter["name"]) not in MAY_ASK:
                    found.append(f"{name}: asks by {parameter['name']} in {path}")
            for _, value in content_of(operation.get("requestBody", {})):
                found += in_request(document, name, value.get("schema"))
    return found


def in_request(document, name, schema):
    if schema is None:
        return [f"{name}: takes a body that could hold anything"]
    found = []
    for member, inner in members(document, schema):
        if not is_telling(member.rsplit("/", 1)[-1]) or (name, member) in MAY_SAY:
            continue
        if (name, member) not in MAY_CARRY:
            found.append(f"{name}: takes {member}")
        elif has_room(inner) is not None:
            found.append(f"{name}: takes {member}, which has room for {has_room(inner)}")
        elif not re.search(inner["pattern"], "e30.YQ.YQ.YQ.YQ"):
            found.append(f"{name}: takes {member}, which is no compact JWE")
    return found


def brought_by_anybody(document):
    """Where a certificate may be sent in the clear, whoever is no verifier has to be refused by name."""
    found = []
    operations = {operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()}
    for (name, _), problem in MAY_BRING.items():
        named = [row["type"] for row in operations[name].get("x-problems", []) if row["status"] == 403]
        if f"urn:openjpki:problem:{problem}" not in named:
            found.append(f"{name}: takes certificates in the clear from anybody")
    return found


def in_document(document):
    return in_answers(document) + in_requests(document) + brought_by_anybody(document)


class Secrets:
    """What must not be in answers, in all spellings that could pass for it."""

    def __init__(self, certificates, serials, times):
        self.spellings = {}  # of each: what it is of, and whether it is hexadecimal
        for der in certificates:
            self.certificate(der)
        for serial in serials:
            self.serial(serial)
        for time in times:
            self.time(time)

    def add(self, what, *texts):
        for text in texts:
            self.spellings[text] = what, re.fullmatch(r"[0-9a-f:]+", text) is not None

    def octets(self, what, octets):
        """base64 of octets that stand anywhere in a longer run, and hexadecimal."""
        for shift in range(3):
            part = octets[shift:]
            part = part[:len(part) // 3 * 3]
            self.add(what, base64.b64encode(part).decode(), base64.urlsafe_b64encode(part).decode())
        self.add(what, octets.hex())

    def certificate(self, der):
        for start in range(0, len(der) - 51, 51):
            self.octets("part of a certificate", der[start:start + 51])

    def serial(self, serial):
        octets = serial.to_bytes((serial.bit_length() + 8) // 8, "big")
        bare = serial.to_bytes((serial.bit_length() + 7) // 8, "big")
        self.add("a serial number", str(serial), f"{serial:x}", base64.b64encode(octets).decode(),
                 base64.b64encode(bare).decode().rstrip("="),
                 ":".join(f"{octet:02x}" for octet in bare))

    def time(self, seconds):
        for hours in (0, 9):
            zone = datetime.timezone(datetime.timedelta(hours=hours))
            at = datetime.datetime.fromtimestamp(seconds, zone)
            self.add("the time of a revocation", at.strftime("%Y-%m-%dT%H:%M:%S"),
                     at.strftime("%Y-%m-%d %H:%M:%S"), at.strftime("%Y%m%d%H%M%S"), at.strftime("%y%m%d%H%M%SZ"))
        self.add("the time of a revocation", str(seconds))

    def found_in(self, text):
        """What of it is in a text, in whatever case hexadecimal is written."""
        lower = text.lower()
        return sorted({
            what for spelling, (what, is_hex) in self.spellings.items()
            if spelling in text or (is_hex and spelling in lower)
        })
