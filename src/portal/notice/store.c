/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/notice/store.h"

#include <string.h>

enum { PARAMETERS_SIZE = 4096, SENDER_SIZE = 512, WORDS_SIZE = 16, TOPIC_SIZE = 64 };

const struct audit_act notice_acts[] = {
    [NOTICE_ORDERED] = {"notice.ordered", "notice-order"},
    [NOTICE_SUBSCRIBED] = {"notice.subscribed", "account"},
    [NOTICE_SENT] = {"notice.sent", "sent-notice"},
    [NOTICE_TAKEN_BACK] = {"notice.taken-back", "sent-notice"},
    [NOTICE_SWITCHED] = {"notice.sender-switched", "account"},
};

int notice_key_check(const char *key, struct err *err)
{
    const size_t len = strlen(key);

    for (size_t i = 0; i < len; i++)
        if (key[i] <= ' ' || key[i] > '~')
            return FAIL(err, ERR_INPUT, "key: letters and digits");
    if (len == 0 || len > NOTICE_KEY_MAX)
        return FAIL(err, ERR_INPUT, "key: 1 to %d characters", NOTICE_KEY_MAX);
    return 0;
}

const struct http_form notice_key_form = {"^[!-~]{1,64}$", "1 to 64 letters, digits, signs"};

/* ---- how one is shown ---- */

static int put_written(struct json *object, const char *template, enum notice_language language,
                       const struct notice_topic *topic, const struct json *parameters,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;

    TRY(notice_topic_write(template, language, topic, parameters, &written, err));
    return json_put_bytes(object, notice_languages[language], buf_bytes(&written), err);
}

static int put_words(struct json *item, const struct notice_topic *topic,
                     const struct json *parameters, struct err *err)
{
    CLEANUP(json_freep) struct json *title = json_object_new();
    CLEANUP(json_freep) struct json *text = json_object_new();

    for (unsigned i = 0; i < NOTICE_LANGUAGES_; i++) {
        TRY(put_written(title, topic->words[i].title, i, topic, parameters, err));
        TRY(put_written(text, topic->words[i].text, i, topic, parameters, err));
    }
    TRY(json_put(item, "title", json_steal(&title), err));
    return json_put(item, "text", json_steal(&text), err);
}

static int put_time(struct json *item, const char *key, const struct db_rows *rows, int column,
                    struct err *err)
{
    int64_t at;

    TRY(db_int(rows, column, &at, err));
    return at == 0 ? json_put_null(item, key, err) : json_put_int(item, key, at, err);
}

static int put_text(struct json *item, const char *key, const struct db_rows *rows, int column,
                    struct err *err)
{
    char text[SENDER_SIZE];

    TRY(db_text(rows, column, text, sizeof text, err));
    return json_put_optional(item, key, text[0] == '\0' ? NULL : text, err);
}

/* A topic that this version does not have any more cannot be told. */
static int read_topic(const struct db_rows *rows, const struct notice_topic **ret,
                      struct json **ret_parameters, struct err *err)
{
    char code[TOPIC_SIZE], parameters[PARAMETERS_SIZE];

    TRY(db_text(rows, 1, code, sizeof code, err));
    TRY(db_text(rows, 2, parameters, sizeof parameters, err));
    *ret = notice_topic_find(code);
    if (*ret == NULL)
        return FAIL(err, ERR_SYSTEM, "a notice about what there is no topic for");
    return json_parse(bytes_text(parameters), ret_parameters, err);
}

static int put_notice(const struct db_rows *rows, bool is_own, struct json *list, int64_t *ret_id,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    CLEANUP(json_freep) struct json *parameters = NULL;
    const struct notice_topic *topic = NULL;

    TRY(db_int(rows, 0, ret_id, err));
    TRY(read_topic(rows, &topic, &parameters, err));
    TRY(json_put_int(item, "id", *ret_id, err));
    TRY(json_put_text(item, "topic", topic->code, err));
    TRY(put_words(item, topic, parameters, err));
    TRY(put_text(item, "link", rows, 3, err));
    TRY(put_text(item, "sender", rows, 4, err));
    TRY(put_text(item, "sender_en", rows, 9, err));
    TRY(put_text(item, "sender_id", rows, 10, err));
    TRY(put_time(item, "made_at", rows, 5, err));
    TRY(put_time(item, "ends_at", rows, 6, err));
    if (is_own) {
        TRY(put_time(item, "read_at", rows, 7, err));
        TRY(put_time(item, "archived_at", rows, 8, err));
    }
    return json_add(list, json_steal(&item), err);
}

