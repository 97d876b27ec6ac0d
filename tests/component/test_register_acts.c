/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to residents and cards, with a clock that is moved: what becomes of the card, which
 * revocations are ordered, what is there after a crash. No authority answers.
 */
#include "register/act.h"
#include "register/daily.h"
#include "register/outbox.h"
#include "register/routes.h"

#include "x509/csr.h"
#include "x509/name.h"

#include "support/pki.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY(y_, m_, d_) ((struct caldate){(y_), (m_), (d_)})

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    char authority[TEMPDIR_FILE_SIZE]; /* nobody listens there */
    struct register_store *store;
    struct clock clock;
    struct counter counter;
    char resident[RESIDENT_ID_LEN + 1];
    unsigned ids;
};

static struct fixture f;
static struct test_pki pki;
static struct municipalities *list;

static int make_pki(void **state)
{
    char path[4096];

    (void)state;
    test_pki_make(&pki);
    (void)snprintf(path, sizeof path, "%s/openjpki/municipalities.tsv", getenv("JPKI_TEST_SHARE"));
    return municipalities_load(path, &list, NULL);
}

static int release_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    municipalities_freep(&list);
    return 0;
}

static void open_store(void)
{
    assert_int_equal(register_store_open(f.path, &f.store, NULL), 0);
    f.counter.store = f.store;
}

static void reopen(void)
{
    register_store_closep(&f.store);
    open_store();
}

/* At that hour of the day in Japan. */
static void set_time(struct caldate day, int hour, int minute, int second)
{
    f.clock = clock_fixed(
        caltime_utc((struct caltime){day, hour, minute, second}, JST_OFFSET_SECONDS));
}

static void set_day(struct caldate day)
{
    set_time(day, 10, 0, 0);
}

static struct audit_origin by_clerk(void)
{
    return (struct audit_origin){.at = clock_now(&f.clock), .actor = "uid:1000"};
}

static void add_resident(struct caldate birth, struct caldate stay_until)
{
    const struct audit_origin by = by_clerk();
    struct resident hanako = {.name = "番号　花子",
                              .address = "東京都千代田区見本町一丁目２番３号",
                              .birth = birth,
                              .sex = SEX_FEMALE,
                              .municipality = "13101",
                              .stay_until = stay_until};
    bool is_new;

    assert_int_equal(counter_add_resident(&f.counter, &hanako, "123456789018", &by, &is_new, NULL),
                     0);
    memcpy(f.resident, hanako.id, sizeof f.resident);
}

static int try_card(const char *serial, bool is_further)
{
    const struct audit_origin by = by_clerk();
    const struct card_entry entry = {f.resident, serial, &by, is_further};
    struct card card;
    bool is_new;

    return counter_add_card(&f.counter, &entry, &card, &is_new, NULL);
}

static int set_up(void **state)
{
    (void)state;
    f = (struct fixture){.dir = tempdir_make()};
    set_day(DAY(2026, 11, 23));
    tempdir_file(&f.dir, "r.db", f.path);
    tempdir_file(&f.dir, "a.sock", f.authority);
    f.counter = (struct counter){.municipalities = list,
                                 .clock = &f.clock,
                                 .authority = f.authority,
                                 .window = "003A",
                                 .rule = MYNUMBER_TEST};
    open_store();
    return 0;
}

static int set_up_hanako(void **state)
{
    (void)set_up(state);
    add_resident(DAY(1990, 4, 15), DAY(0, 0, 0));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    register_store_closep(&f.store);
    tempdir_done(&f.dir);
    return 0;
}

/* A request of a card, answered with that certificate (empty: not yet). */
static void issue(const char *card, enum cert_kind kind, struct bytes certificate, int64_t end)
{
    const struct audit_origin by = by_clerk();
    CLEANUP(issue_done) struct issue issue = {.kind = kind, .not_after = end};

    (void)snprintf(issue.card, sizeof issue.card, "%s", card);
    assert_int_equal(buf_append_format(&issue.request, NULL, "request %u", f.ids++), 0);
    assert_int_equal(register_begin_issue(f.store, &issue, &by, NULL), 0);
    if (certificate.len == 0)
        return;
    assert_int_equal(buf_copy(certificate, &issue.certificate, NULL), 0);
    assert_int_equal(buf_copy(bytes_text("ca"), &issue.ca_certificate, NULL), 0);
    assert_int_equal(register_finish_issue(f.store, &issue, &by, NULL), 0);
}

