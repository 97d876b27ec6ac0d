/* SPDX-License-Identifier: Apache-2.0 */
/* What a service may say that a form asks of a card. */
#include "holder/prefill.h"

#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(prefill_done) struct prefill prefill = {.title = ""};
    CLEANUP(json_freep) struct json *answer = NULL;

    if (json_parse(bytes_of(data, size), &answer, NULL) < 0)
        return 0;
    if (prefill_parse(answer, &prefill, NULL) == 0) {
        FUZZ_CHECK(prefill.asked.wants != 0 && prefill.key != NULL);
        FUZZ_CHECK(prefill.asked.issuer_count <= CHALLENGE_ISSUERS_MAX);
        FUZZ_CHECK(remote_is_name(prefill.asked.session, CHALLENGE_SESSION_MAX));
    }
    return 0;
}
