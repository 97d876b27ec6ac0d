/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: refusals first, then the shape, with OpenSSL as the judge of what was encoded. */
#include "base/file.h"
#include "support/pki.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static struct test_pki pki, p384;

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make_kind(&p384, KEY_P384);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&p384);
    return 0;
}

static void assert_not_built(enum profile_kind kind, const struct profile_inputs *inputs,
                             enum err_kind expected)
{
    struct buf tbs = BUF_INIT;
    struct err err = {0};

    assert_int_equal(profile_build_tbs(profile_of(kind), inputs, &tbs, &err), -(int)expected);
    assert_true(err.text[0] != '\0');
    assert_null(tbs.ptr);
}

/* The inputs of a certificate that could be issued. */
static struct profile_inputs good_inputs(enum profile_kind kind)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);

    inputs.spki = test_pki_spki(&pki, kind);
    return inputs;
}

static void no_serial_and_no_time_to_live_are_refused(void **state)
{
    struct profile_inputs inputs = good_inputs(PROFILE_AUTH);

    (void)state;
    inputs.serial = 0;
    assert_not_built(PROFILE_AUTH, &inputs, ERR_USAGE);
    inputs = good_inputs(PROFILE_AUTH);
    inputs.not_after = inputs.not_before;
    assert_not_built(PROFILE_AUTH, &inputs, ERR_USAGE);
}

static void another_ca_than_the_right_one_is_refused(void **state)
{
    struct profile_inputs inputs = good_inputs(PROFILE_SIGN);

    (void)state;
    inputs.issuer = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]);
    assert_not_built(PROFILE_SIGN, &inputs, ERR_USAGE);
    inputs.issuer = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    assert_not_built(PROFILE_SIGN, &inputs, ERR_USAGE);
    inputs.issuer = NULL;
    assert_not_built(PROFILE_SIGN, &inputs, ERR_USAGE);
    inputs = good_inputs(PROFILE_SIGN_CA);
    inputs.issuer = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    assert_not_built(PROFILE_SIGN_CA, &inputs, ERR_USAGE);
}

static void a_certificate_that_outlives_its_ca_is_refused(void **state)
{
    struct profile_inputs inputs = good_inputs(PROFILE_AUTH);

    (void)state;
    inputs.not_before = inputs.issuer->not_after - 86400;
    inputs.not_after = inputs.issuer->not_after + 1;
    assert_not_built(PROFILE_AUTH, &inputs, ERR_CONFLICT);
    inputs = good_inputs(PROFILE_AUTH);
    inputs.not_before = inputs.issuer->not_before - 1;
    assert_not_built(PROFILE_AUTH, &inputs, ERR_CONFLICT);
}

static void assert_lives_at_most(enum profile_kind kind, int64_t last)
{
    struct profile_inputs inputs = good_inputs(kind);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    assert_int_equal(profile_last_second(profile_of(kind), KEY_RSA, inputs.not_before), last);
    inputs.not_after = last + 1;
    assert_not_built(kind, &inputs, ERR_INPUT);
    inputs.not_after = last;
    assert_int_equal(profile_build_tbs(profile_of(kind), &inputs, &tbs, NULL), 0);
}

/* pki.md 1.1, 1.3 and 8; begun on 20 September 2026, or a year before, at 23:13:20 in Japan. */
static void no_certificate_lives_longer_than_its_profile_says(void **state)
{
    (void)state;
    assert_lives_at_most(PROFILE_SIGN, 1955545199); /* 2031-12-20T14:59:59Z */
    assert_lives_at_most(PROFILE_PHONE_AUTH, 1955545199);
    assert_lives_at_most(PROFILE_SIGN_CA, 2073999599);   /* 2035-09-21T14:59:59Z */
    assert_lives_at_most(PROFILE_OCSP_SIGN, 1821452399); /* 2027-09-20T14:59:59Z */
    /* From the last day of a month to the last of a shorter one. */
    assert_int_equal(profile_last_second(profile_of(PROFILE_SIGN), KEY_RSA, 1795996800),
                     1961679599); /* 2026-11-30 to 2032-02-29 */
}

