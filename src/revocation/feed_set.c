/* SPDX-License-Identifier: Apache-2.0 */
/* A page becomes a bitmap when its list would be half as large, and stays one. */
#include "revocation/feed_set.h"

#include <stdlib.h>
#include <string.h>

enum {
    LIST_MAX = 2048, /* members of a page that is a list */
    LIST_FIRST = 4,
    WORD_BITS = 64,
    WORDS = SERIAL_PAGE_SIZE / WORD_BITS,
    PAGES_FIRST = 16,
    DIGEST_SIZE = 32,
};

struct page {
    uint16_t *lows; /* ascending; NULL if it is a bitmap, or nothing was ever in it */
    uint64_t *bits; /* NULL if it is a list */
    uint32_t count, room;
    bool is_digest_known;
    uint8_t digest[DIGEST_SIZE]; /* of the members, if it is known */
};

struct serial_set {
    struct page *pages;
    uint32_t page_count; /* of which there is room */
    size_t count;
};

int serial_set_new(struct serial_set **ret, struct err *err)
{
    struct serial_set *set = calloc(1, sizeof *set);

    if (set == NULL)
        return FAIL_NOMEM(err);
    *ret = set;
    return 0;
}

static void page_clear(struct page *page)
{
    free(page->lows);
    free(page->bits);
    *page = (struct page){.lows = NULL};
}

void serial_set_free(struct serial_set *set)
{
    if (set == NULL)
        return;
    for (uint32_t i = 0; i < set->page_count; i++)
        page_clear(&set->pages[i]);
    free(set->pages);
    free(set);
}

void serial_set_freep(struct serial_set **set)
{
    serial_set_free(*set);
    *set = NULL;
}

static bool has_bit(const struct page *page, uint32_t low)
{
    return (page->bits[low / WORD_BITS] >> low % WORD_BITS & 1) != 0;
}

