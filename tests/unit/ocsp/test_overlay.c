/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/overlay.h"

#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SERIALS = 60, STEPS = 4000 };

static struct revocation_set *set_of(const struct revocation *entries, size_t count)
{
    struct test_revocations all = {.entries = entries, .count = count};
    const struct revocation_source source = test_revocations_source(&all);
    struct revocation_set *set = NULL;

    assert_int_equal(revocation_set_new(&source, &set, NULL), 0);
    return set;
}

static void push(struct pending *pending, uint32_t serial, enum crl_reason reason, bool is_release)
{
    const struct event event = {
        .at = 1000 + serial, .serial = serial, .reason = reason, .is_release = is_release};

    assert_int_equal(pending_add(pending, &event, NULL), 0);
}

static const struct revocation below[] = {
    {2, 1002, CRL_SUPERSEDED}, {4, 1004, CRL_CERTIFICATE_HOLD}, {6, 1006, CRL_CERTIFICATE_HOLD}};

static void what_cannot_follow_is_refused(void **state)
{
    static const struct {
        uint32_t serial;
        enum crl_reason reason;
        bool is_release;
    } rows[] = {
        {2, CRL_SUPERSEDED, false},       {2, CRL_KEY_COMPROMISE, false},
        {2, CRL_CERTIFICATE_HOLD, false}, {2, CRL_CERTIFICATE_HOLD, true},
        {4, CRL_CERTIFICATE_HOLD, false}, {3, CRL_CERTIFICATE_HOLD, true},
    };
    CLEANUP(revocation_set_freep) struct revocation_set *set = set_of(below, 3);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(pending_done) struct pending pending = {.count = 0};
        struct overlay *overlay = NULL;

        push(&pending, 1, CRL_SUPERSEDED, false);
        push(&pending, rows[i].serial, rows[i].reason, rows[i].is_release);
        assert_int_equal(overlay_apply(set, NULL, &pending, &overlay, NULL), -ERR_INPUT);
        assert_null(overlay);
    }
}

static void what_happened_above_counts_and_the_rest_is_below(void **state)
{
    CLEANUP(revocation_set_freep) struct revocation_set *set = set_of(below, 3);
    CLEANUP(revocation_set_freep) struct revocation_set *flat = NULL;
    CLEANUP(pending_done) struct pending pending = {.count = 0};
    CLEANUP(overlay_freep) struct overlay *overlay = NULL;
    struct revocation found;

    (void)state;
    push(&pending, 9, CRL_CERTIFICATE_HOLD, false);
    push(&pending, 6, CRL_CERTIFICATE_HOLD, true);
    push(&pending, 4, CRL_CESSATION_OF_OPERATION, false);
    push(&pending, 9, CRL_CERTIFICATE_HOLD, true);
    push(&pending, 1, CRL_KEY_COMPROMISE, false);
    assert_int_equal(overlay_apply(set, NULL, &pending, &overlay, NULL), 0);
    assert_int_equal(overlay_count(overlay), 4);
    assert_int_equal(overlay_find(set, overlay, 2, &found, NULL), 0);
    assert_int_equal(found.reason, CRL_SUPERSEDED);
    assert_int_equal(overlay_find(set, overlay, 4, &found, NULL), 0);
    assert_int_equal(found.reason, CRL_CESSATION_OF_OPERATION);
    assert_int_equal(overlay_find(set, overlay, 1, &found, NULL), 0);
    for (uint32_t serial = 6; serial <= 9; serial += 3)
        assert_int_equal(overlay_find(set, overlay, serial, &found, NULL), -ERR_ABSENT);
    assert_int_equal(overlay_flatten(set, overlay, &flat, NULL), 0);
    assert_int_equal(revocation_set_count(flat), 3);
}

/* How a certificate stands, kept in the simplest way there is. */
struct plain {
    bool is_revoked;
    enum crl_reason reason;
};

/* An event that can follow; false if there is none of this kind. */
static bool step(struct plain *plain, unsigned kind, enum crl_reason *ret_reason, bool *ret_release)
{
    bool is_on_hold = plain->is_revoked && plain->reason == CRL_CERTIFICATE_HOLD;

    *ret_release = kind == 2;
    *ret_reason = kind == 0 ? CRL_KEY_COMPROMISE : CRL_CERTIFICATE_HOLD;
    if (kind == 2 ? !is_on_hold : plain->is_revoked && (kind == 1 || !is_on_hold))
        return false;
    plain->is_revoked = kind != 2;
    plain->reason = *ret_reason;
    return true;
}

static void assert_same(const struct plain *plain, const struct revocation_set *set,
                        const struct overlay *overlay)
{
    for (uint32_t serial = 1; serial < SERIALS; serial++) {
        struct revocation found;
        int rc = overlay_find(set, overlay, serial, &found, NULL);

        assert_int_equal(rc, plain[serial].is_revoked ? 0 : -ERR_ABSENT);
        if (rc == 0)
            assert_int_equal(found.reason, plain[serial].reason);
    }
}

static void thousands_of_events_in_pieces_and_new_sets_lose_none(void **state)
{
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    CLEANUP(overlay_freep) struct overlay *overlay = NULL;
    CLEANUP(pending_done) struct pending pending = {.count = 0};
    struct plain plain[SERIALS] = {{false, CRL_UNSPECIFIED}};
    unsigned seed = 20261125;

    (void)state;
    for (int i = 1; i <= STEPS; i++) {
        uint32_t serial = 1 + (uint32_t)rand_r(&seed) % (SERIALS - 1);
        enum crl_reason reason;
        bool is_release;

        /* Few are final, so that there is always something to happen. */
        if (step(&plain[serial], rand_r(&seed) % 200 == 0 ? 0 : 1 + (unsigned)rand_r(&seed) % 2,
                 &reason, &is_release))
            push(&pending, serial, reason, is_release);
        if (i % 7 == 0) {
            struct overlay *next = NULL;

            assert_int_equal(overlay_apply(set, overlay, &pending, &next, NULL), 0);
            overlay_free(overlay);
            overlay = next;
            pending_done(&pending);
            assert_same(plain, set, overlay);
        }
        if (i % 77 == 0) {
            struct revocation_set *flat = NULL;

            assert_int_equal(overlay_flatten(set, overlay, &flat, NULL), 0);
            revocation_set_free(set);
            set = flat;
            overlay_freep(&overlay);
            assert_same(plain, set, NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_follow_is_refused),
        cmocka_unit_test(what_happened_above_counts_and_the_rest_is_below),
        cmocka_unit_test(thousands_of_events_in_pieces_and_new_sets_lose_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
