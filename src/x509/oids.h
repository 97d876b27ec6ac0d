/* SPDX-License-Identifier: Apache-2.0 */
/* Every object identifier of this tree, in one table. */
#pragma once

#include "base/bytes.h"

enum oid {
    OID_UNKNOWN, /* none of ours */

    /* attributes of names, X.520 */
    OID_COMMON_NAME,
    OID_COUNTRY,
    OID_LOCALITY,
    OID_STATE,
    OID_ORGANIZATION,
    OID_ORGANIZATIONAL_UNIT,

    /* algorithms, RFC 8017 and RFC 5754 */
    OID_RSA_ENCRYPTION,
    OID_SHA1_WITH_RSA,
    OID_SHA256_WITH_RSA,
    OID_SHA384_WITH_RSA,
    OID_SHA512_WITH_RSA,
    OID_ECDSA_WITH_SHA384,
    OID_RSASSA_PSS,
    OID_MGF1,
    OID_SHA1,
    OID_SHA256,
    OID_SHA384,
    OID_SHA512,

    /* extensions and what is in them, RFC 5280, 4.2 */
    OID_SUBJECT_KEY_ID,
    OID_KEY_USAGE,
    OID_SUBJECT_ALT_NAME,
    OID_ISSUER_ALT_NAME,
    OID_BASIC_CONSTRAINTS,
    OID_CRL_DISTRIBUTION_POINTS,
    OID_CERTIFICATE_POLICIES,
    OID_AUTHORITY_KEY_ID,
    OID_EXT_KEY_USAGE,
    OID_AUTHORITY_INFO_ACCESS,
    OID_AD_OCSP,
    OID_QT_CPS,
    OID_CLIENT_AUTH,
    OID_OCSP_SIGNING,

    /* OCSP, RFC 6960, 4.4 */
    OID_OCSP_BASIC,
    OID_OCSP_NONCE,
    OID_OCSP_NOCHECK,

    /* extensions of revocation lists and their entries, RFC 5280, 5.2 and 5.3 */
    OID_CRL_NUMBER,
    OID_CRL_REASON,
    OID_ISSUING_DISTRIBUTION_POINT,

    /* certificate policies, pki.md 1.5 */
    OID_POLICY_SIGN,      /* the real sign certificate on a card */
    OID_POLICY_SIGN_TEST, /* the same of the test hierarchy: ours */
    OID_POLICY_AUTH,

    /* OpenJPKI's own, below the arc for examples (ITU-T X.660, A.3): to sign revocation feeds */
    OID_FEED_SIGNING,

    /* personal data in subjectAltName, pki.md 1.4 */
    OID_HOLDER_NAME,
    OID_HOLDER_NAME_SUBSTITUTES,
    OID_HOLDER_SEX,
    OID_HOLDER_BIRTH,
    OID_HOLDER_ADDRESS,
    OID_HOLDER_ADDRESS_SUBSTITUTES,

    /* CMS, RFC 5652 and RFC 5035 */
    OID_CMS_DATA,
    OID_CMS_SIGNED_DATA,
    OID_CONTENT_TYPE,
    OID_MESSAGE_DIGEST,
    OID_SIGNING_TIME,
    OID_SIGNING_CERTIFICATE_V2,

    OIDS_ /* how many there are */
};

/* Content octets of the OBJECT IDENTIFIER, without tag and length. */
struct bytes oid_der(enum oid oid);
/* "CN", "sha256WithRSAEncryption", "keyUsage": the name in its specification. */
const char *oid_name(enum oid oid);
/* OID_UNKNOWN if it is not in the table. */
enum oid oid_find(struct bytes der);
/* Whether these are content octets of at most X509_OID_MAX bytes (X.690, 8.19). */
bool oid_is_valid(struct bytes der);
/* Content octets to "1.2.392…", appended. ERR_INPUT for malformed content. */
MUST_CHECK int oid_append_text(struct buf *buf, struct bytes der, struct err *err);
/* "1.2.392…" to content octets. */
MUST_CHECK int oid_from_text(const char *text, struct buf *ret, struct err *err);
