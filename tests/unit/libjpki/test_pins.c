/* SPDX-License-Identifier: Apache-2.0 */
/* PINs and codes with recorded sessions: where they are asked for, changed, and not sent. */
#include "base/file.h"

#include "support/recorded.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/jpki.h>

#define NO_APP(aid) "> 00A4040C 0A " aid "\n< 6A82\n"
#define NO_TEXT     NO_APP("D3921000310001010408")
#define NO_VISUAL   NO_APP("D3921000310001010402")

static jpki_card *play(const char *session)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    char name[TEMPDIR_FILE_SIZE + 8];
    struct jpki_error error;
    jpki_card *card = NULL;

    (void)snprintf(name, sizeof name, "replay:%s", tempdir_file(&dir, "session", path));
    assert_int_equal(file_replace(path, 0600, bytes_text(session), NULL), 0);
    if (jpki_card_open(name, &card, &error) < 0)
        fail_msg("%s", error.text);
    return card;
}

static struct jpki_pin pin(const char *text)
{
    return (struct jpki_pin){{(const uint8_t *)text, strlen(text)}, 0};
}

static void the_lower_of_two_counters_is_told(void **state)
{
    static const struct {
        const char *session;
        unsigned left;
    } rows[] = {
        {REC_OPEN REC_JUKI REC_SELECT("001C") REC_TRIES("63C3") REC_COMMON REC_SELECT("001C")
             REC_TRIES("63C1"),
         1},
        {REC_OPEN REC_JUKI REC_SELECT("001C") REC_TRIES("6983") REC_COMMON REC_SELECT("001C")
             REC_TRIES("63C3"),
         0},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        jpki_card *card = play(rows[i].session);
        unsigned left = 99;

        assert_int_equal(jpki_card_tries(card, JPKI_PIN_JUKI, &left, NULL), 0);
        assert_int_equal(left, rows[i].left);
        jpki_card_free(card);
    }
}

static void a_place_that_is_not_there_is_passed_over(void **state)
{
    jpki_card *card = play(REC_OPEN NO_TEXT REC_VISUAL REC_SELECT("0013") REC_TRIES("63CA"));
    unsigned left = 99;

    (void)state;
    assert_int_equal(jpki_card_tries(card, JPKI_PIN_A, &left, NULL), 0);
    assert_int_equal(left, 10);
    jpki_card_free(card);
}

static void a_pin_without_any_place_is_absent(void **state)
{
    jpki_card *card = play(REC_OPEN NO_TEXT NO_VISUAL NO_TEXT);
    struct jpki_pin typed = pin("1234");
    unsigned left = 99;

    (void)state;
    assert_int_equal(jpki_card_tries(card, JPKI_PIN_B, &left, NULL), -JPKI_ERROR_ABSENT);
    assert_int_equal(left, 99);
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_TEXT, &typed, NULL), -JPKI_ERROR_ABSENT);
    jpki_card_free(card);
}

static void a_counter_that_is_not_told_stops_everything(void **state)
{
    jpki_card *card = play(REC_OPEN REC_JUKI REC_SELECT("001C") REC_TRIES("6D00"));
    unsigned left = 99;

    (void)state;
    assert_int_equal(jpki_card_tries(card, JPKI_PIN_JUKI, &left, NULL), -JPKI_ERROR_REMOTE);
    assert_int_equal(left, 99);
    jpki_card_free(card);
}

static void where_it_is_wrong_first_the_second_is_not_asked(void **state)
{
    jpki_card *card = play(REC_OPEN REC_JUKI REC_SELECT("001C") REC_TRIES("63C3") REC_PIN4("63C2")
                               REC_ISD);
    struct jpki_pin typed = pin("1234");

    (void)state;
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_JUKI, &typed, NULL), -JPKI_ERROR_DENIED);
    jpki_card_free(card);
}

static void the_second_place_is_looked_at_before_the_first_is_changed(void **state)
{
    jpki_card *card = play(REC_OPEN REC_JUKI REC_SELECT("001C") REC_TRIES("63C3")
                               REC_COMMON REC_SELECT("001C") REC_TRIES("63C1"));
    struct jpki_pin old = pin("1234");

    (void)state;
    assert_int_equal(jpki_card_change_pin(card, JPKI_PIN_JUKI, &old, pin("5678").text, NULL),
                     -JPKI_ERROR_DENIED);
    jpki_card_free(card);
}

static void a_missing_or_flagged_pin_changes_nothing(void **state)
{
    jpki_card *card = play(REC_OPEN);
    struct jpki_pin old = pin("1234");
    const struct jpki_bytes nowhere = {NULL, 4};

    (void)state;
    assert_int_equal(jpki_card_change_pin(card, JPKI_PIN_AUTH, NULL, pin("5678").text, NULL),
                     -JPKI_ERROR_DENIED);
    assert_int_equal(jpki_card_change_pin(card, JPKI_PIN_AUTH, &old, nowhere, NULL),
                     -JPKI_ERROR_USAGE);
    old.flags = 4;
    assert_int_equal(jpki_card_change_pin(card, JPKI_PIN_AUTH, &old, pin("5678").text, NULL),
                     -JPKI_ERROR_USAGE);
    jpki_card_free(card);
}

