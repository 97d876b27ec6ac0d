/* SPDX-License-Identifier: Apache-2.0 */
/* A provider and the exchange: what a body holds gets to who asked, and nowhere else. */
#include "exchange/civil.h"
#include "exchange/holdings.h"
#include "support/exchange_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TAX "TM00000000000002"

static const char two_years[] =
    "{\"records\":[{\"day\":\"2026-06-01\",\"items\":[{\"code\":\"0000200010\",\"content\":"
    "\"2026\"}]},{\"day\":\"2025-06-01\",\"items\":[{\"code\":\"0000200010\",\"content\":"
    "\"2025\"}]}]}";

static struct exchange_site site;
static struct holdings *holdings;
static int64_t person;

static struct holding holding_of(const char *body, uint8_t byte, const char *answer)
{
    struct holding holding = {.body = body, .info = TAX, .answer = bytes_text(answer)};

    memset(holding.code.value, byte, sizeof holding.code.value);
    return holding;
}

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];
    struct holding holding = holding_of("M13101", 1, two_years);

    (void)state;
    exchange_site_open(&site);
    assert_int_equal(holdings_open(tempdir_file(&site.dir, "p.db", path), site.tables, &site.clock,
                                   &holdings, NULL),
                     0);
    site.x.provider = holdings_provider(holdings);
    person = exchange_site_person(&site, 1, "M13101");
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    holdings_closep(&holdings);
    exchange_site_close(&site);
    return 0;
}

/* Ask, let everything happen that is due, and look. */
static enum exchange_state ask(const struct exchange_question *question, struct buf *answer)
{
    struct exchange_standing standing;
    struct err err = {0};

    if (exchange_ask(&site.x, question, &site.by, &standing, &err) < 0)
        fail_msg("%s", err.text);
    while (exchange_step(&site.x, NULL) == 0)
        ;
    assert_int_equal(
        exchange_answer_get(&site.x, question->person, standing.id, &standing, answer, NULL), 0);
    return standing.state;
}

static void what_is_no_holding_is_refused(void **state)
{
    struct holding holding = holding_of("M13101", 1, "{\"records\":[]}");

    (void)state;
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), -ERR_INPUT);
    holding = holding_of("PENSION01", 1, two_years); /* which holds no taxes */
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), -ERR_INPUT);
    holding = holding_of("NOBODY", 1, two_years);
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), -ERR_INPUT);
    holding = holding_of("M13101", 1, two_years);
    holding.info = "TM00000000000009";
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), -ERR_INPUT);
}

static void what_a_body_holds_comes_back(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct exchange_question question = exchange_site_question(person, "k");

    (void)state;
    assert_int_equal(ask(&question, &answer), EXCHANGE_READY);
    assert_true(bytes_equal(buf_bytes(&answer), bytes_text(two_years)));
}

static void only_the_days_that_were_asked_for_come(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct exchange_question question = exchange_site_question(person, "k");
    const char *text;

    (void)state;
    question.condition = INQUIRY_PERIOD;
    question.first = question.last = (struct caldate){2025, 6, 1};
    assert_int_equal(ask(&question, &answer), EXCHANGE_READY);
    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    assert_non_null(strstr(text, "2025-06-01"));
    assert_null(strstr(text, "2026-06-01"));
    question.key = "l";
    question.first = question.last = (struct caldate){2025, 6, 2};
    assert_int_equal(ask(&question, NULL), EXCHANGE_NOTHING);
}

