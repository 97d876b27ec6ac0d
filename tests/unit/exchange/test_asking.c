/* SPDX-License-Identifier: Apache-2.0 */
/* Questions through all their states, with a provider that does as a test says. */
#include "exchange/worker.h"
#include "support/exchange_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "exchange/limits.h"

static const char tax[] = "{\"records\": [{\"day\": \"2026-04-01\", \"items\": ["
                          "{\"code\": \"0000200010\", \"content\": \"2026\"}]}]}";

/* What the provider does, and what it was asked. */
struct script {
    enum { GIVE, HOLD_NOTHING, WAIT, BE_FULL, BE_DOWN, GIVE_RUBBISH, DIE } does;
    int64_t again_at;
    int asked;
    struct inquiry inquiry;
    struct person_code person;
};

static int answer(void *context, const struct provider_question *question,
                  struct provider_answer *ret, struct err *err)
{
    struct script *script = context;

    script->asked++;
    script->person = question->person;
    TRY(inquiry_decode(question->record, &script->inquiry, err));
    ret->again_at = script->again_at;
    switch (script->does) {
    case GIVE:
        ret->outcome = PROVIDER_GIVES;
        return buf_append_text(&ret->answer, tax, err);
    case HOLD_NOTHING:
        ret->outcome = PROVIDER_NOTHING;
        return 0;
    case WAIT:
        ret->outcome = PROVIDER_LATER;
        return 0;
    case BE_FULL:
        ret->outcome = PROVIDER_FULL;
        return 0;
    case GIVE_RUBBISH:
        ret->outcome = PROVIDER_GIVES;
        return buf_append_text(&ret->answer, "{\"records\": [{\"day\": 1}]}", err);
    case DIE:
        _exit(9);
    case BE_DOWN:
        break;
    }
    return FAIL(err, ERR_REMOTE, "nobody is there");
}

static struct exchange_site site;
static struct script script;

static int set_up(void **state)
{
    (void)state;
    exchange_site_open(&site);
    script = (struct script){.does = GIVE};
    site.x.provider = (struct provider){answer, &script};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    exchange_site_close(&site);
    return 0;
}

static struct exchange_standing ask(const struct exchange_question *question)
{
    struct exchange_standing standing = {0};
    struct err err = {0};

    if (exchange_ask(&site.x, question, &site.by, &standing, &err) < 0)
        fail_msg("%s", err.text);
    return standing;
}

static struct exchange_standing ask_with(int64_t person, const char *key)
{
    struct exchange_question question = exchange_site_question(person, key);

    return ask(&question);
}

static void steps(void)
{
    int rc;

    while ((rc = exchange_step(&site.x, NULL)) == 0)
        ;
    assert_int_equal(rc, -ERR_ABSENT);
}

static enum exchange_state state_of(int64_t person, int64_t id)
{
    struct exchange_standing standing;

    assert_int_equal(exchange_answer_get(&site.x, person, id, &standing, NULL, NULL), 0);
    return standing.state;
}

struct seen {
    struct log_counts counts;
    int count;
    struct log_record last;
};

static int see(void *context, const struct log_record *record, struct err *err)
{
    struct seen *seen = context;

    (void)err;
    if (seen->count++ == 0)
        seen->last = *record;
    return 0;
}

static int see_counts(void *context, const struct log_counts *counts, struct err *err)
{
    struct seen *seen = context;

    (void)err;
    seen->counts = *counts;
    return 0;
}

static struct log_counts look(int64_t person, struct seen *seen)
{
    const struct log_query query = {
        .person = person, .until = INT64_MAX, .what = -1, .limit = EXCHANGE_PAGE_MAX};
    const struct log_reader reader = {see_counts, see, seen};

    seen->count = 0;
    assert_int_equal(exchange_log_page(&site.x, &query, &reader, NULL), 0);
    return seen->counts;
}

/* ---- refusals ---- */

static void what_is_not_permitted_is_refused_and_the_person_sees_it(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_question question = exchange_site_question(person, "k");
    struct exchange_standing standing = {.id = -1};
    struct seen seen;

    (void)state;
    question.asker = "PENSION01"; /* for local tax it has a duty of its own, not this one */
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), -ERR_DENIED);
    assert_int_equal(standing.id, -1);
    steps();
    assert_int_equal(script.asked, 0);
    assert_int_equal(look(person, &seen).shown, 1);
    assert_int_equal(seen.last.what, LOG_REFUSED);
    assert_string_equal(seen.last.receiver, "PENSION01");
    question.duty = "JM99000000000016";
    question.procedure = "JT99000000000161";
    question.department = "exemption";
    assert_int_equal(ask(&question).state, EXCHANGE_REQUESTED);
}