static struct bytes cert(enum profile_kind kind)
{
    return x509_cert_der(pki.certs[kind]);
}

/* A card with both certificates, which end then, in the holder's hands. */
static void hand_over(const char *serial, int64_t end)
{
    const struct audit_origin by = by_clerk();
    struct card card;

    issue(serial, CERT_SIGN, cert(PROFILE_SIGN), end);
    issue(serial, CERT_AUTH, cert(PROFILE_AUTH), end);
    assert_int_equal(register_mark_issued(f.store, serial, &by, NULL), 0);
    assert_int_equal(counter_activate_card(&f.counter, serial, &by, &card, NULL), 0);
}

static void give_card(const char *serial)
{
    assert_int_equal(try_card(serial, false), 0);
    hand_over(serial, day_end(DAY(2031, 4, 15)));
}

static struct act_entry of_resident(const char *act)
{
    return (struct act_entry){.act = act, .resident = f.resident};
}

static struct act_entry of_card(const char *act, const char *serial)
{
    return (struct act_entry){.act = act, .card = serial};
}

static int act_as(struct act_entry entry, const char *id, struct act_done *done, struct err *err)
{
    const struct audit_origin by = by_clerk();

    entry.request_id = id;
    entry.by = &by;
    return counter_act(&f.counter, &entry, NULL, done, err);
}

/* Under a new id. */
static int try_act(struct act_entry entry)
{
    struct act_done done;
    char id[16];

    (void)snprintf(id, sizeof id, "t-%u", f.ids++);
    return act_as(entry, id, &done, NULL);
}

static void do_act(struct act_entry entry)
{
    assert_int_equal(try_act(entry), 0);
}

static void assert_state(const char *serial, enum card_state expected)
{
    struct card card;

    assert_int_equal(register_get_card(f.store, serial, &card, NULL), 0);
    assert_string_equal(card_state_name(card.state), card_state_name(expected));
}

/* The orders behind *above, which are there: "sign reason" and "auth reason". */
static void assert_orders(int64_t *above, const char *const expected[])
{
    struct revocation_order order = {.id = *above};
    char text[64];

    for (size_t i = 0; expected[i] != NULL; i++) {
        assert_int_equal(register_next_revocation(f.store, order.id, &order, NULL), 0);
        (void)snprintf(text, sizeof text, "%s %s", order.kind, order.reason);
        assert_string_equal(text, expected[i]);
    }
    *above = order.id;
    assert_int_equal(register_next_revocation(f.store, order.id, &order, NULL), -ERR_ABSENT);
}

#define ASSERT_ORDERS(above_, ...) assert_orders((above_), (const char *const[]){__VA_ARGS__, NULL})

static void acts_told_wrongly_are_refused_and_change_nothing(void **state)
{
    struct act_entry entry = of_resident("name");
    struct resident now;
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    assert_int_equal(try_act(entry), -ERR_INPUT); /* no name */
    entry.told.name = "番号　華子";
    entry.told.sex = "female"; /* nothing to do with it */
    assert_int_equal(try_act(entry), -ERR_INPUT);
    entry = of_resident("nothing");
    assert_int_equal(try_act(entry), -ERR_INPUT);
    assert_int_equal(try_act(of_resident("loss")), -ERR_INPUT);
    assert_int_equal(try_act(of_card("death", "A-1")), -ERR_INPUT);
    assert_int_equal(try_act(of_card("loss", "A-2")), -ERR_ABSENT);
    entry = of_resident("sex");
    entry.told.sex = "other";
    assert_int_equal(try_act(entry), -ERR_INPUT);
    entry.told.sex = "female"; /* as it is */
    assert_int_equal(try_act(entry), -ERR_CONFLICT);
    entry = of_resident("move-out");
    entry.told.date = "2026-13-01";
    assert_int_equal(try_act(entry), -ERR_INPUT);
    entry = of_resident("stay");
    entry.told.stay_until = "2026-11-22";
    assert_int_equal(try_act(entry), -ERR_INPUT);
    assert_int_equal(act_as(of_card("loss", "A-1"), "", NULL, NULL), -ERR_INPUT);
    assert_int_equal(register_get_resident(f.store, f.resident, &now, NULL), 0);
    assert_string_equal(now.name, "番号　花子");
    assert_state("A-1", CARD_ACTIVE);
    assert_orders(&above, (const char *const[]){NULL});
}

