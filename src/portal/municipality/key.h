/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys by which a municipality's systems prove themselves: a clerk's reads and works on
 * applications, an editor's changes what is offered. Only hashes are kept. What a key may see is
 * what belongs to its municipality.
 */
#pragma once

#include "http/route.h"
#include "portal/municipality/limits.h"
#include "portal/procedure/store.h"

enum municipality_role { MUNICIPALITY_CLERK, MUNICIPALITY_EDITOR, MUNICIPALITY_ROLES_ };
extern const char *const municipality_roles[]; /* "clerk", "editor", NULL */
/* ERR_INPUT if it is none of them. */
MUST_CHECK int municipality_role_read(const char *name, enum municipality_role *ret,
                                      struct err *err);

enum { MUNICIPALITY_KEY_SIZE = 44, MUNICIPALITY_KEY_ID_SIZE = 23 };

struct municipality_key {
    char id[MUNICIPALITY_KEY_ID_SIZE];
    char municipality[MUNICIPALITY_CODE_SIZE];
    char name[4 * MUNICIPALITY_KEY_NAME_MAX + 1]; /* whose key it is */
    enum municipality_role role;
};

/*
 * A new key, told this once. ERR_INPUT for a name or role that cannot be one; ERR_ABSENT if there
 * is no such municipality; ERR_CONFLICT if it has MUNICIPALITY_KEYS_MAX.
 */
struct municipality_key_inputs {
    const char *municipality, *name, *role;
};
MUST_CHECK int municipality_key_add(struct db *db, const struct municipality_key_inputs *inputs,
                                    const struct audit_origin *by,
                                    char ret_key[MUNICIPALITY_KEY_SIZE], struct err *err);
/* Nobody's from now on. ERR_ABSENT if the municipality has no such key. */
MUST_CHECK int municipality_key_revoke(struct db *db, const char *municipality, const char *id,
                                       const struct audit_origin *by, struct err *err);
/* Those of a municipality that are not revoked: an array of {id, name, role, made_at}. */
MUST_CHECK int municipality_key_list(struct db *db, const char *municipality, struct json **ret,
                                     struct err *err);
/* Whose key this is; ERR_DENIED if it is nobody's. */
MUST_CHECK int municipality_key_find(struct db *db, const char *key, struct municipality_key *ret,
                                     struct err *err);

/*
 * Who asks for a municipality, in the role that the request's row is for: by the key in its field
 * Authorization or, without one, by the session of somebody who works for it (staff.h). ERR_DENIED.
 */
MUST_CHECK int municipality_bearer(const struct http_call *call, struct municipality_key *ret,
                                   struct err *err);
/* He, in the audit log. */
struct audit_origin municipality_by(const struct http_call *call,
                                    const struct municipality_key *key);
extern const struct http_access portal_clerk, portal_editor;

enum municipality_act {
    MUNICIPALITY_KEY_ADDED,
    MUNICIPALITY_KEY_REVOKED,
    MUNICIPALITY_STAFF_INVITED,
    MUNICIPALITY_STAFF_JOINED,
    MUNICIPALITY_STAFF_DISMISSED,
    MUNICIPALITY_DRAFT_SAVED,
    MUNICIPALITY_DRAFT_PUBLISHED,
    MUNICIPALITY_ACTS_
};
extern const struct audit_act municipality_acts[];
