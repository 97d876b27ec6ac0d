/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People who work for a municipality in a browser. They log in at the portal as everybody does; an
 * invitation, which an operator prints and which counts once and for some days, makes an account
 * one of a municipality's clerks or editors (docs/decisions/0099).
 */
#pragma once

#include "portal/municipality/key.h"

enum { MUNICIPALITY_INVITATION_SIZE = 44 };

struct municipality_invitation {
    const char *municipality, *name, *role;
    int64_t days; /* for which it counts */
};
/*
 * A new invitation, told this once. ERR_INPUT for what cannot be one; ERR_ABSENT if there is no
 * such municipality; ERR_CONFLICT where MUNICIPALITY_STAFF_MAX work for it or are invited.
 */
MUST_CHECK int municipality_invite(struct db *db, const struct municipality_invitation *invitation,
                                   const struct audit_origin *by,
                                   char ret_invitation[MUNICIPALITY_INVITATION_SIZE],
                                   struct err *err);
/*
 * The account takes it. ERR_DENIED if it is none, was taken, or is over; ERR_CONFLICT for an
 * account that works for another municipality, or has this role already.
 */
MUST_CHECK int municipality_join(struct db *db, const char *invitation, const char *account,
                                 const struct audit_origin *by, struct err *err);
/* Not any more, or never: an invitation goes, too. ERR_ABSENT if the municipality has none such. */
MUST_CHECK int municipality_dismiss(struct db *db, const char *municipality, const char *id,
                                    const struct audit_origin *by, struct err *err);
/* Those who work for it or are invited: an array of {id, name, role, is_invited, since}. */
MUST_CHECK int municipality_staff_list(struct db *db, const char *municipality, struct json **ret,
                                       struct err *err);
/* What an account is: an array of {municipality, prefecture, place, name, role}. */
MUST_CHECK int municipality_staff_own(struct db *db, const char *account, struct json **ret,
                                      struct err *err);
/* As whom an account acts in a role; ERR_DENIED if it has no such one. */
MUST_CHECK int municipality_staff_find(struct db *db, const char *account,
                                       enum municipality_role role, struct municipality_key *ret,
                                       struct err *err);
