/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration files under one typed table: [section], key = value, lines starting with # or ;
 * are comments, and so is the rest of a line from a blank followed by ;.
 *
 * Every key is a row; an unknown or repeated key, an unknown section or a bad value is ERR_INPUT
 * with file and line. UTF-8, at most CONF_FILE_MAX bytes, one line for one key. Text values are
 * allocated; conf_done releases them by the same table.
 */
#pragma once

#include "base/bytes.h"

enum {
    CONF_FILE_MAX = 65536, /* bytes */
    CONF_LINE_MAX = 198,   /* bytes of one line, which is what libinih takes */
};

enum conf_type {
    CONF_TEXT, /* char *: any text that is not empty */
    CONF_PATH, /* char *: an absolute path */
    CONF_INT,  /* int64_t between min and max */
    CONF_FLAG, /* bool: yes or no */
    /* The same key several times, in order: char *, one value a line. */
    CONF_TEXTS,
    CONF_PATHS,
};

struct conf_key {
    const char *section;
    const char *key;
    enum conf_type type;
    size_t offset;           /* into the program's struct */
    const char *otherwise;   /* the default as it would be written; NULL: required */
    int64_t min, max;        /* for CONF_INT */
    const char *description; /* one line for the sample file and the man page */
};

/* An optional text or path: its default is this and leaves the pointer NULL. */
#define CONF_UNSET ""

/*
 * Sections that a table cannot list because their names are the operator's: "[key sign-ca]" has
 * the prefix "key" and the name "sign-ca". Each becomes one item of an array.
 */
struct conf_group {
    const char *prefix;
    const struct conf_key *keys; /* into one item; their section column is not used */
    size_t name;                 /* offset of the item's char * for its name */
    size_t size;                 /* of an item */
    size_t max;                  /* how many items there is room for */
    void *items;                 /* zeroed by the caller */
    size_t *count;               /* how many were read; 0 before */
};

/* keys ends with a row whose key is NULL. target is zeroed by the caller; on failure it is too. */
MUST_CHECK int conf_read(const char *path, const struct conf_key *keys, void *target,
                         struct err *err);
/* The same with sections of one group; NULL is none. */
MUST_CHECK int conf_read_group(const char *path, const struct conf_key *keys, void *target,
                               const struct conf_group *group, struct err *err);
/* The same from memory; name stands for the path in failures. */
MUST_CHECK int conf_parse(struct bytes text, const char *name, const struct conf_key *keys,
                          void *target, const struct conf_group *group, struct err *err);
void conf_done(const struct conf_key *keys, void *target);
/*
 * The first setting that two readings by one table have differently, except those whose keys are
 * in without (ended by NULL); NULL if there is none.
 */
const struct conf_key *conf_difference(const struct conf_key *keys, const void *a, const void *b,
                                       const char *const *without);
/* Releases the items and sets the count to 0. */
void conf_group_done(const struct conf_group *group);
/* A commented sample of every key with its default. */
MUST_CHECK int conf_sample(const struct conf_key *keys, struct buf *ret, struct err *err);
