/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given back all at once: one arena per request or report, nothing freed by hand,
 * nothing outlives it. Everything is wiped on release, because requests carry personal data.
 * Not for keys and PINs (base/secret.h) and not for sharing between threads.
 */
#pragma once

#include "base/bytes.h"

struct arena;

MUST_CHECK int arena_new(struct arena **ret, struct err *err);
void arena_free(struct arena *arena);   /* accepts NULL */
void arena_freep(struct arena **arena); /* CLEANUP(arena_freep) struct arena *arena = NULL; */

enum { ARENA_ALLOC_MAX = 1 << 30 }; /* more at once is out of memory */

/* Zeroed memory, aligned for any type. */
MUST_CHECK int arena_alloc(struct arena *arena, size_t len, void **ret, struct err *err);
/* A copy with a NUL behind it that is not counted. */
MUST_CHECK int arena_copy(struct arena *arena, struct bytes from, struct bytes *ret,
                          struct err *err);
/* The same as text. ERR_INPUT if from holds a NUL. */
MUST_CHECK int arena_text(struct arena *arena, struct bytes from, const char **ret,
                          struct err *err);
MUST_CHECK int arena_format(struct arena *arena, const char **ret, struct err *err, const char *fmt,
                            ...) __attribute__((format(printf, 4, 5)));
