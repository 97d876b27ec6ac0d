/* SPDX-License-Identifier: Apache-2.0 */
/* What --trouble takes: all of it or nothing, and numbers within their limits. */
#include "card/limits.h"
#include "card/slot.h"
#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    const struct slot_trouble none = SLOT_NO_TROUBLE;
    struct slot_trouble trouble = SLOT_NO_TROUBLE;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *given;

    if (buf_append(&text, bytes_of(data, size), NULL) < 0 || buf_text(&text, &given, NULL) < 0)
        return 0;
    if (slot_trouble_parse(given, &trouble, NULL) < 0) {
        FUZZ_CHECK(bytes_equal(bytes_of(&trouble, sizeof trouble), bytes_of(&none, sizeof none)));
        return 0;
    }
    FUZZ_CHECK(strchr(given, '=') != NULL);
    FUZZ_CHECK(trouble.remove_after >= -1 && trouble.garbage_after >= -1);
    FUZZ_CHECK(trouble.mute_after >= -1 && trouble.forged_byte >= -1);
    FUZZ_CHECK(trouble.latency_ms >= 0 && trouble.latency_ms <= SLOT_LATENCY_MAX_MS);
    FUZZ_CHECK(trouble.copied == 0 || trouble.copied == 1);
    return 0;
}
