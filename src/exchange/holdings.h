/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider's side: what bodies hold about people they know by their own codes, in a database
 * of its own (provider.db), and how they answer when they are asked. A body answers out of its
 * own rows only, and looks into the tables itself whether the asker may have it.
 *
 * It may be told to answer late, never, or to be full or down: what the exchange has to live with.
 */
#pragma once

#include "audit/audit.h"
#include "base/clock.h"
#include "db/db.h"
#include "exchange/making.h"
#include "exchange/provider.h"

struct holdings;
extern const struct db_schema holdings_schema; /* of provider.db */

/* tables and clock outlive it. */
MUST_CHECK int holdings_open(const char *path, const struct tables *tables,
                             const struct clock *clock, struct holdings **ret, struct err *err);
void holdings_close(struct holdings *holdings);
void holdings_closep(struct holdings **holdings);
struct db *holdings_db(struct holdings *holdings);
const struct tables *holdings_tables(const struct holdings *holdings);

/* Its hand towards the exchange. */
struct provider holdings_provider(struct holdings *holdings);

struct holding {
    const char *body;
    struct person_code code;
    const char *info;
    struct bytes answer; /* exchange/answer.h; empty: nothing any more */
};
/* What a body holds of a person under a name from now on. ERR_INPUT if it is no body's of the kind
 * that holds this, or no answer. */
MUST_CHECK int holdings_file(struct holdings *holdings, const struct holding *holding,
                             const struct audit_origin *by, struct err *err);
/* The same in a transaction of its database, without a record. */
MUST_CHECK int holdings_put(struct holdings *holdings, struct db_txn *txn,
                            const struct holding *holding, struct err *err);
/* What it holds of a person under a name, for its own work; ERR_ABSENT. */
MUST_CHECK int holdings_read(struct holdings *holdings, const struct holding *which,
                             struct json **ret, struct err *err);
/* All that a body of its kind holds of a fictional person, made by chance (making.h); of somebody
 * with a name a municipality has a household (civil.h) as well, and perhaps a seal. */
MUST_CHECK int holdings_make(struct holdings *holdings, const struct making *making,
                             const struct holding *whose, const struct making_person *person,
                             const struct audit_origin *by, struct err *err);

/* Whom a body is to hold something of, one after the other: ERR_ABSENT behind the last. */
struct holdings_crowd {
    const char *body;
    const struct making *making;
    int (*next)(void *context, struct person_code *ret_code, struct making_person *ret,
                struct err *err);
    void *context;
};
/*
 * The same for a crowd, in batches with one record of the audit log each. *ret_count of them are
 * filed, also where a failure ended it.
 */
MUST_CHECK int holdings_fill(struct holdings *holdings, const struct holdings_crowd *crowd,
                             const struct audit_origin *by, int64_t *ret_count, struct err *err);

enum holding_mode { HOLDING_ANSWERS, HOLDING_SILENT, HOLDING_DOWN, HOLDING_FULL, HOLDING_MODES_ };
extern const char *const holding_modes[HOLDING_MODES_ + 1]; /* "answers", ..., ended by NULL */
enum { HOLDING_DELAY_MAX = 86400, HOLDING_ASKED_KEPT = 31 * 86400 /* of a question */ };
/* ERR_REMOTE for a body that is down (holdings_tune), for its own work as well. */
MUST_CHECK int holdings_check_up(struct holdings *holdings, const char *body, struct err *err);
/* How a body answers from now on, and after how many seconds. */
MUST_CHECK int holdings_tune(struct holdings *holdings, const char *body, enum holding_mode mode,
                             int64_t delay, const struct audit_origin *by, struct err *err);
