/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of bytes: borrowed (struct bytes, by value) and owned (struct buf, released by scope). */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Release by scope: CLEANUP(buf_done) struct buf b = BUF_INIT; */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Borrowed: passed by value, never freed. ptr may be NULL when len is 0. */
struct bytes {
    const uint8_t *ptr;
    size_t len;
};

/* Owned: whoever holds it calls buf_done(). ptr is NULL until something is in it. */
struct buf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
};

#define BUF_INIT                                                                                   \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

/* A string constant, without its final NUL. */
#define BYTES_LITERAL(s) ((struct bytes){(const uint8_t *)(s), sizeof(s) - 1})
/* An array of uint8_t. */
#define BYTES_ARRAY(a) ((struct bytes){(a), sizeof(a)})

static inline struct bytes bytes_of(const void *ptr, size_t len)
{
    return (struct bytes){ptr, len};
}

struct bytes bytes_text(const char *text); /* NULL gives an empty range */

static inline struct bytes buf_bytes(const struct buf *buf)
{
    return (struct bytes){buf->ptr, buf->len};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* < 0, 0, > 0: byte by byte, a beginning before what goes on. Not for secrets. */
int bytes_compare(struct bytes a, struct bytes b);
bool bytes_start_with(struct bytes whole, struct bytes start);
/* Constant time in the contents, not in the lengths. For secrets and authenticators. */
bool bytes_equal_secret(struct bytes a, struct bytes b);
/* The part from offset of at most len bytes; empty past the end. */
static inline struct bytes bytes_part(struct bytes whole, size_t offset, size_t len)
{
    if (offset >= whole.len)
        return (struct bytes){NULL, 0};
    if (len > whole.len - offset)
        len = whole.len - offset;
    return (struct bytes){whole.ptr + offset, len};
}

/* Overwrite memory in a way the compiler may not remove. */
void wipe(void *ptr, size_t len);

/*
 * Appending grows the buffer by doubling; on ERR_NOMEM the contents stay as they were. The old
 * block is wiped before it is released, so keys may pass through a buf.
 */
MUST_CHECK int buf_append(struct buf *buf, struct bytes more, struct err *err);
MUST_CHECK int buf_append_byte(struct buf *buf, uint8_t byte, struct err *err);
MUST_CHECK int buf_append_text(struct buf *buf, const char *text, struct err *err);
MUST_CHECK int buf_append_format(struct buf *buf, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Room for at least more further bytes after len. */
MUST_CHECK int buf_reserve(struct buf *buf, size_t more, struct err *err);
MUST_CHECK int buf_copy(struct bytes from, struct buf *ret, struct err *err);

/*
 * The contents as a C string: a NUL is kept behind the last byte, outside len. ERR_INPUT if the
 * contents hold a NUL themselves. The pointer lives until the next change of the buffer.
 */
MUST_CHECK int buf_text(struct buf *buf, const char **ret, struct err *err);

/* Empty the buffer and keep its memory. */
void buf_clear(struct buf *buf);
/* Wipe and release; the buffer is then empty and usable again. */
void buf_done(struct buf *buf);
/* Move *from to *to, which must be empty or uninitialised; *from is then empty. */
void buf_move(struct buf *to, struct buf *from);

/* free(*p), for CLEANUP(free_text) char *text = NULL; */
void free_text(char **p);

/* Whether a list of words with blanks between has this one. */
bool text_has_word(const char *list, const char *word);
