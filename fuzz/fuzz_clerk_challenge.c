/* SPDX-License-Identifier: Apache-2.0 */
/* What a register, or a page that says it is one's, may say when a clerk logs in. */
#include "clerk/session.h"

#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};
    CLEANUP(json_freep) struct json *answer = NULL;

    if (json_parse(bytes_of(data, size), &answer, NULL) < 0)
        return 0;
    if (clerk_challenge_parse(answer, "131010001", &challenge, NULL) == 0) {
        FUZZ_CHECK(challenge.issuer_count <= CHALLENGE_ISSUERS_MAX);
        FUZZ_CHECK(strcmp(challenge.client_id, "131010001") == 0);
        FUZZ_CHECK(challenge.redirect_uri[0] == '\0' && challenge.wants == 0);
    }
    return 0;
}
