/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filings: orders that a clerk has signed. Inside the signed bytes stands for which register, in
 * which session, at which counter, when and under which id, so that a filing is worth nothing
 * elsewhere, later, or a second time. What it asks for is a row of register_orders.
 */
#pragma once

#include "http/route.h"
#include "register/desk.h"
#include "register/filing_store.h"
#include "register/right.h"

enum {
    FILING_SECONDS = 5 * 60,         /* from when it was signed */
    FILING_WAIT_SECONDS = 24 * 3600, /* for a second clerk */
};

/* As it came, and from whom. */
struct filing_message {
    struct bytes request;   /* JSON */
    struct bytes signature; /* CMS, DER, with the certificate */
    const struct session *session;
};

/* A filing whose signature, frame and rights hold. */
struct order {
    struct json *json;             /* what was signed */
    const struct json *body;       /* in json; NULL: none */
    const char *path, *request_id; /* in json */
    const struct route *route;
    const struct right *right;
    struct clerk clerk; /* who asks, as the register knows him now */
    char counter[COUNTER_LEN + 1];
    struct audit_origin by;
};

void order_done(struct order *order);

/*
 * Believe a filing or not: refused with the word of what is wrong (refusal.h); ERR_INPUT for what
 * is malformed, or does not fit the row.
 */
MUST_CHECK int filing_read(const struct counter *counter, const struct filing_message *message,
                           const char *trace_id, struct order *ret, struct err *err);
/*
 * One that was kept and waits, again, as its clerk asked for it: refused if he is blocked or has no
 * role for it any more.
 */
MUST_CHECK int filing_read_kept(const struct counter *counter, const struct filing *filing,
                                const char *trace_id, struct order *ret, struct err *err);
/* As it is kept; digests the message. *ret is released with filing_done, also after a failure. */
MUST_CHECK int filing_of(const struct order *order, const struct filing_message *message,
                         int64_t now, struct filing *ret, struct err *err);
/* Whether a clerk may confirm a filing with the card he has: refused with what is in the way. */
MUST_CHECK int filing_check_second(const struct filing *filing, const struct order *confirming,
                                   struct bytes digest, int64_t now, struct err *err);
