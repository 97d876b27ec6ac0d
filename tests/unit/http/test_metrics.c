/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "base/daemon.h"
#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void metrics_are_written_with_help_type_and_labels(void **state)
{
    static const struct metric ends = {"jpki_ends_seconds", METRIC_GAUGE, "when it ends"};
    static const struct metric asked = {"jpki_asked_total", METRIC_COUNTER, "questions"};
    static const struct metric_value values[] = {{"kind=\"sign\"", -1},
                                                 {"kind=\"auth\"", INT64_MAX}};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *text;

    (void)state;
    assert_int_equal(metrics_put(&out, &ends, values, 2, NULL), 0);
    assert_int_equal(metrics_put_one(&out, &asked, 7, NULL), 0);
    assert_int_equal(buf_text(&out, &text, NULL), 0);
    assert_string_equal(text, "# HELP jpki_ends_seconds when it ends\n"
                              "# TYPE jpki_ends_seconds gauge\n"
                              "jpki_ends_seconds{kind=\"sign\"} -1\n"
                              "jpki_ends_seconds{kind=\"auth\"} 9223372036854775807\n"
                              "# HELP jpki_asked_total questions\n"
                              "# TYPE jpki_asked_total counter\n"
                              "jpki_asked_total 7\n");
}

static void reloads_are_counted_by_how_they_went(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *text;

    (void)state;
    daemon_count_reload(true, 1);
    daemon_count_reload(false, 2);
    daemon_count_reload(false, 2);
    assert_int_equal(metrics_put_reloads(&out, NULL), 0);
    assert_int_equal(buf_text(&out, &text, NULL), 0);
    assert_non_null(strstr(text, "\njpki_reloads_total{result=\"done\"} 1\n"
                                 "jpki_reloads_total{result=\"refused\"} 2\n"));
}

static void faults_are_counted_by_name(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *text;

    (void)state;
    fault_note(FAULT_CLOCK_BACK);
    assert_int_equal(metrics_put_faults(&out, NULL), 0);
    assert_int_equal(buf_text(&out, &text, NULL), 0);
    assert_non_null(strstr(text, "# TYPE jpki_faults_total counter\n"
                                 "jpki_faults_total{fault=\"disk_full\"} 0\n"));
    assert_non_null(strstr(text, "\njpki_faults_total{fault=\"clock_back\"} 1\n"));
    for (unsigned i = 0; i < FAULTS_; i++)
        assert_non_null(strstr(text, fault_name((enum fault)i)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_written_with_help_type_and_labels),
        cmocka_unit_test(reloads_are_counted_by_how_they_went),
        cmocka_unit_test(faults_are_counted_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
