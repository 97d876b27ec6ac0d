/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mandates: one account's owner lets another act for him, in some functions and until some day
 * (docs/decisions/0096). The other one takes it with a code that he was told. Or a municipality
 * records who is a child's parent or somebody's guardian by law. Whoever acts for somebody names
 * the mandate in each request (account/access.h); a mandate is nobody's but its proxy's, so it
 * cannot be handed on.
 */
#pragma once

#include "audit/audit.h"
#include "base/caltime.h"
#include "portal/account/store.h"
#include "portal/mandate/limits.h"
#include "portal/procedure/store.h"

/* What somebody may do for another. */
enum mandate_scope {
    MANDATE_INFORMATION = 1 << 0, /* ask what is held about him, and read it */
    MANDATE_PROCEDURES = 1 << 1,  /* apply for him */
    MANDATE_NOTICES = 1 << 2,     /* read what he is told */
    MANDATE_HISTORY = 1 << 3,     /* read who got what about him */
    MANDATE_SCOPES_ = (1 << 4) - 1,
};
extern const char *const mandate_scopes[]; /* "information", ... in that order, ended by NULL */

enum mandate_kind { MANDATE_GIVEN, MANDATE_PARENT, MANDATE_GUARDIAN, MANDATE_KINDS_ };
extern const char *const mandate_kinds[]; /* "given", "parent", "guardian", NULL */
extern const char *const mandate_sides[]; /* who ends one: "mandator", "proxy", "municipality" */

enum {
    MANDATE_CODE_SIZE = 13,                       /* 12 letters and digits, and a NUL */
    MANDATE_NAME_SIZE = 4 * MANDATE_NAME_MAX + 1, /* bytes */
};

struct mandate {
    char id[PORTAL_ID_SIZE];
    enum mandate_kind kind;
    unsigned scopes;
    char mandator[PORTAL_ID_SIZE], proxy[PORTAL_ID_SIZE]; /* accounts; "": nobody took it yet */
    char mandator_name[MANDATE_NAME_SIZE];                /* how the proxy reads of the mandator */
    char proxy_name[MANDATE_NAME_SIZE];                   /* and the other way round */
    char municipality[MUNICIPALITY_CODE_SIZE];            /* that recorded it; "": none did */
    int64_t made_at, begun_at, ends_at, ended_at;         /* UTC seconds; 0: not (yet) */
    const char *ended_by;                                 /* of mandate_sides; NULL: nobody */
    int64_t used_at; /* that the log was told of last; 0: never */
    int64_t place;   /* in a municipality's list */
};

/* What a new one is to be. */
struct mandate_draft {
    enum mandate_kind kind;
    unsigned scopes;
    const char *mandator, *proxy; /* accounts; proxy NULL: whoever brings the code */
    const char *mandator_name, *proxy_name;
    const char *municipality; /* NULL: the mandator gives it */
    const char *reference;    /* of the mandator (account/store.h); NULL: none is there */
    int64_t ends_at;
};
/*
 * ERR_INPUT for no scope, names that cannot be shown or are too long, an end in the past;
 * ERR_CONFLICT where either side has MANDATES_MAX, or both are one. ret_code is "" where there is a
 * proxy; a code is told this once.
 */
MUST_CHECK int mandate_make(struct portal_store *store, const struct mandate_draft *draft,
                            const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE],
                            char ret_code[MANDATE_CODE_SIZE], struct err *err);
/*
 * Become the proxy, by a code as somebody types it. ERR_ABSENT if there is none, it is late or was
 * used; ERR_CONFLICT for the mandator himself, and who has MANDATES_MAX.
 */
MUST_CHECK int mandate_take(struct portal_store *store, const char *code, const char *account,
                            const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE],
                            struct err *err);
/* Whose it is to end one: an account on either side, or a municipality. */
struct mandate_ender {
    const char *account, *municipality; /* one of them */
};
/*
 * It ends now: no request that comes later counts by it, and no consent that was given by it
 * (operator/consent.h). ERR_ABSENT for another's as for none, and
 * for one that is over; ERR_DENIED to people for one that a municipality recorded.
 */
MUST_CHECK int mandate_end(struct portal_store *store, const char *id,
                           const struct mandate_ender *ender, const struct audit_origin *by,
                           struct err *err);

/* Those that an account gave or has, the newest first, over or not. */
MUST_CHECK int mandate_list(struct portal_store *store, const char *account, int64_t now,
                            int (*take)(void *context, const struct mandate *mandate,
                                        struct err *err),
                            void *context, struct err *err);
/* Those of a municipality behind a place, MANDATE_PAGE_MAX at most, the oldest first. */
MUST_CHECK int mandate_page(struct portal_store *store, const char *municipality, int64_t behind,
                            int (*take)(void *context, const struct mandate *mandate,
                                        struct err *err),
                            void *context, struct err *err);

/*
 * Whose account somebody acts on by a mandate, in one of its scopes: ERR_DENIED, with the same
 * words whatever is wrong, unless it is his and counts now.
 */
struct mandate_claim {
    const char *id, *proxy;
    unsigned scope;
    int64_t now;
};
MUST_CHECK int mandate_find(struct portal_store *store, const struct mandate_claim *claim,
                            struct account *ret, struct err *err);
/*
 * The same, and have both sides read in their logs that it was used: each change, and a look if
 * none of this scope was told in the last MANDATE_QUIET_SECONDS. In one transaction, so that no
 * record of use stands behind that of the end.
 */
MUST_CHECK int mandate_use(struct portal_store *store, const struct mandate_claim *claim,
                           bool is_change, const struct audit_origin *by, struct err *err);

/* In the transaction of what is done by one: ERR_DENIED if it has ended since it was found. */
MUST_CHECK int mandate_check(struct db_txn *txn, const char *id, int64_t now, struct err *err);

/* How one came to be; ERR_ABSENT if there is none. */
MUST_CHECK int mandate_kind_of(struct portal_store *store, const char *id, enum mandate_kind *ret,
                               struct err *err);
/* The mandator's person reference, while it counts; ERR_ABSENT if there is none. */
MUST_CHECK int mandate_reference(struct portal_store *store, const char *id, struct buf *ret,
                                 struct err *err);

/* The first second in which a child of this birthday is too old for MANDATE_PARENT. */
int64_t mandate_child_until(struct caldate birth);
/* Scopes of a list of their names; ERR_INPUT for another text, one that is there twice, none. */
MUST_CHECK int mandate_scopes_read(const struct json *list, unsigned *ret, struct err *err);
