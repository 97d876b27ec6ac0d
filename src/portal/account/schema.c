/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/schema.h"

/*
 * sub is the pseudonym that the authentication app gives for this portal. code is how the exchange
 * knows the person here: NULL as long as nobody was asked. Of a cookie only the hash is kept.
 * person_reference is encrypted to the register: nobody here can read it.
 */
const char portal_account_v1[] = "CREATE TABLE account ("
                                 " id TEXT NOT NULL PRIMARY KEY,"
                                 " sub TEXT NOT NULL UNIQUE,"
                                 " code BLOB UNIQUE CHECK (code IS NULL OR length(code) = 16),"
                                 " made_at INTEGER NOT NULL,"
                                 " used_at INTEGER NOT NULL) STRICT;"

                                 "CREATE TABLE session ("
                                 " hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),"
                                 " id TEXT NOT NULL UNIQUE,"
                                 " account TEXT NOT NULL REFERENCES account (id),"
                                 " csrf TEXT NOT NULL,"
                                 " browser TEXT NOT NULL,"
                                 " sid TEXT NOT NULL,"
                                 " id_token TEXT NOT NULL,"
                                 " person_reference TEXT,"
                                 " made_at INTEGER NOT NULL,"
                                 " used_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

                                 "CREATE INDEX session_account ON session (account, made_at);"
                                 "CREATE INDEX session_sid ON session (sid);"
                                 "CREATE INDEX session_age ON session (made_at);"
                                 "CREATE INDEX session_use ON session (used_at);";
