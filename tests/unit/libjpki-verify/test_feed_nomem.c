/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a feed that takes items in, with every allocation failing once. */
#include "border/border.h"
#include "support/failalloc.h"
#include "support/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jpki/verify.h>

static struct test_pki pki;
static struct test_feed made;
static struct buf snapshot, delta;

static int set_up(void **state)
{
    CLEANUP(buf_done) struct buf ignored = BUF_INIT;

    (void)state;
    test_pki_make(&pki);
    test_feed_begin(&made, &pki, PROFILE_FEED_SIGN);
    test_feed_step(&made, (struct test_step){100, 10, 0}, &ignored);
    test_feed_snapshot(&made, &snapshot);
    test_feed_step(&made, (struct test_step){1, 20, 10}, &delta);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_feed_done(&made);
    buf_done(&snapshot);
    buf_done(&delta);
    test_pki_done(&pki);
    return 0;
}

static enum jpki_feed_answer ask(const jpki_feed *feed, uint8_t serial)
{
    return jpki_feed_ask(feed, (struct jpki_bytes){&serial, 1}, TEST_PKI_NOW);
}

static int inside(int rc)
{
    return rc == -JPKI_ERROR_NOMEM ? -ERR_NOMEM : rc;
}

static int take(jpki_feed *feed, const struct buf *items)
{
    return jpki_feed_take(feed, give_bytes(buf_bytes(items)), TEST_PKI_NOW, NULL, NULL);
}

/* Either all of it, or nothing. */
static int follow(void *context)
{
    jpki_feed *feed = NULL;
    int rc = jpki_feed_new(give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN_CA])), &feed, NULL);

    (void)context;
    if (rc < 0) {
        assert_null(feed);
        return inside(rc);
    }
    rc = take(feed, &snapshot);
    assert_int_equal(ask(feed, 10), rc < 0 ? JPKI_FEED_NOT_COVERED : JPKI_FEED_REVOKED);
    if (rc == 0) {
        rc = take(feed, &delta);
        assert_int_equal(ask(feed, 10), rc < 0 ? JPKI_FEED_REVOKED : JPKI_FEED_GOOD);
        assert_int_equal(ask(feed, 20), rc < 0 ? JPKI_FEED_GOOD : JPKI_FEED_REVOKED);
        assert_int_equal(ask(feed, 102), rc < 0 ? JPKI_FEED_NOT_COVERED : JPKI_FEED_GOOD);
    }
    jpki_feed_free(feed);
    return inside(rc);
}

static void without_memory_a_copy_stays_where_it_is(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(follow, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_a_copy_stays_where_it_is),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
