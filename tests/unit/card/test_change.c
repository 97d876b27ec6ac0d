/* SPDX-License-Identifier: Apache-2.0 */
/* What a counter changes on somebody's card: keys with their certificates, and what stands on it.
 */
#include "card/change.h"

#include "card/issue.h"
#include "card/state.h"
#include "support/memory_card.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct memory_storage storage;
static struct card *card;
static struct test_pki pki, next_pki; /* two generations of both CAs */

static int set_up(void **state)
{
    static const struct {
        enum card_data file;
        enum profile_kind ca;
    } rows[] = {{CARD_SIGN_CA_CERT, PROFILE_SIGN_CA}, {CARD_AUTH_CA_CERT, PROFILE_AUTH_CA}};

    (void)state;
    storage = (struct memory_storage){.is_broken = false};
    card = memory_card_new(&storage);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_done(&card->image.data[rows[i].file]);
        assert_int_equal(
            buf_copy(x509_cert_der(pki.certs[rows[i].ca]), &card->image.data[rows[i].file], NULL),
            0);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    card_freep(&card);
    return 0;
}

static int make_pkis(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&next_pki);
    return 0;
}

static int release(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&next_pki);
    memory_card_release_keys();
    return 0;
}

/* A key that waits on the card, as card_make_key leaves one, without the time that takes. */
static void put_new_key(enum card_key key, enum profile_kind kind)
{
    CLEANUP(secret_done) struct secret der = SECRET_INIT;

    privkey_freep(&card->image.new_keys[key]);
    assert_int_equal(privkey_export(pki.keys[kind], &der, NULL), 0);
    assert_int_equal(privkey_import(secret_bytes(&der), &card->image.new_keys[key], NULL), 0);
}

static struct bytes der_of(enum profile_kind kind)
{
    return x509_cert_der(pki.certs[kind]);
}

static int recertify(struct bytes sign, struct bytes auth)
{
    const struct bytes with[CARD_DATA_] = {[CARD_SIGN_CERT] = sign, [CARD_AUTH_CERT] = auth};

    return card_recertify(card, with, NULL);
}

static const struct bytes none = {NULL, 0};

static bool has(enum card_data file, struct bytes contents)
{
    return bytes_equal(buf_bytes(&card->image.data[file]), contents);
}

static bool has_key(enum card_key key, enum profile_kind of)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(card_spki(card, key, &spki, NULL), 0);
    return bytes_equal(buf_bytes(&spki), test_pki_spki(&pki, of));
}

static void keys_of_other_applets_are_not_replaced(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    for (unsigned key = CARD_KEY_TEXT; key <= CARD_KEY_COMMON; key++)
        assert_int_equal(card_make_key(card, (enum card_key)key, &spki, NULL), -ERR_CONFLICT);
    assert_int_equal(storage.saved_images, 0);
}

static void certificates_without_a_new_key_are_refused(void **state)
{
    (void)state;
    assert_int_equal(recertify(none, none), -ERR_INPUT);
    assert_int_equal(recertify(none, der_of(PROFILE_AUTH)), -ERR_CONFLICT);
    put_new_key(CARD_KEY_SIGN, PROFILE_SIGN);
    assert_int_equal(recertify(der_of(PROFILE_SIGN), der_of(PROFILE_AUTH)), -ERR_CONFLICT);
    assert_int_equal(storage.saved_images, 0);
    assert_non_null(card->image.new_keys[CARD_KEY_SIGN]);
}

static void certificates_over_other_keys_or_by_other_cas_are_refused(void **state)
{
    struct bytes with[CARD_DATA_] = {[CARD_AUTH_CERT] = der_of(PROFILE_AUTH)};

    (void)state;
    put_new_key(CARD_KEY_SIGN, PROFILE_SIGN);
    put_new_key(CARD_KEY_AUTH, PROFILE_AUTH);
    assert_int_equal(recertify(none, der_of(PROFILE_SIGN)), -ERR_UNTRUSTED);
    assert_int_equal(recertify(der_of(PROFILE_AUTH), none), -ERR_UNTRUSTED);
    assert_int_equal(recertify(der_of(PROFILE_PHONE_SIGN), none), -ERR_UNTRUSTED);
    with[CARD_AUTH_CA_CERT] = x509_cert_der(next_pki.certs[PROFILE_AUTH_CA]);
    assert_int_equal(card_recertify(card, with, NULL), -ERR_UNTRUSTED);
    with[CARD_AUTH_CA_CERT] = none;
    with[CARD_SIGN_CA_CERT] = der_of(PROFILE_SIGN_CA); /* without a certificate by it */
    assert_int_equal(card_recertify(card, with, NULL), -ERR_INPUT);
    with[CARD_SIGN_CA_CERT] = none;
    with[CARD_TEXT_ATTRS] = bytes_text("x");
    assert_int_equal(card_recertify(card, with, NULL), -ERR_INPUT);
    assert_int_equal(storage.saved_images, 0);
}

