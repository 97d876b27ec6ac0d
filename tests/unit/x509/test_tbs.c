/* SPDX-License-Identifier: Apache-2.0 */
/* TBSCertificates put together from pieces, of which one is wrong. */
#include "x509/tbs.h"

#include "x509/algorithm.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Encoded pieces in the order of RFC 5280, 4.1. */
struct draft {
    struct bytes version, serial, algorithm, issuer, validity, subject, spki, extensions;
};

#define NAME "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02JP"
#define SKI  "\x30\x0b\x06\x03\x55\x1d\x0e\x04\x04\x04\x02\x01\x02"
#define KU   "\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x06\xc0"

static struct draft good(void)
{
    return (struct draft){
        .version = BYTES_LITERAL("\xa0\x03\x02\x01\x02"),
        .serial = BYTES_LITERAL("\x02\x02\x00\x80"),
        .algorithm = BYTES_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"),
        .issuer = BYTES_LITERAL(NAME),
        .validity = BYTES_LITERAL("\x30\x1e\x17\x0d"
                                  "260101000000Z\x17\x0d"
                                  "270101000000Z"),
        .subject = BYTES_LITERAL(NAME),
        .spki = BYTES_LITERAL("\x30\x00"),
        .extensions = BYTES_LITERAL("\xa3\x1f\x30\x1d" KU SKI),
    };
}

static void build(const struct draft *draft, struct buf *ret)
{
    const struct bytes pieces[] = {draft->version, draft->serial,    draft->algorithm,
                                   draft->issuer,  draft->validity,  draft->subject,
                                   draft->spki,    draft->extensions};
    size_t mark;

    buf_clear(ret);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &mark, NULL), 0);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        assert_int_equal(buf_append(ret, pieces[i], NULL), 0);
    assert_int_equal(der_finish(ret, mark, NULL), 0);
}

static void assert_refused(const struct draft *draft)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs = {.key_usage = 99};
    struct err err = {0};

    build(draft, &der);
    assert_int_equal(tbs_parse(buf_bytes(&der), &tbs, &err), -ERR_INPUT);
    assert_true(err.text[0] != '\0');
    assert_int_equal(tbs.key_usage, 99);
}

/* The draft must be accepted; der keeps what tbs points into. */
static void parse(const struct draft *draft, struct buf *der, struct tbs *tbs)
{
    struct err err = {0};

    build(draft, der);
    if (tbs_parse(buf_bytes(der), tbs, &err) < 0)
        fail_msg("%s", err.text);
}

/* [3] { SEQUENCE { extensions } } from the encoded extensions. */
static struct bytes wrap_extensions(struct buf *out, struct bytes extensions)
{
    size_t outer;
    size_t inner;

    buf_clear(out);
    assert_int_equal(der_begin(out, DER_CONTEXT_CONSTRUCTED(3), &outer, NULL), 0);
    assert_int_equal(der_begin(out, DER_SEQUENCE, &inner, NULL), 0);
    assert_int_equal(buf_append(out, extensions, NULL), 0);
    assert_int_equal(der_finish(out, inner, NULL), 0);
    assert_int_equal(der_finish(out, outer, NULL), 0);
    return buf_bytes(out);
}

/* One extension with this id (content octets) and value. */
static void put_extension(struct buf *out, struct bytes id, bool is_critical, struct bytes value)
{
    size_t mark;

    assert_int_equal(der_begin(out, DER_SEQUENCE, &mark, NULL), 0);
    assert_int_equal(der_put(out, DER_OID, id, NULL), 0);
    if (is_critical)
        assert_int_equal(der_put_true(out, NULL), 0);
    assert_int_equal(der_put(out, DER_OCTET_STRING, value, NULL), 0);
    assert_int_equal(der_finish(out, mark, NULL), 0);
}

