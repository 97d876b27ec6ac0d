/* SPDX-License-Identifier: Apache-2.0 */
/* Disputed behaviours: how they are spelt, and that each value does what it says. */
#include "card/options.h"

#include "base/file.h"
#include "card/state.h"
#include "crypto/digest.h"
#include "support/card_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_refused(const char *text)
{
    struct card_options options = {.chosen = {BLOCKED_VERIFY_6983}};
    const struct card_options before = options;

    assert_int_equal(card_options_parse(bytes_text(text), &options, NULL), -ERR_INPUT);
    assert_memory_equal(&options, &before, sizeof options);
}

static void what_is_no_option_is_refused(void **state)
{
    (void)state;
    assert_refused("");
    assert_refused("reselect");
    assert_refused("reselect=");
    assert_refused("=keeps-pins");
    assert_refused("reselect=keeps-pin");
    assert_refused("Reselect=keeps-pins");
    assert_refused("reselect=keeps-pins,,fci=none");
    assert_refused("reselect=keeps-pins,unknown=1");
    assert_refused("pss-salt=223");
    assert_refused("pss-salt=-1");
    assert_refused("pss-salt=032");
    assert_refused("pss-salt=4294967328"); /* 32, if it wrapped around */
    assert_refused("birth-tries=0");
    assert_refused("birth-tries=11");
    assert_int_equal(CARD_PSS_SALT_MAX, 222);
    assert_int_equal(CARD_BIRTH_TRIES_MAX, 10);
}

static void a_refusal_names_the_values_there_are(void **state)
{
    struct card_options options = {0};
    struct err err;

    (void)state;
    assert_int_equal(card_options_parse(bytes_text("blocked-query=1"), &options, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "63c0, 6983, 6984"));
    assert_int_equal(card_options_parse(bytes_text("pss-salt=x"), &options, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "0 to 222"));
}

static void only_what_is_unusual_is_written(void **state)
{
    struct card_options options = {0};
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(card_options_append(&options, &text, NULL), 0);
    assert_int_equal(text.len, 0);
    assert_int_equal(card_option(&options, OPTION_PSS_SALT), 32);
    assert_int_equal(card_option(&options, OPTION_BIRTH_TRIES), 10);
    assert_int_equal(
        card_options_parse(BYTES_LITERAL("pss-salt=0,fci=template,pss-salt=20"), &options, NULL),
        0); /* the last counts */
    assert_int_equal(card_options_append(&options, &text, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("fci=template,pss-salt=20")));
    assert_int_equal(card_options_parse(BYTES_LITERAL("pss-salt=32,fci=none"), &options, NULL), 0);
    buf_clear(&text);
    assert_int_equal(card_options_append(&options, &text, NULL), 0);
    assert_int_equal(text.len, 0);
}

/* All of them with the value that is longest fit into a card file. */
static void all_options_together_fit(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct card_options options = {0};

    (void)state;
    for (unsigned i = 0; i < CARD_OPTIONS_; i++) {
        const struct card_option_row *row = &card_option_rows[i];

        for (options.chosen[i] = 1;
             row->words != NULL && row->words[options.chosen[i] + 1] != NULL;)
            options.chosen[i]++;
        if (row->words == NULL)
            options.chosen[i] = row->least + 1;
        assert_non_null(row->meaning);
    }
    assert_int_equal(card_options_append(&options, &text, NULL), 0);
    assert_in_range(text.len, 100, CARD_OPTIONS_TEXT_MAX);
}

static void block_auth(struct card_bench *bench)
{
    bench_select(bench, &applet_jpki);
    for (int i = 0; i < 3; i++)
        (void)bench_verify(bench, 0x98, "0000");
}

static void a_blocked_pin_answers_as_chosen(void **state)
{
    block_auth(*state);
    assert_sw(*state, "00200098", 0x63C0);
    assert_int_equal(bench_verify(*state, 0x98, "1234"), 0x6984);
    bench_options(*state, "blocked-verify=6983,blocked-query=6984");
    assert_sw(*state, "00200098", 0x6984);
    assert_int_equal(bench_verify(*state, 0x98, "1234"), 0x6983);
    bench_options(*state, "blocked-query=6983");
    assert_sw(*state, "00200098", 0x6983);
}