/* Where a number is in a list, or would be inserted. */
static uint32_t position_of(const struct page *page, uint32_t low)
{
    uint32_t at = 0;
    uint32_t left = page->count;

    if (left > 0 && page->lows[left - 1] < low)
        return left; /* as most are added */
    while (left > 0) {
        uint32_t half = left / 2;

        if (page->lows[at + half] < low) {
            at += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return at;
}

static bool page_has(const struct page *page, uint32_t low)
{
    uint32_t at;

    if (page->bits != NULL)
        return has_bit(page, low);
    at = position_of(page, low);
    return at < page->count && page->lows[at] == low;
}

bool serial_set_has(const struct serial_set *set, uint32_t serial)
{
    uint32_t page = serial >> SERIAL_PAGE_BITS;

    return page < set->page_count && page_has(&set->pages[page], serial % SERIAL_PAGE_SIZE);
}

/* Room for that page; a set grows to the size of the highest it ever had. */
static int have_page(struct serial_set *set, uint32_t page, struct err *err)
{
    uint32_t count = set->page_count == 0 ? PAGES_FIRST : set->page_count;
    struct page *pages;

    if (page < set->page_count)
        return 0;
    while (count <= page)
        count *= 2;
    pages = calloc(count, sizeof *pages);
    if (pages == NULL)
        return FAIL_NOMEM(err);
    if (set->page_count > 0)
        memcpy(pages, set->pages, set->page_count * sizeof *pages);
    free(set->pages);
    set->pages = pages;
    set->page_count = count;
    return 0;
}

static int become_bitmap(struct page *page, struct err *err)
{
    uint64_t *bits = calloc(WORDS, sizeof *bits);

    if (bits == NULL)
        return FAIL_NOMEM(err);
    for (uint32_t i = 0; i < page->count; i++)
        bits[page->lows[i] / WORD_BITS] |= UINT64_C(1) << page->lows[i] % WORD_BITS;
    free(page->lows);
    page->lows = NULL;
    page->room = 0;
    page->bits = bits;
    return 0;
}

/* Room in a list for one more, which may make it a bitmap. */
static int grow(struct page *page, struct err *err)
{
    uint32_t room = page->room == 0 ? LIST_FIRST : 2 * page->room;
    uint16_t *lows;

    if (page->bits != NULL || page->count < page->room)
        return 0;
    if (page->count == LIST_MAX)
        return become_bitmap(page, err);
    lows = calloc(room, sizeof *lows);
    if (lows == NULL)
        return FAIL_NOMEM(err);
    if (page->count > 0)
        memcpy(lows, page->lows, page->count * sizeof *lows);
    free(page->lows);
    page->lows = lows;
    page->room = room;
    return 0;
}

int serial_set_add(struct serial_set *set, uint32_t serial, struct err *err)
{
    uint32_t low = serial % SERIAL_PAGE_SIZE;
    struct page *page;

    TRY(have_page(set, serial >> SERIAL_PAGE_BITS, err));
    page = &set->pages[serial >> SERIAL_PAGE_BITS];
    if (page_has(page, low))
        return FAIL(err, ERR_CONFLICT, "this serial number is in the set already");
    TRY(grow(page, err));
    if (page->bits != NULL) {
        page->bits[low / WORD_BITS] |= UINT64_C(1) << low % WORD_BITS;
    } else {
        uint32_t at = position_of(page, low);

        memmove(page->lows + at + 1, page->lows + at, (page->count - at) * sizeof *page->lows);
        page->lows[at] = (uint16_t)low;
    }
    page->count++;
    page->is_digest_known = false;
    set->count++;
    return 0;
}

int serial_set_remove(struct serial_set *set, uint32_t serial, struct err *err)
{
    uint32_t low = serial % SERIAL_PAGE_SIZE;
    struct page *page;

    if (!serial_set_has(set, serial))
        return FAIL(err, ERR_ABSENT, "this serial number is not in the set");
    page = &set->pages[serial >> SERIAL_PAGE_BITS];
    page->count--;
    if (page->bits != NULL) {
        page->bits[low / WORD_BITS] &= ~(UINT64_C(1) << low % WORD_BITS);
    } else {
        uint32_t at = position_of(page, low);

        memmove(page->lows + at, page->lows + at + 1, (page->count - at) * sizeof *page->lows);
    }
    page->is_digest_known = false;
    set->count--;
    return 0;
}

void serial_set_drop_below(struct serial_set *set, uint32_t page)
{
    for (uint32_t i = 0; i < page && i < set->page_count; i++) {
        set->count -= set->pages[i].count;
        page_clear(&set->pages[i]);
    }
}

size_t serial_set_count(const struct serial_set *set)
{
    return set->count;
}

size_t serial_set_memory(const struct serial_set *set)
{
    size_t size = sizeof *set + set->page_count * sizeof *set->pages;

    for (uint32_t i = 0; i < set->page_count; i++)
        size += set->pages[i].bits != NULL ? WORDS * sizeof(uint64_t)
                                           : set->pages[i].room * sizeof(uint16_t);
    return size;
}

uint32_t serial_set_pages(const struct serial_set *set)
{
    uint32_t pages = set->page_count;

    while (pages > 0 && set->pages[pages - 1].count == 0)
        pages--;
    return pages;
}

size_t serial_set_list(const struct serial_set *set, uint32_t page, uint32_t ret[SERIAL_PAGE_SIZE])
{
    const struct page *from = page < set->page_count ? &set->pages[page] : NULL;
    uint32_t base = page << SERIAL_PAGE_BITS;
    size_t count = 0;

    if (from == NULL)
        return 0;
    if (from->bits == NULL) {
        for (; count < from->count; count++)
            ret[count] = base | from->lows[count];
        return count;
    }
    for (uint32_t word = 0; word < WORDS; word++)
        for (uint64_t bits = from->bits[word]; bits != 0; bits &= bits - 1)
            ret[count++] = base | (word * WORD_BITS + (uint32_t)__builtin_ctzll(bits));
    return count;
}

static void put_low(uint8_t **at, uint32_t low)
{
    *(*at)++ = (uint8_t)(low >> 8);
    *(*at)++ = (uint8_t)low;
}

static int compute(const struct page *page, uint32_t number, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t size = 2 + 2 * (size_t)page->count;
    uint8_t *at;

    TRY(buf_reserve(&text, size, err));
    at = text.ptr;
    put_low(&at, number);
    if (page->bits == NULL) {
        for (uint32_t i = 0; i < page->count; i++)
            put_low(&at, page->lows[i]);
    } else {
        for (uint32_t word = 0; word < WORDS; word++)
            for (uint64_t bits = page->bits[word]; bits != 0; bits &= bits - 1)
                put_low(&at, word * WORD_BITS + (uint32_t)__builtin_ctzll(bits));
    }
    return digest_compute(DIGEST_SHA256, bytes_of(text.ptr, size), ret, err);
}

int serial_set_digest(struct serial_set *set, uint32_t page, struct digest *ret, struct err *err)
{
    struct page *of = page < set->page_count ? &set->pages[page] : NULL;
    struct digest digest = {.alg = DIGEST_SHA256, .len = DIGEST_SIZE};

    if (of == NULL || of->count == 0)
        return FAIL(err, ERR_ABSENT, "nothing is in this page of the set");
    if (of->is_digest_known) {
        memcpy(digest.value, of->digest, DIGEST_SIZE);
    } else {
        TRY(compute(of, page, &digest, err));
        memcpy(of->digest, digest.value, DIGEST_SIZE);
        of->is_digest_known = true;
    }
    *ret = digest;
    return 0;
}
