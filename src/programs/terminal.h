/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking on the terminal of the process. What went wrong is told by kind; the sentence is the
 * caller's, who knows what was asked for.
 */
#pragma once

#include "base/secret.h"

/*
 * Show prompt and read without echo what is typed up to Enter: *ret_len bytes of *line, which is as
 * long as what may be typed. ERR_USAGE if there is no terminal; ERR_DENIED with detail
 * ECANCELED if the person gave up, ERR_INPUT if he typed more.
 */
MUST_CHECK int terminal_ask(const char *prompt, struct secret *line, size_t *ret_len,
                            struct err *err);
/*
 * The same with one line from a descriptor, up to a line feed or its end. ERR_USAGE: not open.
 */
MUST_CHECK int descriptor_read(int fd, struct secret *line, size_t *ret_len, struct err *err);
/*
 * Show prompt and read, with echo, a line that is no secret: valid UTF-8 without control
 * characters. Failures as above, and ERR_INPUT for other text.
 */
MUST_CHECK int terminal_line(const char *prompt, struct buf *ret, struct err *err);
enum { TERMINAL_LINE_MAX = 1024 }; /* bytes of it */
