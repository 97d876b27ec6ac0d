/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "fuzz.h"

/* There is one spelling of a value: what is accepted is what would be written. */
static void decode(enum base64_form form, struct bytes text)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    if (base64_decode(form, text, &value, NULL) < 0) {
        FUZZ_CHECK(value.ptr == NULL);
        return;
    }
    FUZZ_CHECK(base64_append(&again, form, buf_bytes(&value), NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), text));
}

FUZZ_TARGET(data, size)
{
    decode(BASE64_PADDED, bytes_of(data, size));
    decode(BASE64_URL, bytes_of(data, size));
    return 0;
}
