/* SPDX-License-Identifier: Apache-2.0 */
/* Renewal: the new certificates are there before the old ones end, whatever comes in between. */
#include "db/db.h"
#include "register/lifecycle.h"
#include "register/schema.h"
#include "support/register_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define END   day_end(DAY(2031, 4, 15)) /* of the certificates of site_give_card() */
#define LATER day_end(DAY(2036, 4, 15))
#define OPENS DAY(2031, 1, 15)

/* Ask for another certificate: what a counter does, with a key that nobody has seen. */
static int try_issue(enum cert_kind kind, const char *request, struct bytes certificate)
{
    const struct audit_origin by = site_clerk();
    CLEANUP(issue_done) struct issue issue = {.kind = kind, .not_after = LATER, .card = "A-1"};

    assert_int_equal(buf_append_text(&issue.request, request, NULL), 0);
    TRY(register_begin_issue(site.store, &issue, NULL, &by, NULL));
    if (certificate.len == 0 || issue.certificate.len > 0)
        return 0;
    assert_int_equal(buf_copy(certificate, &issue.certificate, NULL), 0);
    assert_int_equal(buf_copy(bytes_text("ca"), &issue.ca_certificate, NULL), 0);
    return register_finish_issue(site.store, &issue, &by, NULL);
}

/* Of phones, because no two certificates here may have one number. */
static void renew(enum cert_kind kind)
{
    assert_int_equal(
        try_issue(kind, kind == CERT_SIGN ? "new sign" : "new auth",
                  site_cert(kind == CERT_SIGN ? PROFILE_PHONE_SIGN : PROFILE_PHONE_AUTH)),
        0);
}

static void assert_standing(enum cert_kind kind, const char *expected)
{
    enum cert_standing standings[CERT_KINDS_];

    assert_int_equal(
        register_get_certificates(site.store, "A-1", site.clock.fixed, standings, NULL), 0);
    assert_string_equal(cert_standing_names[standings[kind]], expected);
}

static void give_card_and_wait(struct caldate until)
{
    site_give_card("A-1");
    site_set_day(until);
}

static void before_the_window_another_key_gets_no_certificate(void **state)
{
    (void)state;
    give_card_and_wait(DAY(2031, 1, 14));
    assert_standing(CERT_AUTH, "issued");
    assert_int_equal(try_issue(CERT_AUTH, "new auth", bytes_of(NULL, 0)), -ERR_CONFLICT);
    site_set_day(OPENS);
    assert_int_equal(try_issue(CERT_AUTH, "new auth", bytes_of(NULL, 0)), 0);
}

static void nothing_is_renewed_before_the_new_one_was_issued(void **state)
{
    (void)state;
    give_card_and_wait(OPENS);
    assert_int_equal(site_try_act(act_of_card("renew", "A-1")), -ERR_CONFLICT);
    assert_int_equal(try_issue(CERT_AUTH, "new auth", bytes_of(NULL, 0)), 0);
    /* Asked for, and not answered: the old one is all there is. */
    assert_int_equal(site_try_act(act_of_card("renew", "A-1")), -ERR_CONFLICT);
    assert_standing(CERT_AUTH, "renewing");
    assert_standing(CERT_SIGN, "due");
}

static void one_renewal_waits_at_a_time(void **state)
{
    (void)state;
    give_card_and_wait(OPENS);
    renew(CERT_AUTH);
    renew(CERT_AUTH); /* the same request once more is the same */
    assert_standing(CERT_AUTH, "renewing");
    assert_int_equal(try_issue(CERT_AUTH, "a third", bytes_of(NULL, 0)), -ERR_CONFLICT);
}

static void the_old_ones_end_when_the_new_ones_count(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card_and_wait(OPENS);
    renew(CERT_SIGN);
    renew(CERT_AUTH);
    site_act(act_of_card("renew", "A-1"));
    ASSERT_ORDERS(&above, "sign superseded", "auth superseded");
    assert_standing(CERT_SIGN, "issued");
    assert_standing(CERT_AUTH, "issued");
    /* They count: they end with what happens next, and are not renewed again. */
    assert_int_equal(site_try_act(act_of_card("renew", "A-1")), -ERR_CONFLICT);
    assert_int_equal(try_issue(CERT_AUTH, "a third", bytes_of(NULL, 0)), -ERR_CONFLICT);
    site_act(act_of_card("revoke", "A-1"));
    ASSERT_ORDERS(&above, "sign cessationOfOperation", "auth cessationOfOperation");
    assert_standing(CERT_AUTH, "none");
}

