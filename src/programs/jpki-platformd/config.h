/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-platformd's configuration; jpki-platformd(8) describes the file. */
#pragma once

#include "platform/platform.h"
#include "programs/checkpoints.h"
#include "programs/service.h"

struct platformd_config {
    struct service_config service; /* peers is not a key: tenants prove themselves */
    int64_t port;
    char *origin;
    char *database;
    char *signer;
    char *token_key;
    char *agreement_key;                   /* NULL: none */
    char *evidence, *evidence_key;         /* NULL: nobody is identified here */
    char *kyc_methods;                     /* NULL: the table that comes with the program */
    char *report_key;                      /* NULL: no reports */
    char *timestamp_url, *timestamp_roots; /* NULL: only the platform tells the time */
    char *sign_cas, *auth_cas;
    char *ocsp; /* NULL: nobody can be asked */
    char *revocation;
    char *crls;                    /* NULL: no lists */
    enum revocation_policy policy; /* revocation, read */
    char *verifier_key;
    char *verifier_certificate; /* NULL: questions are not signed */
    char *authority;            /* NULL: it is not asked, and neither of the next two is set */
    char *authority_origin;
    char *party_certificate;
    char *party_key;
    char *webhooks_to;
    enum webhooks webhooks; /* webhooks_to, read */
    int64_t look_seconds, notice_seconds;
    char *operator_peers;
    struct checkpoint_config checkpoints;
    int64_t warn_days;
    char *reference_key; /* NULL: no person references */
    char *reference_tenants;
    char *console_dir; /* NULL: no console */
    struct service_rules rules;
    struct service_peers operators;
};

extern const struct conf_key platformd_keys[];
/* Keys that a reload takes. */
extern const char *const platformd_reloaded[];

/* Read and check the whole file. Release with platformd_config_done, also after a failure. */
MUST_CHECK int platformd_config_read(const char *path, struct platformd_config *ret,
                                     struct err *err);
void platformd_config_done(struct platformd_config *config);
