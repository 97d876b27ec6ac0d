/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lookups as they are kept: a challenge that a clinic's terminal has been given, then who showed
 * which card to it, and how. Each is one clinic's; others have none of that name.
 */
#pragma once

#include "portal/eligibility/clinic.h"
#include "portal/eligibility/consent.h"
#include "portal/limits.h"

enum lookup_method {
    LOOKUP_OPEN,  /* no card was shown yet */
    LOOKUP_PIN,   /* the card's auth key signed the challenge */
    LOOKUP_PHOTO, /* somebody who works there compared the person with the photo */
    LOOKUP_METHODS_
};
extern const char *const lookup_methods[]; /* "open", "pin", "photo", NULL */

enum { LOOKUP_NONCE_BYTES = 32 };

struct lookup {
    int64_t number;
    char id[PORTAL_ID_SIZE];
    char clinic[CLINIC_ID_SIZE];
    uint8_t nonce[LOOKUP_NONCE_BYTES];
    int64_t expires_at;
    enum lookup_method method;
    /* Unless it is open: */
    char operator[CLINIC_KEY_NAME_SIZE]; /* who compared; "" if nobody did */
    int64_t checked_at;
    int64_t person;
    bool is_told; /* what an insurer says, by which changes are found; then is_changed counts */
    bool is_changed;
};

/* A new one. ERR_CONFLICT if ELIGIBILITY_OPEN_MAX of the clinic wait. */
MUST_CHECK int lookup_open(struct db *db, const struct clinic_key *terminal, int64_t now,
                           struct lookup *ret, struct err *err);
/* ERR_ABSENT for another clinic's as for none. */
MUST_CHECK int lookup_get(struct db *db, const char *clinic, const char *id, struct lookup *ret,
                          struct err *err);

/* That a card was shown and counts. */
struct lookup_check {
    enum lookup_method method;
    const char *operator; /* id of a key; NULL: nobody compared */
    int64_t person;
    struct person_code portal; /* what the portal knows the person by */
    unsigned consents;         /* enum consent_kind, as bits */
    /* Of the exchange, for the person to see. */
    const char *duty, *procedure, *info;
};
/*
 * Keep it, with its consents and its record for the person, in one transaction. ERR_CONFLICT if a
 * card was shown for it before.
 */
MUST_CHECK int lookup_check(struct db *db, const struct lookup *lookup,
                            const struct lookup_check *check, const struct audit_origin *by,
                            struct err *err);
/* That a card was shown and does not count: in the audit log alone. */
MUST_CHECK int lookup_refuse(struct db *db, const struct lookup *lookup, const char *why,
                             const struct audit_origin *by, struct err *err);

/*
 * Note what the clinic is told, once; *ret is whether that is not what it was told of this person
 * the last time. text is kept as a digest under the lookup's name.
 */
MUST_CHECK int lookup_note_told(struct db *db, const struct lookup *lookup, const char *text,
                                bool *ret, struct err *err);
