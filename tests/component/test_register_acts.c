/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to residents and cards, with a clock that is moved: what becomes of the card, which
 * revocations are ordered, what is there after a crash.
 */
#include "register/daily.h"
#include "register/outbox.h"

#include "support/register_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void acts_told_wrongly_are_refused_and_change_nothing(void **state)
{
    struct act_entry entry = act_of_resident("name");
    struct resident now;
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    assert_int_equal(site_try_act(entry), -ERR_INPUT); /* no name */
    entry.told.name = "番号　華子";
    entry.told.sex = "female"; /* nothing to do with it */
    assert_int_equal(site_try_act(entry), -ERR_INPUT);
    entry = act_of_resident("nothing");
    assert_int_equal(site_try_act(entry), -ERR_INPUT);
    assert_int_equal(site_try_act(act_of_resident("loss")), -ERR_INPUT);
    assert_int_equal(site_try_act(act_of_card("death", "A-1")), -ERR_INPUT);
    assert_int_equal(site_try_act(act_of_card("loss", "A-2")), -ERR_ABSENT);
    entry = act_of_resident("sex");
    entry.told.sex = "other";
    assert_int_equal(site_try_act(entry), -ERR_INPUT);
    entry.told.sex = "female"; /* as it is */
    assert_int_equal(site_try_act(entry), -ERR_CONFLICT);
    entry = act_of_resident("move-out");
    entry.told.date = "2026-13-01";
    assert_int_equal(site_try_act(entry), -ERR_INPUT);
    entry = act_of_resident("stay");
    entry.told.stay_until = "2026-11-22";
    assert_int_equal(site_try_act(entry), -ERR_INPUT);
    assert_int_equal(site_act_as(act_of_card("loss", "A-1"), "", NULL, NULL), -ERR_INPUT);
    assert_int_equal(register_get_resident(site.store, site.resident, &now, NULL), 0);
    assert_string_equal(now.name, "番号　花子");
    assert_card_state("A-1", CARD_ACTIVE);
    assert_orders(&above, (const char *const[]){NULL});
}

static void an_act_survives_and_is_done_once(void **state)
{
    struct act_done done;
    struct delivered counts;
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    assert_int_equal(site_act_as(act_of_resident("death"), "d-1", &done, NULL), 0);
    assert_true(done.is_new);
    assert_int_equal(done.resident.standing, STANDING_DEAD);
    assert_int_equal(done.revocation, REVOCATION_PENDING);
    site_reopen();
    assert_int_equal(site_act_as(act_of_resident("death"), "d-1", &done, NULL), 0);
    assert_false(done.is_new);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_int_equal(outbox_deliver(&site.counter, NULL, &counts, NULL), -ERR_REMOTE);
    /* The id is taken, for whatever else. */
    assert_int_equal(site_act_as(act_of_resident("abroad"), "d-1", &done, NULL), -ERR_CONFLICT);
    assert_int_equal(site_act_as(act_of_card("loss", "A-1"), "d-1", &done, NULL), -ERR_CONFLICT);
    assert_int_equal(site_try_act(act_of_resident("death")), -ERR_CONFLICT);
    assert_card_state("A-1", CARD_LAPSED);
    assert_int_equal(site_try_card("A-2", false), -ERR_CONFLICT);
}

static void an_act_that_cannot_be_ordered_is_not_half_done(void **state)
{
    struct resident now;
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    assert_int_equal(site_try_card("A-2", true), 0);
    site_issue("A-2", CERT_SIGN, (struct bytes){NULL, 0}, 0); /* still being issued */
    assert_int_equal(site_try_act(act_of_resident("death")), -ERR_CONFLICT);
    assert_card_state("A-1", CARD_ACTIVE);
    assert_int_equal(register_get_resident(site.store, site.resident, &now, NULL), 0);
    assert_int_equal(now.standing, STANDING_HERE);
    assert_orders(&above, (const char *const[]){NULL});
}

