/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clerks in SQLite. Roles and cards are dated rows that end and are never changed otherwise, so who
 * might do what at which time can be told later.
 */
#include "register/acts.h"
#include "register/clerk_store.h"
#include "register/refusal.h"
#include "register/store_sqlite.h"

#include <stdio.h>
#include <string.h>

static int note_step(struct db_txn *txn, const char *clerk, const char *what, const char *detail,
                     const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_CLERK_CHANGED], bytes_text(clerk), what};

    TRY(audit_append(txn, by, &event, err));
    return db_execute(
        txn, "INSERT INTO clerk_step (clerk, what, detail, actor, at) VALUES (?, ?, ?, ?, ?)",
        DB_WITH(DB_TEXT(clerk), DB_TEXT(what), DB_TEXT(detail), DB_TEXT(by->actor), DB_INT(by->at)),
        err);
}

static int read_roles(struct db_txn *txn, const char *id, unsigned *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    enum clerk_role role;
    char name[16];
    int rc;

    TRY(db_query(txn, "SELECT role FROM clerk_role WHERE clerk = ? AND until IS NULL",
                 DB_WITH(DB_TEXT(id)), &rows, err));
    *ret = 0;
    while ((rc = db_next(&rows, err)) == 0) {
        TRY(db_text(&rows, 0, name, sizeof name, err));
        TRY(clerk_role_parse(name, &role, err));
        *ret |= CLERK_ROLE_BIT(role);
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

#define CLERK_COLUMNS                                                                              \
    "SELECT c.id, c.name, c.municipality, c.counter_window, c.is_blocked, k.sign, k.auth,"         \
    " k.issuer, k.serial FROM clerk AS c"                                                          \
    " JOIN clerk_card AS k ON k.clerk = c.id AND k.until IS NULL "

static int read_row(const struct db_rows *rows, struct clerk *ret, struct err *err)
{
    int64_t is_blocked;
    int64_t serial;

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->name, sizeof ret->name, err));
    TRY(db_text(rows, 2, ret->municipality, sizeof ret->municipality, err));
    TRY(db_text(rows, 3, ret->window, sizeof ret->window, err));
    TRY(db_int(rows, 4, &is_blocked, err));
    TRY(column_hash(rows, 5, ret->card.sign, err));
    TRY(column_hash(rows, 6, ret->card.auth, err));
    TRY(db_text(rows, 7, ret->card.issuer, sizeof ret->card.issuer, err));
    TRY(db_int(rows, 8, &serial, err));
    ret->is_blocked = is_blocked != 0;
    ret->card.serial = (uint32_t)serial;
    return 0;
}

static int read_clerk(struct db_txn *txn, const char *sql, struct db_value value, struct clerk *ret,
                      struct err *err)
{
    struct clerk clerk = {.id = ""};
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, sql, DB_WITH(value), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such clerk");
    TRY(rc);
    TRY(read_row(&rows, &clerk, err));
    TRY(read_roles(txn, clerk.id, &clerk.roles, err));
    *ret = clerk;
    return 0;
}

static int read_once(struct register_store *store, const char *sql, struct db_value value,
                     struct clerk *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return read_clerk(&txn, sql, value, ret, err);
}

int register_get_clerk(struct register_store *store, const char *id, struct clerk *ret,
                       struct err *err)
{
    return read_once(store, CLERK_COLUMNS "WHERE c.id = ?", DB_TEXT(id), ret, err);
}

int register_find_clerk(struct register_store *store, const uint8_t auth[CLERK_HASH_LEN],
                        struct clerk *ret, struct err *err)
{
    return read_once(store, CLERK_COLUMNS "WHERE k.auth = ?",
                     DB_BLOB(bytes_of(auth, CLERK_HASH_LEN)), ret, err);
}

int register_next_clerk(struct register_store *store, const char *behind, struct clerk *ret,
                        struct err *err)
{
    return read_once(store, CLERK_COLUMNS "WHERE c.id > ? ORDER BY c.id LIMIT 1", DB_TEXT(behind),
                     ret, err);
}

static int give_role(struct db_txn *txn, const char *id, enum clerk_role role,
                     const struct audit_origin *by, struct err *err)
{
    TRY(db_execute(txn, "INSERT INTO clerk_role (clerk, role, since) VALUES (?, ?, ?)",
                   DB_WITH(DB_TEXT(id), DB_TEXT(clerk_role_names[role]), DB_INT(by->at)), err));
    return note_step(txn, id, "role-given", clerk_role_names[role], by, err);
}

static int take_role(struct db_txn *txn, const char *id, enum clerk_role role,
                     const struct audit_origin *by, struct err *err)
{
    TRY(db_execute_one(
        txn, "UPDATE clerk_role SET until = ? WHERE clerk = ? AND role = ? AND until IS NULL",
        DB_WITH(DB_INT(by->at), DB_TEXT(id), DB_TEXT(clerk_role_names[role])), err));
    return note_step(txn, id, "role-taken", clerk_role_names[role], by, err);
}

