/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clerks in the store (register/store.h): each function is one transaction, with its record in the
 * audit log; what changed about a clerk, and by which signed request, stays in the history.
 */
#pragma once

#include "register/clerk.h"
#include "register/store.h"

/* Add one under a new id, which is written to clerk->id. Refused if the card is another's. */
MUST_CHECK int register_add_clerk(struct register_store *store, struct clerk *clerk,
                                  const struct audit_origin *by, struct err *err);
MUST_CHECK int register_get_clerk(struct register_store *store, const char *id, struct clerk *ret,
                                  struct err *err);
/* Whose auth certificate that is; ERR_ABSENT if nobody's. */
MUST_CHECK int register_find_clerk(struct register_store *store, const uint8_t auth[CLERK_HASH_LEN],
                                   struct clerk *ret, struct err *err);
/* The first clerk behind an id ("": from the first); ERR_ABSENT behind the last. */
MUST_CHECK int register_next_clerk(struct register_store *store, const char *behind,
                                   struct clerk *ret, struct err *err);

/* What is changed: roles become those whose bits are set, ... */
MUST_CHECK int register_set_roles(struct register_store *store, const char *id, unsigned roles,
                                  const struct audit_origin *by, struct err *err);
MUST_CHECK int register_block_clerk(struct register_store *store, const char *id, bool is_blocked,
                                    const struct audit_origin *by, struct err *err);
MUST_CHECK int register_bind_card(struct register_store *store, const char *id,
                                  const struct clerk_card *card, const struct audit_origin *by,
                                  struct err *err);

/* Have a login in the audit log. */
MUST_CHECK int register_note_login(struct register_store *store, const char *id,
                                   const char *counter, const struct audit_origin *by,
                                   struct err *err);

/* A thing that happened to a clerk. */
struct clerk_step {
    int64_t at;
    char what[32];                   /* "added", "role-given", "role-taken", "blocked", ... */
    char detail[16];                 /* which role; "" */
    char actor[AUDIT_ACTOR_MAX + 1]; /* as in the audit log */
};

/* The index-th, from 0 in order; ERR_ABSENT behind the last. */
MUST_CHECK int register_get_clerk_step(struct register_store *store, const char *id, unsigned index,
                                       struct clerk_step *ret, struct err *err);

enum { BOOTSTRAP_CHALLENGE_LEN = 64 }; /* hexadecimal digits of 32 random octets */

/*
 * The first clerk, once in the life of a register, whatever happens in between: a challenge is
 * made, which replaces the one before, and taken together with the clerk in one transaction.
 * Refused once there has been one, and for a challenge that is not the last.
 */
MUST_CHECK int register_begin_bootstrap(struct register_store *store,
                                        char ret_challenge[BOOTSTRAP_CHALLENGE_LEN + 1],
                                        const struct audit_origin *by, struct err *err);
MUST_CHECK int register_finish_bootstrap(struct register_store *store, const char *challenge,
                                         struct clerk *clerk, const struct audit_origin *by,
                                         struct err *err);