static void questions_that_are_none_are_refused(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_question question = exchange_site_question(person, "");
    struct exchange_standing standing;
    char key[EXCHANGE_KEY_MAX + 2];

    (void)state;
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), -ERR_INPUT);
    memset(key, 'k', sizeof key);
    key[EXCHANGE_KEY_MAX + 1] = '\0';
    question.key = key;
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), -ERR_INPUT);
    key[EXCHANGE_KEY_MAX] = '\0';
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), 0);
    question.key = "a b";
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), -ERR_INPUT);
    question.key = "k";
    question.condition = INQUIRY_PERIOD; /* without days */
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), -ERR_INPUT);
    question = exchange_site_question(person, "j");
    question.provider = "M27100"; /* which has no code of this person */
    assert_int_equal(exchange_ask(&site.x, &question, &site.by, &standing, NULL), -ERR_ABSENT);
}

static void nobody_reads_what_is_another_persons(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    int64_t other = exchange_site_person(&site, 2, "M13101");
    struct exchange_standing standing = ask_with(person, "k");
    CLEANUP(buf_done) struct buf answer_text = BUF_INIT;
    struct log_record record;
    struct json *proof = NULL;
    struct seen seen;

    (void)state;
    steps();
    assert_int_equal(
        exchange_answer_get(&site.x, other, standing.id, &standing, &answer_text, NULL),
        -ERR_ABSENT);
    assert_int_equal(answer_text.len, 0);
    assert_int_equal(look(other, &seen).shown, 0);
    (void)look(person, &seen);
    assert_int_equal(exchange_log_proof(&site.x, other, seen.last.id, &record, &proof, NULL),
                     -ERR_ABSENT);
    assert_null(proof);
}

static void a_code_belongs_to_one_person(void **state)
{
    struct exchange_link link = {.body = "M13101"};
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct person_code code;
    int64_t found;

    (void)state;
    memset(link.portal.value, 2, sizeof link.portal.value);
    memset(link.code.value, 1, sizeof link.code.value); /* the first one's at Chiyoda */
    assert_int_equal(exchange_link(&site.x, &link, &site.by, &found, NULL), -ERR_CONFLICT);
    link.body = "NOBODY";
    assert_int_equal(exchange_link(&site.x, &link, &site.by, &found, NULL), -ERR_INPUT);
    link.body = "PORTAL";
    assert_int_equal(exchange_link(&site.x, &link, &site.by, &found, NULL), -ERR_CONFLICT);
    assert_int_equal(exchange_site_person(&site, 1, "M13101"), person);
    assert_int_equal(exchange_site_person(&site, 1, "M27100"), person);
    assert_int_equal(exchange_find_code(&site.x, person, "M27100", &code, NULL), 0);
    assert_int_equal(exchange_find_code(&site.x, person, "M01100", &code, NULL), -ERR_ABSENT);
    memset(code.value, 1, sizeof code.value);
    assert_int_equal(exchange_find_person(&site.x, "M27100", &code, &found, NULL), 0);
    assert_int_equal(found, person);
    memset(code.value, 3, sizeof code.value);
    assert_int_equal(exchange_find_person(&site.x, "M27100", &code, &found, NULL), -ERR_ABSENT);
}

/* ---- states ---- */

static void a_question_is_asked_answered_logged_and_forgotten(void **state)
{
    int64_t person = exchange_site_person(&site, 7, "M13101");
    struct exchange_question question = exchange_site_question(person, "k");
    CLEANUP(buf_done) struct buf got = BUF_INIT;
    struct exchange_standing standing;
    struct seen seen;

    (void)state;
    question.condition = INQUIRY_YEAR;
    question.year = INQUIRY_FISCAL_YEAR;
    question.first = (struct caldate){2026, 4, 1};
    question.last = (struct caldate){2027, 3, 31};
    standing = ask(&question);
    assert_int_equal(standing.state, EXCHANGE_REQUESTED);
    assert_int_equal(look(person, &seen).shown, 0); /* nothing was told yet */
    steps();
    assert_int_equal(script.asked, 1);
    assert_int_equal(script.person.value[0], 7);
    assert_int_equal(script.inquiry.first.year, 2026);
    assert_string_equal(script.inquiry.asker, "PORTAL");
    assert_int_equal(exchange_answer_get(&site.x, person, standing.id, &standing, &got, NULL), 0);
    assert_int_equal(standing.state, EXCHANGE_READY);
    assert_true(bytes_equal(buf_bytes(&got), bytes_text(tax)));
    assert_int_equal(look(person, &seen).shown, 1);
    assert_int_equal(seen.last.what, LOG_GIVEN);
    assert_string_equal(seen.last.giver, "M13101");
    assert_string_equal(seen.last.duty, "JM99000000000001");
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 86400);
    steps();
    buf_clear(&got);
    assert_int_equal(exchange_answer_get(&site.x, person, standing.id, &standing, &got, NULL), 0);
    assert_int_equal(standing.state, EXCHANGE_EXPIRED);
    assert_int_equal(got.len, 0);
    assert_int_equal(look(person, &seen).shown, 1); /* the log stays */
}