/* The CA's key and the subject's are of one kind, and the certificate says so. */
static void keys_of_two_kinds_are_refused(void **state)
{
    struct profile_inputs inputs = good_inputs(PROFILE_AUTH);

    (void)state;
    inputs.algorithm = KEY_P384; /* over an RSA key */
    assert_not_built(PROFILE_AUTH, &inputs, ERR_INPUT);
    inputs = good_inputs(PROFILE_AUTH);
    inputs.spki = test_pki_spki(&p384, PROFILE_AUTH);
    assert_not_built(PROFILE_AUTH, &inputs, ERR_INPUT);
    inputs = good_inputs(PROFILE_SIGN_CA);
    inputs.spki = test_pki_spki(&p384, PROFILE_SIGN_CA);
    assert_not_built(PROFILE_SIGN_CA, &inputs, ERR_INPUT);
}

static void assert_not_of_profile(struct tbs tbs, enum key_kind kind, enum digest_alg alg)
{
    struct err err = {0};

    tbs.algorithm_kind = kind;
    tbs.algorithm_digest = alg;
    assert_int_equal(profile_check(profile_of(PROFILE_AUTH), &tbs, &err), -ERR_UNTRUSTED);
}

static void p384_certificates_have_the_same_shape_and_their_own_hash(void **state)
{
    struct tbs tbs = *x509_cert_tbs(p384.certs[PROFILE_AUTH]);

    (void)state;
    assert_not_of_profile(tbs, KEY_P384, DIGEST_SHA256);
    assert_not_of_profile(tbs, KEY_RSA, DIGEST_SHA384);
    assert_not_of_profile(tbs, KEY_RSA, DIGEST_SHA256); /* over a P-384 key */
    assert_not_of_profile(*x509_cert_tbs(pki.certs[PROFILE_AUTH]), KEY_P384, DIGEST_SHA384);
    for (int i = 0; i < PROFILES_; i++) {
        tbs = *x509_cert_tbs(p384.certs[i]);
        assert_int_equal(tbs.algorithm_kind, KEY_P384);
        assert_int_equal(profile_check(profile_of((enum profile_kind)i), &tbs, NULL), 0);
    }
}

static void places_that_are_not_romaji_are_refused(void **state)
{
    static const char *const bad[] = {"", "神戸市", "Kobe-shi,O=X", "Kobe\nshi"};
    struct profile_inputs inputs = good_inputs(PROFILE_SIGN);
    char longest[ROMAJI_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        inputs.municipality = bad[i];
        assert_not_built(PROFILE_SIGN, &inputs, ERR_INPUT);
    }
    memset(longest, 'a', sizeof longest);
    longest[ROMAJI_MAX + 1] = '\0';
    inputs.municipality = longest;
    assert_not_built(PROFILE_SIGN, &inputs, ERR_INPUT);
    longest[ROMAJI_MAX] = '\0';
    {
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;

        assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs, NULL), 0);
    }
    inputs = good_inputs(PROFILE_AUTH);
    inputs.prefecture = NULL;
    assert_not_built(PROFILE_AUTH, &inputs, ERR_INPUT);
}

static void common_names_of_another_form_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "2026092023132000001281003A0",
                                      "2026092023132000001281003A011",
                                      "2026092023132000001281003a01",
                                      "A026092023132000001281003A01",
                                      "20260920231320000012810A3A01"};
    struct profile_inputs inputs = good_inputs(PROFILE_SIGN);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        inputs.common_name = bad[i];
        assert_not_built(PROFILE_SIGN, &inputs, ERR_INPUT);
    }
    inputs = good_inputs(PROFILE_AUTH);
    inputs.common_name = "0123ABCDEFGHIJ28100003A"; /* J is past the alphabet */
    assert_not_built(PROFILE_AUTH, &inputs, ERR_INPUT);
    inputs.common_name = NULL;
    assert_not_built(PROFILE_AUTH, &inputs, ERR_INPUT);
}

