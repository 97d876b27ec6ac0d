/* SPDX-License-Identifier: Apache-2.0 */
/* The file that says how custodians' shares fit, and a share that meets it. */
#include "signer/quorum.h"

#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct gathering gathering = {.count = 0};
    struct quorum quorum;
    struct quorum again;

    if (quorum_parse(bytes_of(data, size), &quorum, NULL) < 0)
        return 0;
    FUZZ_CHECK(quorum.needed >= SHARES_NEEDED_MIN && quorum.needed <= quorum.total);
    FUZZ_CHECK(quorum.total <= SHARES_MAX);
    FUZZ_CHECK(quorum_write(&quorum, &text, NULL) == 0 && text.len <= QUORUM_FILE_MAX);
    FUZZ_CHECK(quorum_parse(buf_bytes(&text), &again, NULL) == 0);
    FUZZ_CHECK(memcmp(&again, &quorum, sizeof quorum) == 0);
    gathering.quorum = &quorum;
    FUZZ_CHECK(gathering_add(&gathering, bytes_of(data, size), NULL) < 0);
    FUZZ_CHECK(gathering.count == 0 && !gathering_is_complete(&gathering));
    return 0;
}
