/* SPDX-License-Identifier: Apache-2.0 */
/* An array of revocations as a source, for tests of lists and sets. */
#pragma once

#include "revocation/entry.h"

struct test_revocations {
    const struct revocation *entries;
    size_t count;
    size_t next;
    int passes; /* how often it was rewound */
};

static inline int test_revocations_rewind(void *context, struct err *err)
{
    struct test_revocations *all = context;

    (void)err;
    all->next = 0;
    all->passes++;
    return 0;
}

static inline int test_revocations_next(void *context, struct revocation *ret, struct err *err)
{
    struct test_revocations *all = context;

    if (all->next == all->count)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = all->entries[all->next++];
    return 0;
}

static inline struct revocation_source test_revocations_source(struct test_revocations *all)
{
    return (struct revocation_source){all, test_revocations_rewind, test_revocations_next};
}
