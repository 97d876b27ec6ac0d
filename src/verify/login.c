/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/login.h"

int login_verify(const struct login_inputs *inputs, struct signature_report *ret, struct err *err)
{
    struct signature_inputs raw = {.signature = inputs->signature,
                                   .certificate = inputs->certificate,
                                   .purpose = PURPOSE_LOGIN,
                                   .trust = inputs->trust};

    TRY(bound_digest(inputs->bound, &raw.digest, err));
    TRY(signature_verify(&raw, ret, err));
    if (inputs->trust.at > inputs->bound->expires_at)
        report_add(&ret->report, REASON_CHALLENGE_EXPIRED);
    return 0;
}
