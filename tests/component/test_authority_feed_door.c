/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation feed for registered verifiers, in signed requests: refusals first. */
#include "support/authority_site.h"

#include "authority/feed/quota.h"
#include "authority/feed/store.h"
#include "authority/party/party.h"
#include "authority/party/signed.h"
#include "base/hex.h"
#include "http/engine.h"
#include "support/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PATH "/v1/verifier/feed"

static struct authority_site site;
static struct test_feed feed;
static struct json *body;

static int make(void **state)
{
    (void)state;
    authority_site_make(&site);
    return 0;
}

static int done(void **state)
{
    (void)state;
    authority_site_done(&site);
    return 0;
}

static void add_snapshot(void)
{
    CLEANUP(buf_done) struct buf item = BUF_INIT;

    test_feed_snapshot(&feed, &item);
    site_keep_feed_item(&site, 1, &item);
}

static void add_delta(uint32_t revoked)
{
    CLEANUP(buf_done) struct buf item = BUF_INIT;

    test_feed_step(&feed, (struct test_step){.issued = 1, .added = revoked}, &item);
    site_keep_feed_item(&site, 1, &item);
}

static int set_up(void **state)
{
    (void)state;
    authority_site_open(&site);
    test_feed_begin(&feed, &site.pki, PROFILE_FEED_AUTH);
    feed.now = SITE_NOW;
    add_snapshot();
    return feed_quota_new(&site.authority.feed_quota, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    json_freep(&body);
    feed_quota_freep(&site.authority.feed_quota);
    test_feed_done(&feed);
    authority_site_close(&site);
    return 0;
}

static unsigned fetch(const char *members)
{
    return site_ask(&site, "feed", PATH, &body, "%s", members);
}

static unsigned deltas_since(uint32_t edition)
{
    return site_ask(&site, "feed", PATH, &body,
                    "\"kind\":\"auth\",\"item\":\"deltas\",\"since\":%u", edition);
}

static void take_step(enum party_step step)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);

    assert_int_equal(authority_take_step(site.store, SITE_PARTY, step, &by, NULL), 0);
}

static void strangers_and_the_suspended_get_nothing(void **state)
{
    const char *request = "{\"origin\":\"" SITE_ORIGIN "\",\"act\":\"feed\",\"at\":1790000000,"
                          "\"nonce\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\","
                          "\"request_id\":\"r\",\"kind\":\"auth\",\"item\":\"snapshot\"}";
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    site_sign(&site, bytes_text(request), site.pki.keys[PROFILE_SIGN], site.pki.certs[PROFILE_SIGN],
              &signature);
    assert_int_equal(site_post(&site, PATH, bytes_text(request), buf_bytes(&signature), &body),
                     422);
    take_step(PARTY_SUSPEND);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\""), 422);
    take_step(PARTY_RESUME);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\""), 200);
    /* What was signed for this is worth nothing for another act, and the other way round. */
    assert_int_equal(fetch("\"act\":\"link\",\"kind\":\"auth\",\"item\":\"snapshot\""), 422);
}

static void what_nobody_can_want_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fetch("\"kind\":\"card\",\"item\":\"snapshot\""), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"everything\""), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"deltas\""), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"deltas\",\"since\":-1"), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"deltas\",\"since\":1,\"wait\":25001"),
                     400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\",\"colour\":\"red\""), 400);
    assert_int_equal(fetch("\"kind\":\"sign\",\"item\":\"snapshot\""), 404); /* no such feed */
    assert_int_equal(deltas_since(99), 404); /* an edition that was never told */
}

/* With the key identifier of a CA instead of the number of its generation. */
static unsigned fetch_of(enum profile_kind ca, const char *more)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    assert_int_equal(hex_append(&issuer, x509_cert_tbs(site.pki.certs[ca])->subject_key_id, NULL),
                     0);
    assert_int_equal(buf_text(&issuer, &text, NULL), 0);
    return site_ask(&site, "feed", PATH, &body,
                    "\"kind\":\"auth\",\"item\":\"snapshot\",\"issuer\":\"%s\"%s", text, more);
}

static void a_feed_can_be_named_by_the_key_of_its_ca(void **state)
{
    (void)state;
    assert_int_equal(fetch_of(PROFILE_AUTH_CA, ",\"generation\":1"), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\",\"issuer\":\"\""), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\",\"issuer\":\"xy\""), 400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\",\"issuer\":\"0102\""), 404);
    assert_int_equal(fetch_of(PROFILE_SIGN_CA, ""), 404); /* of the other kind */
    assert_int_equal(fetch_of(PROFILE_AUTH, ""), 404);    /* no CA at all */
    assert_int_equal(fetch_of(PROFILE_AUTH_CA, ""), 200);
}

static void a_verifier_of_one_kind_gets_the_feed_of_that_kind(void **state)
{
    const struct party party = {.name = "signs-only", .title = "t", .verifies = {true, false}};
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct authority_site other = site; /* the same, asked by another verifier */
    bool is_new;

    (void)state;
    other.cert = site.pki.certs[PROFILE_AUTH];
    assert_int_equal(authority_apply(site.store, &party, &by, &is_new, NULL), 0);
    assert_int_equal(authority_take_step(site.store, party.name, PARTY_CERTIFY, &by, NULL), 0);
    assert_int_equal(authority_give_notice(site.store, party.name, NULL, &by, NULL), 0);
    assert_int_equal(authority_add_party_certificate(site.store, party.name,
                                                     x509_cert_der(other.cert), &by, NULL),
                     0);
    other.key = site.pki.keys[PROFILE_AUTH];
    assert_int_equal(
        site_ask(&other, "feed", PATH, &body, "\"kind\":\"auth\",\"item\":\"snapshot\""), 403);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\""), 200);
}

static void deltas_lead_on_from_what_one_has_and_nothing_is_skipped(void **state)
{
    (void)state;
    assert_int_equal(deltas_since(1), 204);
    add_delta(2);
    add_delta(3);
    assert_int_equal(deltas_since(1), 200);
    assert_int_equal(deltas_since(2), 200);
    assert_int_equal(deltas_since(3), 204);
}

static void snapshots_are_counted_logged_and_so_many_on_a_day(void **state)
{
    (void)state;
    for (int i = 0; i < FEED_SNAPSHOTS_MAX; i++)
        assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\""), 200);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\""), 503);
    assert_int_equal(
        authority_site_count(&site, "SELECT count FROM usage WHERE item = 'auth-list'"),
        FEED_SNAPSHOTS_MAX);
    assert_int_equal(
        authority_site_count(&site, "SELECT count(*) FROM audit WHERE act = 'feed.fetched'"),
        FEED_SNAPSHOTS_MAX);
    site.clock = clock_fixed(SITE_NOW + 86400);
    assert_int_equal(fetch("\"kind\":\"auth\",\"item\":\"snapshot\""), 200);
}

#define WITH_FEED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FEED(strangers_and_the_suspended_get_nothing),
        WITH_FEED(what_nobody_can_want_is_refused),
        WITH_FEED(a_feed_can_be_named_by_the_key_of_its_ca),
        WITH_FEED(a_verifier_of_one_kind_gets_the_feed_of_that_kind),
        WITH_FEED(deltas_lead_on_from_what_one_has_and_nothing_is_skipped),
        WITH_FEED(snapshots_are_counted_logged_and_so_many_on_a_day),
    };

    return cmocka_run_group_tests(tests, make, done);
}
