/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Something that somebody is told on the portal's pages, and, if he wants that, that he has been
 * told by a mail. A notice is a topic and its parameters: the words are topics.c's, so nobody puts
 * sentences of his own before people.
 */
#pragma once

#include "base/json.h"
#include "db/db.h"

struct notice_draft {
    const char *account;           /* whose it is: account.id */
    const char *topic;             /* "application.state"; topics.c has them */
    const struct json *parameters; /* what the topic takes, nothing else; NULL: nothing */
    const char *link;              /* a page of the portal, "applications/ID"; NULL: none */
    int64_t at;                    /* UTC seconds: now */
};
/*
 * Have it there in the transaction of what it tells of. ERR_USAGE for a topic that is none;
 * ERR_INPUT for parameters or a link that it cannot have; ERR_ABSENT if there is no such account.
 */
MUST_CHECK int notice_send(struct db_txn *txn, const struct notice_draft *draft, struct err *err);
