/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    VERIFIER_FEEDS_MAX = 64,     /* copies of feeds that a verifier asks */
    VERIFIER_ANSWER_MAX = 65536, /* bytes that a function of the caller's may answer */
};
