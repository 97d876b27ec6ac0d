/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/crl_write.h"

#include "support/pki.h"
#include "support/revocations.h"
#include "x509/algorithm.h"
#include "x509/der.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 1 << 20 };

static struct test_pki pki;

static const struct revocation entries[] = {{1, TEST_PKI_NOW - 100, CRL_UNSPECIFIED},
                                            {127, TEST_PKI_NOW - 90, CRL_KEY_COMPROMISE},
                                            {128, TEST_PKI_NOW - 90, CRL_CA_COMPROMISE},
                                            {0x7fff, TEST_PKI_NOW, CRL_AFFILIATION_CHANGED},
                                            {0x8000, 2524607999, CRL_SUPERSEDED},
                                            {0xffffff, 2524608000, CRL_UNSPECIFIED},
                                            {0xffffffff, TEST_PKI_NOW, CRL_CERTIFICATE_HOLD}};

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static struct crl_head head_of_sign_ca(void)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);

    return (struct crl_head){.issuer = ca->subject,
                             .authority_key_id = ca->subject_key_id,
                             .number = 1,
                             .this_update = TEST_PKI_NOW,
                             .next_update = TEST_PKI_NOW + 86400,
                             .scope = CRL_SCOPE_USERS};
}

static int write_tbs(const struct crl_head *head, const struct revocation *all, size_t count,
                     struct buf *ret)
{
    struct test_revocations array = {.entries = all, .count = count};
    struct revocation_source source = test_revocations_source(&array);
    struct crl_sink sink = crl_sink_buf(ret);
    size_t size = 0;
    int rc = crl_write_tbs(head, &source, &sink, &size, NULL);

    if (rc == 0)
        assert_int_equal(size, ret->len);
    return rc;
}

/* Sign with any key of the test PKI, so that wrong ones can be tried. */
static void complete(struct bytes tbs, enum profile_kind signer, struct buf *ret)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct crl_sink sink = crl_sink_buf(ret);
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, tbs, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[signer], &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(tbs, buf_bytes(&signature), &sink, NULL), 0);
}

static void make_list(struct buf *ret)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct crl_head head = head_of_sign_ca();

    assert_int_equal(write_tbs(&head, entries, sizeof entries / sizeof entries[0], &tbs), 0);
    complete(buf_bytes(&tbs), PROFILE_SIGN_CA, ret);
}

static void sources_out_of_order_and_half_heads_are_refused(void **state)
{
    static const struct revocation wrong[] = {{2, 5, CRL_SUPERSEDED}, {2, 5, CRL_SUPERSEDED}};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct crl_head head = head_of_sign_ca();

    (void)state;
    assert_int_equal(write_tbs(&head, wrong, 2, &out), -ERR_USAGE);
    head.number = 0;
    assert_int_equal(write_tbs(&head, entries, 1, &out), -ERR_USAGE);
    head = head_of_sign_ca();
    head.authority_key_id.len = 0;
    assert_int_equal(write_tbs(&head, entries, 1, &out), -ERR_USAGE);
    head = head_of_sign_ca();
    head.next_update = head.this_update - 1;
    assert_int_equal(write_tbs(&head, entries, 1, &out), -ERR_USAGE);
    assert_int_equal(out.len, 0);
}

static void a_list_that_is_cut_off_or_longer_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct crl crl;

    (void)state;
    make_list(&list);
    for (size_t len = 0; len < list.len; len++)
        assert_int_equal(crl_parse(bytes_of(list.ptr, len), LIMIT, &crl, NULL), -ERR_INPUT);
    assert_int_equal(crl_parse(buf_bytes(&list), list.len, &crl, NULL), 0);
    assert_int_equal(crl_parse(buf_bytes(&list), list.len - 1, &crl, NULL), -ERR_INPUT);
    assert_int_equal(buf_append_byte(&list, 0, NULL), 0);
    assert_int_equal(crl_parse(buf_bytes(&list), LIMIT, &crl, NULL), -ERR_INPUT);
}

static void only_the_issuer_s_key_verifies_and_no_byte_may_change(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    CLEANUP(buf_done) struct buf forged = BUF_INIT;
    const struct pubkey *key = x509_cert_pubkey(pki.certs[PROFILE_SIGN_CA]);
    struct crl crl;

    (void)state;
    make_list(&list);
    assert_int_equal(crl_parse(buf_bytes(&list), LIMIT, &crl, NULL), 0);
    assert_int_equal(crl_verify(&crl, key, NULL), 0);
    complete(crl.tbs, PROFILE_AUTH_CA, &forged);
    assert_int_equal(crl_parse(buf_bytes(&forged), LIMIT, &crl, NULL), 0);
    assert_int_equal(crl_verify(&crl, key, NULL), -ERR_UNTRUSTED);
    /* A serial number in the first entry: still a list, no longer this signature's. */
    assert_int_equal(crl_parse(buf_bytes(&list), LIMIT, &crl, NULL), 0);
    list.ptr[(size_t)(crl.entries.ptr - list.ptr) + 4] ^= 2;
    assert_int_equal(crl_parse(buf_bytes(&list), LIMIT, &crl, NULL), 0);
    assert_int_equal(crl_verify(&crl, key, NULL), -ERR_UNTRUSTED);
}

