/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/limits.h"
#include "x509/oids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>

static void malformed_contents_are_refused(void **state)
{
    static const struct bytes bad[] = {
        {NULL, 0},
        {(const uint8_t *)"\x80\x01", 2},                                      /* X.690, 8.19.2 */
        {(const uint8_t *)"\x55\x80\x01", 3},                                  /* the same later */
        {(const uint8_t *)"\x55\x81", 2},                                      /* cut off */
        {(const uint8_t *)"\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11}, /* over 64 bits */
    };
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(oid_is_valid(bad[i]));
        assert_int_equal(oid_append_text(&text, bad[i], NULL), -ERR_INPUT);
    }
    assert_int_equal(text.len, 0);
}

static void malformed_texts_are_refused(void **state)
{
    static const char *const bad[] = {
        "",     "1",     "1.",     ".1",   "1..2",
        "3.1",  "1.40",  "0.40",   "01.2", "1.02",
        "1.2.", "1.2.x", "1.2.-3", " 1.2", "1.2.99999999999999999999"};
    struct buf der = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(oid_from_text(bad[i], &der, NULL), -ERR_INPUT);
    assert_null(der.ptr);
}

static void identifiers_end_at_their_limit(void **state)
{
    uint8_t longest[X509_OID_MAX + 1];

    (void)state;
    memset(longest, 0x2a, sizeof longest);
    assert_true(oid_is_valid(bytes_of(longest, X509_OID_MAX)));
    assert_false(oid_is_valid(BYTES_ARRAY(longest)));
}

static void large_arcs_come_back(void **state)
{
    static const char *const good[] = {"0.0",
                                       "0.39",
                                       "1.39",
                                       "2.0",
                                       "2.40",
                                       "2.999",
                                       "1.2.128.127",
                                       "1.2.4294967296.1",
                                       "2.25.922337203685477580"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        assert_int_equal(oid_from_text(good[i], &der, NULL), 0);
        assert_int_equal(oid_append_text(&text, buf_bytes(&der), NULL), 0);
        assert_true(bytes_equal(buf_bytes(&text), bytes_text(good[i])));
    }
}

