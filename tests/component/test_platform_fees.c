/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fees split by tenant: whatever tenants do, and however often the platform dies at it, all
 * statements and the rest together are the authority's bill, and what was told is somebody's.
 */
#include "support/latest_site.h"

#include "authority/usage/usage.h"
#include "platform/fee/usage.h"
#include "platform/latest/latest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BANK  LATEST_SITE_BANK
#define SHOP  LATEST_SITE_SHOP
#define METER "0123456789abcdef0123456789abcdef"

enum { DAY = 86400, PEOPLE = 4, ROUNDS = 120 };

/* Attributes are free for three days of the month (pki.md 6: waivers have dates). */
static const char table[] = "sign-check\t2020-01-01\t-\t20\tlaw\tx\n"
                            "sign-check\t2026-09-23\t2026-09-25\t0\tannounced\tx\n"
                            "auth-check\t2020-01-01\t-\t2\tlaw\tx\n"
                            "attributes\t2020-01-01\t-\t20\tlaw\tx\n"
                            "attributes\t2026-09-26\t2026-09-28\t0\tannounced\tx\n";
static struct fees fees;

static int set_up(void **state)
{
    assert_int_equal(latest_site_open(state), 0);
    assert_int_equal(fees_parse(bytes_text(table), FEE_ANNOUNCED, &fees, NULL), 0);
    latest_site.at.authority.authority.fees = &fees;
    return 0;
}

static int64_t yen_of(const struct json *bill)
{
    const struct json *lines;
    int64_t yen = 0;

    assert_int_equal(json_get_array(bill, "lines", &lines, NULL), 0);
    for (size_t i = 0; i < json_count(lines); i++) {
        const struct json *line = json_at(lines, i);

        assert_int_equal(site_number(line, "yen"),
                         site_number(line, "count") * site_number(line, "yen_each"));
        yen += site_number(line, "yen");
    }
    assert_int_equal(site_number(bill, "yen"), yen);
    return yen;
}

static int64_t count_of(const struct json *bill, const char *item)
{
    const struct json *lines;
    int64_t count = 0;

    assert_int_equal(json_get_array(bill, "lines", &lines, NULL), 0);
    for (size_t i = 0; i < json_count(lines); i++)
        if (strcmp(site_text(json_at(lines, i), "item"), item) == 0)
            count += site_number(json_at(lines, i), "count");
    return count;
}

/* What the authority itself says this verifier owes. */
static int64_t authority_bill(const char *month)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct json *list;

    assert_int_equal(
        authority_statements(latest_site.at.authority.store, &fees, month, SITE_PARTY, &body, NULL),
        0);
    assert_int_equal(json_get_array(body, "statements", &list, NULL), 0);
    return json_count(list) == 0 ? 0 : site_number(json_at(list, 0), "yen");
}

static const struct json *member(const char *name)
{
    const struct json *object;

    assert_int_equal(json_get_object(latest_site.body, name, &object, NULL), 0);
    return object;
}

/* All statements of a month; the sum of tenants' yen, and of one item's counts beside it. */
static int64_t sum(const char *month, int64_t *ret_attributes)
{
    char path[64];
    const struct json *list;
    int64_t yen = 0;

    (void)snprintf(path, sizeof path, "/v1/statements?month=%s", month);
    assert_int_equal(latest_site_call("", path, NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "statements", &list, NULL), 0);
    *ret_attributes = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        yen += yen_of(json_at(list, i));
        *ret_attributes += count_of(json_at(list, i), "attributes");
    }
    assert_int_equal(yen + yen_of(member("rest")), yen_of(member("authority")));
    return yen;
}

static void a_statement_is_its_tenants_and_the_operators(void **state)
{
    const uid_t uids[] = {getuid()};

    (void)state;
    assert_int_equal(latest_site_call(BANK, "/v1/fees?month=2026-9", NULL), 400);
    assert_int_equal(latest_site_call(BANK, "/v1/fees", NULL), 400);
    assert_int_equal(latest_site_call("nobody", "/v1/fees?month=2026-09", NULL), 403);
    assert_int_equal(latest_site_call(BANK, "/v1/statements?month=2026-09", NULL), 403);
    latest_site.at.platform.platform.operators.uids = uids;
    latest_site.at.platform.platform.operators.count = 1;
    assert_int_equal(latest_site_call(BANK, "/v1/fees?month=2026-09", NULL), 200);
    assert_int_equal(yen_of(latest_site.body), 0);
    assert_int_equal(latest_site_call("", "/v1/statements?month=2026-09", NULL), 200);
    latest_site.at.platform.platform.door.socket = "/nonexistent/v.sock";
    assert_int_equal(latest_site_call(BANK, "/v1/fees?month=2026-09", NULL), 503);
    latest_site.at.platform.platform.operators.count = 0;
}

/* ---- a month of random traffic ---- */

/* Somebody who has consented to a tenant's service, and moves now and then. */
struct person {
    char subject[33];
    uint32_t serial; /* of his newest certificate */
    const char *key, *provider, *service;
    char name[HOLDER_NAME_SIZE];
};
static struct person people[PEOPLE];

