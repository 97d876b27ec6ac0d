/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer of the authority about revocations (GET /v1/revocations, jpki-authorityd(8)), as it
 * stands: whether it follows what was told before is decided in feed.c.
 */
#pragma once

#include "base/json.h"
#include "ocsp/index.h"
#include "ocsp/pending.h"
#include "revocation/runs.h"

/* Which numbers a CA's certificates have. */
struct serials {
    uint32_t issued;         /* the highest */
    struct gaps gaps;        /* below it, under which there is none */
    struct serial_runs runs; /* by which generations */
};

struct feed_page {
    struct pending events[OCSP_CAS_]; /* in the order of the answer */
    struct serials serials[OCSP_CAS_];
    uint64_t last; /* the number of the last event in it or before it */
    bool more;     /* there is another page behind it */
};

/*
 * Versions 1 (which knows no gaps), 2 (no releases), 3 (one generation of each CA), 4, and 5
 * (packed). ERR_INPUT
 * for anything else; *ret is zeroed before, and released by feed_page_done also after a failure.
 */
MUST_CHECK int feed_page_read(const struct json *json, struct feed_page *ret, struct err *err);
void feed_page_done(struct feed_page *page);
