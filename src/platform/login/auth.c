/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/login/auth.h"

#include "platform/revocation/asking.h"
#include "platform/verification/disclose.h"

/* What is wrong with an answer, as a failure of whoever gave it. Only revocation that cannot be
 * found out may be better later. */
int auth_judge(const struct report *report, struct err *err)
{
    struct report told = disclose(report);

    if (told.verdict == VERDICT_VALID)
        return 0;
    if (report_has(&told, REASON_ISSUER_UNKNOWN))
        return FAIL(err, ERR_UNTRUSTED,
                    "the card's certificate is not from a CA that is listed here");
    if (report_has(&told, REASON_SIGNATURE_BROKEN))
        return FAIL(err, ERR_UNTRUSTED,
                    "the card did not sign this login: another origin, client, session or moment, "
                    "or another card");
    for (size_t i = 0; i < told.reason_count; i++) {
        if (told.reasons[i] != REASON_REVOCATION_NOT_CHECKED)
            return FAIL(err, ERR_UNTRUSTED, "the card's certificate does not count: %s",
                        reason_name(told.reasons[i]));
    }
    return FAIL(err, ERR_REMOTE,
                "whether the card's certificate is in force cannot be found out now; try later");
}

int auth_find(const struct platform *platform, struct signer *signer,
              const struct auth_claim *claim, struct signature_report *ret, struct err *err)
{
    struct asking room;
    const struct login_inputs inputs = {
        .bound = claim->bound,
        .signature = claim->signature,
        .certificate = claim->certificate,
        .trust = {.anchors = platform->auth_cas,
                  .status = asking_source(platform, signer, PURPOSE_LOGIN, &room),
                  .at = clock_now(platform->clock)},
    };
    struct judged judged = {.trust = &inputs.trust, .found = ret};

    room.client_id = claim->tenant;
    TRY(login_verify(&inputs, ret, err));
    TRY(bound_digest(claim->bound, &judged.digest, err));
    platform_tell_judged(platform, &judged);
    return 0;
}
