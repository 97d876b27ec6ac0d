/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text is kept once, however many offer it: 1 700 municipalities with 60 procedures each are 60
 * texts, their grams, and a short row for each offering. owner is empty for texts of all, else the
 * municipality whose own it is; form is empty where there is none. A psid is a municipality and a
 * text, in digits.
 */
#include "portal/procedure/schema.h"

const char portal_procedures_v1[] =
    "CREATE TABLE municipality ("
    " code TEXT NOT NULL PRIMARY KEY CHECK (length(code) = 5),"
    " prefecture TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " since INTEGER NOT NULL) STRICT;"

    "CREATE TABLE procedure_text ("
    " id INTEGER NOT NULL PRIMARY KEY CHECK (id BETWEEN 1 AND 9999999),"
    " owner TEXT NOT NULL,"
    " code TEXT NOT NULL,"
    " place INTEGER NOT NULL,"
    " category TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " alias TEXT NOT NULL,"
    " summary TEXT NOT NULL,"
    " content TEXT NOT NULL,"
    " form TEXT NOT NULL,"
    " folded_name BLOB NOT NULL,"
    " folded_summary BLOB NOT NULL,"
    " folded_rest BLOB NOT NULL,"
    " version INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL,"
    " UNIQUE (owner, code)) STRICT;"

    "CREATE TABLE procedure_event ("
    " text INTEGER NOT NULL REFERENCES procedure_text (id) ON DELETE CASCADE,"
    " event TEXT NOT NULL,"
    " PRIMARY KEY (text, event)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE procedure_gram ("
    " gram INTEGER NOT NULL,"
    " text INTEGER NOT NULL REFERENCES procedure_text (id) ON DELETE CASCADE,"
    " PRIMARY KEY (gram, text)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX procedure_gram_of ON procedure_gram (text, gram);"

    /* Days are YYYY-MM-DD and empty where it is open; open_until is the last second. */
    "CREATE TABLE procedure_offering ("
    " psid TEXT NOT NULL PRIMARY KEY CHECK (length(psid) = 12),"
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " text INTEGER NOT NULL REFERENCES procedure_text (id),"
    " is_online INTEGER NOT NULL CHECK (is_online IN (0, 1)),"
    " period_from TEXT NOT NULL,"
    " period_until TEXT NOT NULL,"
    " open_from INTEGER NOT NULL,"
    " open_until INTEGER NOT NULL,"
    " department TEXT NOT NULL,"
    " contact TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX procedure_offering_of ON procedure_offering (municipality, text);"
    "CREATE INDEX procedure_offering_text ON procedure_offering (text, psid);";

/*
 * What searches and lists read of a text comes first and is short; what is shown of one alone has a
 * table of its own.
 */
const char portal_procedures_v2[] =
    "CREATE TABLE procedure_body ("
    " text INTEGER NOT NULL PRIMARY KEY REFERENCES procedure_text (id) ON DELETE CASCADE,"
    " content TEXT NOT NULL,"
    " form TEXT NOT NULL) STRICT;"
    "INSERT INTO procedure_body SELECT id, content, form FROM procedure_text;"
    "ALTER TABLE procedure_text ADD COLUMN has_form INTEGER NOT NULL DEFAULT 0"
    " CHECK (has_form IN (0, 1));"
    "ALTER TABLE procedure_text ADD COLUMN name_en TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE procedure_text ADD COLUMN alias_en TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE procedure_text ADD COLUMN summary_en TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE procedure_text ADD COLUMN folded_body BLOB NOT NULL DEFAULT x'';"
    "UPDATE procedure_text SET has_form = form <> '', folded_body = folded_rest;"
    "ALTER TABLE procedure_text DROP COLUMN content;"
    "ALTER TABLE procedure_text DROP COLUMN form;"
    "ALTER TABLE procedure_text DROP COLUMN folded_rest;";

/* What a municipality calls a department in English; empty: it has not said so. */
const char portal_procedures_v3[] =
    "ALTER TABLE procedure_offering ADD COLUMN department_en TEXT NOT NULL DEFAULT '';"
    "UPDATE procedure_offering SET department_en = 'General counter' WHERE department = "
    "'総合窓口';";
