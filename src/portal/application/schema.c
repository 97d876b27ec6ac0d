/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/schema.h"

/*
 * owner is "account:ID", or "ticket:" and the hash of a ticket in hexadecimal. name, form and text
 * are the procedure's as they were when the application was begun. round counts submissions; each
 * has its document as it was signed (empty: nobody signed) and what the certificate said of the
 * signer (empty, too).
 */
const char portal_applications_v1[] =
    "CREATE TABLE application ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " owner TEXT NOT NULL,"
    " psid TEXT NOT NULL,"
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " name TEXT NOT NULL,"
    " form TEXT NOT NULL,"
    " answers TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " receipt TEXT UNIQUE,"
    " round INTEGER NOT NULL,"
    " revision INTEGER NOT NULL,"
    " prepared_at INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " changed_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX application_owner ON application (owner, made_at);"
    "CREATE INDEX application_municipality ON application (municipality, changed_at);"

    "CREATE TABLE application_submission ("
    " application TEXT NOT NULL REFERENCES application (id) ON DELETE CASCADE,"
    " round INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " document BLOB NOT NULL,"
    " applicant TEXT NOT NULL,"
    " PRIMARY KEY (application, round)) STRICT;"

    "CREATE TABLE application_file ("
    " application TEXT NOT NULL REFERENCES application (id) ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " kind TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " type TEXT NOT NULL,"
    " digest BLOB NOT NULL CHECK (length(digest) = 32),"
    " content BLOB NOT NULL,"
    " PRIMARY KEY (application, number)) STRICT;"

    "CREATE TABLE application_step ("
    " application TEXT NOT NULL REFERENCES application (id) ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " state TEXT NOT NULL,"
    " note TEXT NOT NULL,"
    " PRIMARY KEY (application, number)) STRICT;"

    "CREATE TABLE application_count ("
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " day TEXT NOT NULL,"
    " count INTEGER NOT NULL,"
    " PRIMARY KEY (municipality, day)) STRICT, WITHOUT ROWID;";

/*
 * What a card is to sign: as the authentication app calls it, and what is shown to the signer.
 * Drafts are looked for by their last change, to let go of old ones, and counted by their owners.
 */
const char portal_application_signings_v1[] =
    "CREATE TABLE application_signing ("
    " application TEXT NOT NULL PRIMARY KEY REFERENCES application (id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " address TEXT NOT NULL,"
    " code TEXT NOT NULL,"
    " expires_at INTEGER NOT NULL) STRICT;"

    "CREATE INDEX application_draft ON application (changed_at) WHERE state = 'draft';"
    "CREATE INDEX application_draft_owner ON application (owner) WHERE state = 'draft';";

/*
 * By which mandate somebody applies for the owner (proxy.h); NULL: he does himself. The kind stands
 * beside it because a mandate that is over is forgotten before its applications are.
 */
const char portal_applications_v2[] =
    "ALTER TABLE application ADD COLUMN mandate TEXT;"
    "ALTER TABLE application ADD COLUMN mandate_kind TEXT"
    " CHECK ((mandate IS NULL) = (mandate_kind IS NULL)"
    " AND coalesce(mandate_kind IN ('given', 'parent', 'guardian'), 1));";

/*
 * What was withdrawn without having been submitted is counted and let go of as drafts are; files of
 * tickets are counted by the day. opened: how often an application was handed to the app to be
 * signed, since there was nothing of it there.
 */
const char portal_applications_v3[] =
    "ALTER TABLE application_signing ADD COLUMN opened INTEGER NOT NULL DEFAULT 1;"
    "DROP INDEX application_draft;"
    "CREATE INDEX application_unsubmitted ON application (changed_at) WHERE receipt IS NULL;"
    "CREATE INDEX application_unsubmitted_owner ON application (owner) WHERE receipt IS NULL;"
    "CREATE INDEX application_ticket ON application (changed_at)"
    " WHERE owner >= 'ticket:' AND owner < 'ticket;';";

/*
 * What a page waits for from a card, before anything is signed (cardread.h): answer is a JWE to the
 * page's key, which is nowhere here.
 */
const char portal_application_readings_v1[] =
    "CREATE TABLE application_reading ("
    " application TEXT NOT NULL PRIMARY KEY REFERENCES application (id) ON DELETE CASCADE,"
    " session TEXT NOT NULL UNIQUE,"
    " code TEXT NOT NULL,"
    " wrong_codes INTEGER NOT NULL,"
    " key TEXT NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'denied')),"
    " answer TEXT NOT NULL) STRICT;"
    "CREATE INDEX application_reading_expiry ON application_reading (expires_at);";

/*
 * What a service prepared (prepared.h), with what it was called then; told: the state that it was
 * told last.
 */
const char portal_application_prepared_v1[] =
    "CREATE TABLE application_prepared ("
    " application TEXT NOT NULL PRIMARY KEY REFERENCES application (id) ON DELETE CASCADE,"
    " client TEXT NOT NULL REFERENCES operator_client (id),"
    " client_name TEXT NOT NULL,"
    " client_name_en TEXT NOT NULL,"
    " told TEXT NOT NULL) STRICT;"
    "CREATE INDEX application_prepared_client ON application_prepared (client);";

/*
 * opened_at: when its owner, or who acts for him, has first asked for it; 0: before that was noted.
 * taken_back_at: when the service did not want it any more.
 */
const char portal_application_prepared_v2[] =
    "ALTER TABLE application_prepared ADD COLUMN opened_at INTEGER;"
    "UPDATE application_prepared SET opened_at = 0;"
    "ALTER TABLE application_prepared ADD COLUMN taken_back_at INTEGER;";
