/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled message catalogues (GNU gettext manual, 10.3 "The Format of GNU MO Files"), revision
 * 0, either byte order, without plural forms, contexts and system-dependent strings ("%" PRIu64
 * in a message: write %llu).
 *
 * A catalogue is checked as a whole before it is used: every string lies inside the file and ends
 * with NUL, is UTF-8, the messages are sorted, and a translation takes the same printf arguments
 * as its message. So a wrong or hostile file can say something silly, and nothing worse.
 */
#pragma once

#include "base/bytes.h"

enum { MO_FILE_MAX = 4 << 20, MO_ARGUMENTS_MAX = 9 };

struct mo {
    struct bytes file; /* borrowed */
    uint32_t count;
    uint32_t messages, translations; /* offsets of the two tables */
    bool swapped;                    /* written in the other byte order */
};

/* ret borrows file. ERR_INPUT if anything above does not hold. */
MUST_CHECK int mo_parse(struct bytes file, struct mo *ret, struct err *err);
/* The translation, pointing into the file; NULL if there is none. */
const char *mo_find(const struct mo *mo, const char *message);
