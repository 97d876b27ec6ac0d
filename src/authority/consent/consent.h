/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consents to the latest attributes (pki.md 5). The document is what the holder signs with the sign
 * key, for one service, naming the attributes; a form of our own, as the real one is not public:
 *
 *   {"type":"OpenJPKI consent v1","verifier":"pf","provider":"bank","service":"accounts",
 *    "attributes":["name","address"],"at":1790000000}
 *
 * and for its end "OpenJPKI consent withdrawal v1", without attributes: so with a CMS signature, as
 * programs make it for files. Signed by a card alone it is XML (docsign/consent_xml.h) with the raw
 * signature and the certificate beside it. It counts for ten years
 * from the next day in Japan, however often certificates are revoked meanwhile.
 */
#pragma once

#include "authority/authority.h"
#include "authority/party/party.h"
#include "docsign/consent_xml.h"
#include "http/problem.h"

struct consent_document {
    bool is_withdrawal;
    const char *verifier, *provider, *service; /* live as long as the JSON */
    unsigned attributes;                       /* bits; 0 in a withdrawal */
    int64_t at;                                /* when it was signed, says whoever signed */
};

/* ERR_INPUT for anything but exactly such a document. */
MUST_CHECK int consent_parse(const struct json *json, struct consent_document *ret,
                             struct err *err);

/* The term of a consent by the moment that decides its first day. */
struct consent_term {
    int64_t from, until; /* UTC seconds, both inclusive: 00:00:00 and 23:59:59 in Japan */
};

/* What a verifier hands on. */
struct consent_order {
    const struct party *party;
    struct bytes document, signature; /* JSON and CMS, or XML and a raw signature */
    struct bytes certificate;         /* beside the latter; empty: CMS */
    int64_t received_at;              /* when the provider had it; 0: not said */
    const struct audit_origin *by;
};

enum { CONSENT_ID_LEN = 32 };

/* Refusals that a verifier's programs can tell apart, by their places. */
enum consent_problem {
    CONSENT_OTHER_VERIFIER,
    CONSENT_NOT_NOTIFIED,
    CONSENT_DUPLICATE,
    CONSENT_OUTDATED,
    CONSENT_NONE,
    CONSENT_SIGNER,
    CONSENT_STALE,
};
extern const struct http_problem consent_problems[];

struct consent {
    char id[CONSENT_ID_LEN + 1];
    struct consent_term term;
    int64_t withdrawn_at; /* 0: not */
    bool is_new;          /* this call has changed something */
};

/*
 * Keep a consent, or end one, by the document of its holder. The same document again gives what
 * there is. ERR_UNTRUSTED unless it is signed by the key of a sign certificate that was issued
 * here, is valid and not revoked now, not more than CONSENT_DAYS ago; ERR_DENIED unless it is for
 * this verifier and a service it has given notice of; ERR_CONFLICT for a consent while there is
 * another for more than CONSENT_RENEWAL_DAYS, ERR_ABSENT for the withdrawal of none.
 */
MUST_CHECK int authority_take_consent(const struct authority *authority,
                                      const struct consent_order *order, struct consent *ret,
                                      struct err *err);

/* What the store is asked to keep: checked, but for what only a transaction can see. */
struct consent_record {
    const struct party *party;
    struct consent_document document;
    struct bytes text, signature;
    struct bytes certificate; /* kept beside a signature that does not hold it; else empty */
    struct digest digest;     /* of text and of who signed it; the store fills it in */
    uint32_t serial;          /* of the sign certificate */
    struct consent_term term;
    const struct audit_origin *by;
};
MUST_CHECK int authority_keep_consent(struct authority_store *store,
                                      const struct consent_record *record, struct consent *ret,
                                      struct err *err);

/* A holder withdraws a consent, by its id. ERR_ABSENT unless there is one of this person. */
struct holder_certificate {
    enum ca_kind kind;
    uint32_t serial;
};
MUST_CHECK int authority_withdraw_consent(struct authority_store *store,
                                          const struct holder_certificate *holder, const char *id,
                                          const struct audit_origin *by, struct consent *ret,
                                          struct err *err);
/*
 * What a person has consented to and what was handed out: the body of an answer. ERR_UNTRUSTED
 * for a certificate that is revoked or over.
 */
MUST_CHECK int authority_list_consents(struct authority_store *store,
                                       const struct holder_certificate *holder,
                                       const struct audit_origin *by, struct json **ret,
                                       struct err *err);

/*
 * What became of the consents to a provider's services behind a number: the body of an answer.
 * ERR_ABSENT unless it is the polling id of a provider of this verifier.
 */
MUST_CHECK int authority_poll_consents(struct authority_store *store, const struct party *party,
                                       const char *polling_id, int64_t since, struct json **ret,
                                       struct err *err);
