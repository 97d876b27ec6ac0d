/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-witnessd's configuration; jpki-witnessd(8) describes the file. */
#pragma once

#include "programs/service.h"
#include "witness/witness.h"

/* A section [log NAME]. */
struct witnessd_log {
    char *name;
    char *socket;
    char *key;          /* path of a file */
    struct note_key is; /* what is in it */
};

struct witnessd_config {
    struct service_config service;
    char *database;
    char *signer;
    char *key;
    char *name;
    int64_t poll_ms;
    int64_t again_s;
    struct witnessd_log logs[WITNESS_LOGS_MAX];
    size_t log_count;
    struct service_rules rules;
};

extern const struct conf_key witnessd_keys[];
extern const struct conf_key witnessd_log_keys[];

/* Read and check the whole file. Release with witnessd_config_done, also after a failure. */
MUST_CHECK int witnessd_config_read(const char *path, struct witnessd_config *ret, struct err *err);
void witnessd_config_done(struct witnessd_config *config);