static void a_sign_certificate_without_a_proper_holder_is_refused(void **state)
{
    struct profile_inputs inputs = good_inputs(PROFILE_SIGN);
    struct holder holder = *inputs.holder;

    (void)state;
    inputs.holder = NULL;
    assert_not_built(PROFILE_SIGN, &inputs, ERR_USAGE);
    holder.sex = bytes_text("9");
    inputs.holder = &holder;
    assert_not_built(PROFILE_SIGN, &inputs, ERR_INPUT);
}

static void a_key_of_another_size_is_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs = good_inputs(PROFILE_AUTH);

    (void)state;
    assert_int_equal(privkey_generate(3072, &key, NULL), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    assert_not_built(PROFILE_AUTH, &inputs, ERR_INPUT);
}

static void no_certificate_has_the_shape_of_another_profile(void **state)
{
    (void)state;
    for (int is = 0; is < PROFILES_; is++)
        for (int as = 0; as < PROFILES_; as++) {
            struct err err = {0};
            int rc = profile_check(profile_of((enum profile_kind)as), x509_cert_tbs(pki.certs[is]),
                                   &err);

            assert_int_equal(rc, is == as ? 0 : -ERR_UNTRUSTED);
        }
}

static bool lies_in(size_t at, struct bytes whole, struct bytes part)
{
    size_t start = (size_t)(part.ptr - whole.ptr);

    return part.len > 0 && at >= start && at < start + part.len;
}

/* Positions where certificates of one profile may differ. */
static bool is_variable(const struct tbs *tbs, size_t at)
{
    const struct holder *h = &tbs->holder;
    struct bytes common_name = {NULL, 0};
    struct bytes place = {NULL, 0};
    struct bytes serial = tbs->serial;
    struct bytes after_issuer = {tbs->issuer.ptr + tbs->issuer.len, 0};

    if (tbs->policy_count > 0)
        assert_int_equal(name_find(tbs->subject, OID_COMMON_NAME, 0, &common_name, NULL), 0);
    /* The prefecture of an auth certificate stands in its CRL's name only. */
    if (tbs->policy_count > 0 && !tbs->has_holder) {
        assert_int_equal(name_find(tbs->distribution_point, OID_COMMON_NAME, 0, &place, NULL), 0);
        place.len -= strlen(" CRLDP");
    }
    if (serial.ptr[0] >= 0x80) /* with the zero octet in front */
        serial = bytes_of(serial.ptr - 1, serial.len + 1);
    after_issuer.len = (size_t)(tbs->subject.ptr - after_issuer.ptr);
    return lies_in(at, tbs->der, serial) || lies_in(at, tbs->der, after_issuer) ||
           lies_in(at, tbs->der, common_name) || lies_in(at, tbs->der, place) ||
           lies_in(at, tbs->der, tbs->authority_key_id) ||
           lies_in(at, tbs->der, tbs->authority_serial) ||
           (tbs->has_holder &&
            (lies_in(at, tbs->der, h->name) || lies_in(at, tbs->der, h->birth) ||
             lies_in(at, tbs->der, h->sex) || lies_in(at, tbs->der, h->address) ||
             lies_in(at, tbs->der, h->name_substitutes) ||
             lies_in(at, tbs->der, h->address_substitutes)));
}

static void a_changed_byte_outside_the_variable_parts_is_noticed(void **state)
{
    (void)state;
    for (int kind = 0; kind < PROFILES_; kind++) {
        const struct tbs *good = x509_cert_tbs(pki.certs[kind]);
        CLEANUP(buf_done) struct buf copy = BUF_INIT;

        assert_int_equal(buf_copy(good->der, &copy, NULL), 0);
        for (size_t i = 0; i < copy.len; i++) {
            struct tbs changed;

            if (is_variable(good, i))
                continue;
            copy.ptr[i] ^= (uint8_t)(1 << i % 8);
            if (tbs_parse(buf_bytes(&copy), &changed, NULL) == 0 &&
                profile_check(profile_of((enum profile_kind)kind), &changed, NULL) == 0)
                fail_msg("%s: byte %zu", profile_name(profile_of((enum profile_kind)kind)), i);
            copy.ptr[i] ^= (uint8_t)(1 << i % 8);
        }
    }
}