static void a_failed_write_leaves_both_pairs_as_they_were(void **state)
{
    (void)state;
    put_new_key(CARD_KEY_SIGN, PROFILE_SIGN);
    put_new_key(CARD_KEY_AUTH, PROFILE_AUTH);
    storage.is_broken = true;
    assert_int_equal(recertify(der_of(PROFILE_SIGN), der_of(PROFILE_AUTH)), -ERR_SYSTEM);
    assert_false(has(CARD_AUTH_CERT, der_of(PROFILE_AUTH)));
    assert_false(has_key(CARD_KEY_AUTH, PROFILE_AUTH));
    storage.is_broken = false;
    assert_int_equal(recertify(der_of(PROFILE_SIGN), der_of(PROFILE_AUTH)), 0);
    assert_true(has(CARD_AUTH_CERT, der_of(PROFILE_AUTH)));
}

static void both_pairs_are_replaced_at_once_and_each_alone(void **state)
{
    (void)state;
    put_new_key(CARD_KEY_AUTH, PROFILE_AUTH);
    card->tries[CARD_PIN_AUTH] = 2;
    card->verified = CARD_PIN_BIT(CARD_PIN_AUTH);
    assert_int_equal(recertify(none, der_of(PROFILE_AUTH)), 0);
    assert_true(has(CARD_AUTH_CERT, der_of(PROFILE_AUTH)) && has_key(CARD_KEY_AUTH, PROFILE_AUTH));
    assert_false(has(CARD_SIGN_CERT, der_of(PROFILE_SIGN)));
    assert_null(card->image.new_keys[CARD_KEY_AUTH]);
    assert_int_equal(card->tries[CARD_PIN_AUTH], 2); /* a new key gives no new tries */
    assert_int_equal(card->verified, 0);
    assert_int_equal(
        pin_check(&card->image.pins[CARD_PIN_AUTH], bytes_text(MEMORY_CARD_AUTH_PIN), NULL), 0);

    put_new_key(CARD_KEY_SIGN, PROFILE_SIGN);
    put_new_key(CARD_KEY_AUTH, PROFILE_PHONE_AUTH);
    assert_int_equal(recertify(der_of(PROFILE_SIGN), der_of(PROFILE_PHONE_AUTH)), 0);
    assert_true(has(CARD_SIGN_CERT, der_of(PROFILE_SIGN)) && has_key(CARD_KEY_SIGN, PROFILE_SIGN));
    assert_true(has_key(CARD_KEY_AUTH, PROFILE_PHONE_AUTH));
    assert_int_equal(storage.saved_images, 2);
}

/* CAs have new keys every few years, and new certificates are by the new ones. */
static void a_certificate_by_the_next_generation_brings_its_ca_along(void **state)
{
    struct profile_inputs inputs = test_pki_inputs(&next_pki, PROFILE_AUTH);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct bytes with[CARD_DATA_] = {{NULL, 0}};

    (void)state;
    put_new_key(CARD_KEY_AUTH, PROFILE_AUTH);
    inputs.spki = test_pki_spki(&pki, PROFILE_AUTH);
    test_pki_issue(&next_pki, PROFILE_AUTH, &inputs, &cert);
    with[CARD_AUTH_CERT] = x509_cert_der(cert);
    assert_int_equal(card_recertify(card, with, NULL), -ERR_UNTRUSTED);
    with[CARD_AUTH_CA_CERT] = x509_cert_der(next_pki.certs[PROFILE_AUTH_CA]);
    assert_int_equal(card_recertify(card, with, NULL), 0);
    assert_true(has(CARD_AUTH_CA_CERT, with[CARD_AUTH_CA_CERT]));
    assert_true(has(CARD_SIGN_CA_CERT, der_of(PROFILE_SIGN_CA)));
}

