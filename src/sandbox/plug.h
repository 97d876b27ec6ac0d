/* SPDX-License-Identifier: Apache-2.0 */
/* Which card is to be in the reader: the file "plugged", and asking a running sandbox for it. */
#pragma once

#include "sandbox/layout.h"
#include "sandbox/limits.h"

enum { PLUG_REQUEST_LEN = 16 };

struct plug {
    char persona[SANDBOX_PERSONA_NAME_MAX + 1]; /* "": no card */
    char request[PLUG_REQUEST_LEN + 1];         /* hexadecimal, never twice the same */
};

/* Without a file both texts are empty. */
MUST_CHECK int plug_read(const struct layout *layout, struct plug *ret, struct err *err);
/*
 * Ask the running supervisor to put the card of a persona into the reader ("" for none) and wait
 * until it has. ERR_ABSENT if none runs, ERR_REMOTE with its sentence if it cannot.
 */
MUST_CHECK int plug_ask(const struct layout *layout, const char *persona, struct err *err);
