/* SPDX-License-Identifier: Apache-2.0 */
/* The text application's files (card.md 3.2): each signature broken once, each element damaged. */
#include "client/text.h"

#include "support/card_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { BOTH = TEXT_NUMBER | TEXT_ATTRIBUTES };

static struct test_card_data made;

static int make(void **state)
{
    (void)state;
    test_card_data_make(&made);
    return 0;
}

static int release(void **state)
{
    (void)state;
    test_card_data_done(&made);
    return 0;
}

/* Exactly these faults; DATA_FAULTS_ for none. */
static void assert_found(const struct authenticity *found, enum data_fault first,
                         enum data_fault second)
{
    for (size_t i = 0; i < DATA_FAULTS_; i++)
        assert_int_equal(found->has[i], i == (size_t)first || i == (size_t)second);
}

static void assert_judged(struct text_data *data, unsigned parts, enum data_fault first,
                          enum data_fault second)
{
    struct err err = {.text = ""};

    if (text_judge(data, parts, made.roots, &err) < 0)
        fail_msg("%s", err.text);
    assert_found(&data->authenticity, first, second);
}

/* What is changed, by one bit, and what is found then. */
static void each_signature_that_does_not_hold_is_found(void **state)
{
    static const struct {
        size_t file;
        uint16_t tag;
        size_t at;
        enum data_fault first, second;
    } rows[] = {
        {offsetof(struct text_files, attributes), 0xDF22, 14, DATA_ATTRIBUTES_CHANGED,
         DATA_FAULTS_},
        {offsetof(struct text_files, attributes), 0xDF23, 2, DATA_ATTRIBUTES_CHANGED, DATA_FAULTS_},
        {offsetof(struct text_files, attributes), 0xDF24, 7, DATA_ATTRIBUTES_CHANGED, DATA_FAULTS_},
        {offsetof(struct text_files, attributes), 0xDF25, 0, DATA_ATTRIBUTES_CHANGED, DATA_FAULTS_},
        {offsetof(struct text_files, digests), 0xDF31, 0, DATA_SIGNATURE_BROKEN,
         DATA_NUMBER_CHANGED},
        {offsetof(struct text_files, digests), 0xDF32, 31, DATA_SIGNATURE_BROKEN,
         DATA_ATTRIBUTES_CHANGED},
        {offsetof(struct text_files, digests), 0xDF33, 255, DATA_SIGNATURE_BROKEN, DATA_FAULTS_},
        {offsetof(struct text_files, certificate), 0x5F4E, 16, DATA_CERTIFICATE_FORGED,
         DATA_FAULTS_},
        {offsetof(struct text_files, certificate), 0x5F37, 100, DATA_CERTIFICATE_FORGED,
         DATA_FAULTS_},
        {offsetof(struct text_files, certificate), 0x5F4E, 15, DATA_ISSUER_UNKNOWN, DATA_FAULTS_},
        {offsetof(struct text_files, card_key), 0xDF51, 200, DATA_CARD_KEY_FORGED,
         DATA_CARD_COPIED},
        {offsetof(struct text_files, card_key), 0xDF52, 1, DATA_CARD_KEY_FORGED, DATA_FAULTS_},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(text_data_done) struct text_data data;

        test_card_text(&made, made.card, &data);
        test_card_value((struct buf *)((char *)&data.files + rows[i].file),
                        rows[i].tag)[rows[i].at] ^= 1;
        assert_judged(&data, BOTH, rows[i].first, rows[i].second);
        assert_int_equal(authenticity_is_forged(&data.authenticity),
                         rows[i].first != DATA_ISSUER_UNKNOWN);
        assert_false(authenticity_is_proven(&data.authenticity));
    }
}

/* Both have a right check digit. */
static void another_number_is_found(void **state)
{
    CLEANUP(text_data_done) struct text_data data;

    (void)state;
    test_card_text(&made, made.card, &data);
    memcpy(test_card_value(&data.files.number, 0xFF10), "000000000060", 12);
    assert_judged(&data, BOTH, DATA_NUMBER_CHANGED, DATA_FAULTS_);
}

