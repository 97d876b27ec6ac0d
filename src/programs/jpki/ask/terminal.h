/* SPDX-License-Identifier: Apache-2.0 */
/* Asking on the terminal of the process, without echo. */
#pragma once

#include "base/secret.h"

/*
 * Show prompt and read what is typed up to Enter: *ret_len bytes of *line, which is as long as
 * what may be typed. ERR_USAGE if there is no terminal; ERR_DENIED if the person gave up or typed
 * more.
 */
MUST_CHECK int terminal_ask(const char *prompt, struct secret *line, size_t *ret_len,
                            struct err *err);
/* The same with one line from a descriptor, up to a line feed or its end. ERR_USAGE: not open. */
MUST_CHECK int descriptor_read(int fd, struct secret *line, size_t *ret_len, struct err *err);
