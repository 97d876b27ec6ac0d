/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filings in the store (register/store.h): requests that clerks signed, as they came, and what
 * became of each. Each function is one transaction, with its record in the audit log.
 */
#pragma once

#include "register/clerk.h"
#include "register/store.h"

enum filing_state {
    FILING_RECEIVED,  /* checked; what it asks for is being done, or was cut off */
    FILING_PENDING,   /* waits for a second clerk */
    FILING_CONFIRMED, /* as received, by two clerks */
    FILING_DONE,
    FILING_REFUSED, /* for good, by the rules about what it asks for */
    FILING_WITHDRAWN,
    FILING_EXPIRED, /* waited too long */
    FILING_STATES_
};

/* "received", "pending", ..., ended by NULL. */
extern const char *const filing_state_names[];

struct filing {
    int64_t number; /* of the register: in the order they came */
    char request_id[ACT_ID_MAX + 1];
    char clerk[CLERK_ID_LEN + 1];
    struct clerk_card card; /* that signed it; its auth certificate is not kept */
    char counter[COUNTER_LEN + 1];
    char operation[AUDIT_NAME_MAX + 1];
    char path[FILING_PATH_MAX + 1];
    char act[ACT_ID_MAX + 1]; /* request_id of the act it asks for; "": none */
    struct digest digest;     /* SHA-256 of the request */
    struct buf request;       /* empty if it is not kept */
    struct buf signature;
    int64_t received_at;
    int64_t waits_until; /* 0: for nobody */
    enum filing_state state;
    char confirmed_by[CLERK_ID_LEN + 1]; /* "": nobody */
    unsigned status;                     /* of the answer; 0: there is none yet */
    struct buf answer;                   /* JSON; empty if it is not kept */
};

#define FILING_INIT                                                                                \
    {                                                                                              \
        .state = FILING_RECEIVED                                                                   \
    }
void filing_done(struct filing *filing);

/*
 * Keep a new one. One that is kept already, with the same digest, is read into *filing and
 * *ret_is_new is false; refused for another one under its id (filing-id-reused).
 */
MUST_CHECK int register_keep_filing(struct register_store *store, struct filing *filing,
                                    const struct audit_origin *by, bool *ret_is_new,
                                    struct err *err);
MUST_CHECK int register_get_filing(struct register_store *store, const char *request_id,
                                   struct filing *ret, struct err *err);
/* The first pending one behind a number whose time is not over; ERR_ABSENT if there is none. */
MUST_CHECK int register_next_pending(struct register_store *store, int64_t behind, int64_t now,
                                     struct filing *ret, struct err *err);

/* Who confirms what, with which filing. */
struct confirmation {
    const char *request_id; /* of the filing that is confirmed */
    const char *clerk;
    const char *filing; /* request_id of the filing that confirms */
};

/*
 * Pending becomes confirmed; one that is confirmed already stays so, because what it asks for may
 * have been cut off. Refused with filing-over for any other.
 */
MUST_CHECK int register_confirm_filing(struct register_store *store,
                                       const struct confirmation *confirmation,
                                       const struct audit_origin *by, struct err *err);

/* How a filing ends: done with an answer, or otherwise. */
struct filing_end {
    const char *request_id;
    enum filing_state state;
    unsigned status;
    struct bytes answer; /* JSON; empty: not kept */
};

/* Refused with filing-over for one that has ended. */
MUST_CHECK int register_end_filing(struct register_store *store, const struct filing_end *end,
                                   const struct audit_origin *by, struct err *err);
/* Who signed for an act: the filing that was done, or confirmed; ERR_ABSENT if none was. */
MUST_CHECK int register_find_signed_act(struct register_store *store, const char *act,
                                        struct filing *ret, struct err *err);
