/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of the Assuan protocol (libassuan's manual, "Assuan Protocol"), as a server of it, the
 * pinentry, writes them. Pure: no input or output.
 */
#pragma once

#include "base/secret.h"

enum { ASSUAN_LINE_MAX = 1000 }; /* bytes of a line without its line feed */

enum assuan_kind {
    ASSUAN_OK,
    ASSUAN_ERR,
    ASSUAN_DATA,
    ASSUAN_INQUIRE,
    ASSUAN_IGNORED, /* status lines and comments */
};

struct assuan_line {
    enum assuan_kind kind;
    struct bytes rest;   /* behind the first word and one blank, still escaped */
    unsigned error_code; /* of ASSUAN_ERR: libgpg-error's, without the part that names the source */
};

/* line without its line feed. ERR_INPUT if it is none; the text of the failure tells none of it. */
MUST_CHECK int assuan_parse(struct bytes line, struct assuan_line *ret, struct err *err);
/*
 * Append escaped data to *to, which has *len bytes in it. ERR_INPUT for a wrong escape,
 * ERR_DENIED where it does not fit.
 */
MUST_CHECK int assuan_decode(struct bytes escaped, struct secret *to, size_t *len, struct err *err);
/* Append text with %, CR and LF escaped. */
MUST_CHECK int assuan_append(struct buf *buf, const char *text, struct err *err);
