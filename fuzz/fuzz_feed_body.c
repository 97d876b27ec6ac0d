/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of revocation feeds, and changes of a state that follow from them. A snapshot that is read
 * is written as something that is read the same; every revocation is told; a
 * change that is refused changes nothing. The first byte says what the rest is.
 */
#include "fuzz.h"
#include "revocation/feed_body.h"

static const uint8_t ca_key_id[20] = {0};

static struct digest digest_of(const struct feed_state *state)
{
    struct digest digest;

    FUZZ_CHECK(feed_state_digest(state, BYTES_ARRAY(ca_key_id), &digest, NULL) == 0);
    return digest;
}

static void check_covered(const struct feed_state *state)
{
    static uint32_t list[SERIAL_PAGE_SIZE];
    uint32_t pages = serial_set_pages(state->revoked);

    for (uint32_t page = 0; page < pages; page++) {
        size_t count = serial_set_list(state->revoked, page, list);

        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(feed_state_find(state, list[i]) == FEED_REVOKED);
    }
    FUZZ_CHECK(feed_state_find(state, 0) == FEED_NOT_COVERED);
}

static void try_snapshot(struct bytes body)
{
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};
    CLEANUP(feed_state_done) struct feed_state again = {.revoked = NULL};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct digest first;
    struct digest second;

    if (feed_read_snapshot(body, 1, &state, NULL) < 0)
        return;
    check_covered(&state);
    FUZZ_CHECK(feed_write_snapshot(&state, &out, NULL) == 0);
    FUZZ_CHECK(feed_read_snapshot(buf_bytes(&out), 1, &again, NULL) == 0);
    first = digest_of(&state);
    second = digest_of(&again);
    FUZZ_CHECK(bytes_equal(digest_bytes(&first), digest_bytes(&second)));
}

static void try_delta(struct bytes body)
{
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};
    struct feed_change change;
    struct digest before;
    struct digest after;

    if (feed_read_delta(body, 2, &change, NULL) < 0)
        return;
    FUZZ_CHECK(feed_state_init(&state, NULL) == 0);
    state.issued = 100;
    state.number = 1;
    FUZZ_CHECK(serial_set_add(state.revoked, 10, NULL) == 0);
    before = digest_of(&state);
    if (feed_state_apply(&state, &change, NULL, NULL) == 0) {
        check_covered(&state);
        FUZZ_CHECK(state.number == 2);
    } else {
        after = digest_of(&state);
        FUZZ_CHECK(bytes_equal(digest_bytes(&before), digest_bytes(&after)));
    }
    feed_change_done(&change);
}

FUZZ_TARGET(data, size)
{
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0)
        try_snapshot(bytes_of(data + 1, size - 1));
    else
        try_delta(bytes_of(data + 1, size - 1));
    return 0;
}
