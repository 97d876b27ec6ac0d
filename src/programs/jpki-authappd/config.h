/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-authappd's configuration; jpki-authappd(8) describes the file. */
#pragma once

#include "authapp/authapp.h"
#include "programs/checkpoints.h"
#include "programs/service.h"

struct authappd_config {
    struct service_config service; /* peers is not a key: relying parties prove themselves */
    int64_t port;
    char *origin;
    char *database;
    char *signer;
    char *seal_key;
    char *token_keys;
    char *auth_cas;
    char *platform;     /* path of a socket, or an origin */
    char *platform_key; /* path of a file */
    char *operator_peers;
    struct checkpoint_config checkpoints;
    struct service_rules rules;
    struct service_peers operators;
};

extern const struct conf_key authappd_keys[];
/* Keys that SIGHUP reads again; ended by NULL. */
extern const char *const authappd_reloaded[];

/* Read and check the whole file. Release with authappd_config_done, also after a failure. */
MUST_CHECK int authappd_config_read(const char *path, struct authappd_config *ret, struct err *err);
void authappd_config_done(struct authappd_config *config);