static void a_name_and_a_sex_end_the_sign_certificate_alone(void **state)
{
    struct act_entry name = act_of_resident("name");
    struct act_entry sex = act_of_resident("sex");
    struct resident now;
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    name.told.name = "番号　華子";
    name.told.registered_name = "番髙　華子"; /* 髙 is in no certificate */
    name.told.kana = "バンゴウ　ハナコ";
    name.told.former_name = "旧姓";
    site_act(name);
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    site_issue("A-1", CERT_SIGN, site_cert(PROFILE_OCSP_SIGN), 0);
    sex.told.sex = "unknown";
    site_act(sex);
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    assert_int_equal(register_get_resident(site.store, site.resident, &now, NULL), 0);
    assert_string_equal(now.name, "番号　華子");
    assert_string_equal(now.name_substitutes, "01000");
    assert_string_equal(now.registered_name, "番髙　華子");
    assert_string_equal(now.kana, "バンゴウ　ハナコ");
    assert_string_equal(now.former_name, "旧姓");
    assert_int_equal(now.sex, SEX_UNKNOWN);
    assert_card_state("A-1", CARD_ACTIVE);
}

static void a_wrong_birth_date_is_corrected(void **state)
{
    struct act_entry entry = act_of_resident("birth");
    struct resident now;
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    entry.told.birth_date = "2026-11-24"; /* tomorrow */
    assert_int_equal(site_try_act(entry), -ERR_INPUT);
    entry.told.birth_date = "1990-04-14";
    site_act(entry);
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    assert_int_equal(register_get_resident(site.store, site.resident, &now, NULL), 0);
    assert_int_equal(caldate_compare(now.birth, DAY(1990, 4, 14)), 0);
}

/* What is held is not given back: it ends for good, and the card gets new certificates. */
static void a_lost_card_is_stopped_and_found_again_needs_new_certificates(void **state)
{
    const struct audit_origin by = site_clerk();
    CLEANUP(issuing_done) struct issuing issuing = {.by = &by};
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    site_set_time(DAY(2026, 12, 31), 3, 30, 0); /* at any hour of any day */
    site_act(act_of_card("loss", "A-1"));
    assert_card_state("A-1", CARD_SUSPENDED);
    ASSERT_ORDERS(&above, "sign certificateHold", "auth certificateHold");
    assert_int_equal(site_try_act(act_of_card("loss", "A-1")), -ERR_CONFLICT);
    assert_int_equal(site_try_act(act_of_card("pin-reset", "A-1")), -ERR_INPUT);
    assert_int_equal(site_try_act(act_of_card("revoke", "A-1")), -ERR_CONFLICT);
    assert_int_equal(counter_issue(&site.counter, "A-1", NULL, &issuing, NULL), -ERR_CONFLICT);
    site_act(act_of_card("found", "A-1"));
    assert_card_state("A-1", CARD_ACTIVE);
    ASSERT_ORDERS(&above, "sign superseded", "auth superseded");
    site_issue("A-1", CERT_SIGN, site_cert(PROFILE_OCSP_SIGN), 0);
    site_issue("A-1", CERT_AUTH, site_cert(PROFILE_OCSP_AUTH), 0);
}

static void a_lost_card_makes_way_for_another(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    site_act(act_of_card("loss", "A-1"));
    assert_int_equal(site_try_card("A-2", false), -ERR_CONFLICT); /* it still counts */
    site_act(act_of_card("reissue", "A-1"));
    assert_card_state("A-1", CARD_REPLACED);
    ASSERT_ORDERS(&above, "sign certificateHold", "auth certificateHold", "sign superseded",
                  "auth superseded");
    assert_int_equal(site_try_card("A-2", false), 0);
    assert_int_equal(site_try_card("A-3", false), -ERR_CONFLICT);
    site_hand_over("A-2", 0);
    assert_card_state("A-2", CARD_ACTIVE);
}