/* The table's octets against the numbers of the specifications; OpenSSL encodes them. */
static void every_row_has_the_number_of_its_specification(void **state)
{
    static const char *const dotted[OIDS_] = {
        [OID_COMMON_NAME] = "2.5.4.3",
        [OID_COUNTRY] = "2.5.4.6",
        [OID_LOCALITY] = "2.5.4.7",
        [OID_STATE] = "2.5.4.8",
        [OID_ORGANIZATION] = "2.5.4.10",
        [OID_ORGANIZATIONAL_UNIT] = "2.5.4.11",
        [OID_RSA_ENCRYPTION] = "1.2.840.113549.1.1.1",
        [OID_SHA1_WITH_RSA] = "1.2.840.113549.1.1.5",
        [OID_SHA256_WITH_RSA] = "1.2.840.113549.1.1.11",
        [OID_SHA384_WITH_RSA] = "1.2.840.113549.1.1.12",
        [OID_SHA512_WITH_RSA] = "1.2.840.113549.1.1.13",
        [OID_ECDSA_WITH_SHA384] = "1.2.840.10045.4.3.3",
        [OID_RSASSA_PSS] = "1.2.840.113549.1.1.10",
        [OID_MGF1] = "1.2.840.113549.1.1.8",
        [OID_SHA1] = "1.3.14.3.2.26",
        [OID_SHA256] = "2.16.840.1.101.3.4.2.1",
        [OID_SHA384] = "2.16.840.1.101.3.4.2.2",
        [OID_SHA512] = "2.16.840.1.101.3.4.2.3",
        [OID_SUBJECT_KEY_ID] = "2.5.29.14",
        [OID_KEY_USAGE] = "2.5.29.15",
        [OID_SUBJECT_ALT_NAME] = "2.5.29.17",
        [OID_ISSUER_ALT_NAME] = "2.5.29.18",
        [OID_BASIC_CONSTRAINTS] = "2.5.29.19",
        [OID_CRL_DISTRIBUTION_POINTS] = "2.5.29.31",
        [OID_CERTIFICATE_POLICIES] = "2.5.29.32",
        [OID_AUTHORITY_KEY_ID] = "2.5.29.35",
        [OID_EXT_KEY_USAGE] = "2.5.29.37",
        [OID_AUTHORITY_INFO_ACCESS] = "1.3.6.1.5.5.7.1.1",
        [OID_AD_OCSP] = "1.3.6.1.5.5.7.48.1",
        [OID_QT_CPS] = "1.3.6.1.5.5.7.2.1",
        [OID_CLIENT_AUTH] = "1.3.6.1.5.5.7.3.2",
        [OID_OCSP_SIGNING] = "1.3.6.1.5.5.7.3.9",
        [OID_OCSP_BASIC] = "1.3.6.1.5.5.7.48.1.1",
        [OID_OCSP_NONCE] = "1.3.6.1.5.5.7.48.1.2",
        [OID_OCSP_NOCHECK] = "1.3.6.1.5.5.7.48.1.5",
        [OID_CRL_NUMBER] = "2.5.29.20",
        [OID_CRL_REASON] = "2.5.29.21",
        [OID_ISSUING_DISTRIBUTION_POINT] = "2.5.29.28",
        [OID_POLICY_SIGN] = "1.2.392.200149.8.5.1.1.20",
        [OID_POLICY_SIGN_TEST] = "1.2.392.200149.8.5.1.0.20",
        [OID_POLICY_AUTH] = "1.2.392.200149.8.5.1.3.30",
        [OID_FEED_SIGNING] = "2.999.1.1",
        [OID_HOLDER_NAME] = "1.2.392.200149.8.5.5.1",
        [OID_HOLDER_NAME_SUBSTITUTES] = "1.2.392.200149.8.5.5.2",
        [OID_HOLDER_SEX] = "1.2.392.200149.8.5.5.3",
        [OID_HOLDER_BIRTH] = "1.2.392.200149.8.5.5.4",
        [OID_HOLDER_ADDRESS] = "1.2.392.200149.8.5.5.5",
        [OID_HOLDER_ADDRESS_SUBSTITUTES] = "1.2.392.200149.8.5.5.6",
        [OID_CMS_DATA] = "1.2.840.113549.1.7.1",
        [OID_CMS_SIGNED_DATA] = "1.2.840.113549.1.7.2",
        [OID_CONTENT_TYPE] = "1.2.840.113549.1.9.3",
        [OID_MESSAGE_DIGEST] = "1.2.840.113549.1.9.4",
        [OID_SIGNING_TIME] = "1.2.840.113549.1.9.5",
        [OID_SIGNING_CERTIFICATE_V2] = "1.2.840.113549.1.9.16.2.47",
    };

    (void)state;
    for (int id = OID_UNKNOWN + 1; id < OIDS_; id++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        ASN1_OBJECT *judge;

        assert_non_null(dotted[id]);
        judge = OBJ_txt2obj(dotted[id], 1);
        assert_true(
            bytes_equal(oid_der((enum oid)id), bytes_of(OBJ_get0_data(judge), OBJ_length(judge))));
        ASN1_OBJECT_free(judge);
        assert_int_equal(oid_from_text(dotted[id], &der, NULL), 0);
        assert_true(bytes_equal(oid_der((enum oid)id), buf_bytes(&der)));
        assert_int_equal(oid_find(buf_bytes(&der)), id);
        assert_non_null(oid_name((enum oid)id));
    }
}

static void what_is_not_in_the_table_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(oid_find(BYTES_LITERAL("\x2a\x03")), OID_UNKNOWN);
    assert_int_equal(oid_find(bytes_of(NULL, 0)), OID_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_contents_are_refused),
        cmocka_unit_test(malformed_texts_are_refused),
        cmocka_unit_test(identifiers_end_at_their_limit),
        cmocka_unit_test(large_arcs_come_back),
        cmocka_unit_test(every_row_has_the_number_of_its_specification),
        cmocka_unit_test(what_is_not_in_the_table_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
