/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates belong to one person (pki.md 4, 12): told to a verifier for one certificate
 * that it presents, never in bulk, and each answer leaves a record. From an old certificate to the
 * newest of its kind and from a new one to the one before it; between the kinds only to a verifier
 * of both. A certificate that the register named nobody for leads nowhere.
 */
#pragma once

#include "authority/authority.h"
#include "authority/party/party.h"

/* A certificate that somebody presents: as DER, or by key identifier of its CA and number. */
struct presented {
    enum ca_kind kind;
    uint32_t serial;
};

/*
 * Find it. ERR_ABSENT if it was not issued here: another CA's, or not byte for byte the one that
 * was; ERR_INPUT for what names none.
 */
MUST_CHECK int presented_read(const struct authority *authority, const struct json *json,
                              struct presented *ret, struct err *err);

enum link_want { LINK_NEWEST, LINK_BEFORE, LINK_COUNTERPART, LINK_WANTS_ };
extern const char *const link_wants[]; /* "newest", "before", "counterpart", NULL */

enum link_outcome {
    LINK_FOUND,
    LINK_NONE,    /* it is the newest, or there is none before it, or of the other kind */
    LINK_UNKNOWN, /* no such certificate */
    LINK_OUTCOMES_
};
extern const char *const link_outcomes[]; /* "found", "none", "unknown", NULL */

struct link {
    enum link_outcome outcome;
    struct presented other; /* where it leads; set for LINK_FOUND */
};

struct link_question {
    const struct party *party;
    struct presented presented;
    bool is_unknown; /* presented was not found: recorded and answered all the same */
    enum link_want want;
    const struct audit_origin *by;
};

/* ERR_DENIED for a verifier that may not ask about this kind, or not both. */
MUST_CHECK int authority_answer_link(struct authority_store *store,
                                     const struct link_question *question, struct link *ret,
                                     struct err *err);

/* For the store: the same without a record. */
struct db_txn;
MUST_CHECK int link_find(struct db_txn *txn, const struct presented *presented, enum link_want want,
                         struct link *ret, struct err *err);