/*
 * Certificates of the first release: checking makes every extension again and compares, so these
 * files hold each profile to the bytes it had then.
 */
static void the_shape_is_that_of_the_golden_certificates(void **state)
{
    (void)state;
    for (int kind = 0; kind <= PROFILE_FEED_AUTH; kind++) {
        const struct profile *profile = profile_of((enum profile_kind)kind);
        CLEANUP(x509_cert_freep) struct x509_cert *golden = NULL;
        CLEANUP(free_text) char *path = NULL;
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct err err = {0};

        assert_int_equal(
            path_format(&path, NULL, "%s/%s.der", CERTIFICATES_DIR, profile_name(profile)), 0);
        assert_int_equal(file_read(path, X509_CERT_MAX, &der, NULL), 0);
        assert_int_equal(x509_cert_parse(buf_bytes(&der), &golden, NULL), 0);
        if (profile_check(profile, x509_cert_tbs(golden), &err) < 0)
            fail_msg("%s: %s", path, err.text);
    }
}

static void the_first_field_that_differs_is_named(void **state)
{
    const struct tbs *good = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct tbs changed;
    struct err err = {0};
    size_t at = (size_t)(good->policies[0].cps.ptr - good->der.ptr);

    (void)state;
    assert_int_equal(buf_copy(good->der, &copy, NULL), 0);
    copy.ptr[at] = 'H';
    assert_int_equal(tbs_parse(buf_bytes(&copy), &changed, NULL), 0);
    assert_int_equal(profile_check(profile_of(PROFILE_SIGN), &changed, &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "certificatePolicies"));
}

static void window_ids_and_sequences_of_another_form_make_no_common_name(void **state)
{
    char sign[COMMON_NAME_SIGN_LEN + 1] = "untouched";
    char auth[COMMON_NAME_AUTH_LEN + 1] = "untouched";

    (void)state;
    assert_int_equal(common_name_sign(0, 1, "2810003A", sign, NULL), -ERR_INPUT);
    assert_int_equal(common_name_sign(0, 1, "28100003a", sign, NULL), -ERR_INPUT);
    assert_int_equal(common_name_sign(0, 1, "2A100003A", sign, NULL), -ERR_INPUT);
    assert_int_equal(common_name_sign(0, 100000, "28100003A", sign, NULL), -ERR_USAGE);
    assert_int_equal(common_name_auth(0, "28100003AB", auth, NULL), -ERR_INPUT);
    assert_string_equal(sign, "untouched");
    assert_string_equal(auth, "untouched");
}

static void common_names_are_made_as_the_profile_wants_them(void **state)
{
    char sign[COMMON_NAME_SIGN_LEN + 1];
    char auth[COMMON_NAME_AUTH_LEN + 1];

    (void)state;
    assert_int_equal(common_name_sign(TEST_PKI_NOW, 99999, "28100003A", sign, NULL), 0);
    assert_string_equal(sign, "2026092123132099999"
                              "28100003A"); /* in JST */
    assert_int_equal(common_name_auth(UINT64_MAX, "28100003A", auth, NULL), 0);
    assert_int_equal(strlen(auth), COMMON_NAME_AUTH_LEN);
    assert_int_equal(strspn(auth, "0123456789ABCDEFGHI"), 23);
    assert_int_equal(common_name_auth(18, "28100003A", auth, NULL), 0);
    assert_string_equal(auth, "I0000000000000"
                              "28100003A");
}

static void every_profile_is_guessed(void **state)
{
    (void)state;
    for (int kind = 0; kind < PROFILES_; kind++)
        assert_ptr_equal(profile_guess(x509_cert_tbs(pki.certs[kind])),
                         profile_of((enum profile_kind)kind));
}