/* A draft with one extension; the result of parsing it. */
static int parse_extension(enum oid id, struct bytes value, struct tbs *tbs, struct buf *der)
{
    CLEANUP(buf_done) struct buf extension = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    struct draft draft = good();

    put_extension(&extension, oid_der(id), false, value);
    draft.extensions = wrap_extensions(&wrapped, buf_bytes(&extension));
    build(&draft, der);
    return tbs_parse(buf_bytes(der), tbs, NULL);
}

static void assert_extension_refused(enum oid id, struct bytes value)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs;

    assert_int_equal(parse_extension(id, value, &tbs, &der), -ERR_INPUT);
}

static void other_versions_are_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.version = bytes_of(NULL, 0); /* v1 by DEFAULT */
    assert_refused(&draft);
    draft.version = BYTES_LITERAL("\xa0\x03\x02\x01\x00"); /* v1 written out */
    assert_refused(&draft);
    draft.version = BYTES_LITERAL("\xa0\x03\x02\x01\x01"); /* v2 */
    assert_refused(&draft);
    draft.version = BYTES_LITERAL("\xa0\x04\x02\x01\x02\x00"); /* v3 and a byte */
    assert_refused(&draft);
}

/* RFC 5280, 4.1.2.2 */
static void serials_that_are_zero_negative_or_too_long_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf serial = BUF_INIT;
    uint8_t octets[X509_SERIAL_MAX + 1];
    struct draft draft = good();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs;

    (void)state;
    draft.serial = BYTES_LITERAL("\x02\x01\x00");
    assert_refused(&draft);
    draft.serial = BYTES_LITERAL("\x02\x01\x80");
    assert_refused(&draft);
    draft.serial = BYTES_LITERAL("\x02\x02\x00\x01");
    assert_refused(&draft);
    memset(octets, 0x7f, sizeof octets);
    assert_int_equal(der_put(&serial, DER_INTEGER, BYTES_ARRAY(octets), NULL), 0);
    draft.serial = buf_bytes(&serial);
    assert_refused(&draft);
    buf_clear(&serial);
    assert_int_equal(der_put(&serial, DER_INTEGER, bytes_of(octets, X509_SERIAL_MAX), NULL), 0);
    draft.serial = buf_bytes(&serial);
    parse(&draft, &der, &tbs);
    assert_int_equal(tbs.serial.len, X509_SERIAL_MAX);
    assert_int_equal(tbs_serial_number(&tbs), 0); /* more than eight octets */
}

static void algorithms_that_are_not_known_are_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.algorithm = BYTES_LITERAL(
        "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"); /* ecdsa-with-SHA256 */
    assert_refused(&draft);
    draft.algorithm = BYTES_LITERAL(/* rsaEncryption names no hash */
                                    "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
    assert_refused(&draft);
    draft.algorithm = BYTES_LITERAL(/* RFC 4055, 5: the parameters are NULL */
                                    "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b");
    assert_refused(&draft);
    draft.algorithm = BYTES_LITERAL(
        "\x30\x0e\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x01\x00");
    assert_refused(&draft);
}

static void unique_identifiers_and_trailing_bytes_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf extensions = BUF_INIT;
    struct draft draft = good();

    (void)state;
    assert_int_equal(buf_append(&extensions, BYTES_LITERAL("\x81\x02\x00\x01"), NULL), 0);
    assert_int_equal(buf_append(&extensions, draft.extensions, NULL), 0);
    draft.extensions = buf_bytes(&extensions);
    assert_refused(&draft);
    buf_clear(&extensions);
    draft = good();
    assert_int_equal(buf_append(&extensions, draft.extensions, NULL), 0);
    assert_int_equal(buf_append(&extensions, BYTES_LITERAL("\x05\x00"), NULL), 0);
    draft.extensions = buf_bytes(&extensions);
    assert_refused(&draft);
}

static void a_certificate_without_extensions_is_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.extensions = bytes_of(NULL, 0);
    assert_refused(&draft);
    draft.extensions = BYTES_LITERAL("\xa3\x02\x30\x00");
    assert_refused(&draft);
}