static void a_card_given_back_or_never_collected_ends_for_its_own_reason(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    assert_int_equal(site_try_act(act_of_card("destroy", "A-1")), -ERR_CONFLICT);
    site_act(act_of_card("return", "A-1"));
    assert_card_state("A-1", CARD_RETURNED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_int_equal(site_try_card("A-2", false), 0);
    site_issue("A-2", CERT_AUTH, site_cert(PROFILE_AUTH), 0);
    assert_int_equal(site_try_act(act_of_card("return", "A-2")), -ERR_CONFLICT);
    site_act(act_of_card("destroy", "A-2"));
    assert_card_state("A-2", CARD_DESTROYED);
    ASSERT_ORDERS(&above, "auth unspecified");
    assert_int_equal(site_try_card("A-3", false), 0);
}

static void a_holder_has_one_certificate_or_both_revoked(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    site_act(act_of_card("revoke-sign", "A-1"));
    ASSERT_ORDERS(&above, "sign cessationOfOperation");
    site_issue("A-1", CERT_SIGN, site_cert(PROFILE_OCSP_SIGN), 0);
    site_act(act_of_card("revoke", "A-1"));
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    site_issue("A-1", CERT_AUTH, site_cert(PROFILE_OCSP_AUTH), 0);
    site_act(act_of_card("leak", "A-1"));
    ASSERT_ORDERS(&above, "auth keyCompromise");
    assert_card_state("A-1", CARD_ACTIVE);
}

static void a_pin_set_anew_is_recorded_and_changes_nothing(void **state)
{
    struct act_entry entry = act_of_card("pin-reset", "A-1");
    struct act_done done;
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    entry.told.pin = "auth";
    assert_int_equal(site_act_as(entry, "p-1", &done, NULL), 0);
    assert_int_equal(done.revocation, REVOCATION_NONE);
    assert_int_equal(done.card.state, CARD_ACTIVE);
    assert_orders(&above, (const char *const[]){NULL});
    entry.told.pin = "sign";
    assert_int_equal(site_act_as(entry, "p-1", &done, NULL), -ERR_CONFLICT);
}

static void run_day(unsigned lapsed, unsigned expired, unsigned waiting)
{
    struct ended ended;

    assert_int_equal(daily_run(&site.counter, &ended, NULL), 0);
    assert_int_equal(ended.lapsed, lapsed);
    assert_int_equal(ended.expired, expired);
    assert_int_equal(ended.waiting, waiting);
}

/* From Chiyoda on 1 December. */
static void leave(void)
{
    struct act_entry entry = act_of_resident("move-out");

    entry.told.date = "2026-12-01";
    site_act(entry);
}

static struct act_entry arrival(const char *date)
{
    struct act_entry entry = act_of_resident("move-in");

    entry.told.date = date;
    entry.told.address = "兵庫県神戸市中央区見本町１番";
    entry.told.municipality = "28100";
    return entry;
}

static void who_does_not_arrive_within_thirty_days_loses_the_card(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    leave();
    assert_int_equal(site_try_act(act_of_card("keep", "A-1")), -ERR_CONFLICT);
    site_set_time(DAY(2026, 12, 31), 23, 59, 59);
    run_day(0, 0, 0);
    assert_card_state("A-1", CARD_ACTIVE);
    site_set_time(DAY(2027, 1, 1), 0, 0, 0);
    run_day(1, 0, 0);
    run_day(0, 0, 0); /* once */
    assert_card_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    site_act(arrival("2027-01-01")); /* the person is welcome all the same */
    assert_card_state("A-1", CARD_LAPSED);
    assert_int_equal(site_try_card("A-2", false), 0);
}

static void who_notifies_moving_in_after_fourteen_days_loses_the_card(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    leave();
    site_set_day(DAY(2026, 12, 16));
    site_act(arrival("2026-12-01"));
    assert_card_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
}

static void who_does_not_bring_the_card_within_ninety_days_loses_it(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    leave();
    site_set_day(DAY(2026, 12, 2));
    site_act(arrival("2026-12-01"));
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    site_set_time(DAY(2027, 3, 2), 23, 59, 59);
    run_day(0, 0, 0);
    site_set_time(DAY(2027, 3, 3), 0, 0, 0);
    assert_int_equal(site_try_act(act_of_card("keep", "A-1")), -ERR_CONFLICT);
    run_day(1, 0, 0);
    assert_card_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "auth cessationOfOperation");
}