static void assert_guessed_as_none(enum profile_kind kind, size_t at)
{
    const struct tbs *good = x509_cert_tbs(pki.certs[kind]);
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct tbs changed;

    assert_int_equal(buf_copy(good->der, &copy, NULL), 0);
    copy.ptr[at] ^= 1;
    assert_int_equal(tbs_parse(buf_bytes(&copy), &changed, NULL), 0);
    assert_null(profile_guess(&changed));
}

static void an_unknown_policy_or_purpose_is_no_profile(void **state)
{
    const struct tbs *sign = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    const struct tbs *responder = x509_cert_tbs(pki.certs[PROFILE_OCSP_SIGN]);

    (void)state;
    assert_guessed_as_none(PROFILE_SIGN, (size_t)(sign->policies[0].oid.ptr - sign->der.ptr) +
                                             sign->policies[0].oid.len - 1);
    assert_guessed_as_none(PROFILE_OCSP_SIGN,
                           (size_t)(responder->purposes[0].ptr - responder->der.ptr) +
                               responder->purposes[0].len - 1);
}

static X509 *judge(enum profile_kind kind)
{
    struct bytes der = x509_cert_der(pki.certs[kind]);
    const unsigned char *p = der.ptr;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);

    assert_non_null(x);
    assert_ptr_equal(p, der.ptr + der.len);
    return x;
}

/* "keyUsage! subjectAltName": the extensions in order, critical ones marked. */
static void assert_extensions(enum profile_kind kind, const char *expected)
{
    X509 *x = judge(kind);
    char got[512] = "";

    for (int i = 0; i < X509_get_ext_count(x); i++) {
        X509_EXTENSION *e = X509_get_ext(x, i);
        size_t len = strlen(got);

        (void)snprintf(got + len, sizeof got - len, "%s%s%s", i == 0 ? "" : " ",
                       OBJ_nid2sn(OBJ_obj2nid(X509_EXTENSION_get_object(e))),
                       X509_EXTENSION_get_critical(e) ? "!" : "");
    }
    X509_free(x);
    assert_string_equal(got, expected);
}

/* pki.md 1.1 and 1.3 */
static void the_extensions_come_in_order_with_their_criticality(void **state)
{
    static const char ca[] =
        "keyUsage! subjectAltName basicConstraints! crlDistributionPoints subjectKeyIdentifier";
    static const char responder[] =
        "keyUsage! extendedKeyUsage noCheck authorityKeyIdentifier subjectKeyIdentifier";

    static const char feed[] =
        "keyUsage! extendedKeyUsage authorityKeyIdentifier subjectKeyIdentifier";

    (void)state;
    assert_extensions(PROFILE_SIGN_CA, ca);
    assert_extensions(PROFILE_AUTH_CA, ca);
    assert_extensions(PROFILE_SIGN,
                      "keyUsage! subjectAltName certificatePolicies! issuerAltName "
                      "crlDistributionPoints authorityInfoAccess authorityKeyIdentifier "
                      "subjectKeyIdentifier");
    assert_extensions(PROFILE_AUTH,
                      "keyUsage! extendedKeyUsage certificatePolicies! issuerAltName "
                      "crlDistributionPoints authorityInfoAccess authorityKeyIdentifier "
                      "subjectKeyIdentifier");
    assert_extensions(PROFILE_OCSP_SIGN, responder);
    assert_extensions(PROFILE_OCSP_AUTH, responder);
    assert_extensions(PROFILE_FEED_SIGN, feed);
    assert_extensions(PROFILE_FEED_AUTH, feed);
}

