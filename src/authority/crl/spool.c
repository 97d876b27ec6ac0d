/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/spool.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct entry {
    int64_t at;
    uint32_t serial;
    uint32_t reason;
};

enum { BLOCK_ENTRIES = 255 };

/* As it is in the file, which no other process reads. */
struct block {
    uint64_t next; /* where the one behind it is, if this one is full */
    uint64_t spare;
    struct entry entries[BLOCK_ENTRIES];
};
_Static_assert(sizeof(struct block) == 4096, "a block is a page");

struct spool_list {
    struct spool *spool;
    struct spool_watch watch;
    size_t count;
    uint64_t first, place; /* of its first block, and of the one that is here */
    size_t index;          /* the next entry in that one, to be filled or to be read */
    size_t left;           /* to be read */
    struct block block;
};

struct spool spool_in(int fd)
{
    return (struct spool){fd, 0};
}

void spool_done(struct spool *spool)
{
    fd_done(&spool->fd);
}

static uint64_t take_place(struct spool *spool)
{
    uint64_t place = spool->end;

    spool->end += sizeof(struct block);
    return place;
}

int spool_list_new(struct spool *spool, const struct spool_watch *watch, struct spool_list **ret,
                   struct err *err)
{
    struct spool_list *list = calloc(1, sizeof *list);

    if (list == NULL)
        return FAIL_NOMEM(err);
    list->spool = spool;
    if (watch != NULL)
        list->watch = *watch;
    *ret = list;
    return 0;
}

void spool_list_freep(struct spool_list **list)
{
    free(*list);
    *list = NULL;
}

static int put_block(const struct spool_list *list, struct err *err)
{
    const uint8_t *from = (const uint8_t *)&list->block;
    size_t done = 0;

    while (done < sizeof list->block) {
        ssize_t put = pwrite(list->spool->fd, from + done, sizeof list->block - done,
                             (off_t)(list->place + done));

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FAIL_ERRNO(err, "entries of a list cannot be put aside");
        done += (size_t)put;
    }
    return 0;
}

static int get_block(struct spool_list *list, uint64_t place, struct err *err)
{
    uint8_t *to = (uint8_t *)&list->block;
    size_t done = 0;

    while (done < sizeof list->block) {
        ssize_t got = pread(list->spool->fd, to + done, sizeof list->block - done,
                            (off_t)(place + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return FAIL_ERRNO(err, "entries of a list cannot be read again");
        if (got == 0)
            return FAIL(err, ERR_SYSTEM, "entries of a list are gone from the disk");
        done += (size_t)got;
    }
    list->place = place;
    list->index = 0;
    return 0;
}

int spool_list_add(struct spool_list *list, const struct revocation *entry, struct err *err)
{
    if (list->count == 0) {
        list->first = list->place = take_place(list->spool);
    } else if (list->index == BLOCK_ENTRIES) {
        list->block.next = take_place(list->spool);
        TRY(put_block(list, err));
        list->place = list->block.next;
        list->index = 0;
    }
    list->block.entries[list->index++] = (struct entry){entry->at, entry->serial,
                                                        (uint32_t)entry->reason};
    list->count++;
    return 0;
}

size_t spool_list_count(const struct spool_list *list)
{
    return list->count;
}

int spool_list_finish(struct spool_list *list, struct err *err)
{
    return list->count == 0 ? 0 : put_block(list, err);
}

/* The block at a place, whose entries are now to be read. */
static int turn_to(struct spool_list *list, uint64_t place, struct err *err)
{
    size_t here = list->left < BLOCK_ENTRIES ? list->left : BLOCK_ENTRIES;

    if (list->watch.look != NULL)
        TRY(list->watch.look(list->watch.context, here, err));
    return get_block(list, place, err);
}

static int rewind_list(void *context, struct err *err)
{
    struct spool_list *list = context;

    list->left = list->count;
    return list->count == 0 ? 0 : turn_to(list, list->first, err);
}

static int next_entry(void *context, struct revocation *ret, struct err *err)
{
    struct spool_list *list = context;
    const struct entry *entry;

    if (list->left == 0)
        return FAIL(err, ERR_ABSENT, "no entry is left");
    if (list->index == BLOCK_ENTRIES)
        TRY(turn_to(list, list->block.next, err));
    entry = &list->block.entries[list->index++];
    list->left--;
    *ret = (struct revocation){entry->serial, entry->at, (enum crl_reason)entry->reason};
    return 0;
}

struct revocation_source spool_list_source(struct spool_list *list)
{
    return (struct revocation_source){list, rewind_list, next_entry};
}
