/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/schema.h"

/*
 * hash is of the key, which is told once. An order is under way or over; reference (for the
 * register) and document (a PDF with what the register has) are empty but for the time between.
 * payment is what the terminal's coin box calls it: no two orders have the same. What was issued
 * is kept without whom it is about, for who holds the paper and for the municipality's account.
 */
const char portal_kiosk_v1[] =
    "CREATE TABLE kiosk_terminal ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
    " made_at INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL) STRICT;" /* 0: it is not */

    "CREATE TABLE kiosk_order ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " terminal TEXT NOT NULL REFERENCES kiosk_terminal (id),"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " made_at INTEGER NOT NULL,"
    " state TEXT NOT NULL,"
    " code BLOB,"
    " municipality TEXT,"
    " kind TEXT,"
    " fee INTEGER,"
    " payment TEXT UNIQUE,"
    " number TEXT UNIQUE,"
    " reference TEXT NOT NULL,"
    " document BLOB NOT NULL) STRICT;"
    "CREATE INDEX kiosk_order_terminal ON kiosk_order (terminal, made_at);"

    "CREATE TABLE kiosk_issued ("
    " number TEXT NOT NULL PRIMARY KEY,"
    " terminal TEXT NOT NULL REFERENCES kiosk_terminal (id),"
    " municipality TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " fee INTEGER NOT NULL,"
    " issued_at INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32),"
    " is_void INTEGER NOT NULL) STRICT;"
    "CREATE INDEX kiosk_issued_municipality ON kiosk_issued (municipality, issued_at);";

/*
 * What the municipality knows the person by, while the order is under way, and which items are to
 * stand on a copy (table.h).
 */
const char portal_kiosk_v2[] =
    "ALTER TABLE kiosk_order ADD COLUMN local BLOB CHECK (local IS NULL OR length(local) = 16);"
    "ALTER TABLE kiosk_order ADD COLUMN items INTEGER NOT NULL DEFAULT 0;";
