/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pool.h"

#include "support/httpsite.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A gate that every handler of these tests waits at. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_open;
static unsigned inside;
static unsigned served;
static unsigned workers_open;
static unsigned workers_closed;

static int wait_at_gate(struct http_call *call, struct err *err)
{
    (void)err;
    assert_non_null(call->worker);
    (void)pthread_mutex_lock(&lock);
    inside++;
    (void)pthread_cond_broadcast(&changed);
    while (!is_open)
        (void)pthread_cond_wait(&changed, &lock);
    inside--;
    served++;
    (void)pthread_mutex_unlock(&lock);
    http_reply_empty(&call->response, 204);
    return 0;
}

static void wait_until_inside(unsigned count)
{
    (void)pthread_mutex_lock(&lock);
    while (inside != count)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
}

static void open_gate(void)
{
    (void)pthread_mutex_lock(&lock);
    is_open = true;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static int worker_open(void *context, void **ret, struct err *err)
{
    unsigned number;

    (void)pthread_mutex_lock(&lock);
    number = ++workers_open;
    (void)pthread_mutex_unlock(&lock);
    if (context != NULL && number == 2)
        return FAIL(err, ERR_CONFLICT, "the second worker does not open");
    *ret = &workers_open;
    return 0;
}

static void worker_close(void *context, void *worker)
{
    (void)context;
    assert_ptr_equal(worker, &workers_open);
    (void)pthread_mutex_lock(&lock);
    workers_closed++;
    (void)pthread_mutex_unlock(&lock);
}

/* Those that come together: how many each time. */
static size_t companies[16];
static size_t company_count;

static int alone(struct http_call *call, struct err *err)
{
    (void)err;
    companies[company_count++] = 1;
    http_reply_empty(&call->response, 204);
    return 0;
}

static void together(struct http_call *const *calls, struct http_outcome *outcomes, size_t count)
{
    companies[company_count++] = count;
    for (size_t i = 0; i < count; i++) {
        assert_non_null(calls[i]->worker);
        if (http_header(&calls[i]->request, "Fails") != NULL)
            outcomes[i].rc = FAIL(&outcomes[i].err, ERR_CONFLICT, "it fails");
        else
            http_reply_empty(&calls[i]->response, 204);
    }
}

static int unless_denied(const struct http_call *call, struct err *err)
{
    return http_header(&call->request, "Denied") == NULL ? 0 : FAIL(err, ERR_DENIED, "not you");
}

static const struct http_access admitted = {"admitted", unless_denied, "Of tests.", false};

static const struct http_answer passed[] = {{204, "passed"}, {0}};
static const struct route table[] = {
    {HTTP_GET, "/gate", &http_anyone, NULL, wait_at_gate, "pass", "Pass the gate", passed},
    {.method = HTTP_GET,
     .path = "/company",
     .access = &admitted,
     .handle = alone,
     .handle_all = together,
     .operation = "join",
     .summary = "Come together",
     .answers = passed,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

static struct http_site site;

static int reset(void **state)
{
    const struct http_server_options options = {.routes = table,
                                                .workers = 2,
                                                .queue = 3,
                                                .worker_open = worker_open,
                                                .worker_close = worker_close};

    (void)state;
    is_open = false;
    inside = served = workers_open = workers_closed = 0;
    company_count = 0;
    memset(&site, 0, sizeof site);
    return http_site_init(&site, &options, NULL);
}

/* With a header field of that name, too. */
static struct http_exchange *request_for(const char *target, const char *field)
{
    const struct http_head_field fields[] = {{BYTES_LITERAL("Host"), BYTES_LITERAL("a")},
                                             {bytes_text(field), BYTES_LITERAL("yes")}};
    const struct http_head head = {.method = BYTES_LITERAL("GET"),
                                   .target = bytes_text(target),
                                   .fields = fields,
                                   .field_count = 2};
    const struct http_peer peer = {.is_unix = true};
    struct http_exchange *exchange = NULL;

    assert_int_equal(http_exchange_new(&site, &peer, &exchange, NULL), 0);
    assert_true(http_exchange_head(exchange, &head));
    return exchange;
}

static struct http_exchange *request(void)
{
    return request_for("/gate", "Plain");
}

static struct http_pool *start(void)
{
    struct http_pool *pool = NULL;

    assert_int_equal(http_pool_start(&site, &pool, NULL), 0);
    assert_int_equal(workers_open, 2);
    return pool;
}

static struct http_exchange *wait_for_one(struct http_pool *pool)
{
    struct http_exchange *exchange;

    while ((exchange = http_pool_take(pool)) == NULL) {
        struct pollfd fd = {.fd = http_pool_fd(pool), .events = POLLIN};

        assert_int_equal(poll(&fd, 1, 10000), 1);
    }
    return exchange;
}

static void a_worker_that_does_not_open_ends_the_start(void **state)
{
    struct http_pool *pool = NULL;
    struct err err = {0};

    (void)state;
    site.options.context = &site;
    assert_int_equal(http_pool_start(&site, &pool, &err), -ERR_CONFLICT);
    assert_string_equal(err.text, "the second worker does not open");
    assert_null(pool);
    assert_int_equal(workers_open, 2);
    assert_int_equal(workers_closed, 1);
}

static void the_queue_takes_so_many_and_no_more(void **state)
{
    struct http_pool *pool = start();
    struct http_exchange *one_more = request();

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_true(http_pool_put(pool, request()));
    wait_until_inside(2);
    for (int i = 0; i < 3; i++)
        assert_true(http_pool_put(pool, request()));
    assert_false(http_pool_put(pool, one_more));
    http_exchange_free(one_more);
    open_gate();
    for (int i = 0; i < 5; i++) {
        struct http_exchange *exchange = wait_for_one(pool);

        assert_int_equal(exchange->call.response.status, 204);
        http_exchange_free(exchange);
    }
    assert_null(http_pool_take(pool));
    http_pool_stop(pool);
    assert_int_equal(served, 5);
    assert_int_equal(workers_closed, 2);
}

static void what_is_abandoned_never_comes_back(void **state)
{
    struct http_pool *pool = start();
    struct http_exchange *running = request();
    struct http_exchange *queued = request();

    (void)state;
    assert_true(http_pool_put(pool, running));
    assert_true(http_pool_put(pool, request()));
    wait_until_inside(2);
    assert_true(http_pool_put(pool, queued));
    assert_true(http_pool_abandon(pool, queued));
    assert_true(http_pool_abandon(pool, running));
    open_gate();
    http_exchange_free(wait_for_one(pool));
    http_pool_stop(pool);
    /* The queued one was never begun; the other two were. */
    assert_int_equal(served, 2);
}

static void what_has_finished_cannot_be_abandoned(void **state)
{
    struct http_pool *pool = start();
    struct http_exchange *exchange = request();
    struct pollfd fd = {.fd = http_pool_fd(pool), .events = POLLIN};

    (void)state;
    open_gate();
    assert_true(http_pool_put(pool, exchange));
    assert_int_equal(poll(&fd, 1, 10000), 1);
    assert_false(http_pool_abandon(pool, exchange));
    assert_ptr_equal(wait_for_one(pool), exchange);
    assert_false(http_pool_abandon(pool, exchange));
    http_exchange_free(exchange);
    http_pool_stop(pool);
}

static void stopping_finishes_what_is_queued(void **state)
{
    struct http_pool *pool = start();

    (void)state;
    open_gate();
    for (int i = 0; i < 3; i++)
        assert_true(http_pool_put(pool, request()));
    http_pool_stop(pool);
    assert_int_equal(served, 3);
    http_pool_stop(NULL);
}

/* One worker, which is at the gate; more wait for a worker than are handled together. */
static void requests_that_have_waited_are_handled_together(void **state)
{
    enum { WAITING = HTTP_COMPANY_MAX + 3 };
    struct http_pool *pool = NULL;

    (void)state;
    site.options.workers = 1;
    site.options.queue = WAITING + 2;
    assert_int_equal(http_pool_start(&site, &pool, NULL), 0);
    assert_true(http_pool_put(pool, request()));
    wait_until_inside(1);
    for (size_t i = 0; i < WAITING; i++)
        assert_true(http_pool_put(pool, request_for("/company", "Plain")));
    assert_true(http_pool_put(pool, request()));
    assert_true(http_pool_put(pool, request_for("/company", "Plain")));
    open_gate();
    for (size_t i = 0; i < WAITING + 3; i++) {
        struct http_exchange *exchange = wait_for_one(pool);

        assert_int_equal(exchange->call.response.status, 204);
        http_exchange_free(exchange);
    }
    http_pool_stop(pool);
    assert_int_equal(company_count, 3);
    assert_int_equal(companies[0], HTTP_COMPANY_MAX);
    assert_int_equal(companies[1], WAITING - HTTP_COMPANY_MAX);
    assert_int_equal(companies[2], 1); /* the one behind the gate, by its handler */
}

/* Denied, failed, abandoned or done: each for itself. */
static void each_of_a_company_has_its_own_outcome(void **state)
{
    static const char *const fields[] = {"Plain", "Denied", "Fails", "Plain", "Plain"};
    static const unsigned statuses[] = {204, 403, 409, 0, 204};
    struct http_exchange *all[5];
    struct http_pool *pool = NULL;

    (void)state;
    site.options.workers = 1;
    site.options.queue = 8;
    assert_int_equal(http_pool_start(&site, &pool, NULL), 0);
    assert_true(http_pool_put(pool, request()));
    wait_until_inside(1);
    for (size_t i = 0; i < 5; i++) {
        all[i] = request_for("/company", fields[i]);
        assert_true(http_pool_put(pool, all[i]));
    }
    assert_true(http_pool_abandon(pool, all[3]));
    open_gate();
    for (size_t i = 0; i < 5; i++) { /* the one at the gate, and four */
        struct http_exchange *exchange = wait_for_one(pool);

        for (size_t k = 0; k < 5; k++)
            if (exchange == all[k])
                assert_int_equal(exchange->call.response.status, statuses[k]);
        http_exchange_free(exchange);
    }
    http_pool_stop(pool);
    assert_int_equal(company_count, 1);
    assert_int_equal(companies[0], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_worker_that_does_not_open_ends_the_start, reset),
        cmocka_unit_test_setup(the_queue_takes_so_many_and_no_more, reset),
        cmocka_unit_test_setup(what_is_abandoned_never_comes_back, reset),
        cmocka_unit_test_setup(what_has_finished_cannot_be_abandoned, reset),
        cmocka_unit_test_setup(requests_that_have_waited_are_handled_together, reset),
        cmocka_unit_test_setup(each_of_a_company_has_its_own_outcome, reset),
        cmocka_unit_test_setup(stopping_finishes_what_is_queued, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