static int rewrite(enum card_data file, const char *contents, enum card_pin pin, const char *value)
{
    struct card_rewriting with = {.files = {{NULL, 0}}};

    with.files[file] = bytes_text(contents);
    if (value != NULL)
        with.pins[pin] = bytes_text(value);
    return card_rewrite(card, &with, NULL);
}

static void what_is_not_there_or_does_not_fit_is_not_rewritten(void **state)
{
    char long_attrs[CARD_ATTRS_SIZE + 2];

    (void)state;
    memset(long_attrs, 'x', sizeof long_attrs - 1);
    long_attrs[sizeof long_attrs - 1] = '\0';
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, long_attrs, 0, NULL), -ERR_INPUT);
    assert_int_equal(rewrite(CARD_COMMON_RECORD, "\x01\x1cshort", 0, NULL), -ERR_INPUT);
    for (unsigned i = 0; i <= CARD_PRESENCE; i++)
        assert_int_equal(rewrite((enum card_data)i, "x", 0, NULL), -ERR_INPUT);
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "x", CARD_PIN_AUTH, "9876"), -ERR_INPUT);
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "x", CARD_PIN_BIRTH, "12345"), -ERR_INPUT);
    card->image.pins[CARD_PIN_BIRTH].is_set = false;
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "x", CARD_PIN_BIRTH, "123456"), -ERR_ABSENT);
    buf_done(&card->image.data[CARD_TEXT_ATTRS]);
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "x", 0, NULL), -ERR_ABSENT);
    assert_int_equal(storage.saved_images, 0);
}

static void cards_that_are_nobodys_or_dead_are_changed_in_nothing(void **state)
{
    (void)state;
    card_freep(&card);
    card = memory_card_new_keyed(&storage);
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "x", 0, NULL), -ERR_CONFLICT);
    assert_int_equal(recertify(none, der_of(PROFILE_AUTH)), -ERR_CONFLICT);
    assert_int_equal(card_destroy(card, NULL), 0);
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "x", 0, NULL), -ERR_CONFLICT);
    assert_int_equal(recertify(none, der_of(PROFILE_AUTH)), -ERR_CONFLICT);
}

static void a_file_and_a_code_are_written_anew_and_all_else_stays(void **state)
{
    (void)state;
    storage.is_broken = true;
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "moved", CARD_PIN_BIRTH, "123456"), -ERR_SYSTEM);
    assert_false(has(CARD_TEXT_ATTRS, bytes_text("moved")));
    storage.is_broken = false;
    card->tries[CARD_PIN_BIRTH] = 1;
    card->verified = CARD_PIN_BIT(CARD_PIN_TEXT);
    assert_int_equal(rewrite(CARD_TEXT_ATTRS, "moved", CARD_PIN_BIRTH, "123456"), 0);
    assert_true(has(CARD_TEXT_ATTRS, bytes_text("moved")));
    assert_true(has(CARD_TEXT_NUMBER, bytes_text("\xff\x10\x0c" MEMORY_CARD_CODE_A)));
    assert_int_equal(pin_check(&card->image.pins[CARD_PIN_BIRTH], bytes_text("123456"), NULL), 0);
    assert_int_equal(
        pin_check(&card->image.pins[CARD_PIN_TEXT], bytes_text(MEMORY_CARD_TEXT_PIN), NULL), 0);
    assert_int_equal(card->tries[CARD_PIN_BIRTH], 1);
    assert_int_equal(card->verified, 0);
    assert_int_equal(storage.saved_images, 1);
}

#define card_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_test(keys_of_other_applets_are_not_replaced),
        card_test(certificates_without_a_new_key_are_refused),
        card_test(certificates_over_other_keys_or_by_other_cas_are_refused),
        card_test(a_failed_write_leaves_both_pairs_as_they_were),
        card_test(both_pairs_are_replaced_at_once_and_each_alone),
        card_test(a_certificate_by_the_next_generation_brings_its_ca_along),
        card_test(what_is_not_there_or_does_not_fit_is_not_rewritten),
        card_test(cards_that_are_nobodys_or_dead_are_changed_in_nothing),
        card_test(a_file_and_a_code_are_written_anew_and_all_else_stays),
    };

    return cmocka_run_group_tests(tests, make_pkis, release);
}
