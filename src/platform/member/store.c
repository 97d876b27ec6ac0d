/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/member/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

/* Detail of failures that are about whoever logs in, and not about this store. */
#define REFUSED 0x4d454d42U

const char *member_role(const struct member *member)
{
    return member->client_id[0] == '\0' ? "operator" : tenant_roles[member->role];
}

static struct db_value client_value(const char *client_id)
{
    return client_id[0] == '\0' ? DB_NULL : DB_TEXT(client_id);
}

static int count_members(struct db_txn *txn, const char *client_id, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM member WHERE client_id IS ? AND removed_at = 0",
                     DB_WITH(client_value(client_id)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int insert(struct db_txn *txn, const struct member *member, const struct digest *invitation,
                  struct err *err)
{
    int rc = db_execute(txn, "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?, NULL, 0, 0, 0)",
                        DB_WITH(DB_TEXT(member->id), client_value(member->client_id),
                                DB_TEXT(member->name), DB_INT(member->role),
                                DB_BLOB(digest_bytes(invitation)), DB_INT(member->invited_at),
                                DB_INT(member->ends_at)),
                        err);

    return rc == -ERR_CONFLICT ? FAIL(err, ERR_ABSENT, "there is no such client here") : rc;
}

int platform_invite_member(struct platform_store *store, const struct member *member,
                           const struct digest *invitation, const struct audit_origin *by,
                           struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_MEMBER_INVITED], bytes_text(member->id),
                                      member_role(member)};
    int64_t count;

    TRY(db_begin(store->db, &txn, err));
    TRY(count_members(&txn, member->client_id, &count, err));
    if (count >= MEMBERS_MAX)
        return FAIL(err, ERR_CONFLICT, "there are %d members already; remove one first",
                    MEMBERS_MAX);
    TRY(insert(&txn, member, invitation, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

#define COLUMNS                                                                                    \
    "m.id, coalesce(m.client_id, ''), m.name, m.role, m.invited_at, m.ends_at, m.bound_at, "       \
    "m.used_at"
enum { MEMBER_COLUMNS = 8 };

static int read_member(const struct db_rows *rows, struct member *ret, struct err *err)
{
    struct member member;
    int64_t role;

    TRY(db_text(rows, 0, member.id, sizeof member.id, err));
    TRY(db_text(rows, 1, member.client_id, sizeof member.client_id, err));
    TRY(db_text(rows, 2, member.name, sizeof member.name, err));
    TRY(db_int(rows, 3, &role, err));
    TRY(db_int(rows, 4, &member.invited_at, err));
    TRY(db_int(rows, 5, &member.ends_at, err));
    TRY(db_int(rows, 6, &member.bound_at, err));
    TRY(db_int(rows, 7, &member.used_at, err));
    member.role = (enum tenant_role)role;
    *ret = member;
    return 0;
}

int platform_list_members(struct platform_store *store, const char *client_id,
                          struct member ret[MEMBERS_MAX], unsigned *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM member AS m WHERE client_id IS ? AND removed_at = 0"
                 " ORDER BY invited_at, rowid",
                 DB_WITH(client_value(client_id)), &rows, err));
    while (count < MEMBERS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_member(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}

int platform_remove_member(struct platform_store *store, const char *client_id, const char *id,
                           const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_MEMBER_REMOVED], bytes_text(id), NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE member SET removed_at = ?, invitation = NULL WHERE id = ?"
                        " AND client_id IS ? AND removed_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id), client_value(client_id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such member");
    TRY(rc);
    TRY(db_execute(&txn, "DELETE FROM session WHERE member = ?", DB_WITH(DB_TEXT(id)), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* Whom an invitation is for; ERR_DENIED if that was long ago, or it is none. */
static int find_invited(struct db_txn *txn, const struct digest *invitation, int64_t now,
                        struct member *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT " COLUMNS " FROM member AS m WHERE invitation = ?"
                          " AND removed_at = 0 AND ends_at >= ?",
                          DB_WITH(DB_BLOB(digest_bytes(invitation)), DB_INT(now)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL_WITH(err, ERR_DENIED, REFUSED,
                         "this invitation was accepted, withdrawn, or is too old");
    TRY(rc);
    return read_member(&rows, ret, err);
}

int platform_check_invitation(struct platform_store *store, const struct digest *invitation,
                              int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct member member;

    TRY(db_begin_read(store->db, &txn, err));
    return find_invited(&txn, invitation, now, &member, err);
}

/* ---- sessions ---- */

static int note(struct db_txn *txn, enum platform_act act, const struct member *member,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(member->id), NULL};

    return audit_append(txn, by, &event, err);
}

static int bind_member(struct db_txn *txn, const struct member *member,
                       const uint8_t holder[HOLDER_ID_SIZE], const struct audit_origin *by,
                       struct err *err)
{
    int rc = db_execute_one(
        txn, "UPDATE member SET holder = ?, bound_at = ?, invitation = NULL WHERE id = ?",
        DB_WITH(DB_BLOB(bytes_of(holder, HOLDER_ID_SIZE)), DB_INT(by->at), DB_TEXT(member->id)),
        err);

    if (rc == -ERR_CONFLICT)
        return FAIL_WITH(err, ERR_CONFLICT, REFUSED, "the holder of this card is a member already");
    TRY(rc);
    return note(txn, ACT_MEMBER_BOUND, member, by, err);
}

static int find_member(struct db_txn *txn, const uint8_t holder[HOLDER_ID_SIZE], struct member *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT " COLUMNS " FROM member AS m WHERE holder = ? AND removed_at = 0"
                          " ORDER BY used_at DESC, bound_at DESC, rowid DESC LIMIT 1",
                          DB_WITH(DB_BLOB(bytes_of(holder, HOLDER_ID_SIZE))), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL_WITH(err, ERR_DENIED, REFUSED,
                         "the holder of this card is no member of anybody here");
    TRY(rc);
    return read_member(&rows, ret, err);
}

static int make_member(struct db_txn *txn, const struct login *login,
                       const uint8_t holder[HOLDER_ID_SIZE], const struct audit_origin *by,
                       struct member *ret, struct err *err)
{
    if (login->invitation.len == 0)
        return find_member(txn, holder, ret, err);
    TRY(find_invited(txn, &login->invitation, by->at, ret, err));
    return bind_member(txn, ret, holder, by, err);
}

/* Sessions that are over, of everybody, and the oldest of somebody who has too many. */
static int forget_sessions(struct db_txn *txn, const char *member, int64_t now, struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM session WHERE used_at < ? OR made_at < ?",
                   DB_WITH(DB_INT(now - SESSION_IDLE_SECONDS), DB_INT(now - SESSION_SECONDS)),
                   err));
    return db_execute(txn,
                      "DELETE FROM session WHERE token IN (SELECT token FROM session"
                      " WHERE member = ? ORDER BY made_at DESC LIMIT -1 OFFSET ?)",
                      DB_WITH(DB_TEXT(member), DB_INT(MEMBER_SESSIONS_MAX - 1)), err);
}

static int begin_session(struct db_txn *txn, const struct console_opening *opening,
                         const struct member *member, const struct audit_origin *by,
                         struct err *err)
{
    if (opening->ends != NULL)
        TRY(db_execute(txn, "DELETE FROM session WHERE token = ?",
                       DB_WITH(DB_BLOB(digest_bytes(opening->ends))), err));
    TRY(forget_sessions(txn, member->id, by->at, err));
    TRY(db_execute(txn, "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?4)",
                   DB_WITH(DB_BLOB(digest_bytes(&opening->token)), DB_TEXT(member->id),
                           DB_TEXT(opening->csrf), DB_INT(by->at)),
                   err));
    TRY(db_execute(txn, "UPDATE member SET used_at = ? WHERE id = ?",
                   DB_WITH(DB_INT(by->at), DB_TEXT(member->id)), err));
    return note(txn, ACT_SESSION_OPENED, member, by, err);
}

int platform_open_session(struct platform_store *store, const struct console_opening *opening,
                          const struct audit_origin *by, struct member *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct login_taking taking = {opening->login, &opening->secret, true};
    uint8_t holder[HOLDER_ID_SIZE];
    struct err why = {0};
    struct member member;
    struct login login;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(platform_take_login(&txn, &taking, by, &login, holder, err));
    rc = make_member(&txn, &login, holder, by, &member, &why);
    if (rc == 0)
        TRY(begin_session(&txn, opening, &member, by, err));
    else if (why.detail != REFUSED)
        return err_copy(err, &why);
    TRY(db_commit(&txn, err)); /* the login is spent, whoever it was */
    if (rc < 0)
        return err_copy(err, &why);
    *ret = member;
    return 0;
}

int platform_get_session(struct platform_store *store, const struct digest *token, int64_t now,
                         struct console_session *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct console_session session = {.token = *token};
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT " COLUMNS ", s.csrf, s.made_at, s.used_at FROM session AS s"
                      " JOIN member AS m ON m.id = s.member WHERE s.token = ? AND m.removed_at = 0"
                      " AND s.used_at >= ? AND s.made_at >= ?",
                      DB_WITH(DB_BLOB(digest_bytes(token)), DB_INT(now - SESSION_IDLE_SECONDS),
                              DB_INT(now - SESSION_SECONDS)),
                      &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this session is over; log in again");
    TRY(rc);
    TRY(read_member(&rows, &session.member, err));
    TRY(db_text(&rows, MEMBER_COLUMNS, session.csrf, sizeof session.csrf, err));
    TRY(db_int(&rows, MEMBER_COLUMNS + 1, &session.made_at, err));
    TRY(db_int(&rows, MEMBER_COLUMNS + 2, &session.used_at, err));
    *ret = session;
    return 0;
}

enum { USE_SECONDS = 60 };

int platform_use_session(struct platform_store *store, const struct console_session *session,
                         int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    if (now - session->used_at < USE_SECONDS)
        return 0;
    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "UPDATE session SET used_at = ?1 WHERE token = ?2 AND used_at < ?1",
                   DB_WITH(DB_INT(now), DB_BLOB(digest_bytes(&session->token))), err));
    return db_commit(&txn, err);
}

int platform_end_session(struct platform_store *store, const struct console_session *session,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "DELETE FROM session WHERE token = ?",
                        DB_WITH(DB_BLOB(digest_bytes(&session->token))), err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(note(&txn, ACT_SESSION_ENDED, &session->member, by, err));
    return db_commit(&txn, err);
}
