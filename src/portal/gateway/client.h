/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators of services that may ask at the published paths of the procedure search. What is
 * published has them prove themselves by an id and the SHA-256 of a password, in each request's
 * body; passwords are ours (32 random octets), so that nothing can be guessed from a hash.
 */
#pragma once

#include "audit/audit.h"
#include "portal/gateway/limits.h"

enum {
    GATEWAY_ID_SIZE = GATEWAY_ID_MAX + 1,
    GATEWAY_PASSWORD_SIZE = 44, /* 32 octets in base64url and a NUL */
};

struct gateway_client {
    char id[GATEWAY_ID_SIZE];
    char name[4 * GATEWAY_NAME_MAX + 1];
    int64_t rate; /* requests a second */
    int64_t made_at;
};

/*
 * Add a client; the password is told this once. rate 0 is GATEWAY_RATE_DEFAULT. ERR_INPUT, naming
 * the member, for what is not as limits.h says; ERR_CONFLICT if the id is taken, or there are
 * GATEWAY_CLIENTS_MAX.
 */
MUST_CHECK int gateway_client_add(struct db *db, const struct gateway_client *client,
                                  const struct audit_origin *by,
                                  char ret_password[GATEWAY_PASSWORD_SIZE], struct err *err);
/* Another password; the one before is nobody's. ERR_ABSENT if there is no such client. */
MUST_CHECK int gateway_client_renew(struct db *db, const char *id, const struct audit_origin *by,
                                    char ret_password[GATEWAY_PASSWORD_SIZE], struct err *err);
MUST_CHECK int gateway_client_remove(struct db *db, const char *id, const struct audit_origin *by,
                                     struct err *err);
/* All of them by id: an array of {id, name, rate, made_at}. */
MUST_CHECK int gateway_client_list(struct db *db, struct json **ret, struct err *err);

/* The client of that id whose password has this SHA-256 (hexadecimal); ERR_DENIED if none has. */
MUST_CHECK int gateway_client_find(struct db *db, const char *id, const char *password_hash,
                                   struct gateway_client *ret, struct err *err);

enum gateway_act {
    GATEWAY_CLIENT_ADDED,
    GATEWAY_CLIENT_RENEWED,
    GATEWAY_CLIENT_REMOVED,
    GATEWAY_ACTS_
};
extern const struct audit_act gateway_acts[];
