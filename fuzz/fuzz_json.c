/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "fuzz.h"

/* What was read and written again reads and writes the same. */
FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *value = NULL;
    CLEANUP(json_freep) struct json *again = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf same = BUF_INIT;

    if (json_parse(bytes_of(data, size), &value, NULL) < 0) {
        FUZZ_CHECK(value == NULL);
        return 0;
    }
    FUZZ_CHECK(json_write(value, &text, NULL) == 0);
    FUZZ_CHECK(json_parse(buf_bytes(&text), &again, NULL) == 0);
    FUZZ_CHECK(json_write(again, &same, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&text), buf_bytes(&same)));
    return 0;
}
