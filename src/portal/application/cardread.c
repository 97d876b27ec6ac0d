/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/cardread.h"

#include "base/rand.h"
#include "base/random_text.h"

#include <stdio.h>
#include <string.h>

const char *const cardread_states[] = {[CARDREAD_PENDING] = "pending",
                                       [CARDREAD_ANSWERED] = "answered",
                                       [CARDREAD_DENIED] = "denied",
                                       [CARDREAD_EXPIRED] = "expired",
                                       [CARDREAD_STATES_] = NULL};

void cardread_done(struct cardread *reading)
{
    buf_done(&reading->answer);
}

int cardread_wants(const struct json *form, unsigned *ret, struct err *err)
{
    const struct json *fields;
    unsigned wants = 0;

    TRY(json_get_array(form, "fields", &fields, err));
    for (size_t i = 0; i < json_count(fields); i++) {
        const struct json *field = json_at(fields, i);
        const char *name;

        if (!json_has(field, "prefill"))
            continue;
        TRY(json_get_text(field, "prefill", &name, err));
        for (size_t k = 0; form_prefills[k] != NULL; k++)
            if (strcmp(form_prefills[k], name) == 0)
                wants |= 1U << k;
    }
    *ret = wants;
    return 0;
}

/* ---- the page's side ---- */

/* Six digits, each code as likely as the next. */
static int make_code(char ret[CARDREAD_CODE_SIZE], struct err *err)
{
    enum { CODES = 1000000 };
    const uint32_t fair = UINT32_MAX - UINT32_MAX % CODES;
    uint32_t random;

    do {
        TRY(rand_fill(&random, sizeof random, err));
    } while (random >= fair);
    (void)snprintf(ret, CARDREAD_CODE_SIZE, "%06u", (unsigned)(random % CODES));
    return 0;
}

int cardread_open(struct db *db, const char *application, const char *key, int64_t now,
                  struct cardread *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct cardread reading = {.expires_at = now + APPLICATION_READING_SECONDS};

    if (strlen(key) >= sizeof reading.key)
        return FAIL(err, ERR_INPUT, "the key of the page is too long");
    (void)snprintf(reading.key, sizeof reading.key, "%s", key);
    TRY(random_text(reading.session, sizeof reading.session, err));
    TRY(make_code(reading.code, err));
    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM application_reading WHERE application = ?",
                   DB_WITH(DB_TEXT(application)), err));
    TRY(db_execute(&txn,
                   "INSERT INTO application_reading (application, session, code, wrong_codes, key,"
                   " expires_at, state, answer) VALUES (?, ?, ?, 0, ?, ?, 'pending', '')",
                   DB_WITH(DB_TEXT(application), DB_TEXT(reading.session), DB_TEXT(reading.code),
                           DB_TEXT(reading.key), DB_INT(reading.expires_at)),
                   err));
    TRY(db_commit(&txn, err));
    *ret = reading;
    return 0;
}

#define COLUMNS                                                                                    \
    "SELECT session, code, key, expires_at, state, CAST(answer AS BLOB), wrong_codes, application" \
    " FROM application_reading WHERE "

/* A row of COLUMNS. */
static int read_row(struct db_rows *rows, int64_t now, struct cardread *ret, struct err *err)
{
    struct cardread reading = {.state = CARDREAD_PENDING};
    char state[APPLICATION_STATE_SIZE];

    TRY(db_text(rows, 0, reading.session, sizeof reading.session, err));
    TRY(db_text(rows, 1, reading.code, sizeof reading.code, err));
    TRY(db_text(rows, 2, reading.key, sizeof reading.key, err));
    TRY(db_int(rows, 3, &reading.expires_at, err));
    TRY(db_text(rows, 4, state, sizeof state, err));
    TRY(db_int(rows, 6, &reading.wrong_codes, err));
    TRY(db_text(rows, 7, reading.application, sizeof reading.application, err));
    while (reading.state < CARDREAD_EXPIRED && strcmp(cardread_states[reading.state], state) != 0)
        reading.state++;
    if (now > reading.expires_at)
        reading.state = CARDREAD_EXPIRED;
    else
        TRY(db_blob(rows, 5, &reading.answer, err));
    *ret = reading;
    return 0;
}