static void what_is_written_is_read(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct crl_head head = head_of_sign_ca();
    struct revocation entry;
    struct bytes rest;
    struct crl crl;
    uint64_t number;

    (void)state;
    make_list(&list);
    assert_int_equal(crl_parse(buf_bytes(&list), LIMIT, &crl, NULL), 0);
    assert_true(name_equal(crl.issuer, head.issuer));
    assert_true(bytes_equal(crl.authority_key_id, head.authority_key_id));
    assert_true(crl.this_update == head.this_update && crl.next_update == head.next_update);
    assert_int_equal(crl.scope, CRL_SCOPE_USERS);
    assert_int_equal(crl_number(&crl, &number, NULL), 0);
    assert_true(number == 1);
    rest = crl.entries;
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        assert_int_equal(crl_next(&rest, &entry, NULL), 0);
        assert_int_equal(entry.serial, entries[i].serial);
        assert_true(entry.at == entries[i].at);
        assert_int_equal(entry.reason, entries[i].reason);
    }
    assert_int_equal(crl_next(&rest, &entry, NULL), -ERR_ABSENT);
}

static void an_empty_list_has_no_entries_at_all(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct crl_head head = head_of_sign_ca();
    struct crl crl;

    (void)state;
    head.number = UINT64_MAX;
    head.scope = CRL_SCOPE_CAS;
    head.distribution_point = head.issuer;
    assert_int_equal(write_tbs(&head, NULL, 0, &tbs), 0);
    assert_int_equal(crl_parse_tbs(buf_bytes(&tbs), &crl, NULL), 0);
    assert_int_equal(crl.entries.len, 0);
    assert_int_equal(crl.scope, CRL_SCOPE_CAS);
    assert_true(name_equal(crl.distribution_point, head.issuer));
    assert_int_equal(crl.number.len, 8);
}

/* Entries of one list, given as DER. */
static int first_entry(struct bytes der)
{
    struct revocation entry;

    return crl_next(&der, &entry, NULL);
}

/* A TBSCertList of our own making with a number of `octets` octets and `extra` extensions more. */
static int parse_with(size_t octets, int extra)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct crl_head head = head_of_sign_ca();
    uint8_t number[CRL_NUMBER_MAX + 1] = {1};
    size_t marks[4];
    struct crl crl;

    assert_int_equal(der_begin(&tbs, DER_SEQUENCE, &marks[0], NULL), 0);
    assert_int_equal(der_put_uint(&tbs, 1, NULL), 0);
    assert_int_equal(algorithm_put_signature(&tbs, DIGEST_SHA256, NULL), 0);
    assert_int_equal(buf_append(&tbs, head.issuer, NULL), 0);
    assert_int_equal(der_put_time(&tbs, head.this_update, NULL), 0);
    assert_int_equal(der_put_time(&tbs, head.next_update, NULL), 0);
    assert_int_equal(der_begin(&tbs, DER_CONTEXT_CONSTRUCTED(0), &marks[1], NULL), 0);
    assert_int_equal(der_begin(&tbs, DER_SEQUENCE, &marks[2], NULL), 0);
    /* authorityKeyIdentifier */
    assert_int_equal(buf_append(&tbs,
                                BYTES_LITERAL("\x30\x0c\x06\x03\x55\x1d\x23\x04\x05\x30\x03"
                                              "\x80\x01k"),
                                NULL),
                     0);
    assert_int_equal(der_begin(&tbs, DER_SEQUENCE, &marks[3], NULL), 0);
    assert_int_equal(der_put_oid(&tbs, OID_CRL_NUMBER, NULL), 0);
    assert_int_equal(buf_append_byte(&tbs, DER_OCTET_STRING, NULL), 0);
    assert_int_equal(buf_append_byte(&tbs, (uint8_t)(octets + 2), NULL), 0);
    assert_int_equal(der_put_positive(&tbs, DER_INTEGER, bytes_of(number, octets), NULL), 0);
    assert_int_equal(der_finish(&tbs, marks[3], NULL), 0);
    for (int i = 0; i < extra; i++) /* of an unknown kind, not critical */
        assert_int_equal(
            buf_append(&tbs, BYTES_LITERAL("\x30\x07\x06\x03\x55\x1d\x63\x04\x00"), NULL), 0);
    for (int i = 2; i >= 0; i--)
        assert_int_equal(der_finish(&tbs, marks[i], NULL), 0);
    return crl_parse_tbs(buf_bytes(&tbs), &crl, NULL);
}

