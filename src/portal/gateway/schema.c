/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/gateway/schema.h"

/* Operators of services that search procedures. Of a password only the hash of its hash is kept. */
const char portal_gateway_v1[] = "CREATE TABLE gateway_client ("
                                 " id TEXT NOT NULL PRIMARY KEY,"
                                 " name TEXT NOT NULL,"
                                 " hash BLOB NOT NULL CHECK (length(hash) = 32),"
                                 " rate INTEGER NOT NULL CHECK (rate > 0),"
                                 " made_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
