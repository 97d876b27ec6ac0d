/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot is written page by page, so each has the code that suits how full it is. */
#include "revocation/feed_body.h"

#include "revocation/feed_bits.h"

#include <stdlib.h>

enum { NUMBER_BITS = 32, GAP_COUNT_BITS = 16 };

/* Which serial numbers are covered. */
struct range {
    uint32_t first, issued;
};

static int put_range(struct bit_writer *writer, uint32_t first, uint32_t issued, struct err *err)
{
    TRY(bits_put(writer, first, NUMBER_BITS, err));
    return bits_put(writer, issued, NUMBER_BITS, err);
}

static int take_range(struct bit_reader *reader, struct range *ret, struct err *err)
{
    struct range range;

    TRY(bits_take(reader, NUMBER_BITS, &range.first, err));
    TRY(bits_take(reader, NUMBER_BITS, &range.issued, err));
    if (!feed_first_is_possible(range.first, range.issued))
        return FAIL(err, ERR_INPUT, "the feed covers an impossible range");
    *ret = range;
    return 0;
}

/* Each by how far behind the one before it begins, and how many numbers it has. */
static int put_gaps(struct bit_writer *writer, const struct gaps *gaps, uint32_t first,
                    struct err *err)
{
    TRY(bits_put(writer, (uint32_t)gaps->count, GAP_COUNT_BITS, err));
    for (size_t i = 0; i < gaps->count; i++) {
        const struct gap *gap = &gaps->ranges[i];

        if (gap->first < first || gap->last < gap->first)
            return FAIL(err, ERR_USAGE, "gaps of a feed are not in order");
        TRY(bits_put_gamma(writer, gap->first - first + 1, err));
        TRY(bits_put_gamma(writer, gap->last - gap->first + 1, err));
        first = gap->last + 1;
    }
    return 0;
}

static int take_gaps(struct bit_reader *reader, const struct range *range, struct gaps *ret,
                     struct err *err)
{
    uint64_t next = range->first;
    uint32_t count;

    ret->count = 0;
    TRY(bits_take(reader, GAP_COUNT_BITS, &count, err));
    if (count > GAPS_MAX)
        return FAIL(err, ERR_INPUT, "the feed has more than %d gaps", GAPS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t before;
        uint32_t size;
        uint64_t first;

        TRY(bits_take_gamma(reader, &before, err));
        TRY(bits_take_gamma(reader, &size, err));
        first = next + before - 1;
        next = first + size;
        if (next - 1 > range->issued)
            return FAIL(err, ERR_INPUT, "a gap of the feed is not within what it covers");
        TRY(err_prefix(err, gaps_add_range(ret, (uint32_t)first, (uint32_t)(next - 1), err),
                       "the feed"));
    }
    return 0;
}

/* A count and as many serial numbers. */
static int put_list(struct bit_writer *writer, uint32_t base, const uint32_t *serials, size_t count,
                    struct err *err)
{
    TRY(bits_put_gamma(writer, (uint32_t)count + 1, err));
    return bits_put_serials(writer, base, serials, count, err);
}

/* The highest number of a page, or the last there is. */
static uint32_t page_last(uint32_t page, uint32_t issued)
{
    uint32_t last = page << SERIAL_PAGE_BITS | (SERIAL_PAGE_SIZE - 1);

    return last < issued ? last : issued;
}

static uint32_t page_first(uint32_t page, uint32_t first)
{
    uint32_t base = page << SERIAL_PAGE_BITS;

    return base < first ? first : base;
}

static int put_pages(struct bit_writer *writer, const struct feed_state *state, uint32_t *list,
                     struct err *err)
{
    for (uint32_t page = state->first >> SERIAL_PAGE_BITS;
         page <= state->issued >> SERIAL_PAGE_BITS; page++) {
        size_t count = serial_set_list(state->revoked, page, list);

        TRY(put_list(writer, page_first(page, state->first), list, count, err));
    }
    return 0;
}

static void list_done(uint32_t **list)
{
    free(*list);
}

int feed_write_snapshot(const struct feed_state *state, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(list_done) uint32_t *list = calloc(SERIAL_PAGE_SIZE, sizeof *list);
    struct bit_writer writer = {.out = &out};

    if (list == NULL)
        return FAIL_NOMEM(err);
    TRY(put_range(&writer, state->first, state->issued, err));
    TRY(put_gaps(&writer, &state->gaps, state->first, err));
    TRY(put_pages(&writer, state, list, err));
    TRY(bits_finish(&writer, err));
    buf_move(ret, &out);
    return 0;
}

