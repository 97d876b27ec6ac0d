/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/schema.h"

const char portal_selfinfo_v1[] =
    "CREATE TABLE selfinfo_request ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " account TEXT NOT NULL REFERENCES account (id),"
    " person INTEGER NOT NULL REFERENCES exchange_person (id),"
    " year INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX selfinfo_request_account ON selfinfo_request (account, made_at);"

    "CREATE TABLE selfinfo_item ("
    " request TEXT NOT NULL REFERENCES selfinfo_request (id) ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " info TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " question INTEGER REFERENCES exchange_question (id)," /* NULL: it was not asked yet */
    " PRIMARY KEY (request, number)) STRICT, WITHOUT ROWID;";

/* A question that goes takes along what it was asked for: an item, and a request of no other. */
#define GOES(request, item, of)                                                                    \
    " DELETE FROM " request " WHERE id IN (SELECT " of " FROM " item " WHERE question = OLD.id)"   \
    "  AND NOT EXISTS (SELECT * FROM " item " AS other"                                            \
    "   WHERE other." of " = " request ".id AND other.question IS NOT OLD.id);"                    \
    " DELETE FROM " item " WHERE question = OLD.id;"

const char portal_selfinfo_v2[] =
    "CREATE INDEX selfinfo_item_question ON selfinfo_item (question) WHERE question IS NOT NULL;"
    "CREATE INDEX operator_process_item_question ON operator_process_item (question)"
    " WHERE question IS NOT NULL;"
    "CREATE TRIGGER selfinfo_question_removed BEFORE DELETE ON exchange_question BEGIN" GOES(
        "selfinfo_request", "selfinfo_item", "request")
        GOES("operator_process", "operator_process_item", "process") " END;";
