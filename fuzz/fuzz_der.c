/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "x509/der.h"

enum { DEPTH_MAX = 16 };

/* Whatever is accepted, in any depth, is written again as the same bytes. */
static void walk(struct bytes rest, unsigned depth)
{
    struct der element;

    while (rest.len > 0) {
        CLEANUP(buf_done) struct buf again = BUF_INIT;
        struct bytes before = rest;

        if (der_next(&rest, &element, NULL) < 0) {
            FUZZ_CHECK(rest.ptr == before.ptr && rest.len == before.len);
            return;
        }
        FUZZ_CHECK(fuzz_is_inside(element.whole, before.ptr, before.len));
        FUZZ_CHECK(fuzz_is_inside(element.value, element.whole.ptr, element.whole.len));
        FUZZ_CHECK(element.whole.len + rest.len == before.len);
        FUZZ_CHECK(der_put(&again, element.tag, element.value, NULL) == 0);
        FUZZ_CHECK(bytes_equal(buf_bytes(&again), element.whole));
        if ((element.tag & 0x20) != 0 && depth < DEPTH_MAX)
            walk(element.value, depth + 1);
    }
}

static void check_scalars(struct bytes whole)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct bytes rest = whole;
    struct bytes range;
    unsigned mask = 0;
    int64_t time = 0;

    if (der_take_time(&rest, "time", &time, NULL) == 0)
        FUZZ_CHECK(der_put_time(&again, time, NULL) == 0);
    else if (der_take_named_bits(&rest, "bits", &mask, NULL) == 0)
        FUZZ_CHECK(der_put_named_bits(&again, mask, NULL) == 0);
    else if (der_take_positive(&rest, DER_INTEGER, "integer", &range, NULL) == 0)
        FUZZ_CHECK(der_put_positive(&again, DER_INTEGER, range, NULL) == 0);
    else if (der_take_oid(&rest, "oid", &range, NULL) == 0)
        FUZZ_CHECK(der_put(&again, DER_OID, range, NULL) == 0 && oid_is_valid(range));
    else
        return;
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), bytes_part(whole, 0, whole.len - rest.len)));
}

FUZZ_TARGET(data, size)
{
    walk(bytes_of(data, size), 0);
    check_scalars(bytes_of(data, size));
    return 0;
}