/* "C:P=JP O:U=…": attributes in order, P PrintableString, U UTF8String. */
static void assert_name(const X509_NAME *name, const char *expected)
{
    char got[1024] = "";

    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        const ASN1_STRING *text = X509_NAME_ENTRY_get_data(entry);
        int type = ASN1_STRING_type(text);
        size_t len = strlen(got);

        assert_int_equal(X509_NAME_ENTRY_set(entry), i); /* one attribute per RDN */
        assert_true(type == V_ASN1_PRINTABLESTRING || type == V_ASN1_UTF8STRING);
        (void)snprintf(got + len, sizeof got - len, "%s%s:%s=%.*s", i == 0 ? "" : "|",
                       OBJ_nid2sn(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry))),
                       type == V_ASN1_PRINTABLESTRING ? "P" : "U", ASN1_STRING_length(text),
                       (const char *)ASN1_STRING_get0_data(text));
    }
    assert_string_equal(got, expected);
}

static const char sign_ca_name[] = "C:P=JP|O:U=OpenJPKI TEST|OU:U=OpenJPKI TEST for digital "
                                   "signature|OU:U=OpenJPKI TEST Certification Authority";
static const char auth_ca_name[] = "C:P=JP|O:U=OpenJPKI TEST|OU:U=OpenJPKI TEST for user "
                                   "authentication|OU:U=OpenJPKI TEST Certification Authority";

static void the_names_have_the_right_parts_and_string_types(void **state)
{
    X509 *sign_ca = judge(PROFILE_SIGN_CA);
    X509 *auth_ca = judge(PROFILE_AUTH_CA);
    X509 *sign = judge(PROFILE_SIGN);
    X509 *auth = judge(PROFILE_AUTH);

    (void)state;
    assert_name(X509_get_issuer_name(sign_ca), sign_ca_name);
    assert_name(X509_get_subject_name(sign_ca), sign_ca_name);
    assert_name(X509_get_issuer_name(auth_ca), auth_ca_name);
    assert_name(X509_get_issuer_name(sign), sign_ca_name);
    assert_name(X509_get_subject_name(sign), "C:P=JP|L:U=Hyogo-ken|L:U=Kobe-shi|"
                                             "CN:U=2026092023132000001281003A01");
    assert_name(X509_get_issuer_name(auth), auth_ca_name);
    assert_name(X509_get_subject_name(auth), "C:P=JP|CN:U=0123ABCDEFGHI928100003A");
    X509_free(sign_ca);
    X509_free(auth_ca);
    X509_free(sign);
    X509_free(auth);
}

static void assert_point(X509 *x, const char *expected)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    DIST_POINT *point;

    assert_int_equal(sk_DIST_POINT_num(points), 1);
    point = sk_DIST_POINT_value(points, 0);
    assert_null(point->reasons);
    assert_null(point->CRLissuer);
    assert_int_equal(point->distpoint->type, 0);
    assert_int_equal(sk_GENERAL_NAME_num(point->distpoint->name.fullname), 1);
    assert_name(sk_GENERAL_NAME_value(point->distpoint->name.fullname, 0)->d.directoryName,
                expected);
    CRL_DIST_POINTS_free(points);
    X509_free(x);
}

static void the_distribution_points_are_directory_names(void **state)
{
    (void)state;
    assert_point(judge(PROFILE_SIGN_CA), sign_ca_name);
    assert_point(judge(PROFILE_AUTH_CA), auth_ca_name);
    assert_point(judge(PROFILE_SIGN),
                 "C:P=JP|O:U=OpenJPKI TEST|OU:U=OpenJPKI TEST for digital signature|"
                 "OU:U=CRL Distribution Points|OU:U=Hyogo-ken|CN:U=Kobe-shi CRLDP");
    assert_point(judge(PROFILE_AUTH),
                 "C:P=JP|O:U=OpenJPKI TEST|OU:U=OpenJPKI TEST for user authentication|"
                 "OU:U=CRL Distribution Points|CN:U=Hyogo-ken CRLDP");
}

static void assert_alt_name(X509 *x, int nid, const char *unit)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, nid, NULL, NULL);
    char expected[512];

    (void)snprintf(expected, sizeof expected,
                   "C:P=JP|O:U=OpenJPKI TEST 公的個人認証サービス（試験用・非公式）|"
                   "OU:U=OpenJPKI TEST 公的個人認証サービス%s|OU:U=OpenJPKI TEST 認証局",
                   unit);
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    assert_int_equal(sk_GENERAL_NAME_value(names, 0)->type, GEN_DIRNAME);
    assert_name(sk_GENERAL_NAME_value(names, 0)->d.directoryName, expected);
    GENERAL_NAMES_free(names);
    X509_free(x);
}

