/* SPDX-License-Identifier: Apache-2.0 */
/* Notices as their owners see them, and what they want to hear of. Inside this room only. */
#pragma once

#include "audit/audit.h"
#include "base/json.h"
#include "http/member.h"
#include "portal/notice/notice.h"
#include "portal/notice/topics.h"

/* One owner's, the newest first. */
struct notice_query {
    const char *account;
    bool is_archived; /* those that he has put away, or the others */
    bool is_unread;   /* only those that he has not read */
    int64_t before;   /* only older ones than this one; 0: all */
    int64_t id;       /* only this one; 0: all */
    /*
     * For a service: only these, with a blank around each, without what the owner did with them;
     * NULL: for the owner.
     */
    const char *topics;
    int64_t now;   /* what has ended is not there */
    int64_t limit; /* at most NOTICE_PAGE_MAX */
};
/* An array of notices as routes.c says; *ret_next is before for the next page, 0 after the last. */
MUST_CHECK int notice_list(struct db *db, const struct notice_query *query, struct json **ret,
                           int64_t *ret_next, struct err *err);
/* How many he has not read, of those that he has not put away. */
MUST_CHECK int notice_count_unread(struct db *db, const char *account, int64_t now, int64_t *ret,
                                   struct err *err);

/* The members of a notice that everybody reads who may read it. */
#define NOTICE_MEMBERS                                                                             \
    {"id", HTTP_INT, HTTP_REQUIRED, "its number"},                                                 \
        {"topic", HTTP_TEXT, HTTP_REQUIRED, "what kind of notice it is"},                          \
        {"title", HTTP_OBJECT, HTTP_REQUIRED, "a line", notice_written_members},                   \
        {"text", HTTP_OBJECT, HTTP_REQUIRED, "a sentence or two", notice_written_members},         \
        {"link", HTTP_TEXT, HTTP_OR_NULL, "the page of the portal that it leads to, behind '#/'"}, \
        {"sender", HTTP_TEXT, HTTP_OR_NULL, "who sent it; null: the portal"},                      \
        {"sender_en", HTTP_TEXT, HTTP_OR_NULL, "in English; null: it has no such name"},           \
        {"sender_id", HTTP_TEXT, HTTP_OR_NULL, "of a service or a site: what listSenders has"},    \
        {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},                                       \
    {                                                                                              \
        "ends_at", HTTP_INT, HTTP_REQUIRED, "when it will not be here any more"                    \
    }
extern const struct http_member notice_written_members[]; /* routes.c */

/* What becomes of a notice, or with id 0 of all that are not put away. */
struct notice_mark {
    const char *account;
    int64_t id;
    bool is_read, is_archived;
    int64_t at;
};
/* ERR_ABSENT for another's as for none, and for what has ended. */
MUST_CHECK int notice_mark(struct db *db, const struct notice_mark *mark, struct err *err);
/* Those that have ended are deleted; so many at once that others need not wait. */
MUST_CHECK int notice_expire(struct db *db, int64_t now, struct err *err);

/* The key of an order or a letter: ERR_INPUT unless it is 1 to NOTICE_KEY_MAX signs of ASCII. */
MUST_CHECK int notice_key_check(const char *key, struct err *err);

/* ---- inside a transaction that writes ---- */

/* As notice_send (notice.h), from this sender ("": the portal); *ret is its number. */
MUST_CHECK int notice_add(struct db_txn *txn, const struct notice_draft *draft, const char *sender,
                          int64_t *ret, struct err *err);

/* Behind notices from this number on: the oldest ones go where there are too many; mails are due.
 */
MUST_CHECK int notice_settle(struct db_txn *txn, int64_t first, int64_t at, struct err *err);

/* ---- what somebody wants to hear of ---- */

/* An array of {municipality, event}. */
MUST_CHECK int notice_subscriptions(struct db *db, const char *account, struct json **ret,
                                    struct err *err);
/*
 * All that he wants to hear of from now on. ERR_INPUT for more than NOTICE_SUBSCRIPTIONS_MAX and
 * for one twice; ERR_ABSENT if there is no such municipality.
 */
MUST_CHECK int notice_subscribe(struct db *db, const char *account, const struct json *list,
                                const struct audit_origin *by, struct err *err);

enum notice_act {
    NOTICE_ORDERED,
    NOTICE_SUBSCRIBED,
    NOTICE_SENT,
    NOTICE_TAKEN_BACK,
    NOTICE_SWITCHED,
    NOTICE_ACTS_
};
extern const struct audit_act notice_acts[];
