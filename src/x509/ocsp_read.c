/* SPDX-License-Identifier: Apache-2.0 */
/* OCSPResponse (RFC 6960, 4.2.1): taking one apart. */
#include "x509/name.h"
#include "x509/ocsp_common.h"

enum { KEY_HASH_SIZE = 20, REASON_MAX = 10 };

/* One octet of an ENUMERATED. */
static int take_enumerated(struct bytes *rest, const char *what, unsigned *ret, struct err *err)
{
    struct der number;

    TRY(der_take(rest, DER_ENUMERATED, what, &number, err));
    if (number.value.len != 1)
        return FAIL(err, ERR_INPUT, "%s is not a small number", what);
    *ret = number.value.ptr[0];
    return 0;
}

static int parse_revoked(struct bytes rest, struct ocsp_single *single, struct err *err)
{
    struct der wrapped;
    unsigned reason;

    single->status = OCSP_REVOKED;
    TRY(der_take_generalized(&rest, "revocationTime", &single->revoked_at, err));
    if (rest.len == 0)
        return 0;
    TRY(der_only(rest, DER_CONTEXT_CONSTRUCTED(0), "revocationReason", &wrapped, err));
    TRY(take_enumerated(&wrapped.value, "revocationReason", &reason, err));
    TRY(der_end(wrapped.value, "revocationReason", err));
    if (reason > REASON_MAX)
        return FAIL(err, ERR_INPUT, "a revocation reason that does not exist (RFC 5280, 5.3.1)");
    single->reason = (int)reason;
    return 0;
}

static int take_status(struct bytes *rest, struct ocsp_single *single, struct err *err)
{
    struct der status;

    if (rest->len == 0)
        return FAIL(err, ERR_INPUT, "certStatus is missing");
    TRY(der_next(rest, &status, err));
    switch (status.tag) {
    case DER_CONTEXT(0):
        single->status = OCSP_GOOD;
        return der_end(status.value, "good", err);
    case DER_CONTEXT_CONSTRUCTED(1):
        return parse_revoked(status.value, single, err);
    case DER_CONTEXT(2):
        single->status = OCSP_UNKNOWN;
        return der_end(status.value, "unknown", err);
    default:
        return FAIL(err, ERR_INPUT, "a certificate status that does not exist");
    }
}

static int take_single(struct bytes *rest, struct ocsp_single *ret, struct err *err)
{
    struct ocsp_single single = {.reason = -1};
    struct bytes ignored;
    struct der whole;
    struct der part;

    TRY(der_take(rest, DER_SEQUENCE, "SingleResponse", &whole, err));
    TRY(ocsp_take_cert_id(&whole.value, &single.id, err));
    TRY(take_status(&whole.value, &single, err));
    TRY(der_take_generalized(&whole.value, "thisUpdate", &single.this_update, err));
    if (der_follows(whole.value, DER_CONTEXT_CONSTRUCTED(0))) {
        TRY(der_take(&whole.value, DER_CONTEXT_CONSTRUCTED(0), "nextUpdate", &part, err));
        TRY(der_take_generalized(&part.value, "nextUpdate", &single.next_update, err));
        TRY(der_end(part.value, "nextUpdate", err));
        if (single.next_update < single.this_update)
            return FAIL(err, ERR_INPUT, "an answer whose nextUpdate is before its thisUpdate");
    }
    if (whole.value.len > 0) {
        TRY(der_only(whole.value, DER_CONTEXT_CONSTRUCTED(1), "singleExtensions", &part, err));
        TRY(ocsp_parse_extensions(part.value, &ignored, err));
    }
    *ret = single;
    return 0;
}

