/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration files: INI ([section], key = value, # comments) under one typed table.
 *
 * Every key is a row; an unknown or repeated key, an unknown section or a bad value is ERR_INPUT
 * with file and line. Text values are allocated; conf_done releases them by the same table.
 */
#pragma once

#include "base/bytes.h"

enum conf_type {
    CONF_TEXT, /* char *: any text that is not empty */
    CONF_PATH, /* char *: an absolute path */
    CONF_INT,  /* int64_t between min and max */
    CONF_FLAG, /* bool: yes or no */
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

/* keys ends with a row whose key is NULL. target is zeroed by the caller; on failure it is too. */
MUST_CHECK int conf_read(const char *path, const struct conf_key *keys, void *target,
                         struct err *err);
/*
 * The same with a callback for sections named "[prefix NAME]", which a table cannot list (one per
 * key of signerd). each is called for every key of such a section, in file order.
 */
typedef int conf_named_fn(void *context, const char *name, const char *key, const char *value,
                          struct err *err);
MUST_CHECK int conf_read_named(const char *path, const struct conf_key *keys, void *target,
                               const char *prefix, conf_named_fn *each, void *context,
                               struct err *err);
void conf_done(const struct conf_key *keys, void *target);
/* A commented sample of every key with its default. */
MUST_CHECK int conf_sample(const struct conf_key *keys, struct buf *ret, struct err *err);
