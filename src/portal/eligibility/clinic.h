/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clinics and pharmacies that look up whether somebody is insured, and the keys of their terminals
 * and of the people who work there. Only hashes are kept. A terminal's key lets it ask; an
 * operator's key says who has compared somebody with the photo on a card.
 */
#pragma once

#include "base/json.h"
#include "crypto/digest.h"
#include "exchange/code.h"
#include "http/route.h"
#include "portal/eligibility/limits.h"
#include "portal/store.h"

enum clinic_role { CLINIC_TERMINAL, CLINIC_OPERATOR, CLINIC_ROLES_ };
extern const char *const clinic_roles[]; /* "terminal", "operator", NULL */

enum {
    CLINIC_ID_DIGITS = 10,
    CLINIC_ID_SIZE = CLINIC_ID_DIGITS + 1,
    CLINIC_KEY_SIZE = 44,
    CLINIC_KEY_ID_SIZE = 23,
    CLINIC_NAME_SIZE = 4 * CLINIC_NAME_MAX + 1,
    CLINIC_KEY_NAME_SIZE = 4 * CLINIC_KEY_NAME_MAX + 1,
};

struct clinic {
    const char *id; /* ten digits, this project's own */
    const char *name, *name_en;
};
/* ERR_INPUT for what can be none; ERR_CONFLICT if there is one of this number. */
MUST_CHECK int clinic_add(struct db *db, const struct clinic *clinic, const struct audit_origin *by,
                          struct err *err);

struct clinic_key {
    char id[CLINIC_KEY_ID_SIZE];
    char clinic[CLINIC_ID_SIZE];
    char name[CLINIC_KEY_NAME_SIZE];
    enum clinic_role role;
    bool has_certificate; /* that has to be shown with it, at the operators' door */
    struct digest certificate;
};

struct clinic_key_inputs {
    const char *clinic, *role, *name;
};
/*
 * A new key, told this once. ERR_INPUT for a name or role that cannot be one; ERR_ABSENT if there
 * is no such clinic; ERR_CONFLICT if it has CLINIC_KEYS_MAX.
 */
MUST_CHECK int clinic_key_add(struct db *db, const struct clinic_key_inputs *inputs,
                              const struct audit_origin *by, char ret_key[CLINIC_KEY_SIZE],
                              struct err *err);
/* Nobody's from now on. ERR_ABSENT if the clinic has no such key. */
MUST_CHECK int clinic_key_revoke(struct db *db, const char *clinic, const char *id,
                                 const struct audit_origin *by, struct err *err);
/*
 * From now on a terminal's key counts at the operators' door alone (gateway/door.h), where this
 * certificate is shown: its SHA-256. ERR_ABSENT if the clinic has no such key of a terminal.
 */
struct clinic_binding {
    const char *clinic, *key;
    const struct digest *certificate;
};
MUST_CHECK int clinic_key_bind(struct db *db, const struct clinic_binding *binding,
                               const struct audit_origin *by, struct err *err);
/* Clinics: an array of {id, name, name_en, keys: of {id, role, name, made_at}}, none revoked. */
MUST_CHECK int clinic_list(struct db *db, struct json **ret, struct err *err);
/* Whose key this is; ERR_DENIED if it is nobody's, or has another role. */
MUST_CHECK int clinic_key_find(struct db *db, const char *key, enum clinic_role role,
                               struct clinic_key *ret, struct err *err);

struct clinic_names {
    char ja[CLINIC_NAME_SIZE], en[CLINIC_NAME_SIZE];
};
MUST_CHECK int clinic_names(struct db_txn *txn, const char *id, struct clinic_names *ret,
                            struct err *err);
/* What a clinic is called in the log of the exchange: "C" and its number. */
void clinic_code(const char *id, char ret[CODE_SIZE]);

/* ---- in requests ---- */

/* The terminal whose key is in the field Authorization; ERR_DENIED. */
MUST_CHECK int clinic_terminal(const struct http_call *call, struct clinic_key *ret,
                               struct err *err);
/* It, in the audit log. */
struct audit_origin clinic_by(const struct http_call *call, const struct clinic_key *terminal);
extern const struct http_access portal_clinic;
