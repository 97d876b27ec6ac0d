/* SPDX-License-Identifier: Apache-2.0 */
/* Which state may follow which, by whom; and what became of an application. */
#include "portal/application/states.h"

#include "base/utf8.h"
#include "db/list.h"
#include "portal/notice/notice.h"

#include <stdio.h>
#include <string.h>

const char *const application_states[] = {
    [APPLICATION_DRAFT] = "draft",         [APPLICATION_SUBMITTED] = "submitted",
    [APPLICATION_RECEIVED] = "received",   [APPLICATION_RETURNED] = "returned",
    [APPLICATION_COMPLETED] = "completed", [APPLICATION_REJECTED] = "rejected",
    [APPLICATION_WITHDRAWN] = "withdrawn", [APPLICATION_STATES_] = NULL};

/* A draft is submitted by application_submit, which keeps what is submitted. */
static const struct {
    enum application_state from, to;
    bool is_owners, needs_note;
} moves[] = {
    {APPLICATION_DRAFT, APPLICATION_WITHDRAWN, true, false},
    {APPLICATION_SUBMITTED, APPLICATION_WITHDRAWN, true, false},
    {APPLICATION_RECEIVED, APPLICATION_WITHDRAWN, true, false},
    {APPLICATION_RETURNED, APPLICATION_WITHDRAWN, true, false},
    {APPLICATION_SUBMITTED, APPLICATION_RECEIVED, false, false},
    {APPLICATION_RECEIVED, APPLICATION_RETURNED, false, true},
    {APPLICATION_RECEIVED, APPLICATION_COMPLETED, false, false},
    {APPLICATION_RECEIVED, APPLICATION_REJECTED, false, true},
};
enum { MOVES = sizeof moves / sizeof moves[0] };

