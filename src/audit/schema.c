/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody changes a record, this program by mistake included: triggers refuse it. REPLACE would
 * remove a row without asking them, hence the rule about the next number. Emptying a salt is the
 * one change there is.
 */
#include "audit/audit.h"

const char audit_schema_v1[] =
    "CREATE TABLE audit ("
    " seq INTEGER PRIMARY KEY,"
    " at INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " act TEXT NOT NULL,"
    " subject TEXT NOT NULL,"
    " commitment BLOB NOT NULL CHECK (length(commitment) = 32),"
    " outcome TEXT NOT NULL,"
    " trace_id TEXT NOT NULL,"
    " leaf BLOB NOT NULL CHECK (length(leaf) = 32),"
    " salt BLOB CHECK (length(salt) = 32)) STRICT;"

    "CREATE TRIGGER audit_next BEFORE INSERT ON audit"
    " WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log goes on at the next number'); END;"

    "CREATE TRIGGER audit_change BEFORE UPDATE"
    " OF seq, at, actor, act, subject, commitment, outcome, trace_id, leaf ON audit"
    " BEGIN SELECT RAISE(ABORT, 'a record of the audit log cannot be changed'); END;"

    "CREATE TRIGGER audit_salt BEFORE UPDATE OF salt ON audit WHEN NEW.salt IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'a salt of the audit log can only be removed'); END;"

    "CREATE TRIGGER audit_remove BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'a record of the audit log cannot be removed'); END;";