static int take_page(struct bit_reader *reader, uint32_t page, struct feed_state *state,
                     uint32_t *list, struct err *err)
{
    uint32_t first = page_first(page, state->first);
    uint32_t last = page_last(page, state->issued);
    uint32_t count;

    TRY(bits_take_gamma(reader, &count, err));
    count--;
    if (count > last - first + 1)
        return FAIL(err, ERR_INPUT, "the feed revokes more than there is");
    TRY(bits_take_serials(reader, first, last, list, count, err));
    for (uint32_t i = 0; i < count; i++)
        TRY(serial_set_add(state->revoked, list[i], err));
    return 0;
}

static int take_pages(struct bit_reader *reader, struct feed_state *state, struct err *err)
{
    CLEANUP(list_done) uint32_t *list = calloc(SERIAL_PAGE_SIZE, sizeof *list);

    if (list == NULL)
        return FAIL_NOMEM(err);
    for (uint32_t page = state->first >> SERIAL_PAGE_BITS;
         page <= state->issued >> SERIAL_PAGE_BITS; page++)
        TRY(take_page(reader, page, state, list, err));
    return bits_end(reader, err);
}

int feed_read_snapshot(struct bytes body, uint64_t number, struct feed_state *ret, struct err *err)
{
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};
    struct bit_reader reader = {.rest = body};
    struct range range;

    TRY(feed_state_init(&state, err));
    TRY(take_range(&reader, &range, err));
    TRY(take_gaps(&reader, &range, &state.gaps, err));
    state.first = range.first;
    state.issued = range.issued;
    state.number = number;
    TRY(take_pages(&reader, &state, err));
    *ret = state;
    state.revoked = NULL;
    return 0;
}

int feed_write_delta(const struct feed_change *change, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bit_writer writer = {.out = &out};

    if (change->added_count > FEED_CHANGES_MAX || change->released_count > FEED_CHANGES_MAX)
        return FAIL(err, ERR_USAGE, "more than %d changes at once: a snapshot is due",
                    FEED_CHANGES_MAX);
    TRY(put_range(&writer, change->first, change->issued, err));
    TRY(bits_put(&writer, change->has_gaps, 1, err));
    if (change->has_gaps)
        TRY(put_gaps(&writer, &change->gaps, change->first, err));
    TRY(put_list(&writer, 1, change->added, change->added_count, err));
    TRY(put_list(&writer, 1, change->released, change->released_count, err));
    TRY(bits_finish(&writer, err));
    buf_move(ret, &out);
    return 0;
}

static int take_list(struct bit_reader *reader, uint32_t issued, uint32_t **ret, size_t *ret_count,
                     struct err *err)
{
    CLEANUP(list_done) uint32_t *list = NULL;
    uint32_t count;

    TRY(bits_take_gamma(reader, &count, err));
    count--;
    if (count > FEED_CHANGES_MAX || count > bits_left(reader))
        return FAIL(err, ERR_INPUT, "a delta of the feed with too many changes");
    list = calloc((size_t)count + 1, sizeof *list);
    if (list == NULL)
        return FAIL_NOMEM(err);
    TRY(bits_take_serials(reader, 1, issued, list, count, err));
    *ret = list;
    *ret_count = count;
    list = NULL;
    return 0;
}

static int take_delta(struct bit_reader *reader, struct feed_change *change, struct err *err)
{
    struct range range;
    uint32_t has_gaps;

    TRY(take_range(reader, &range, err));
    change->first = range.first;
    change->issued = range.issued;
    TRY(bits_take(reader, 1, &has_gaps, err));
    change->has_gaps = has_gaps != 0;
    if (change->has_gaps)
        TRY(take_gaps(reader, &range, &change->gaps, err));
    TRY(take_list(reader, range.issued, &change->added, &change->added_count, err));
    TRY(take_list(reader, range.issued, &change->released, &change->released_count, err));
    return bits_end(reader, err);
}

int feed_read_delta(struct bytes body, uint64_t number, struct feed_change *ret, struct err *err)
{
    struct feed_change change = {.number = number};
    struct bit_reader reader = {.rest = body};
    int rc = take_delta(&reader, &change, err);

    if (rc < 0)
        feed_change_done(&change);
    else
        *ret = change;
    return rc;
}
