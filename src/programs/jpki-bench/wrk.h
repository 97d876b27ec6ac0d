/* SPDX-License-Identifier: Apache-2.0 */
/* What wrk (and ab) say of a load that they have sent. */
#pragma once

#include "base/bytes.h"

struct wrk_told {
    double rate;   /* answers a second */
    double count;  /* of all answers */
    double p99_ms; /* from the question to the answer, of all but one in a hundred */
};
/* Of wrk --latency; ERR_REMOTE if there were refusals, or no answers. */
MUST_CHECK int wrk_read(struct buf *said, struct wrk_told *ret, struct err *err);
/* The number behind a label, of a program that tells nothing of refusals. */
MUST_CHECK int wrk_read_rate(struct buf *said, const char *label, double *ret, struct err *err);