/* RFC 5280, 4.2 */
static void an_extension_that_occurs_twice_is_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.extensions = BYTES_LITERAL("\xa3\x1c\x30\x1a" SKI SKI);
    assert_refused(&draft);
}

/* X.690, 11.5: critical FALSE is the default and not written. */
static void critical_false_is_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.extensions = BYTES_LITERAL(
        "\xa3\x12\x30\x10\x30\x0e\x06\x03\x55\x1d\x0e\x01\x01\x00\x04\x04\x04\x02\x01"
        "\x02");
    assert_refused(&draft);
}

static void extensions_end_at_their_limit(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct draft draft = good();
    struct tbs tbs;

    (void)state;
    for (uint8_t i = 0; i < X509_EXTENSIONS_MAX; i++) {
        const uint8_t id[] = {0x2a, 0x03, i};

        put_extension(&list, BYTES_ARRAY(id), false, BYTES_LITERAL("\x05\x00"));
    }
    draft.extensions = wrap_extensions(&wrapped, buf_bytes(&list));
    parse(&draft, &der, &tbs);
    assert_int_equal(tbs.extension_count, X509_EXTENSIONS_MAX);
    put_extension(&list, BYTES_LITERAL("\x2a\x04"), false, BYTES_LITERAL("\x05\x00"));
    draft.extensions = wrap_extensions(&wrapped, buf_bytes(&list));
    assert_refused(&draft);
}

static void certificates_end_at_their_limit(void **state)
{
    static const uint8_t zeros[X509_CERT_MAX];
    CLEANUP(buf_done) struct buf extension = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct draft draft = good();
    struct tbs tbs;
    size_t filler = X509_CERT_MAX - 300;

    (void)state;
    do {
        buf_clear(&extension);
        put_extension(&extension, BYTES_LITERAL("\x2a\x03"), false, bytes_of(zeros, filler++));
        draft.extensions = wrap_extensions(&wrapped, buf_bytes(&extension));
        build(&draft, &der);
    } while (der.len < X509_CERT_MAX);
    assert_int_equal(der.len, X509_CERT_MAX);
    assert_int_equal(tbs_parse(buf_bytes(&der), &tbs, NULL), 0);
    buf_clear(&extension);
    put_extension(&extension, BYTES_LITERAL("\x2a\x03"), false, bytes_of(zeros, filler));
    draft.extensions = wrap_extensions(&wrapped, buf_bytes(&extension));
    assert_refused(&draft);
}