static void the_same_question_again_is_the_same(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_standing first = ask_with(person, "k");
    struct exchange_question other = exchange_site_question(person, "k");
    struct exchange_standing standing;

    (void)state;
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 5);
    assert_int_equal(ask_with(person, "k").id, first.id);
    assert_int_equal(ask_with(person, "another").id, first.id); /* it is still open */
    other.info = "TM00000000000001";
    assert_int_equal(exchange_ask(&site.x, &other, &site.by, &standing, NULL), -ERR_CONFLICT);
    steps();
    assert_int_equal(script.asked, 1);
    assert_int_equal(ask_with(person, "k").state, EXCHANGE_READY);
    assert_int_not_equal(ask_with(person, "another").id, first.id); /* a new one now */
}

/* Bodies that compare what they were asked find nothing by which they know whom it was about. */
static void each_question_has_a_number_of_its_own(void **state)
{
    static const char *const providers[] = {"M13101", "M27100", "M13101"};
    char seen[3][ADDRESSEE_LEN + 1];
    struct exchange_standing last = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int64_t person = exchange_site_person(&site, 1, providers[i]);
        struct exchange_question question = exchange_site_question(person, "");
        char key[] = {(char)('a' + (int)i), '\0'};

        question.key = key;
        question.provider = providers[i];
        last = ask(&question);
        assert_int_equal(ask(&question).id, last.id); /* the same question has the same still */
        steps();
        memcpy(seen[i], script.inquiry.addressee, sizeof seen[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
    }
}

static int take_asked(void *context, const struct exchange_asked *asked, struct err *err)
{
    int64_t *last = context;

    (void)err;
    assert_true(asked->id > *last);
    assert_string_equal(asked->provider, "M13101");
    *last = asked->id;
    return 0;
}

/* A body finds its own questions again, by how their keys begin, and nobody else's. */
static void a_body_finds_what_it_has_asked(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    const int64_t first = ask_with(person, "r1.1").id;
    char prefix[EXCHANGE_KEY_MAX + 2];
    int64_t last = 0;
    const struct exchange_taking taking = {take_asked, &last};

    (void)state;
    assert_int_equal(exchange_list_asked(&site.x, "PORTAL", "", &taking, NULL), -ERR_USAGE);
    memset(prefix, 'k', sizeof prefix);
    prefix[EXCHANGE_KEY_MAX + 1] = '\0';
    assert_int_equal(exchange_list_asked(&site.x, "PORTAL", prefix, &taking, NULL), -ERR_USAGE);
    prefix[EXCHANGE_KEY_MAX] = '\0';
    assert_int_equal(exchange_list_asked(&site.x, "PORTAL", prefix, &taking, NULL), 0);
    assert_int_equal(exchange_list_asked(&site.x, "M27100", "r1.", &taking, NULL), 0);
    assert_int_equal(exchange_list_asked(&site.x, "PORTAL", "r2.", &taking, NULL), 0);
    assert_int_equal(last, 0);
    steps();
    assert_true(ask_with(person, "r10.1").id > first); /* begins with r1, and not with r1. */
    assert_int_equal(exchange_list_asked(&site.x, "PORTAL", "r1.", &taking, NULL), 0);
    assert_int_equal(last, first);
}

static void nothing_held_is_an_answer(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_standing standing = ask_with(person, "k");
    struct seen seen;

    (void)state;
    script.does = HOLD_NOTHING;
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_NOTHING);
    assert_int_equal(look(person, &seen).shown, 1);
    assert_int_equal(seen.last.what, LOG_NOTHING);
}