static void an_act_survives_and_is_done_once(void **state)
{
    struct act_done done;
    struct delivered counts;
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    assert_int_equal(act_as(of_resident("death"), "d-1", &done, NULL), 0);
    assert_true(done.is_new);
    assert_int_equal(done.resident.standing, STANDING_DEAD);
    assert_int_equal(done.revocation, REVOCATION_PENDING);
    reopen();
    assert_int_equal(act_as(of_resident("death"), "d-1", &done, NULL), 0);
    assert_false(done.is_new);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_int_equal(outbox_deliver(&f.counter, NULL, &counts, NULL), -ERR_REMOTE);
    /* The id is taken, for whatever else. */
    assert_int_equal(act_as(of_resident("abroad"), "d-1", &done, NULL), -ERR_CONFLICT);
    assert_int_equal(act_as(of_card("loss", "A-1"), "d-1", &done, NULL), -ERR_CONFLICT);
    assert_int_equal(try_act(of_resident("death")), -ERR_CONFLICT);
    assert_state("A-1", CARD_LAPSED);
    assert_int_equal(try_card("A-2", false), -ERR_CONFLICT);
}

static void an_act_that_cannot_be_ordered_is_not_half_done(void **state)
{
    struct resident now;
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    assert_int_equal(try_card("A-2", true), 0);
    issue("A-2", CERT_SIGN, (struct bytes){NULL, 0}, 0); /* still being issued */
    assert_int_equal(try_act(of_resident("death")), -ERR_CONFLICT);
    assert_state("A-1", CARD_ACTIVE);
    assert_int_equal(register_get_resident(f.store, f.resident, &now, NULL), 0);
    assert_int_equal(now.standing, STANDING_HERE);
    assert_orders(&above, (const char *const[]){NULL});
}

static void a_name_and_a_sex_end_the_sign_certificate_alone(void **state)
{
    struct act_entry name = of_resident("name");
    struct act_entry sex = of_resident("sex");
    struct resident now;
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    name.told.name = "番号　華子";
    do_act(name);
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    issue("A-1", CERT_SIGN, cert(PROFILE_OCSP_SIGN), 0);
    sex.told.sex = "unknown";
    do_act(sex);
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    assert_int_equal(register_get_resident(f.store, f.resident, &now, NULL), 0);
    assert_string_equal(now.name, "番号　華子");
    assert_string_equal(now.name_substitutes, "00000");
    assert_int_equal(now.sex, SEX_UNKNOWN);
    assert_state("A-1", CARD_ACTIVE);
}

/* What is held is not given back: it ends for good, and the card gets new certificates. */
static void a_lost_card_is_stopped_and_found_again_needs_new_certificates(void **state)
{
    const struct audit_origin by = by_clerk();
    CLEANUP(issuing_done) struct issuing issuing = {.by = &by};
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    set_time(DAY(2026, 12, 31), 3, 30, 0); /* at any hour of any day */
    do_act(of_card("loss", "A-1"));
    assert_state("A-1", CARD_SUSPENDED);
    ASSERT_ORDERS(&above, "sign certificateHold", "auth certificateHold");
    assert_int_equal(try_act(of_card("loss", "A-1")), -ERR_CONFLICT);
    assert_int_equal(try_act(of_card("pin-reset", "A-1")), -ERR_INPUT);
    assert_int_equal(try_act(of_card("revoke", "A-1")), -ERR_CONFLICT);
    assert_int_equal(counter_issue(&f.counter, "A-1", NULL, &issuing, NULL), -ERR_CONFLICT);
    do_act(of_card("found", "A-1"));
    assert_state("A-1", CARD_ACTIVE);
    ASSERT_ORDERS(&above, "sign superseded", "auth superseded");
    issue("A-1", CERT_SIGN, cert(PROFILE_OCSP_SIGN), 0);
    issue("A-1", CERT_AUTH, cert(PROFILE_OCSP_AUTH), 0);
}

