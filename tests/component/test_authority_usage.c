/* SPDX-License-Identifier: Apache-2.0 */
/* What is charged for: batches of a meter, each counted once, and statements that add up. */
#include "support/authority_site.h"

#include "authority/store_sqlite.h"
#include "authority/usage/usage.h"
#include "base/sock.h"
#include "http/server.h"
#include "ocsp/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define METER "0123456789abcdef0123456789abcdef"

static struct authority_site site;
static struct fees fees;

static int make(void **state)
{
    static const char table[] = "sign-check\t2020-01-01\t-\t20\tlaw\tx\n"
                                "auth-check\t2020-01-01\t-\t2\tlaw\tx\n"
                                "attributes\t2020-01-01\t-\t20\tlaw\tx\n"
                                "sign-check\t2026-09-22\t2026-09-22\t0\tannounced\tx\n";

    (void)state;
    authority_site_make(&site);
    return fees_parse(bytes_text(table), FEE_ANNOUNCED, &fees, NULL);
}

static int done(void **state)
{
    (void)state;
    authority_site_done(&site);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    authority_site_open(&site);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    authority_site_close(&site);
    return 0;
}

static int count_batch(int64_t number, int64_t sign, int64_t auth)
{
    const struct usage_total totals[] = {{SITE_PARTY, CA_SIGN, sign}, {SITE_PARTY, CA_AUTH, auth}};
    const struct usage_batch batch = {METER, number, totals, 2};
    const struct audit_origin by = audit_by_uid(site.clock.fixed, 1001, NULL);
    bool is_new;
    int rc = authority_count_usage(site.store, &batch, &by, &is_new, NULL);

    return rc < 0 ? rc : is_new;
}

static int64_t counted(const char *item)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "SELECT coalesce(sum(count), 0) FROM usage WHERE item = '%s'",
                   item);
    return authority_site_count(&site, sql);
}

static void a_batch_counts_once(void **state)
{
    (void)state;
    assert_int_equal(count_batch(1, 3, 5), true);
    assert_int_equal(count_batch(1, 3, 5), false);
    authority_site_reopen(&site);
    assert_int_equal(count_batch(1, 3, 5), false);
    assert_int_equal(count_batch(2, 3, 6), true);
    assert_int_equal(count_batch(9, 10, 6), true); /* those between were lost on the way */
    assert_int_equal(counted("sign-check"), 10);
    assert_int_equal(counted("auth-check"), 6);
    assert_int_equal(
        authority_site_count(&site, "SELECT count(*) FROM audit WHERE act = 'usage.counted'"), 3);
}

static void an_old_copy_of_a_meter_is_refused(void **state)
{
    const struct usage_total stranger = {"nobody", CA_SIGN, 1};
    const struct usage_batch batch = {METER, 7, &stranger, 1};
    const struct audit_origin by = audit_by_uid(SITE_NOW, 1001, NULL);
    bool is_new;

    (void)state;
    assert_int_equal(count_batch(5, 30, 5), true);
    assert_int_equal(count_batch(4, 31, 5), -ERR_CONFLICT);
    assert_int_equal(count_batch(5, 31, 5), -ERR_CONFLICT);
    assert_int_equal(count_batch(6, 29, 5), -ERR_CONFLICT);
    assert_int_equal(authority_count_usage(site.store, &batch, &by, &is_new, NULL), -ERR_CONFLICT);
    assert_int_equal(counted("sign-check"), 30);
    assert_int_equal(count_batch(6, 31, 5), true); /* nothing of a refused one has stayed */
    assert_int_equal(counted("sign-check"), 31);
}

