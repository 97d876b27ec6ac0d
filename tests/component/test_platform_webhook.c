/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks: whom a platform calls and whom it never does, what is signed, what happens when nobody
 * answers, and that one tenant's dead server keeps nobody else waiting.
 */
#include "platform/webhook/webhook.h"

#include "base/base64.h"
#include "base/clock.h"
#include "crypto/mac.h"
#include "http/server.h"
#include "platform/store_sqlite.h"
#include "platform/webhook/courier.h"
#include "support/latest_site.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BANK LATEST_SITE_BANK
#define SHOP LATEST_SITE_SHOP

enum { DAY = 86400, PATIENCE_MS = 60000 };

/* A tenant's server: what it was sent last, and what it answers. */
static struct receiver {
    pthread_mutex_t lock;
    struct http_server *server;
    uint16_t port;
    bool is_broken, is_redirecting;
    unsigned count;
    char id[64], timestamp[32], signature[128];
    struct buf body;
} receiver = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep(const struct http_call *call, const char *name, char *ret, size_t size)
{
    const char *value = http_header(&call->request, name);

    (void)snprintf(ret, size, "%s", value == NULL ? "" : value);
}

static int post_hook(struct http_call *call, struct err *err)
{
    (void)pthread_mutex_lock(&receiver.lock);
    receiver.count++;
    keep(call, "webhook-id", receiver.id, sizeof receiver.id);
    keep(call, "webhook-timestamp", receiver.timestamp, sizeof receiver.timestamp);
    keep(call, "webhook-signature", receiver.signature, sizeof receiver.signature);
    buf_done(&receiver.body);
    assert_int_equal(buf_copy(call->request.body, &receiver.body, NULL), 0);
    (void)pthread_mutex_unlock(&receiver.lock);
    if (receiver.is_broken)
        return FAIL(err, ERR_REMOTE, "a sentence of the tenant's server: <script>");
    http_reply_empty(&call->response, receiver.is_redirecting ? 304 : 204);
    return 0;
}

static const struct http_answer answers[] = {{204, "taken"}, {304, "elsewhere"}, {0}};
static const struct route routes[] = {{.method = HTTP_POST,
                                       .path = "/hook",
                                       .access = &http_anyone,
                                       .body_type = "application/json",
                                       .handle = post_hook,
                                       .operation = "hook",
                                       .summary = "be called",
                                       .answers = answers},
                                      {.path = NULL}};

static unsigned received(void)
{
    unsigned count;

    (void)pthread_mutex_lock(&receiver.lock);
    count = receiver.count;
    (void)pthread_mutex_unlock(&receiver.lock);
    return count;
}

static int set_up(void **state)
{
    const struct http_server_options options = {.routes = routes, .workers = 2};
    int fd;

    assert_int_equal(latest_site_open(state), 0);
    latest_site.at.platform.platform.webhooks = WEBHOOKS_ANY;
    assert_int_equal(http_listen_loopback(0, &fd, &receiver.port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &receiver.server, NULL), 0);
    receiver.is_broken = receiver.is_redirecting = false;
    receiver.count = 0;
    return 0;
}

static int tear_down(void **state)
{
    http_server_stopp(&receiver.server);
    buf_done(&receiver.body);
    return latest_site_close(state);
}

#define SOMEBODY "0123456789012345678901234567890123456789012" /* a pseudonym */