static void a_card_that_was_brought_stays(void **state)
{
    struct card card;

    (void)state;
    site_give_card("A-1");
    leave();
    site_set_day(DAY(2026, 12, 2));
    site_act(arrival("2026-12-01"));
    site_set_day(DAY(2027, 3, 2));
    site_act(act_of_card("keep", "A-1"));
    site_set_day(DAY(2027, 12, 1));
    run_day(0, 0, 0);
    assert_int_equal(register_get_card(site.store, "A-1", &card, NULL), 0);
    assert_int_equal(card.state, CARD_ACTIVE);
    assert_int_equal(card.lapses_after.year, 0);
    assert_int_equal(site_try_act(act_of_card("keep", "A-1")), -ERR_CONFLICT);
}

static void a_card_that_has_to_wait_lapses_later(void **state)
{
    (void)state;
    site_give_card("A-1");
    site_act(act_of_card("revoke-sign", "A-1"));
    site_issue("A-1", CERT_SIGN, (struct bytes){NULL, 0}, 0);
    leave();
    site_set_day(DAY(2027, 1, 1));
    run_day(0, 0, 1);
    assert_card_state("A-1", CARD_ACTIVE);
}

static void who_comes_back_from_abroad_gets_another_card(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    site_act(act_of_resident("abroad"));
    assert_card_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_int_equal(site_try_card("A-2", false), -ERR_CONFLICT);
    site_set_day(DAY(2028, 5, 2));
    site_act(arrival("2028-05-01"));
    assert_card_state("A-1", CARD_LAPSED);
    assert_int_equal(site_try_card("A-2", false), 0);
}

static void a_card_expires_at_midnight_in_japan(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1"); /* the tenth birthday after 23 November 2026 */
    site_set_time(DAY(2036, 4, 15), 23, 59, 59);
    run_day(0, 0, 0);
    site_set_time(DAY(2036, 4, 16), 0, 0, 0);
    run_day(0, 1, 0);
    assert_card_state("A-1", CARD_EXPIRED);
    assert_orders(&above, (const char *const[]){NULL}); /* the certificates ended with it */
    assert_int_equal(site_try_card("A-2", false), 0);
}

static void a_foreign_residents_card_ends_with_the_stay(void **state)
{
    struct act_entry stay = act_of_resident("stay");
    struct card card;

    (void)state;
    site_add_resident(DAY(1990, 4, 15), DAY(2028, 3, 31));
    site_give_card("A-1");
    assert_int_equal(register_get_card(site.store, "A-1", &card, NULL), 0);
    assert_int_equal(caldate_compare(card.expires_on, DAY(2028, 3, 31)), 0);
    site_set_day(DAY(2028, 3, 31));
    run_day(0, 0, 0);
    stay.told.stay_until = "2030-03-31";
    site_act(stay);
    site_set_day(DAY(2030, 3, 31));
    run_day(0, 0, 0);
    site_set_day(DAY(2030, 4, 1));
    run_day(0, 1, 0);
    assert_card_state("A-1", CARD_EXPIRED);
    assert_int_equal(site_try_card("A-2", false), -ERR_CONFLICT); /* may not stay */
}

static void who_becomes_japanese_has_a_card_that_ends_as_everybodys(void **state)
{
    struct act_entry act = act_of_resident("naturalisation");
    struct resident resident;
    struct card card;
    int64_t above = 0;

    (void)state;
    site_add_resident(DAY(1990, 4, 15), DAY(2028, 3, 31));
    site_give_card("A-1");
    assert_int_equal(site_try_act(act), -ERR_INPUT); /* under which name? */
    act.told.name = "見本　花子";
    site_act(act);
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    assert_int_equal(register_get_card(site.store, "A-1", &card, NULL), 0);
    assert_int_equal(caldate_compare(card.expires_on, DAY(2036, 4, 15)), 0);
    assert_int_equal(register_get_resident(site.store, site.resident, &resident, NULL), 0);
    assert_int_equal(resident.stay_until.year, 0);
    assert_string_equal(resident.name, "見本　花子");
}