static void a_lost_card_makes_way_for_another(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    do_act(of_card("loss", "A-1"));
    assert_int_equal(try_card("A-2", false), -ERR_CONFLICT); /* it still counts */
    do_act(of_card("reissue", "A-1"));
    assert_state("A-1", CARD_REPLACED);
    ASSERT_ORDERS(&above, "sign certificateHold", "auth certificateHold", "sign superseded",
                  "auth superseded");
    assert_int_equal(try_card("A-2", false), 0);
    assert_int_equal(try_card("A-3", false), -ERR_CONFLICT);
    hand_over("A-2", 0);
    assert_state("A-2", CARD_ACTIVE);
}

static void a_card_given_back_or_never_collected_ends_for_its_own_reason(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    assert_int_equal(try_act(of_card("destroy", "A-1")), -ERR_CONFLICT);
    do_act(of_card("return", "A-1"));
    assert_state("A-1", CARD_RETURNED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_int_equal(try_card("A-2", false), 0);
    issue("A-2", CERT_AUTH, cert(PROFILE_AUTH), 0);
    assert_int_equal(try_act(of_card("return", "A-2")), -ERR_CONFLICT);
    do_act(of_card("destroy", "A-2"));
    assert_state("A-2", CARD_DESTROYED);
    ASSERT_ORDERS(&above, "auth unspecified");
    assert_int_equal(try_card("A-3", false), 0);
}

static void a_holder_has_one_certificate_or_both_revoked(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    do_act(of_card("revoke-sign", "A-1"));
    ASSERT_ORDERS(&above, "sign cessationOfOperation");
    issue("A-1", CERT_SIGN, cert(PROFILE_OCSP_SIGN), 0);
    do_act(of_card("revoke", "A-1"));
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    issue("A-1", CERT_AUTH, cert(PROFILE_OCSP_AUTH), 0);
    do_act(of_card("leak", "A-1"));
    ASSERT_ORDERS(&above, "auth keyCompromise");
    assert_state("A-1", CARD_ACTIVE);
}

static void a_pin_set_anew_is_recorded_and_changes_nothing(void **state)
{
    struct act_entry entry = of_card("pin-reset", "A-1");
    struct act_done done;
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    entry.told.pin = "auth";
    assert_int_equal(act_as(entry, "p-1", &done, NULL), 0);
    assert_int_equal(done.revocation, REVOCATION_NONE);
    assert_int_equal(done.card.state, CARD_ACTIVE);
    assert_orders(&above, (const char *const[]){NULL});
    entry.told.pin = "sign";
    assert_int_equal(act_as(entry, "p-1", &done, NULL), -ERR_CONFLICT);
}

static void run_day(unsigned lapsed, unsigned expired, unsigned waiting)
{
    struct ended ended;

    assert_int_equal(daily_run(&f.counter, &ended, NULL), 0);
    assert_int_equal(ended.lapsed, lapsed);
    assert_int_equal(ended.expired, expired);
    assert_int_equal(ended.waiting, waiting);
}

/* From Chiyoda on 1 December. */
static void leave(void)
{
    struct act_entry entry = of_resident("move-out");

    entry.told.date = "2026-12-01";
    do_act(entry);
}

static struct act_entry arrival(const char *date)
{
    struct act_entry entry = of_resident("move-in");

    entry.told.date = date;
    entry.told.address = "兵庫県神戸市中央区見本町１番";
    entry.told.municipality = "28100";
    return entry;
}

static void who_does_not_arrive_within_thirty_days_loses_the_card(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    leave();
    assert_int_equal(try_act(of_card("keep", "A-1")), -ERR_CONFLICT);
    set_time(DAY(2026, 12, 31), 23, 59, 59);
    run_day(0, 0, 0);
    assert_state("A-1", CARD_ACTIVE);
    set_time(DAY(2027, 1, 1), 0, 0, 0);
    run_day(1, 0, 0);
    run_day(0, 0, 0); /* once */
    assert_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    do_act(arrival("2027-01-01")); /* the person is welcome all the same */
    assert_state("A-1", CARD_LAPSED);
    assert_int_equal(try_card("A-2", false), 0);
}

static void who_notifies_moving_in_after_fourteen_days_loses_the_card(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    leave();
    set_day(DAY(2026, 12, 16));
    do_act(arrival("2026-12-01"));
    assert_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
}

static void who_does_not_bring_the_card_within_ninety_days_loses_it(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    leave();
    set_day(DAY(2026, 12, 2));
    do_act(arrival("2026-12-01"));
    ASSERT_ORDERS(&above, "sign affiliationChanged");
    set_time(DAY(2027, 3, 2), 23, 59, 59);
    run_day(0, 0, 0);
    set_time(DAY(2027, 3, 3), 0, 0, 0);
    assert_int_equal(try_act(of_card("keep", "A-1")), -ERR_CONFLICT);
    run_day(1, 0, 0);
    assert_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "auth cessationOfOperation");
}

