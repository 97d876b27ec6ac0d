/* SPDX-License-Identifier: Apache-2.0 */
/* OCSPResponse (RFC 6960, 4.2.1): making one. */
#include "x509/ocsp_common.h"

enum { KEY_HASH_SIZE = 20 };

const char *ocsp_status_name(enum ocsp_status status)
{
    switch (status) {
    case OCSP_SUCCESSFUL:
        return "successful";
    case OCSP_MALFORMED_REQUEST:
        return "malformedRequest";
    case OCSP_INTERNAL_ERROR:
        return "internalError";
    case OCSP_TRY_LATER:
        return "tryLater";
    case OCSP_SIG_REQUIRED:
        return "sigRequired";
    case OCSP_UNAUTHORIZED:
        return "unauthorized";
    }
    return NULL;
}

/* RevokedInfo [1] IMPLICIT { revocationTime, revocationReason [0] EXPLICIT } */
static int put_revoked(struct buf *out, const struct ocsp_single *single, struct err *err)
{
    const uint8_t reason = (uint8_t)single->reason;
    size_t info;
    size_t wrapped;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(1), &info, err));
    TRY(der_put_generalized(out, single->revoked_at, err));
    if (single->reason >= 0) {
        TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &wrapped, err));
        TRY(der_put(out, DER_ENUMERATED, bytes_of(&reason, 1), err));
        TRY(der_finish(out, wrapped, err));
    }
    return der_finish(out, info, err);
}

static int put_status(struct buf *out, const struct ocsp_single *single, struct err *err)
{
    const struct bytes nothing = {NULL, 0};

    switch (single->status) {
    case OCSP_GOOD:
        return der_put(out, DER_CONTEXT(0), nothing, err);
    case OCSP_REVOKED:
        return put_revoked(out, single, err);
    case OCSP_UNKNOWN:
        return der_put(out, DER_CONTEXT(2), nothing, err);
    }
    return FAIL(err, ERR_USAGE, "a certificate status that does not exist");
}

static int put_single(struct buf *out, const struct ocsp_single *single, struct err *err)
{
    size_t whole;
    size_t wrapped;

    TRY(der_begin(out, DER_SEQUENCE, &whole, err));
    TRY(buf_append(out, single->id.der, err));
    TRY(put_status(out, single, err));
    TRY(der_put_generalized(out, single->this_update, err));
    if (single->next_update != 0) {
        TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &wrapped, err));
        TRY(der_put_generalized(out, single->next_update, err));
        TRY(der_finish(out, wrapped, err));
    }
    return der_finish(out, whole, err);
}

int ocsp_response_build_data(const struct ocsp_response *response, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t whole;
    size_t part;

    if (response->responder_key_hash.len != KEY_HASH_SIZE || response->count == 0 ||
        response->count > OCSP_SINGLES_MAX)
        return FAIL(err, ERR_USAGE, "a response without responder or answers");
    TRY(der_begin(&out, DER_SEQUENCE, &whole, err));
    TRY(der_begin(&out, DER_CONTEXT_CONSTRUCTED(2), &part, err)); /* byKey */
    TRY(der_put(&out, DER_OCTET_STRING, response->responder_key_hash, err));
    TRY(der_finish(&out, part, err));
    TRY(der_put_generalized(&out, response->produced_at, err));
    TRY(der_begin(&out, DER_SEQUENCE, &part, err));
    for (size_t i = 0; i < response->count; i++)
        TRY(put_single(&out, &response->singles[i], err));
    TRY(der_finish(&out, part, err));
    TRY(ocsp_put_nonce(&out, DER_CONTEXT_CONSTRUCTED(1), response->nonce, err));
    TRY(der_finish(&out, whole, err));
    buf_move(ret, &out);
    return 0;
}

/* BasicOCSPResponse, then ResponseBytes around it, then OCSPResponse. */
int ocsp_response_assemble(struct bytes data, struct bytes signature, struct bytes cert,
                           struct buf *ret, struct err *err)
{
    static const uint8_t successful[] = {OCSP_SUCCESSFUL};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t marks[5];

    TRY(der_begin(&out, DER_SEQUENCE, &marks[0], err));
    TRY(der_put(&out, DER_ENUMERATED, BYTES_ARRAY(successful), err));
    TRY(der_begin(&out, DER_CONTEXT_CONSTRUCTED(0), &marks[1], err));
    TRY(der_begin(&out, DER_SEQUENCE, &marks[2], err));
    TRY(der_put_oid(&out, OID_OCSP_BASIC, err));
    TRY(der_begin(&out, DER_OCTET_STRING, &marks[3], err));
    TRY(der_begin(&out, DER_SEQUENCE, &marks[4], err));
    TRY(buf_append(&out, data, err));
    TRY(ocsp_put_signature(&out, signature, cert, err));
    for (int i = 4; i >= 0; i--)
        TRY(der_finish(&out, marks[i], err));
    buf_move(ret, &out);
    return 0;
}

int ocsp_response_refuse(enum ocsp_status status, struct buf *ret, struct err *err)
{
    const uint8_t number = (uint8_t)status;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    if (status == OCSP_SUCCESSFUL || ocsp_status_name(status) == NULL)
        return FAIL(err, ERR_USAGE, "a refusal with status %d", (int)status);
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(der_put(&out, DER_ENUMERATED, bytes_of(&number, 1), err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}
