/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "fuzz.h"
#include "x509/name.h"

/* A name that is accepted has a text, in UTF-8 and without control characters. */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct bytes value;

    if (name_check(bytes_of(data, size), NULL) < 0) {
        FUZZ_CHECK(name_append_text(&text, bytes_of(data, size), NULL) < 0 && text.len == 0);
        return 0;
    }
    FUZZ_CHECK(name_append_text(&text, bytes_of(data, size), NULL) == 0);
    FUZZ_CHECK(utf8_is_valid(buf_bytes(&text)));
    for (size_t i = 0; i < text.len; i++)
        FUZZ_CHECK(text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f);
    if (name_find(bytes_of(data, size), OID_COMMON_NAME, 0, &value, NULL) == 0)
        FUZZ_CHECK(value.len > 0 && fuzz_is_inside(value, data, size));
    return 0;
}