static void one_kind_is_renewed_alone(void **state)
{
    int64_t above = 0;

    (void)state;
    give_card_and_wait(OPENS);
    renew(CERT_AUTH);
    site_act(act_of_card("renew", "A-1"));
    ASSERT_ORDERS(&above, "auth superseded");
    assert_standing(CERT_SIGN, "due");
    renew(CERT_SIGN);
    site_act(act_of_card("renew", "A-1"));
    ASSERT_ORDERS(&above, "sign superseded");
}

/* What happens while new certificates wait ends them as it ends the old ones. */
static void an_act_in_between_ends_what_waits_as_well(void **state)
{
    static const struct {
        const char *act;
        bool is_of_card;
        const char *orders[5];
    } rows[] = {
        {"death",
         false,
         {"sign cessationOfOperation", "sign cessationOfOperation", "auth cessationOfOperation",
          "auth cessationOfOperation", NULL}},
        {"loss",
         true,
         {"sign certificateHold", "sign certificateHold", "auth certificateHold",
          "auth certificateHold", NULL}},
        {"leak",
         true,
         {"sign keyCompromise", "sign keyCompromise", "auth keyCompromise", "auth keyCompromise",
          NULL}},
        {"revoke-sign", true, {"sign cessationOfOperation", "sign cessationOfOperation", NULL}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t above = 0;

        if (i > 0) {
            assert_int_equal(site_tear_down(state), 0);
            assert_int_equal(site_set_up_hanako(state), 0);
        }
        give_card_and_wait(OPENS);
        renew(CERT_SIGN);
        renew(CERT_AUTH);
        site_act(rows[i].is_of_card ? act_of_card(rows[i].act, "A-1")
                                    : act_of_resident(rows[i].act));
        assert_orders(&above, rows[i].orders);
    }
    assert_standing(CERT_SIGN, "none");
    assert_standing(CERT_AUTH, "renewing"); /* and goes on where it was */
    site_act(act_of_card("renew", "A-1"));
    assert_standing(CERT_AUTH, "issued");
}

static void what_is_asked_for_and_not_answered_makes_an_act_wait(void **state)
{
    (void)state;
    give_card_and_wait(OPENS);
    assert_int_equal(try_issue(CERT_AUTH, "new auth", bytes_of(NULL, 0)), 0);
    assert_int_equal(site_try_act(act_of_resident("death")), -ERR_CONFLICT);
    renew(CERT_AUTH);
    site_act(act_of_resident("death"));
    assert_standing(CERT_AUTH, "none");
}

/* A database as the version before left it, with a certificate and one that is being issued. */
static void a_database_of_before_renewals_is_taken_over(void **state)
{
    static const char *const rows[] = {
        "INSERT INTO resident (id, name, name_substitutes, address, address_substitutes, birth, "
        "sex,"
        " municipality, registered_at, subject) VALUES ('r', 'n', '0', 'a', '0', '1990-04-15', 2,"
        " '13101', 1, '0123456789abcdef0123456789abcdef')",
        "INSERT INTO card VALUES ('A-1', 'r', 'active', '0123', '13101003A', 5, '2036-04-15', NULL,"
        " 6, 0)",
        "INSERT INTO issue (request_id, card, kind, request, requested_at, not_after, certificate,"
        " ca_certificate) VALUES ('i', 'A-1', 'auth', x'00', 1, 2, x'01', x'02')",
        "INSERT INTO issue (request_id, card, kind, request, requested_at, not_after)"
        " VALUES ('j', 'A-1', 'sign', x'00', 1, 2)",
    };
    const char *before[32] = {NULL};
    const struct db_schema old = {register_schema.name, before};
    char path[TEMPDIR_FILE_SIZE];
    struct db *db;

    (void)state;
    for (size_t i = 0; strstr(register_schema.migrations[i], "is_next") == NULL; i++)
        before[i] = register_schema.migrations[i];
    (void)tempdir_file(&site.dir, "old.db", path);
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn, rows[i], DB_NOTHING, NULL), 0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    db_close(db);
    register_store_closep(&site.store);
    assert_int_equal(register_store_open(path, &site.store, NULL), 0);
    site.counter.store = site.store;
    assert_standing(CERT_AUTH, "due"); /* it ended long ago */
    assert_standing(CERT_SIGN, "asked");
    renew(CERT_AUTH);
    assert_standing(CERT_AUTH, "renewing");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, site_set_up_hanako, site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(before_the_window_another_key_gets_no_certificate),
        EACH(nothing_is_renewed_before_the_new_one_was_issued),
        EACH(one_renewal_waits_at_a_time),
        EACH(the_old_ones_end_when_the_new_ones_count),
        EACH(one_kind_is_renewed_alone),
        EACH(an_act_in_between_ends_what_waits_as_well),
        EACH(what_is_asked_for_and_not_answered_makes_an_act_wait),
        EACH(a_database_of_before_renewals_is_taken_over),
    };

    return cmocka_run_group_tests(tests, site_make_pki, site_release_pki);
}