static void log_in(struct card_bench *bench)
{
    bench_select(bench, &applet_jpki);
    assert_int_equal(bench_verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_OK);
    assert_int_equal(bench_verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), SW_OK);
}

static void a_query_after_a_right_pin_answers_as_chosen(void **state)
{
    log_in(*state);
    assert_sw(*state, "00200098", 0x63C3);
    bench_options(*state, "query-when-verified=9000");
    assert_sw(*state, "00200098", 0x9000);
    bench_select(*state, &applet_isd);
    bench_select(*state, &applet_jpki);
    assert_sw(*state, "00200098", 0x63C3);
}

static void pins_last_as_long_as_chosen(void **state)
{
    log_in(*state);
    bench_select(*state, &applet_jpki);
    assert_sw(*state, "00B0810001", 0x9000);
    bench_options(*state, "reselect=clears-pins");
    bench_select(*state, &applet_jpki);
    assert_sw(*state, "00B0810001", 0x6982);
    log_in(*state);
    assert_sw(*state, "00A4020C020018", 0x9000);
    assert_sw(*state, "00B0810001", 0x9000);
    bench_options(*state, "other-pin=drops");
    assert_sw(*state, "00A4020C02001B", 0x9000);
    assert_sw(*state, "00B0810001", 0x9000); /* its own */
    assert_sw(*state, "00A4020C020018", 0x9000);
    assert_sw(*state, "00B0810001", 0x6982);
}

static void a_sign_password_is_good_for_as_many_signatures_as_chosen(void **state)
{
    log_in(*state);
    assert_sw(*state, "802A009A015500", 0x9000);
    assert_sw(*state, "802A009A015500", 0x9000);
    bench_options(*state, "sign-pin=once");
    assert_sw(*state, "802A009A015500", 0x9000);
    assert_sw(*state, "802A009A015500", 0x6982);
    assert_sw(*state, "802A0097015500", 0x9000);
    assert_sw(*state, "802A0097015500", 0x9000); /* the other key is none of it */
}

static void the_end_of_a_file_is_as_chosen(void **state)
{
    struct card_bench *bench = *state;

    bench_select(bench, &applet_jpki);
    assert_sw(bench, "00A4020C02000B", 0x9000);
    assert_sw(bench, "00B0076C01", 0x6B00); /* 1900 */
    bench_options(bench, "read-past-end=empty");
    assert_sw(bench, "00B0076C01", 0x9000);
    assert_int_equal(bench->data.len, 0);
    bench_options(bench, "read-past-end=6b00,ca-filler=no");
    assert_sw(bench, "00B0051401", 0x9000); /* the last of 1301 */
    assert_sw(bench, "00B0051501", 0x6B00);
    assert_sw(bench, "00B08A0001", 0x9000); /* a holder's goes on: */
    assert_sw(bench, "00B004B001", 0x9000);
}

static void an_fci_comes_as_chosen(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, "00A404000AD392F00026010000000100", 0x9000);
    assert_int_equal(bench->data.len, 0);
    bench_options(bench, "fci=template");
    assert_sw(bench, "00A4040009D392F000260100000000", 0x9000);
    assert_int_equal(bench->data.len, 14);
    assert_memory_equal(bench->data.ptr, "\x6f\x0c\x84\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01",
                        14);
    assert_sw(bench, "00A4020002001800", 0x9000);
    assert_memory_equal(bench->data.ptr, "\x6f\x04\x83\x02\x00\x18", 6);
    assert_sw(bench, "00A4040C0AD392F00026010000000100", 0x9000);
    assert_int_equal(bench->data.len, 0); /* P2=0C wants none */
    assert_sw(bench, "00A404000AD392F000260100000001", 0x9000);
    assert_int_equal(bench->data.len, 0); /* no Le */
    assert_sw(bench, "00A4040007A0000001510001", 0x6A82);
    assert_int_equal(CARD_FCI_MAX, 20);
    assert_sw(bench, "00A404000AD392F00026010000000113", 0x9000);
    assert_int_equal(bench->data.len, 0); /* Le 19, and one may have 20 */
    assert_sw(bench, "00A404000AD392F00026010000000114", 0x9000);
    assert_int_equal(bench->data.len, 14);
}