/* An event for a tenant, as its subjects put it down. */
static void happen(const char *client_id)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *data = json_object_new();

    assert_int_equal(json_put_text(data, "holder", SOMEBODY, NULL), 0);
    assert_int_equal(db_begin(latest_site.at.platform.platform.store->db, &txn, NULL), 0);
    assert_int_equal(event_put(&txn, client_id, EVENT_DATA_MAY_HAVE_CHANGED, json_steal(&data),
                               latest_site.at.platform.clock.fixed, NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* Register the receiver, or a port of nobody's; the id of the webhook, and its secret. */
static void add_hook(const char *key, uint16_t port, char ret_id[WEBHOOK_ID_SIZE],
                     char ret_secret[WEBHOOK_SECRET_SIZE])
{
    char body[128];

    (void)snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/hook\"}", (unsigned)port);
    assert_int_equal(latest_site_call(key, "/v1/webhooks", body), 201);
    (void)snprintf(ret_id, WEBHOOK_ID_SIZE, "%s", latest_site_text("webhook"));
    (void)snprintf(ret_secret, WEBHOOK_SECRET_SIZE, "%s", latest_site_text("secret"));
}

static void deliver(const char *client_id)
{
    struct err err = {0};

    if (webhook_deliver_due(&latest_site.at.platform.platform, client_id, NULL, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

/* What a tenant computes of what it was sent, by the secret it was told. */
static void expect_signature(const char *secret, char ret[64])
{
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    CLEANUP(secret_done) struct secret copy = SECRET_INIT;
    CLEANUP(buf_done) struct buf message = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *base64;
    struct digest mac;

    assert_int_equal(base64_decode(BASE64_PADDED, bytes_text(secret + 6), &key, NULL), 0);
    assert_int_equal(key.len, 32);
    assert_int_equal(secret_copy(buf_bytes(&key), &copy, NULL), 0);
    assert_int_equal(buf_append_format(&message, NULL, "%s.%s.", receiver.id, receiver.timestamp),
                     0);
    assert_int_equal(buf_append(&message, buf_bytes(&receiver.body), NULL), 0);
    assert_int_equal(mac_plain(&copy, buf_bytes(&message), &mac, NULL), 0);
    assert_int_equal(base64_append(&text, BASE64_PADDED, digest_bytes(&mac), NULL), 0);
    assert_int_equal(buf_text(&text, &base64, NULL), 0);
    (void)snprintf(ret, 64, "v1,%s", base64);
}

static void only_addresses_that_may_be_called_are_taken(void **state)
{
    static const char *const refused[] = {
        "",
        "bank.example/hook",
        "ftp://bank.example/",
        "http://bank.example/",
        "https://",
        "https:///hook",
        "https://user@bank.example/",
        "https://bank.example/#part",
        "https://bank.example/a b",
        "https://bank.example/\r\nX: y",
        "file:///etc/passwd",
    };
    struct platform platform = {.webhooks = WEBHOOKS_PUBLIC};
    char url[WEBHOOK_URL_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(webhook_check_url(&platform, refused[i], NULL), -ERR_INPUT);
    assert_int_equal(webhook_check_url(&platform, "https://bank.example/hook", NULL), 0);
    memset(url, 'a', sizeof url);
    memcpy(url, "https://", 8);
    url[WEBHOOK_URL_MAX + 1] = '\0';
    assert_int_equal(webhook_check_url(&platform, url, NULL), -ERR_INPUT);
    url[WEBHOOK_URL_MAX] = '\0';
    assert_int_equal(webhook_check_url(&platform, url, NULL), 0);
}

/*
 * Outside of a sandbox no address of this machine or a private network is called, whatever a name
 * leads to: it is looked at when the connection is made. That a URL is https is not what keeps it.
 */
static void private_addresses_are_not_called(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]", "0.0.0.0",
                                        "[::ffff:127.0.0.1]"};
    struct platform *platform = &latest_site.at.platform.platform;
    const struct audit_origin by = audit_by_self(SITE_NOW);

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct webhook webhook = {.client_id = "bank", .generation = 1};

        (void)snprintf(webhook.id, sizeof webhook.id, "whk_%zu", i);
        (void)snprintf(webhook.url, sizeof webhook.url, "http://%s:%u/hook", hosts[i],
                       (unsigned)receiver.port);
        assert_int_equal(platform_add_webhook(platform->store, &webhook, &by, NULL), 0);
    }
    happen("bank");
    platform->webhooks = WEBHOOKS_PUBLIC;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        deliver("bank");
    assert_int_equal(received(), 0);
    latest_site_pass(5);
    platform->webhooks = WEBHOOKS_ANY;
    deliver("bank");
    assert_true(received() > 0); /* there was somebody to be called */
}

static void a_call_is_signed_as_standard_webhooks_says(void **state)
{
    char id[WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    char expected[64];
    CLEANUP(json_freep) struct json *body = NULL;

    (void)state;
    add_hook(BANK, receiver.port, id, secret);
    happen("bank");
    happen("shop");
    deliver("bank");
    deliver("bank");
    assert_int_equal(received(), 1);
    expect_signature(secret, expected);
    assert_string_equal(receiver.signature, expected);
    assert_int_equal(strncmp(receiver.id, "evt_", 4), 0);
    assert_int_equal(json_parse(buf_bytes(&receiver.body), &body, NULL), 0);
    assert_string_equal(site_text(body, "type"), "holder.data_may_have_changed");
    assert_true(json_has(body, "data") && json_has(body, "timestamp"));
}

static void an_old_secret_signs_beside_the_new_one_for_a_day(void **state)
{
    char id[WEBHOOK_ID_SIZE];
    char old[WEBHOOK_SECRET_SIZE];
    char both[160];
    char expected[64];
    char path[96];

    (void)state;
    add_hook(BANK, receiver.port, id, old);
    (void)snprintf(path, sizeof path, "/v1/webhooks/%s/secrets", id);
    assert_int_equal(latest_site_post(SHOP, path), 404);
    assert_int_equal(latest_site_post(BANK, path), 201);
    assert_string_not_equal(latest_site_text("secret"), old);
    happen("bank");
    deliver("bank");
    expect_signature(latest_site_text("secret"), expected);
    (void)snprintf(both, sizeof both, "%s ", expected);
    expect_signature(old, expected);
    (void)snprintf(both + strlen(both), sizeof both - strlen(both), "%s", expected);
    assert_string_equal(receiver.signature, both);
    latest_site_pass(WEBHOOK_OVERLAP_SECONDS);
    happen("bank");
    deliver("bank");
    expect_signature(latest_site_text("secret"), expected);
    assert_string_equal(receiver.signature, expected);
}

static void whoever_does_not_take_it_is_called_less_and_less(void **state)
{
    static const int pauses[] = {5, 60, 300, 1800, 7200, 18000, 36000};
    char id[WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    char path[96];
    const struct json *list;

    (void)state;
    add_hook(BANK, receiver.port, id, secret);
    happen("bank");
    receiver.is_broken = true;
    deliver("bank");
    for (unsigned i = 0; i < DELIVERY_TRIES - 1; i++) {
        assert_int_equal(received(), i + 1);
        latest_site_pass(pauses[i] - 1);
        deliver("bank");
        assert_int_equal(received(), i + 1);
        latest_site_restart();
        latest_site_pass(1);
        deliver("bank");
    }
    assert_int_equal(received(), DELIVERY_TRIES);
    latest_site_pass(365 * DAY);
    deliver("bank");
    assert_int_equal(received(), DELIVERY_TRIES);
    (void)snprintf(path, sizeof path, "/v1/webhooks/%s/dead", id);
    assert_int_equal(latest_site_call(SHOP, path, NULL), 404);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "dead", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_string_equal(site_text(json_at(list, 0), "event"), receiver.id);
    assert_string_equal(site_text(json_at(list, 0), "why"), "status 503");
    assert_int_equal(site_number(json_at(list, 0), "tries"), DELIVERY_TRIES);
}

/* The only delivery there is. */
static void look_at_delivery(const char *id, const char *state, int64_t tries)
{
    const struct json *list;
    char path[128];

    (void)snprintf(path, sizeof path, "/v1/webhooks/%s/deliveries", id);
    assert_int_equal(latest_site_call(SHOP, path, NULL), 404);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "deliveries", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_string_equal(site_text(json_at(list, 0), "state"), state);
    assert_int_equal(site_number(json_at(list, 0), "tries"), tries);
    assert_true(json_has(json_at(list, 0), "due_at") == (strcmp(state, "waiting") == 0));
    assert_true(json_has(json_at(list, 0), "why") ==
                (tries > 0 && strcmp(state, "delivered") != 0));
}

static void what_becomes_of_a_delivery_can_be_seen(void **state)
{
    char id[WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];

    (void)state;
    add_hook(BANK, receiver.port, id, secret);
    happen("bank");
    look_at_delivery(id, "waiting", 0);
    receiver.is_broken = true;
    deliver("bank");
    look_at_delivery(id, "waiting", 1);
    receiver.is_broken = false;
    latest_site_pass(5);
    deliver("bank");
    look_at_delivery(id, "delivered", 1);
}

static void a_redirect_is_not_followed(void **state)
{
    char id[WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];

    (void)state;
    add_hook(BANK, receiver.port, id, secret);
    happen("bank");
    receiver.is_redirecting = true;
    deliver("bank");
    latest_site_pass(5);
    receiver.is_redirecting = false;
    deliver("bank");
    assert_int_equal(received(), 2); /* the first one did not count */
}

static void what_was_given_up_is_delivered_again_on_demand(void **state)
{
    char id[WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    char path[96];
    char body[128];
    int64_t first;

    (void)state;
    happen("bank"); /* before there is a webhook */
    first = latest_site.at.platform.clock.fixed;
    latest_site_pass(100);
    add_hook(BANK, receiver.port, id, secret);
    happen("bank");
    deliver("bank");
    assert_int_equal(received(), 1);
    (void)snprintf(path, sizeof path, "/v1/webhooks/%s/replays", id);
    (void)snprintf(body, sizeof body, "{\"event\":\"%s\"}", receiver.id);
    assert_int_equal(latest_site_call(SHOP, path, body), 404);
    assert_int_equal(latest_site_call(BANK, path, "{}"), 400);
    assert_int_equal(latest_site_call(BANK, path, "{\"from\":1}"), 400);
    assert_int_equal(latest_site_call(BANK, path, "{\"event\":\"x\",\"from\":1,\"until\":2}"), 400);
    assert_int_equal(latest_site_call(BANK, path, "{\"event\":\"evt_0000000000000000000000\"}"),
                     404);
    assert_int_equal(latest_site_call(BANK, path, body), 202);
    deliver("bank");
    assert_int_equal(received(), 2);
    (void)snprintf(body, sizeof body, "{\"from\":%lld,\"until\":%lld}", (long long)first,
                   (long long)first);
    assert_int_equal(latest_site_call(BANK, path, body), 202);
    assert_int_equal(latest_site_number("count"), 1);
    deliver("bank");
    assert_int_equal(received(), 3);
    (void)snprintf(body, sizeof body, "{\"from\":0,\"until\":%lld}", (long long)first + 1000);
    assert_int_equal(latest_site_call(BANK, path, body), 202);
    assert_int_equal(latest_site_number("count"), 2);
    deliver("bank");
    assert_int_equal(received(), 5);
}

static void a_webhook_ends_and_is_its_tenants_alone(void **state)
{
    char ids[WEBHOOKS_MAX][WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    char path[256];
    const struct json *list;

    (void)state;
    for (size_t i = 0; i < WEBHOOKS_MAX; i++)
        add_hook(BANK, receiver.port, ids[i], secret);
    assert_int_equal(latest_site_call(BANK, "/v1/webhooks", "{\"url\":\"https://x.example/\"}"),
                     409);
    assert_int_equal(latest_site_call(SHOP, "/v1/webhooks", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "webhooks", &list, NULL), 0);
    assert_int_equal(json_count(list), 0);
    happen("bank");
    for (size_t i = 0; i < WEBHOOKS_MAX; i++) {
        (void)snprintf(path, sizeof path, "/v1/webhooks/%s", ids[i]);
        assert_int_equal(latest_site_delete(SHOP, path), 404);
        assert_int_equal(latest_site_delete(BANK, path), 204);
        assert_int_equal(latest_site_delete(BANK, path), 404);
    }
    deliver("bank");
    assert_int_equal(received(), 0);
    latest_site.at.platform.platform.webhooks = WEBHOOKS_NONE;
    assert_int_equal(latest_site_call(BANK, "/v1/webhooks", "{\"url\":\"https://x.example/\"}"),
                     409);
}

static void events_are_asked_for_instead(void **state)
{
    const struct json *list;
    char path[96];

    (void)state;
    for (int i = 0; i < EVENTS_PAGE_MAX + 1; i++)
        happen("bank");
    assert_int_equal(latest_site_call(BANK, "/v1/events", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "events", &list, NULL), 0);
    assert_int_equal(json_count(list), EVENTS_PAGE_MAX);
    (void)snprintf(path, sizeof path, "/v1/events?after=%s",
                   site_text(json_at(list, EVENTS_PAGE_MAX - 1), "id"));
    assert_int_equal(latest_site_call(SHOP, path, NULL), 404);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "events", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
}

/* Somebody who takes the connection and says nothing. */
static void a_silent_server_keeps_nobody_else_waiting(void **state)
{
    CLEANUP(turns_freep) struct turns *turns = NULL;
    struct courier_options options = {.platforms = NULL};
    struct courier *courier = NULL;
    char id[WEBHOOK_ID_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    uint16_t silent_port;
    int64_t began;
    int silent;

    (void)state;
    assert_int_equal(http_listen_loopback(0, &silent, &silent_port, NULL), 0);
    add_hook(BANK, silent_port, id, secret);
    add_hook(SHOP, receiver.port, id, secret);
    for (int i = 0; i < 20; i++)
        happen("bank");
    for (int i = 0; i < 20; i++)
        happen("shop");
    assert_int_equal(turns_new(&latest_site.at.platform.platform, &turns, NULL), 0);
    options.platforms = turns;
    began = monotonic_ms();
    assert_int_equal(courier_start(&options, &courier, NULL), 0);
    while (received() < 20 && monotonic_ms() - began < PATIENCE_MS)
        (void)poll(NULL, 0, 5);
    assert_int_equal(received(), 20); /* one after the other they would wait for 100 seconds */
    courier_stopp(&courier);
    (void)close(silent);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_addresses_that_may_be_called_are_taken),
        TEST(private_addresses_are_not_called),
        TEST(a_call_is_signed_as_standard_webhooks_says),
        TEST(an_old_secret_signs_beside_the_new_one_for_a_day),
        TEST(whoever_does_not_take_it_is_called_less_and_less),
        TEST(what_becomes_of_a_delivery_can_be_seen),
        TEST(a_redirect_is_not_followed),
        TEST(what_was_given_up_is_delivered_again_on_demand),
        TEST(a_webhook_ends_and_is_its_tenants_alone),
        TEST(events_are_asked_for_instead),
        TEST(a_silent_server_keeps_nobody_else_waiting),
    };

    return cmocka_run_group_tests(tests, latest_site_make, latest_site_done);
}
