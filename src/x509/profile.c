/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles and how their certificates are built. Each extension is a row with a function
 * that makes its value; checking a certificate (profile_check.c) makes the values again from what
 * the certificate says and compares, so there is one description of the shape and no second.
 */
#include "crypto/pubkey.h"
#include "x509/algorithm.h"
#include "x509/name.h"
#include "x509/profile_row.h"

#include <stdio.h>
#include <string.h>

#define ORGANIZATION     "OpenJPKI TEST"
#define AUTHORITY_UNIT   "OpenJPKI TEST Certification Authority"
#define ALT_ORGANIZATION "OpenJPKI TEST 公的個人認証サービス（試験用・非公式）"
#define ALT_AUTHORITY    "OpenJPKI TEST 認証局"
#define CPS_URL          "http://www.openjpki.test/cps.html"
#define POINTS_UNIT      "CRL Distribution Points"
#define RESPONDER_NAME   "OpenJPKI TEST OCSP Responder"
#define FEED_NAME        "OpenJPKI TEST Revocation Feed"

enum { VERSION_3 = 2, POINT_NAME_MAX = ROMAJI_MAX + 8, KEY_ID_SIZE = 20 };

/* pki.md 1.1 and 1.3 */
enum { PROFILE_RSA_BITS = 2048 };

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static bool is_romaji(const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);

    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z') ||
              text[i] == '-' || text[i] == '\'' || text[i] == ' '))
            return false;
    return len >= 1 && len <= ROMAJI_MAX;
}

/* Append the DER of a name. */
static int put_name(struct buf *out, const struct name_row *rows, size_t count, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    TRY(name_build(rows, count, &name, err));
    return buf_append(out, buf_bytes(&name), err);
}

static int put_issuer(const struct profile *profile, struct buf *out, struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, profile->organization},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, profile->unit},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, AUTHORITY_UNIT},
    };

    return put_name(out, rows, COUNT(rows), err);
}

static int put_alt_name(const struct profile *profile, struct buf *out, struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, ALT_ORGANIZATION},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, profile->alt_unit},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, ALT_AUTHORITY},
    };

    return put_name(out, rows, COUNT(rows), err);
}

static int subject_of_ca(const struct profile *profile, const struct profile_inputs *inputs,
                         struct buf *out, struct err *err)
{
    (void)inputs;
    return put_issuer(profile, out, err);
}

static int subject_of_sign(const struct profile *profile, const struct profile_inputs *inputs,
                           struct buf *out, struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_LOCALITY, DER_UTF8_STRING, inputs->prefecture},
        {OID_LOCALITY, DER_UTF8_STRING, inputs->municipality},
        {OID_COMMON_NAME, DER_UTF8_STRING, inputs->common_name},
    };

    (void)profile;
    if (!is_romaji(inputs->prefecture) || !is_romaji(inputs->municipality))
        return FAIL(err, ERR_INPUT, "prefecture and municipality are written in romaji");
    if (inputs->common_name == NULL || !is_common_name_sign(inputs->common_name))
        return FAIL(err, ERR_INPUT, "the common name is not that of a sign certificate");
    return put_name(out, rows, COUNT(rows), err);
}

static int subject_of_auth(const struct profile *profile, const struct profile_inputs *inputs,
                           struct buf *out, struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_COMMON_NAME, DER_UTF8_STRING, inputs->common_name},
    };

    (void)profile;
    if (inputs->common_name == NULL || !is_common_name_auth(inputs->common_name))
        return FAIL(err, ERR_INPUT, "the common name is not that of an auth certificate");
    return put_name(out, rows, COUNT(rows), err);
}

/* Of what the CA has appointed to something. */
static int put_appointed(const struct profile *profile, const char *common_name, struct buf *out,
                         struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, profile->organization},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, profile->unit},
        {OID_COMMON_NAME, DER_UTF8_STRING, common_name},
    };

    return put_name(out, rows, COUNT(rows), err);
}

static int subject_of_responder(const struct profile *profile, const struct profile_inputs *inputs,
                                struct buf *out, struct err *err)
{
    (void)inputs;
    return put_appointed(profile, RESPONDER_NAME, out, err);
}

