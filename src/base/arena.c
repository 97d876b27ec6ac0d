/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 4000 };

/* Blocks form a list, the one being filled first. Contents follow the header. */
struct block {
    struct block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) uint8_t at[];
};

struct arena {
    struct block *blocks;
};

int arena_new(struct arena **ret, struct err *err)
{
    struct arena *arena = calloc(1, sizeof *arena);

    if (arena == NULL)
        return FAIL_NOMEM(err);
    *ret = arena;
    return 0;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->blocks != NULL) {
        struct block *next = arena->blocks->next;

        wipe(arena->blocks->at, arena->blocks->used);
        free(arena->blocks);
        arena->blocks = next;
    }
    free(arena);
}

void arena_freep(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

static int block_add(struct arena *arena, size_t size, struct err *err)
{
    struct block *block = malloc(sizeof *block + size);

    if (block == NULL)
        return FAIL_NOMEM(err);
    block->next = arena->blocks;
    block->used = 0;
    block->size = size;
    arena->blocks = block;
    return 0;
}

int arena_alloc(struct arena *arena, size_t len, void **ret, struct err *err)
{
    const size_t step = alignof(max_align_t);
    struct block *block;
    size_t rounded;

    if (len > ARENA_ALLOC_MAX)
        return FAIL_NOMEM(err);
    rounded = (len + step - 1) / step * step;
    if (arena->blocks == NULL || arena->blocks->size - arena->blocks->used < rounded)
        TRY(block_add(arena, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE, err));
    block = arena->blocks;
    *ret = memset(block->at + block->used, 0, rounded);
    block->used += rounded;
    return 0;
}

int arena_copy(struct arena *arena, struct bytes from, struct bytes *ret, struct err *err)
{
    void *copy;

    if (from.len >= ARENA_ALLOC_MAX)
        return FAIL_NOMEM(err);
    TRY(arena_alloc(arena, from.len + 1, &copy, err));
    if (from.len > 0)
        memcpy(copy, from.ptr, from.len);
    *ret = bytes_of(copy, from.len);
    return 0;
}

int arena_text(struct arena *arena, struct bytes from, const char **ret, struct err *err)
{
    struct bytes copy;

    if (from.len > 0 && memchr(from.ptr, 0, from.len) != NULL)
        return FAIL(err, ERR_INPUT, "the text holds a NUL byte");
    TRY(arena_copy(arena, from, &copy, err));
    *ret = (const char *)copy.ptr;
    return 0;
}

int arena_format(struct arena *arena, const char **ret, struct err *err, const char *fmt, ...)
{
    va_list args;
    void *text;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return FAIL(err, ERR_USAGE, "a format that vsnprintf refuses");
    TRY(arena_alloc(arena, (size_t)len + 1, &text, err));
    va_start(args, fmt);
    (void)vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    *ret = text;
    return 0;
}
