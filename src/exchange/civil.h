/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a municipality has in registers that are its own and of which the exchange never asks: who
 * lives in a household with whom, which family register they stand in, whose certificates are
 * refused for protection, and registered seals. They are in the provider's database (holdings.h),
 * beside what the exchange asks for; a person is known by the code of that municipality.
 *
 * Of families, the people of a household are the only ones here: head, spouse and children stand in
 * one family register.
 */
#pragma once

#include "exchange/holdings.h"
#include "exchange/limits.h"

enum civil_relation { CIVIL_HEAD, CIVIL_SPOUSE, CIVIL_CHILD, CIVIL_PARENT, CIVIL_RELATIONS_ };
extern const char *const civil_relations[CIVIL_RELATIONS_ + 1]; /* "head", ..., NULL */

enum { CIVIL_NAME_SIZE = 4 * CIVIL_NAME_MAX + 1, CIVIL_PLACE_SIZE = 4 * CIVIL_PLACE_MAX + 1 };

struct civil_person {
    enum civil_relation relation; /* to the head */
    bool is_female;
    bool is_protected; /* from somebody who looks for this person (支援措置) */
    bool has_code;     /* then: what the municipality knows the person by */
    struct person_code code;
    struct caldate birth, since; /* since: a resident */
    char name[CIVIL_NAME_SIZE];
    char father[CIVIL_NAME_SIZE], mother[CIVIL_NAME_SIZE];
};

struct household {
    struct civil_person people[CIVIL_PEOPLE_MAX]; /* the head first */
    size_t count;
    char origin[CIVIL_PLACE_SIZE]; /* where the family register is (本籍) */
    char origin_body[CODE_SIZE];   /* the municipality that has it: "M13101" */
    struct caldate family_since;
    char former_address[CIVIL_PLACE_SIZE]; /* "": it is not known */
};

struct seal {
    int64_t number; /* of the registration, from 1 on */
    struct caldate since;
    char letters[4 * CIVIL_SEAL_MAX + 1]; /* which it shows */
};

/*
 * ERR_INPUT for a household in which relations cannot be as they are said: other than one head, who
 * comes first, two spouses, a child older than its parents, too many people, empty texts.
 */
MUST_CHECK int household_check(const struct household *household, struct err *err);
/* Which of them is known by this code; NULL: nobody. */
const struct civil_person *household_find(const struct household *household,
                                          const struct person_code *code);
/* Whether this one stands in the head's family register. */
bool civil_is_family(const struct civil_person *person);

/* The household instead of all in which one of its people was. ERR_INPUT as above, and if the body
 * is no municipality. */
MUST_CHECK int civil_file(struct holdings *holdings, const char *body,
                          const struct household *household, const struct audit_origin *by,
                          struct err *err);
/* The household of somebody; ERR_ABSENT. */
MUST_CHECK int civil_get(struct holdings *holdings, const char *body,
                         const struct person_code *code, struct household *ret, struct err *err);

/*
 * Whom the municipality knows by this name and birthday, however blanks stand in the name.
 * ERR_ABSENT if that is nobody with a code; ERR_INPUT for no name, or one that is none;
 * ERR_CONFLICT if it is more than one.
 */
struct civil_search {
    const char *body, *name;
    struct caldate birth;
};
MUST_CHECK int civil_find(struct holdings *holdings, const struct civil_search *search,
                          struct person_code *ret, struct err *err);

/* The same in a transaction of the provider's database. */
MUST_CHECK int civil_get_in(struct db_txn *txn, const char *body, const struct person_code *code,
                            struct household *ret, struct err *err);
/* The whole household of somebody is there no more. */
MUST_CHECK int civil_remove(struct db_txn *txn, const char *body, const struct person_code *code,
                            struct err *err);
/* The same in a transaction of the provider's database, unchecked and without a record. */
MUST_CHECK int civil_put(struct db_txn *txn, const char *body, const struct household *household,
                         struct err *err);
/* A seal, unless this person has one. */
MUST_CHECK int civil_put_seal(struct db_txn *txn, const char *body, const struct person_code *code,
                              const struct seal *seal, struct err *err);

/*
 * Somebody's seal, instead of one before; seal NULL: none any more. Its number is given here, to
 * nobody else ever. ERR_INPUT for what no seal shows.
 */
struct sealed {
    const char *body;
    const struct person_code *code;
    const struct seal *seal;
};
/* In a transaction: there is none any more. ERR_ABSENT if there was none. */
MUST_CHECK int civil_end_seal(struct db_txn *txn, const char *body, const struct person_code *code,
                              const struct audit_origin *by, struct err *err);
MUST_CHECK int civil_file_seal(struct holdings *holdings, const struct sealed *sealed,
                               const struct audit_origin *by, struct err *err);
MUST_CHECK int civil_get_seal(struct holdings *holdings, const char *body,
                              const struct person_code *code, struct seal *ret, struct err *err);

/* That something of somebody was told, for which certificate. */
MUST_CHECK int civil_note(struct holdings *holdings, const struct person_code *code,
                          const char *certificate, const struct audit_origin *by, struct err *err);

extern const char civil_schema_v1[]; /* a migration of the provider's database */