static int subject_of_feed(const struct profile *profile, const struct profile_inputs *inputs,
                           struct buf *out, struct err *err)
{
    (void)inputs;
    return put_appointed(profile, FEED_NAME, out, err);
}

static int build_key_usage(const struct profile *profile, const struct profile_inputs *inputs,
                           struct buf *out, struct err *err)
{
    (void)inputs;
    return der_put_named_bits(out, profile->key_usage, err);
}

/* RFC 5280, 4.2.1.12: one purpose. */
static int put_purpose(enum oid purpose, struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, purpose, err));
    return der_finish(out, mark, err);
}

static int build_client_auth(const struct profile *profile, const struct profile_inputs *inputs,
                             struct buf *out, struct err *err)
{
    (void)profile;
    (void)inputs;
    return put_purpose(OID_CLIENT_AUTH, out, err);
}

static int build_ocsp_signing(const struct profile *profile, const struct profile_inputs *inputs,
                              struct buf *out, struct err *err)
{
    (void)profile;
    (void)inputs;
    return put_purpose(OID_OCSP_SIGNING, out, err);
}

static int build_feed_signing(const struct profile *profile, const struct profile_inputs *inputs,
                              struct buf *out, struct err *err)
{
    (void)profile;
    (void)inputs;
    return put_purpose(OID_FEED_SIGNING, out, err);
}

/* RFC 6960, 4.2.2.2.1: nobody asks a responder about itself. */
static int build_nocheck(const struct profile *profile, const struct profile_inputs *inputs,
                         struct buf *out, struct err *err)
{
    (void)profile;
    (void)inputs;
    return der_put(out, DER_NULL, (struct bytes){NULL, 0}, err);
}

static int build_holder(const struct profile *profile, const struct profile_inputs *inputs,
                        struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT;

    (void)profile;
    if (inputs->holder == NULL)
        return FAIL(err, ERR_USAGE, "a sign certificate needs its holder's attributes");
    TRY(holder_build(inputs->holder, &names, err));
    return buf_append(out, buf_bytes(&names), err);
}

/* GeneralNames with the CA's alternative name as directoryName. */
static int build_alt_name(const struct profile *profile, const struct profile_inputs *inputs,
                          struct buf *out, struct err *err)
{
    size_t names;
    size_t name;

    (void)inputs;
    TRY(der_begin(out, DER_SEQUENCE, &names, err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(4), &name, err));
    TRY(put_alt_name(profile, out, err));
    TRY(der_finish(out, name, err));
    return der_finish(out, names, err);
}

/* RFC 5280, 4.2.1.9: cA TRUE, no pathLenConstraint. */
static int build_basic_constraints(const struct profile *profile,
                                   const struct profile_inputs *inputs, struct buf *out,
                                   struct err *err)
{
    size_t mark;

    (void)profile;
    (void)inputs;
    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_true(out, err));
    return der_finish(out, mark, err);
}

/* RFC 5280, 4.2.1.4: one policy with one CPS qualifier. */
static int build_policies(const struct profile *profile, const struct profile_inputs *inputs,
                          struct buf *out, struct err *err)
{
    size_t marks[4];

    (void)inputs;
    TRY(der_begin(out, DER_SEQUENCE, &marks[0], err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[1], err));
    TRY(der_put_oid(out, profile->policy, err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[2], err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[3], err));
    TRY(der_put_oid(out, OID_QT_CPS, err));
    TRY(der_put(out, DER_IA5_STRING, bytes_text(CPS_URL), err));
    for (size_t i = COUNT(marks); i > 0; i--)
        TRY(der_finish(out, marks[i - 1], err));
    return 0;
}

/* RFC 5280, 4.2.1.13: one point, fullName, directoryName; put writes the Name. */
static int build_point(const struct profile *profile, const struct profile_inputs *inputs,
                       int (*put)(const struct profile *, const struct profile_inputs *,
                                  struct buf *, struct err *),
                       struct buf *out, struct err *err)
{
    static const uint8_t tags[] = {DER_SEQUENCE, DER_SEQUENCE, DER_CONTEXT_CONSTRUCTED(0),
                                   DER_CONTEXT_CONSTRUCTED(0), DER_CONTEXT_CONSTRUCTED(4)};
    size_t marks[COUNT(tags)];

