/* SPDX-License-Identifier: Apache-2.0 */
#include "support/feed.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki p384;

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make_kind(&p384, KEY_P384);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&p384);
    return 0;
}

static const uint8_t key_id[20] = {7};
static const uint8_t digest[32] = {8};

static struct feed_head good_head(void)
{
    return (struct feed_head){
        .is_delta = true,
        .edition = 12,
        .ca_key_id = BYTES_ARRAY(key_id),
        .signer_key_id = BYTES_ARRAY(key_id),
        .this_update = TEST_PKI_NOW,
        .next_update = TEST_PKI_NOW + 60,
        .from = {0, BYTES_ARRAY(digest)},
        .to = {UINT64_MAX, BYTES_ARRAY(digest)},
        .body_size = FEED_ITEM_MAX,
        .body_digest = BYTES_ARRAY(digest),
    };
}

static void assert_not_built(const struct feed_head *head)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    assert_int_equal(feed_head_build(head, &out, NULL), -ERR_USAGE);
}

static void a_head_that_makes_no_sense_is_not_built(void **state)
{
    struct feed_head head;

    (void)state;
    head = good_head();
    head.edition = 0;
    assert_not_built(&head);
    head = good_head();
    head.next_update = head.this_update;
    assert_not_built(&head);
    head = good_head();
    head.from.number = 6;
    head.to.number = 5;
    assert_not_built(&head);
    head = good_head();
    head.body_size = FEED_ITEM_MAX + 1;
    assert_not_built(&head);
    head = good_head();
    head.ca_key_id.len = 19;
    assert_not_built(&head);
    head = good_head();
    head.body_digest.len = 31;
    assert_not_built(&head);
}

/* Each byte of a head counts: another version, kind, time or number is another head or none. */
static void a_changed_head_is_refused_or_another(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const struct feed_head head = good_head();
    struct feed_head read;

    (void)state;
    assert_int_equal(feed_head_build(&head, &out, NULL), 0);
    assert_int_equal(feed_head_parse(buf_bytes(&out), &read, NULL), 0);
    assert_true(read.is_delta && read.edition == 12 && read.to.number == UINT64_MAX);
    for (size_t i = 0; i < out.len; i++) {
        CLEANUP(buf_done) struct buf again = BUF_INIT;

        out.ptr[i] ^= 0x01;
        if (feed_head_parse(buf_bytes(&out), &read, NULL) == 0) {
            assert_int_equal(feed_head_build(&read, &again, NULL), 0);
            assert_true(bytes_equal(buf_bytes(&again), buf_bytes(&out)));
        }
        out.ptr[i] ^= 0x01;
    }
    out.ptr[4] = 2; /* SEQUENCE, its length, INTEGER, its length, then the version */
    assert_int_equal(feed_head_parse(buf_bytes(&out), &read, NULL), -ERR_INPUT);
}