static int find(struct db_txn *txn, const char *application, int64_t now, struct cardread *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, COLUMNS "application = ?", DB_WITH(DB_TEXT(application)), &rows,
                          err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no card is to be read for this application");
    TRY(rc);
    return read_row(&rows, now, ret, err);
}

int cardread_find(struct db *db, const char *application, int64_t now, struct cardread *ret,
                  struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(db, &txn, err));
    return find(&txn, application, now, ret, err);
}

int cardread_end(struct db *db, const char *application, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM application_reading WHERE application = ?",
                   DB_WITH(DB_TEXT(application)), err));
    return db_commit(&txn, err);
}

/* ---- the card's side ---- */

/* One that can be answered. */
static int find_open(struct db_txn *txn, const char *session, int64_t now, struct cardread *ret,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(cardread_done) struct cardread reading = {.state = CARDREAD_EXPIRED};
    int rc = db_query_one(txn, COLUMNS "session = ?", DB_WITH(DB_TEXT(session)), &rows, err);

    if (rc == 0)
        TRY(read_row(&rows, now, &reading, err));
    else if (rc != -ERR_ABSENT)
        return rc;
    if (reading.state == CARDREAD_EXPIRED)
        return FAIL(err, ERR_ABSENT, "no form waits for a card here, or its time is over");
    if (reading.state != CARDREAD_PENDING)
        return FAIL(err, ERR_CONFLICT, "a card was read for this form already");
    *ret = reading;
    reading.answer = (struct buf)BUF_INIT;
    return 0;
}

int cardread_join(struct db *db, const char *session, int64_t now, struct cardread *ret,
                  struct application *ret_of, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char owner[APPLICATION_OWNER_SIZE];

    TRY(db_begin_read(db, &txn, err));
    TRY(find_open(&txn, session, now, ret, err));
    TRY(db_query_one(&txn, "SELECT owner FROM application WHERE id = ?",
                     DB_WITH(DB_TEXT(ret->application)), &rows, err));
    TRY(db_text(&rows, 0, owner, sizeof owner, err));
    db_rows_done(&rows);
    db_txn_done(&txn);
    return application_get(db, ret->application, owner, ret_of, err);
}

static int count_wrong(struct db_txn *txn, const char *session, struct err *err)
{
    TRY(db_execute(txn,
                   "UPDATE application_reading SET wrong_codes = wrong_codes + 1 WHERE session = ?",
                   DB_WITH(DB_TEXT(session)), err));
    TRY(db_commit(txn, err));
    return FAIL(err, ERR_DENIED, "this is not the code shown beside the address of the reading");
}

int cardread_answer(struct db *db, const struct cardread_reply *reply, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(cardread_done) struct cardread reading = {.state = CARDREAD_EXPIRED};
    const enum cardread_state state = reply->answer == NULL ? CARDREAD_DENIED : CARDREAD_ANSWERED;

    TRY(db_begin(db, &txn, err));
    TRY(find_open(&txn, reply->session, now, &reading, err));
    if (reading.wrong_codes >= APPLICATION_READING_CODES_MAX)
        return FAIL(err, ERR_DENIED, "too many wrong codes for this reading; begin again");
    if (!bytes_equal_secret(bytes_text(reply->code), bytes_text(reading.code)))
        return count_wrong(&txn, reply->session, err);
    TRY(db_execute_one(
        &txn, "UPDATE application_reading SET state = ?, answer = ? WHERE session = ?",
        DB_WITH(DB_TEXT(cardread_states[state]),
                DB_TEXT(reply->answer == NULL ? "" : reply->answer), DB_TEXT(reply->session)),
        err));
    return db_commit(&txn, err);
}

int cardread_forget(struct db_txn *txn, int64_t now, struct err *err)
{
    return db_execute(txn, "DELETE FROM application_reading WHERE expires_at < ?",
                      DB_WITH(DB_INT(now)), err);
}