static void without_a_sign_certificate_its_pin_is_as_chosen(void **state)
{
    struct card_bench *bench = *state;

    bench_options(bench, "missing-sign-certificate=no-pin");
    bench_select(bench, &applet_jpki);
    assert_sw(bench, "00A4020C02001B", 0x9000); /* this card has one */
    buf_done(&bench->card->image.data[CARD_SIGN_CERT]);
    assert_sw(bench, "00A4020C02001B", 0x6A82);
    assert_sw(bench, "0020009B", 0x6A82);
    assert_sw(bench, "00A4020C02001A", 0x6A82);
    assert_sw(bench, "00B0810000", 0x6A82);
    assert_sw(bench, "00A4020C020018", 0x9000);
    bench_options(bench, "missing-sign-certificate=pin-stays");
    assert_sw(bench, "00A4020C02001B", 0x9000);
    assert_sw(bench, "00200080", 0x63C5);
}

static void code_b_opens_the_signature_as_chosen(void **state)
{
    bench_select(*state, &applet_text);
    assert_int_equal(bench_verify(*state, 0x95, MEMORY_CARD_CODE_B), SW_OK);
    assert_sw(*state, "00B0830000", 0x9000);
    bench_options(*state, "text-0003-by-b=no");
    assert_sw(*state, "00B0830000", 0x6982);
    assert_sw(*state, "00B0820000", 0x9000); /* the attributes themselves */
    assert_int_equal(bench_verify(*state, 0x94, MEMORY_CARD_CODE_A), SW_OK);
    assert_sw(*state, "00B0830000", 0x9000);
}

static void a_birth_date_has_as_many_tries_as_chosen(void **state)
{
    struct card_bench *bench = *state;

    bench_options(bench, "birth-tries=2");
    bench_select(bench, &applet_visual);
    assert_sw(bench, "00200091", 0x63C2);
    assert_int_equal(bench_verify(bench, 0x91, "000000"), 0x63C1);
    assert_int_equal(bench_verify(bench, 0x91, MEMORY_CARD_BIRTH_PIN), SW_OK);
    assert_int_equal(bench->storage.tries[CARD_PIN_BIRTH], 2);
    assert_int_equal(bench_verify(bench, 0x91, "000000"), 0x63C1);
    assert_int_equal(bench_verify(bench, 0x91, "000000"), 0x63C0);
    assert_int_equal(bench_verify(bench, 0x91, MEMORY_CARD_BIRTH_PIN), 0x6984);
}

static void a_change_without_verify_answers_as_chosen(void **state)
{
    bench_select(*state, &applet_jpki);
    assert_sw(*state, "002401980435363738", 0x6982);
    bench_options(*state, "change-without-verify=6985");
    assert_sw(*state, "002401980435363738", 0x6985);
    log_in(*state);
    assert_sw(*state, "002401980435363738", 0x9000);
}

static void the_first_command_answers_as_chosen(void **state)
{
    struct card_bench *bench = *state;

    bench_options(bench, "first-command=6f00");
    assert_sw(bench, "00A4040C0AD392F000260100000001", 0x6F00);
    assert_sw(bench, "00A4040C0AD392F000260100000001", 0x9000);
    card_reset(bench->card);
    assert_sw(bench, "00A4040C0AD392F000260100000001", 0x6F00);
    bench_options(bench, "first-command=ok");
    card_reset(bench->card);
    assert_sw(bench, "00A4040C0AD392F000260100000001", 0x9000);
}