/* The lines of a statement are by item and price, and their sum is what is owed. */
static void a_statement_adds_up(void **state)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct json *list;
    const struct json *lines;
    int64_t yen = 0;

    (void)state;
    assert_int_equal(count_batch(1, 3, 5), true); /* on 2026-09-21 */
    site.clock = clock_fixed(SITE_NOW + 86400);   /* waived */
    assert_int_equal(count_batch(2, 103, 5), true);
    site.clock = clock_fixed(SITE_NOW + 2 * 86400);
    assert_int_equal(count_batch(3, 104, 6), true);
    site.clock = clock_fixed(SITE_NOW + 30 * 86400); /* in October */
    assert_int_equal(count_batch(4, 105, 6), true);
    assert_int_equal(authority_statements(site.store, &fees, "2026-09", NULL, &body, NULL), 0);
    assert_int_equal(json_get_array(body, "statements", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_string_equal(site_text(json_at(list, 0), "verifier"), SITE_PARTY);
    assert_int_equal(json_get_array(json_at(list, 0), "lines", &lines, NULL), 0);
    for (size_t i = 0; i < json_count(lines); i++) {
        const struct json *line = json_at(lines, i);

        assert_int_equal(site_number(line, "yen"),
                         site_number(line, "count") * site_number(line, "yen_each"));
        yen += site_number(line, "yen");
    }
    assert_int_equal(json_count(lines), 4); /* auth, and sign before, in and after the waiver */
    assert_int_equal(yen, 6 * 2 + 4 * 20);
    assert_int_equal(site_number(json_at(list, 0), "yen"), yen);
    json_freep(&body);
    assert_int_equal(authority_statements(site.store, &fees, "2026-10", SITE_PARTY, &body, NULL),
                     0);
    assert_int_equal(json_get_array(body, "statements", &list, NULL), 0);
    assert_int_equal(site_number(json_at(list, 0), "yen"), 20);
    json_freep(&body);
    assert_int_equal(authority_statements(site.store, &fees, "2026-10", "nobody", &body, NULL), 0);
    assert_int_equal(json_get_array(body, "statements", &list, NULL), 0);
    assert_int_equal(json_count(list), 0);
}

/* A month whose prices are not known is not billed by guess. */
static void without_a_price_there_is_no_statement(void **state)
{
    CLEANUP(json_freep) struct json *body = NULL;
    struct fees none = {.count = 0};

    (void)state;
    assert_int_equal(count_batch(1, 3, 5), true);
    assert_int_equal(authority_statements(site.store, &none, "2026-09", NULL, &body, NULL),
                     -ERR_CONFLICT);
}

/* From the meter to the database, over a socket; the answer is lost, and the meter starts again. */
/* To itself, day by day, so that it can be split. */
static void a_verifier_is_told_what_it_used_on_which_day(void **state)
{
    struct json *body = NULL;
    const struct json *days;

    (void)state;
    assert_int_equal(count_batch(1, 3, 5), true);
    assert_int_equal(site_ask(&site, "fees", "/v1/verifier/fees", &body, "\"month\":\"2026-09\""),
                     409);
    json_freep(&body);
    site.authority.fees = &fees;
    assert_int_equal(site_ask(&site, "fees", "/v1/verifier/fees", &body, "\"month\":\"2026-9\""),
                     400);
    json_freep(&body);
    assert_int_equal(site_ask(&site, "fees", "/v1/verifier/fees", &body, "\"month\":\"2026-09\""),
                     200);
    assert_int_equal(json_get_array(body, "days", &days, NULL), 0);
    assert_int_equal(json_count(days), 2);
    assert_string_equal(site_text(json_at(days, 0), "item"), "auth-check");
    assert_int_equal(site_number(json_at(days, 0), "count"), 5);
    assert_int_equal(site_number(json_at(days, 0), "yen_each"), 2);
    assert_int_equal(site_number(json_at(days, 1), "count"), 3);
    json_freep(&body);
    assert_int_equal(site_ask(&site, "fees", "/v1/verifier/fees", &body, "\"month\":\"2020-01\""),
                     200);
    assert_int_equal(json_get_array(body, "days", &days, NULL), 0);
    assert_int_equal(json_count(days), 0);
    json_freep(&body);
}

static void what_a_meter_delivers_is_counted_once(void **state)
{
    const uid_t uids[] = {getuid()};
    const struct http_server_options options = {
        .tables = authority_routes, .context = &site.authority, .uids = uids, .uid_count = 1};
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    CLEANUP(ocsp_meter_closep) struct ocsp_meter *meter = NULL;
    char socket[TEMPDIR_FILE_SIZE];
    char path[TEMPDIR_FILE_SIZE];
    unsigned place;
    int fd;

    (void)state;
    (void)tempdir_file(&site.dir, "s", socket);
    (void)tempdir_file(&site.dir, "meter", path);
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), 0);
    assert_int_equal(ocsp_meter_place(meter, SITE_PARTY, &place, NULL), 0);
    ocsp_meter_count(meter, place, OCSP_CA_SIGN);
    assert_int_equal(ocsp_meter_deliver(meter, socket, NULL), -ERR_REMOTE);
    assert_int_equal(sock_listen(socket, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    ocsp_meter_count(meter, place, OCSP_CA_SIGN);
    ocsp_meter_count(meter, place, OCSP_CA_AUTH);
    for (unsigned again = 0; again < 3; again++) {
        assert_int_equal(ocsp_meter_deliver(meter, socket, NULL), 0);
        ocsp_meter_closep(&meter); /* it forgets that it was told so */
        assert_int_equal(ocsp_meter_open(path, &meter, NULL), 0);
        assert_int_equal(counted("sign-check"), 2);
        assert_int_equal(counted("auth-check"), 1);
    }
    ocsp_meter_count(meter, place, OCSP_CA_AUTH);
    assert_int_equal(ocsp_meter_deliver(meter, socket, NULL), 0);
    assert_int_equal(counted("auth-check"), 2);
    assert_int_equal(authority_site_count(&site, "SELECT number FROM meter"), 5);
    assert_int_equal(ocsp_meter_deliver(meter, socket, NULL), 0); /* there is nothing new */
    assert_int_equal(authority_site_count(&site, "SELECT number FROM meter"), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_counts_once),
        TEST(an_old_copy_of_a_meter_is_refused),
        TEST(a_statement_adds_up),
        TEST(without_a_price_there_is_no_statement),
        TEST(a_verifier_is_told_what_it_used_on_which_day),
        TEST(what_a_meter_delivers_is_counted_once),
    };

    return cmocka_run_group_tests(tests, make, done);
}
