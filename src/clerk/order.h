/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a clerk asks a register to do, signed with the card: for which register, in which session,
 * at which counter, when and under which id stands in what is signed.
 */
#pragma once

#include "clerk/session.h"

struct clerk_order {
    const char *path;        /* "/v1/cards/A-1/acts" */
    const struct json *body; /* NULL: nothing is told */
    const char *request_id;  /* NULL: a random one */
};

enum { CLERK_ID_SIZE = 65, CLERK_DIGEST_SIZE = 65 };

struct clerk_outcome {
    char request_id[CLERK_ID_SIZE];
    char digest[CLERK_DIGEST_SIZE]; /* what a second clerk confirms, hexadecimal */
    bool is_pending;
    unsigned status;     /* of the order; 0 while it waits */
    struct json *answer; /* of the order; NULL while it waits, or if it has none */
};

void clerk_outcome_done(struct clerk_outcome *outcome);

/* What is signed: JSON. ERR_INPUT for a body of more than CLERK_BODY_MAX bytes. */
MUST_CHECK int clerk_write(const struct clerk_session *session, const struct clerk_order *order,
                           int64_t now, struct json **ret, struct err *err);
/* {"request", "signature"}: what clerk_write makes, signed, as the register takes it. */
MUST_CHECK int clerk_sign_order(const struct clerk_session *session, const struct clerk_hand *hand,
                                const struct clerk_order *order, struct json **ret,
                                struct err *err);
/* Sign and send. What the register refuses comes in its words. */
MUST_CHECK int clerk_file(const struct clerk_session *session, const struct clerk_hand *hand,
                          const struct clerk_order *order, struct clerk_outcome *ret,
                          struct err *err);
/* Be the second clerk: *ret is what became of the first one's order. */
MUST_CHECK int clerk_confirm(const struct clerk_session *session, const struct clerk_hand *hand,
                             const char *request_id, const char *digest, struct clerk_outcome *ret,
                             struct err *err);
MUST_CHECK int clerk_withdraw(const struct clerk_session *session, const struct clerk_hand *hand,
                              const char *request_id, struct err *err);

/* Who applies to become a clerk. */
struct clerk_wish {
    const char *origin;    /* of the register */
    const char *challenge; /* of a bootstrap; NULL: an administrator takes it */
    const char *name, *municipality;
    const char *window; /* NULL: any counter of the municipality */
};

/* {"application", "signature"}, as bootstrap and administrators take it. */
MUST_CHECK int clerk_apply(const struct clerk_hand *hand, const struct clerk_wish *wish,
                           struct json **ret, struct err *err);