static void numbers_and_extensions_have_their_limits(void **state)
{
    (void)state;
    assert_int_equal(parse_with(CRL_NUMBER_MAX, 0), 0);
    assert_int_equal(parse_with(CRL_NUMBER_MAX + 1, 0), -ERR_INPUT);
    assert_int_equal(parse_with(1, CRL_EXTENSIONS_MAX - 2), 0);
    assert_int_equal(parse_with(1, CRL_EXTENSIONS_MAX - 1), -ERR_INPUT);
}

static void malformed_entries_are_refused(void **state)
{
    (void)state;
    /* the good one they are made from */
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x12\x02\x01\x05\x17\x0d"
                                               "260101000000Z")),
                     0);
    /* zero, negative, more than REVOCATION_SERIAL_OCTETS */
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x12\x02\x01\x00\x17\x0d"
                                               "260101000000Z")),
                     -ERR_INPUT);
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x12\x02\x01\x85\x17\x0d"
                                               "260101000000Z")),
                     -ERR_INPUT);
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x16\x02\x05\x05\x01\x01\x01\x01\x17\x0d"
                                               "260101000000Z")),
                     -ERR_INPUT);
    /* a month that does not exist */
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x12\x02\x01\x05\x17\x0d"
                                               "261301000000Z")),
                     -ERR_INPUT);
    /* removeFromCRL (8), the unused 7, and 6 for comparison */
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x20\x02\x01\x05\x17\x0d"
                                               "260101000000Z\x30\x0c\x30\x0a\x06\x03\x55\x1d"
                                               "\x15\x04\x03\x0a\x01\x08")),
                     -ERR_INPUT);
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x20\x02\x01\x05\x17\x0d"
                                               "260101000000Z\x30\x0c\x30\x0a\x06\x03\x55\x1d"
                                               "\x15\x04\x03\x0a\x01\x07")),
                     -ERR_INPUT);
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x20\x02\x01\x05\x17\x0d"
                                               "260101000000Z\x30\x0c\x30\x0a\x06\x03\x55\x1d"
                                               "\x15\x04\x03\x0a\x01\x06")),
                     0);
    /* certificateIssuer, critical: an indirect list (RFC 5280, 5.3.3) */
    assert_int_equal(first_entry(BYTES_LITERAL("\x30\x20\x02\x01\x05\x17\x0d"
                                               "260101000000Z\x30\x0c\x30\x0a\x06\x03\x55\x1d\x1d"
                                               "\x01\x01\xff\x04\x00")),
                     -ERR_INPUT);
}

static void many_entries_fill_many_blocks(void **state)
{
    enum { COUNT = 5000 };
    static struct revocation many[COUNT];
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct crl_head head = head_of_sign_ca();
    struct revocation entry;
    struct crl crl;

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        many[i] = (struct revocation){i * 17 + 1, TEST_PKI_NOW - i, CRL_SUPERSEDED};
    assert_int_equal(write_tbs(&head, many, COUNT, &tbs), 0);
    assert_int_equal(crl_parse_tbs(buf_bytes(&tbs), &crl, NULL), 0);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(crl_next(&crl.entries, &entry, NULL), 0);
        assert_int_equal(entry.serial, many[i].serial);
    }
    assert_int_equal(crl_next(&crl.entries, &entry, NULL), -ERR_ABSENT);
}

/* Every day that a UTCTime can name, and the first ones it cannot, by the general code. */
static void dates_are_those_of_the_general_code(void **state)
{
    enum { DAY = 86400, DAYS = 36525 + 400 };
    static struct revocation days[DAYS];
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct crl_head head = head_of_sign_ca();
    struct revocation entry;
    struct bytes rest;
    struct crl crl;

    (void)state;
    for (uint32_t i = 0; i < DAYS; i++)
        days[i] = (struct revocation){i + 1, -631152000 + (int64_t)i * DAY + i * 7919 % DAY,
                                      CRL_SUPERSEDED};
    assert_int_equal(write_tbs(&head, days, DAYS, &tbs), 0);
    assert_int_equal(crl_parse_tbs(buf_bytes(&tbs), &crl, NULL), 0);
    rest = crl.entries;
    for (size_t i = 0; i < DAYS; i++) {
        struct bytes serial;
        struct der element;
        int64_t at = 0;

        assert_int_equal(der_take(&rest, DER_SEQUENCE, "entry", &element, NULL), 0);
        assert_int_equal(der_take_positive(&element.value, DER_INTEGER, "serial", &serial, NULL),
                         0);
        assert_int_equal(der_take_time(&element.value, "date", &at, NULL), 0);
        assert_true(at == days[i].at);
        assert_int_equal(crl_next(&crl.entries, &entry, NULL), 0);
        assert_true(entry.at == days[i].at);
        assert_int_equal(entry.serial, i + 1);
        assert_int_equal(entry.reason, CRL_SUPERSEDED);
    }
}

