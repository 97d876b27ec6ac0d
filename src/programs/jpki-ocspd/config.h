/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-ocspd's configuration; jpki-ocspd(8) describes the file. */
#pragma once

#include "ocsp/responder.h"
#include "programs/service.h"

struct ocspd_config {
    struct service_config service; /* peers is not a key: requests are signed */
    int64_t port;
    char *authority;
    char *signer;
    /* A line for each generation of a CA, in all three. */
    char *keys[OCSP_CAS_];         /* names of the responders' keys at signerd */
    char *cas[OCSP_CAS_];          /* files with certificates */
    char *certificates[OCSP_CAS_]; /* the responders' */
    int64_t poll_ms;
    int64_t wait_ms;
    int64_t valid_s;
    int64_t refresh_s;
    char *proxy_socket; /* NULL: no proxy ends TLS in front */
    char *proxies;
    int64_t keep_answers, keep_s;
    int64_t lists_s;                  /* 0: no lists are offered */
    char *meter;                      /* NULL: questions are not counted */
    int64_t renew_days, warn_days;    /* before a responder's certificate ends; 0: never */
    struct service_peers proxy_peers; /* proxies, read */
    struct service_rules rules;
};

extern const struct conf_key ocspd_keys[];
/* Keys that a reload takes. */
extern const char *const ocspd_reloaded[];

/* Read and check the whole file. Release with ocspd_config_done, also after a failure. */
MUST_CHECK int ocspd_config_read(const char *path, struct ocspd_config *ret, struct err *err);
void ocspd_config_done(struct ocspd_config *config);

/* What the configuration names, checked against each other, and held by the caller. */
MUST_CHECK int ocspd_delegates_load(const struct ocspd_config *config, struct ocsp_delegates **ret,
                                    struct err *err);
/*
 * The same while serving: of the file, nothing but ocspd_reloaded may have changed, and what
 * responders are to have must be fit for use now (renewal_take). On failure nothing has changed.
 */
MUST_CHECK int ocspd_reload(const char *path, const struct ocspd_config *config,
                            const struct renewal_options *options, struct err *err);