static void data_on_another_card_is_a_copy(void **state)
{
    CLEANUP(text_data_done) struct text_data data;

    (void)state;
    test_card_text(&made, made.stranger, &data);
    assert_judged(&data, BOTH, DATA_CARD_COPIED, DATA_FAULTS_);
    assert_true(authenticity_is_forged(&data.authenticity));
}

static void a_card_that_does_not_sign_has_not_proven_itself(void **state)
{
    CLEANUP(text_data_done) struct text_data data;
    CLEANUP(text_data_done) struct text_data keyless;

    (void)state;
    test_card_text(&made, NULL, &data);
    assert_judged(&data, BOTH, DATA_CARD_NOT_PROVEN, DATA_FAULTS_);
    assert_false(authenticity_is_forged(&data.authenticity));
    test_card_text(&made, made.card, &keyless);
    buf_done(&keyless.files.card_key);
    assert_judged(&keyless, BOTH, DATA_CARD_NOT_PROVEN, DATA_FAULTS_);
}

static void without_the_digests_nothing_is_proven(void **state)
{
    CLEANUP(text_data_done) struct text_data data;

    (void)state;
    test_card_text(&made, made.card, &data);
    buf_done(&data.files.digests);
    assert_judged(&data, TEXT_ATTRIBUTES, DATA_SIGNATURE_NOT_READABLE, DATA_FAULTS_);
    assert_false(authenticity_is_forged(&data.authenticity));
}

static void an_unknown_issuer_is_named(void **state)
{
    CLEANUP(data_roots_freep) struct data_roots *pinned = NULL;
    CLEANUP(text_data_done) struct text_data data;

    (void)state;
    assert_int_equal(data_roots_new(&pinned, NULL), 0);
    test_card_text(&made, made.card, &data);
    assert_int_equal(text_judge(&data, BOTH, pinned, NULL), 0);
    assert_found(&data.authenticity, DATA_ISSUER_UNKNOWN, DATA_FAULTS_);
    assert_memory_equal(data.authenticity.issuer, TEST_CARD_ROOT_ID, DATA_KEY_ID_SIZE);
}

/* Of everything that may be read, at every length. */
static void data_that_is_cut_off_is_refused(void **state)
{
    static const size_t files[] = {
        offsetof(struct text_files, number), offsetof(struct text_files, attributes),
        offsetof(struct text_files, digests), offsetof(struct text_files, certificate),
        offsetof(struct text_files, card_key)};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        size_t len = 1;

        for (size_t whole = 2; len<whole; len += whole> 100 ? 37 : 1) {
            CLEANUP(text_data_done) struct text_data data;
            struct buf *file;

            test_card_text(&made, made.card, &data);
            file = (struct buf *)((char *)&data.files + files[i]);
            whole = file->len;
            file->len = len;
            assert_int_equal(text_judge(&data, BOTH, made.roots, NULL), -ERR_INPUT);
        }
    }
}

static void assert_refused(struct text_data *data, const char *reason)
{
    struct err err = {.text = ""};

    assert_int_equal(text_judge(data, BOTH, made.roots, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, reason));
    text_data_done(data);
}

static void elements_that_say_something_else_are_refused(void **state)
{
    struct text_data data;

    (void)state;
    test_card_text(&made, made.card, &data);
    test_card_value(&data.files.number, 0xFF10)[11] = 'x';
    assert_refused(&data, "digits");
    test_card_text(&made, made.card, &data);
    test_card_value(&data.files.attributes, 0xDF22)[0] = 0xFF;
    assert_refused(&data, "UTF-8");
    test_card_text(&made, made.card, &data);
    test_card_value(&data.files.attributes, 0xDF24)[0] = 'x';
    assert_refused(&data, "digits");
    test_card_text(&made, made.card, &data);
    test_card_value(&data.files.attributes, 0xDF22)[-2] = 0x23; /* the name's tag */
    assert_refused(&data, "element DF23 of the card's data stands where DF22 should");
    test_card_text(&made, made.card, &data);
    test_card_value(&data.files.certificate, 0x5F4E)[32 + 4] ^= 2; /* the exponent */
    assert_refused(&data, "exponent");
    test_card_text(&made, made.card, &data);
    assert_int_equal(buf_append_byte(&data.files.attributes, 0, NULL), 0);
    assert_refused(&data, "1 bytes behind");
}

