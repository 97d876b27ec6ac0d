/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines in shops that print certificates, each known by a key of which a hash is kept. What one
 * of them may see and do is its own orders.
 */
#pragma once

#include "base/json.h"
#include "http/route.h"
#include "portal/kiosk/limits.h"
#include "portal/store.h"

enum {
    KIOSK_ID_LEN = 16,
    KIOSK_ID_SIZE = KIOSK_ID_LEN + 1,
    KIOSK_KEY_SIZE = 44,
    KIOSK_NAME_SIZE = 4 * KIOSK_NAME_MAX + 1,
};

struct kiosk_terminal {
    char id[KIOSK_ID_SIZE]; /* 1 to KIOSK_ID_LEN of A-Z, 0-9 and "-" */
    char name[KIOSK_NAME_SIZE];
};

/*
 * A new one; its key is told this once. ERR_INPUT for what can be none; ERR_CONFLICT if there is
 * one of this id, or KIOSK_TERMINALS_MAX.
 */
MUST_CHECK int kiosk_terminal_add(struct db *db, const char *id, const char *name,
                                  const struct audit_origin *by, char ret_key[KIOSK_KEY_SIZE],
                                  struct err *err);
/* Another key, told this once; the old one is nobody's. ERR_ABSENT if there is no such terminal. */
MUST_CHECK int kiosk_terminal_renew(struct db *db, const char *id, const struct audit_origin *by,
                                    char ret_key[KIOSK_KEY_SIZE], struct err *err);
/* Its key is nobody's from now on. ERR_ABSENT if there is no such terminal. */
MUST_CHECK int kiosk_terminal_revoke(struct db *db, const char *id, const struct audit_origin *by,
                                     struct err *err);
/* Those that are not revoked: an array of {id, name, made_at}. */
MUST_CHECK int kiosk_terminal_list(struct db *db, struct json **ret, struct err *err);

/* ---- in requests ---- */

/* Whose key is in the field Authorization; ERR_DENIED. */
MUST_CHECK int kiosk_bearer(const struct http_call *call, struct kiosk_terminal *ret,
                            struct err *err);
/* It, in the audit log. */
struct audit_origin kiosk_by(const struct http_call *call, const struct kiosk_terminal *terminal);
extern const struct http_access portal_kiosk;