static void a_head_over_the_limit_is_refused(void **state)
{
    uint8_t large[FEED_HEAD_MAX + 1] = {DER_SEQUENCE, 0x82, (FEED_HEAD_MAX - 3) >> 8,
                                        (FEED_HEAD_MAX - 3) & 0xff};
    struct feed_head read;
    struct err err = {0};

    (void)state;
    assert_int_equal(feed_head_parse(BYTES_ARRAY(large), &read, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than 512 bytes"));
    large[3] = (FEED_HEAD_MAX - 4) & 0xff;
    assert_int_equal(feed_head_parse(bytes_of(large, FEED_HEAD_MAX), &read, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "more than 512 bytes"));
}

static void make_item(const struct test_pki *from, enum profile_kind signer, struct buf *ret)
{
    struct test_feed feed;

    test_feed_begin(&feed, from, signer);
    test_feed_snapshot(&feed, ret);
    test_feed_done(&feed);
}

static struct feed_item read_item(const struct buf *buf)
{
    struct bytes rest = buf_bytes(buf);
    struct feed_item item;

    assert_int_equal(feed_item_next(&rest, &item, NULL), 0);
    assert_int_equal(rest.len, 0);
    return item;
}

static void an_item_that_is_cut_off_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct feed_item item;

    (void)state;
    make_item(&pki, PROFILE_FEED_SIGN, &out);
    for (size_t len = 1; len < out.len; len++) {
        struct bytes rest = bytes_of(out.ptr, len);

        assert_int_equal(feed_item_next(&rest, &item, NULL), -ERR_INPUT);
        assert_int_equal(rest.len, len);
    }
}

/* Wherever one bit is turned over: the item cannot be read, or is not believed. */
static void a_changed_item_is_not_believed(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    (void)state;
    make_item(&pki, PROFILE_FEED_SIGN, &out);
    for (size_t i = 0; i < out.len; i++) {
        struct bytes rest = buf_bytes(&out);
        struct feed_item item;

        out.ptr[i] ^= 0x04;
        assert_true(feed_item_next(&rest, &item, NULL) < 0 ||
                    feed_item_verify(&item, pki.certs[PROFILE_SIGN_CA], NULL) < 0);
        out.ptr[i] ^= 0x04;
    }
}

static void an_item_of_another_ca_is_not_believed(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf forged = BUF_INIT;
    struct feed_item item;
    struct test_pki mixed = pki;

    (void)state;
    make_item(&pki, PROFILE_FEED_AUTH, &out);
    item = read_item(&out);
    assert_int_equal(feed_item_verify(&item, pki.certs[PROFILE_SIGN_CA], NULL), -ERR_UNTRUSTED);
    /* The head says that it is about the sign CA; the signer is of the auth CA. */
    mixed.certs[PROFILE_FEED_SIGN] = pki.certs[PROFILE_FEED_AUTH];
    mixed.keys[PROFILE_FEED_SIGN] = pki.keys[PROFILE_FEED_AUTH];
    make_item(&mixed, PROFILE_FEED_SIGN, &forged);
    item = read_item(&forged);
    assert_int_equal(feed_item_verify(&item, pki.certs[PROFILE_SIGN_CA], NULL), -ERR_UNTRUSTED);
}

/* Certificates of the right CA for something else: a holder's, a responder's, the CA's own. */
static void a_key_that_was_not_appointed_is_not_believed(void **state)
{
    static const enum profile_kind others[] = {PROFILE_SIGN, PROFILE_OCSP_SIGN, PROFILE_SIGN_CA};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct test_pki mixed = pki;
        struct feed_item item;

        mixed.certs[PROFILE_FEED_SIGN] = pki.certs[others[i]];
        mixed.keys[PROFILE_FEED_SIGN] = pki.keys[others[i]];
        make_item(&mixed, PROFILE_FEED_SIGN, &out);
        item = read_item(&out);
        assert_int_equal(feed_item_verify(&item, pki.certs[PROFILE_SIGN_CA], NULL), -ERR_UNTRUSTED);
    }
}

static void a_signer_out_of_its_time_is_not_believed(void **state)
{
    const struct tbs *signer = x509_cert_tbs(pki.certs[PROFILE_FEED_SIGN]);
    const struct {
        int64_t at;
        int rc;
    } rows[] = {{signer->not_before - 1, -ERR_UNTRUSTED},
                {signer->not_before, 0},
                {signer->not_after, 0},
                {signer->not_after + 1, -ERR_UNTRUSTED}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct test_feed feed;
        struct feed_item item;

        test_feed_begin(&feed, &pki, PROFILE_FEED_SIGN);
        feed.now = rows[i].at;
        test_feed_snapshot(&feed, &out);
        test_feed_done(&feed);
        item = read_item(&out);
        assert_int_equal(feed_item_verify(&item, pki.certs[PROFILE_SIGN_CA], NULL), rows[i].rc);
    }
}

static void the_appointed_key_is_believed_of_either_kind(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct test_pki *of = i == 0 ? &pki : &p384;
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct feed_item item;

        make_item(of, PROFILE_FEED_SIGN, &out);
        item = read_item(&out);
        assert_int_equal(item.head.algorithm, of->algorithm);
        assert_int_equal(feed_item_verify(&item, of->certs[PROFILE_SIGN_CA], NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_that_makes_no_sense_is_not_built),
        cmocka_unit_test(a_changed_head_is_refused_or_another),
        cmocka_unit_test(a_head_over_the_limit_is_refused),
        cmocka_unit_test(an_item_that_is_cut_off_is_refused),
        cmocka_unit_test(a_changed_item_is_not_believed),
        cmocka_unit_test(an_item_of_another_ca_is_not_believed),
        cmocka_unit_test(a_key_that_was_not_appointed_is_not_believed),
        cmocka_unit_test(a_signer_out_of_its_time_is_not_believed),
        cmocka_unit_test(the_appointed_key_is_believed_of_either_kind),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
