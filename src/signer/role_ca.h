/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CA key may sign: one CA certificate, its own; under its own name certificates of holders
 * and of its OCSP responders; and its CRLs. Whether a serial number, the number of a CRL or the CA
 * certificate is taken is the ledger's business.
 *
 * The rules are the signer's own and do not use the profiles that certificates are built from, so
 * that one mistake cannot both make a certificate and approve it.
 */
#pragma once

#include "revocation/crl.h"
#include "signer/ledger.h"
#include "signer/limits.h"
#include "x509/tbs.h"

enum { KEY_ID_SIZE = 20 };

struct ca_rules {
    const char *subject; /* the CA's name as name_append_text writes it (RFC 4514) */
    struct buf policies[SIGNERD_POLICIES_MAX]; /* content octets of allowed policies */
    size_t policy_count;
    struct buf purposes[SIGNERD_POLICIES_MAX]; /* allowed in extKeyUsage */
    size_t purpose_count;
    int64_t subject_bits;   /* size of RSA keys in certificates, exactly */
    int64_t ca_days;        /* the longest validity of the CA certificate */
    int64_t days;           /* of certificates of holders */
    int64_t responder_days; /* of an OCSP responder's */
    int64_t crl_days;       /* from thisUpdate to nextUpdate of a CRL */
};

/* The key that is to sign. */
struct ca_self {
    struct bytes spki;
    uint8_t key_id[KEY_ID_SIZE];
    const struct tbs *certificate; /* its CA certificate; NULL before it is made */
};

/*
 * ERR_UNTRUSTED with one sentence unless the key may sign tbs. *ret_kind says what it is: CA:TRUE
 * is judged by the rules for a CA certificate, the purpose OCSPSigning by those for a responder's,
 * feedSigning by those for a signer of feeds, all else by those for certificates of holders.
 */
MUST_CHECK int role_ca_check(const struct ca_rules *rules, const struct ca_self *self,
                             const struct tbs *tbs, enum ledger_kind *ret_kind, struct err *err);
/* The same for a CRL, but for its entries. *ret_number is its cRLNumber. */
MUST_CHECK int role_ca_check_list(const struct ca_rules *rules, const struct ca_self *self,
                                  const struct crl *crl, uint32_t *ret_number, struct err *err);
/*
 * And for each of its entries: ascending, each once, nothing revoked after the list was made. *last
 * is the serial number of the entry before, 0 at first.
 */
MUST_CHECK int role_ca_check_entry(uint32_t *last, const struct crl *crl,
                                   const struct revocation *entry, struct err *err);
