/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/notice/letter.h"

#include "base/random_text.h"
#include "crypto/digest.h"
#include "http/response.h"
#include "portal/history/history.h"
#include "portal/notice/store.h"
#include "portal/routes.h"

#include <string.h>

enum { DAY = 86400 };

const char *const notice_sender_topics[] = {"document.ready", "deadline.near", "matter.changed",
                                            NULL};

static const struct names sent_items = {"お知らせの送信", "A notice was sent to you"};
static const struct names taken_items = {"お知らせの取下げ", "A notice to you was taken back"};

/* ---- what it may say ---- */

static int check_letter(const struct notice_letter *letter, const struct notice_topic **ret,
                        struct err *err)
{
    const struct notice_topic *topic = notice_topic_find(letter->topic);

    if (topic == NULL || topic->author != NOTICE_BY_SENDER)
        return FAIL(err, ERR_INPUT, "topic: services and sites cannot send this");
    TRY(err_prefix(err, notice_topic_check(topic, letter->parameters, err), "parameters"));
    *ret = topic;
    return 0;
}

int notice_letter_read(const struct json *json, struct bytes text, struct notice_letter *ret,
                       struct err *err)
{
    ret->text = text;
    TRY(json_get_text(json, "key", &ret->key, err));
    TRY(notice_key_check(ret->key, err));
    TRY(json_get_text(json, "topic", &ret->topic, err));
    return json_get_object(json, "parameters", &ret->parameters, err);
}

/* ---- what was sent before ---- */

static int hash_letter(const struct notice_letter *letter, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT;

    TRY(buf_append_text(&all, letter->account, err));
    TRY(buf_append_text(&all, "\n", err));
    TRY(buf_append(&all, letter->text, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&all), ret, err);
}

/* The id of what had this key, and whether it was the same. ERR_ABSENT if nothing had it. */
static int find_key(struct db_txn *txn, const struct notice_letter *letter,
                    const struct digest *hash, char ret_id[PORTAL_ID_SIZE], bool *ret_same,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf found = BUF_INIT;

    TRY(db_query_one(txn, "SELECT id, hash FROM notice_sent WHERE sender = ? AND key = ?",
                     DB_WITH(DB_TEXT(letter->sender->id), DB_TEXT(letter->key)), &rows, err));
    TRY(db_text(&rows, 0, ret_id, PORTAL_ID_SIZE, err));
    TRY(db_blob(&rows, 1, &found, err));
    *ret_same = bytes_equal(buf_bytes(&found), digest_bytes(hash));
    return 0;
}

static int has_off(struct db_txn *txn, const struct notice_letter *letter, bool *ret,
                   struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(
        txn, "SELECT 1 FROM notice_sender_off WHERE account = ? AND sender = ?",
        DB_WITH(DB_TEXT(letter->account), DB_TEXT(letter->sender->id)), &rows, err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int has_room(struct db_txn *txn, const struct notice_letter *letter, int64_t at, bool *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t all, to_one;

    TRY(db_query_one(
        txn,
        "SELECT count(*), coalesce(sum(CASE WHEN account = ? THEN 1 ELSE 0 END), 0) FROM "
        "notice_sent"
        " WHERE sender = ? AND made_at > ?",
        DB_WITH(DB_TEXT(letter->account), DB_TEXT(letter->sender->id), DB_INT(at - DAY)), &rows,
        err));
    TRY(db_int(&rows, 0, &all, err));
    TRY(db_int(&rows, 1, &to_one, err));
    *ret = all < NOTICE_SENT_MAX && to_one < NOTICE_SENT_TO_ONE_MAX;
    return 0;
}

/* ---- sending ---- */

static int note_for_person(struct db_txn *txn, const char *account,
                           const struct notice_sender *sender, const struct names *items,
                           const struct audit_origin *by, struct err *err)
{
    struct note note = sender->note;

    note.what = LOG_NOTIFIED;
    note.items = *items;
    return history_note(txn, account, &note, by, err);
}

static int note_act(struct db_txn *txn, enum notice_act act, const char *id, const char *sender,
                    const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&notice_acts[act], bytes_text(id), sender};

    return audit_append(txn, by, &event, err);
}

static int keep_sender(struct db_txn *txn, const struct notice_sender *sender, struct err *err)
{
    return db_execute(
        txn,
        "INSERT INTO notice_sender VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET name = excluded.name, name_en = excluded.name_en",
        DB_WITH(DB_TEXT(sender->id), DB_TEXT(sender->name.ja), DB_TEXT(sender->name.en)), err);
}

static int keep_sent(struct db_txn *txn, const struct notice_letter *letter,
                     const struct digest *hash, const char *id, int64_t notice, struct err *err)
{
    return db_execute(
        txn,
        "INSERT INTO notice_sent SELECT ?, sender, ?, ?, account, id, made_at,"
        " ends_at, NULL FROM notice WHERE id = ?",
        DB_WITH(DB_TEXT(id), DB_TEXT(letter->key), DB_BLOB(digest_bytes(hash)), DB_INT(notice)),
        err);
}

static int send(struct db_txn *txn, const struct notice_letter *letter, const struct digest *hash,
                const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE], struct err *err)
{
    const struct notice_draft draft = {.account = letter->account,
                                       .topic = letter->topic,
                                       .parameters = letter->parameters,
                                       .link = letter->link,
                                       .at = by->at};
    char id[PORTAL_ID_SIZE];
    int64_t notice;

    TRY(random_text(id, sizeof id, err));
    TRY(db_execute(txn, "DELETE FROM notice_sent WHERE ends_at <= ?", DB_WITH(DB_INT(by->at)),
                   err));
    TRY(keep_sender(txn, letter->sender, err));
    TRY(notice_add(txn, &draft, letter->sender->id, &notice, err));
    TRY(keep_sent(txn, letter, hash, id, notice, err));
    TRY(note_for_person(txn, letter->account, letter->sender, &sent_items, by, err));
    TRY(note_act(txn, NOTICE_SENT, id, letter->sender->id, by, err));
    memcpy(ret_id, id, sizeof id);
    return 0;
}

