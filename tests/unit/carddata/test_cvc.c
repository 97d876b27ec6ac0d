/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/cvc.h"
#include "crypto/pubkey.h"
#include "support/cardholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_cardholder made;

static int setup(void **state)
{
    (void)state;
    test_cardholder_make(&made);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_cardholder_done(&made);
    return 0;
}

static void root_of(enum carddata_applet applet, struct pubkey **ret)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(made.roots[applet], &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), ret, NULL), 0);
}

/* Every byte that the form fixes is looked at. */
static void a_certificate_of_another_form_is_refused(void **state)
{
    static const size_t fixed[] = {0,  1,  2,  3,  4,  5,  6,  7,   8,   9,   42,  43,
                                   44, 45, 46, 47, 48, 49, 50, 307, 308, 309, 310, 311};
    uint8_t whole[CVC_SIZE + 1] = {0};
    struct cvc cvc = {.body = {NULL, 7}};

    (void)state;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        memcpy(whole, made.cvcs[CARDDATA_TEXT].ptr, CVC_SIZE);
        whole[fixed[i]] ^= 1;
        assert_int_equal(cvc_parse(bytes_of(whole, CVC_SIZE), &cvc, NULL), -ERR_INPUT);
    }
    memcpy(whole, made.cvcs[CARDDATA_TEXT].ptr, CVC_SIZE);
    for (size_t len = 0; len < CVC_SIZE; len++)
        assert_int_equal(cvc_parse(bytes_of(whole, len), &cvc, NULL), -ERR_INPUT);
    assert_int_equal(cvc_parse(BYTES_ARRAY(whole), &cvc, NULL), -ERR_INPUT);
    assert_int_equal(cvc.body.len, 7);
}

static void a_body_of_another_size_is_refused(void **state)
{
    struct bytes whole = buf_bytes(&made.cvcs[CARDDATA_TEXT]);
    struct cvc cvc;

    (void)state;
    assert_int_equal(cvc_parse_body(bytes_part(whole, 10, CVC_BODY_SIZE), &cvc, NULL), 0);
    assert_int_equal(cvc.signature.len, 0);
    assert_int_equal(cvc_parse_body(bytes_part(whole, 10, CVC_BODY_SIZE - 1), &cvc, NULL),
                     -ERR_INPUT);
    assert_int_equal(cvc_parse_body(bytes_part(whole, 10, CVC_BODY_SIZE + 1), &cvc, NULL),
                     -ERR_INPUT);
}

static void a_signature_by_another_root_is_not_believed(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *other = NULL;
    struct cvc cvc;

    (void)state;
    root_of(CARDDATA_VISUAL, &other);
    assert_int_equal(cvc_parse(buf_bytes(&made.cvcs[CARDDATA_TEXT]), &cvc, NULL), 0);
    assert_int_equal(cvc_verify(&cvc, other, NULL), -ERR_UNTRUSTED);
}

/* Key ids and key: all of the body is signed. */
static void a_changed_body_is_not_believed(void **state)
{
    static const size_t changed[] = {10, 25, 26, 41, 60, 306};
    CLEANUP(pubkey_freep) struct pubkey *root = NULL;
    uint8_t whole[CVC_SIZE];
    struct cvc cvc;

    (void)state;
    root_of(CARDDATA_TEXT, &root);
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        memcpy(whole, made.cvcs[CARDDATA_TEXT].ptr, CVC_SIZE);
        whole[changed[i]] ^= 2;
        assert_int_equal(cvc_parse(BYTES_ARRAY(whole), &cvc, NULL), 0);
        assert_int_equal(cvc_verify(&cvc, root, NULL), -ERR_UNTRUSTED);
    }
}

static void what_was_built_reads_back_and_verifies(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *root = NULL;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct cvc cvc;

    (void)state;
    root_of(CARDDATA_VISUAL, &root);
    assert_int_equal(privkey_spki(made.issuers[CARDDATA_VISUAL], &spki, NULL), 0);
    assert_int_equal(cvc_parse(buf_bytes(&made.cvcs[CARDDATA_VISUAL]), &cvc, NULL), 0);
    assert_int_equal(cvc_verify(&cvc, root, NULL), 0);
    assert_true(bytes_equal(cvc.issuer_id, cvc_root_id(CARDDATA_VISUAL)));
    assert_true(bytes_equal(cvc.subject_id, cvc_subject_id(CARDDATA_VISUAL)));
    assert_int_equal(cvc_key_parse(cvc.key, &key, NULL), 0);
    assert_true(bytes_equal(pubkey_spki(key), buf_bytes(&spki)));
}

static void our_roots_are_outside_of_the_real_ranges(void **state)
{
    static const uint8_t text[CVC_KEY_ID_SIZE] = {0x39, 0x30, 0x30, 0x30, 0x30, 0x33, 0x33, 0x08,
                                                  0x05, 0x30, 0x30, 0x31, 0x00, 0x00, 0x00, 0x00};

    (void)state;
    assert_true(bytes_equal(cvc_root_id(CARDDATA_TEXT), BYTES_ARRAY(text)));
    assert_true(bytes_start_with(cvc_root_id(CARDDATA_VISUAL), bytes_text("9000023")));
    assert_true(bytes_start_with(cvc_subject_id(CARDDATA_TEXT), bytes_text("9000034")));
    assert_true(bytes_start_with(cvc_subject_id(CARDDATA_VISUAL), bytes_text("9000024")));
}

static void keys_of_another_size_are_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *large = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_generate(3072, &large, NULL), 0);
    assert_int_equal(privkey_spki(large, &spki, NULL), 0);
    assert_int_equal(cvc_append_key(&out, buf_bytes(&spki), NULL), -ERR_INPUT);
    assert_int_equal(cvc_append_key(&out, bytes_text("no key"), NULL), -ERR_INPUT);
    assert_int_equal(out.len, 0);
}

static void ids_and_signatures_of_another_size_are_a_mistake(void **state)
{
    struct bytes spki = buf_bytes(&made.spkis[CARDDATA_TEXT]);
    struct bytes body = bytes_part(buf_bytes(&made.cvcs[CARDDATA_TEXT]), 10, CVC_BODY_SIZE);
    struct bytes id = cvc_root_id(CARDDATA_TEXT);
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    (void)state;
    assert_int_equal(cvc_build_body(bytes_part(id, 0, 15), id, spki, &out, NULL), -ERR_USAGE);
    assert_int_equal(cvc_build_body(id, bytes_part(id, 0, 15), spki, &out, NULL), -ERR_USAGE);
    assert_int_equal(cvc_assemble(body, bytes_part(body, 0, 255), &out, NULL), -ERR_USAGE);
    assert_int_equal(cvc_assemble(bytes_part(body, 0, 296), bytes_part(body, 0, 256), &out, NULL),
                     -ERR_USAGE);
    assert_null(out.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_of_another_form_is_refused),
        cmocka_unit_test(a_body_of_another_size_is_refused),
        cmocka_unit_test(a_signature_by_another_root_is_not_believed),
        cmocka_unit_test(a_changed_body_is_not_believed),
        cmocka_unit_test(what_was_built_reads_back_and_verifies),
        cmocka_unit_test(our_roots_are_outside_of_the_real_ranges),
        cmocka_unit_test(keys_of_another_size_are_refused),
        cmocka_unit_test(ids_and_signatures_of_another_size_are_a_mistake),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