static void the_alternative_name_of_the_ca_is_in_both(void **state)
{
    (void)state;
    assert_alt_name(judge(PROFILE_SIGN_CA), NID_subject_alt_name, "署名用");
    assert_alt_name(judge(PROFILE_AUTH_CA), NID_subject_alt_name, "利用者証明用");
    assert_alt_name(judge(PROFILE_SIGN), NID_issuer_alt_name, "署名用");
    assert_alt_name(judge(PROFILE_AUTH), NID_issuer_alt_name, "利用者証明用");
}

/* pki.md 1.4 */
static void the_six_other_names_are_in_order(void **state)
{
    static const char *const expected[][2] = {
        {"1.2.392.200149.8.5.5.1", "試験　太郎"},
        {"1.2.392.200149.8.5.5.4", "419900217"},
        {"1.2.392.200149.8.5.5.3", "1"},
        {"1.2.392.200149.8.5.5.5", "兵庫県神戸市中央区見本町1丁目1番1号"},
        {"1.2.392.200149.8.5.5.2", "00000"},
        {"1.2.392.200149.8.5.5.6", "0000000000000000000"},
    };
    X509 *x = judge(PROFILE_SIGN);
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

    (void)state;
    assert_int_equal(sk_GENERAL_NAME_num(names), 6);
    for (int i = 0; i < 6; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_UTF8STRING *text;
        char oid[64];

        assert_int_equal(name->type, GEN_OTHERNAME);
        (void)OBJ_obj2txt(oid, sizeof oid, name->d.otherName->type_id, 1);
        assert_string_equal(oid, expected[i][0]);
        assert_int_equal(name->d.otherName->value->type, V_ASN1_UTF8STRING);
        text = name->d.otherName->value->value.utf8string;
        assert_true(
            bytes_equal(bytes_of(text->data, (size_t)text->length), bytes_text(expected[i][1])));
    }
    GENERAL_NAMES_free(names);
    X509_free(x);
}

static void assert_policy(X509 *x, const char *expected)
{
    CERTIFICATEPOLICIES *policies = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
    POLICYINFO *info;
    POLICYQUALINFO *qualifier;
    char oid[64];

    assert_int_equal(sk_POLICYINFO_num(policies), 1);
    info = sk_POLICYINFO_value(policies, 0);
    (void)OBJ_obj2txt(oid, sizeof oid, info->policyid, 1);
    assert_string_equal(oid, expected);
    assert_int_equal(sk_POLICYQUALINFO_num(info->qualifiers), 1);
    qualifier = sk_POLICYQUALINFO_value(info->qualifiers, 0);
    assert_int_equal(OBJ_obj2nid(qualifier->pqualid), NID_id_qt_cps);
    assert_string_equal((const char *)ASN1_STRING_get0_data(qualifier->d.cpsuri),
                        "http://www.openjpki.test/cps.html");
    CERTIFICATEPOLICIES_free(policies);
    X509_free(x);
}

static void the_policies_are_ours_with_a_cps_address(void **state)
{
    (void)state;
    assert_policy(judge(PROFILE_SIGN), "1.2.392.200149.8.5.1.0.20");
    assert_policy(judge(PROFILE_AUTH), "1.2.392.200149.8.5.1.3.30");
}

