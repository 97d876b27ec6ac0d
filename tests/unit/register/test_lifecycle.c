/* SPDX-License-Identifier: Apache-2.0 */
/* The table of acts, and the periods in it, day by day. */
#include "register/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY(y_, m_, d_) ((struct caldate){(y_), (m_), (d_)})

static const struct life_act *act_named(const char *name)
{
    const struct life_act *act = life_acts;

    while (act->name != NULL && strcmp(act->name, name) != 0)
        act++;
    if (act->name == NULL)
        fail_msg("there is no act %s", name);
    return act;
}

static int64_t noon(struct caldate day)
{
    return caltime_utc((struct caltime){day, 12, 0, 0}, JST_OFFSET_SECONDS);
}

/* An active card of somebody who lives here. */
struct scene {
    struct resident before, after;
    struct card card;
    struct life_facts facts;
};

static void set_scene(struct scene *s, struct caldate today)
{
    *s = (struct scene){
        .before = {.birth = {1990, 4, 15}, .sex = SEX_FEMALE},
        .card = {.serial = "A-1",
                 .state = CARD_ACTIVE,
                 .issued_at = noon(DAY(2026, 11, 23)),
                 .expires_on = {2036, 4, 15}},
    };
    s->after = s->before;
    s->facts = (struct life_facts){.now = noon(today),
                                   .today = today,
                                   .before = &s->before,
                                   .after = &s->after,
                                   .card = &s->card};
}

static struct life_effect effect_of(const char *act, const struct scene *s)
{
    struct life_effect effect;

    assert_int_equal(life_on_card(act_named(act), &s->facts, &effect, NULL), 0);
    return effect;
}

static void assert_conflict(const char *act, const struct scene *s, const char *words)
{
    struct life_effect effect;
    struct err err = {0};

    assert_int_equal(life_on_card(act_named(act), &s->facts, &effect, &err), -ERR_CONFLICT);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void assert_ends(const char *act, const char *sign, const char *auth)
{
    const struct life_act *row = act_named(act);
    const char *const expected[] = {[CERT_SIGN] = sign, [CERT_AUTH] = auth};

    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        const char *reason = cert_end_reason(row->ends[kind]);

        assert_int_equal(reason == NULL, expected[kind] == NULL);
        if (reason != NULL)
            assert_string_equal(reason, expected[kind]);
    }
}

static void only_acts_that_people_ask_for_are_found(void **state)
{
    static const char *const own[] = {"next-card", "lapse", "expire"};
    const struct life_act *act;

    (void)state;
    assert_int_equal(life_act_find("", false, &act, NULL), -ERR_INPUT);
    assert_int_equal(life_act_find("death", true, &act, NULL), -ERR_INPUT);
    assert_int_equal(life_act_find("loss", false, &act, NULL), -ERR_INPUT);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        assert_int_equal(life_act_find(own[i], true, &act, NULL), -ERR_INPUT);
        assert_int_equal(life_act_find(own[i], false, &act, NULL), -ERR_INPUT);
    }
    assert_int_equal(life_act_find("death", false, &act, NULL), 0);
    assert_ptr_equal(act, act_named("death"));
    assert_int_equal(life_act_find("loss", true, &act, NULL), 0);
}

static void a_changed_attribute_ends_the_sign_certificate_alone(void **state)
{
    (void)state;
    assert_ends("move", "affiliationChanged", NULL);
    assert_ends("move-in", "affiliationChanged", NULL);
    assert_ends("name", "affiliationChanged", NULL);
    assert_ends("sex", "affiliationChanged", NULL);
    assert_ends("birth", "affiliationChanged", NULL);
    assert_ends("move-out", NULL, NULL);
    assert_ends("stay", NULL, NULL);
    assert_ends("pin-reset", NULL, NULL);
    assert_ends("keep", NULL, NULL);
}

static void death_and_moving_abroad_end_both_with_the_card(void **state)
{
    static const char *const acts[] = {"death", "abroad"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_ends(acts[i], "cessationOfOperation", "cessationOfOperation");
        assert_int_equal(act_named(acts[i])->state, CARD_LAPSED);
        for (unsigned s = 0; s < CARD_STATES_; s++)
            assert_int_equal(life_concerns(act_named(acts[i]), (enum card_state)s),
                             s <= CARD_SUSPENDED);
    }
}

static void a_hold_is_followed_by_an_end_and_never_lifted(void **state)
{
    (void)state;
    assert_ends("loss", "certificateHold", "certificateHold");
    assert_ends("found", "superseded", "superseded");
    assert_ends("reissue", "superseded", "superseded");
    /* Whatever leaves the suspended state ends both certificates for good. */
    for (const struct life_act *act = life_acts; act->name != NULL; act++) {
        bool leaves = life_concerns(act, CARD_SUSPENDED) && act->state != CARD_STATES_ &&
                      act->state != CARD_SUSPENDED && act->state != CARD_EXPIRED;

        for (int kind = 0; leaves && kind < CERT_KINDS_; kind++)
            assert_true(act->ends[kind] != END_NOT && act->ends[kind] != END_HELD);
    }
}