    for (size_t i = 0; i < COUNT(tags); i++)
        TRY(der_begin(out, tags[i], &marks[i], err));
    TRY(put(profile, inputs, out, err));
    for (size_t i = COUNT(tags); i > 0; i--)
        TRY(der_finish(out, marks[i - 1], err));
    return 0;
}

static int build_point_of_ca(const struct profile *profile, const struct profile_inputs *inputs,
                             struct buf *out, struct err *err)
{
    return build_point(profile, inputs, subject_of_ca, out, err);
}

/* "Kobe-shi CRLDP" */
static int point_name(const char *place, char ret[POINT_NAME_MAX], struct err *err)
{
    if (!is_romaji(place))
        return FAIL(err, ERR_INPUT, "the place of a CRL is written in romaji");
    (void)snprintf(ret, POINT_NAME_MAX, "%s CRLDP", place);
    return 0;
}

/* Per municipality (pki.md 1.3). */
static int put_sign_point(const struct profile *profile, const struct profile_inputs *inputs,
                          struct buf *out, struct err *err)
{
    char name[POINT_NAME_MAX];
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, profile->organization},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, profile->unit},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, POINTS_UNIT},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, inputs->prefecture},
        {OID_COMMON_NAME, DER_UTF8_STRING, name},
    };

    TRY(point_name(inputs->municipality, name, err));
    return put_name(out, rows, COUNT(rows), err);
}

/* Per prefecture (pki.md 1.3). */
static int put_auth_point(const struct profile *profile, const struct profile_inputs *inputs,
                          struct buf *out, struct err *err)
{
    char name[POINT_NAME_MAX];
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, profile->organization},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, profile->unit},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, POINTS_UNIT},
        {OID_COMMON_NAME, DER_UTF8_STRING, name},
    };

    TRY(point_name(inputs->prefecture, name, err));
    return put_name(out, rows, COUNT(rows), err);
}

static int build_sign_point(const struct profile *profile, const struct profile_inputs *inputs,
                            struct buf *out, struct err *err)
{
    return build_point(profile, inputs, put_sign_point, out, err);
}

static int build_auth_point(const struct profile *profile, const struct profile_inputs *inputs,
                            struct buf *out, struct err *err)
{
    return build_point(profile, inputs, put_auth_point, out, err);
}

static int build_info_access(const struct profile *profile, const struct profile_inputs *inputs,
                             struct buf *out, struct err *err)
{
    size_t list;
    size_t access;

    (void)inputs;
    TRY(der_begin(out, DER_SEQUENCE, &list, err));
    TRY(der_begin(out, DER_SEQUENCE, &access, err));
    TRY(der_put_oid(out, OID_AD_OCSP, err));
    TRY(der_put(out, DER_CONTEXT(6), bytes_text(profile->ocsp_url), err));
    TRY(der_finish(out, access, err));
    return der_finish(out, list, err);
}

/* RFC 5280, 4.2.1.1, with issuer and serial of the CA's certificate (pki.md 1.3). */
static int build_authority_key_id(const struct profile *profile,
                                  const struct profile_inputs *inputs, struct buf *out,
                                  struct err *err)
{
    const struct tbs *issuer = inputs->issuer;
    size_t marks[3];

    (void)profile;
    TRY(der_begin(out, DER_SEQUENCE, &marks[0], err));
    TRY(der_put(out, DER_CONTEXT(0), issuer->subject_key_id, err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(1), &marks[1], err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(4), &marks[2], err));
    TRY(buf_append(out, issuer->issuer, err));
    TRY(der_finish(out, marks[2], err));
    TRY(der_finish(out, marks[1], err));
    TRY(der_put_positive(out, DER_CONTEXT(2), issuer->serial, err));
    return der_finish(out, marks[0], err);
}