static void nothing_of_another_person_or_body_comes(void **state)
{
    struct holding holding = holding_of("M27100", 1, two_years);
    int64_t other = exchange_site_person(&site, 2, "M13101");
    struct exchange_question question = exchange_site_question(other, "k");

    (void)state;
    assert_int_equal(ask(&question, NULL), EXCHANGE_NOTHING);
    (void)exchange_site_person(&site, 1, "M27100");
    question = exchange_site_question(person, "l");
    question.provider = "M27100";
    assert_int_equal(ask(&question, NULL), EXCHANGE_NOTHING);
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), 0);
    question.key = "m";
    assert_int_equal(ask(&question, NULL), EXCHANGE_READY);
    holding.answer = bytes_of(NULL, 0); /* struck out */
    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), 0);
    question.key = "n";
    assert_int_equal(ask(&question, NULL), EXCHANGE_NOTHING);
}

/* The provider has a guard of its own: it does not believe whoever hands it a question. */
static void a_question_past_the_exchange_is_refused(void **state)
{
    struct inquiry inquiry = {
        .numbering = "99",
        .addressee = "000000000000001",
        .department = "x",
        .user = "y",
        .asker = "HEALTHINS01",
        .duty = "JM99000000000001",
        .procedure = "JT99000000000001",
        .provider = "M13101",
        .info = TAX,
    };
    struct provider_answer answer = {.answer = BUF_INIT};
    struct provider_question question = {.id = 1};
    const struct provider provider = holdings_provider(holdings);
    char record[INQUIRY_LEN + 1];

    (void)state;
    memset(question.person.value, 1, sizeof question.person.value);
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), 0);
    question.record = bytes_text(record);
    assert_int_equal(provider.ask(provider.context, &question, &answer, NULL), -ERR_DENIED);
    record[0] = 'x';
    assert_int_equal(provider.ask(provider.context, &question, &answer, NULL), -ERR_INPUT);
    assert_int_equal(answer.answer.len, 0);
}

/* What no row of the tables provides for is refused, whoever asks (decision 0116). */
static void nobody_asks_or_answers_for_another(void **state)
{
    const struct inquiry plain = {.numbering = "99",
                                  .addressee = "000000000000001",
                                  .department = "x",
                                  .user = "y",
                                  .asker = "PORTAL",
                                  .duty = "JM99000000000001",
                                  .procedure = "JT99000000000001",
                                  .provider = "M13101",
                                  .info = TAX};
    struct inquiry inquiries[] = {plain, plain, plain, plain};
    const struct provider provider = holdings_provider(holdings);

    (void)state;
    (void)snprintf(inquiries[1].delegating_asker, CODE_SIZE, "M27100");
    (void)snprintf(inquiries[2].delegating_provider, CODE_SIZE, "M27100");
    (void)snprintf(inquiries[3].unified, ADDRESSEE_LEN + 1, "000000000000001");
    for (size_t i = 0; i < 4; i++) {
        struct provider_question question = {.id = 1 + (int64_t)i};
        struct provider_answer answer = {.answer = BUF_INIT};
        char record[INQUIRY_LEN + 1];

        memset(question.person.value, 1, sizeof question.person.value);
        assert_int_equal(inquiry_encode(&inquiries[i], record, NULL), 0);
        question.record = bytes_text(record);
        assert_int_equal(provider.ask(provider.context, &question, &answer, NULL),
                         i == 0 ? 0 : -ERR_DENIED);
        buf_done(&answer.answer);
    }
}

