/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that were shown before, found by all of their bytes: parsed, with a key that is
 * ready, and with what time does not change about them. Whether they are revoked, or valid at some
 * time or for some purpose, is never among it. Only those that one of the trusted CAs issued are
 * kept, so that nobody can fill it with others; there is room for so many and no more.
 *
 * Threads: any number may find and keep at the same time.
 */
#pragma once

#include "verify/verdict.h"
#include "x509/cert.h"

/* A certificate that somebody showed. */
struct shown {
    struct x509_cert *cert;         /* held; shown_done gives it back */
    const struct x509_cert *issuer; /* the anchor that signed it, or NULL; lives with anchors */
    struct report issued, formed;   /* what speaks against issuer and profile */
};

void shown_done(struct shown *shown);

struct seen;

/* Room for at least so many; what is kept longest in its place makes room. */
MUST_CHECK int seen_new(size_t most, struct seen **ret, struct err *err);
void seen_free(struct seen *seen);
bool seen_find(struct seen *seen, struct bytes der, struct shown *ret);
/* A share of the certificate is kept, unless it has no issuer. */
void seen_keep(struct seen *seen, const struct shown *shown);
void seen_forget(struct seen *seen);
