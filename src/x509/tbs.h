/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TBSCertificate (RFC 5280, 4.1.2) as data: what is signed, before and after it is.
 *
 * Parsing copies nothing; every range points into the input. Fields of extensions that are not
 * there are empty. Only v3, one spelling of everything, at most X509_CERT_MAX bytes. Whether the
 * certificate may be believed is not decided here.
 */
#pragma once

#include "crypto/key_kind.h"
#include "x509/holder.h"
#include "x509/limits.h"

/* Bits of keyUsage, numbered as in RFC 5280, 4.2.1.3. */
enum key_usage {
    KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    KEY_USAGE_NON_REPUDIATION = 1 << 1,
    KEY_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    KEY_USAGE_DATA_ENCIPHERMENT = 1 << 3,
    KEY_USAGE_KEY_AGREEMENT = 1 << 4,
    KEY_USAGE_KEY_CERT_SIGN = 1 << 5,
    KEY_USAGE_CRL_SIGN = 1 << 6,
    KEY_USAGE_ENCIPHER_ONLY = 1 << 7,
    KEY_USAGE_DECIPHER_ONLY = 1 << 8,
};

struct tbs_extension {
    enum oid id;      /* OID_UNKNOWN: see oid */
    struct bytes oid; /* content octets */
    bool is_critical;
    struct bytes value; /* contents of extnValue: the DER of the extension */
};

struct tbs_policy {
    struct bytes oid; /* content octets */
    struct bytes cps; /* URI of the CPS qualifier; empty if there is none */
};

struct tbs {
    struct bytes der;                 /* the whole TBSCertificate */
    struct bytes serial;              /* octets of the positive INTEGER, no leading zero */
    struct bytes algorithm;           /* the whole AlgorithmIdentifier of the signature */
    enum key_kind algorithm_kind;     /* of the key that makes it */
    enum digest_alg algorithm_digest; /* its hash */
    struct bytes issuer, subject;     /* the whole Name */
    int64_t not_before, not_after;    /* UTC seconds, both inclusive */
    struct bytes spki;                /* the whole SubjectPublicKeyInfo, not checked: pubkey.h */

    struct tbs_extension extensions[X509_EXTENSIONS_MAX];
    size_t extension_count;
    /* Content octets of the first critical extension that is not understood; else empty. */
    struct bytes unknown_critical;

    bool has_key_usage;
    unsigned key_usage; /* enum key_usage */
    bool has_basic_constraints, is_ca;
    int path_len; /* -1: no pathLenConstraint */
    struct bytes subject_key_id;
    struct bytes authority_key_id;            /* keyIdentifier */
    struct bytes authority_issuer;            /* authorityCertIssuer: the whole Name */
    struct bytes authority_serial;            /* authorityCertSerialNumber: as serial */
    struct bytes purposes[X509_PURPOSES_MAX]; /* extKeyUsage, content octets */
    size_t purpose_count;
    struct tbs_policy policies[X509_POLICIES_MAX];
    size_t policy_count;
    bool has_holder;
    struct holder holder;            /* the six otherNames, if subjectAltName has them */
    struct bytes alt_name;           /* directoryName in subjectAltName: the whole Name */
    struct bytes issuer_alt_name;    /* directoryName in issuerAltName: the whole Name */
    struct bytes distribution_point; /* directoryName of the CRL distribution point */
    struct bytes ocsp_url;
};

/* Trailing bytes, repeated extensions, other spellings, v1 and v2 are ERR_INPUT. */
MUST_CHECK int tbs_parse(struct bytes der, struct tbs *ret, struct err *err);
/* Its Validity. Inside this room only. */
MUST_CHECK int tbs_take_validity(struct bytes *rest, int64_t *ret_not_before,
                                 int64_t *ret_not_after, struct err *err);
/* The serial number, or 0 if it has more than eight octets. */
uint64_t tbs_serial_number(const struct tbs *tbs);
bool tbs_has_policy(const struct tbs *tbs, enum oid policy);
bool tbs_has_purpose(const struct tbs *tbs, enum oid purpose);
/* The extension with this id, or NULL. */
const struct tbs_extension *tbs_find(const struct tbs *tbs, enum oid id);
