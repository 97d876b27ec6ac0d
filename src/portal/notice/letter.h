/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices of services and outside sites, to one person each: whoever consents to it, or has linked
 * the site. How the sender knows him, and that he still wants it, is its room's to find out, in the
 * same transaction (gateway/notice_sending.c, site/notices.c); here is what is the same for all of
 * them. Their words are the portal's (topics.h), and the names in them have neither markup nor an
 * address nor a number by which somebody could be called or known.
 */
#pragma once

#include "audit/audit.h"
#include "exchange/note.h"
#include "http/route.h"
#include "portal/limits.h"
#include "portal/notice/limits.h"

/* "service." and "site." with what it is called there: neither is a municipality's code. */
#define NOTICE_SERVICE "service."
#define NOTICE_SITE    "site."
enum { NOTICE_SENDER_SIZE = 48 };

struct notice_sender {
    char id[NOTICE_SENDER_SIZE];
    struct names name;
    /* As in the person's log: what, items are letter.c's. */
    struct note note;
};
struct notice_letter {
    const struct notice_sender *sender;
    const char *account;           /* whose it becomes */
    const char *key;               /* the sender's own name for it: the same again is one */
    const char *topic;             /* one of a sender's */
    const struct json *parameters; /* NULL: none */
    const char *link;              /* a page of the portal; NULL: none */
    struct bytes text;             /* all of it as it came, to tell whether it is the same */
};

enum notice_outcome {
    NOTICE_IS_SENT,     /* now, or before by the same letter */
    NOTICE_IS_OFF,      /* the person does not want to hear of this sender */
    NOTICE_IS_TOO_MANY, /* for a day: NOTICE_SENT_MAX, NOTICE_SENT_TO_ONE_MAX */
    NOTICE_KEY_IS_USED, /* by another letter of the sender's */
};
/*
 * Send it in a transaction of the caller's, with what stands in the person's log and the audit log;
 * nothing is written unless *ret is NOTICE_IS_SENT. ERR_INPUT for what no such letter may say.
 */
MUST_CHECK int notice_letter_send(struct db_txn *txn, const struct notice_letter *letter,
                                  const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE],
                                  enum notice_outcome *ret, struct err *err);

/* What was sent, for its sender alone. What the person did with it is not its business. */
struct notice_sent {
    const char *id;
    const char *sender;  /* notice_sender.id */
    const char *account; /* NULL: to whomever */
};
/* {id, key, made_at, ends_at, taken_at}. ERR_ABSENT for another's as for none. */
MUST_CHECK int notice_sent_tell(struct db *db, const struct notice_sent *sent, struct json **ret,
                                struct err *err);
/*
 * Take it back: it is gone from the person's page, and a mail that waits is not sent. It stands in
 * the person's log. Once more changes nothing. ERR_ABSENT as above.
 */
MUST_CHECK int notice_sent_take_back(struct db *db, const struct notice_sent *sent,
                                     const struct notice_sender *sender,
                                     const struct audit_origin *by, struct err *err);

/* ---- rows of senders ---- */

/* 201 with the id. */
MUST_CHECK int notice_letter_reply(struct http_call *call, const char *id, struct err *err);
/* Of the rows by which one is sent, told of, taken back. */
extern const struct http_answer notice_letter_answers[], notice_sent_answers[],
    notice_taken_answers[];

/* The members of a letter that every sender gives. */
#define NOTICE_LETTER_MEMBERS                                                                      \
    {"key", HTTP_TEXT, HTTP_REQUIRED,                                                              \
     "the sender's own name for it: the same again is not sent again", .form = &notice_key_form},  \
        {"topic", HTTP_TEXT, HTTP_REQUIRED, "what it is about", .values = notice_sender_topics},   \
        {"parameters", HTTP_OBJECT, HTTP_REQUIRED, "what the topic takes, and nothing else",       \
         notice_letter_parameters},                                                                \
    {                                                                                              \
        NULL                                                                                       \
    }
extern const struct http_form notice_key_form;
extern const struct http_member notice_letter_parameters[];
extern const char *const notice_sender_topics[]; /* "document.ready", ..., NULL */
/* The members of a request's body that NOTICE_LETTER_MEMBERS are; key, topic, parameters, text. */
MUST_CHECK int notice_letter_read(const struct json *json, struct bytes text,
                                  struct notice_letter *ret, struct err *err);
