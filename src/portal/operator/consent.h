/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody lets a service have: single items of names, by one interface, for one request or
 * for a period; and the codes and tokens by which the service shows it. A consent that was ended,
 * by whom it is of, by a code or token that came twice or with the mandate by which a proxy gave
 * it, gives nothing any more.
 */
#pragma once

#include "exchange/tables.h"
#include "portal/mandate/mandate.h"
#include "portal/operator/request.h"

enum { OPERATOR_ITEMS_SIZE = OPERATOR_ITEMS_MAX * (ITEM_CODE_LEN + 1) + 2 };

struct operator_consent {
    char id[PORTAL_ID_SIZE], client[OPERATOR_ID_SIZE], account[PORTAL_ID_SIZE];
    int64_t person; /* the exchange's number; 0: the interface does not ask it */
    char api[32], area[8];
    char items[OPERATOR_ITEMS_SIZE]; /* codes, or kinds of notices, with a blank around each */
    bool is_period;
    int64_t made_at, ends_at;
    int64_t ended_at, used_at;          /* 0: not */
    char mandate[PORTAL_ID_SIZE];       /* by which a proxy gave it; "": the person did */
    char proxy_name[MANDATE_NAME_SIZE]; /* what the person calls him; "": it is forgotten */
};

/* An item, or a kind of notice. */
bool operator_consent_has(const struct operator_consent *consent, const char *item);
/* Whether it has an item of a name. */
bool operator_consent_has_info(const struct tables *tables, const struct operator_consent *consent,
                               const char *info);
bool operator_consent_counts(const struct operator_consent *consent, int64_t now);

/*
 * Keep what somebody consents to, and a code for it; id, made_at and ends_at are given here: with
 * the mandate at the latest, where there is one, and ERR_DENIED if that is over; ERR_UNTRUSTED if
 * the service is not approved any more. ERR_CONFLICT if the account has OPERATOR_CONSENTS_MAX that
 * are not over.
 */
MUST_CHECK int operator_consent_give(struct db *db, const struct operator_request *request,
                                     struct operator_consent *consent,
                                     const struct audit_origin *by,
                                     char ret_code[PORTAL_SECRET_SIZE], struct err *err);
/* Consents of an account; to one interface alone, or (NULL) to any. */
struct operator_consents {
    const char *account, *api;
};
/* ERR_ABSENT for any that is not among them as for none, and for one that is over. */
MUST_CHECK int operator_consent_withdraw(struct db *db, const struct operator_consents *among,
                                         const char *id, const struct audit_origin *by,
                                         struct err *err);
/*
 * In the transaction in which a mandate ends: what its proxy let services have ends with it, and
 * whose consents they were reads so in the log.
 */
MUST_CHECK int operator_consent_end_with(struct db_txn *txn, const char *mandate,
                                         const struct audit_origin *by, struct err *err);
/* The newest first, after one of them ("": from the first). */
MUST_CHECK int operator_consent_list(
    struct db *db, const struct operator_consents *among, const char *after,
    int (*each)(void *context, const struct operator_consent *consent, struct err *err),
    void *context, struct err *err);

enum operator_token_kind { OPERATOR_CODE, OPERATOR_ACCESS, OPERATOR_REFRESH, OPERATOR_TOKENS_ };

/* How a code or a refresh token is exchanged. */
struct operator_spending {
    enum operator_token_kind kind;
    const char *text;
    const struct operator_client *client;
    const char *redirect_uri, *verifier; /* of a code */
    const struct digest *certificate;    /* that was shown; NULL: none */
};
struct operator_tokens {
    char access[PORTAL_SECRET_SIZE], refresh[PORTAL_SECRET_SIZE]; /* refresh may be "" */
    int64_t expires_in;
    struct operator_consent consent;
};
/*
 * ERR_DENIED, whatever is wrong with it. One that comes twice ends its consent: somebody has it
 * beside the service (RFC 6749, 4.1.2; RFC 9700, 4.14).
 */
MUST_CHECK int operator_token_spend(struct db *db, const struct operator_spending *spending,
                                    const struct audit_origin *by, struct operator_tokens *ret,
                                    struct err *err);

/* What an access token shows. */
struct operator_access {
    struct operator_consent consent;
    bool has_certificate;
    struct digest certificate; /* that it is bound to */
    int64_t ends_at;
};
/* ERR_ABSENT if there is no such token. */
MUST_CHECK int operator_token_find(struct db *db, const char *text, struct operator_access *ret,
                                   struct err *err);

/* An assertion is used; ERR_CONFLICT if it was before. */
MUST_CHECK int operator_assertion_use(struct db *db, const char *client, const char *jti,
                                      int64_t ends_at, int64_t now, struct err *err);
/* In a transaction: the columns of a consent as operator_consent has them. Inside this room only.
 */
#define OPERATOR_CONSENT_COLUMNS                                                                   \
    "k.id, k.client, k.account, k.person, k.api, k.area, k.items, k.is_period, k.made_at,"         \
    " k.ends_at, coalesce(k.ended_at, 0), coalesce(k.used_at, 0), coalesce(k.mandate, ''),"        \
    " coalesce((SELECT m.proxy_name FROM mandate AS m WHERE m.id = k.mandate), '')"
enum { OPERATOR_CONSENT_WIDTH = 14 };
MUST_CHECK int operator_consent_read(const struct db_rows *rows, struct operator_consent *ret,
                                     struct err *err);
