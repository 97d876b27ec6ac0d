/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_party.h"

#include "base/json.h"
#include "docsign/cms.h"
#include "x509/der.h"

#include <string.h>

enum { NONCE_OCTETS = 32, MEMBERS_MAX = 12 };

/* What each request has, and what may stand beside it, by act. */
#define FRAME "origin", "act", "at", "nonce", "request_id"
static const struct {
    const char *act;
    const char *members[MEMBERS_MAX]; /* ended by NULL */
} acts[] = {
    {"link", {FRAME, "want", "certificate", "issuer", "serial"}},
    {"standing", {FRAME}},
    {"feed", {FRAME, "kind", "generation", "issuer", "item", "since", "wait"}},
    {"consent", {FRAME, "document", "signature", "certificate", "received_at"}},
    {"consent-changes", {FRAME, "polling_id", "since"}},
    {"services", {FRAME}},
    {"fees", {FRAME, "month"}},
    {"latest", {FRAME, "provider", "service", "attributes", "certificate", "issuer", "serial"}},
};

static int check_members(const struct json *json, struct err *err)
{
    const char *act;

    TRY(json_get_text(json, "act", &act, err));
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].act, act) != 0)
            continue;
        if (json_only(json, acts[i].members, NULL) < 0)
            return FAIL(err, ERR_UNTRUSTED, "a request for act %s has members of another", act);
        return 0;
    }
    return FAIL(err, ERR_UNTRUSTED, "a request for an act that is not known here");
}

static int check_nonce(const struct json *json, struct err *err)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;

    TRY(json_get_base64(json, "nonce", &nonce, err));
    return nonce.len == NONCE_OCTETS ? 0
                                     : FAIL(err, ERR_INPUT, "nonce is not %d octets", NONCE_OCTETS);
}

static int check_request(const struct party_rules *rules, struct bytes request, int64_t *ret_at,
                         struct err *err)
{
    CLEANUP(json_freep) struct json *json = NULL;
    const char *origin;
    const char *id;

    if (request.len > SIGNERD_REQUEST_MAX)
        return FAIL(err, ERR_INPUT, "a request of more than %d bytes", SIGNERD_REQUEST_MAX);
    TRY(json_parse(request, &json, err));
    TRY(json_get_text(json, "origin", &origin, err));
    TRY(json_get_text(json, "request_id", &id, err));
    TRY(json_get_int(json, "at", ret_at, err));
    TRY(check_nonce(json, err));
    if (strcmp(origin, rules->origin) != 0)
        return FAIL(err, ERR_UNTRUSTED, "a request to another service than %s", rules->origin);
    return check_members(json, err);
}

static int read_certificate(struct bytes der, struct bytes spki, struct x509_cert **ret,
                            struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    TRY(x509_cert_parse(der, &cert, err));
    if (!bytes_equal(x509_cert_tbs(cert)->spki, spki))
        return FAIL(err, ERR_UNTRUSTED, "the certificate is not that of this key");
    *ret = cert;
    cert = NULL;
    return 0;
}

int role_party_check(const struct party_rules *rules, struct bytes spki, struct bytes tbs,
                     struct buf *ret_attributes, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct digest digest;
    struct bytes rest;
    struct der der;
    int64_t at;

    TRY(der_only(tbs, DER_SEQUENCE, "what is to be signed", &der, err));
    rest = der.value;
    TRY(der_take(&rest, DER_OCTET_STRING, "the request", &der, err));
    TRY(check_request(rules, der.value, &at, err));
    TRY(read_certificate(rest, spki, &cert, err));
    TRY(digest_compute(key_kind_digest(pubkey_kind(x509_cert_pubkey(cert))), der.value, &digest,
                       err));
    return cms_prepare(&digest, cert, at, ret_attributes, err);
}
