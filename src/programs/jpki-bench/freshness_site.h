/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tells others of revocations, as a sandbox with the timing fast runs it: a jpki-authorityd,
 * two jpki-ocspd and a jpki-signerd, with certificates of nobody that are there to be revoked; and
 * in this process the follower of a platform, with a registered verifier's keys.
 */
#pragma once

#include "platform/platform.h"
#include "platform/revocation/follower.h"
#include "programs/verifier.h"
#include "verify/status.h"

enum {
    FRESHNESS_NODES = 2,                      /* of jpki-ocspd */
    FRESHNESS_OBSERVERS = FRESHNESS_NODES + 1 /* behind them, the platform */
};

struct freshness_site {
    char *dir;
    char *authority, *door, *signer, *nodes[FRESHNESS_NODES]; /* sockets */
    char *verifier; /* file of the verifier's certificate */
    pid_t signerd, authorityd, ocspd[FRESHNESS_NODES];
    struct x509_cert *ca;
    struct x509_cert **certificates;
    size_t count;
    struct platform platform;
    struct turns *turns;
    struct follower_way way;
    struct verifier *asking[FRESHNESS_NODES];
};

#define FRESHNESS_SITE_INIT                                                                        \
    {                                                                                              \
        .dir = NULL                                                                                \
    }

/*
 * Start it, with so many certificates that all observers know to be good. Release also after a
 * failure.
 */
MUST_CHECK int freshness_site_up(struct freshness_site *site, size_t certificates, struct err *err);
void freshness_site_down(struct freshness_site *site);

/* Revoke a certificate at the counter's side of the authority: durable when this is back. */
MUST_CHECK int freshness_site_revoke(const struct freshness_site *site, size_t index,
                                     struct err *err);
/* What an observer says about it: OCSP nodes first. One thread per observer. */
MUST_CHECK int freshness_site_look(const struct freshness_site *site, unsigned observer,
                                   size_t index, enum status_answer *ret, struct err *err);
