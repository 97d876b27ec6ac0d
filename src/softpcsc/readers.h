/* SPDX-License-Identifier: Apache-2.0 */
/* Which sockets are which readers: JPKI_SOFTPCSC=[NAME=]SOCKET[:[NAME=]SOCKET...]. */
#pragma once

#include "base/sock.h"
#include "softpcsc/limits.h"

#include <stdbool.h>

struct reader_entry {
    char name[WIRE_READER_NAME_MAX + 1];
    char path[SOCK_PATH_MAX + 1];
};

struct reader_entries {
    struct reader_entry at[WIRE_READERS_MAX];
    unsigned count;
};

/*
 * A reader without a name is "OpenJPKI Software Card NN 00" with its place in the list, in the form
 * of pcscd. ERR_INPUT for more than WIRE_READERS_MAX readers, an empty or too long name or path, or
 * a name that is there already.
 */
MUST_CHECK int reader_entries_parse(const char *text, struct reader_entries *ret, struct err *err);
/* NULL if there is none of this name. */
const struct reader_entry *reader_entries_find(const struct reader_entries *entries,
                                               const char *name);
