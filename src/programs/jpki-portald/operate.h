/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does to a portal that is not running: one act on its database. */
#pragma once

#include "base/cli.h"
#include "base/json.h"
#include "portal/store.h"
#include "programs/jpki-portald/config.h"

struct operate;
typedef int operate_act(const struct operate *options, struct db *db, char *const argv[],
                        const struct audit_origin *by, struct err *err);

/* What a command lists. One of the two reads it: all there is, or what belongs to the argument;
 * or neither, and an act does. */
struct operate_list {
    const char *key; /* of the array, in JSON */
    int (*read)(struct db *db, struct json **ret, struct err *err);
    int (*read_of)(struct db *db, const char *whose, struct json **ret, struct err *err);
    int (*print)(const struct json *one, struct err *err); /* for people */
};

/* The options of such a command; each has those that its table lists. */
struct operate {
    /* What it does, out of its row: one of the two. */
    operate_act *act;
    const struct operate_list *list;
    bool is_without_store; /* it reads files alone, also while the portal runs: db is NULL */
    const char *config;
    bool json;
    bool offer_all;
    int64_t rate;
    int64_t days;
    const struct portald_config *portald; /* what the file says, for an act */
};

/* Print what an act has found itself; takes it. */
MUST_CHECK int operate_tell(const struct operate *options, const struct operate_list *list,
                            struct json *found, struct err *err);

/* Open the store of the configuration and do what the row says; the exit code. */
int operate_run(const void *options, int argc, char *const argv[]);

/*
 * A command as a row: its words, what it takes, what help says, its options, how many arguments at
 * least and at most; then what it does, as members of struct operate.
 */
#define OPERATE_ROW(words, takes, tells, rows, least, most, ...)                                   \
    {                                                                                              \
        .path = (words), .arguments = (takes), .description = (tells), .options = (rows),          \
        .size = sizeof(struct operate), .min_arguments = (least), .max_arguments = (most),         \
        .run = operate_run, .defaults = &(const struct operate){__VA_ARGS__},                      \
    }

#define OPERATE_CONFIG                                                                             \
    {                                                                                              \
        'c', "config", CLI_TEXT, offsetof(struct operate, config), "FILE",                         \
            N_("the configuration file")                                                           \
    }
extern const struct cli_option operate_options[];      /* that alone */
extern const struct cli_option operate_list_options[]; /* and JSON */
