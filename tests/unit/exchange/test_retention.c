/* SPDX-License-Identifier: Apache-2.0 */
/* Records go after seven years, hidden ones as well, and what is left can still be proved. */
#include "exchange/retention.h"

#include "audit/tree.h"
#include "exchange/limits.h"
#include "exchange/worker.h"
#include "support/exchange_site.h"
#include "support/log_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY = 86400, YEAR_DAYS = 365 };

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

static int64_t at(int year, int month, int day, int hour)
{
    const struct caltime time = {{year, month, day}, hour, 0, 0};

    return caltime_utc(time, JST_OFFSET_SECONDS);
}

static void write_record(struct log_record record)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    record.person = person;
    memcpy(record.receiver, "M13101", sizeof "M13101");
    assert_int_equal(db_begin(site.x.db, &txn, NULL), 0);
    assert_int_equal(log_append(&txn, &site.by, &record, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

struct looked {
    struct log_counts counts;
    struct log_record *record;
};

static int keep_counts(void *context, const struct log_counts *counts, struct err *err)
{
    struct looked *looked = context;

    (void)err;
    looked->counts = *counts;
    return 0;
}

static int keep(void *context, const struct log_record *record, struct err *err)
{
    const struct looked *looked = context;

    (void)err;
    *looked->record = *record;
    return 0;
}

/* How many there are; the oldest of them that is shown in *ret. */
static struct log_counts look(struct log_record *ret)
{
    const struct log_query query = {
        .person = person, .until = INT64_MAX, .what = -1, .limit = EXCHANGE_PAGE_MAX};
    struct looked looked = {.record = ret};
    const struct log_reader reader = {keep_counts, keep, &looked};

    assert_int_equal(exchange_log_page(&site.x, &query, &reader, NULL), 0);
    return looked.counts;
}

static int64_t number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found;

    assert_int_equal(db_begin_read(site.x.db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &found, NULL), 0);
    return found;
}

/* One batch at a moment: how many went. */
static int64_t step_at(int64_t now)
{
    int64_t count;

    site.clock = clock_fixed(now);
    assert_int_equal(retention_step(&site.x, &count, NULL), 0);
    return count;
}

static void years_are_those_of_the_calendar(void **state)
{
    (void)state;
    assert_int_equal(retention_begin(at(2033, 11, 23, 18)), at(2026, 11, 23, 0));
    assert_int_equal(retention_begin(at(2033, 11, 23, 0)), at(2026, 11, 23, 0));
    assert_int_equal(retention_begin(at(2033, 11, 23, 0) - 1), at(2026, 11, 22, 0));
    /* A day that the year does not have: what is kept is never less than seven years. */
    assert_int_equal(retention_begin(at(2028, 2, 29, 12)), at(2021, 2, 28, 0));
}

static void a_record_goes_when_its_seven_years_are_over(void **state)
{
    struct log_record seen;

    (void)state;
    write_record((struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 23, 18)});
    write_record((struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 24, 9)});
    assert_int_equal(step_at(at(2033, 11, 23, 23)), 0);
    assert_int_equal(number("SELECT count(*) FROM exchange_removal"), 0);
    assert_int_equal(step_at(at(2033, 11, 24, 0)), 1);
    assert_int_equal(look(&seen).shown, 1);
    assert_int_equal(seen.at, at(2026, 11, 24, 9));
    assert_int_equal(look(&seen).first_at, at(2026, 11, 24, 9));
    assert_int_equal(step_at(at(2033, 11, 24, 0)), 0);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'exchange.removed'"
                            " AND actor = 'self' AND outcome = '1'"),
                     1);
}

static void what_the_law_hides_stays_hidden_and_goes_with_the_rest(void **state)
{
    struct json *proof = NULL;
    struct log_record seen;
    struct log_counts counts;

    (void)state;
    write_record(
        (struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 23, 1), .is_hidden = true});
    write_record((struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 23, 2)});
    counts = look(&seen);
    assert_int_equal(counts.shown, 1);
    assert_int_equal(counts.hidden, 1);
    assert_int_equal(exchange_log_proof(&site.x, person,
                                        number("SELECT id FROM exchange_log WHERE is_hidden = 1"),
                                        &seen, &proof, NULL),
                     -ERR_ABSENT);
    assert_int_equal(step_at(at(2033, 11, 24, 0)), 2);
    counts = look(&seen);
    assert_int_equal(counts.shown + counts.hidden, 0);
}

