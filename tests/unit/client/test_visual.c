/* SPDX-License-Identifier: Apache-2.0 */
/* The card face's files (card.md 3.3): each signature broken once, each element damaged. */
#include "client/visual.h"

#include "support/card_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

static void assert_judged(struct visual_data *data, enum visual_part part, enum data_fault fault)
{
    struct err err = {.text = ""};

    if (visual_judge(data, part, made.roots, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < DATA_FAULTS_; i++)
        assert_int_equal(data->authenticity.has[i], i == (size_t)fault);
}

/* Everything that is signed, one bit of each. */
static void each_change_of_what_is_signed_is_found(void **state)
{
    static const struct {
        enum visual_part part;
        uint16_t tag;
        size_t at;
    } rows[] = {
        {VISUAL_FACE, 0xDF22, 7},   {VISUAL_FACE, 0xDF23, 0}, {VISUAL_FACE, 0xDF25, 3},
        {VISUAL_FACE, 0xDF26, 0},   {VISUAL_FACE, 0xDF27, 4}, {VISUAL_FACE, 0xDF28, 255},
        {VISUAL_AGE, 0xDF11, 0},    {VISUAL_AGE, 0xDF13, 17}, {VISUAL_NUMBER, 0xDF41, 1},
        {VISUAL_NUMBER, 0xDF43, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(visual_data_done) struct visual_data data;

        test_card_visual(&made, rows[i].part, made.card, &data);
        test_card_value(&data.files.object, rows[i].tag)[rows[i].at] ^= 1;
        assert_judged(&data, rows[i].part, DATA_SIGNATURE_BROKEN);
        assert_true(authenticity_is_forged(&data.authenticity));
    }
}

static void each_issuer_and_card_is_judged(void **state)
{
    (void)state;
    for (int part = VISUAL_FACE; part <= VISUAL_NUMBER; part++) {
        struct visual_data data;

        test_card_visual(&made, (enum visual_part)part, made.stranger, &data);
        assert_judged(&data, (enum visual_part)part, DATA_CARD_COPIED);
        visual_data_done(&data);
        test_card_visual(&made, (enum visual_part)part, NULL, &data);
        assert_judged(&data, (enum visual_part)part, DATA_CARD_NOT_PROVEN);
        visual_data_done(&data);
        test_card_visual(&made, (enum visual_part)part, made.card, &data);
        test_card_value(&data.files.certificate, 0x5F37)[9] ^= 1;
        assert_judged(&data, (enum visual_part)part, DATA_CERTIFICATE_FORGED);
        visual_data_done(&data);
        test_card_visual(&made, (enum visual_part)part, made.card, &data);
        test_card_value(&data.files.certificate, 0x5F4E)[0] ^= 1;
        assert_judged(&data, (enum visual_part)part, DATA_ISSUER_UNKNOWN);
        visual_data_done(&data);
    }
}

static void data_that_is_cut_off_is_refused(void **state)
{
    (void)state;
    for (int part = VISUAL_FACE; part <= VISUAL_NUMBER; part++) {
        size_t whole = 2;

        for (size_t len = 1; len < whole; len += 29) {
            CLEANUP(visual_data_done) struct visual_data data;

            test_card_visual(&made, (enum visual_part)part, made.card, &data);
            whole = data.files.object.len;
            data.files.object.len = len;
            assert_int_equal(visual_judge(&data, (enum visual_part)part, made.roots, NULL),
                             -ERR_INPUT);
        }
    }
}

static void one_part_is_not_taken_for_another(void **state)
{
    CLEANUP(visual_data_done) struct visual_data data;

    (void)state;
    test_card_visual(&made, VISUAL_AGE, made.card, &data);
    assert_int_equal(visual_judge(&data, VISUAL_NUMBER, made.roots, NULL), -ERR_INPUT);
}

static void what_holds_is_proven(void **state)
{
    CLEANUP(visual_data_done) struct visual_data face;
    CLEANUP(visual_data_done) struct visual_data age;
    CLEANUP(visual_data_done) struct visual_data number;

    (void)state;
    test_card_visual(&made, VISUAL_FACE, made.card, &face);
    assert_judged(&face, VISUAL_FACE, DATA_FAULTS_);
    assert_true(bytes_equal(face.contents.birth, BYTES_LITERAL("19900415")));
    assert_true(bytes_equal(face.contents.sex, BYTES_LITERAL("2")));
    assert_true(bytes_equal(face.contents.name, BYTES_LITERAL("image of the name")));
    assert_true(bytes_equal(face.contents.address, BYTES_LITERAL("image of the address")));
    assert_true(bytes_equal(face.contents.photo, BYTES_LITERAL("photo")));
    assert_true(bytes_equal(face.contents.expiry, BYTES_LITERAL("20350415")));
    assert_true(bytes_equal(face.contents.security_code, BYTES_LITERAL("image of the code")));
    test_card_visual(&made, VISUAL_AGE, made.card, &age);
    assert_judged(&age, VISUAL_AGE, DATA_FAULTS_);
    assert_true(bytes_equal(age.contents.birth, BYTES_LITERAL("19900415")));
    test_card_visual(&made, VISUAL_NUMBER, made.card, &number);
    assert_judged(&number, VISUAL_NUMBER, DATA_FAULTS_);
    assert_true(bytes_equal(number.contents.number, BYTES_LITERAL("image of the number")));
}

/* card.md 3.3: no signature covers these, so nothing can be found. */
static void expiry_and_security_code_are_nobodys_word(void **state)
{
    CLEANUP(visual_data_done) struct visual_data data;

    (void)state;
    test_card_visual(&made, VISUAL_FACE, made.card, &data);
    test_card_value(&data.files.object, 0xDF29)[3] = '9';
    test_card_value(&data.files.object, 0xDF2A)[0] = 'X';
    assert_judged(&data, VISUAL_FACE, DATA_FAULTS_);
    assert_true(bytes_equal(data.contents.expiry, BYTES_LITERAL("20390415")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_of_what_is_signed_is_found),
        cmocka_unit_test(each_issuer_and_card_is_judged),
        cmocka_unit_test(data_that_is_cut_off_is_refused),
        cmocka_unit_test(one_part_is_not_taken_for_another),
        cmocka_unit_test(what_holds_is_proven),
        cmocka_unit_test(expiry_and_security_code_are_nobodys_word),
    };

    return cmocka_run_group_tests(tests, make, release);
}