int notice_list(struct db *db, const struct notice_query *query, struct json **ret,
                int64_t *ret_next, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int64_t last = 0;
    int rc = 0;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT n.id, topic, parameters, link, coalesce(m.prefecture || m.name, s.name,"
                 " ''), made_at, ends_at, read_at, archived_at, coalesce(s.name_en, ''),"
                 " coalesce(s.id, '') FROM notice AS n"
                 " LEFT JOIN municipality AS m ON m.code = n.sender"
                 " LEFT JOIN notice_sender AS s ON s.id = n.sender"
                 " WHERE account = ?1 AND (archived_at > 0) = ?2 AND (?3 = 0 OR read_at = 0)"
                 " AND (?4 = 0 OR n.id < ?4) AND ends_at > ?5 AND (?7 = 0 OR n.id = ?7)"
                 " AND (?8 IS NULL OR instr(?8, ' ' || topic || ' ') > 0)"
                 " ORDER BY n.id DESC LIMIT ?6",
                 DB_WITH(DB_TEXT(query->account), DB_INT(query->is_archived),
                         DB_INT(query->is_unread), DB_INT(query->before), DB_INT(query->now),
                         DB_INT(query->limit + 1), DB_INT(query->id), DB_TEXT(query->topics)),
                 &rows, err));
    *ret_next = 0;
    while ((rc = db_next(&rows, err)) == 0 && (int64_t)json_count(list) < query->limit)
        TRY(put_notice(&rows, query->topics == NULL, list, &last, err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (rc == 0)
        *ret_next = last;
    *ret = json_steal(&list);
    return 0;
}

int notice_count_unread(struct db *db, const char *account, int64_t now, int64_t *ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT count(*) FROM notice WHERE account = ? AND read_at = 0"
                     " AND archived_at = 0 AND ends_at > ?",
                     DB_WITH(DB_TEXT(account), DB_INT(now)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

/* ---- what becomes of them ---- */

/* What was read first stays when it is read again. */
static int mark_one(struct db_txn *txn, const struct notice_mark *mark, struct err *err)
{
    const int rc = db_execute_one(
        txn,
        "UPDATE notice SET read_at = CASE WHEN ?1 = 0 THEN 0 WHEN read_at > 0 THEN read_at"
        " ELSE ?2 END, archived_at = CASE WHEN ?3 = 0 THEN 0 WHEN archived_at > 0 THEN archived_at"
        " ELSE ?2 END WHERE id = ?4 AND account = ?5 AND ends_at > ?2",
        DB_WITH(DB_INT(mark->is_read), DB_INT(mark->at), DB_INT(mark->is_archived),
                DB_INT(mark->id), DB_TEXT(mark->account)),
        err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such notice") : rc;
}

int notice_mark(struct db *db, const struct notice_mark *mark, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    if (mark->id != 0)
        TRY(mark_one(&txn, mark, err));
    else
        TRY(db_execute(&txn,
                       "UPDATE notice SET read_at = ? WHERE account = ? AND read_at = 0"
                       " AND archived_at = 0",
                       DB_WITH(DB_INT(mark->at), DB_TEXT(mark->account)), err));
    return db_commit(&txn, err);
}

enum { EXPIRED_AT_ONCE = 1000 };

int notice_expire(struct db *db, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE ends_at <= ?"
                   " LIMIT ?)",
                   DB_WITH(DB_INT(now), DB_INT(EXPIRED_AT_ONCE)), err));
    return db_commit(&txn, err);
}
