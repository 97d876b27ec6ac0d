/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite store share. */
#pragma once

#include "db/db.h"
#include "register/clerk_store.h"
#include "register/filing_store.h"

struct register_store {
    struct db *db;
};

/* 32 hexadecimal digits from 16 random bytes. */
MUST_CHECK int id_new(char ret[RESIDENT_ID_LEN + 1], struct err *err);
/*
 * The same, behind those of earlier seconds: eight digits of the time and 24 random ones, because
 * whoever keeps a hundred million of them in order puts new ones side by side then (RFC 9562, 5.7).
 * Only for what is known to be of this time anyway, such as a request.
 */
MUST_CHECK int id_new_at(int64_t at, char ret[RESIDENT_ID_LEN + 1], struct err *err);
/* Whether a query for one row finds it. */
MUST_CHECK int row_exists(struct db_txn *txn, const char *sql, const char *value, bool *ret,
                          struct err *err);
/* A date column, "YYYY-MM-DD"; NULL is a date of year 0. */
MUST_CHECK int column_date(const struct db_rows *rows, int column, struct caldate *ret,
                           struct err *err);
/* A SHA-256, which has CLERK_HASH_LEN bytes. */
MUST_CHECK int column_hash(const struct db_rows *rows, int column, uint8_t *ret, struct err *err);
/* The value of a date column, in text, which keeps it. */
struct db_value date_value(struct caldate date, char text[CALTIME_TEXT_SIZE]);

/* Add one under the id it has, with numbers that nobody else has. */
MUST_CHECK int resident_insert(struct db_txn *txn, const struct resident *resident,
                               const struct resident_numbers *numbers,
                               const struct audit_origin *by, struct err *err);
/* ERR_CONFLICT if the code is another resident's. */
MUST_CHECK int resident_code_is_free(struct db_txn *txn, const struct resident_code *code,
                                     struct err *err);
/* ERR_ABSENT with a sentence if there is none. */
MUST_CHECK int resident_read(struct db_txn *txn, const char *id, struct resident *ret,
                             struct err *err);
MUST_CHECK int card_read(struct db_txn *txn, const char *serial, struct card *ret, struct err *err);
/* Have a card come to a state, by an act (NULL: none), and note when. */
MUST_CHECK int card_set_state(struct db_txn *txn, const char *serial, enum card_state state,
                              const char *act, int64_t at, struct err *err);

/*
 * Do an act to one card, in the transaction of something larger: id is that of the act, which is
 * noted with its details. The card is one that the act concerns.
 */
MUST_CHECK int act_on_card(struct db_txn *txn, const struct act_order *order,
                           const struct audit_origin *by, struct err *err);

/* mynumber_use_check, whose refusal leaves a record as well. */
MUST_CHECK int mynumber_guard(struct register_store *store, const char *resident,
                              const struct mynumber_use *use, struct err *err);
/* A use of a resident's number, which was checked: for the record of uses and the audit log. */
MUST_CHECK int mynumber_record_use(struct db_txn *txn, const char *resident,
                                   const struct mynumber_use *use, struct err *err);

/* Add a clerk under the id it has, with card and roles, in the transaction of something larger. */
MUST_CHECK int clerk_insert(struct db_txn *txn, const struct clerk *clerk,
                            const struct audit_origin *by, struct err *err);