static int build_subject_key_id(const struct profile *profile, const struct profile_inputs *inputs,
                                struct buf *out, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    uint8_t id[KEY_ID_SIZE];

    (void)profile;
    TRY(pubkey_from_spki(inputs->spki, &key, err));
    if (pubkey_kind(key) != inputs->algorithm)
        return FAIL(err, ERR_INPUT, "a %s key under a CA with %s keys",
                    key_kind_name(pubkey_kind(key)), key_kind_name(inputs->algorithm));
    if (pubkey_kind(key) == KEY_RSA && pubkey_bits(key) != PROFILE_RSA_BITS)
        return FAIL(err, ERR_INPUT, "a key of %zu bits; certificates are made for %d",
                    pubkey_bits(key), PROFILE_RSA_BITS);
    TRY(pubkey_key_id(key, id, err));
    return der_put(out, DER_OCTET_STRING, BYTES_ARRAY(id), err);
}

/* pki.md 1.1 */
static const struct profile_extension ca_extensions[] = {
    {OID_KEY_USAGE, true, build_key_usage},
    {OID_SUBJECT_ALT_NAME, false, build_alt_name},
    {OID_BASIC_CONSTRAINTS, true, build_basic_constraints},
    {OID_CRL_DISTRIBUTION_POINTS, false, build_point_of_ca},
    {OID_SUBJECT_KEY_ID, false, build_subject_key_id},
};

/* pki.md 1.3 */
static const struct profile_extension sign_extensions[] = {
    {OID_KEY_USAGE, true, build_key_usage},
    {OID_SUBJECT_ALT_NAME, false, build_holder},
    {OID_CERTIFICATE_POLICIES, true, build_policies},
    {OID_ISSUER_ALT_NAME, false, build_alt_name},
    {OID_CRL_DISTRIBUTION_POINTS, false, build_sign_point},
    {OID_AUTHORITY_INFO_ACCESS, false, build_info_access},
    {OID_AUTHORITY_KEY_ID, false, build_authority_key_id},
    {OID_SUBJECT_KEY_ID, false, build_subject_key_id},
};

static const struct profile_extension auth_extensions[] = {
    {OID_KEY_USAGE, true, build_key_usage},
    {OID_EXT_KEY_USAGE, false, build_client_auth},
    {OID_CERTIFICATE_POLICIES, true, build_policies},
    {OID_ISSUER_ALT_NAME, false, build_alt_name},
    {OID_CRL_DISTRIBUTION_POINTS, false, build_auth_point},
    {OID_AUTHORITY_INFO_ACCESS, false, build_info_access},
    {OID_AUTHORITY_KEY_ID, false, build_authority_key_id},
    {OID_SUBJECT_KEY_ID, false, build_subject_key_id},
};

/* pki.md 3 */
static const struct profile_extension responder_extensions[] = {
    {OID_KEY_USAGE, true, build_key_usage},
    {OID_EXT_KEY_USAGE, false, build_ocsp_signing},
    {OID_OCSP_NOCHECK, false, build_nocheck},
    {OID_AUTHORITY_KEY_ID, false, build_authority_key_id},
    {OID_SUBJECT_KEY_ID, false, build_subject_key_id},
};

static const struct profile_extension feed_extensions[] = {
    {OID_KEY_USAGE, true, build_key_usage},
    {OID_EXT_KEY_USAGE, false, build_feed_signing},
    {OID_AUTHORITY_KEY_ID, false, build_authority_key_id},
    {OID_SUBJECT_KEY_ID, false, build_subject_key_id},
};

#define SIGN_UNIT     "OpenJPKI TEST for digital signature"
#define SIGN_ALT_UNIT "OpenJPKI TEST 公的個人認証サービス署名用"
#define AUTH_UNIT     "OpenJPKI TEST for user authentication"
#define AUTH_ALT_UNIT "OpenJPKI TEST 公的個人認証サービス利用者証明用"