static int change_roles(struct db_txn *txn, const char *id, unsigned before, unsigned after,
                        const struct audit_origin *by, struct err *err)
{
    for (unsigned role = 0; role < CLERK_ROLES_; role++) {
        unsigned bit = CLERK_ROLE_BIT(role);

        if ((after & bit) != 0 && (before & bit) == 0)
            TRY(give_role(txn, id, (enum clerk_role)role, by, err));
        if ((after & bit) == 0 && (before & bit) != 0)
            TRY(take_role(txn, id, (enum clerk_role)role, by, err));
    }
    return 0;
}

/* Both certificates of a card belong to one clerk at a time. */
static int insert_card(struct db_txn *txn, const char *id, const struct clerk_card *card,
                       const struct audit_origin *by, struct err *err)
{
    int rc = db_execute(txn,
                        "INSERT INTO clerk_card (clerk, sign, auth, issuer, serial, since)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        DB_WITH(DB_TEXT(id), DB_BLOB(BYTES_ARRAY(card->sign)),
                                DB_BLOB(BYTES_ARRAY(card->auth)), DB_TEXT(card->issuer),
                                DB_INT(card->serial), DB_INT(by->at)),
                        err);

    return rc == -ERR_CONFLICT ? refuse(err, REFUSED_CARD_TAKEN) : rc;
}

int clerk_insert(struct db_txn *txn, const struct clerk *clerk, const struct audit_origin *by,
                 struct err *err)
{
    TRY(db_execute(txn,
                   "INSERT INTO clerk (id, name, municipality, counter_window, is_blocked,"
                   " added_at) VALUES (?, ?, ?, ?, 0, ?)",
                   DB_WITH(DB_TEXT(clerk->id), DB_TEXT(clerk->name), DB_TEXT(clerk->municipality),
                           DB_TEXT(clerk->window), DB_INT(by->at)),
                   err));
    TRY(note_step(txn, clerk->id, "added", "", by, err));
    TRY(insert_card(txn, clerk->id, &clerk->card, by, err));
    return change_roles(txn, clerk->id, 0, clerk->roles, by, err);
}

int register_add_clerk(struct register_store *store, struct clerk *clerk,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct clerk added = *clerk;

    TRY(id_new(added.id, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(clerk_insert(&txn, &added, by, err));
    TRY(db_commit(&txn, err));
    *clerk = added;
    return 0;
}

int register_set_roles(struct register_store *store, const char *id, unsigned roles,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct clerk clerk;

    TRY(db_begin(store->db, &txn, err));
    TRY(read_clerk(&txn, CLERK_COLUMNS "WHERE c.id = ?", DB_TEXT(id), &clerk, err));
    TRY(change_roles(&txn, id, clerk.roles, roles, by, err));
    return db_commit(&txn, err);
}

int register_block_clerk(struct register_store *store, const char *id, bool is_blocked,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct clerk clerk;

    TRY(db_begin(store->db, &txn, err));
    TRY(read_clerk(&txn, CLERK_COLUMNS "WHERE c.id = ?", DB_TEXT(id), &clerk, err));
    if (clerk.is_blocked == is_blocked)
        return 0;
    TRY(db_execute_one(&txn, "UPDATE clerk SET is_blocked = ? WHERE id = ?",
                       DB_WITH(DB_INT(is_blocked), DB_TEXT(id)), err));
    TRY(note_step(&txn, id, is_blocked ? "blocked" : "unblocked", "", by, err));
    return db_commit(&txn, err);
}

int register_bind_card(struct register_store *store, const char *id, const struct clerk_card *card,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct clerk clerk;

    TRY(db_begin(store->db, &txn, err));
    TRY(read_clerk(&txn, CLERK_COLUMNS "WHERE c.id = ?", DB_TEXT(id), &clerk, err));
    if (bytes_equal(BYTES_ARRAY(clerk.card.sign), BYTES_ARRAY(card->sign)) &&
        bytes_equal(BYTES_ARRAY(clerk.card.auth), BYTES_ARRAY(card->auth)))
        return 0;
    TRY(db_execute_one(&txn, "UPDATE clerk_card SET until = ? WHERE clerk = ? AND until IS NULL",
                       DB_WITH(DB_INT(by->at), DB_TEXT(id)), err));
    TRY(insert_card(&txn, id, card, by, err));
    TRY(note_step(&txn, id, "card-bound", "", by, err));
    return db_commit(&txn, err);
}

int register_get_clerk_step(struct register_store *store, const char *id, unsigned index,
                            struct clerk_step *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct clerk_step step;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT at, what, detail, actor FROM clerk_step WHERE clerk = ?"
                     " ORDER BY id LIMIT 1 OFFSET ?",
                     DB_WITH(DB_TEXT(id), DB_INT(index)), &rows, err));
    TRY(db_int(&rows, 0, &step.at, err));
    TRY(db_text(&rows, 1, step.what, sizeof step.what, err));
    TRY(db_text(&rows, 2, step.detail, sizeof step.detail, err));
    TRY(db_text(&rows, 3, step.actor, sizeof step.actor, err));
    *ret = step;
    return 0;
}

int register_note_login(struct register_store *store, const char *id, const char *counter,
                        const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_CLERK_LOGIN], bytes_text(id), counter};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