static void each_reason_has_its_meaning(void **state)
{
    (void)state;
    assert_ends("destroy", "unspecified", "unspecified");
    assert_ends("leak", "keyCompromise", "keyCompromise");
    assert_ends("renew", "superseded", "superseded");
    assert_ends("next-card", "superseded", "superseded");
    assert_ends("return", "cessationOfOperation", "cessationOfOperation");
    assert_ends("revoke", "cessationOfOperation", "cessationOfOperation");
    assert_ends("revoke-sign", "cessationOfOperation", NULL);
}

static void
a_card_that_was_handed_over_is_not_destroyed_and_one_that_was_not_is_not_returned(void **state)
{
    (void)state;
    assert_false(life_concerns(act_named("destroy"), CARD_ACTIVE));
    assert_false(life_concerns(act_named("destroy"), CARD_SUSPENDED));
    assert_true(life_concerns(act_named("destroy"), CARD_STOCK));
    assert_true(life_concerns(act_named("destroy"), CARD_ISSUED));
    assert_false(life_concerns(act_named("return"), CARD_ISSUED));
    assert_true(life_concerns(act_named("return"), CARD_ACTIVE));
}

static void what_is_over_stays_over(void **state)
{
    (void)state;
    for (const struct life_act *act = life_acts; act->name != NULL; act++)
        for (unsigned s = CARD_LAPSED; s < CARD_STATES_; s++)
            assert_false(life_concerns(act, (enum card_state)s));
}

static void nothing_happens_to_the_dead_and_only_coming_back_to_those_abroad(void **state)
{
    struct resident dead = {.standing = STANDING_DEAD};
    struct resident abroad = {.standing = STANDING_ABROAD};

    (void)state;
    for (const struct life_act *act = life_acts; act->name != NULL; act++) {
        bool is_possible = strcmp(act->name, "move-in") == 0 || strcmp(act->name, "death") == 0;

        assert_int_equal(life_check_resident(act, &dead, NULL), -ERR_CONFLICT);
        assert_int_equal(life_check_resident(act, &abroad, NULL), is_possible ? 0 : -ERR_CONFLICT);
    }
}

static void who_has_not_notified_leaving_does_not_move_in(void **state)
{
    struct resident here = {.standing = STANDING_HERE};
    struct resident leaving = {.standing = STANDING_LEAVING};

    (void)state;
    assert_int_equal(life_check_resident(act_named("move-in"), &here, NULL), -ERR_CONFLICT);
    assert_int_equal(life_check_resident(act_named("move-in"), &leaving, NULL), 0);
    assert_int_equal(life_check_resident(act_named("move-out"), &leaving, NULL), -ERR_CONFLICT);
    assert_int_equal(life_check_resident(act_named("move"), &leaving, NULL), -ERR_CONFLICT);
}

static void the_card_is_good_for_thirty_days_behind_leaving(void **state)
{
    struct scene s;
    struct life_effect effect;

    (void)state;
    set_scene(&s, DAY(2026, 11, 23));
    s.facts.told = DAY(2026, 12, 1);
    effect = effect_of("move-out", &s);
    assert_int_equal(caldate_compare(effect.lapses_after, DAY(2026, 12, 31)), 0);
    assert_int_equal(effect.state, CARD_ACTIVE);
}

/* The state of the card of somebody who moved in on told and notifies it on today. */
static struct life_effect move_in(struct caldate told, struct caldate today,
                                  struct caldate lapses_after)
{
    struct scene s;

    set_scene(&s, today);
    s.before.standing = STANDING_LEAVING;
    s.card.lapses_after = lapses_after;
    s.facts.told = told;
    return effect_of("move-in", &s);
}

static void moving_in_is_notified_within_fourteen_days_or_the_card_lapses(void **state)
{
    struct caldate far = DAY(2027, 12, 31);
    struct life_effect effect;

    (void)state;
    effect = move_in(DAY(2026, 12, 1), DAY(2026, 12, 16), far);
    assert_int_equal(effect.state, CARD_LAPSED);
    assert_int_equal(effect.ends[CERT_SIGN], END_CESSATION);
    assert_int_equal(effect.ends[CERT_AUTH], END_CESSATION);
    effect = move_in(DAY(2026, 12, 1), DAY(2026, 12, 15), far);
    assert_int_equal(effect.state, CARD_ACTIVE);
    assert_int_equal(effect.ends[CERT_SIGN], END_CHANGED);
    assert_int_equal(effect.ends[CERT_AUTH], END_NOT);
}

