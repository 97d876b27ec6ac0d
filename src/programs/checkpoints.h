/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of the audit log, as the daemons that keep one are configured for them. */
#pragma once

#include "audit/keeper.h"
#include "base/conf.h"
#include "programs/service.h"

/* The part of a configuration about it; rows are made by CHECKPOINT_KEYS. */
struct checkpoint_config {
    char *key; /* NULL: none are made, and origin is not set */
    char *origin;
    char *signer; /* NULL: the daemon's own */
    char *witnesses;
    struct service_peers witness_peers; /* witnesses, read */
    int64_t every_s;
};

enum { CHECKPOINT_EVERY_MAX = 86400 };

/* Rows of a configuration table; base is the offset of the struct checkpoint_config. */
#define CHECKPOINT_KEYS(section_, base_)                                                           \
    {(section_),                                                                                   \
     "audit_key",                                                                                  \
     CONF_TEXT,                                                                                    \
     (base_) + offsetof(struct checkpoint_config, key),                                            \
     CONF_UNSET,                                                                                   \
     0,                                                                                            \
     0,                                                                                            \
     "the key of role checkpoint that signs checkpoints of the audit log; without it none are "    \
     "made"},                                                                                      \
        {(section_), "audit_origin",                                                               \
         CONF_TEXT,  (base_) + offsetof(struct checkpoint_config, origin),                         \
         CONF_UNSET, 0,                                                                            \
         0,          "what the audit log is called in them: the origin of that key"},              \
        {(section_),                                                                               \
         "audit_signer",                                                                           \
         CONF_PATH,                                                                                \
         (base_) + offsetof(struct checkpoint_config, signer),                                     \
         CONF_UNSET,                                                                               \
         0,                                                                                        \
         0,                                                                                        \
         "socket of the jpki-signerd with that key, if it is another than the daemon's"},          \
        {(section_),                                                                               \
         "witness_peers",                                                                          \
         CONF_TEXT,                                                                                \
         (base_) + offsetof(struct checkpoint_config, witnesses),                                  \
         "",                                                                                       \
         0,                                                                                        \
         0,                                                                                        \
         "numeric user ids that may read checkpoints and proofs, and nothing else of the log"},    \
    {                                                                                              \
        (section_), "audit_every_s", CONF_INT,                                                     \
            (base_) + offsetof(struct checkpoint_config, every_s), "3600", 1,                      \
            CHECKPOINT_EVERY_MAX, "seconds between two checkpoints"                                \
    }

/* ERR_INPUT unless it is whole; own_signer is the daemon's, or NULL. */
MUST_CHECK int checkpoint_check(struct checkpoint_config *config, const char *own_signer,
                                struct err *err);

/* What a daemon has beside its configuration. */
struct checkpoint_site {
    struct db *db; /* with its log */
    const char *signer;
    const struct clock *clock;
};
/* *ret stays NULL if none are made. What it makes and fails at is logged. */
MUST_CHECK int checkpoint_open(const struct checkpoint_config *config,
                               const struct checkpoint_site *site, struct audit_keeper **ret,
                               struct err *err);
/* audit_keeper_start, for one that may be NULL. */
MUST_CHECK int checkpoint_start(struct audit_keeper *keeper, struct err *err);