/* An entry without extensions as the general decoder reads it. */
static int read_generally(struct bytes der, struct revocation *ret)
{
    struct bytes serial;
    struct der element;

    TRY(der_take(&der, DER_SEQUENCE, "entry", &element, NULL));
    TRY(der_take_positive(&element.value, DER_INTEGER, "serial", &serial, NULL));
    if (serial.len > REVOCATION_SERIAL_OCTETS)
        return -ERR_INPUT;
    ret->serial = 0;
    for (size_t i = 0; i < serial.len; i++)
        ret->serial = ret->serial << 8 | serial.ptr[i];
    TRY(der_take_time(&element.value, "date", &ret->at, NULL));
    return der_end(element.value, "entry", NULL);
}

/* The reader's glance accepts nothing the general decoder would refuse, nor anything else of it. */
static void one_changed_octet_changes_no_verdict(void **state)
{
    static const char *const entries_der[] = {
        "\x30\x12\x02\x01\x05\x17\x0d"
        "240229235959Z",
        "\x30\x14\x02\x03\x00\x85\x07\x17\x0d"
        "991231000000Z",
        "\x30\x16\x02\x05\x00\x85\x01\x02\x03\x17\x0d"
        "000229101112Z",
        "\x30\x15\x02\x04\x7f\x85\x01\x02\x17\x0d"
        "500101000000Z",
    };
    static const size_t sizes[] = {20, 22, 24, 23};

    (void)state;
    for (size_t row = 0; row < sizeof sizes / sizeof sizes[0]; row++)
        for (size_t at = 0; at < sizes[row]; at++)
            for (unsigned octet = 0; octet < 256; octet++) {
                struct revocation expected = {0, 0, CRL_UNSPECIFIED};
                struct revocation got = {0, 0, CRL_UNSPECIFIED};
                struct bytes rest;
                uint8_t der[24];

                memcpy(der, entries_der[row], sizes[row]);
                der[at] = (uint8_t)octet;
                rest = bytes_of(der, sizes[row]);
                int rc = read_generally(rest, &expected);
                assert_int_equal(crl_next(&rest, &got, NULL), rc);
                if (rc < 0)
                    continue;
                assert_int_equal(got.serial, expected.serial);
                assert_true(got.at == expected.at);
            }
}

/* The end of the input is never read past, wherever it is. */
static void an_entry_that_is_cut_off_is_refused(void **state)
{
    static const char whole[] = "\x30\x20\x02\x01\x05\x17\x0d"
                                "260101000000Z"
                                "\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01\x06";

    (void)state;
    for (size_t len = 1; len < sizeof whole - 1; len++) {
        CLEANUP(buf_done) struct buf part = BUF_INIT;

        assert_int_equal(buf_copy(bytes_of(whole, len), &part, NULL), 0);
        assert_int_equal(first_entry(buf_bytes(&part)), -ERR_INPUT);
    }
    assert_int_equal(first_entry(bytes_of(whole, sizeof whole - 1)), 0);
}

static void what_stands_around_a_list_is_told_without_it(void **state)
{
    CLEANUP(buf_done) struct buf front = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct crl_head head = head_of_sign_ca();
    struct crl_sink sink = crl_sink_buf(&list);
    struct bytes signature = BYTES_LITERAL("signature");

    (void)state;
    assert_int_equal(write_tbs(&head, entries, 2, &tbs), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), signature, &sink, NULL), 0);
    assert_int_equal(crl_wrap(tbs.len, signature, &front, &back, NULL), 0);
    assert_int_equal(front.len + tbs.len + back.len, list.len);
    assert_memory_equal(front.ptr, list.ptr, front.len);
    assert_memory_equal(back.ptr, list.ptr + front.len + tbs.len, back.len);
    assert_int_equal(crl_wrap((size_t)UINT32_MAX + 1, signature, &front, &back, NULL), -ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_out_of_order_and_half_heads_are_refused),
        cmocka_unit_test(a_list_that_is_cut_off_or_longer_is_refused),
        cmocka_unit_test(only_the_issuer_s_key_verifies_and_no_byte_may_change),
        cmocka_unit_test(numbers_and_extensions_have_their_limits),
        cmocka_unit_test(malformed_entries_are_refused),
        cmocka_unit_test(an_entry_that_is_cut_off_is_refused),
        cmocka_unit_test(one_changed_octet_changes_no_verdict),
        cmocka_unit_test(dates_are_those_of_the_general_code),
        cmocka_unit_test(what_stands_around_a_list_is_told_without_it),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(an_empty_list_has_no_entries_at_all),
        cmocka_unit_test(many_entries_fill_many_blocks),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
