/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table holds content octets (X.690, 8.19), because that is what certificates are compared
 * with; the dotted text is derived.
 */
#include "x509/oids.h"

#include "base/bytes.h"
#include "x509/limits.h"

#include <stdlib.h>

struct row {
    const char *name;
    struct bytes der;
};

/* clang-format off */
#define ROW(id, name, octets) [id] = {name, {(const uint8_t *)(octets), sizeof(octets) - 1}}

static const struct row rows[OIDS_] = {
    [OID_UNKNOWN] = {"unknown", {NULL, 0}},

    /* 2.5.4 */
    ROW(OID_COMMON_NAME, "CN", "\x55\x04\x03"),
    ROW(OID_COUNTRY, "C", "\x55\x04\x06"),
    ROW(OID_LOCALITY, "L", "\x55\x04\x07"),
    ROW(OID_STATE, "ST", "\x55\x04\x08"),
    ROW(OID_ORGANIZATION, "O", "\x55\x04\x0a"),
    ROW(OID_ORGANIZATIONAL_UNIT, "OU", "\x55\x04\x0b"),

    /* 1.2.840.113549.1.1 */
    ROW(OID_RSA_ENCRYPTION, "rsaEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
    ROW(OID_SHA1_WITH_RSA, "sha1WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"),
    ROW(OID_SHA256_WITH_RSA, "sha256WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"),
    ROW(OID_SHA384_WITH_RSA, "sha384WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"),
    ROW(OID_SHA512_WITH_RSA, "sha512WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"),
    ROW(OID_MGF1, "id-mgf1", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"),
    ROW(OID_RSASSA_PSS, "id-RSASSA-PSS", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"),
    /* 1.2.840.10045.4.3.3 (RFC 5758, 3.2) */
    ROW(OID_ECDSA_WITH_SHA384, "ecdsa-with-SHA384", "\x2a\x86\x48\xce\x3d\x04\x03\x03"),
    /* 1.3.14.3.2.26, 2.16.840.1.101.3.4.2 */
    ROW(OID_SHA1, "SHA-1", "\x2b\x0e\x03\x02\x1a"),
    ROW(OID_SHA256, "SHA-256", "\x60\x86\x48\x01\x65\x03\x04\x02\x01"),
    ROW(OID_SHA384, "SHA-384", "\x60\x86\x48\x01\x65\x03\x04\x02\x02"),
    ROW(OID_SHA512, "SHA-512", "\x60\x86\x48\x01\x65\x03\x04\x02\x03"),

    /* 2.5.29 */
    ROW(OID_SUBJECT_KEY_ID, "subjectKeyIdentifier", "\x55\x1d\x0e"),
    ROW(OID_KEY_USAGE, "keyUsage", "\x55\x1d\x0f"),
    ROW(OID_SUBJECT_ALT_NAME, "subjectAltName", "\x55\x1d\x11"),
    ROW(OID_ISSUER_ALT_NAME, "issuerAltName", "\x55\x1d\x12"),
    ROW(OID_BASIC_CONSTRAINTS, "basicConstraints", "\x55\x1d\x13"),
    ROW(OID_CRL_NUMBER, "cRLNumber", "\x55\x1d\x14"),
    ROW(OID_CRL_REASON, "reasonCode", "\x55\x1d\x15"),
    ROW(OID_ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint", "\x55\x1d\x1c"),
    ROW(OID_CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints", "\x55\x1d\x1f"),
    ROW(OID_CERTIFICATE_POLICIES, "certificatePolicies", "\x55\x1d\x20"),
    ROW(OID_AUTHORITY_KEY_ID, "authorityKeyIdentifier", "\x55\x1d\x23"),
    ROW(OID_EXT_KEY_USAGE, "extKeyUsage", "\x55\x1d\x25"),
    /* 1.3.6.1.5.5.7 */
    ROW(OID_AUTHORITY_INFO_ACCESS, "authorityInfoAccess", "\x2b\x06\x01\x05\x05\x07\x01\x01"),
    ROW(OID_AD_OCSP, "id-ad-ocsp", "\x2b\x06\x01\x05\x05\x07\x30\x01"),
    ROW(OID_QT_CPS, "id-qt-cps", "\x2b\x06\x01\x05\x05\x07\x02\x01"),
    ROW(OID_CLIENT_AUTH, "id-kp-clientAuth", "\x2b\x06\x01\x05\x05\x07\x03\x02"),
    ROW(OID_OCSP_SIGNING, "id-kp-OCSPSigning", "\x2b\x06\x01\x05\x05\x07\x03\x09"),
    ROW(OID_OCSP_BASIC, "id-pkix-ocsp-basic", "\x2b\x06\x01\x05\x05\x07\x30\x01\x01"),
    ROW(OID_OCSP_NONCE, "id-pkix-ocsp-nonce", "\x2b\x06\x01\x05\x05\x07\x30\x01\x02"),
    ROW(OID_OCSP_NOCHECK, "id-pkix-ocsp-nocheck", "\x2b\x06\x01\x05\x05\x07\x30\x01\x05"),

    /* 2.999.1.1 */
    ROW(OID_FEED_SIGNING, "feedSigning", "\x88\x37\x01\x01"),

    /* 1.2.392.200149.8.5.1 */
    ROW(OID_POLICY_SIGN, "JPKI sign policy", "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x01\x01\x14"),
    ROW(OID_POLICY_SIGN_TEST, "JPKI test sign policy",
        "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x01\x00\x14"),
    ROW(OID_POLICY_AUTH, "JPKI auth policy", "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x01\x03\x1e"),
    /* 1.2.392.200149.8.5.5 */
    ROW(OID_HOLDER_NAME, "commonName", "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05\x01"),
    ROW(OID_HOLDER_NAME_SUBSTITUTES, "substituteCharacterOfCommonName",
        "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05\x02"),
    ROW(OID_HOLDER_SEX, "gender", "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05\x03"),
    ROW(OID_HOLDER_BIRTH, "dateOfBirth", "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05\x04"),
    ROW(OID_HOLDER_ADDRESS, "address", "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05\x05"),
    ROW(OID_HOLDER_ADDRESS_SUBSTITUTES, "substituteCharacterOfAddress",
        "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05\x06"),

    /* 1.2.840.113549.1.7, 1.2.840.113549.1.9 */
    ROW(OID_CMS_DATA, "id-data", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
    ROW(OID_CMS_SIGNED_DATA, "id-signedData", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
    ROW(OID_CONTENT_TYPE, "contentType", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"),
    ROW(OID_MESSAGE_DIGEST, "messageDigest", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"),
    ROW(OID_SIGNING_TIME, "signingTime", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"),
    ROW(OID_SIGNING_CERTIFICATE_V2, "signingCertificateV2",
        "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f"),
};
/* clang-format on */

struct bytes oid_der(enum oid oid)
{
    return rows[oid].der;
}

const char *oid_name(enum oid oid)
{
    return rows[oid].name;
}

enum oid oid_find(struct bytes der)
{
    uint8_t last = der.len == 0 ? 0 : der.ptr[der.len - 1];

    for (int i = OID_UNKNOWN + 1; i < OIDS_; i++)
        if (rows[i].der.len == der.len && rows[i].der.ptr[der.len - 1] == last &&
            bytes_equal(rows[i].der, der))
            return (enum oid)i;
    return OID_UNKNOWN;
}

/* One base-128 number off *rest, in its shortest form (X.690, 8.19.2). */
static bool take_arc(struct bytes *rest, uint64_t *ret)
{
    uint64_t arc = 0;
    size_t used = 0;

    do {
        if (used == rest->len || (used == 0 && rest->ptr[0] == 0x80) || arc > UINT64_MAX >> 7)
            return false;
        arc = arc << 7 | (rest->ptr[used] & 0x7f);
    } while ((rest->ptr[used++] & 0x80) != 0);
    *rest = bytes_part(*rest, used, rest->len);
    *ret = arc;
    return true;
}

bool oid_is_valid(struct bytes der)
{
    uint64_t arc;

    if (der.len == 0 || der.len > X509_OID_MAX)
        return false;
    while (der.len > 0) {
        if (der.ptr[0] < 0x80) /* most numbers have one octet */
            der = (struct bytes){der.ptr + 1, der.len - 1};
        else if (!take_arc(&der, &arc))
            return false;
    }
    return true;
}

int oid_append_text(struct buf *buf, struct bytes der, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    uint64_t arc = 0;
    unsigned top;

    if (!oid_is_valid(der))
        return FAIL(err, ERR_INPUT, "a malformed object identifier (X.690, 8.19)");
    (void)take_arc(&der, &arc);
    top = arc < 40 ? 0 : arc < 80 ? 1 : 2;
    TRY(buf_append_format(&text, err, "%u.%llu", top, (unsigned long long)(arc - 40 * top)));
    while (take_arc(&der, &arc))
        TRY(buf_append_format(&text, err, ".%llu", (unsigned long long)arc));
    return buf_append(buf, buf_bytes(&text), err);
}

static int put_arc(struct buf *out, uint64_t arc, struct err *err)
{
    int shift = 63;

    while (shift > 0 && arc >> shift == 0)
        shift -= 7;
    for (; shift >= 0; shift -= 7)
        TRY(buf_append_byte(out, (uint8_t)((arc >> shift & 0x7f) | (shift > 0 ? 0x80 : 0)), err));
    return 0;
}

/* A decimal number without leading zeros and the stop behind it, if there is one. */
static int parse_arc(const char **text, uint64_t *ret, struct err *err)
{
    const char *p = *text;
    uint64_t arc = 0;

    if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9'))
        return FAIL(err, ERR_INPUT, "an object identifier is written like 1.2.392.200149");
    for (; *p >= '0' && *p <= '9'; p++) {
        if (arc > (UINT64_MAX >> 1) / 10)
            return FAIL(err, ERR_INPUT, "an object identifier with too large a number");
        arc = arc * 10 + (uint64_t)(*p - '0');
    }
    if (*p == '.' && p[1] != '\0')
        p++;
    else if (*p != '\0')
        return FAIL(err, ERR_INPUT, "an object identifier is written like 1.2.392.200149");
    *text = p;
    *ret = arc;
    return 0;
}

int oid_from_text(const char *text, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    uint64_t top;
    uint64_t arc;

    TRY(parse_arc(&text, &top, err));
    TRY(parse_arc(&text, &arc, err));
    if (top > 2 || (top < 2 && arc > 39))
        return FAIL(err, ERR_INPUT, "no object identifier begins so (X.690, 8.19.4)");
    TRY(put_arc(&out, top * 40 + arc, err));
    while (*text != '\0') {
        TRY(parse_arc(&text, &arc, err));
        TRY(put_arc(&out, arc, err));
    }
    if (out.len > X509_OID_MAX)
        return FAIL(err, ERR_INPUT, "an object identifier of more than %d bytes", X509_OID_MAX);
    buf_move(ret, &out);
    return 0;
}