int notice_letter_send(struct db_txn *txn, const struct notice_letter *letter,
                       const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE],
                       enum notice_outcome *ret, struct err *err)
{
    const struct notice_topic *topic;
    bool is_same, is_off, is_room;
    struct digest hash;
    int rc;

    TRY(check_letter(letter, &topic, err));
    TRY(hash_letter(letter, &hash, err));
    rc = find_key(txn, letter, &hash, ret_id, &is_same, err);
    if (rc == 0) {
        *ret = is_same ? NOTICE_IS_SENT : NOTICE_KEY_IS_USED;
        return 0;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(has_off(txn, letter, &is_off, err));
    TRY(has_room(txn, letter, by->at, &is_room, err));
    *ret = is_off ? NOTICE_IS_OFF : is_room ? NOTICE_IS_SENT : NOTICE_IS_TOO_MANY;
    return *ret == NOTICE_IS_SENT ? send(txn, letter, &hash, by, ret_id, err) : 0;
}

/* ---- afterwards ---- */

/* Whose it is and what became of it. */
struct found {
    char account[PORTAL_ID_SIZE], key[NOTICE_KEY_MAX + 1];
    int64_t notice, made_at, ends_at, taken_at; /* taken_at 0: it was not */
};

static int find(struct db_txn *txn, const struct notice_sent *sent, struct found *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(
        txn,
        "SELECT account, key, notice, made_at, ends_at,"
        " coalesce(taken_at, 0) FROM notice_sent WHERE id = ?1"
        " AND sender = ?2 AND (?3 IS NULL OR account = ?3)",
        DB_WITH(DB_TEXT(sent->id), DB_TEXT(sent->sender), DB_TEXT(sent->account)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such notice");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->account, sizeof ret->account, err));
    TRY(db_text(&rows, 1, ret->key, sizeof ret->key, err));
    TRY(db_int(&rows, 2, &ret->notice, err));
    TRY(db_int(&rows, 3, &ret->made_at, err));
    TRY(db_int(&rows, 4, &ret->ends_at, err));
    return db_int(&rows, 5, &ret->taken_at, err);
}

int notice_sent_tell(struct db *db, const struct notice_sent *sent, struct json **ret,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct found found;

    TRY(db_begin_read(db, &txn, err));
    TRY(find(&txn, sent, &found, err));
    TRY(json_put_text(body, "id", sent->id, err));
    TRY(json_put_text(body, "key", found.key, err));
    TRY(json_put_int(body, "made_at", found.made_at, err));
    TRY(json_put_int(body, "ends_at", found.ends_at, err));
    TRY(found.taken_at == 0 ? json_put_null(body, "taken_at", err)
                            : json_put_int(body, "taken_at", found.taken_at, err));
    *ret = json_steal(&body);
    return 0;
}

int notice_sent_take_back(struct db *db, const struct notice_sent *sent,
                          const struct notice_sender *sender, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct found found;

    TRY(db_begin(db, &txn, err));
    TRY(find(&txn, sent, &found, err));
    if (found.taken_at != 0)
        return 0;
    TRY(db_execute(&txn, "UPDATE notice_sent SET taken_at = ? WHERE id = ?",
                   DB_WITH(DB_INT(by->at), DB_TEXT(sent->id)), err));
    TRY(db_execute(&txn, "DELETE FROM mail WHERE notice = ? AND state = 'waiting'",
                   DB_WITH(DB_INT(found.notice)), err));
    TRY(db_execute(&txn, "DELETE FROM notice WHERE id = ?", DB_WITH(DB_INT(found.notice)), err));
    TRY(note_for_person(&txn, found.account, sender, &taken_items, by, err));
    TRY(note_act(&txn, NOTICE_TAKEN_BACK, sent->id, sent->sender, by, err));
    return db_commit(&txn, err);
}

/* ---- answers ---- */

int notice_letter_reply(struct http_call *call, const char *id, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "id", id, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

const struct http_member notice_letter_parameters[] = {
    {"document", HTTP_TEXT, HTTP_OPTIONAL, "a name"},
    {"matter", HTTP_TEXT, HTTP_OPTIONAL, "a name"},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "a day", .form = &http_form_date},
    {NULL},
};
static const struct http_member id_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "what it is called here", .form = &portal_id_form}, {NULL}};
const struct http_answer notice_letter_answers[] = {
    {201, "it is on the person's page; the same again has the same answer", id_members}, {0}};
static const struct http_member sent_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "what it is called here"},
    {"key", HTTP_TEXT, HTTP_REQUIRED, "what its sender calls it"},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"ends_at", HTTP_INT, HTTP_REQUIRED, "when the person does not see it any more"},
    {"taken_at", HTTP_INT, HTTP_OR_NULL, "when it was taken back"},
    {NULL},
};
const struct http_answer notice_sent_answers[] = {{200, "what was sent", sent_members}, {0}};
const struct http_answer notice_taken_answers[] = {{204, "it is taken back"}, {0}};
