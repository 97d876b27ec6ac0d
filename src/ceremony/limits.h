/* SPDX-License-Identifier: Apache-2.0 */
/* What a key ceremony takes at most; each has a test at the limit and one past it. */
#pragma once

enum {
    CEREMONY_STEPS_MAX = 64,    /* steps of a script */
    TRANSCRIPT_LINE_MAX = 4096, /* bytes of a line, without its line feed */
    TRANSCRIPT_MAX = 4194304,   /* bytes of a whole transcript */
    TRANSCRIPT_LINES_MAX = 500, /* entries */
};
