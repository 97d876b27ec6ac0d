/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk with one directory, as pessimistic as the standards allow: what was written is what
 * programs read, but it is on the disk only once its file was synced, and a name only once the
 * directory was. Everything not synced yet may be lost when the power is cut, in any combination.
 *
 * All of it lies in memory. A directory of the host stands for the platter: it is read when the
 * power comes on, and gets what survived when it goes.
 */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

enum {
    DISK_FILES_MAX = 1024, /* with a name or open */
    DISK_NAMES_MAX = 64,
    DISK_NAME_MAX = 127, /* bytes */
    DISK_SIZE_MAX = 256 << 20,
    DISK_SECTOR = 512, /* written wholly or not */
    DISK_STRUCK_SIZE = 1024,
};

/* What becomes of what was not synced. */
enum disk_fate {
    DISK_NONE,  /* all of it is lost */
    DISK_ALL,   /* nothing is lost, as if it had been synced just then */
    DISK_NAMES, /* names are kept, contents lost: a rename that overtook the data */
    DISK_DATA,  /* contents are kept, names lost */
    DISK_TORN,  /* nothing is lost but the second half of the last write, within a sector or not */
    DISK_SOME,  /* each sector and each name by the throw of a coin that a seed determines */
};

/* What is to happen with the nth operation that writes (syncing is one). */
struct disk_order {
    unsigned nth; /* 0: nothing */
    bool is_kill; /* the caller is killed after it; the disk goes on */
    enum disk_fate fate;
    uint64_t seed;                /* DISK_SOME */
    char name[DISK_NAME_MAX + 1]; /* counts operations on files whose names begin so; "": all */
};

struct disk_stat {
    mode_t mode;
    unsigned names;
    size_t size;
    uint64_t mark; /* the same for a file that survives a cut */
};

struct disk;

/* The power is on at once. platter must outlive it. */
MUST_CHECK int disk_new(const char *platter, struct disk **ret, struct err *err);
void disk_free(struct disk *disk);

/* Read the platter again; files of before are no more. Counts operations from 0. */
MUST_CHECK int disk_power_on(struct disk *disk, struct err *err);
MUST_CHECK int disk_cut(struct disk *disk, const struct disk_order *how, struct err *err);
/* As an orderly end: everything is synced, and the power goes. */
MUST_CHECK int disk_stop(struct disk *disk, struct err *err);
/* Takes effect at an operation counted from now on. */
void disk_order(struct disk *disk, const struct disk_order *order);

/* No file is made or becomes longer (-ENOSPC) until there is room again, or the power comes on. */
void disk_fill(struct disk *disk, bool is_full);

bool disk_is_off(const struct disk *disk);
unsigned disk_operations(const struct disk *disk); /* since the power came on or an order came */
unsigned disk_pending(const struct disk *disk);    /* changes that are not synced */
/* Whether the operation just done was the one after which its caller is to be killed. */
bool disk_kills_now(const struct disk *disk);
/* Names of files whose contents were not synced when the order struck, each after a space. */
const char *disk_struck(const struct disk *disk);

/*
 * What a file system does, 0 or -errno; -EIO for all of it while there is no power, and for files
 * of before. A file is known by a number, a name is borrowed.
 */
int disk_find(struct disk *disk, const char *name, uint64_t *ret_file);
int disk_name_at(struct disk *disk, size_t index, const char **ret_name, uint64_t *ret_file);
int disk_look(struct disk *disk, uint64_t file, struct disk_stat *ret);
int disk_read(struct disk *disk, uint64_t file, size_t offset, size_t len, struct bytes *ret);
int disk_chmod(struct disk *disk, uint64_t file, mode_t mode);
/* Who has a file open keeps it, with a name or without. */
void disk_open(struct disk *disk, uint64_t file);
void disk_close(struct disk *disk, uint64_t file);

/* These write, and so are counted. */
int disk_create(struct disk *disk, const char *name, mode_t mode, uint64_t *ret_file);
int disk_write(struct disk *disk, uint64_t file, size_t offset, struct bytes data);
int disk_resize(struct disk *disk, uint64_t file, size_t size);
int disk_link(struct disk *disk, uint64_t file, const char *name);
int disk_unlink(struct disk *disk, const char *name);
int disk_rename(struct disk *disk, const char *from, const char *to);
int disk_sync(struct disk *disk, uint64_t file);
int disk_sync_names(struct disk *disk);
