/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An immutable set of revocations in memory: eight bytes each, with date and reason. Readers need
 * no lock; a new state is a new set, swapped in whole.
 */
#pragma once

#include "revocation/entry.h"
#include "revocation/limits.h"

struct revocation_set;

/*
 * Collect everything the source gives, in one pass. ERR_INPUT if it is not in ascending order or
 * its dates span more than REVOCATION_SPAN_MAX seconds.
 */
MUST_CHECK int revocation_set_new(const struct revocation_source *source,
                                  struct revocation_set **ret, struct err *err);
/*
 * The same one by one: start with an empty set, add in ascending order, and finish it before it is
 * asked for anything. A set that failed is only good for being freed. ERR_INPUT above max entries.
 */
MUST_CHECK int revocation_set_begin(size_t max, struct revocation_set **ret, struct err *err);
MUST_CHECK int revocation_set_add(struct revocation_set *set, const struct revocation *entry,
                                  struct err *err);
MUST_CHECK int revocation_set_finish(struct revocation_set *set, struct err *err);
void revocation_set_free(struct revocation_set *set);
void revocation_set_freep(struct revocation_set **set);

/* ERR_ABSENT if the serial is not revoked. Never looks at errors of its own: it has none. */
MUST_CHECK int revocation_set_find(const struct revocation_set *set, uint32_t serial,
                                   struct revocation *ret, struct err *err);
size_t revocation_set_count(const struct revocation_set *set);
/* Bytes of memory it occupies. */
size_t revocation_set_memory(const struct revocation_set *set);
/* The set as a source again; cursor is the caller's, one for each source at work. */
struct revocation_cursor {
    const struct revocation_set *set;
    size_t next;
};
struct revocation_source revocation_set_source(struct revocation_cursor *cursor);
