/* SPDX-License-Identifier: Apache-2.0 */
/* What --option says: what is accepted is written in one way, and that is accepted again. */
#include "card/options.h"
#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct card_options options = {0};
    struct card_options back = {0};

    if (card_options_parse(bytes_of(data, size), &options, NULL) < 0) {
        FUZZ_CHECK(memcmp(&options, &back, sizeof options) == 0);
        return 0;
    }
    FUZZ_CHECK(card_options_append(&options, &text, NULL) == 0);
    FUZZ_CHECK(text.len == 0 || card_options_parse(buf_bytes(&text), &back, NULL) == 0);
    FUZZ_CHECK(memcmp(&options, &back, sizeof options) == 0);
    FUZZ_CHECK(card_options_append(&back, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&text), buf_bytes(&again)));
    return 0;
}
