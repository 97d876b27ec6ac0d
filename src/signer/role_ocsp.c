/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_ocsp.h"

enum { HOUR_SECONDS = 3600 };

/* RFC 6960, 4.2.2.1. An unknown certificate may be without nextUpdate: nothing is said of it. */
static int check_times(const struct ocsp_response *response, const struct ocsp_single *single,
                       int64_t hours, struct err *err)
{
    if (single->next_update == 0 && single->status != OCSP_UNKNOWN)
        return FAIL(err, ERR_UNTRUSTED, "an answer without nextUpdate");
    if (single->next_update != 0 && single->next_update <= single->this_update)
        return FAIL(err, ERR_UNTRUSTED, "nextUpdate of an answer is not after its thisUpdate");
    if (single->next_update > single->this_update + hours * HOUR_SECONDS)
        return FAIL(err, ERR_UNTRUSTED, "nextUpdate of an answer is later than response_hours");
    if (single->this_update > response->produced_at)
        return FAIL(err, ERR_UNTRUSTED, "thisUpdate of an answer is after producedAt");
    if (single->status == OCSP_REVOKED && single->revoked_at > response->produced_at)
        return FAIL(err, ERR_UNTRUSTED, "a revocation after producedAt");
    return 0;
}

int role_ocsp_check_response(struct bytes key_id, int64_t response_hours, struct bytes data,
                             struct err *err)
{
    struct ocsp_response response;

    TRY(ocsp_response_parse_data(data, &response, err));
    if (response.responder_name.len > 0 || !bytes_equal(response.responder_key_hash, key_id))
        return FAIL(err, ERR_UNTRUSTED, "the responder is not byKey this key (RFC 6960, 4.2.1)");
    for (size_t i = 0; i < response.count; i++)
        TRY(check_times(&response, &response.singles[i], response_hours, err));
    return 0;
}

int role_ocsp_check_request(struct bytes tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    const struct bytes none = {NULL, 0};
    struct ocsp_request request;

    TRY(ocsp_request_assemble(tbs, none, none, &whole, err));
    return ocsp_request_parse(buf_bytes(&whole), &request, err);
}
