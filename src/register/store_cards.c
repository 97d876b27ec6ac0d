/* SPDX-License-Identifier: Apache-2.0 */
/* Cards in SQLite. */
#include "register/acts.h"
#include "register/store_sqlite.h"

#include <stdio.h>
#include <string.h>

/* The current row of a query for CARD_COLUMNS. */
#define CARD_COLUMNS                                                                               \
    "serial, resident, state, security_code, window_id, issued_at, expires_on, lapses_after,"      \
    " is_further"
static int card_of_row(const struct db_rows *rows, struct card *ret, struct err *err)
{
    struct card card = {0};
    int64_t is_further;
    char state[16];

    TRY(db_text(rows, 0, card.serial, sizeof card.serial, err));
    TRY(db_text(rows, 1, card.resident, sizeof card.resident, err));
    TRY(db_text(rows, 2, state, sizeof state, err));
    TRY(card_state_parse(state, &card.state, err));
    TRY(db_text(rows, 3, card.security_code, sizeof card.security_code, err));
    TRY(db_text(rows, 4, card.window_id, sizeof card.window_id, err));
    TRY(db_int(rows, 5, &card.issued_at, err));
    TRY(column_date(rows, 6, &card.expires_on, err));
    TRY(column_date(rows, 7, &card.lapses_after, err));
    TRY(db_int(rows, 8, &is_further, err));
    card.is_further = is_further != 0;
    *ret = card;
    return 0;
}

int card_read(struct db_txn *txn, const char *serial, struct card *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT " CARD_COLUMNS " FROM card WHERE serial = ?",
                          DB_WITH(DB_TEXT(serial)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such card");
    TRY(rc);
    return card_of_row(&rows, ret, err);
}

static int note_step(struct db_txn *txn, const char *serial, enum card_state state, const char *act,
                     int64_t at, struct err *err)
{
    return db_execute(
        txn, "INSERT INTO card_step (card, state, act, at) VALUES (?, ?, ?, ?)",
        DB_WITH(DB_TEXT(serial), DB_TEXT(card_state_name(state)), DB_TEXT(act), DB_INT(at)), err);
}

int card_set_state(struct db_txn *txn, const char *serial, enum card_state state, const char *act,
                   int64_t at, struct err *err)
{
    TRY(db_execute_one(txn, "UPDATE card SET state = ? WHERE serial = ?",
                       DB_WITH(DB_TEXT(card_state_name(state)), DB_TEXT(serial)), err));
    return note_step(txn, serial, state, act, at, err);
}

/*
 * One card counts, and one more may be on its way: beside a card that soon ends, if the caller has
 * seen to that (may_follow).
 */
static int check_room(struct db_txn *txn, const struct card *card, bool may_follow, struct err *err)
{
    bool has_card;
    bool has_coming;

    TRY(row_exists(txn,
                   "SELECT 1 FROM card WHERE resident = ? AND is_further = 0"
                   " AND state IN ('active', 'suspended')",
                   card->resident, &has_card, err));
    TRY(row_exists(txn,
                   "SELECT 1 FROM card WHERE resident = ? AND is_further = 0"
                   " AND state IN ('stock', 'issued')",
                   card->resident, &has_coming, err));
    if (has_coming || (has_card && !may_follow))
        return FAIL(err, ERR_CONFLICT, "this resident has another card");
    return 0;
}

static int insert_card(struct db_txn *txn, const struct card *card, bool may_follow,
                       const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_CARD_REGISTERED], bytes_text(card->serial),
                                      NULL};
    struct resident resident;
    char expires_on[CALTIME_TEXT_SIZE];

    TRY(resident_read(txn, card->resident, &resident, err));
    if (!card->is_further)
        TRY(check_room(txn, card, may_follow, err));
    TRY(audit_append(txn, by, &event, err));
    TRY(db_execute(txn,
                   "INSERT INTO card (serial, resident, state, security_code, window_id,"
                   " issued_at, expires_on, is_further) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(card->serial), DB_TEXT(card->resident),
                           DB_TEXT(card_state_name(card->state)), DB_TEXT(card->security_code),
                           DB_TEXT(card->window_id), DB_INT(card->issued_at),
                           date_value(card->expires_on, expires_on), DB_INT(card->is_further)),
                   err));
    return note_step(txn, card->serial, card->state, NULL, by->at, err);
}

/* The card of the resident that counts; ERR_ABSENT if there is none. */
static int read_own(struct db_txn *txn, const char *resident, struct card *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT " CARD_COLUMNS " FROM card WHERE resident = ? AND is_further = 0"
                     " AND state IN ('active', 'suspended')",
                     DB_WITH(DB_TEXT(resident)), &rows, err));
    return card_of_row(&rows, ret, err);
}

