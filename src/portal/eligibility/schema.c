/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Persons are the exchange's numbers. Of what an insurer answered nothing is kept here but a
 * digest, by which the clinic is told next time that it has changed.
 */
#include "portal/eligibility/schema.h"

const char portal_eligibility_v1[] =
    "CREATE TABLE clinic ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " name_en TEXT NOT NULL,"
    " added_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE clinic_key ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " clinic TEXT NOT NULL REFERENCES clinic (id),"
    " name TEXT NOT NULL,"
    " role TEXT NOT NULL,"
    " hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
    " made_at INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL) STRICT;" /* 0: it is not */
    "CREATE INDEX clinic_key_clinic ON clinic_key (clinic, made_at);"

    "CREATE TABLE eligibility_lookup ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " clinic TEXT NOT NULL REFERENCES clinic (id),"
    " terminal TEXT NOT NULL REFERENCES clinic_key (id),"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " expires_at INTEGER NOT NULL,"
    " method INTEGER NOT NULL," /* 0: no card was shown yet */
    " operator TEXT REFERENCES clinic_key (id),"
    " checked_at INTEGER,"
    " person INTEGER REFERENCES exchange_person (id),"
    " told BLOB,"
    " is_changed INTEGER NOT NULL) STRICT;"
    "CREATE INDEX eligibility_lookup_open ON eligibility_lookup (clinic, expires_at)"
    " WHERE method = 0;"
    "CREATE INDEX eligibility_lookup_person ON eligibility_lookup (person, number);"

    "CREATE TABLE eligibility_consent ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " lookup INTEGER NOT NULL REFERENCES eligibility_lookup (number),"
    " clinic TEXT NOT NULL REFERENCES clinic (id),"
    " person INTEGER NOT NULL REFERENCES exchange_person (id),"
    " kind INTEGER NOT NULL,"
    " given_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " withdrawn_at INTEGER NOT NULL," /* 0: it is not */
    " UNIQUE (lookup, kind)) STRICT;"
    "CREATE INDEX eligibility_consent_person ON eligibility_consent (person, clinic, kind);"

    "CREATE TABLE eligibility_reading ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " consent TEXT NOT NULL REFERENCES eligibility_consent (id),"
    " at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX eligibility_reading_consent ON eligibility_reading (consent, at);";

/* The certificate that a terminal has to show. */
const char portal_eligibility_v2[] = "ALTER TABLE clinic_key ADD COLUMN certificate BLOB"
                                     " CHECK (certificate IS NULL OR length(certificate) = 32);";