static void the_last_try_changes_a_pin_if_it_may(void **state)
{
    jpki_card *card = play(REC_OPEN REC_JPKI REC_SELECT("0018") REC_TRIES("63C1")
                               REC_JPKI REC_SELECT("0018") REC_TRIES("63C1")
                                   REC_PIN4("9000") "> 00240180 04 35363738\n< 9000\n" REC_ISD);
    struct jpki_pin old = pin("1234");

    (void)state;
    old.flags = JPKI_LAST_TRY;
    assert_int_equal(jpki_card_change_pin(card, JPKI_PIN_AUTH, &old, pin("5678").text, NULL), 0);
    jpki_card_free(card);
}

static void a_card_pulled_out_in_a_change_leaves_it_open_which_counts(void **state)
{
    jpki_card *card = play(REC_OPEN REC_JPKI REC_SELECT("0018") REC_TRIES("63C3")
                               REC_JPKI REC_SELECT("0018") REC_TRIES("63C3")
                                   REC_PIN4("9000") "> 00240180 04 35363738\n" REC_REMOVED);
    struct jpki_pin old = pin("1234");
    struct jpki_error error = {0};

    (void)state;
    assert_int_equal(jpki_card_change_pin(card, JPKI_PIN_AUTH, &old, pin("5678").text, &error),
                     -JPKI_ERROR_ABSENT);
    assert_non_null(strstr(error.text, "the old or the new"));
    jpki_card_free(card);
}

static void a_phone_has_no_text(void **state)
{
    jpki_card *card = play(REC_OPEN NO_TEXT);
    const struct jpki_opening opening = {JPKI_PIN_TEXT, pin("1234")};
    jpki_anchors *anchors = NULL;
    jpki_record *record = NULL;

    (void)state;
    assert_int_equal(jpki_anchors_new(&anchors, NULL), 0);
    assert_int_equal(jpki_card_read(card, JPKI_PART_ATTRIBUTES, &opening, anchors, &record, NULL),
                     -JPKI_ERROR_ABSENT);
    assert_null(record);
    jpki_anchors_free(anchors);
    jpki_anchors_free(NULL);
    jpki_record_free(NULL);
    jpki_card_free(card);
}

static void what_can_be_no_code_makes_none(void **state)
{
    static const char *const rows[][3] = {
        {"1990-02-30", "2035", "1234"},  {"19900415", "2035", "1234"},
        {"020415", "2035", "1234"},      {"", "2035", "1234"},
        {"1860-04-15", "2035", "1234"},  {"1990-04-15", "35", "1234"},
        {"1990-04-15", "2035 ", "1234"}, {"1990-04-15", "2035", "123"},
        {"1990-04-15", "2035", "12345"}, {"1990-04-15", "2035", "12a4"},
        {"1990-04-15", "", "1234"},      {"1990-04-15 ", "2035", "1234"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct jpki_error error = {0};
        jpki_data *code = NULL;

        assert_int_equal(jpki_code_b(rows[i][0], rows[i][1], rows[i][2], &code, &error),
                         -JPKI_ERROR_DENIED);
        assert_true(error.text[0] != '\0');
        if (i < 5)
            assert_int_equal(jpki_code_birth(rows[i][0], &code, NULL), -JPKI_ERROR_DENIED);
        assert_null(code);
    }
}

/* The first day of an era belongs to it (card.md 3.4). */
static void a_code_counts_the_year_within_its_era(void **state)
{
    static const struct {
        const char *birth, *code;
    } rows[] = {
        {"1980-02-17", "550217"}, {"1989-01-07", "640107"}, {"1989-01-08", "010108"},
        {"2019-04-30", "310430"}, {"2019-05-01", "010501"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        jpki_data *code = NULL;
        jpki_data *birth = NULL;

        assert_int_equal(jpki_code_birth(rows[i].birth, &birth, NULL), 0);
        assert_int_equal(jpki_data_bytes(birth).size, 6);
        assert_memory_equal(jpki_data_bytes(birth).data, rows[i].code, 6);
        assert_int_equal(jpki_code_b(rows[i].birth, "2035", "2285", &code, NULL), 0);
        assert_int_equal(jpki_data_bytes(code).size, 14);
        assert_memory_equal(jpki_data_bytes(code).data, rows[i].code, 6);
        assert_memory_equal(jpki_data_bytes(code).data + 6, "20352285", 8);
        jpki_data_free(birth);
        jpki_data_free(code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lower_of_two_counters_is_told),
        cmocka_unit_test(a_place_that_is_not_there_is_passed_over),
        cmocka_unit_test(a_pin_without_any_place_is_absent),
        cmocka_unit_test(a_counter_that_is_not_told_stops_everything),
        cmocka_unit_test(where_it_is_wrong_first_the_second_is_not_asked),
        cmocka_unit_test(the_second_place_is_looked_at_before_the_first_is_changed),
        cmocka_unit_test(a_missing_or_flagged_pin_changes_nothing),
        cmocka_unit_test(the_last_try_changes_a_pin_if_it_may),
        cmocka_unit_test(a_card_pulled_out_in_a_change_leaves_it_open_which_counts),
        cmocka_unit_test(a_phone_has_no_text),
        cmocka_unit_test(what_can_be_no_code_makes_none),
        cmocka_unit_test(a_code_counts_the_year_within_its_era),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