static void malformed_values_of_known_extensions_are_refused(void **state)
{
    static const struct {
        enum oid id;
        struct bytes value;
    } rows[] = {
        {OID_SUBJECT_KEY_ID, {(const uint8_t *)"\x04\x00", 2}},
        {OID_SUBJECT_KEY_ID, {(const uint8_t *)"\x04\x01x\x00", 4}},
        {OID_KEY_USAGE, {(const uint8_t *)"\x03\x02\x00\x06", 4}},
        {OID_KEY_USAGE, {(const uint8_t *)"\x03\x02\x01\x06\x00", 5}},
        {OID_BASIC_CONSTRAINTS, {(const uint8_t *)"\x30\x03\x01\x01\x00", 5}},
        {OID_BASIC_CONSTRAINTS, {(const uint8_t *)"\x30\x03\x02\x01\x00", 5}}, /* no cA */
        {OID_BASIC_CONSTRAINTS, {(const uint8_t *)"\x30\x06\x01\x01\xff\x02\x01\x80", 8}},
        {OID_SUBJECT_ALT_NAME, {(const uint8_t *)"\x30\x00", 2}},
        {OID_SUBJECT_ALT_NAME, {(const uint8_t *)"\x30\x02\xa4\x00", 4}}, /* empty name */
        {OID_ISSUER_ALT_NAME, {(const uint8_t *)"\x31\x00", 2}},
        {OID_CERTIFICATE_POLICIES, {(const uint8_t *)"\x30\x00", 2}},
        {OID_CERTIFICATE_POLICIES, {(const uint8_t *)"\x30\x02\x30\x00", 4}},
        {OID_CRL_DISTRIBUTION_POINTS, {(const uint8_t *)"\x30\x00", 2}},
        {OID_CRL_DISTRIBUTION_POINTS, {(const uint8_t *)"\x30\x02\x31\x00", 4}},
        {OID_AUTHORITY_INFO_ACCESS, {(const uint8_t *)"\x30\x00", 2}},
        {OID_EXT_KEY_USAGE, {(const uint8_t *)"\x30\x00", 2}},
        {OID_EXT_KEY_USAGE, {(const uint8_t *)"\x30\x02\x06\x00", 4}},
        {OID_AUTHORITY_KEY_ID, {(const uint8_t *)"\x30\x02\x80\x00", 4}},
        {OID_AUTHORITY_KEY_ID, {(const uint8_t *)"\x30\x03\x82\x01\x01", 5}}, /* no issuer */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_extension_refused(rows[i].id, rows[i].value);
}

static void key_identifiers_end_at_their_limit(void **state)
{
    static const uint8_t zeros[X509_KEY_ID_MAX + 1];
    CLEANUP(buf_done) struct buf most = BUF_INIT;
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs;

    (void)state;
    assert_int_equal(der_put(&more, DER_OCTET_STRING, BYTES_ARRAY(zeros), NULL), 0);
    assert_extension_refused(OID_SUBJECT_KEY_ID, buf_bytes(&more));
    assert_int_equal(der_put(&most, DER_OCTET_STRING, bytes_of(zeros, X509_KEY_ID_MAX), NULL), 0);
    assert_int_equal(parse_extension(OID_SUBJECT_KEY_ID, buf_bytes(&most), &tbs, &der), 0);
    assert_int_equal(tbs.subject_key_id.len, X509_KEY_ID_MAX);
}

/* SEQUENCE OF count elements. */
static void repeat(struct buf *out, struct bytes element, size_t count)
{
    size_t mark;

    buf_clear(out);
    assert_int_equal(der_begin(out, DER_SEQUENCE, &mark, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buf_append(out, element, NULL), 0);
    assert_int_equal(der_finish(out, mark, NULL), 0);
}

static void policies_and_purposes_end_at_their_limits(void **state)
{
    static const struct bytes policy = BYTES_LITERAL("\x30\x04\x06\x02\x2a\x03");
    static const struct bytes purpose = BYTES_LITERAL("\x06\x02\x2a\x03");
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs;

    (void)state;
    repeat(&value, policy, X509_POLICIES_MAX + 1);
    assert_extension_refused(OID_CERTIFICATE_POLICIES, buf_bytes(&value));
    repeat(&value, policy, X509_POLICIES_MAX);
    assert_int_equal(parse_extension(OID_CERTIFICATE_POLICIES, buf_bytes(&value), &tbs, &der), 0);
    assert_int_equal(tbs.policy_count, X509_POLICIES_MAX);
    assert_false(tbs_has_policy(&tbs, OID_POLICY_SIGN));
    repeat(&value, purpose, X509_PURPOSES_MAX + 1);
    assert_extension_refused(OID_EXT_KEY_USAGE, buf_bytes(&value));
    repeat(&value, purpose, X509_PURPOSES_MAX);
    assert_int_equal(parse_extension(OID_EXT_KEY_USAGE, buf_bytes(&value), &tbs, &der), 0);
    assert_int_equal(tbs.purpose_count, X509_PURPOSES_MAX);
    assert_false(tbs_has_purpose(&tbs, OID_CLIENT_AUTH));
}

static void an_unknown_critical_extension_is_reported(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct draft draft = good();
    struct tbs tbs;

    (void)state;
    put_extension(&list, BYTES_LITERAL("\x2a\x03"), false, BYTES_LITERAL("\x05\x00"));
    draft.extensions = wrap_extensions(&wrapped, buf_bytes(&list));
    parse(&draft, &der, &tbs);
    assert_int_equal(tbs.unknown_critical.len, 0);
    put_extension(&list, BYTES_LITERAL("\x2a\x04"), true, BYTES_LITERAL("\x05\x00"));
    draft.extensions = wrap_extensions(&wrapped, buf_bytes(&list));
    parse(&draft, &der, &tbs);
    assert_true(bytes_equal(tbs.unknown_critical, BYTES_LITERAL("\x2a\x04")));
}

static void other_alternative_names_are_no_holder(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs;

    (void)state;
    assert_int_equal(parse_extension(OID_SUBJECT_ALT_NAME,
                                     BYTES_LITERAL("\x30\x08\x82\x06"
                                                   "a.test"),
                                     &tbs, &der),
                     0);
    assert_false(tbs.has_holder);
    assert_int_equal(tbs.alt_name.len, 0);
}

/* An address instead of a directory name is left alone. */
static void distribution_points_without_directory_name_are_stepped_over(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs tbs;

    (void)state;
    assert_int_equal(parse_extension(OID_CRL_DISTRIBUTION_POINTS,
                                     BYTES_LITERAL("\x30\x0e\x30\x0c\xa0\x0a\xa0\x08\x86\x06"
                                                   "http:x"),
                                     &tbs, &der),
                     0);
    assert_int_equal(tbs.distribution_point.len, 0);
}

static void the_pieces_are_found(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct draft draft = good();
    struct tbs tbs;

    (void)state;
    parse(&draft, &der, &tbs);
    assert_true(bytes_equal(tbs.der, buf_bytes(&der)));
    assert_true(bytes_equal(tbs.serial, BYTES_LITERAL("\x80")));
    assert_int_equal(tbs_serial_number(&tbs), 0x80);
    assert_int_equal(tbs.algorithm_digest, DIGEST_SHA256);
    assert_true(bytes_equal(tbs.algorithm, draft.algorithm));
    assert_true(name_equal(tbs.issuer, draft.issuer));
    assert_int_equal(tbs.not_before, 1767225600); /* 2026-01-01T00:00:00Z */
    assert_int_equal(tbs.not_after, 1798761600);
    assert_true(bytes_equal(tbs.spki, draft.spki));
    assert_int_equal(tbs.extension_count, 2);
    assert_true(tbs.extensions[0].is_critical);
    assert_false(tbs.extensions[1].is_critical);
    assert_int_equal(tbs.key_usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION);
    assert_true(bytes_equal(tbs.subject_key_id, BYTES_LITERAL("\x01\x02")));
    assert_false(tbs.is_ca);
    assert_int_equal(tbs.path_len, -1);
    assert_ptr_equal(tbs_find(&tbs, OID_SUBJECT_KEY_ID), &tbs.extensions[1]);
    assert_null(tbs_find(&tbs, OID_BASIC_CONSTRAINTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_versions_are_refused),
        cmocka_unit_test(serials_that_are_zero_negative_or_too_long_are_refused),
        cmocka_unit_test(algorithms_that_are_not_known_are_refused),
        cmocka_unit_test(unique_identifiers_and_trailing_bytes_are_refused),
        cmocka_unit_test(a_certificate_without_extensions_is_refused),
        cmocka_unit_test(an_extension_that_occurs_twice_is_refused),
        cmocka_unit_test(critical_false_is_refused),
        cmocka_unit_test(extensions_end_at_their_limit),
        cmocka_unit_test(certificates_end_at_their_limit),
        cmocka_unit_test(malformed_values_of_known_extensions_are_refused),
        cmocka_unit_test(key_identifiers_end_at_their_limit),
        cmocka_unit_test(policies_and_purposes_end_at_their_limits),
        cmocka_unit_test(an_unknown_critical_extension_is_reported),
        cmocka_unit_test(other_alternative_names_are_no_holder),
        cmocka_unit_test(distribution_points_without_directory_name_are_stepped_over),
        cmocka_unit_test(the_pieces_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