static void who_arrives_later_than_thirty_days_behind_leaving_has_a_lapsed_card(void **state)
{
    struct caldate last = DAY(2026, 12, 31);

    (void)state;
    assert_int_equal(move_in(DAY(2027, 1, 1), DAY(2027, 1, 1), last).state, CARD_LAPSED);
    assert_int_equal(move_in(DAY(2026, 12, 31), DAY(2026, 12, 31), last).state, CARD_ACTIVE);
}

static void nobody_has_moved_in_tomorrow(void **state)
{
    struct scene s;

    (void)state;
    set_scene(&s, DAY(2026, 12, 1));
    s.facts.told = DAY(2026, 12, 2);
    assert_conflict("move-in", &s, "day to come");
}

static void the_card_is_brought_within_ninety_days_or_lapses(void **state)
{
    struct life_effect effect = move_in(DAY(2026, 12, 1), DAY(2026, 12, 2), DAY(2026, 12, 31));
    struct caldate last = DAY(2027, 3, 2); /* ninety days behind 2 December */
    struct scene s;

    (void)state;
    assert_int_equal(caldate_compare(effect.lapses_after, last), 0);
    set_scene(&s, DAY(2027, 3, 3));
    s.card.lapses_after = last;
    assert_conflict("keep", &s, "lapsed");
    effect = effect_of("lapse", &s);
    assert_int_equal(effect.state, CARD_LAPSED);
    assert_int_equal(effect.ends[CERT_AUTH], END_CESSATION);
    set_scene(&s, last);
    s.card.lapses_after = last;
    assert_conflict("lapse", &s, "not over");
    effect = effect_of("keep", &s);
    assert_int_equal(effect.lapses_after.year, 0);
    assert_int_equal(effect.state, CARD_ACTIVE);
}

static void a_card_is_continued_only_where_its_holder_lives_and_a_period_runs(void **state)
{
    struct scene s;

    (void)state;
    set_scene(&s, DAY(2026, 12, 2));
    assert_conflict("keep", &s, "no period");
    s.card.lapses_after = DAY(2026, 12, 31);
    s.before.standing = STANDING_LEAVING;
    assert_conflict("keep", &s, "not moved in");
}

static void certificates_are_renewed_from_three_months_before_their_end(void **state)
{
    struct scene s;
    struct life_effect effect;
    int64_t end = day_end(DAY(2031, 4, 15));

    (void)state;
    set_scene(&s, DAY(2031, 1, 14));
    assert_conflict("renew", &s, "three months");
    s.facts.not_after[CERT_SIGN] = end;
    s.facts.not_after[CERT_AUTH] = end;
    assert_conflict("renew", &s, "three months");
    s.facts.now = caltime_utc((struct caltime){{2031, 1, 14}, 23, 59, 59}, JST_OFFSET_SECONDS);
    assert_conflict("renew", &s, "three months");
    s.facts.now++;
    assert_conflict("renew", &s, "there are none yet");
    s.facts.has_next[CERT_SIGN] = s.facts.has_next[CERT_AUTH] = true;
    effect = effect_of("renew", &s);
    assert_int_equal(effect.ends[CERT_SIGN], END_SUPERSEDED);
    assert_int_equal(effect.ends[CERT_AUTH], END_SUPERSEDED);
    assert_true(effect.takes_next[CERT_SIGN] && effect.takes_next[CERT_AUTH]);
    /* One that is younger, for instance after a move, stays. */
    s.facts.has_next[CERT_SIGN] = false;
    effect = effect_of("renew", &s);
    assert_int_equal(effect.ends[CERT_SIGN], END_NOT);
    assert_false(effect.takes_next[CERT_SIGN]);
    assert_int_equal(effect.ends[CERT_AUTH], END_SUPERSEDED);
}

/* A stay that became shorter: the card ends before what is on it. */
static void certificates_that_would_outlive_an_expired_card_end_with_it(void **state)
{
    struct life_effect effect;
    struct scene s;

    (void)state;
    set_scene(&s, DAY(2028, 4, 1));
    s.card.expires_on = DAY(2028, 3, 31);
    s.facts.not_after[CERT_SIGN] = day_end(DAY(2028, 3, 31));
    s.facts.not_after[CERT_AUTH] = day_end(DAY(2031, 4, 15));
    effect = effect_of("expire", &s);
    assert_int_equal(effect.state, CARD_EXPIRED);
    assert_int_equal(effect.ends[CERT_SIGN], END_NOT);
    assert_int_equal(effect.ends[CERT_AUTH], END_CESSATION);
}