static void bodies_are_late_silent_full_or_down(void **state)
{
    struct exchange_question question = exchange_site_question(person, "k");

    (void)state;
    assert_int_equal(holdings_tune(holdings, "NOBODY", HOLDING_ANSWERS, 0, &site.by, NULL),
                     -ERR_INPUT);
    assert_int_equal(
        holdings_tune(holdings, "M13101", HOLDING_ANSWERS, HOLDING_DELAY_MAX + 1, &site.by, NULL),
        -ERR_INPUT);
    assert_int_equal(
        holdings_tune(holdings, "M13101", HOLDING_ANSWERS, HOLDING_DELAY_MAX, &site.by, NULL), 0);
    assert_int_equal(holdings_tune(holdings, "M13101", HOLDING_ANSWERS, 20, &site.by, NULL), 0);
    assert_int_equal(ask(&question, NULL), EXCHANGE_WAITING);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 19);
    assert_int_equal(ask(&question, NULL), EXCHANGE_WAITING);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 20);
    assert_int_equal(ask(&question, NULL), EXCHANGE_READY);

    assert_int_equal(holdings_tune(holdings, "M13101", HOLDING_FULL, 0, &site.by, NULL), 0);
    question.key = "l";
    assert_int_equal(ask(&question, NULL), EXCHANGE_OVER_CAPACITY);
    assert_int_equal(holdings_tune(holdings, "M13101", HOLDING_SILENT, 0, &site.by, NULL), 0);
    question.key = "m";
    assert_int_equal(ask(&question, NULL), EXCHANGE_WAITING);
    assert_int_equal(holdings_tune(holdings, "M13101", HOLDING_DOWN, 0, &site.by, NULL), 0);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 600);
    assert_int_equal(ask(&question, NULL), EXCHANGE_WAITING);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 20 + 3600);
    assert_int_equal(ask(&question, NULL), EXCHANGE_EXPIRED);
}

static void a_made_person_can_be_read(void **state)
{
    struct making_person made = {"hanako", {1990, 4, 15}, true, "千代田区", {2026, 11, 26}};
    struct holding whose = holding_of("M13101", 9, "");
    CLEANUP(making_freep) struct making *making = NULL;
    struct exchange_question question = exchange_site_question(
        exchange_site_person(&site, 9, "M13101"), "k");

    (void)state;
    assert_int_equal(making_load(site.tables, EXCHANGE_DATA, &making, NULL), 0);
    assert_int_equal(holdings_make(holdings, making, &whose, &made, &site.by, NULL), 0);
    assert_int_equal(ask(&question, NULL), EXCHANGE_READY);
    made.birth.year = 2024; /* who pays no taxes */
    assert_int_equal(holdings_make(holdings, making, &whose, &made, &site.by, NULL), 0);
    question.key = "l";
    assert_int_equal(ask(&question, NULL), EXCHANGE_NOTHING);
}

/* What the municipality prints of a household, and what it answers of it, is one household. */
static void a_household_is_the_one_that_is_told(void **state)
{
    struct making_person made = {"hanako", {1990, 4, 15}, true, "千代田区", {2026, 11, 26}};
    struct holding whose = holding_of("M13101", 9, "");
    CLEANUP(making_freep) struct making *making = NULL;
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct json *records, *items;
    const struct civil_person *self;
    struct household household;
    const char *people, *is_head;

    (void)state;
    made.name = "番号　花子";
    assert_int_equal(making_load(site.tables, EXCHANGE_DATA, &making, NULL), 0);
    assert_int_equal(holdings_make(holdings, making, &whose, &made, &site.by, NULL), 0);
    assert_int_equal(civil_get(holdings, "M13101", &whose.code, &household, NULL), 0);
    self = household_find(&household, &whose.code);
    whose.info = "TM00000000000001";
    assert_int_equal(holdings_read(holdings, &whose, &answer, NULL), 0);
    assert_int_equal(json_get_array(answer, "records", &records, NULL), 0);
    assert_int_equal(json_get_array(json_at(records, 0), "items", &items, NULL), 0);
    assert_int_equal(json_get_text(json_at(items, 2), "content", &people, NULL), 0);
    assert_int_equal(json_get_text(json_at(items, 3), "content", &is_head, NULL), 0);
    assert_int_equal(household.count, strtol(people, NULL, 10));
    assert_int_equal(self->relation == CIVIL_HEAD, strcmp(is_head, "1") == 0);
}

/* People of a crowd: how many are left, and what comes behind the last. */
struct queue {
    int left;
    enum err_kind end;
};

static int next_of(void *context, struct person_code *ret_code, struct making_person *ret,
                   struct err *err)
{
    struct queue *queue = context;

