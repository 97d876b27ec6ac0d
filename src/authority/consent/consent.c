/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/consent/consent.h"

#include "authority/party/signed.h"
#include "base/caltime.h"

#include <string.h>

enum { DAY = 86400, TERM_YEARS = 10 };

#define CONSENT    "OpenJPKI consent v1"
#define WITHDRAWAL "OpenJPKI consent withdrawal v1"

const struct http_problem consent_problems[] = {
    [CONSENT_OTHER_VERIFIER] = {"other-verifier", ERR_DENIED, "the document is for another one"},
    [CONSENT_NOT_NOTIFIED] = {"not-notified", ERR_DENIED, "no notice was given of the service"},
    [CONSENT_DUPLICATE] = {"consent-duplicate", ERR_CONFLICT, "there is a consent already"},
    [CONSENT_OUTDATED] = {"consent-outdated", ERR_CONFLICT, "it is older than a withdrawal"},
    [CONSENT_NONE] = {"no-consent", ERR_ABSENT, "there is no consent to withdraw"},
    [CONSENT_SIGNER] = {"consent-signer", ERR_UNTRUSTED, "its signer cannot consent"},
    [CONSENT_STALE] = {"consent-stale", ERR_UNTRUSTED, "it was not signed lately"},
    {NULL, ERR_NONE, NULL},
};

int consent_parse(const struct json *json, struct consent_document *ret, struct err *err)
{
    static const char *const members[] = {"type",       "verifier", "provider", "service",
                                          "attributes", "at",       NULL};
    struct consent_document document = {.attributes = 0};
    const char *type;

    TRY(json_only(json, members, err));
    TRY(json_get_text(json, "type", &type, err));
    document.is_withdrawal = strcmp(type, WITHDRAWAL) == 0;
    if (!document.is_withdrawal && strcmp(type, CONSENT) != 0)
        return FAIL(err, ERR_INPUT, "this is no consent and no withdrawal of one");
    if (document.is_withdrawal && json_has(json, "attributes"))
        return FAIL(err, ERR_INPUT, "a withdrawal is of the whole consent");
    TRY(json_get_text(json, "verifier", &document.verifier, err));
    TRY(json_get_text(json, "provider", &document.provider, err));
    TRY(json_get_text(json, "service", &document.service, err));
    TRY(json_get_int(json, "at", &document.at, err));
    if (!document.is_withdrawal)
        TRY(attributes_read(json, &document.attributes, err));
    *ret = document;
    return 0;
}

/* pki.md 5: received on 2023-05-18, from 2023-05-19 00:00:00 to 2033-05-18 23:59:59. */
static struct consent_term consent_term_of(int64_t base)
{
    struct caldate day = caltime_at(base, JST_OFFSET_SECONDS).date;
    struct caldate last = caldate_birthday(day, day.year + TERM_YEARS);
    int64_t start = caltime_utc((struct caltime){day, 0, 0, 0}, JST_OFFSET_SECONDS);

    return (struct consent_term){
        .from = start + DAY,
        .until = caltime_utc((struct caltime){last, 23, 59, 59}, JST_OFFSET_SECONDS),
    };
}

static int fail_signer(struct err *err)
{
    return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(CONSENT_SIGNER),
                     "the document is not signed with a sign certificate that was issued here");
}

/* The very certificate that this authority issued for signing, and in its time. */
static int check_signer(const struct authority *authority, const struct x509_cert *cert,
                        int64_t now, uint32_t *ret, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    uint64_t serial = tbs_serial_number(tbs);
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct ca *ca = authority_ca_by_key(authority, tbs->authority_key_id);
    int rc;

    if (ca == NULL || ca->kind != CA_SIGN || serial > UINT32_MAX)
        return fail_signer(err);
    rc = authority_get_record(authority->store, CA_SIGN, (uint32_t)serial, &record, err);
    if (rc == -ERR_ABSENT)
        return fail_signer(err);
    TRY(rc);
    if (!tbs->has_holder || !bytes_equal(x509_cert_der(cert), buf_bytes(&record.certificate)))
        return fail_signer(err);
    if (now < tbs->not_before || now > tbs->not_after)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(CONSENT_SIGNER),
                         "the certificate of the document's signer is over");
    *ret = (uint32_t)serial;
    return 0;
}