static void the_answer_to_reset_is_got_where_chosen(void **state)
{
    assert_sw(*state, "00CA5F51000000", 0x9000);
    bench_options(*state, "get-data-5f51=in-application");
    assert_sw(*state, "00CA5F51000000", 0x6A88);
    bench_select(*state, &applet_jpki);
    assert_sw(*state, "00CA5F51000000", 0x9000);
}

static void put_dates(struct card *card)
{
    const struct bytes attrs = BYTES_LITERAL("\xff\x20\x0b\xdf\x24\x08"
                                             "19800217");
    const struct bytes face = BYTES_LITERAL("\xff\x20\x0b\xdf\x29\x08"
                                            "20350217");

    buf_done(&card->image.data[CARD_TEXT_ATTRS]);
    buf_done(&card->image.data[CARD_VISUAL_FACE]);
    assert_int_equal(buf_copy(attrs, &card->image.data[CARD_TEXT_ATTRS], NULL), 0);
    assert_int_equal(buf_copy(face, &card->image.data[CARD_VISUAL_FACE], NULL), 0);
}

/* S83, S85, S95, S96 */
static void pins_that_are_easily_guessed_are_refused_if_chosen(void **state)
{
    static const char *const bad[] = {"1980", "0217", "8002", "2285", "123", "123A"};
    struct card_bench *bench = *state;

    put_dates(bench->card);
    log_in(bench);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct apdu change = {0x00, 0x24, 0x01, 0x98, bytes_text(bad[i]), 0, false};

        bench_options(bench, "pin-policy=enforced");
        assert_int_equal(bench_apdu(bench, change), 0x6A80);
        bench_options(bench, "pin-policy=any");
        assert_int_equal(bench_apdu(bench, change), SW_OK);
    }
    bench_options(bench, "pin-policy=enforced");
    assert_sw(bench, "0024019B06616263313233", 0x6A80); /* abc123 */
    assert_sw(bench,
              "0024019804"
              "32333435",
              0x9000); /* that of the text applet */
    assert_sw(bench,
              "0024019B08"
              "4142433132323835",
              0x9000); /* ABC12285 is no four digits */
    bench_select(bench, &applet_common);
    assert_int_equal(bench_verify(bench, 0x9c, MEMORY_CARD_JUKI_PIN), SW_OK);
    assert_sw(bench,
              "8032009C04"
              "30323137",
              0x6A80);
    assert_sw(bench,
              "8032009C04"
              "32333435",
              0x9000);
}

/* Without the files that tell them nobody can say what is easily guessed. */
static void dates_that_are_not_on_the_card_do_not_count(void **state)
{
    bench_options(*state, "pin-policy=enforced");
    log_in(*state);
    assert_sw(*state,
              "0024019804"
              "31393830",
              0x9000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_option_is_refused),
        cmocka_unit_test(a_refusal_names_the_values_there_are),
        cmocka_unit_test(only_what_is_unusual_is_written),
        cmocka_unit_test(all_options_together_fit),
        card_bench_test(a_blocked_pin_answers_as_chosen),
        card_bench_test(a_query_after_a_right_pin_answers_as_chosen),
        card_bench_test(pins_last_as_long_as_chosen),
        card_bench_test(a_sign_password_is_good_for_as_many_signatures_as_chosen),
        card_bench_test(the_end_of_a_file_is_as_chosen),
        card_bench_test(an_fci_comes_as_chosen),
        card_bench_test(without_a_sign_certificate_its_pin_is_as_chosen),
        card_bench_test(code_b_opens_the_signature_as_chosen),
        card_bench_test(a_birth_date_has_as_many_tries_as_chosen),
        card_bench_test(a_change_without_verify_answers_as_chosen),
        card_bench_test(the_first_command_answers_as_chosen),
        card_bench_test(the_answer_to_reset_is_got_where_chosen),
        card_bench_test(pins_that_are_easily_guessed_are_refused_if_chosen),
        card_bench_test(dates_that_are_not_on_the_card_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, card_bench_release_keys);
}
