/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists as data (RFC 5280, 5): taken apart without copies.
 *
 * Only what JPKI's lists have: v2, RSASSA-PKCS1-v1_5, authorityKeyIdentifier, cRLNumber and an
 * optional critical issuingDistributionPoint with a directoryName (pki.md 2); serial numbers of at
 * most four octets and the seven reasons. Delta, indirect and onlySomeReasons lists are refused by
 * name. General lists go through libcrypto (verify/), not through here.
 */
#pragma once

#include "crypto/pubkey.h"
#include "revocation/entry.h"
#include "revocation/limits.h"

enum crl_scope {
    CRL_SCOPE_ALL,   /* no issuingDistributionPoint flag: everything the CA issued */
    CRL_SCOPE_USERS, /* onlyContainsUserCerts */
    CRL_SCOPE_CAS,   /* onlyContainsCACerts: an ARL */
};

struct crl {
    struct bytes der;                 /* the whole CertificateList */
    struct bytes tbs;                 /* the whole TBSCertList: what is signed */
    enum digest_alg digest;           /* hash of the signature */
    struct bytes issuer;              /* the whole Name */
    int64_t this_update, next_update; /* UTC seconds */
    struct bytes entries;             /* contents of revokedCertificates; may be empty */
    struct bytes authority_key_id;    /* keyIdentifier */
    struct bytes number;              /* octets of cRLNumber, no leading zero; empty for 0 */
    struct bytes distribution_point;  /* the whole Name of the IDP; empty: none */
    enum crl_scope scope;
    struct bytes signature;
};

/*
 * Take a list apart; ranges point into der. Entries are not looked at yet. limit is the most bytes
 * the caller is willing to hash before the signature is known to be good (ERR_INPUT above it).
 */
MUST_CHECK int crl_parse(struct bytes der, size_t limit, struct crl *ret, struct err *err);
/* A TBSCertList alone: der, signature stay empty. */
MUST_CHECK int crl_parse_tbs(struct bytes tbs, struct crl *ret, struct err *err);
/*
 * Its two ends, for who has not all of it (crl_stream.h): what is before revokedCertificates, taken
 * off *rest, and what is behind it, to the end.
 */
MUST_CHECK int crl_read_front(struct bytes *rest, struct crl *crl, struct err *err);
MUST_CHECK int crl_read_back(struct bytes rest, struct crl *crl, struct err *err);
/* ERR_UNTRUSTED unless key signed the list. SHA-1 is refused. */
MUST_CHECK int crl_verify(const struct crl *crl, const struct pubkey *key, struct err *err);
/* Asked now and then while a long list is read; its failure ends the reading. */
struct crl_watch {
    int (*look)(void *context, struct err *err);
    void *context;
};
/* The same; watch may be NULL. */
MUST_CHECK int crl_verify_watched(const struct crl *crl, const struct pubkey *key,
                                  const struct crl_watch *watch, struct err *err);
/*
 * Take one entry off *entries (start with crl->entries). ERR_ABSENT at the end; ERR_INPUT for a
 * malformed one, a removeFromCRL and unknown critical entry extensions.
 */
MUST_CHECK int crl_next(struct bytes *entries, struct revocation *ret, struct err *err);
/* The number as an integer; ERR_INPUT if it has more than eight octets. */
MUST_CHECK int crl_number(const struct crl *crl, uint64_t *ret, struct err *err);
