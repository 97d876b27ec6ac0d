/* SPDX-License-Identifier: Apache-2.0 */
/* Ask the test site (support/httpsite.h) in memory, for tests of the checks before a handler. */
#pragma once

#include "http/engine.h"

struct loopback_answer {
    unsigned status;
    struct buf text; /* the whole response, with a NUL behind it */
};

/* As a peer on a Unix socket with this uid; the site's list of peers is {1000}. */
struct loopback_answer loopback_ask(struct bytes request, uid_t uid);
void loopback_answer_done(struct loopback_answer *answer);
/* The status alone. */
unsigned loopback_status(struct bytes request);
/* The last failure the site's log was told about; kind ERR_NONE if the last one was none. */
struct err loopback_failure(void);
