/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes bytes_text(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool bytes_start_with(struct bytes whole, struct bytes start)
{
    return whole.len >= start.len && bytes_equal(bytes_part(whole, 0, start.len), start);
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    volatile uint8_t different = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        different = different | (uint8_t)(a.ptr[i] ^ b.ptr[i]);
    return different == 0;
}

void wipe(void *ptr, size_t len)
{
    if (ptr != NULL)
        explicit_bzero(ptr, len);
}

/* Apart from buf_reserve, which is called for each piece and has room most of the time. */
static __attribute__((noinline)) int grow(struct buf *buf, size_t more, struct err *err)
{
    size_t cap = buf->cap == 0 ? 64 : buf->cap;
    uint8_t *grown;

    if (more > SIZE_MAX / 4 - buf->len)
        return FAIL_NOMEM(err);
    while (cap < buf->len + more)
        cap *= 2;
    /* Not realloc: it may leave a copy of a secret in the block it gives back. */
    grown = malloc(cap);
    if (grown == NULL)
        return FAIL_NOMEM(err);
    if (buf->len > 0)
        memcpy(grown, buf->ptr, buf->len);
    wipe(buf->ptr, buf->cap);
    free(buf->ptr);
    buf->ptr = grown;
    buf->cap = cap;
    return 0;
}

int buf_reserve(struct buf *buf, size_t more, struct err *err)
{
    return more <= buf->cap - buf->len ? 0 : grow(buf, more, err);
}

int buf_append(struct buf *buf, struct bytes more, struct err *err)
{
    TRY(buf_reserve(buf, more.len, err));
    if (more.len > 0)
        memcpy(buf->ptr + buf->len, more.ptr, more.len);
    buf->len += more.len;
    return 0;
}

int buf_append_byte(struct buf *buf, uint8_t byte, struct err *err)
{
    if (buf->len == buf->cap)
        TRY(buf_reserve(buf, 1, err));
    buf->ptr[buf->len++] = byte;
    return 0;
}

int buf_append_text(struct buf *buf, const char *text, struct err *err)
{
    return buf_append(buf, bytes_text(text), err);
}

int buf_append_format(struct buf *buf, struct err *err, const char *fmt, ...)
{
    va_list args;
    int needed;

    va_start(args, fmt);
    needed = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (needed < 0)
        return FAIL(err, ERR_USAGE, "a format that vsnprintf refuses");
    TRY(buf_reserve(buf, (size_t)needed + 1, err));
    va_start(args, fmt);
    (void)vsnprintf((char *)buf->ptr + buf->len, (size_t)needed + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)needed;
    return 0;
}

int buf_copy(struct bytes from, struct buf *ret, struct err *err)
{
    struct buf copy = BUF_INIT;

    TRY(buf_append(&copy, from, err));
    *ret = copy;
    return 0;
}

int buf_text(struct buf *buf, const char **ret, struct err *err)
{
    if (buf->len > 0 && memchr(buf->ptr, 0, buf->len) != NULL)
        return FAIL(err, ERR_INPUT, "the text holds a NUL byte");
    TRY(buf_reserve(buf, 1, err));
    buf->ptr[buf->len] = 0;
    *ret = (const char *)buf->ptr;
    return 0;
}

void buf_clear(struct buf *buf)
{
    wipe(buf->ptr, buf->len);
    buf->len = 0;
}

void buf_done(struct buf *buf)
{
    wipe(buf->ptr, buf->cap);
    free(buf->ptr);
    *buf = (struct buf)BUF_INIT;
}

void buf_move(struct buf *to, struct buf *from)
{
    *to = *from;
    *from = (struct buf)BUF_INIT;
}

void free_text(char **p)
{
    free(*p);
    *p = NULL;
}

bool text_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list != '\0') {
        size_t next = strcspn(list, " ");

        if (next == len && strncmp(list, word, len) == 0)
            return true;
        list += next;
        list += strspn(list, " ");
    }
    return false;
}