static void a_provider_takes_its_time(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_standing standing = ask_with(person, "k");
    int64_t due;

    (void)state;
    script.does = WAIT;
    script.again_at = EXCHANGE_SITE_NOW + 30;
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_WAITING);
    assert_int_equal(exchange_next_due(&site.x, &due, NULL), 0);
    assert_int_equal(due, EXCHANGE_SITE_NOW + 30);
    script.does = GIVE;
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 29);
    steps();
    assert_int_equal(script.asked, 1);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 30);
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_READY);
}

/* Down or answering rubbish: asked again, later each time, until it is too late. */
static void a_provider_that_fails_is_asked_again_until_it_is_too_late(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_standing standing = ask_with(person, "k");
    struct seen seen;

    (void)state;
    script.does = BE_DOWN;
    for (int second = 0; second < 3600; second++) {
        site.clock = clock_fixed(EXCHANGE_SITE_NOW + second);
        script.does = second % 2 == 0 ? BE_DOWN : GIVE_RUBBISH;
        steps();
        assert_int_equal(state_of(person, standing.id), EXCHANGE_WAITING);
    }
    assert_in_range(script.asked, 5, 30);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 3600);
    steps();
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 3600 + 600);
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_EXPIRED);
    assert_int_equal(look(person, &seen).shown, 0); /* nothing was ever told */
}

static void who_is_not_connected_is_not_asked(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_question question = exchange_site_question(person, "k");

    (void)state;
    question.provider = "M34100";
    assert_int_equal(ask(&question).state, EXCHANGE_UNSUPPORTED);
    steps();
    assert_int_equal(script.asked, 0);
}

static void more_than_a_provider_can_take_is_told_at_once(void **state)
{
    struct exchange_standing last = {0};
    int64_t persons[6];

    (void)state;
    for (uint8_t i = 0; i < 6; i++) {
        persons[i] = exchange_site_person(&site, (uint8_t)(i + 1), "M13101");
        last = ask_with(persons[i], i == 0   ? "a"
                                    : i == 1 ? "b"
                                    : i == 2 ? "c"
                                    : i == 3 ? "d"
                                    : i == 4 ? "e"
                                             : "f");
        assert_int_equal(last.state, i < 5 ? EXCHANGE_REQUESTED : EXCHANGE_OVER_CAPACITY);
    }
    steps();
    assert_int_equal(state_of(persons[5], last.id), EXCHANGE_OVER_CAPACITY);
    assert_int_equal(script.asked, 5);
    script.does = BE_FULL; /* or the provider says so itself */
    last = ask_with(persons[5], "g");
    steps();
    assert_int_equal(state_of(persons[5], last.id), EXCHANGE_OVER_CAPACITY);
}

static void one_asker_asks_so_often_about_a_person(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    int64_t other = exchange_site_person(&site, 2, "M13101");
    struct exchange_standing standing;
    char key[16];

    (void)state;
    for (int i = 0; i < 8; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(ask_with(person, key).state, EXCHANGE_REQUESTED);
        steps();
    }
    standing = ask_with(person, "k8");
    assert_int_equal(standing.state, EXCHANGE_RATE_LIMITED);
    assert_int_equal(standing.id, 0);
    assert_int_equal(standing.again_at, EXCHANGE_SITE_NOW + 60);
    assert_int_equal(ask_with(other, "o").state, EXCHANGE_REQUESTED);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 60);
    assert_int_equal(ask_with(person, "k8").state, EXCHANGE_REQUESTED);
}

static void maintenance_is_waited_for(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_outage outage = {"M13101", EXCHANGE_SITE_NOW - 10, EXCHANGE_SITE_NOW + 100};
    struct exchange_outage whole = {"*", EXCHANGE_SITE_NOW + 100, EXCHANGE_SITE_NOW + 300};
    struct exchange_standing standing;

    (void)state;
    assert_int_equal(exchange_announce(&site.x, &outage, &site.by, NULL), 0);
    assert_int_equal(exchange_announce(&site.x, &whole, &site.by, NULL), 0);
    outage.body = "NOBODY";
    assert_int_equal(exchange_announce(&site.x, &outage, &site.by, NULL), -ERR_INPUT);
    outage = (struct exchange_outage){"*", 5, 5};
    assert_int_equal(exchange_announce(&site.x, &outage, &site.by, NULL), -ERR_INPUT);
    standing = ask_with(person, "k");
    assert_int_equal(standing.state, EXCHANGE_MAINTENANCE);
    assert_int_equal(standing.again_at, EXCHANGE_SITE_NOW + 300);
    steps();
    assert_int_equal(script.asked, 0);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 300);
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_READY);
}