static const struct profile profiles[PROFILES_] = {
    [PROFILE_SIGN_CA] = {.name = "sign-ca",
                         .kind = PROFILE_SIGN_CA,
                         .issuer = PROFILE_SIGN_CA,
                         .key_usage = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN,
                         .organization = ORGANIZATION,
                         .unit = SIGN_UNIT,
                         .alt_unit = SIGN_ALT_UNIT,
                         .extensions = ca_extensions,
                         .extension_count = COUNT(ca_extensions),
                         .subject = subject_of_ca},
    [PROFILE_AUTH_CA] = {.name = "auth-ca",
                         .kind = PROFILE_AUTH_CA,
                         .issuer = PROFILE_AUTH_CA,
                         .key_usage = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN,
                         .organization = ORGANIZATION,
                         .unit = AUTH_UNIT,
                         .alt_unit = AUTH_ALT_UNIT,
                         .extensions = ca_extensions,
                         .extension_count = COUNT(ca_extensions),
                         .subject = subject_of_ca},
    [PROFILE_SIGN] = {.name = "sign",
                      .kind = PROFILE_SIGN,
                      .issuer = PROFILE_SIGN_CA,
                      .key_usage = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION,
                      .policy = OID_POLICY_SIGN_TEST,
                      .organization = ORGANIZATION,
                      .unit = SIGN_UNIT,
                      .alt_unit = SIGN_ALT_UNIT,
                      .ocsp_url = "http://ocsp.openjpki.test/sign",
                      .extensions = sign_extensions,
                      .extension_count = COUNT(sign_extensions),
                      .subject = subject_of_sign},
    [PROFILE_AUTH] = {.name = "auth",
                      .kind = PROFILE_AUTH,
                      .issuer = PROFILE_AUTH_CA,
                      .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                      .policy = OID_POLICY_AUTH,
                      .organization = ORGANIZATION,
                      .unit = AUTH_UNIT,
                      .alt_unit = AUTH_ALT_UNIT,
                      .ocsp_url = "http://ocsp.openjpki.test/auth",
                      .extensions = auth_extensions,
                      .extension_count = COUNT(auth_extensions),
                      .subject = subject_of_auth},
    [PROFILE_OCSP_SIGN] = {.name = "ocsp-sign",
                           .kind = PROFILE_OCSP_SIGN,
                           .issuer = PROFILE_SIGN_CA,
                           .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                           .purpose = OID_OCSP_SIGNING,
                           .organization = ORGANIZATION,
                           .unit = SIGN_UNIT,
                           .alt_unit = SIGN_ALT_UNIT,
                           .extensions = responder_extensions,
                           .extension_count = COUNT(responder_extensions),
                           .subject = subject_of_responder},
    [PROFILE_OCSP_AUTH] = {.name = "ocsp-auth",
                           .kind = PROFILE_OCSP_AUTH,
                           .issuer = PROFILE_AUTH_CA,
                           .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                           .purpose = OID_OCSP_SIGNING,
                           .organization = ORGANIZATION,
                           .unit = AUTH_UNIT,
                           .alt_unit = AUTH_ALT_UNIT,
                           .extensions = responder_extensions,
                           .extension_count = COUNT(responder_extensions),
                           .subject = subject_of_responder},
    [PROFILE_FEED_SIGN] = {.name = "feed-sign",
                           .kind = PROFILE_FEED_SIGN,
                           .issuer = PROFILE_SIGN_CA,
                           .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                           .purpose = OID_FEED_SIGNING,
                           .organization = ORGANIZATION,
                           .unit = SIGN_UNIT,
                           .alt_unit = SIGN_ALT_UNIT,
                           .extensions = feed_extensions,
                           .extension_count = COUNT(feed_extensions),
                           .subject = subject_of_feed},
    [PROFILE_FEED_AUTH] = {.name = "feed-auth",
                           .kind = PROFILE_FEED_AUTH,
                           .issuer = PROFILE_AUTH_CA,
                           .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                           .purpose = OID_FEED_SIGNING,
                           .organization = ORGANIZATION,
                           .unit = AUTH_UNIT,
                           .alt_unit = AUTH_ALT_UNIT,
                           .extensions = feed_extensions,
                           .extension_count = COUNT(feed_extensions),
                           .subject = subject_of_feed},
};

