/* SPDX-License-Identifier: Apache-2.0 */
/* What a platform may answer to a login and to a question about a signature. */
#include "holder/challenge.h"
#include "holder/opinion.h"

#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;
    CLEANUP(json_freep) struct json *answer = NULL;

    if (json_parse(bytes_of(data, size), &answer, NULL) < 0)
        return 0;
    if (challenge_parse(answer, &challenge, NULL) == 0) {
        FUZZ_CHECK(remote_is_name(challenge.session, CHALLENGE_SESSION_MAX));
        FUZZ_CHECK(challenge.issuer_count <= CHALLENGE_ISSUERS_MAX && challenge.expires_at >= 0);
    }
    if (opinion_parse(answer, &opinion, NULL) == 0)
        FUZZ_CHECK(opinion.verdict == VERDICT_VALID || opinion.reason_count > 0);
    return 0;
}
