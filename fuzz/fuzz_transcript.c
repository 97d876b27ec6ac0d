/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a key ceremony, as somebody may have changed it. */
#include "ceremony/transcript.h"

#include "ceremony/limits.h"
#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    struct transcript_state state = {.entries = 0};
    struct bytes rest = bytes_of(data, size);

    for (;;) {
        CLEANUP(json_freep) struct json *entry = NULL;
        struct transcript_state before = state;
        struct bytes left = rest;

        if (transcript_next(&rest, &state, &entry, NULL) < 0) {
            FUZZ_CHECK(memcmp(&before, &state, sizeof state) == 0 && entry == NULL);
            FUZZ_CHECK(rest.ptr == left.ptr && rest.len == left.len);
            return 0;
        }
        FUZZ_CHECK(!before.is_closed && state.entries == before.entries + 1);
        FUZZ_CHECK(left.len > rest.len && left.len - rest.len <= TRANSCRIPT_LINE_MAX + 1);
        FUZZ_CHECK(json_has(entry, "do"));
    }
}
