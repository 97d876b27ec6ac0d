/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    REQUESTERS_MAX = 256,              /* registered requesters */
    FEED_ANSWER_MAX = 4 * 1024 * 1024, /* bytes of one answer of the authority */
    FEED_PENDING_MAX = 1 << 20,        /* events in memory before they are put into a set */
    OVERLAY_MAX = 1 << 16,             /* certificates in an overlay: one more makes a new set */
};
