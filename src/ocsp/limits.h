/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    REQUESTERS_MAX = 256,              /* registered requesters */
    METER_NAMES_MAX = 1024,            /* requesters that were ever counted */
    METER_NAME_MAX = 64,               /* bytes of one's name */
    FEED_ANSWER_MAX = 4 * 1024 * 1024, /* bytes of one answer of the authority */
    FEED_PENDING_MAX = 1 << 20,        /* events in memory before they are put into a set */
    OCSP_CACHE_MAX = 1 << 22,          /* signed answers that are kept */
    OCSP_DELEGATES_MAX = 16,           /* responders: a CA may have several */
    OVERLAY_MAX = 1 << 16,             /* certificates in an overlay: one more makes a new set */
};