    if (queue->left == 0)
        return FAIL(err, queue->end, "that was the last");
    memset(ret_code->value, 0, sizeof ret_code->value);
    memcpy(ret_code->value, &queue->left, sizeof queue->left);
    queue->left--;
    *ret = (struct making_person){"hanako", {1990, 4, 15}, true, "千代田区", {2026, 11, 26}, NULL};
    return 0;
}

static int64_t count_of(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    assert_int_equal(db_begin_read(holdings_db(holdings), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

static void of_old_questions_nothing_is_kept(void **state)
{
    struct exchange_question question = exchange_site_question(person, "k");

    (void)state;
    assert_int_equal(ask(&question, NULL), EXCHANGE_READY);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + HOLDING_ASKED_KEPT);
    question.key = "l";
    assert_int_equal(ask(&question, NULL), EXCHANGE_READY);
    assert_int_equal(count_of("SELECT count(*) FROM asked"), 2);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + HOLDING_ASKED_KEPT + 1);
    question.key = "m";
    assert_int_equal(ask(&question, NULL), EXCHANGE_READY);
    assert_int_equal(count_of("SELECT count(*) FROM asked"), 2);
    assert_int_equal(count_of("SELECT min(at) FROM asked"), EXCHANGE_SITE_NOW + HOLDING_ASKED_KEPT);
}

static void a_crowd_is_filed_in_batches(void **state)
{
    CLEANUP(making_freep) struct making *making = NULL;
    static const char people[] = "SELECT count(DISTINCT code) FROM holding WHERE body = 'M13101'";
    struct queue queue = {.left = 1001, .end = ERR_ABSENT};
    struct holdings_crowd crowd = {"M13101", NULL, next_of, &queue};
    int64_t before = count_of(people);
    int64_t count;

    (void)state;
    assert_int_equal(making_load(site.tables, EXCHANGE_DATA, &making, NULL), 0);
    crowd.making = making;
    assert_int_equal(holdings_fill(holdings, &crowd, &site.by, &count, NULL), 0);
    assert_int_equal(count, 1001);
    assert_int_equal(count_of(people), before + 1001);
    assert_int_equal(count_of("SELECT count(*) FROM audit WHERE act = 'registers.filled'"), 3);
    crowd.body = "M99999";
    assert_int_equal(holdings_fill(holdings, &crowd, &site.by, &count, NULL), -ERR_INPUT);
}

/* Nothing of the batch in which the crowd fails is there, and all of those before. */
static void a_crowd_that_fails_leaves_whole_batches(void **state)
{
    CLEANUP(making_freep) struct making *making = NULL;
    struct queue queue = {.left = 600, .end = ERR_SYSTEM};
    struct holdings_crowd crowd = {"M13101", NULL, next_of, &queue};
    int64_t before = count_of("SELECT count(DISTINCT code) FROM holding");
    int64_t count;

    (void)state;
    assert_int_equal(making_load(site.tables, EXCHANGE_DATA, &making, NULL), 0);
    crowd.making = making;
    assert_int_equal(holdings_fill(holdings, &crowd, &site.by, &count, NULL), -ERR_SYSTEM);
    assert_int_equal(count, 500);
    assert_int_equal(count_of("SELECT count(DISTINCT code) FROM holding"), before + 500);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_is_no_holding_is_refused),
        CASE(what_a_body_holds_comes_back),
        CASE(only_the_days_that_were_asked_for_come),
        CASE(nothing_of_another_person_or_body_comes),
        CASE(a_question_past_the_exchange_is_refused),
        CASE(nobody_asks_or_answers_for_another),
        CASE(bodies_are_late_silent_full_or_down),
        CASE(of_old_questions_nothing_is_kept),
        CASE(a_made_person_can_be_read),
        CASE(a_household_is_the_one_that_is_told),
        CASE(a_crowd_is_filed_in_batches),
        CASE(a_crowd_that_fails_leaves_whole_batches),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