static int take_responder(struct bytes *rest, struct ocsp_response *response, struct err *err)
{
    struct der part;
    struct der hash;

    if (der_follows(*rest, DER_CONTEXT_CONSTRUCTED(1))) {
        TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(1), "responderID", &part, err));
        TRY(name_check(part.value, err));
        response->responder_name = part.value;
        return 0;
    }
    TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(2), "responderID", &part, err));
    TRY(der_only(part.value, DER_OCTET_STRING, "KeyHash", &hash, err));
    if (hash.value.len != KEY_HASH_SIZE)
        return FAIL(err, ERR_INPUT, "a KeyHash that is no SHA-1 (RFC 6960, 4.2.1)");
    response->responder_key_hash = hash.value;
    return 0;
}

int ocsp_response_parse_data(struct bytes data, struct ocsp_response *ret, struct err *err)
{
    struct ocsp_response response = {.status = OCSP_SUCCESSFUL, .tbs = data};
    struct der whole;
    struct der part;

    TRY(der_only(data, DER_SEQUENCE, "ResponseData", &whole, err));
    struct bytes rest = whole.value;
    TRY(take_responder(&rest, &response, err));
    TRY(der_take_generalized(&rest, "producedAt", &response.produced_at, err));
    TRY(der_take(&rest, DER_SEQUENCE, "responses", &part, err));
    while (part.value.len > 0) {
        if (response.count == OCSP_SINGLES_MAX)
            return FAIL(err, ERR_INPUT, "more than %d answers", OCSP_SINGLES_MAX);
        TRY(take_single(&part.value, &response.singles[response.count], err));
        response.count++;
    }
    if (response.count == 0)
        return FAIL(err, ERR_INPUT, "a response without an answer");
    if (rest.len > 0) {
        TRY(der_only(rest, DER_CONTEXT_CONSTRUCTED(1), "responseExtensions", &part, err));
        TRY(ocsp_parse_extensions(part.value, &response.nonce, err));
    }
    *ret = response;
    return 0;
}

static int parse_basic(struct bytes der, struct ocsp_response *ret, struct err *err)
{
    struct ocsp_response response;
    struct der basic;
    struct der data;

    TRY(der_only(der, DER_SEQUENCE, "BasicOCSPResponse", &basic, err));
    TRY(der_take(&basic.value, DER_SEQUENCE, "ResponseData", &data, err));
    TRY(ocsp_response_parse_data(data.whole, &response, err));
    TRY(ocsp_parse_signature(basic.value, &response.signature, err));
    *ret = response;
    return 0;
}

int ocsp_response_parse(struct bytes der, struct ocsp_response *ret, struct err *err)
{
    struct der part;
    struct der bytes;
    struct bytes oid;
    unsigned status;

    if (der.len > OCSP_RESPONSE_MAX)
        return FAIL(err, ERR_INPUT, "a response of more than %d bytes", OCSP_RESPONSE_MAX);
    TRY(der_only(der, DER_SEQUENCE, "OCSPResponse", &part, err));
    struct bytes rest = part.value;
    TRY(take_enumerated(&rest, "responseStatus", &status, err));
    if (ocsp_status_name((enum ocsp_status)status) == NULL)
        return FAIL(err, ERR_INPUT, "a response status that does not exist (RFC 6960, 4.2.1)");
    if (status != OCSP_SUCCESSFUL) {
        TRY(der_end(rest, "OCSPResponse", err));
        *ret = (struct ocsp_response){.status = (enum ocsp_status)status};
        return 0;
    }
    TRY(der_only(rest, DER_CONTEXT_CONSTRUCTED(0), "responseBytes", &part, err));
    TRY(der_only(part.value, DER_SEQUENCE, "ResponseBytes", &bytes, err));
    TRY(der_take_oid(&bytes.value, "responseType", &oid, err));
    if (oid_find(oid) != OID_OCSP_BASIC)
        return FAIL(err, ERR_INPUT, "a response that is not id-pkix-ocsp-basic");
    TRY(der_only(bytes.value, DER_OCTET_STRING, "response", &part, err));
    return parse_basic(part.value, ret, err);
}