static void a_card_that_was_brought_stays(void **state)
{
    struct card card;

    (void)state;
    give_card("A-1");
    leave();
    set_day(DAY(2026, 12, 2));
    do_act(arrival("2026-12-01"));
    set_day(DAY(2027, 3, 2));
    do_act(of_card("keep", "A-1"));
    set_day(DAY(2027, 12, 1));
    run_day(0, 0, 0);
    assert_int_equal(register_get_card(f.store, "A-1", &card, NULL), 0);
    assert_int_equal(card.state, CARD_ACTIVE);
    assert_int_equal(card.lapses_after.year, 0);
    assert_int_equal(try_act(of_card("keep", "A-1")), -ERR_CONFLICT);
}

static void a_card_that_has_to_wait_lapses_later(void **state)
{
    (void)state;
    give_card("A-1");
    do_act(of_card("revoke-sign", "A-1"));
    issue("A-1", CERT_SIGN, (struct bytes){NULL, 0}, 0);
    leave();
    set_day(DAY(2027, 1, 1));
    run_day(0, 0, 1);
    assert_state("A-1", CARD_ACTIVE);
}

static void who_comes_back_from_abroad_gets_another_card(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    do_act(of_resident("abroad"));
    assert_state("A-1", CARD_LAPSED);
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_int_equal(try_card("A-2", false), -ERR_CONFLICT);
    set_day(DAY(2028, 5, 2));
    do_act(arrival("2028-05-01"));
    assert_state("A-1", CARD_LAPSED);
    assert_int_equal(try_card("A-2", false), 0);
}

static void a_card_expires_at_midnight_in_japan(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1"); /* the tenth birthday after 23 November 2026 */
    set_time(DAY(2036, 4, 15), 23, 59, 59);
    run_day(0, 0, 0);
    set_time(DAY(2036, 4, 16), 0, 0, 0);
    run_day(0, 1, 0);
    assert_state("A-1", CARD_EXPIRED);
    assert_orders(&above, (const char *const[]){NULL}); /* the certificates ended with it */
    assert_int_equal(try_card("A-2", false), 0);
}

static void a_foreign_residents_card_ends_with_the_stay(void **state)
{
    struct act_entry stay = of_resident("stay");
    struct card card;

    (void)state;
    add_resident(DAY(1990, 4, 15), DAY(2028, 3, 31));
    give_card("A-1");
    assert_int_equal(register_get_card(f.store, "A-1", &card, NULL), 0);
    assert_int_equal(caldate_compare(card.expires_on, DAY(2028, 3, 31)), 0);
    set_day(DAY(2028, 3, 31));
    run_day(0, 0, 0);
    stay.told.stay_until = "2030-03-31";
    do_act(stay);
    set_day(DAY(2030, 3, 31));
    run_day(0, 0, 0);
    set_day(DAY(2030, 4, 1));
    run_day(0, 1, 0);
    assert_state("A-1", CARD_EXPIRED);
    assert_int_equal(try_card("A-2", false), -ERR_CONFLICT); /* may not stay */
}

