/* SPDX-License-Identifier: Apache-2.0 */
/* Shares as they are handed in and as they are typed off paper. */
#include "signer/share.h"

#include "fuzz.h"

static void try_whole(struct bytes whole)
{
    CLEANUP(share_done) struct share share = {.number = 0};
    CLEANUP(secret_done) struct secret again = SECRET_INIT;

    if (share_parse(whole, &share, NULL) < 0)
        return;
    FUZZ_CHECK(share.number >= 1 && share.number <= share.total && share.total <= SHARES_MAX);
    FUZZ_CHECK(share.needed >= SHARES_NEEDED_MIN && share.needed <= share.total);
    FUZZ_CHECK(share_write(&share, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(secret_bytes(&again), whole));
}

/* What was accepted as a line is written again with the same digits. */
static void try_line(struct bytes text, unsigned line)
{
    uint8_t whole[SHARE_SIZE] = {0};
    uint8_t again[8];
    char written[SHARE_LINE_SIZE];

    if (share_line_parse(text, line, whole + line * 8UL, NULL) < 0)
        return;
    FUZZ_CHECK(share_line(BYTES_ARRAY(whole), line, written, NULL) == 0);
    FUZZ_CHECK(share_line_parse(bytes_text(written), line, again, NULL) == 0);
    FUZZ_CHECK(memcmp(again, whole + line * 8UL, sizeof again) == 0);
}

FUZZ_TARGET(data, size)
{
    try_whole(bytes_of(data, size));
    for (unsigned line = 0; line < SHARE_LINES; line++)
        try_line(bytes_of(data, size), line);
    return 0;
}
