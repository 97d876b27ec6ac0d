/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of phones (pki.md 1.6; design 5, F8). The sign key of a card has two keys of a phone
 * certified, with what the card's certificate says of its holder and until it ends. A person has
 * one phone: the next one supersedes it. A phone ends with the card's sign certificate, its sign
 * certificate alone if only the attributes have changed; its auth certificate ends with the card's.
 */
#pragma once

#include "authority/authority.h"
#include "authority/party/link.h"

/* As it came; checked by authority_enrol_phone. */
struct phone_request {
    const char *origin;           /* where the holder reached this authority */
    struct bytes issuer;          /* key identifier of the CA of the card's sign certificate */
    int64_t serial;               /* its number */
    struct bytes csrs[CA_KINDS_]; /* PKCS#10 for the phone's keys; empty to suspend */
    int64_t at;                   /* UTC seconds, by the holder's clock */
    struct bytes nonce;
    struct bytes signature;
    const struct audit_origin *by;
};

/* The certificates of a phone, each as authority_issue gives it. */
struct phone_records {
    struct record of[CA_KINDS_];
};

#define PHONE_RECORDS_INIT                                                                         \
    {                                                                                              \
        .of = { RECORD_INIT, RECORD_INIT }                                                         \
    }
void phone_records_done(struct phone_records *records);

/*
 * Certify a phone's keys. ERR_UNTRUSTED as authority_revoke_by_holder, and for another key than a
 * card's sign key; ERR_CONFLICT if a certificate of the card is over or revoked, or a key is
 * certified already; ERR_INPUT for a request that is none; else as authority_issue. The same
 * request gives the same certificates.
 */
MUST_CHECK int authority_enrol_phone(const struct authority *authority, struct signer *signer,
                                     const struct phone_request *request, struct phone_records *ret,
                                     struct err *err);

/*
 * Suspend the phone that was enrolled by the card: certificateHold for both certificates, of which
 * the auth certificate can be released again. Failures as above; ERR_CONFLICT if there is no
 * phone in force.
 */
MUST_CHECK int authority_suspend_phone(const struct authority *authority,
                                       const struct phone_request *request, struct err *err);

/* The register asks whose phone somebody logged in or signed with. */
struct phone_question {
    struct presented phone;
    bool is_unknown; /* phone was not found: recorded all the same */
    const struct audit_origin *by;
};

/*
 * The certificate of the card that a phone's goes with, and ends with: of an auth certificate the
 * auth certificate, of a sign certificate the sign certificate that enrolled it; recorded whatever
 * the answer is. ERR_ABSENT for every other certificate, and if the card is not known; ERR_CONFLICT
 * if the phone's is revoked, on hold or over.
 */
MUST_CHECK int authority_trace_phone(struct authority_store *store,
                                     const struct phone_question *question, struct presented *ret,
                                     struct err *err);