/* Whether the next card may be made on a day, beside one that ends on 15 April 2036. */
static void assert_next(struct caldate day, int rc)
{
    set_day(day);
    assert_int_equal(try_card("A-2", false), rc);
}

static void the_next_card_is_made_from_three_months_before_and_replaces_the_old_one(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1");
    assert_next(DAY(2036, 1, 14), -ERR_CONFLICT);
    assert_next(DAY(2036, 1, 15), 0);
    assert_state("A-1", CARD_ACTIVE); /* until the other one is handed over */
    hand_over("A-2", 0);
    assert_state("A-1", CARD_REPLACED);
    assert_state("A-2", CARD_ACTIVE);
    ASSERT_ORDERS(&above, "sign superseded", "auth superseded");
}

static void the_next_kind_of_card_is_made_from_a_year_before(void **state)
{
    (void)state;
    f.counter.generation = CARDS_OF_NEXT;
    give_card("A-1");
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
    give_card("A-1");
    set_day(DAY(2027, 1, 1));
    assert_int_equal(act_as(of_card("loss", "A-1"), "loss-1", &done, NULL), 0);
    do_act(of_card("found", "A-1"));
    do_act(of_card("return", "A-1"));
    for (; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(register_get_card_step(f.store, "A-1", i, &step, NULL), 0);
        assert_int_equal(step.state, expected[i]);
        if (step.state == CARD_SUSPENDED) {
            assert_string_equal(step.act, "loss-1");
            assert_int_equal(step.at, clock_now(&f.clock));
        }
    }
    assert_int_equal(register_get_card_step(f.store, "A-1", i, &step, NULL), -ERR_ABSENT);
}

/* A request for a certificate of the key of that kind. */
static void make_request(enum profile_kind of, struct buf *ret)
{
    static const struct name_row subject[] = {{OID_COMMON_NAME, DER_UTF8_STRING, "card"}};
    const struct privkey *key = pki.keys[of];
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(name_build(subject, 1, &name, NULL), 0);
    assert_int_equal(csr_build_info(buf_bytes(&name), test_pki_spki(&pki, of), &info, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&info), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(csr_assemble(buf_bytes(&info), KEY_RSA, buf_bytes(&signature), ret, NULL), 0);
}

/* Ask for both certificates, or for an auth one alone; the authority does not answer. */
static int ask(const char *serial, bool with_sign)
{
    const struct audit_origin by = by_clerk();
    CLEANUP(buf_done) struct buf sign = BUF_INIT;
    CLEANUP(buf_done) struct buf auth = BUF_INIT;
    CLEANUP(issuing_done) struct issuing issuing = {.by = &by};

    make_request(PROFILE_AUTH, &auth);
    issuing.requests[CERT_AUTH] = buf_bytes(&auth);
    if (with_sign) {
        make_request(PROFILE_SIGN, &sign);
        issuing.requests[CERT_SIGN] = buf_bytes(&sign);
    }
    return counter_issue(&f.counter, serial, NULL, &issuing, NULL);
}

/* The end that an auth certificate was asked for with. */
static void assert_asked_end(const char *serial, struct caldate expected)
{
    const struct audit_origin by = by_clerk();
    CLEANUP(issue_done) struct issue issue = {.kind = CERT_AUTH};

    (void)snprintf(issue.card, sizeof issue.card, "%s", serial);
    make_request(PROFILE_AUTH, &issue.request);
    assert_int_equal(register_begin_issue(f.store, &issue, &by, NULL), 0);
    assert_int_equal(issue.not_after, day_end(expected));
}

static void who_is_under_fifteen_gets_no_sign_certificate(void **state)
{
    (void)state;
    add_resident(DAY(2011, 11, 24), DAY(0, 0, 0));
    assert_int_equal(try_card("A-1", false), 0);
    set_time(DAY(2026, 11, 23), 23, 59, 59);
    assert_int_equal(ask("A-1", true), -ERR_DENIED);
    set_time(DAY(2026, 11, 24), 0, 0, 0);
    assert_int_equal(ask("A-1", true), -ERR_REMOTE);
}

static void a_certificate_ends_with_the_fifth_birthday(void **state)
{
    (void)state;
    add_resident(DAY(1990, 4, 15), DAY(0, 0, 0));
    assert_int_equal(try_card("A-1", false), 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2031, 4, 15));
}

