/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform may answer to a login and to a question about a signature, and an authority to a
 * holder who revokes.
 */
#include "holder/challenge.h"
#include "holder/opinion.h"
#include "holder/revoke.h"
#include "holder/signing.h"

#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;
    CLEANUP(json_freep) struct json *answer = NULL;
    struct revoke_answer revoked;
    struct signing signing;

    if (json_parse(bytes_of(data, size), &answer, NULL) < 0)
        return 0;
    if (challenge_parse(answer, &challenge, NULL) == 0) {
        FUZZ_CHECK(remote_is_name(challenge.session, CHALLENGE_SESSION_MAX));
        FUZZ_CHECK(challenge.issuer_count <= CHALLENGE_ISSUERS_MAX && challenge.expires_at >= 0);
        FUZZ_CHECK(challenge.wants < 1U << CHALLENGE_WANTS_);
        FUZZ_CHECK(challenge.redirect_uri[0] == '\0' ||
                   strncmp(challenge.redirect_uri, challenge.provider_origin,
                           strlen(challenge.provider_origin)) == 0);
    }
    if (signing_parse(answer, &signing, NULL) == 0)
        FUZZ_CHECK(remote_is_name(signing.session, CHALLENGE_SESSION_MAX) &&
                   signing.digest.len == 32 && signing.expires_at >= 0);
    if (opinion_parse(answer, &opinion, NULL) == 0)
        FUZZ_CHECK(opinion.verdict == VERDICT_VALID || opinion.reason_count > 0);
    if (revoke_parse(answer, &revoked, NULL) == 0)
        FUZZ_CHECK(revoked.at >= 0 && revoked.reason[0] != '\0' &&
                   strnlen(revoked.reason, sizeof revoked.reason) <= REVOKE_REASON_MAX);
    return 0;
}