static void what_is_left_can_be_proved_and_what_went_cannot(void **state)
{
    CLEANUP(json_freep) struct json *proof = NULL;
    struct merkle_hash before;
    struct merkle_hash leaf;
    struct merkle_hash root;
    struct merkle_proof path;
    const struct json *record;
    const struct json *tree;
    char text[LOG_TEXT_SIZE];
    struct log_record kept;
    int64_t gone;
    int64_t size;

    (void)state;
    for (int i = 0; i < 300; i++)
        write_record((struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 1, 0) + i * DAY});
    gone = number("SELECT min(id) FROM exchange_log");
    assert_int_equal(audit_tree_root(site.x.db, &size, &before, NULL), 0);
    assert_int_equal(step_at(at(2034, 1, 1, 0)), 61);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE salt IS NULL"), 61);
    /* No record of the audit log went or changed: the tree goes on from where it was. */
    assert_int_equal(number("SELECT max(seq) FROM audit"), size + 1);
    assert_int_equal(exchange_log_proof(&site.x, person, gone, &kept, &proof, NULL), -ERR_ABSENT);

    (void)look(&kept);
    assert_int_equal(exchange_log_proof(&site.x, person, kept.id, &kept, &proof, NULL), 0);
    assert_int_equal(json_get_object(proof, "record", &record, NULL), 0);
    assert_int_equal(json_get_object(proof, "tree", &tree, NULL), 0);
    log_record_text(&kept, text);
    assert_true(log_proof_is_about(proof, record, text));
    assert_int_equal(json_get_int(tree, "size", &size, NULL), 0);
    leaf = log_proof_hash(record, "leaf");
    root = log_proof_hash(tree, "root");
    path = log_proof_path(tree);
    assert_int_equal(
        merkle_check_inclusion(&leaf, (uint64_t)kept.audit - 1, (uint64_t)size, &path, &root, NULL),
        0);
}

static void many_go_in_batches_and_no_number_is_given_twice(void **state)
{
    struct log_record seen;
    int64_t last;

    (void)state;
    for (int i = 0; i <= RETENTION_BATCH; i++)
        write_record((struct log_record){.what = LOG_NOTHING, .at = at(2026, 11, 23, 1) + i});
    last = number("SELECT max(id) FROM exchange_log");
    assert_int_equal(step_at(at(2033, 12, 1, 0)), RETENTION_BATCH);
    assert_int_equal(step_at(at(2033, 12, 1, 0)), 1);
    assert_int_equal(step_at(at(2033, 12, 1, 0)), 0);
    assert_int_equal(number("SELECT count(*) FROM exchange_removal"), 1);
    write_record((struct log_record){.what = LOG_GIVEN, .at = at(2033, 12, 1, 0)});
    (void)look(&seen);
    assert_true(seen.id > last);
}

static int execute(const char *sql, int64_t now, int64_t before)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site.x.db, &txn, NULL), 0);
    TRY(db_execute(&txn, sql, before == 0 ? DB_NOTHING : DB_WITH(DB_INT(now), DB_INT(before)),
                   NULL));
    return db_commit(&txn, NULL);
}

/* The database itself says no, to this program as well. */
static void nothing_of_seven_years_can_be_removed(void **state)
{
    static const char removal[] = "INSERT INTO exchange_removal (at, before) VALUES (?, ?)";
    int64_t now = at(2033, 11, 24, 0);

    (void)state;
    write_record((struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 23, 23)});
    write_record((struct log_record){.what = LOG_GIVEN, .at = at(2026, 11, 24, 0)});
    assert_true(execute("DELETE FROM exchange_log", 0, 0) < 0);
    assert_true(execute(removal, now, now - 7 * YEAR_DAYS * DAY) < 0);
    assert_int_equal(execute(removal, now, retention_begin(now)), 0);
    assert_true(execute("DELETE FROM exchange_log", 0, 0) < 0);
    assert_int_equal(number("SELECT count(*) FROM exchange_log"), 2);
}

