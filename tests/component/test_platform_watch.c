/* SPDX-License-Identifier: Apache-2.0 */
/* What a platform sees coming: its certificates that end, and where the authority says it stands.
 */
#include "platform/watch.h"

#include "authority/party/party.h"
#include "base/clock.h"
#include "support/door_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static struct authority_site *const site = &door_sites.authority;
static struct platform_site *const other = &door_sites.platform;

enum { PATIENCE_MS = 60000, YEAR_S = 365 * 86400 };

static struct turns *platforms;
static struct watch *watch;
static atomic_uint failures;

static void take_step(enum party_step step)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);

    assert_int_equal(authority_take_step(site->store, SITE_PARTY, step, &by, NULL), 0);
}

static void note_failure(const struct err *failure)
{
    assert_int_equal(failure->kind, ERR_REMOTE);
    failures++;
}

static void start_watch(void)
{
    struct watch_options options = {.clock = &other->clock, .failed = note_failure};

    failures = 0;
    assert_int_equal(turns_new(&other->platform, &platforms, NULL), 0);
    options.platforms = platforms;
    assert_int_equal(watch_start(&options, &watch, NULL), 0);
}

static void stop_watch(void)
{
    watch_stopp(&watch);
    turns_freep(&platforms);
}

/* As after a reload: another value, which asks at once. */
static void put(struct platform *next)
{
    assert_int_equal(turns_put(platforms, next, NULL, NULL), 0);
}

static void await(enum warning warning, bool warns)
{
    int64_t began = monotonic_ms();

    while (watch_warns(watch, warning) != warns && monotonic_ms() - began < PATIENCE_MS)
        (void)usleep(5000);
    assert_int_equal(watch_warns(watch, warning), warns);
}

static void await_answer(void)
{
    int64_t began = monotonic_ms();

    while (watch_answered_at(watch) == 0 && monotonic_ms() - began < PATIENCE_MS)
        (void)usleep(5000);
    assert_int_equal(watch_answered_at(watch), SITE_NOW);
}

static void a_platform_in_good_standing_warns_of_nothing(void **state)
{
    (void)state;
    start_watch();
    await_answer();
    for (unsigned i = 0; i < WARNINGS_; i++)
        assert_false(watch_warns(watch, (enum warning)i));
    assert_int_equal(failures, 0);
    stop_watch();
}

static void a_certificate_that_ends_is_told_before_and_after(void **state)
{
    struct platform careful = other->platform;
    struct platform again = other->platform;
    struct clock then;

    (void)state;
    careful.warn_s = 5 * YEAR_S;
    start_watch();
    await_answer();
    put(&careful);
    await(WARNING_CERTIFICATE_ENDS, true);
    assert_false(watch_warns(watch, WARNING_CERTIFICATE_OVER));
    put(&again);
    await(WARNING_CERTIFICATE_ENDS, false);
    stop_watch();
    then = other->clock;
    other->clock = clock_fixed(x509_cert_tbs(other->platform.door.certificate)->not_after + 1);
    start_watch();
    await(WARNING_CERTIFICATE_OVER, true);
    assert_false(watch_warns(watch, WARNING_CERTIFICATE_ENDS));
    await(WARNING_REGISTRATION_REFUSED, true); /* the authority says so, too */
    stop_watch();
    other->clock = then;
}

static void a_registration_that_is_suspended_is_told_until_it_is_not(void **state)
{
    struct platform again = other->platform;
    struct platform once_more = other->platform;

    (void)state;
    start_watch();
    await_answer();
    take_step(PARTY_SUSPEND);
    put(&again);
    await(WARNING_REGISTRATION_REFUSED, true);
    take_step(PARTY_RESUME);
    put(&once_more);
    await(WARNING_REGISTRATION_REFUSED, false);
    assert_int_equal(failures, 0);
    stop_watch();
}

static void a_registration_for_one_kind_is_told(void **state)
{
    const struct party party = {.name = "signs-only", .title = "t", .verifies = {true, false}};
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct platform partly = other->platform;
    struct privkey *kept = site->key;
    bool is_new;

    (void)state;
    assert_int_equal(authority_apply(site->store, &party, &by, &is_new, NULL), 0);
    assert_int_equal(authority_take_step(site->store, party.name, PARTY_CERTIFY, &by, NULL), 0);
    assert_int_equal(authority_give_notice(site->store, party.name, NULL, &by, NULL), 0);
    assert_int_equal(authority_add_party_certificate(site->store, party.name,
                                                     x509_cert_der(site->pki.certs[PROFILE_AUTH]),
                                                     &by, NULL),
                     0);
    partly.door.certificate = site->pki.certs[PROFILE_AUTH];
    site->key = site->pki.keys[PROFILE_AUTH];
    start_watch();
    put(&partly);
    await(WARNING_REGISTRATION_PARTLY, true);
    assert_false(watch_warns(watch, WARNING_REGISTRATION_REFUSED));
    stop_watch();
    site->key = kept;
}

/* Not the registration's fault, so nothing is said of it; the operator is told once. */
static void an_authority_that_is_away_says_nothing_about_the_registration(void **state)
{
    int64_t began = monotonic_ms();

    (void)state;
    other->platform.door.socket = "/nowhere";
    start_watch();
    while (failures == 0 && monotonic_ms() - began < PATIENCE_MS)
        (void)usleep(5000);
    assert_int_equal(failures, 1);
    assert_int_equal(watch_answered_at(watch), 0);
    assert_false(watch_warns(watch, WARNING_REGISTRATION_REFUSED));
    stop_watch();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DOOR_SITES(an_authority_that_is_away_says_nothing_about_the_registration),
        WITH_DOOR_SITES(a_registration_that_is_suspended_is_told_until_it_is_not),
        WITH_DOOR_SITES(a_registration_for_one_kind_is_told),
        WITH_DOOR_SITES(a_certificate_that_ends_is_told_before_and_after),
        WITH_DOOR_SITES(a_platform_in_good_standing_warns_of_nothing),
    };

    return cmocka_run_group_tests(tests, door_sites_make, door_sites_done);
}
