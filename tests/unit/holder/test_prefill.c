/* SPDX-License-Identifier: Apache-2.0 */
/* What a page's form may ask a card for, and what of the card is handed to it. */
#include "holder/prefill.h"

#include "crypto/jwe.h"
#include "support/card_data.h"
#include "support/replaced.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1790000000 };

static struct test_card_data made;
static struct privkey *page;
static char order[1024];

static int make(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;
    const char *words;

    (void)state;
    test_card_data_make(&made);
    assert_int_equal(privkey_generate_p256(&page, NULL), 0);
    assert_int_equal(privkey_spki(page, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &key, NULL), 0);
    assert_int_equal(jwk_write(key, JWK_ENCRYPTION, &jwk, NULL), 0);
    assert_int_equal(json_write(jwk, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &words, NULL), 0);
    (void)snprintf(order, sizeof order,
                   "{\"session\":\"s-1\",\"title\":\"TITLE\",\"wants\":[\"name\",\"birthdate\"],"
                   "\"issuers\":[\"000102030405060708090a0b0c0d0e0f10111213\"],"
                   "\"expires_at\":1790000200,\"key\":%s}",
                   words);
    return 0;
}

static int release(void **state)
{
    (void)state;
    test_card_data_done(&made);
    privkey_freep(&page);
    return 0;
}

/* The order with a part of it replaced. */
static int parse(const char *from, const char *to, struct prefill *ret)
{
    CLEANUP(json_freep) struct json *json = json_replaced(order, from, to);

    return prefill_parse(json, ret, NULL);
}

static void an_incomplete_or_odd_order_is_refused(void **state)
{
    static const char *const changes[][2] = {
        {"\"s-1\"", "\"../x\""},
        {"\"s-1\"", "\"\""},
        {"\"TITLE\"", "\"\""},
        {"\"TITLE\"", "5"},
        {"[\"name\",\"birthdate\"]", "[]"},
        {"[\"name\",\"birthdate\"]", "\"name\""},
        {"\"birthdate\"", "\"name\""},
        {"\"birthdate\"", "\"number\""},
        {"\"wants\"", "\"want\""},
        {"\"issuers\"", "\"issuer\""},
        {"10111213", "101112"},
        {"1790000200", "-1"},
        {"1790000200", "\"1790000200\""},
        {"\"key\":{", "\"key\":{\"d\":\"AAAA\","},
        {"\"key\"", "\"keys\""},
        {"P-256", "P-384"},
        {"ECDH-ES", "RSA-OAEP-256"},
        {"\"enc\"", "\"sig\""},
        {"\"kid\":\"", "\"kid\":\"A"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct prefill prefill = {.title = "untouched"};

        if (parse(changes[i][0], changes[i][1], &prefill) != -ERR_INPUT)
            fail_msg("%s -> %s", changes[i][0], changes[i][1]);
        assert_string_equal(prefill.title, "untouched");
        assert_null(prefill.key);
    }
}

static void it_waits_neither_too_long_nor_when_it_is_over(void **state)
{
    CLEANUP(prefill_done) struct prefill prefill = {.title = ""};
    const int64_t end = NOW + 200;

    (void)state;
    assert_int_equal(parse("TITLE", "t", &prefill), 0);
    assert_int_equal(prefill_check_time(&prefill, end, NULL), 0);
    assert_int_equal(prefill_check_time(&prefill, end + 1, NULL), -ERR_REMOTE);
    assert_int_equal(prefill_check_time(&prefill, end - CHALLENGE_SECONDS_MAX, NULL), 0);
    assert_int_equal(prefill_check_time(&prefill, end - CHALLENGE_SECONDS_MAX - 1, NULL),
                     -ERR_UNTRUSTED);
}

/* What the page reads with its key. */
static void assert_read(const struct buf *sealed, const char *expected)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    const char *text;

    assert_int_equal(jwe_parse(buf_bytes(sealed), &jwe, NULL), 0);
    assert_int_equal(privkey_agree(page, buf_bytes(&jwe.encrypted_key), &key, NULL), 0);
    assert_int_equal(jwe_decrypt(&jwe, &key, &plain, NULL), 0);
    assert_int_equal(buf_text(&plain, &text, NULL), 0);
    assert_string_equal(text, expected);
}

static void the_page_gets_what_it_asks_for_and_no_more(void **state)
{
    CLEANUP(prefill_done) struct prefill prefill = {.title = ""};
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};
    CLEANUP(buf_done) struct buf sealed = BUF_INIT;
    CLEANUP(buf_done) struct buf all = BUF_INIT;

    (void)state;
    test_card_text(&made, made.card, &data);
    assert_int_equal(text_judge(&data, TEXT_ATTRIBUTES, made.roots, NULL), 0);
    assert_int_equal(parse("TITLE", "t", &prefill), 0);
    assert_int_equal(prefill_seal(&prefill, &data, &sealed, NULL), 0);
    assert_read(&sealed, "{\"session\":\"s-1\",\"name\":\"" TEST_CARD_NAME
                         "\",\"birthdate\":\"1990-04-15\"}");
    prefill_done(&prefill);
    assert_int_equal(parse("\"birthdate\"", "\"address\",\"gender\"", &prefill), 0);
    assert_int_equal(prefill_seal(&prefill, &data, &all, NULL), 0);
    assert_read(&all, "{\"session\":\"s-1\",\"name\":\"" TEST_CARD_NAME
                      "\",\"address\":\"" TEST_CARD_ADDRESS "\",\"gender\":\"female\"}");
}

/* Forged, copied, or of somebody nobody vouches for: nothing is handed over. */
static void what_is_not_proven_is_not_handed_over(void **state)
{
    CLEANUP(prefill_done) struct prefill prefill = {.title = ""};

    (void)state;
    assert_int_equal(parse("TITLE", "t", &prefill), 0);
    for (int i = 0; i < 3; i++) {
        CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};
        CLEANUP(data_roots_freep) struct data_roots *others = NULL;
        CLEANUP(buf_done) struct buf sealed = BUF_INIT;

        assert_int_equal(data_roots_new(&others, NULL), 0);
        test_card_text(&made, i == 0 ? made.stranger : made.card, &data);
        if (i == 1)
            *test_card_value(&data.files.attributes, 0xDF22) ^= 1;
        assert_int_equal(text_judge(&data, TEXT_ATTRIBUTES, i == 2 ? others : made.roots, NULL), 0);
        assert_int_equal(prefill_seal(&prefill, &data, &sealed, NULL), -ERR_UNTRUSTED);
        assert_int_equal(sealed.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incomplete_or_odd_order_is_refused),
        cmocka_unit_test(it_waits_neither_too_long_nor_when_it_is_over),
        cmocka_unit_test(the_page_gets_what_it_asks_for_and_no_more),
        cmocka_unit_test(what_is_not_proven_is_not_handed_over),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make, release);
}
