/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "iso7816/tlv.h"

/* Writing what was read gives an element that reads the same and is never longer. */
static void check_written(const struct tlv *tlv, size_t consumed)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    struct bytes rest;
    struct tlv back;

    FUZZ_CHECK(tlv_append(&written, tlv->tag, tlv->value, NULL) == 0);
    FUZZ_CHECK(written.len <= consumed);
    rest = buf_bytes(&written);
    FUZZ_CHECK(tlv_next(&rest, &back, NULL) == 0 && rest.len == 0);
    FUZZ_CHECK(back.tag == tlv->tag && bytes_equal(back.value, tlv->value));
}

FUZZ_TARGET(data, size)
{
    struct bytes rest = bytes_of(data, size);
    struct tlv tlv;
    size_t total;

    while (rest.len > 0) {
        struct bytes before = rest;

        if (tlv_next(&rest, &tlv, NULL) < 0) {
            FUZZ_CHECK(rest.ptr == before.ptr && rest.len == before.len);
            break;
        }
        FUZZ_CHECK(tlv.value.len == 0 ||
                   (tlv.value.ptr >= data && tlv.value.ptr + tlv.value.len <= data + size));
        FUZZ_CHECK(tlv_total(before, &total, NULL) == 0 && total == before.len - rest.len);
        check_written(&tlv, total);
    }
    return 0;
}
