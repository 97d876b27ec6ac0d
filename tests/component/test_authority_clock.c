/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations by a clock that was wrong: no entry is lost by it. */
#include "authority/authority.h"

#include "base/fault.h"
#include "revocation/crl.h"
#include "support/signing_group.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* It was three days ahead: what left the lists meanwhile comes back with the right time. */
static void entries_that_left_by_a_clock_that_was_ahead_come_back(void **state)
{
    (void)state;
    site_issue(CA_AUTH, "a", 0, 2);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    site.clock = clock_fixed(SITE_NOW + 3 * SITE_DAY);
    for (int i = 0; i < 2; i++)
        assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "");
    site.clock = clock_fixed(SITE_NOW + 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(site_publish(NULL), 5);
        site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
        site_assert_serials("auth-full", CA_AUTH, "2");
    }
}

/* A list from before a revocation that is on it would be believed by nobody. */
static void a_clock_that_went_back_stops_publication_until_it_is_right(void **state)
{
    const uint64_t before = fault_count(FAULT_CLOCK_BACK);
    struct err err = {0};

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site_issue(CA_AUTH, "b", 1, 100);
    site.clock = clock_fixed(SITE_NOW + 7200);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    assert_int_equal(site_publish(NULL), 5);
    site.clock = clock_fixed(SITE_NOW + 3600);
    site_revoke(CA_AUTH, "s", 3, CRL_SUPERSEDED);
    assert_int_equal(site_publish(&err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "the clock is 3600 seconds before the revocation of serial "
                                     "number 2"));
    assert_int_equal(fault_count(FAULT_CLOCK_BACK), before + 1);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
    site.clock = clock_fixed(SITE_NOW + 7200);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2 3");
}

/* The same for what was on no list yet: it is not left out of one that says it has seen it. */
static void what_was_revoked_by_a_clock_that_was_ahead_is_not_left_out(void **state)
{
    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site.clock = clock_fixed(SITE_NOW + 3600);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    site.clock = clock_fixed(SITE_NOW + 3599);
    assert_int_equal(site_publish(NULL), -ERR_REMOTE);
    site.clock = clock_fixed(SITE_NOW + 3600);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(entries_that_left_by_a_clock_that_was_ahead_come_back),
        WITH_SITE(a_clock_that_went_back_stops_publication_until_it_is_right),
        WITH_SITE(what_was_revoked_by_a_clock_that_was_ahead_is_not_left_out),
    };

    return cmocka_run_group_tests(tests, site_make_keys, site_release_keys);
}
