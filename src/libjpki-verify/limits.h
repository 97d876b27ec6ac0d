/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    VERIFIER_CRLS_MAX = 4096,    /* lists in memory: two for each municipality, and some */
    VERIFIER_ANSWER_MAX = 65536, /* bytes that a function of the caller's may answer */
};