static void make_people(void)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct person *p = &people[i];

        *p = (struct person){.key = i % 2 == 0 ? BANK : SHOP,
                             .provider = i % 2 == 0 ? "bank" : "shop",
                             .service = i % 2 == 0 ? "accounts" : "orders"};
        (void)snprintf(p->subject, sizeof p->subject, "%032u", i + 1);
        p->serial = authority_site_issue(&latest_site.at.authority, CA_SIGN, p->subject);
        const struct latest_consent consent = {p->serial, p->provider, p->service, 15, NULL};
        assert_int_equal(latest_site_consent(p->key, &consent), 201);
        (void)snprintf(p->name, sizeof p->name, "%s", latest_site_text("holder"));
    }
    latest_site_pass(DAY);
}

static void move(struct person *p)
{
    authority_site_revoke(&latest_site.at.authority, CA_SIGN, p->serial, CRL_AFFILIATION_CHANGED);
    latest_site_pass(1);
    p->serial = authority_site_issue(&latest_site.at.authority, CA_SIGN, p->subject);
}

static unsigned ask(const struct person *p)
{
    char path[128];
    char body[64];

    (void)snprintf(path, sizeof path, "/v1/holders/%s/latest", p->name);
    (void)snprintf(body, sizeof body, "{\"service\":\"%s\"}", p->service);
    return latest_site_call(p->key, path, body);
}

/* The authority answers and charges, and the platform dies before it hears. */
static void ask_and_die(const struct person *p)
{
    const struct latest_wish wish = {p->provider, p->name, p->service,
                                     0,           NULL,    latest_site.at.platform.clock.fixed};
    CLEANUP(latest_question_done) struct latest_question q = {.attributes = 0};
    CLEANUP(json_freep) struct json *body = NULL;
    char issuer[41];
    uint64_t serial = 0;

    assert_int_equal(
        platform_begin_question(latest_site.at.platform.platform.store, &wish, &q, NULL), 0);
    for (size_t i = 0; i < 20; i++)
        (void)snprintf(issuer + 2 * i, 3, "%02x", q.presented.issuer.ptr[i]);
    for (size_t i = 0; i < q.presented.serial.len; i++)
        serial = serial << 8 | q.presented.serial.ptr[i];
    assert_int_equal(site_ask(&latest_site.at.authority, "latest", "/v1/verifier/latest", &body,
                              "\"provider\":\"%s\",\"service\":\"%s\",\"issuer\":\"%s\","
                              "\"serial\":%llu,\"request_id\":\"%s\"",
                              p->provider, p->service, issuer, (unsigned long long)serial, q.id),
                     200);
    latest_site_restart();
}

/* The responder has answered a question about a certificate for a tenant. */
static void check(const struct person *p, int64_t *answered, bool is_lost)
{
    const struct audit_origin by = audit_by_uid(latest_site.at.authority.clock.fixed, 1, NULL);
    const struct usage_total total = {SITE_PARTY, CA_SIGN, ++*answered};
    const struct usage_batch batch = {METER, *answered, &total, 1};
    bool is_new;

    assert_int_equal(
        authority_count_usage(latest_site.at.authority.store, &batch, &by, &is_new, NULL), 0);
    if (!is_lost)
        assert_int_equal(platform_count_use(latest_site.at.platform.platform.store, p->provider,
                                            FEE_SIGN_CHECK, by.at, NULL),
                         0);
}

static void a_month_of_anything_adds_up_to_the_authoritys_bill(void **state)
{
    static const char *const months[] = {"2026-09", "2026-10"};
    const uid_t uids[] = {getuid()};
    int64_t answered = 0;
    int64_t lost = 0;
    int64_t all = 0;
    int64_t attributes;
    int64_t told;

    (void)state;
    latest_site.at.platform.platform.operators.uids = uids;
    latest_site.at.platform.platform.operators.count = 1;
    make_people();
    srandom(20260921);
    for (int i = 0; i < ROUNDS; i++) {
        struct person *p = &people[random() % PEOPLE];

        latest_site_pass(random() % 14400); /* ten days, two waivers and a new month */
        switch (random() % 5) {
        case 0:
            move(p);
            break;
        case 1:
            ask_and_die(p);
            break;
        case 2:
            check(p, &answered, random() % 4 == 0);
            break;
        case 3:
            assert_int_equal(
                latest_settle(&latest_site.at.platform.platform, latest_site.signer, NULL), 0);
            break;
        default:
            assert_true(ask(p) == 200 || latest_site.problem[0] != '\0');
        }
    }
    latest_site_pass(61);
    assert_int_equal(latest_settle(&latest_site.at.platform.platform, latest_site.signer, NULL), 0);
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        (void)sum(months[i], &attributes);
        assert_int_equal(yen_of(member("authority")), authority_bill(months[i]));
        assert_int_equal(count_of(member("rest"), "attributes"), 0);
        all += attributes;
        lost += count_of(member("rest"), "sign-check");
    }
    /* Every hit is some tenant's, whatever died; the platform bears only answers it never had. */
    told = authority_site_count(&latest_site.at.authority,
                                "SELECT sum(count) FROM usage WHERE item = 'attributes'");
    assert_int_equal(all, told);
    assert_true(told > 5 && authority_bill(months[0]) > 0);
    assert_true(lost > 0 && lost < answered);
    latest_site.at.platform.platform.operators.count = 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, latest_site_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_statement_is_its_tenants_and_the_operators),
        TEST(a_month_of_anything_adds_up_to_the_authoritys_bill),
    };

    return cmocka_run_group_tests(tests, latest_site_make, latest_site_done);
}
