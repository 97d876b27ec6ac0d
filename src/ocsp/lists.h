/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of revocations for verifiers that fetch them, as the authority publishes them: each is
 * verified before it takes the place of the one before, and none goes. One thread polls, any thread
 * reads.
 */
#pragma once

#include "base/clock.h"
#include "ocsp/index.h"

struct lists;

enum { LIST_ETAG_SIZE = 44 };

/* socket is the authority's; index has the CAs' certificates. All of it outlives the lists. */
struct lists_options {
    const char *socket;
    struct ocsp_index *index;
    const struct clock *clock;
    int interval_ms; /* between two questions about which there are */
    /* Told by the thread about failures (base/series.h); may be NULL. */
    void (*report)(const struct err *failure);
};

MUST_CHECK int lists_new(const struct lists_options *options, struct lists **ret, struct err *err);
void lists_free(struct lists *lists);
void lists_freep(struct lists **lists);

/*
 * Ask which lists there are, and fetch those that are newer. ERR_UNTRUSTED for one that its CA has
 * not signed, that is older than the one before or not yet valid: it is not taken, others are.
 * The first failure is told at the end.
 */
MUST_CHECK int lists_poll(struct lists *lists, struct err *err);
/* Have a thread do that until lists_stop. */
MUST_CHECK int lists_start(struct lists *lists, struct err *err);
void lists_stop(struct lists *lists);

/*
 * Hold the list of that name: *ret and its tag stay until lists_release, also if it is replaced.
 * ERR_ABSENT if there is none; then there is nothing to release.
 */
MUST_CHECK int lists_hold(struct lists *lists, const char *name, struct bytes *ret,
                          char ret_etag[LIST_ETAG_SIZE], struct err *err);
void lists_release(struct lists *lists);