/* One that is over, asked at a moment; open: not yet. */
static void write_question(const char *key, int64_t asked_at, bool is_open)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site.x.db, &txn, NULL), 0);
    assert_int_equal(
        db_execute(&txn,
                   "INSERT INTO exchange_question (person, asker, key, provider, info, record,"
                   " state, asked_at, next_at, answer_by) VALUES (?1, 'PORTAL', ?2, 'M13101',"
                   " 'TM00000000000002', zeroblob(220), 3, ?3, ?4, ?3)",
                   DB_WITH(DB_INT(person), DB_TEXT(key), DB_INT(asked_at),
                           is_open ? DB_INT(asked_at) : DB_NULL),
                   NULL),
        0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void a_question_goes_when_its_seven_years_are_over_unless_it_is_open(void **state)
{
    (void)state;
    write_question("old", at(2026, 11, 23, 23), false);
    write_question("younger", at(2026, 11, 24, 0), false);
    write_question("open", at(2026, 11, 1, 0), true);
    assert_int_equal(step_at(at(2033, 11, 23, 23)), 0);
    assert_int_equal(step_at(at(2033, 11, 24, 0)), 1);
    assert_int_equal(number("SELECT count(*) FROM exchange_question WHERE key = 'old'"), 0);
    assert_int_equal(number("SELECT count(*) FROM exchange_question"), 2);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE outcome = '1'"
                            " AND act = 'exchange.questions_removed'"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'exchange.removed'"), 0);
    assert_true(execute("DELETE FROM exchange_question WHERE key = 'open'", 0, 0) < 0);
    assert_true(execute("DELETE FROM exchange_question WHERE key = 'younger'", 0, 0) < 0);
}

static void records_and_questions_share_a_batch(void **state)
{
    char key[16];

    (void)state;
    for (int i = 0; i < RETENTION_BATCH - 1; i++)
        write_record((struct log_record){.what = LOG_NOTHING, .at = at(2026, 11, 23, 1) + i});
    for (int i = 0; i < 3; i++) {
        (void)snprintf(key, sizeof key, "q%d", i);
        write_question(key, at(2026, 11, 23, 1), false);
    }
    assert_int_equal(step_at(at(2033, 12, 1, 0)), RETENTION_BATCH);
    assert_int_equal(number("SELECT count(*) FROM exchange_question"), 2);
    assert_int_equal(step_at(at(2033, 12, 1, 0)), 2);
    assert_int_equal(number("SELECT count(*) FROM exchange_question"), 0);
}

static void the_worker_removes_when_the_clock_is_there(void **state)
{
    struct exchange_worker *worker = NULL;
    struct log_record seen;
    int tries = 0;

    (void)state;
    write_record((struct log_record){.what = LOG_GIVEN, .at = EXCHANGE_SITE_NOW});
    site.clock = clock_fixed(EXCHANGE_SITE_NOW + 7 * (YEAR_DAYS + 1) * DAY);
    assert_int_equal(exchange_worker_start(&site.x, NULL, &worker, NULL), 0);
    while (look(&seen).shown > 0 && tries++ < 6000)
        (void)usleep(10000);
    exchange_worker_stopp(&worker);
    assert_int_equal(look(&seen).shown, 0);
}

/* A clock that another thread reads while it is moved, and how often it was read. */
static _Atomic int64_t moved;
static _Atomic int reads;

static int64_t read_moved(const struct clock *clock)
{
    (void)clock;
    reads++;
    return moved;
}

static void a_clock_that_was_ahead_stops_nothing(void **state)
{
    struct exchange_worker *worker = NULL;
    struct log_record seen;
    int tries = 0;

    (void)state;
    moved = EXCHANGE_SITE_NOW + 20LL * YEAR_DAYS * DAY;
    site.clock = (struct clock){.now = read_moved};
    assert_int_equal(exchange_worker_start(&site.x, NULL, &worker, NULL), 0);
    while (reads < 5 && tries++ < 6000) /* three in each turn that removes, two in others */
        (void)usleep(10000);
    moved = EXCHANGE_SITE_NOW + 7 * (YEAR_DAYS + 1) * DAY;
    write_record((struct log_record){.what = LOG_GIVEN, .at = EXCHANGE_SITE_NOW});
    while (look(&seen).shown > 0 && tries++ < 6000)
        (void)usleep(10000);
    exchange_worker_stopp(&worker);
    assert_int_equal(look(&seen).shown, 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(years_are_those_of_the_calendar),
        CASE(a_record_goes_when_its_seven_years_are_over),
        CASE(what_the_law_hides_stays_hidden_and_goes_with_the_rest),
        CASE(what_is_left_can_be_proved_and_what_went_cannot),
        CASE(many_go_in_batches_and_no_number_is_given_twice),
        CASE(nothing_of_seven_years_can_be_removed),
        CASE(a_question_goes_when_its_seven_years_are_over_unless_it_is_open),
        CASE(records_and_questions_share_a_batch),
        CASE(the_worker_removes_when_the_clock_is_there),
        CASE(a_clock_that_was_ahead_stops_nothing),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
