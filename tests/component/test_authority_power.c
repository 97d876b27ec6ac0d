/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority's database when the power is cut while several threads issue at once: whatever was
 * acknowledged to one of them is there afterwards. Most cuts have to hit transactions that are
 * open, or the test would prove nothing.
 */
#include "authority/store.h"

#include "support/power.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 6, CUTS = 30, OPERATIONS_MIN = 20, OPERATIONS_MAX = 400, ISSUED_MAX = 4000 };

static const char *const fates[] = {"none", "all", "data", "torn", "some 1", "some 2", "some 3"};
enum { FATES = sizeof fates / sizeof fates[0] };
static const struct audit_origin by = {.at = 1000, .actor = "uid:1000"};

static struct power power;
static char database[TEMPDIR_FILE_SIZE + 16];

/* What a thread of the child reports when it was told that a certificate is kept. */
struct acknowledged {
    uint32_t thread, number, serial;
};

struct issuer {
    struct authority_store *store;
    uint32_t thread, first;
    int report;
    bool was_in_transaction; /* at the cut */
};

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

static int reserve(struct authority_store *store, uint32_t thread, uint32_t number,
                   struct record *ret, struct err *err)
{
    char id[32];
    struct reservation r = {
        .kind = CA_SIGN, .request_id = id, .now = 1000, .not_after = 2000, .build = build};

    (void)snprintf(id, sizeof id, "%u-%u", thread, number);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, err));
    r.key = r.fingerprint;
    return authority_reserve(store, &r, ret, err);
}

static int complete(struct authority_store *store, uint32_t serial, struct err *err)
{
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    struct completion completion = {.kind = CA_SIGN, .serial = serial, .by = &by};

    TRY(buf_append_format(&certificate, err, "certificate %u", serial));
    completion.certificate = buf_bytes(&certificate);
    return authority_complete(store, &completion, err);
}

static void *issue(void *context)
{
    struct issuer *issuer = context;

    for (uint32_t number = issuer->first; number < issuer->first + ISSUED_MAX; number++) {
        CLEANUP(record_done) struct record record = RECORD_INIT;
        struct acknowledged done = {issuer->thread, number, 0};

        if (reserve(issuer->store, issuer->thread, number, &record, NULL) < 0 ||
            complete(issuer->store, record.serial, NULL) < 0) {
            issuer->was_in_transaction = true;
            return NULL;
        }
        done.serial = record.serial;
        if (write(issuer->report, &done, sizeof done) != sizeof done)
            return NULL;
    }
    return NULL;
}

/* Exits with 1 if a transaction was under way when it ended, 0 if none was, 2 if it could not. */
static void issue_until_the_cut(uint32_t first, int report)
{
    struct issuer issuers[THREADS];
    pthread_t threads[THREADS];
    struct authority_store *store = NULL;
    bool was_open = false;

    if (authority_store_open(database, &store, NULL) < 0)
        _exit(2);
    for (uint32_t i = 0; i < THREADS; i++) {
        issuers[i] = (struct issuer){store, i, first, report, false};
        if (pthread_create(&threads[i], NULL, issue, &issuers[i]) != 0)
            _exit(2);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        was_open = was_open || issuers[i].was_in_transaction;
    }
    _exit(was_open ? 1 : 0);
}

/* How many there are now. */
static size_t read_reports(int fd, struct acknowledged *list, size_t count)
{
    while (count < ISSUED_MAX && read(fd, &list[count], sizeof list[0]) == sizeof list[0])
        count++;
    assert_true(count < ISSUED_MAX);
    return count;
}

static int compare_serials(const void *a, const void *b)
{
    const struct acknowledged *left = a;
    const struct acknowledged *right = b;

    return (left->serial > right->serial) - (left->serial < right->serial);
}

/* Asking again gives the same certificate, and no serial number was given to two. */
static void check_all(struct authority_store *store, struct acknowledged *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(record_done) struct record record = RECORD_INIT;
        char expected[32];

        assert_int_equal(reserve(store, list[i].thread, list[i].number, &record, NULL), 0);
        assert_int_equal(record.serial, list[i].serial);
        (void)snprintf(expected, sizeof expected, "certificate %u", list[i].serial);
        assert_true(bytes_equal(buf_bytes(&record.certificate), bytes_text(expected)));
    }
    qsort(list, count, sizeof list[0], compare_serials);
    for (size_t i = 1; i < count; i++)
        assert_true(list[i - 1].serial < list[i].serial);
}

/* A record in the audit log for each certificate, none for what was not issued. */
static void check_audit(struct authority_store *store, size_t at_least)
{
    char since[24] = "0";
    size_t issued = 0;
    bool more = true;

    while (more) {
        CLEANUP(json_freep) struct json *page = NULL;
        const struct json *records;
        int64_t last;

        assert_int_equal(audit_list(authority_store_db(store), since, &page, NULL), 0);
        assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
        assert_int_equal(json_get_bool(page, "more", &more, NULL), 0);
        assert_int_equal(json_get_int(page, "last", &last, NULL), 0);
        issued += json_count(records);
        (void)snprintf(since, sizeof since, "%lld", (long long)last);
    }
    assert_in_range(issued, at_least + 1, at_least + 1 + (size_t)CUTS * THREADS);
}

static void make_database(void)
{
    struct authority_store *store = NULL;

    assert_int_equal(authority_store_open(database, &store, NULL), 0);
    assert_int_equal(authority_begin_ca(store, CA_SIGN, bytes_text("tbs"), NULL), 0);
    assert_int_equal(authority_finish_ca(store, CA_SIGN, bytes_text("ca"), &by, NULL), 0);
    authority_store_close(store);
}

/* One cut; the result is whether it hit an open transaction. */
static bool cut_once(unsigned cut, struct acknowledged *list, size_t *count)
{
    unsigned nth = OPERATIONS_MIN + cut * 37 % (OPERATIONS_MAX - OPERATIONS_MIN);
    int report[2];
    pid_t child;
    int status;

    assert_int_equal(pipe(report), 0);
    power_order(&power, "cut-at %u %s", nth, fates[cut % FATES]);
    child = fork();
    if (child == 0)
        issue_until_the_cut(cut * ISSUED_MAX, report[1]);
    (void)close(report[1]);
    *count = read_reports(report[0], list, *count);
    (void)close(report[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
    assert_true(power_report(&power).is_off);
    power_order(&power, "on");
    return WEXITSTATUS(status) == 1;
}

static void what_was_acknowledged_survives_a_power_cut(void **state)
{
    static struct acknowledged list[ISSUED_MAX];
    unsigned in_transaction = 0;
    size_t count = 0;

    (void)state;
    make_database();
    for (unsigned cut = 0; cut < CUTS; cut++) {
        struct authority_store *store = NULL;
        struct err err = {0};

        in_transaction += cut_once(cut, list, &count);
        if (authority_store_open(database, &store, &err) < 0)
            fail_msg("after cut %u: %s", cut, err.text);
        check_all(store, list, count);
        check_audit(store, count);
        authority_store_close(store);
    }
    (void)printf("# %zu certificates acknowledged, %u of %d cuts in an open transaction\n", count,
                 in_transaction, CUTS);
    assert_true(count > CUTS);
    assert_true(in_transaction >= CUTS / 3);
}

static int set_up(void **state)
{
    (void)state;
    power_start(&power);
    (void)snprintf(database, sizeof database, "%s/a.db", power.mount);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    power_stop(&power);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_acknowledged_survives_a_power_cut, set_up,
                                        tear_down),
    };
    const char *reason = power_prepare();

    if (reason != NULL) {
        (void)printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
