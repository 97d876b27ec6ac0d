/* SPDX-License-Identifier: Apache-2.0 */
/* Which revocations make sense for JPKI (pki.md 2). */
#include "authority/authority.h"

/* A certificate without attributes has none that could change: only sign certificates do. */
static int reason_check(const struct revocation_request *request, struct err *err)
{
    if (request->kind == CA_AUTH && request->reason == CRL_AFFILIATION_CHANGED)
        return FAIL(err, ERR_INPUT,
                    "an auth certificate says nothing about its holder that could change; "
                    "affiliationChanged is for sign certificates");
    return 0;
}

int authority_release_hold(const struct authority *authority, struct release_request *request,
                           struct revoked *ret, struct err *err)
{
    TRY(request_id_check(request->request_id, err));
    request->now = clock_now(authority->clock);
    return authority_add_release(authority->store, request, ret, err);
}

int authority_revoke(const struct authority *authority, struct revocation_request *request,
                     struct revoked *ret, struct err *err)
{
    TRY(request_id_check(request->request_id, err));
    TRY(reason_check(request, err));
    request->now = clock_now(authority->clock);
    return authority_add_revocation(authority->store, request, ret, err);
}
