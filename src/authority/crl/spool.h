/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocations on their way from one walk into many lists: in a file without a name, in which each
 * list has a chain of blocks. A list takes one block of memory, however many entries it has; it is
 * read as often as somebody likes. Inside this room only.
 */
#pragma once

#include "revocation/entry.h"

#include <stddef.h>

/* The file, shared by its lists. */
struct spool {
    int fd;
    uint64_t end; /* where the next block goes */
};

/* fd becomes the spool's. */
struct spool spool_in(int fd);
void spool_done(struct spool *spool);

/* Looked at for each block, with how many entries are in it; a failure ends the reading. */
struct spool_watch {
    int (*look)(void *context, size_t entries, struct err *err);
    void *context;
};

struct spool_list;
/* The spool outlives the list; watch (optional) is copied. */
MUST_CHECK int spool_list_new(struct spool *spool, const struct spool_watch *watch,
                              struct spool_list **ret, struct err *err);
void spool_list_freep(struct spool_list **list);
/* In ascending order of serial: who reads them counts on it. */
MUST_CHECK int spool_list_add(struct spool_list *list, const struct revocation *entry,
                              struct err *err);
size_t spool_list_count(const struct spool_list *list);
/*
 * Behind the last that is added; then the list is read only. One reader at a time: the list itself
 * is where the reading is.
 */
MUST_CHECK int spool_list_finish(struct spool_list *list, struct err *err);
struct revocation_source spool_list_source(struct spool_list *list);
