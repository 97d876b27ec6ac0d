/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counts of a responder whose power is cut while the authority cannot be told of them. A mapped
 * file is on the disk when it was synced, and not before.
 */
#include "base/file.h"
#include "ocsp/meter.h"
#include "ocsp/sync.h"
#include "support/power.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TRIES = 6000, PAUSE_MS = 10, ANSWERS = 5 };

static struct power power;
static char path[TEMPDIR_FILE_SIZE + 16];

static int set_up(void **state)
{
    (void)state;
    power_start(&power);
    /* The disk lets files of this name alone be mapped. */
    (void)snprintf(path, sizeof path, "%s/meter-shm", power.mount);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    power_stop(&power);
    return 0;
}

/* What the meter knows after the cut; anything may have been written, and nothing has to be. */
static uint64_t count_after_the_cut(struct ocsp_meter *meter)
{
    CLEANUP(ocsp_meter_closep) struct ocsp_meter *again = NULL;
    static struct meter_batch batch;

    power_order(&power, "cut none");
    ocsp_meter_close(meter);
    power_order(&power, "on");
    assert_int_equal(ocsp_meter_open(path, &again, NULL), 0);
    assert_int_equal(ocsp_meter_cut(again, &batch, NULL), 0);
    return batch.count == 0 ? 0 : batch.totals[0].count[OCSP_CA_SIGN];
}

static struct ocsp_meter *open_and_count(void)
{
    struct ocsp_meter *meter = NULL;
    struct err err = {0};
    unsigned place;

    if (ocsp_meter_open(path, &meter, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ocsp_meter_place(meter, "verifier", &place, NULL), 0);
    for (int i = 0; i < ANSWERS; i++)
        ocsp_meter_count(meter, place, OCSP_CA_SIGN);
    return meter;
}

static void what_was_kept_survives(void **state)
{
    struct ocsp_meter *meter = open_and_count();

    (void)state;
    assert_int_equal(ocsp_meter_keep(meter, NULL), 0);
    assert_int_equal(count_after_the_cut(meter), ANSWERS);
}

static _Atomic unsigned failures;

static void report(const struct feed *feed, const struct err *failure)
{
    (void)feed;
    failures += failure != NULL;
}

static void counts_are_kept_though_nobody_can_be_told(void **state)
{
    struct ocsp_meter *meter = open_and_count();
    CLEANUP(feed_freep) struct feed *feed = NULL;
    struct ocsp_index index;
    struct sync *sync = NULL;
    struct sync_options options = {.clock = &clock_system,
                                   .meter = meter,
                                   .authority = "/nonexistent/authority.sock",
                                   .interval_ms = 5,
                                   .report = report};

    (void)state;
    assert_int_equal(ocsp_index_init(&index, NULL), 0);
    assert_int_equal(feed_new(options.authority, &index, &feed, NULL), 0);
    options.feed = feed;
    assert_int_equal(sync_start(&options, &sync, NULL), 0);
    for (int i = 0; failures == 0 && i < TRIES; i++)
        (void)poll(NULL, 0, PAUSE_MS);
    assert_int_equal(failures, 1);
    sync_stop(sync);
    assert_int_equal(count_after_the_cut(meter), ANSWERS);
    ocsp_index_done(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_kept_survives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_are_kept_though_nobody_can_be_told, set_up,
                                        tear_down),
    };
    const char *reason = power_prepare();

    if (reason != NULL) {
        (void)printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
