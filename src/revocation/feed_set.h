/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of serial numbers that can be changed, for the state of a revocation feed. Pages of 65536
 * numbers, each an ascending list of its low halves or, where many are in it, a bitmap: 100
 * million dense numbers take 12.5 MB at most, few in a wide range take about two bytes each.
 */
#pragma once

#include "crypto/digest.h"

struct serial_set;

enum {
    SERIAL_PAGE_BITS = 16,
    SERIAL_PAGE_SIZE = 1 << SERIAL_PAGE_BITS,
    SERIAL_PAGES = 1 << (32 - SERIAL_PAGE_BITS),
};

MUST_CHECK int serial_set_new(struct serial_set **ret, struct err *err);
void serial_set_free(struct serial_set *set);
void serial_set_freep(struct serial_set **set);

bool serial_set_has(const struct serial_set *set, uint32_t serial);
/* ERR_CONFLICT if it is there already. */
MUST_CHECK int serial_set_add(struct serial_set *set, uint32_t serial, struct err *err);
/* ERR_ABSENT if it is not there. Whatever was removed can be added again without memory. */
MUST_CHECK int serial_set_remove(struct serial_set *set, uint32_t serial, struct err *err);
/* Forget all numbers of the pages below this one. */
void serial_set_drop_below(struct serial_set *set, uint32_t page);

size_t serial_set_count(const struct serial_set *set);
/* Bytes of memory it occupies. */
size_t serial_set_memory(const struct serial_set *set);
/* One more than the highest page with something in it; 0 for an empty set. */
uint32_t serial_set_pages(const struct serial_set *set);
/* The members in a page, ascending; returns how many. */
size_t serial_set_list(const struct serial_set *set, uint32_t page, uint32_t ret[SERIAL_PAGE_SIZE]);
/*
 * SHA-256 of the members in a page: two bytes of the page's number, then the low two bytes of each,
 * ascending, all big-endian. Kept until the page changes, so one thread at a time. ERR_ABSENT if
 * there are none.
 */
MUST_CHECK int serial_set_digest(struct serial_set *set, uint32_t page, struct digest *ret,
                                 struct err *err);
