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
