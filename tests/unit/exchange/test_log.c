/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a person's log, and the proof of a record as somebody without this database checks it.
 */
#include "exchange/limits.h"
#include "exchange/note.h"
#include "support/exchange_site.h"
#include "support/log_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct exchange_site site;
static int64_t person;

static int set_up(void **state)
{
    (void)state;
    exchange_site_open(&site);
    person = exchange_site_person(&site, 1, "M13101");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    exchange_site_close(&site);
    return 0;
}

/* Of whom exchange_site_person made with this byte. */
static int write_note(uint8_t whose, const struct note *note, int64_t at)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct audit_origin by = site.by;
    struct person_code code;
    int rc;

    by.at = at;
    memset(code.value, whose, sizeof code.value);
    assert_int_equal(db_begin(site.x.db, &txn, NULL), 0);
    rc = exchange_note(&txn, &code, note, &by, NULL);
    return rc < 0 ? rc : db_commit(&txn, NULL);
}

static void note(uint8_t whose, enum log_what what, int64_t at, const char *receiver)
{
    const struct note told = {.what = what, .channel = NOTE_API, .receiver = receiver};

    assert_int_equal(write_note(whose, &told, at), 0);
}

static struct log_record newest; /* that a page gave last */

struct page {
    struct log_counts counts;
    size_t count;
    int64_t at[EXCHANGE_PAGE_MAX];
};

static int take(void *context, const struct log_record *record, struct err *err)
{
    struct page *page = context;

    (void)err;
    page->at[page->count++] = record->at;
    newest = *record;
    return 0;
}

static int take_counts(void *context, const struct log_counts *counts, struct err *err)
{
    struct page *page = context;

    (void)err;
    assert_int_equal(page->count, 0); /* before the records */
    page->counts = *counts;
    return 0;
}

static int read_page(const struct log_query *query, struct page *page)
{
    const struct log_reader reader = {take_counts, take, page};

    page->count = 0;
    return exchange_log_page(&site.x, query, &reader, NULL);
}

static struct log_counts look(const struct log_query *query, struct page *page)
{
    assert_int_equal(read_page(query, page), 0);
    return page->counts;
}

static void pages_are_newest_first_with_the_count_of_all(void **state)
{
    struct log_query query = {.person = person, .until = 1000, .what = -1, .limit = 3};
    struct log_counts counts;
    static struct page page;

    (void)state;
    for (int64_t at = 100; at < 110; at++)
        note(1, LOG_LOGIN, at, at % 2 == 0 ? "BANK" : "SHOP");
    note(2, LOG_LOGIN, 105, "BANK");
    counts = look(&query, &page);
    assert_int_equal(counts.shown, 10);
    assert_int_equal(counts.first_at, 100);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.at[0], 109);
    assert_int_equal(page.at[2], 107);
    query.offset = 9;
    (void)look(&query, &page);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.at[0], 100);
    query.offset = 0;
    query.body = "BANK";
    query.from = 102;
    query.until = 106; /* both belong to it */
    assert_int_equal(look(&query, &page).shown, 3);
    assert_int_equal(page.at[2], 102);
    query.what = LOG_PULLED;
    assert_int_equal(look(&query, &page).shown, 0);
}

static void pages_have_limits(void **state)
{
    struct log_query query = {
        .person = person, .until = 1000, .what = -1, .limit = EXCHANGE_PAGE_MAX};
    static struct page page;

    (void)state;
    (void)look(&query, &page);
    query.limit = EXCHANGE_PAGE_MAX + 1;
    assert_int_equal(read_page(&query, &page), -ERR_INPUT);
    query.limit = 0;
    assert_int_equal(read_page(&query, &page), -ERR_INPUT);
    query.limit = 1;
    query.offset = -1;
    assert_int_equal(read_page(&query, &page), -ERR_INPUT);
}

static void a_note_tells_in_its_own_words(void **state)
{
    const struct note told = {.what = LOG_PULLED,
                              .channel = NOTE_API,
                              .receiver = "phr.sample-1_a",
                              .receiver_name = {"見本の健康手帳", "Sample health book"},
                              .giver = "HEALTHINS01",
                              .why = {"あなたの同意", NULL},
                              .items = {NULL, "check-ups"},
                              .detail = "app"};
    struct log_query query = {.person = person, .until = 1000, .what = -1, .limit = 1};
    struct note_words words;
    static struct page page;

    (void)state;
    assert_int_equal(write_note(1, &told, 100), 0);
    assert_int_equal(look(&query, &page).shown, 1);
    assert_string_equal(newest.receiver, "phr.sample-1_a");
    assert_string_equal(newest.giver, "HEALTHINS01");
    note_words_of(&newest, &words);
    assert_string_equal(words.channel, "api");
    assert_string_equal(words.receiver.ja, "見本の健康手帳");
    assert_string_equal(words.receiver.en, "Sample health book");
    /* What is there in one language stands for both. */
    assert_string_equal(words.why.en, "あなたの同意");
    assert_string_equal(words.items.ja, "check-ups");
}

static void a_record_without_words_has_none(void **state)
{
    const struct log_record plain = {.what = LOG_GIVEN};
    struct note_words words;

    (void)state;
    note_words_of(&plain, &words);
    assert_string_equal(words.channel, "");
    assert_string_equal(words.items.en, "");
}

