/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom each tenant knows, as it is kept (platform/store.h): by the pseudonym that the tenant was
 * told, with the number of the sign certificate that its attributes came from. That number is for
 * asking the authority; no function here gives it to a tenant.
 */
#pragma once

#include "platform/login/store.h"

enum { HOLDER_NAME_SIZE = 44 }; /* a pseudonym: 32 octets in base64url and a NUL */

/* A sign certificate as it is remembered: not what is in it. */
struct sign_number {
    struct buf issuer; /* key identifier of its CA */
    struct buf serial;
    struct buf point, ocsp_url; /* where its revocation is looked up; empty: none */
};
void sign_number_done(struct sign_number *number);

struct holder_shown {
    const char *client_id;
    const char *name; /* the pseudonym */
    const uint8_t *id;
    const struct sign_number *sign; /* that he was shown by; NULL: by an auth certificate */
};

/*
 * A tenant has been shown somebody. By another sign certificate than before: its attributes are
 * the newest again. The same once more changes nothing.
 */
MUST_CHECK int platform_show_holder(struct platform_store *store, const struct holder_shown *shown,
                                    const struct audit_origin *by, struct err *err);
/* The pseudonym under which a tenant was shown this very certificate last; ERR_ABSENT. */
MUST_CHECK int platform_name_shown(struct platform_store *store, const char *client_id,
                                   const struct holder_key *sign, char ret[HOLDER_NAME_SIZE],
                                   struct err *err);

/* What a tenant may know of somebody. */
struct tenant_holder {
    char name[HOLDER_NAME_SIZE];
    int64_t newer_since; /* newer data may exist since then; 0: nothing of that is known */
    int64_t ended_at;    /* when the authority told this tenant that he is gone; 0: not */
};
/* ERR_ABSENT also if he is another tenant's. */
MUST_CHECK int platform_get_tenant_holder(struct platform_store *store, const char *client_id,
                                          const char *name, struct tenant_holder *ret,
                                          struct err *err);

/* Inside a transaction, for the stores of consents, latest attributes and verifications. */
struct db_txn;
struct db_rows;
/* platform_name_shown. */
MUST_CHECK int holder_find_name(struct db_txn *txn, const char *client_id,
                                const struct holder_key *sign, char ret[HOLDER_NAME_SIZE],
                                struct err *err);
MUST_CHECK int holder_read_number(const struct db_rows *rows, int column, struct sign_number *ret,
                                  struct err *err);
/* ERR_ABSENT unless the tenant was shown a sign certificate of his. */
MUST_CHECK int holder_find_number(struct db_txn *txn, const char *client_id, const char *name,
                                  struct sign_number *ret, struct err *err);
/* The certificate that a tenant knows somebody by, instead of the one before. */
MUST_CHECK int holder_set_number(struct db_txn *txn, const char *client_id, const char *name,
                                 const struct sign_number *number, struct err *err);
#define HOLDER_NUMBER_COLUMNS "issuer, serial, point, ocsp_url"
