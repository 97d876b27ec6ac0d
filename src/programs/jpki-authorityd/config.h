/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-authorityd's configuration; jpki-authorityd(8) describes the file. */
#pragma once

#include "authority/store.h"
#include "authority/usage/fees.h"
#include "programs/checkpoints.h"
#include "programs/service.h"

/* An interface for others than the peers: whole, or none. */
struct authorityd_door {
    char *socket;  /* NULL: none */
    char *listen;  /* NULL: none */
    char *origin;  /* NULL: nobody listens */
    uint16_t port; /* of listen; 0: none */
};

struct authorityd_config {
    struct service_config service;
    int64_t cache_mb;
    char *database;
    char *signer;
    char *keys[CA_KINDS_]; /* names of the CA keys at signerd */
    char *ocsp_signer;     /* NULL: signer */
    char *ocsp_keys[CA_KINDS_];
    char *ocspd_peers;
    char *operator_peers;
    struct checkpoint_config checkpoints;
    struct authorityd_door holder, verifier;
    char *proxy_socket; /* NULL: no proxy ends TLS in front */
    char *proxies;
    struct service_peers proxy_peers; /* proxies, read */
    char *publish_at;
    int64_t publish_changed_s;
    char *feed_keys[CA_KINDS_]; /* NULL, both: there are no feeds */
    int64_t feed_every_s;
    char *consents_begin;
    char *fees; /* NULL: the one that comes with the program */
    char *fees_waived;
    enum fee_basis up_to;         /* fees_waived */
    bool is_consent_from_receipt; /* consents_begin */
    struct service_rules rules;
    struct service_peers ocspd;
    struct service_peers operators;
    int daily; /* publish_at in seconds after midnight */
};

extern const struct conf_key authorityd_keys[];
/* Keys that a reload takes. */
extern const char *const authorityd_reloaded[];

/* The value of --generation, 1 without it; ERR_USAGE unless it is 1 to GENERATIONS_MAX. */
MUST_CHECK int generation_option(const char *text, unsigned *ret, struct err *err);
/* Read and check the whole file. Release with authorityd_config_done, also after a failure. */
MUST_CHECK int authorityd_config_read(const char *path, struct authorityd_config *ret,
                                      struct err *err);
void authorityd_config_done(struct authorityd_config *config);