static void a_note_makes_whom_it_is_about_known(void **state)
{
    struct person_code code;
    int64_t made;

    (void)state;
    memset(code.value, 7, sizeof code.value);
    assert_int_equal(exchange_find_person(&site.x, "PORTAL", &code, &made, NULL), -ERR_ABSENT);
    note(7, LOG_LOGIN, 100, "BANK");
    assert_int_equal(exchange_find_person(&site.x, "PORTAL", &code, &made, NULL), 0);
    assert_int_equal(exchange_site_person(&site, 7, "M13101"), made);
}

static void notes_that_are_none_are_refused(void **state)
{
    static char long_text[NOTE_WORDS_MAX + 2];
    static char long_receiver[LOG_RECEIVER_LEN + 2];
    static char long_detail[LOG_DETAIL_LEN + 2];
    const struct note good = {.what = LOG_LOGIN, .channel = NOTE_SITE, .receiver = "BANK"};
    struct note bad[14];

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    memset(long_receiver, 'x', sizeof long_receiver - 1);
    memset(long_detail, 'x', sizeof long_detail - 1);
    for (size_t i = 0; i < 14; i++)
        bad[i] = good;
    bad[0].what = LOG_REFUSED; /* that is logged by refusing it */
    bad[1].what = LOG_WHATS_;
    bad[2].channel = NOTE_CHANNELS_;
    bad[3].receiver = "";
    bad[4].receiver = "BANK|SHOP";
    bad[5].receiver = long_receiver;
    bad[6].why.ja = long_text;
    bad[7].items.en = "a|b"; /* another field would begin */
    bad[8].receiver_name.ja = "a\nb";
    bad[9].duty = "JM990000000000011"; /* 17 characters */
    bad[10].detail = long_detail;
    bad[11].receiver_name.ja = "a\u202eb"; /* what follows would be read backwards */
    bad[12].why.en = "a\u200bb";
    bad[13].items.ja = "\xe3\x81"; /* half a character */
    for (size_t i = 0; i < 14; i++)
        assert_int_equal(write_note(1, &bad[i], 100), -ERR_USAGE);
    long_text[NOTE_WORDS_MAX] = long_receiver[LOG_RECEIVER_LEN] = long_detail[LOG_DETAIL_LEN] =
        '\0';
    bad[0] = good;
    bad[0].receiver = long_receiver;
    bad[0].receiver_name = bad[0].why = bad[0].items = (struct names){long_text, long_text};
    bad[0].detail = long_detail;
    bad[0].giver = bad[0].info = bad[0].duty = bad[0].procedure = "JM99000000000001";
    assert_int_equal(write_note(1, &bad[0], 100), 0);
}

static void records_are_never_changed(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    (void)state;
    note(1, LOG_LOGIN, 100, "BANK");
    assert_int_equal(db_begin(site.x.db, &txn, NULL), 0);
    assert_true(db_execute(&txn, "UPDATE exchange_log SET receiver = 'SHOP'", DB_NOTHING, NULL) <
                0);
    db_txn_done(&txn);
    assert_int_equal(db_begin(site.x.db, &txn, NULL), 0);
    assert_true(db_execute(&txn, "DELETE FROM exchange_log", DB_NOTHING, NULL) < 0);
}

/* ---- proof ---- */

static void a_record_is_proved_word_for_word(void **state)
{
    CLEANUP(json_freep) struct json *proof = NULL;
    const struct json *record;
    const struct json *tree;
    struct log_record told;
    struct merkle_hash leaf;
    struct merkle_hash root;
    struct merkle_proof path;
    char text[LOG_TEXT_SIZE];
    int64_t size;
    int64_t seq;

    (void)state;
    for (int64_t i = 0; i < 300; i++) /* more than one kept row of hashes */
        note(1, LOG_LOGIN, 100 + i, "BANK");
    assert_int_equal(exchange_log_proof(&site.x, person, 17, &told, &proof, NULL), 0);
    assert_int_equal(json_get_object(proof, "record", &record, NULL), 0);
    assert_int_equal(json_get_object(proof, "tree", &tree, NULL), 0);
    log_record_text(&told, text);
    assert_true(log_proof_is_about(proof, record, text));
    told.at++;
    log_record_text(&told, text);
    assert_false(log_proof_is_about(proof, record, text));

    assert_int_equal(json_get_int(record, "seq", &seq, NULL), 0);
    assert_int_equal(json_get_int(tree, "size", &size, NULL), 0);
    leaf = log_proof_hash(record, "leaf");
    root = log_proof_hash(tree, "root");
    path = log_proof_path(tree);
    assert_int_equal(
        merkle_check_inclusion(&leaf, (uint64_t)seq - 1, (uint64_t)size, &path, &root, NULL), 0);
    leaf.value[0] ^= 1;
    assert_int_equal(
        merkle_check_inclusion(&leaf, (uint64_t)seq - 1, (uint64_t)size, &path, &root, NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(exchange_log_proof(&site.x, person, 1, &told, &proof, NULL), -ERR_ABSENT);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(pages_are_newest_first_with_the_count_of_all),
        CASE(pages_have_limits),
        CASE(a_note_tells_in_its_own_words),
        CASE(a_record_without_words_has_none),
        CASE(a_note_makes_whom_it_is_about_known),
        CASE(notes_that_are_none_are_refused),
        CASE(records_are_never_changed),
        CASE(a_record_is_proved_word_for_word),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
