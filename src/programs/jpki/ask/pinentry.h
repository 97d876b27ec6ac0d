/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PIN asked for by another program in a window or a terminal of its own: GnuPG's pinentry and
 * whatever else speaks its protocol. It is believed nothing but the bytes that were typed.
 */
#pragma once

#include "base/secret.h"

enum {
    PINENTRY_ANSWER_MS = 10 * 1000,     /* for everything that needs no person */
    PINENTRY_PERSON_MS = 5 * 60 * 1000, /* for the PIN */
};

struct pinentry_question {
    const char *program;     /* searched for in PATH; "": pinentry */
    const char *description; /* what the PIN is for; NULL: nothing */
    const char *prompt;
    const char *error; /* what was wrong before; NULL: nothing */
};

/*
 * *ret_len bytes of *line, which is as long as what may be typed. ERR_USAGE if the program cannot
 * be started; ERR_DENIED if the person gave up or typed more; ERR_REMOTE if it does not speak the
 * protocol or does not answer in time. The program is gone when this returns.
 */
MUST_CHECK int pinentry_ask(const struct pinentry_question *question, struct secret *line,
                            size_t *ret_len, struct err *err);
