/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items of revocation feeds in a row, or a head alone, as signerd gets it. What is read lies inside
 * the input, a head that is read is built the same again, and the walk ends.
 */
#include "fuzz.h"
#include "revocation/feed_item.h"

static void check_head(const struct feed_head *head, struct bytes der)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    FUZZ_CHECK(head->edition > 0 && head->next_update > head->this_update);
    FUZZ_CHECK(head->body_size <= FEED_ITEM_MAX);
    FUZZ_CHECK(fuzz_is_inside(head->to.digest, der.ptr, der.len));
    FUZZ_CHECK(feed_head_build(head, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), der));
}

FUZZ_TARGET(data, size)
{
    struct bytes rest = {data, size};
    struct feed_head head;
    struct feed_item item;

    if (feed_head_parse(rest, &head, NULL) == 0)
        check_head(&head, rest);
    while (feed_item_next(&rest, &item, NULL) == 0) {
        FUZZ_CHECK(fuzz_is_inside(item.whole, data, size));
        FUZZ_CHECK(fuzz_is_inside(item.head_der, data, size));
        FUZZ_CHECK(fuzz_is_inside(item.signature, data, size));
        FUZZ_CHECK(fuzz_is_inside(item.certificate, data, size));
        FUZZ_CHECK(fuzz_is_inside(item.body, data, size));
        check_head(&item.head, item.head_der);
    }
    return 0;
}
