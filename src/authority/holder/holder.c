/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/holder/holder.h"

#include "authority/holder/claim.h"
#include "crypto/bound.h"

#define ID_START "holder-"
_Static_assert(sizeof ID_START - 1 + (size_t)HOLDER_ID_OCTETS * 2 <= REQUEST_ID_MAX,
               "what a message is called is a request id");

static int message_digest(const struct authority *authority, const struct holder_request *request,
                          uint32_t serial, struct digest *ret, struct err *err)
{
    uint8_t octets[HOLDER_SERIAL_OCTETS];
    const struct bound_revocation message = {
        .origin = authority->holder_origin,
        .issuer = request->issuer,
        .serial = holder_serial_octets(serial, octets),
        .reason = request->reason,
        .at = request->at,
        .nonce = request->nonce,
    };

    return bound_revocation_digest(&message, ret, err);
}

/* What was revoked before, by whom and why ever, is what the holder wants. */
static int revoke(const struct authority *authority, struct revocation_request *meant,
                  struct revoked *ret, struct err *err)
{
    struct err why = {0};
    int rc = authority_revoke(authority, meant, ret, &why);

    if (rc == -ERR_CONFLICT)
        return authority_get_revocation(authority->store, meant->kind, meant->serial, ret, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int authority_revoke_by_holder(const struct authority *authority,
                               const struct holder_request *request, struct revoked *ret,
                               struct err *err)
{
    const struct holder_claim claim = {.origin = request->origin,
                                       .issuer = request->issuer,
                                       .serial = request->serial,
                                       .at = request->at,
                                       .signature = request->signature,
                                       .nothing = "nothing was revoked"};
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct revocation_request meant = {.by = request->by};
    struct holder_signer signer;
    struct digest digest;

    TRY(holder_claim_check(authority, &claim, &meant.kind, &meant.serial, err));
    TRY(crl_reason_parse(request->reason, &meant.reason, err));
    TRY(message_digest(authority, request, meant.serial, &digest, err));
    signer = (struct holder_signer){meant.kind, meant.serial, &digest};
    TRY(holder_claim_verify(authority, &claim, &signer, &cert, err));
    TRY(holder_name_request(ID_START, &digest, "", &id, err));
    TRY(buf_text(&id, &meant.request_id, err));
    return revoke(authority, &meant, ret, err);
}
