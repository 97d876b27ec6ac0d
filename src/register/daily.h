/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens because a day is over, at midnight in Japan: cards whose last day it was expire, and
 * those lapse that were not brought in time after a move.
 */
#pragma once

#include "register/counter.h"

struct ended {
    unsigned lapsed, expired;
    unsigned waiting; /* not yet: a certificate of theirs is being issued */
};

/*
 * Do all of it that is due by the clock; *ret counts it, also on failure. May be repeated. The
 * revocations are ordered, not delivered.
 */
MUST_CHECK int daily_run(const struct counter *counter, struct ended *ret, struct err *err);