int register_get_own_card(struct register_store *store, const char *resident, struct card *ret,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return read_own(&txn, resident, ret, err);
}

int register_add_card(struct register_store *store, struct card *card, bool may_follow,
                      const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct card known;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = card_read(&txn, card->serial, &known, err);
    if (rc == 0 && strcmp(known.resident, card->resident) != 0)
        return FAIL(err, ERR_CONFLICT, "the card with this serial is another resident's");
    if (rc == 0) {
        *card = known;
        *ret_is_new = false;
        return 0;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(insert_card(&txn, card, may_follow, by, err));
    TRY(db_commit(&txn, err));
    *ret_is_new = true;
    return 0;
}

int register_get_card(struct register_store *store, const char *serial, struct card *ret,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return card_read(&txn, serial, ret, err);
}

/* The holder's card so far gives way. */
static int replace_own(struct db_txn *txn, const struct card *card, const struct audit_origin *by,
                       struct err *err)
{
    struct card own;
    char id[ACT_ID_MAX + 1];
    const struct act_order order = {
        .request_id = id, .act = life_next_card, .card = own.serial, .details = card->serial};
    int rc = read_own(txn, card->resident, &own, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    (void)snprintf(id, sizeof id, "next-card-%s", card->serial);
    return act_on_card(txn, &order, by, err);
}

/* From issued to active. */
static int hand_over(struct db_txn *txn, const struct card *card, const struct audit_origin *by,
                     struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_CARD_ACTIVATED], bytes_text(card->serial),
                                      NULL};

    if (!card->is_further)
        TRY(replace_own(txn, card, by, err));
    TRY(db_execute_one(txn, "UPDATE card SET activated_at = ? WHERE serial = ?",
                       DB_WITH(DB_INT(by->at), DB_TEXT(card->serial)), err));
    TRY(card_set_state(txn, card->serial, CARD_ACTIVE, NULL, by->at, err));
    return audit_append(txn, by, &event, err);
}

int register_activate_card(struct register_store *store, const char *serial,
                           const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct card card;

    TRY(db_begin(store->db, &txn, err));
    TRY(card_read(&txn, serial, &card, err));
    if (card.state == CARD_ACTIVE)
        return 0;
    if (card.state == CARD_STOCK)
        return FAIL(err, ERR_CONFLICT, "the card has no certificates yet");
    if (card.state != CARD_ISSUED)
        return FAIL(err, ERR_CONFLICT, "the card is %s", card_state_name(card.state));
    TRY(hand_over(&txn, &card, by, err));
    return db_commit(&txn, err);
}

int register_get_card_step(struct register_store *store, const char *serial, unsigned index,
                           struct card_step *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct card_step step = {.act = ""};
    char state[16];

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT at, state, act FROM card_step WHERE card = ?"
                     " ORDER BY id LIMIT 1 OFFSET ?",
                     DB_WITH(DB_TEXT(serial), DB_INT(index)), &rows, err));
    TRY(db_int(&rows, 0, &step.at, err));
    TRY(db_text(&rows, 1, state, sizeof state, err));
    TRY(card_state_parse(state, &step.state, err));
    if (!db_is_null(&rows, 2))
        TRY(db_text(&rows, 2, step.act, sizeof step.act, err));
    *ret = step;
    return 0;
}

/* Those that are over, by the two indexes of cards that live: nobody goes through all cards. */
#define OVER                                                                                       \
    "SELECT serial FROM card WHERE state IN ('stock', 'issued', 'active', 'suspended')"            \
    " AND expires_on < ?2 UNION ALL"                                                               \
    " SELECT serial FROM card WHERE state IN ('stock', 'issued', 'active', 'suspended')"           \
    " AND lapses_after < ?2"

/* By its period rather than by its last day, if both are over: then its certificates live. */
int register_find_over(struct register_store *store, struct caldate today, const char *behind,
                       struct card *ret, const struct life_act **ret_act, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char day[CALTIME_TEXT_SIZE];
    struct card card;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT " CARD_COLUMNS " FROM card WHERE serial ="
                     " (SELECT min(serial) FROM (" OVER ") WHERE serial > ?1)",
                     DB_WITH(DB_TEXT(behind), date_value(today, day)), &rows, err));
    TRY(card_of_row(&rows, &card, err));
    *ret_act = card.lapses_after.year != 0 && caldate_compare(card.lapses_after, today) < 0
                   ? life_lapse
                   : life_expire;
    *ret = card;
    return 0;
}
