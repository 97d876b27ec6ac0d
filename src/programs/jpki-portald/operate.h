/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does to a portal that is not running: one act on its database. */
#pragma once

#include "base/cli.h"
#include "base/json.h"
#include "portal/store.h"
#include "programs/jpki-portald/config.h"

/* The options of such a command; each has those that its table lists. */
struct operate {
    const char *config;
    bool json;
    bool offer_all;
    int64_t rate;
    int64_t days;
    const struct portald_config *portald; /* what the file says, for an act */
};

typedef int operate_act(const struct operate *options, struct db *db, char *const argv[],
                        const struct audit_origin *by, struct err *err);
/* Open the store of the configuration and act; the exit code. */
int operate(const void *options, operate_act *act, char *const argv[]);

#define OPERATE_CONFIG                                                                             \
    {                                                                                              \
        'c', "config", CLI_TEXT, offsetof(struct operate, config), "FILE",                         \
            N_("the configuration file")                                                           \
    }
extern const struct cli_option operate_options[]; /* that alone */
