/* SPDX-License-Identifier: Apache-2.0 */
/* No row of a daemon's route table is open to a peer that is not listed. */
#include "authority/routes.h"
#include "http/engine.h"
#include "register/routes.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uid_t uids[] = {1000, 1001};
static void *context; /* of the server; NULL: a handler that runs would end the test */
static struct tempdir dir;

static void open_store(struct counter *counter)
{
    char path[TEMPDIR_FILE_SIZE];

    dir = tempdir_make();
    assert_int_equal(register_store_open(tempdir_file(&dir, "r.db", path), &counter->store, NULL),
                     0);
}

static void close_store(struct counter *counter)
{
    register_store_closep(&counter->store);
    tempdir_done(&dir);
}

/* The status of a request for this row, its ":name" segments as they stand. */
static unsigned status_of(const struct route *table, const struct route *row,
                          const struct http_peer *peer)
{
    struct http_server_options options = {
        .routes = table, .context = context, .uids = uids, .uid_count = 2};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&request, NULL, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n",
                                       http_method_name(row->method), row->path,
                                       row->body == NULL ? ""
                                                         : "Content-Type: application/json\r\n"
                                                           "Content-Length: 0\r\n"),
                     0);
    assert_int_equal(http_loopback(&options, peer, buf_bytes(&request), &answer, NULL), 0);
    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    assert_int_equal(strncmp(text, "HTTP/1.1 ", 9), 0);
    return (unsigned)strtoul(text + 9, NULL, 10);
}

/* What was counted names nobody (http/metrics.h); nothing else is told to whoever can connect. */
static bool is_for_anyone(const struct route *row)
{
    return strcmp(row->path, "/metrics") == 0;
}

static void assert_closed(const struct route *table)
{
    static const struct http_peer strangers[] = {
        {.is_unix = true, .cred = {.pid = 1, .uid = 0, .gid = 1000}},
        {.is_unix = true, .cred = {.pid = 1, .uid = 1002, .gid = 1000}},
        {.is_unix = false, .cred = {.pid = 1, .uid = 1000, .gid = 1000}},
    };
    size_t rows = 0;

    for (; table[rows].path != NULL; rows++)
        for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
            assert_int_equal(status_of(table, &table[rows], &strangers[i]),
                             is_for_anyone(&table[rows]) ? 200 : 403);
    assert_true(rows > 0);
}

static void the_register_answers_listed_peers_only(void **state)
{
    (void)state;
    for (size_t i = 0; register_routes[i] != NULL; i++)
        assert_closed(register_routes[i]);
}

static void the_authority_answers_listed_peers_only(void **state)
{
    (void)state;
    for (size_t i = 0; authority_routes[i] != NULL; i++)
        assert_closed(authority_routes[i]);
}

static void a_listed_peer_gets_past_the_list(void **state)
{
    static const struct http_peer clerk = {.is_unix = true, .cred = {.uid = 1001}};

    (void)state;
    /* An empty body is what is wrong with it then. */
    assert_int_equal(status_of(register_login_routes, &register_login_routes[0], &clerk), 400);
}

/* A listed program without a clerk logs in and reads the log, and does nothing else. */
static void without_a_clerk_a_program_of_the_register_does_nothing(void **state)
{
    static const struct http_peer program = {.is_unix = true, .cred = {.uid = 1001}};
    unsigned open = 0;

    (void)state;
    for (const struct route *const *table = register_routes; *table != NULL; table++) {
        for (const struct route *row = *table; row->path != NULL; row++) {
            bool is_closed = row->access == &register_clerk ||
                             row->access == &register_administrator;

            open += !is_closed;
            if (is_closed)
                assert_int_equal(status_of(*table, row, &program), 403);
        }
    }
    /* The two halves of a login, the log, its tree and checkpoints, the counts, codes, extracts and
     * moves for the portal's user. */
    assert_int_equal(open, 11);
}

/* Operators read the log on the Unix socket, and do nothing else. */
static void an_operator_of_the_register_reads_its_log_alone(void **state)
{
    static const uid_t operators[] = {1002};
    static const struct http_peer peers[] = {
        {.is_unix = true, .cred = {.uid = 1002}},
        {.is_unix = false, .cred = {.uid = 1002}},
    };
    struct counter counter = {.operators = {operators, 1}};
    const struct route *const *table = register_routes;
    const struct route *row = *table;

    (void)state;
    context = &counter;
    while (strcmp(row->path, "/v1/audit") != 0) {
        assert_int_equal(status_of(*table, row, &peers[0]), is_for_anyone(row) ? 200 : 403);
        row++;
        if (row->path == NULL)
            row = *++table;
    }
    assert_int_equal(status_of(*table, row, &peers[1]), 403);
    open_store(&counter);
    assert_int_equal(status_of(*table, row, &peers[0]), 200);
    close_store(&counter);
    context = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_register_answers_listed_peers_only),
        cmocka_unit_test(the_authority_answers_listed_peers_only),
        cmocka_unit_test(a_listed_peer_gets_past_the_list),
        cmocka_unit_test(without_a_clerk_a_program_of_the_register_does_nothing),
        cmocka_unit_test(an_operator_of_the_register_reads_its_log_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