static void born_on_29_february_it_ends_on_the_28th(void **state)
{
    (void)state;
    add_resident(DAY(2000, 2, 29), DAY(0, 0, 0));
    assert_int_equal(try_card("A-1", false), 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2031, 2, 28));
}

static void a_certificate_ends_with_the_stay(void **state)
{
    (void)state;
    add_resident(DAY(1990, 4, 15), DAY(2028, 3, 31));
    assert_int_equal(try_card("A-1", false), 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2028, 3, 31));
}

static void a_renewed_certificate_ends_with_the_sixth_birthday(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card("A-1"); /* certificates until 15 April 2031 */
    set_day(DAY(2031, 1, 14));
    assert_int_equal(try_act(of_card("renew", "A-1")), -ERR_CONFLICT);
    set_day(DAY(2031, 1, 15));
    do_act(of_card("renew", "A-1"));
    ASSERT_ORDERS(&above, "sign superseded", "auth superseded");
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2036, 4, 15));
}

static void certificates_ended_for_another_reason_get_no_sixth_birthday(void **state)
{
    (void)state;
    give_card("A-1");
    set_day(DAY(2031, 1, 15));
    do_act(of_card("revoke", "A-1"));
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2035, 4, 15));
}

static bool is_in(const char *const *values, const char *name)
{
    while (*values != NULL && strcmp(*values, name) != 0)
        values++;
    return *values != NULL;
}

/* What the route takes as "act". */
static const char *const *values_of(const char *path)
{
    const struct route *row = register_act_routes;

    while (strcmp(row->path, path) != 0)
        row++;
    for (const struct http_member *member = row->body; member->name != NULL; member++)
        if (strcmp(member->name, "act") == 0)
            return member->values;
    fail_msg("%s takes no act", path);
    return NULL;
}

static void the_routes_name_all_acts_and_no_others(void **state)
{
    const char *const *of_residents = values_of("/v1/residents/:id/acts");
    const char *const *of_cards = values_of("/v1/cards/:id/acts");
    const struct life_act *found;

    (void)state;
    for (const struct life_act *act = life_acts; act->name != NULL; act++) {
        assert_int_equal(is_in(of_residents, act->name), !act->is_of_card && !act->is_own);
        assert_int_equal(is_in(of_cards, act->name), act->is_of_card && !act->is_own);
    }
    for (; *of_residents != NULL; of_residents++)
        assert_int_equal(life_act_find(*of_residents, false, &found, NULL), 0);
    for (; *of_cards != NULL; of_cards++)
        assert_int_equal(life_act_find(*of_cards, true, &found, NULL), 0);
}

#define EACH(test)    cmocka_unit_test_setup_teardown(test, set_up_hanako, tear_down)
#define WITHOUT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(acts_told_wrongly_are_refused_and_change_nothing),
        EACH(an_act_survives_and_is_done_once),
        EACH(an_act_that_cannot_be_ordered_is_not_half_done),
        EACH(a_name_and_a_sex_end_the_sign_certificate_alone),
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
        EACH(the_next_card_is_made_from_three_months_before_and_replaces_the_old_one),
        EACH(the_next_kind_of_card_is_made_from_a_year_before),
        EACH(a_card_has_a_history),
        WITHOUT(who_is_under_fifteen_gets_no_sign_certificate),
        WITHOUT(a_certificate_ends_with_the_fifth_birthday),
        WITHOUT(born_on_29_february_it_ends_on_the_28th),
        WITHOUT(a_certificate_ends_with_the_stay),
        EACH(a_renewed_certificate_ends_with_the_sixth_birthday),
        EACH(certificates_ended_for_another_reason_get_no_sixth_birthday),
        cmocka_unit_test(the_routes_name_all_acts_and_no_others),
    };

    return cmocka_run_group_tests(tests, make_pki, release_pki);
}