static void what_holds_is_proven(void **state)
{
    CLEANUP(text_data_done) struct text_data data;
    const struct text_attributes *attributes = &data.attributes;

    (void)state;
    test_card_text(&made, made.card, &data);
    assert_judged(&data, BOTH, DATA_FAULTS_, DATA_FAULTS_);
    assert_true(authenticity_is_proven(&data.authenticity));
    assert_true(bytes_equal(secret_bytes(&data.number), BYTES_LITERAL(TEST_CARD_NUMBER)));
    assert_true(bytes_equal(attributes->name, BYTES_LITERAL(TEST_CARD_NAME)));
    assert_true(bytes_equal(attributes->address, BYTES_LITERAL(TEST_CARD_ADDRESS)));
    assert_true(bytes_equal(attributes->birth, BYTES_LITERAL("19900415")));
    assert_true(bytes_equal(attributes->sex, BYTES_LITERAL("2")));
}

static void what_was_not_asked_for_is_not_needed(void **state)
{
    CLEANUP(text_data_done) struct text_data number;
    CLEANUP(text_data_done) struct text_data attributes;

    (void)state;
    test_card_text(&made, made.card, &number);
    buf_done(&number.files.attributes);
    assert_judged(&number, TEXT_NUMBER, DATA_FAULTS_, DATA_FAULTS_);
    assert_int_equal(number.attributes.name.len, 0);
    test_card_text(&made, made.card, &attributes);
    buf_done(&attributes.files.number);
    assert_judged(&attributes, TEXT_ATTRIBUTES, DATA_FAULTS_, DATA_FAULTS_);
    assert_int_equal(attributes.number.len, 0);
}

/* Nobody signed it, so it must not be able to lead to anything. */
static void the_table_of_offsets_is_not_believed(void **state)
{
    CLEANUP(text_data_done) struct text_data data;

    (void)state;
    test_card_text(&made, made.card, &data);
    memset(test_card_value(&data.files.attributes, 0xDF21), 0xFF, 8);
    assert_judged(&data, BOTH, DATA_FAULTS_, DATA_FAULTS_);
    assert_true(bytes_equal(data.attributes.name, BYTES_LITERAL(TEST_CARD_NAME)));
}

/* card.md 3: cards write lengths that are longer than they need to be. */
static void lengths_that_are_not_the_shortest_are_accepted(void **state)
{
    CLEANUP(text_data_done) struct text_data data;
    CLEANUP(buf_done) struct buf longer = BUF_INIT;

    (void)state;
    test_card_text(&made, made.card, &data);
    assert_int_equal(buf_append(&longer, BYTES_LITERAL("\xFF\x20\x82\x00"), NULL), 0);
    assert_true(data.files.attributes.ptr[2] < 0x80);
    assert_int_equal(
        buf_append(&longer, bytes_part(buf_bytes(&data.files.attributes), 2, SIZE_MAX), NULL), 0);
    buf_done(&data.files.attributes);
    buf_move(&data.files.attributes, &longer);
    assert_judged(&data, BOTH, DATA_FAULTS_, DATA_FAULTS_);
}

static void each_fault_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < DATA_FAULTS_; i++) {
        assert_true(strlen(data_fault_text((enum data_fault)i)) > 20);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(data_fault_name((enum data_fault)i),
                                    data_fault_name((enum data_fault)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signature_that_does_not_hold_is_found),
        cmocka_unit_test(another_number_is_found),
        cmocka_unit_test(data_on_another_card_is_a_copy),
        cmocka_unit_test(a_card_that_does_not_sign_has_not_proven_itself),
        cmocka_unit_test(without_the_digests_nothing_is_proven),
        cmocka_unit_test(an_unknown_issuer_is_named),
        cmocka_unit_test(data_that_is_cut_off_is_refused),
        cmocka_unit_test(elements_that_say_something_else_are_refused),
        cmocka_unit_test(what_holds_is_proven),
        cmocka_unit_test(what_was_not_asked_for_is_not_needed),
        cmocka_unit_test(the_table_of_offsets_is_not_believed),
        cmocka_unit_test(lengths_that_are_not_the_shortest_are_accepted),
        cmocka_unit_test(each_fault_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, make, release);
}