static void usages_constraints_and_identifiers_are_right(void **state)
{
    X509 *ca = judge(PROFILE_SIGN_CA);
    X509 *sign = judge(PROFILE_SIGN);
    X509 *auth = judge(PROFILE_AUTH);
    AUTHORITY_KEYID *aki = X509_get_ext_d2i(sign, NID_authority_key_identifier, NULL, NULL);
    BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(ca, NID_basic_constraints, NULL, NULL);

    (void)state;
    assert_int_equal(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_int_equal(X509_get_key_usage(sign), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
    assert_int_equal(X509_get_key_usage(auth), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(auth), XKU_SSL_CLIENT);
    assert_true(bc->ca != 0 && bc->pathlen == NULL);
    assert_int_equal(ASN1_OCTET_STRING_cmp(aki->keyid, X509_get0_subject_key_id(ca)), 0);
    assert_int_equal(ASN1_INTEGER_cmp(aki->serial, X509_get0_serialNumber(ca)), 0);
    assert_name(sk_GENERAL_NAME_value(aki->issuer, 0)->d.directoryName, sign_ca_name);
    assert_int_equal(X509_check_issued(ca, sign), X509_V_OK);
    AUTHORITY_KEYID_free(aki);
    BASIC_CONSTRAINTS_free(bc);
    X509_free(ca);
    X509_free(sign);
    X509_free(auth);
}

/* RFC 5280, 4.1.2.5 */
static void times_are_utctime_before_2050_and_generalizedtime_from_then(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *late = NULL;
    struct profile_inputs inputs = good_inputs(PROFILE_SIGN_CA);
    const unsigned char *p;
    X509 *x;

    (void)state;
    inputs.not_before = 2524607999; /* 2049-12-31T23:59:59Z */
    inputs.not_after = 2524608000;
    test_pki_issue(&pki, PROFILE_SIGN_CA, &inputs, &late);
    p = x509_cert_der(late).ptr;
    x = d2i_X509(NULL, &p, (long)x509_cert_der(late).len);
    assert_int_equal(ASN1_STRING_type(X509_get0_notBefore(x)), V_ASN1_UTCTIME);
    assert_int_equal(ASN1_STRING_type(X509_get0_notAfter(x)), V_ASN1_GENERALIZEDTIME);
    assert_int_equal(x509_cert_tbs(late)->not_after, 2524608000);
    X509_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_serial_and_no_time_to_live_are_refused),
        cmocka_unit_test(another_ca_than_the_right_one_is_refused),
        cmocka_unit_test(a_certificate_that_outlives_its_ca_is_refused),
        cmocka_unit_test(no_certificate_lives_longer_than_its_profile_says),
        cmocka_unit_test(keys_of_two_kinds_are_refused),
        cmocka_unit_test(p384_certificates_have_the_same_shape_and_their_own_hash),
        cmocka_unit_test(places_that_are_not_romaji_are_refused),
        cmocka_unit_test(common_names_of_another_form_are_refused),
        cmocka_unit_test(a_sign_certificate_without_a_proper_holder_is_refused),
        cmocka_unit_test(a_key_of_another_size_is_refused),
        cmocka_unit_test(no_certificate_has_the_shape_of_another_profile),
        cmocka_unit_test(a_changed_byte_outside_the_variable_parts_is_noticed),
        cmocka_unit_test(the_first_field_that_differs_is_named),
        cmocka_unit_test(window_ids_and_sequences_of_another_form_make_no_common_name),
        cmocka_unit_test(common_names_are_made_as_the_profile_wants_them),
        cmocka_unit_test(every_profile_is_guessed),
        cmocka_unit_test(an_unknown_policy_or_purpose_is_no_profile),
        cmocka_unit_test(the_shape_is_that_of_the_golden_certificates),
        cmocka_unit_test(the_extensions_come_in_order_with_their_criticality),
        cmocka_unit_test(the_names_have_the_right_parts_and_string_types),
        cmocka_unit_test(the_distribution_points_are_directory_names),
        cmocka_unit_test(the_alternative_name_of_the_ca_is_in_both),
        cmocka_unit_test(the_six_other_names_are_in_order),
        cmocka_unit_test(the_policies_are_ours_with_a_cps_address),
        cmocka_unit_test(usages_constraints_and_identifiers_are_right),
        cmocka_unit_test(times_are_utctime_before_2050_and_generalizedtime_from_then),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