static int check_time(int64_t at, int64_t now, struct err *err)
{
    /* No difference of the two: at is a stranger's number. */
    if (at < now - (int64_t)CONSENT_DAYS * DAY || at > now + HOLDER_SECONDS)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(CONSENT_STALE),
                         "the document was not signed in the last %d days", CONSENT_DAYS);
    return 0;
}

/* The moment whose day the term begins after: sources disagree which one (pki.md 5). */
static int base_of(const struct authority *authority, const struct consent_order *order,
                   int64_t signed_at, int64_t *ret, struct err *err)
{
    int64_t now = order->by->at;
    int64_t received = order->received_at;

    if (received != 0 && (received < signed_at - HOLDER_SECONDS || received > now))
        return FAIL(err, ERR_INPUT, "received_at is not between the signature and now");
    *ret = authority->is_consent_from_receipt && received != 0 ? received : now;
    return 0;
}

/* A file's CMS signature, and what stands in the file. */
static int read_file(const struct consent_order *order, struct x509_cert **ret_cert,
                     struct json **ret_json, struct consent_document *ret, struct err *err)
{
    TRY(cms_signer(order->document, order->signature, ret_cert, err));
    TRY(json_parse(order->document, ret_json, err));
    return consent_parse(*ret_json, ret, err);
}

/* A card's signature over the DigestInfo of the document's digest, and what stands in that. */
static int read_card(const struct consent_order *order, struct x509_cert **ret_cert,
                     struct consent_text *text, struct consent_document *ret, struct err *err)
{
    const struct pubkey *key;
    struct digest digest;

    TRY(x509_cert_parse(order->certificate, ret_cert, err));
    key = x509_cert_pubkey(*ret_cert);
    TRY(digest_compute(key_kind_digest(pubkey_kind(key)), order->document, &digest, err));
    if (pubkey_verify_kind(key, pubkey_kind(key), &digest, order->signature, NULL) < 0)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(CONSENT_SIGNER),
                         "it is not signed by the certificate that came with it");
    TRY(consent_xml_parse(order->document, text, err));
    *ret = (struct consent_document){.is_withdrawal = text->is_withdrawal,
                                     .verifier = text->verifier,
                                     .provider = text->provider,
                                     .service = text->service,
                                     .attributes = text->attributes,
                                     .at = text->at};
    return 0;
}

/* Whether what was read is for this verifier, signed lately, by somebody who can. */
static int check_document(const struct authority *authority, const struct consent_order *order,
                          const struct x509_cert *cert, struct consent_record *record,
                          struct err *err)
{
    int64_t base;

    TRY(check_signer(authority, cert, order->by->at, &record->serial, err));
    if (strcmp(record->document.verifier, order->party->name) != 0)
        return FAIL_WITH(err, ERR_DENIED, HTTP_NAMED(CONSENT_OTHER_VERIFIER),
                         "the document is for another verifier");
    TRY(check_time(record->document.at, order->by->at, err));
    TRY(base_of(authority, order, record->document.at, &base, err));
    record->term = consent_term_of(base);
    return 0;
}

int authority_take_consent(const struct authority *authority, const struct consent_order *order,
                           struct consent *ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(json_freep) struct json *json = NULL;
    struct consent_text text;
    struct consent_record record = {.party = order->party,
                                    .text = order->document,
                                    .signature = order->signature,
                                    .certificate = order->certificate,
                                    .by = order->by};
    int rc;

    if (order->document.len > CONSENT_DOCUMENT_MAX || order->signature.len > CONSENT_SIGNATURE_MAX)
        return FAIL(err, ERR_INPUT, "the document has more than %d bytes, or its signature %d",
                    CONSENT_DOCUMENT_MAX, CONSENT_SIGNATURE_MAX);
    rc = order->certificate.len == 0 ? read_file(order, &cert, &json, &record.document, err)
                                     : read_card(order, &cert, &text, &record.document, err);
    TRY(err_prefix(err, rc, "document"));
    TRY(check_document(authority, order, cert, &record, err));
    return authority_keep_consent(authority->store, &record, ret, err);
}
