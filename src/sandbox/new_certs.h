/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other certificates on the card in the reader: the card makes keys beside those in use, the
 * register has them certified, and the card takes keys and certificates in one write. Kinds are
 * bits.
 *
 * Keys are made before something is recorded that ends the old ones: so whoever is recorded as
 * changed already has a card with new keys waiting in it, and what was interrupted goes on with
 * those. Others would be refused, because the register may have their requests.
 */
#pragma once

#include "sandbox/clerk.h"

enum { CERTS_SIGN = 1, CERTS_AUTH = 2, CERTS_KINDS = 2, CERTS_STATE_SIZE = 16 };

/* What the card and the register say of certificates. */
struct certs_view {
    char state[CERTS_STATE_SIZE]; /* of the card, in the register's word */
    unsigned there;               /* the card carries one */
    unsigned waiting;             /* a new key waits on the card */
    unsigned none;                /* none that it carries counts */
    unsigned asked;               /* one was asked for, and not answered yet */
    unsigned due;                 /* it may be renewed */
    unsigned renewing;            /* another was asked for that will take its place */
};

MUST_CHECK int certs_look(const struct clerk *clerk, const char *serial, struct certs_view *ret,
                          struct err *err);
/* Make keys of these kinds, in the place of those that wait. */
MUST_CHECK int certs_make_keys(const struct clerk *clerk, unsigned kinds, struct err *err);
/* Certificates for the keys that wait, on the card. */
MUST_CHECK int certs_put(const struct clerk *clerk, const char *serial, unsigned kinds,
                         struct err *err);