/* Whether the next card may be made on a day, beside one that ends on 15 April 2036. */
static void assert_next(struct caldate day, int rc)
{
    site_set_day(day);
    assert_int_equal(site_try_card("A-2", false), rc);
}

static void the_next_card_is_made_from_three_months_before_and_replaces_the_old_one(void **state)
{
    int64_t above = 0;

    (void)state;
    site_give_card("A-1");
    assert_next(DAY(2036, 1, 14), -ERR_CONFLICT);
    assert_next(DAY(2036, 1, 15), 0);
    assert_card_state("A-1", CARD_ACTIVE); /* until the other one is handed over */
    site_hand_over("A-2", 0);
    assert_card_state("A-1", CARD_REPLACED);
    assert_card_state("A-2", CARD_ACTIVE);
    ASSERT_ORDERS(&above, "sign superseded", "auth superseded");
}

static void the_next_kind_of_card_is_made_from_a_year_before(void **state)
{
    (void)state;
    site.counter.generation = CARDS_OF_NEXT;
    site_give_card("A-1");
    assert_next(DAY(2035, 4, 14), -ERR_CONFLICT);
    assert_next(DAY(2035, 4, 15), 0);
}

static void a_card_has_a_history(void **state)
{
    static const enum card_state expected[] = {CARD_STOCK,     CARD_ISSUED, CARD_ACTIVE,
                                               CARD_SUSPENDED, CARD_ACTIVE, CARD_RETURNED};
    struct act_done done;
    struct card_step step;
    unsigned i = 0;

    (void)state;
    site_give_card("A-1");
    site_set_day(DAY(2027, 1, 1));
    assert_int_equal(site_act_as(act_of_card("loss", "A-1"), "loss-1", &done, NULL), 0);
    site_act(act_of_card("found", "A-1"));
    site_act(act_of_card("return", "A-1"));
    for (; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(register_get_card_step(site.store, "A-1", i, &step, NULL), 0);
        assert_int_equal(step.state, expected[i]);
        if (step.state == CARD_SUSPENDED) {
            assert_string_equal(step.act, "loss-1");
            assert_int_equal(step.at, clock_now(&site.clock));
        }
    }
    assert_int_equal(register_get_card_step(site.store, "A-1", i, &step, NULL), -ERR_ABSENT);
}

#define EACH(test)    cmocka_unit_test_setup_teardown(test, site_set_up_hanako, site_tear_down)
#define WITHOUT(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(acts_told_wrongly_are_refused_and_change_nothing),
        EACH(an_act_survives_and_is_done_once),
        EACH(an_act_that_cannot_be_ordered_is_not_half_done),
        EACH(a_name_and_a_sex_end_the_sign_certificate_alone),
        EACH(a_wrong_birth_date_is_corrected),
        EACH(a_lost_card_is_stopped_and_found_again_needs_new_certificates),
        EACH(a_lost_card_makes_way_for_another),
        EACH(a_card_given_back_or_never_collected_ends_for_its_own_reason),
        EACH(a_holder_has_one_certificate_or_both_revoked),
        EACH(a_pin_set_anew_is_recorded_and_changes_nothing),
        EACH(who_does_not_arrive_within_thirty_days_loses_the_card),
        EACH(who_notifies_moving_in_after_fourteen_days_loses_the_card),
        EACH(who_does_not_bring_the_card_within_ninety_days_loses_it),
        EACH(a_card_that_was_brought_stays),
        EACH(a_card_that_has_to_wait_lapses_later),
        EACH(who_comes_back_from_abroad_gets_another_card),
        EACH(a_card_expires_at_midnight_in_japan),
        WITHOUT(a_foreign_residents_card_ends_with_the_stay),
        WITHOUT(who_becomes_japanese_has_a_card_that_ends_as_everybodys),
        EACH(the_next_card_is_made_from_three_months_before_and_replaces_the_old_one),
        EACH(the_next_kind_of_card_is_made_from_a_year_before),
        EACH(a_card_has_a_history),
    };

    return cmocka_run_group_tests(tests, site_make_pki, site_release_pki);
}
