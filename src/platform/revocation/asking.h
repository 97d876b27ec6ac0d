/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a platform finds out whether a certificate is revoked, as a registered verifier: by OCSP, in
 * its copy of the revocation feed, or in lists.
 */
#pragma once

#include "platform/revocation/follower.h"
#include "verify/certificate.h"
#include "verify/ocsp_fetch.h"

/* One worker's way to ask; lives on its stack. */
struct asking {
    struct ocsp_fetch fetch; /* first: ocsp_fetch_send looks here */
    struct signer *signer;
    const char *key;
    const char *flow, *step; /* which one it is for base/trace */
    struct ocsp_asker asker;
    struct status_source ocsp, source;
    struct follower_way way;
};

/* How a tenant wants revocation to be looked up. */
enum asking_check { ASKING_BY_POLICY, ASKING_CRL, ASKING_OCSP, ASKING_CHECKS_ };
extern const char *const asking_checks[]; /* "crl", "ocsp", NULL: those that can be asked for */

/* The source to ask, which may be in room; NULL if this platform cannot ask. */
const struct status_source *asking_source(const struct platform *platform, struct signer *signer,
                                          enum purpose purpose, struct asking *room);
/* ERR_UNTRUSTED if this platform does not look it up in that way. */
MUST_CHECK int asking_can(const struct platform *platform, enum asking_check check,
                          struct err *err);
/* As asking_source, in a way that asking_can has found. */
const struct status_source *asking_source_by(const struct platform *platform, struct signer *signer,
                                             enum purpose purpose, enum asking_check check,
                                             struct asking *room);
