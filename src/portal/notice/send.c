/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mail/queue.h"
#include "portal/notice/store.h"

#include <string.h>

enum { DAY = 86400 };

#define LINK_LETTERS                                                                               \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/" /* and no dots: no host */

static int check_link(const char *link, struct err *err)
{
    const size_t len = strlen(link);

    if (len > NOTICE_LINK_MAX || link[0] == '/' || strspn(link, LINK_LETTERS) != len)
        return FAIL(err, ERR_INPUT, "a link is the name of a page of the portal");
    return 0;
}

static int write_parameters(const struct json *parameters, struct buf *ret, struct err *err)
{
    return parameters == NULL ? buf_append_text(ret, "{}", err) : json_write(parameters, ret, err);
}

/* The oldest ones of whoever has got one now. */
static int make_room(struct db_txn *txn, int64_t first, struct err *err)
{
    return db_execute(txn,
                      "DELETE FROM notice WHERE id IN (SELECT old.id FROM notice AS new"
                      " JOIN notice AS old ON old.account = new.account WHERE new.id >= ?1"
                      " AND old.id <= (SELECT id FROM notice WHERE account = new.account"
                      " ORDER BY id DESC LIMIT 1 OFFSET ?2))",
                      DB_WITH(DB_INT(first), DB_INT(NOTICE_KEPT_MAX)), err);
}

int notice_settle(struct db_txn *txn, int64_t first, int64_t at, struct err *err)
{
    TRY(make_room(txn, first, err));
    return mail_queue_notices(txn, first, at, err);
}

static int insert(struct db_txn *txn, const struct notice_draft *draft, const char *sender,
                  const struct notice_topic *topic, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf parameters = BUF_INIT;
    const char *text;
    int rc;

    TRY(write_parameters(draft->parameters, &parameters, err));
    TRY(buf_text(&parameters, &text, err));
    rc = db_query_one(txn,
                      "INSERT INTO notice (account, sender, topic, parameters, link, made_at,"
                      " ends_at, read_at, archived_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)"
                      " RETURNING id",
                      DB_WITH(DB_TEXT(draft->account), DB_TEXT(sender), DB_TEXT(topic->code),
                              DB_TEXT(text), DB_TEXT(draft->link == NULL ? "" : draft->link),
                              DB_INT(draft->at), DB_INT(draft->at + (int64_t)topic->days * DAY)),
                      &rows, err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such account");
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

int notice_add(struct db_txn *txn, const struct notice_draft *draft, const char *sender,
               int64_t *ret, struct err *err)
{
    const struct notice_topic *topic = notice_topic_find(draft->topic);
    int64_t id;

    if (topic == NULL)
        return FAIL(err, ERR_USAGE, "there is no topic %s", draft->topic);
    TRY(notice_topic_check(topic, draft->parameters, err));
    if (draft->link != NULL)
        TRY(check_link(draft->link, err));
    TRY(insert(txn, draft, sender, topic, &id, err));
    TRY(notice_settle(txn, id, draft->at, err));
    *ret = id;
    return 0;
}

int notice_send(struct db_txn *txn, const struct notice_draft *draft, struct err *err)
{
    int64_t id;

    return notice_add(txn, draft, "", &id, err);
}
