/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody who becomes a clerk, or whose card was renewed, signs with the card's sign key: who
 * they are, where they will work, and the card's auth certificate. Whoever has it has a proof that
 * the card was at hand when it was made.
 */
#pragma once

#include "register/desk.h"

enum { APPLICATION_SECONDS = 24 * 3600 }; /* an administrator takes it within a day */

struct application {
    struct clerk clerk;                          /* without id and roles */
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1]; /* of a bootstrap; "": none */
};

/* As it came. */
struct application_text {
    struct bytes text;      /* JSON */
    struct bytes signature; /* CMS, DER, with the certificate */
};

/*
 * Believe it or not: refused as proof_of_document, with filing-origin for another register, and
 * with filing-stale APPLICATION_SECONDS from when it was signed. ERR_INPUT for what is malformed.
 */
MUST_CHECK int application_read(const struct counter *counter, const struct application_text *from,
                                struct application *ret, struct err *err);
/* The first clerk, who becomes an administrator: once (register_finish_bootstrap). */
MUST_CHECK int register_bootstrap(const struct counter *counter,
                                  const struct application_text *from,
                                  const struct audit_origin *by, struct clerk *ret,
                                  struct err *err);
