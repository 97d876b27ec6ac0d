/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/survey.h"

#include "revocation/crl_write.h"
#include "revocation/set.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NOW = 1790000000 };

/* The list of these entries, whatever order they have; *ret_der is where it lives. */
static struct crl list_of(const struct revocation *entries, size_t count, struct buf *ret_der)
{
    struct crl crl = {.this_update = NOW};

    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;
        struct test_revocations one = {.entries = &entries[i], .count = 1};
        const struct revocation_source source = test_revocations_source(&one);
        const struct crl_sink sink = crl_sink_buf(&tbs);
        const struct crl_head head = {
            .issuer = BYTES_LITERAL("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"),
            .authority_key_id = BYTES_LITERAL("k"),
            .number = 1,
            .this_update = NOW,
            .next_update = NOW};
        struct crl single;

        assert_int_equal(crl_write_tbs(&head, &source, &sink, NULL, NULL), 0);
        assert_int_equal(crl_parse_tbs(buf_bytes(&tbs), &single, NULL), 0);
        assert_int_equal(buf_append(ret_der, single.entries, NULL), 0);
    }
    crl.entries = buf_bytes(ret_der);
    return crl;
}

static int look_over(const struct revocation *entries, size_t count, struct crl_survey *ret)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct crl crl = list_of(entries, count, &der);

    return crl_look_over(&crl, ret, NULL);
}

static void lists_that_do_not_ascend_or_look_ahead_are_refused(void **state)
{
    static const struct revocation twice[] = {{5, 10, CRL_SUPERSEDED}, {5, 10, CRL_SUPERSEDED}};
    static const struct revocation falling[] = {{5, 10, CRL_SUPERSEDED}, {4, 10, CRL_SUPERSEDED}};
    static const struct revocation ahead[] = {{5, NOW + 1, CRL_SUPERSEDED}};
    static const struct revocation now[] = {{5, NOW, CRL_SUPERSEDED}};
    struct crl_survey survey = {.count = 42};

    (void)state;
    assert_int_equal(look_over(twice, 2, &survey), -ERR_INPUT);
    assert_int_equal(look_over(falling, 2, &survey), -ERR_INPUT);
    assert_int_equal(look_over(ahead, 1, &survey), -ERR_INPUT);
    assert_int_equal(survey.count, 42);
    assert_int_equal(look_over(now, 1, &survey), 0);
    assert_int_equal(survey.count, 1);
}

static void a_survey_counts_by_reason(void **state)
{
    static const struct revocation entries[] = {
        {3, 30, CRL_SUPERSEDED}, {9, 10, CRL_CERTIFICATE_HOLD}, {70000, 20, CRL_SUPERSEDED}};
    struct crl_survey survey;

    (void)state;
    assert_int_equal(look_over(entries, 3, &survey), 0);
    assert_int_equal(survey.count, 3);
    assert_int_equal(survey.reasons[CRL_SUPERSEDED], 2);
    assert_int_equal(survey.reasons[CRL_CERTIFICATE_HOLD], 1);
    assert_int_equal(survey.reasons[CRL_UNSPECIFIED], 0);
    assert_int_equal(survey.first_serial, 3);
    assert_int_equal(survey.last_serial, 70000);
    assert_int_equal(survey.first_at, 10);
    assert_int_equal(survey.last_at, 30);
    assert_int_equal(look_over(entries, 0, &survey), 0);
    assert_int_equal(survey.count, 0);
    assert_int_equal(survey.last_serial, 0);
}

/* "+5 -6 *7": added, removed, changed. */
static int write_down(void *context, const struct crl_change *change, struct err *err)
{
    char kind = change->before == NULL ? '+' : change->after == NULL ? '-' : '*';
    const struct revocation *entry = change->before == NULL ? change->after : change->before;

    return buf_append_format(context, err, " %c%u", kind, (unsigned)entry->serial);
}

static void assert_changes(const struct revocation *old, size_t old_count,
                           const struct revocation *new, size_t new_count, const char *expected)
{
    CLEANUP(buf_done) struct buf old_der = BUF_INIT;
    CLEANUP(buf_done) struct buf new_der = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct crl before = list_of(old, old_count, &old_der);
    const struct crl after = list_of(new, new_count, &new_der);
    const char *got;

    assert_int_equal(crl_compare(&before, &after, write_down, &text, NULL, NULL), 0);
    assert_int_equal(buf_text(&text, &got, NULL), 0);
    assert_string_equal(got, expected);
}

static void changes_are_told_in_order(void **state)
{
    static const struct revocation old[] = {
        {1, 10, CRL_SUPERSEDED}, {5, 10, CRL_SUPERSEDED}, {7, 10, CRL_CERTIFICATE_HOLD}};
    static const struct revocation new[] = {{1, 10, CRL_SUPERSEDED},
                                            {3, 10, CRL_SUPERSEDED},
                                            {7, 10, CRL_SUPERSEDED},
                                            {9, 11, CRL_SUPERSEDED}};

    (void)state;
    assert_changes(old, 3, new, 4, " +3 -5 *7 +9");
    assert_changes(new, 4, old, 3, " -3 +5 *7 -9");
    assert_changes(old, 3, old, 3, "");
    assert_changes(NULL, 0, old, 2, " +1 +5");
    assert_changes(old, 2, NULL, 0, " -1 -5");
}

static int refuse(void *context, const struct crl_change *change, struct err *err)
{
    (void)context;
    (void)change;
    return FAIL(err, ERR_CONFLICT, "no");
}

static void a_comparison_ends_where_it_is_told_to(void **state)
{
    static const struct revocation falling[] = {{5, 10, CRL_SUPERSEDED}, {4, 10, CRL_SUPERSEDED}};
    CLEANUP(buf_done) struct buf old_der = BUF_INIT;
    CLEANUP(buf_done) struct buf new_der = BUF_INIT;
    CLEANUP(buf_done) struct buf bad_der = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct crl none = list_of(NULL, 0, &old_der);
    const struct crl one = list_of(falling, 1, &new_der);
    const struct crl bad = list_of(falling, 2, &bad_der);

    (void)state;
    assert_int_equal(crl_compare(&none, &one, refuse, NULL, NULL, NULL), -ERR_CONFLICT);
    assert_int_equal(crl_compare(&none, &bad, write_down, &text, NULL, NULL), -ERR_INPUT);
    assert_int_equal(crl_compare(&bad, &none, write_down, &text, NULL, NULL), -ERR_INPUT);
}

static void a_list_becomes_a_set_if_it_is_not_too_long(void **state)
{
    static const struct revocation entries[] = {{3, 30, CRL_SUPERSEDED},
                                                {9, 10, CRL_CERTIFICATE_HOLD}};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    const struct crl crl = list_of(entries, 2, &der);
    struct revocation found;

    (void)state;
    assert_int_equal(crl_collect(&crl, 1, &set, NULL), -ERR_INPUT);
    assert_null(set);
    assert_int_equal(crl_collect(&crl, 2, &set, NULL), 0);
    assert_int_equal(revocation_set_find(set, 9, &found, NULL), 0);
    assert_int_equal(found.at, 10);
    assert_int_equal(found.reason, CRL_CERTIFICATE_HOLD);
    assert_int_equal(revocation_set_find(set, 4, &found, NULL), -ERR_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_that_do_not_ascend_or_look_ahead_are_refused),
        cmocka_unit_test(a_survey_counts_by_reason),
        cmocka_unit_test(changes_are_told_in_order),
        cmocka_unit_test(a_comparison_ends_where_it_is_told_to),
        cmocka_unit_test(a_list_becomes_a_set_if_it_is_not_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