int application_state_read(const char *name, enum application_state *ret, struct err *err)
{
    for (unsigned i = 0; i < APPLICATION_STATES_; i++) {
        if (strcmp(application_states[i], name) == 0) {
            *ret = (enum application_state)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "there is no such state");
}

int application_note_step(struct db_txn *txn, const char *id, enum application_state state,
                          const char *note, int64_t at, struct err *err)
{
    return db_execute(
        txn,
        "INSERT INTO application_step (application, number, at, state, note)"
        " SELECT ?1, 1 + count(*), ?2, ?3, ?4 FROM application_step WHERE application = ?1",
        DB_WITH(DB_TEXT(id), DB_INT(at), DB_TEXT(application_states[state]), DB_TEXT(note)), err);
}

/* What has to be known of one that is moved. */
struct moved {
    enum application_state state;
    char owner[APPLICATION_OWNER_SIZE], name[PROCEDURE_NAME_SIZE];
};

static int find(struct db_txn *txn, const struct application_move *move, struct moved *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char state[APPLICATION_STATE_SIZE];
    int rc = db_query_one(
        txn,
        "SELECT state, owner, name FROM application WHERE id = ?1 AND (owner = ?2"
        " OR (?2 IS NULL AND municipality = ?3 AND receipt IS NOT NULL))",
        DB_WITH(DB_TEXT(move->id), DB_TEXT(move->owner), DB_TEXT(move->municipality)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such application");
    TRY(rc);
    TRY(db_text(&rows, 0, state, sizeof state, err));
    TRY(db_text(&rows, 1, ret->owner, sizeof ret->owner, err));
    TRY(db_text(&rows, 2, ret->name, sizeof ret->name, err));
    return application_state_read(state, &ret->state, err);
}

static int tell(struct db_txn *txn, struct notice_draft *draft, const char *procedure,
                enum application_state state, struct err *err)
{
    CLEANUP(json_freep) struct json *parameters = json_object_new();

    TRY(json_put_text(parameters, "procedure", procedure, err));
    TRY(json_put_text(parameters, "state", application_states[state], err));
    draft->parameters = parameters;
    return notice_send(txn, draft, err);
}

/* The owner is told what the municipality did; whoever has only a ticket has no notices. */
static int tell_owner(struct db_txn *txn, const struct application_move *move,
                      const struct moved *moved, int64_t at, struct err *err)
{
    static const char prefix[] = "account:";
    char link[sizeof "apply/" + APPLICATION_ID_SIZE];
    struct notice_draft draft = {.topic = "application.state", .link = link, .at = at};
    struct err why = {0};
    int rc;

    if (move->municipality == NULL || strncmp(moved->owner, prefix, strlen(prefix)) != 0)
        return 0;
    draft.account = moved->owner + strlen(prefix);
    (void)snprintf(link, sizeof link, "apply/%s", move->id);
    rc = tell(txn, &draft, moved->name, move->to, &why);
    if (rc == -ERR_INPUT) /* a name that no notice repeats, as it has an address in it */
        return tell(txn, &draft, move->id, move->to, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

static int check_move(const struct application_move *move, enum application_state from,
                      struct err *err)
{
    const size_t note = utf8_count(bytes_text(move->note));
    size_t i = 0;

    while (i < MOVES && (moves[i].from != from || moves[i].to != move->to ||
                         moves[i].is_owners != (move->owner != NULL)))
        i++;
    if (i == MOVES)
        return FAIL(err, ERR_CONFLICT, "an application that is %s cannot become %s",
                    application_states[from], application_states[move->to]);
    if (moves[i].needs_note && utf8_is_blank(bytes_text(move->note)))
        return FAIL(err, ERR_INPUT, "note: what is to be corrected, or why, must be said");
    if (note > APPLICATION_NOTE_MAX || !utf8_is_shown(bytes_text(move->note)))
        return FAIL(err, ERR_INPUT, "note: up to %d characters that can be seen",
                    APPLICATION_NOTE_MAX);
    return 0;
}

/* Files of a draft were for nobody but its owner, who does not want them any more. */
static int let_go(struct db_txn *txn, const struct application_move *move,
                  enum application_state from, struct err *err)
{
    return from != APPLICATION_DRAFT
               ? 0
               : db_execute(txn, "DELETE FROM application_file WHERE application = ?",
                            DB_WITH(DB_TEXT(move->id)), err);
}

int application_move_within(struct db_txn *txn, const struct application_move *move,
                            const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&application_acts[APPLICATION_MOVED], bytes_text(move->id),
                                      application_states[move->to]};
    struct moved moved;

    TRY(find(txn, move, &moved, err));
    TRY(check_move(move, moved.state, err));
    TRY(db_execute_one(
        txn, "UPDATE application SET state = ?, changed_at = ? WHERE id = ?",
        DB_WITH(DB_TEXT(application_states[move->to]), DB_INT(by->at), DB_TEXT(move->id)), err));
    TRY(application_note_step(txn, move->id, move->to, move->note, by->at, err));
    TRY(let_go(txn, move, moved.state, err));
    TRY(tell_owner(txn, move, &moved, by->at, err));
    return audit_append(txn, by, &event, err);
}

int application_move(struct db *db, const struct application_move *move,
                     const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(application_move_within(&txn, move, by, err));
    return db_commit(&txn, err);
}

static int put_step(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    char state[APPLICATION_STATE_SIZE], note[4 * APPLICATION_NOTE_MAX + 1];
    int64_t at;

    TRY(db_int(rows, 0, &at, err));
    TRY(db_text(rows, 1, state, sizeof state, err));
    TRY(db_text(rows, 2, note, sizeof note, err));
    TRY(json_put_int(item, "at", at, err));
    TRY(json_put_text(item, "state", state, err));
    if (note[0] != '\0')
        TRY(json_put_text(item, "note", note, err));
    return json_add(list, json_steal(&item), err);
}

int application_steps(struct db *db, const char *id, struct json **ret, struct err *err)
{
    return db_list(db,
                   "SELECT at, state, note FROM application_step WHERE application = ?"
                   " ORDER BY number",
                   DB_WITH(DB_TEXT(id)), put_step, ret, err);
}