const struct profile *profile_of(enum profile_kind kind)
{
    return &profiles[kind];
}

enum profile_kind profile_kind_of(const struct profile *profile)
{
    return profile->kind;
}

const char *profile_name(const struct profile *profile)
{
    return profile->name;
}

bool profile_is_ca(const struct profile *profile)
{
    return profile->issuer == profile->kind;
}

const struct profile *profile_issuer(const struct profile *profile)
{
    return &profiles[profile->issuer];
}

enum oid profile_policy(const struct profile *profile)
{
    return profile->policy;
}

int profile_issuer_name(const struct profile *profile, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    TRY(put_issuer(profile, &name, err));
    buf_move(ret, &name);
    return 0;
}

static int put_extension(const struct profile *profile, const struct profile_extension *row,
                         const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    size_t extension;
    size_t value;

    TRY(der_begin(out, DER_SEQUENCE, &extension, err));
    TRY(der_put_oid(out, row->id, err));
    if (row->is_critical)
        TRY(der_put_true(out, err));
    TRY(der_begin(out, DER_OCTET_STRING, &value, err));
    TRY(row->build(profile, inputs, out, err));
    TRY(der_finish(out, value, err));
    return der_finish(out, extension, err);
}

static int put_extensions(const struct profile *profile, const struct profile_inputs *inputs,
                          struct buf *out, struct err *err)
{
    size_t tagged;
    size_t sequence;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(3), &tagged, err));
    TRY(der_begin(out, DER_SEQUENCE, &sequence, err));
    for (size_t i = 0; i < profile->extension_count; i++)
        TRY(put_extension(profile, &profile->extensions[i], inputs, out, err));
    TRY(der_finish(out, sequence, err));
    return der_finish(out, tagged, err);
}

static int put_version(struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &mark, err));
    TRY(der_put_uint(out, VERSION_3, err));
    return der_finish(out, mark, err);
}

static int put_validity(const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_time(out, inputs->not_before, err));
    TRY(der_put_time(out, inputs->not_after, err));
    return der_finish(out, mark, err);
}

/* The issuer must be a CA of the kind that issues this, and outlive it. */
static int check_issuer(const struct profile *profile, const struct profile_inputs *inputs,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    if (profile_is_ca(profile) != (inputs->issuer == NULL))
        return FAIL(err, ERR_USAGE, "a CA certificate is self-signed, all others have an issuer");
    if (inputs->issuer == NULL)
        return 0;
    TRY(put_issuer(profile, &name, err));
    if (!inputs->issuer->is_ca || !name_equal(inputs->issuer->subject, buf_bytes(&name)))
        return FAIL(err, ERR_USAGE, "this CA does not issue %s certificates", profile->name);
    if (inputs->issuer->subject_key_id.len == 0)
        return FAIL(err, ERR_USAGE, "the CA's certificate has no key identifier");
    if (inputs->not_before < inputs->issuer->not_before ||
        inputs->not_after > inputs->issuer->not_after)
        return FAIL(err, ERR_CONFLICT, "the certificate would not lie within its CA's validity");
    return 0;
}

int profile_build_tbs(const struct profile *profile, const struct profile_inputs *inputs,
                      struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct tbs parsed;
    size_t mark;

    if (inputs->serial == 0 || inputs->not_before >= inputs->not_after)
        return FAIL(err, ERR_USAGE, "a certificate needs a serial number and some time to live");
    TRY(check_issuer(profile, inputs, err));
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(put_version(&out, err));
    TRY(der_put_uint(&out, inputs->serial, err));
    TRY(algorithm_put_signature_by(&out, inputs->algorithm, err));
    TRY(put_issuer(profile, &out, err));
    TRY(put_validity(inputs, &out, err));
    TRY(profile->subject(profile, inputs, &out, err));
    TRY(buf_append(&out, inputs->spki, err));
    TRY(put_extensions(profile, inputs, &out, err));
    TRY(der_finish(&out, mark, err));
    TRY(tbs_parse(buf_bytes(&out), &parsed, err));
    buf_move(ret, &out);
    return 0;
}
