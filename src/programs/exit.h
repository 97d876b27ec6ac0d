/* SPDX-License-Identifier: Apache-2.0 */
/* Exit codes of all programs, and how a failure is told to the person who started one. */
#pragma once

#include "base/err.h"

enum exit_code {
    EXIT_CODE_DONE = 0,          /* done, and valid where something was judged */
    EXIT_CODE_INVALID = 1,       /* must not be believed */
    EXIT_CODE_USAGE = 2,         /* wrong command line, wrong file */
    EXIT_CODE_ABSENT = 3,        /* no reader, no card */
    EXIT_CODE_DENIED = 4,        /* PIN refused, not permitted */
    EXIT_CODE_REMOTE = 5,        /* another system, or the card, did not answer well */
    EXIT_CODE_INTERNAL = 6,      /* port, disk, database, memory */
    EXIT_CODE_INDETERMINATE = 7, /* neither valid nor invalid */
};

enum exit_code exit_code_of(enum err_kind kind);
/* Who has to do what, in one sentence (msgid); "" where the failure's own text says it all. */
const char *exit_sentence(enum err_kind kind);
/* Write "PROGRAM: text" and the sentence to stderr; the result is the exit code for it. */
int exit_report(const char *program, const struct err *err);