/* What waits when the exchange closes goes on in the morning (S201, before August 2021). */
static void what_waits_at_closing_time_goes_on_in_the_morning(void **state)
{
    int64_t evening = caltime_utc((struct caltime){{2020, 6, 3}, 20, 59, 50}, JST_OFFSET_SECONDS);
    int64_t morning = caltime_utc((struct caltime){{2020, 6, 4}, 8, 0, 0}, JST_OFFSET_SECONDS);
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_standing standing;

    (void)state;
    site.x.answer_seconds = 86400;
    site.clock = clock_fixed(evening);
    standing = ask_with(person, "k");
    script.does = BE_DOWN;
    steps();
    site.clock = clock_fixed(evening + 60);
    steps();
    assert_int_equal(script.asked, 1);
    assert_int_equal(state_of(person, standing.id), EXCHANGE_MAINTENANCE);
    script.does = GIVE;
    site.clock = clock_fixed(morning);
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_READY);
}

/* A hidden exchange is counted for the person, and not shown. */
static void what_is_hidden_by_law_is_counted_only(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_question question = exchange_site_question(person, "k");
    struct log_counts counts;
    struct seen seen;

    (void)state;
    question.asker = "M27100";
    question.duty = "JM99000000000014";
    question.procedure = "JT99000000000141";
    question.is_hidden = true;
    (void)ask(&question);
    steps();
    assert_true(script.inquiry.is_hidden);
    counts = look(person, &seen);
    assert_int_equal(counts.shown, 0);
    assert_int_equal(counts.hidden, 1);
    assert_int_equal(seen.count, 0);
}

/* The worker does in its thread what steps() does above. */
static void a_worker_takes_the_steps(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_worker *worker = NULL;
    struct exchange_standing standing;
    int tries = 0;

    (void)state;
    assert_int_equal(exchange_worker_start(&site.x, NULL, &worker, NULL), 0);
    standing = ask_with(person, "k");
    while (state_of(person, standing.id) != EXCHANGE_READY && tries++ < 6000)
        (void)usleep(10000);
    exchange_worker_stopp(&worker);
    assert_int_equal(state_of(person, standing.id), EXCHANGE_READY);
    exchange_worker_stopp(&worker); /* there is none any more */
}

/* ---- crashes ---- */

static void who_dies_between_question_and_answer_asks_again_and_logs_once(void **state)
{
    int64_t person = exchange_site_person(&site, 1, "M13101");
    struct exchange_standing standing = ask_with(person, "k");
    struct seen seen;
    int status = 0;
    pid_t child;

    (void)state;
    db_closep(&site.x.db);
    child = fork();
    if (child == 0) {
        exchange_site_reopen(&site);
        script.does = DIE;
        (void)!exchange_step(&site.x, NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    exchange_site_reopen(&site);
    assert_int_equal(state_of(person, standing.id), EXCHANGE_WAITING);
    assert_int_equal(look(person, &seen).shown, 0);
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 60);
    steps();
    assert_int_equal(state_of(person, standing.id), EXCHANGE_READY);
    assert_int_equal(look(person, &seen).shown, 1);
    steps();
    assert_int_equal(script.asked, 1);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_is_not_permitted_is_refused_and_the_person_sees_it),
        CASE(questions_that_are_none_are_refused),
        CASE(nobody_reads_what_is_another_persons),
        CASE(a_code_belongs_to_one_person),
        CASE(a_question_is_asked_answered_logged_and_forgotten),
        CASE(the_same_question_again_is_the_same),
        CASE(each_question_has_a_number_of_its_own),
        CASE(a_body_finds_what_it_has_asked),
        CASE(nothing_held_is_an_answer),
        CASE(a_provider_takes_its_time),
        CASE(a_provider_that_fails_is_asked_again_until_it_is_too_late),
        CASE(who_is_not_connected_is_not_asked),
        CASE(more_than_a_provider_can_take_is_told_at_once),
        CASE(one_asker_asks_so_often_about_a_person),
        CASE(maintenance_is_waited_for),
        CASE(what_waits_at_closing_time_goes_on_in_the_morning),
        CASE(what_is_hidden_by_law_is_counted_only),
        CASE(a_worker_takes_the_steps),
        CASE(who_dies_between_question_and_answer_asks_again_and_logs_once),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