static void a_card_ends_with_the_stay_and_lives_longer_with_a_longer_one(void **state)
{
    struct scene s;

    (void)state;
    set_scene(&s, DAY(2028, 3, 1));
    s.card.expires_on = DAY(2028, 3, 31);
    s.after.stay_until = DAY(2031, 3, 31);
    assert_int_equal(caldate_compare(effect_of("stay", &s).expires_on, DAY(2031, 3, 31)), 0);
    /* Not behind what it would have been without an end of the stay. */
    s.after.stay_until = DAY(2046, 3, 31);
    assert_int_equal(caldate_compare(effect_of("stay", &s).expires_on, DAY(2036, 4, 15)), 0);
    s.facts.today = DAY(2028, 4, 1);
    assert_conflict("stay", &s, "expired");
}

static void a_card_expires_when_its_last_day_is_over(void **state)
{
    struct scene s;

    (void)state;
    set_scene(&s, DAY(2036, 4, 15));
    assert_conflict("expire", &s, "not over");
    set_scene(&s, DAY(2036, 4, 16));
    assert_int_equal(effect_of("expire", &s).state, CARD_EXPIRED);
    assert_ends("expire", NULL, NULL); /* the certificates ended with it */
}

static void certificates_are_for_cards_that_live_and_people_who_live_here(void **state)
{
    struct scene s;
    struct caldate today = DAY(2026, 12, 2);

    (void)state;
    set_scene(&s, today);
    for (unsigned i = 0; i < STANDINGS_; i++) {
        s.before.standing = (enum standing)i;
        assert_int_equal(life_check_issue(&s.before, &s.card, today, NULL),
                         i == STANDING_HERE ? 0 : -ERR_CONFLICT);
    }
    s.before.standing = STANDING_HERE;
    for (unsigned i = 0; i < CARD_STATES_; i++) {
        s.card.state = (enum card_state)i;
        assert_int_equal(life_check_issue(&s.before, &s.card, today, NULL),
                         i <= CARD_ACTIVE ? 0 : -ERR_CONFLICT);
    }
    s.card.state = CARD_ACTIVE;
    s.card.lapses_after = DAY(2026, 12, 1);
    assert_int_equal(life_check_issue(&s.before, &s.card, today, NULL), -ERR_CONFLICT);
    s.card.lapses_after = today;
    assert_int_equal(life_check_issue(&s.before, &s.card, today, NULL), 0);
}

static void days_are_counted_over_months_and_leap_years(void **state)
{
    (void)state;
    assert_int_equal(caldate_compare(life_days_after(DAY(2028, 2, 28), 1), DAY(2028, 2, 29)), 0);
    assert_int_equal(caldate_compare(life_days_after(DAY(2027, 2, 28), 1), DAY(2027, 3, 1)), 0);
    assert_int_equal(caldate_compare(life_days_after(DAY(2026, 12, 31), 90), DAY(2027, 3, 31)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_acts_that_people_ask_for_are_found),
        cmocka_unit_test(a_changed_attribute_ends_the_sign_certificate_alone),
        cmocka_unit_test(death_and_moving_abroad_end_both_with_the_card),
        cmocka_unit_test(a_hold_is_followed_by_an_end_and_never_lifted),
        cmocka_unit_test(each_reason_has_its_meaning),
        cmocka_unit_test(
            a_card_that_was_handed_over_is_not_destroyed_and_one_that_was_not_is_not_returned),
        cmocka_unit_test(what_is_over_stays_over),
        cmocka_unit_test(nothing_happens_to_the_dead_and_only_coming_back_to_those_abroad),
        cmocka_unit_test(who_has_not_notified_leaving_does_not_move_in),
        cmocka_unit_test(the_card_is_good_for_thirty_days_behind_leaving),
        cmocka_unit_test(moving_in_is_notified_within_fourteen_days_or_the_card_lapses),
        cmocka_unit_test(who_arrives_later_than_thirty_days_behind_leaving_has_a_lapsed_card),
        cmocka_unit_test(nobody_has_moved_in_tomorrow),
        cmocka_unit_test(the_card_is_brought_within_ninety_days_or_lapses),
        cmocka_unit_test(a_card_is_continued_only_where_its_holder_lives_and_a_period_runs),
        cmocka_unit_test(certificates_are_renewed_from_three_months_before_their_end),
        cmocka_unit_test(certificates_that_would_outlive_an_expired_card_end_with_it),
        cmocka_unit_test(a_card_ends_with_the_stay_and_lives_longer_with_a_longer_one),
        cmocka_unit_test(a_card_expires_when_its_last_day_is_over),
        cmocka_unit_test(certificates_are_for_cards_that_live_and_people_who_live_here),
        cmocka_unit_test(days_are_counted_over_months_and_leap_years),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
