/* SPDX-License-Identifier: Apache-2.0 */
/* Moves, and orders to revoke that outlive an authority that is not there. */
#include "register/act.h"
#include "register/outbox.h"

#include "support/pki.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = TEST_PKI_NOW };

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    char authority[TEMPDIR_FILE_SIZE]; /* nobody listens there */
    struct register_store *store;
    struct clock clock;
    struct counter counter;
    char resident[RESIDENT_ID_LEN + 1];
};

static struct fixture f;
static struct test_pki pki;
static struct municipalities *list;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

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

static int set_up(void **state)
{
    struct resident hanako = {.name = "番号　花子",
                              .address = "東京都千代田区見本町一丁目２番３号",
                              .birth = {1990, 4, 15},
                              .sex = SEX_FEMALE,
                              .municipality = "13101"};
    struct card card;
    bool is_new;

    (void)state;
    f = (struct fixture){.dir = tempdir_make(), .clock = clock_fixed(NOW)};
    tempdir_file(&f.dir, "r.db", f.path);
    tempdir_file(&f.dir, "a.sock", f.authority);
    f.counter = (struct counter){.municipalities = list,
                                 .clock = &f.clock,
                                 .authority = f.authority,
                                 .window = "003A",
                                 .rule = MYNUMBER_TEST};
    open_store();
    assert_int_equal(counter_add_resident(&f.counter, &hanako,
                                          &(struct number_texts){"123456789018", NULL}, &by,
                                          &is_new, NULL),
                     0);
    memcpy(f.resident, hanako.id, sizeof f.resident);
    assert_int_equal(counter_add_card(&f.counter, &(struct card_entry){f.resident, "A-1", &by},
                                      &card, &is_new, NULL),
                     0);
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
static void issue_for(const char *card, enum cert_kind kind, struct bytes certificate)
{
    struct issue issue = {.kind = kind, .not_after = NOW + 365LL * 86400};

    (void)snprintf(issue.card, sizeof issue.card, "%s", card);
    assert_int_equal(buf_copy(certificate, &issue.request, NULL), 0);
    if (certificate.len == 0)
        assert_int_equal(buf_copy(bytes_text("request"), &issue.request, NULL), 0);
    assert_int_equal(register_begin_issue(f.store, &issue, NULL, &by, NULL), 0);
    if (certificate.len > 0) {
        assert_int_equal(buf_copy(certificate, &issue.certificate, NULL), 0);
        assert_int_equal(buf_copy(bytes_text("ca"), &issue.ca_certificate, NULL), 0);
        assert_int_equal(register_finish_issue(f.store, &issue, &by, NULL), 0);
    }
    issue_done(&issue);
}

static void issue(enum cert_kind kind, struct bytes certificate)
{
    issue_for("A-1", kind, certificate);
}

static struct bytes cert(enum profile_kind kind)
{
    return x509_cert_der(pki.certs[kind]);
}

static const struct act_entry to_kobe = {
    .request_id = "m-1",
    .act = "move",
    .told = {.address = "兵庫県神戸市中央区見本町１番", .municipality = "28100"}};

static int move(struct act_entry entry, enum revocation_state *state, struct err *err)
{
    struct act_done done;

    entry.by = &by;
    if (entry.resident == NULL)
        entry.resident = f.resident;
    TRY(counter_act(&f.counter, &entry, NULL, &done, err));
    assert_string_equal(done.resident.address, entry.told.address);
    assert_string_equal(done.resident.municipality, entry.told.municipality);
    *state = done.revocation;
    return 0;
}

static int try_move(struct act_entry entry)
{
    enum revocation_state state;

    return move(entry, &state, NULL);
}

static void moves_with_a_fault_are_refused_and_change_nothing(void **state)
{
    struct act_entry entry = to_kobe;
    char id[ACT_ID_MAX + 2];
    struct resident now;

    (void)state;
    entry.resident = "00000000000000000000000000000000";
    assert_int_equal(try_move(entry), -ERR_ABSENT);
    entry = to_kobe;
    entry.told.municipality = "28101";
    assert_int_equal(try_move(entry), -ERR_INPUT);
    entry.told.municipality = "13101"; /* and an address in Hyogo */
    assert_int_equal(try_move(entry), -ERR_INPUT);
    entry = to_kobe;
    entry.told.address = "";
    assert_int_equal(try_move(entry), -ERR_INPUT);
    entry = to_kobe;
    entry.told.address_substitutes = "0";
    assert_int_equal(try_move(entry), -ERR_INPUT);
    entry = to_kobe;
    entry.request_id = "";
    assert_int_equal(try_move(entry), -ERR_INPUT);
    entry.request_id = "a b";
    assert_int_equal(try_move(entry), -ERR_INPUT);
    memset(id, 'm', sizeof id);
    id[ACT_ID_MAX + 1] = '\0';
    entry.request_id = id;
    assert_int_equal(try_move(entry), -ERR_INPUT);
    entry = to_kobe;
    entry.told.address = "東京都千代田区見本町一丁目２番３号";
    entry.told.municipality = "13101";
    assert_int_equal(try_move(entry), -ERR_CONFLICT); /* lives there already */
    assert_int_equal(register_get_resident(f.store, f.resident, &now, NULL), 0);
    assert_string_equal(now.municipality, "13101");
    id[ACT_ID_MAX] = '\0';
    entry = to_kobe;
    entry.request_id = id;
    assert_int_equal(try_move(entry), 0);
}

static void nobody_moves_while_a_sign_certificate_is_being_issued(void **state)
{
    struct err err = {0};
    enum revocation_state revocation;

    (void)state;
    issue(CERT_SIGN, (struct bytes){NULL, 0});
    assert_int_equal(move(to_kobe, &revocation, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "being issued"));
}

/* The certificate would say what is no longer true, and nothing would end it. */
static void no_certificate_is_asked_for_as_it_was_before_a_move(void **state)
{
    struct issue issue = {.kind = CERT_SIGN, .card = "A-1", .not_after = NOW + 365LL * 86400};
    struct act_entry death = {.request_id = "d-1", .act = "death", .by = &by};
    struct resident resident;
    struct card card;
    const struct issue_basis basis = {&card, &resident};
    struct act_done done;

    (void)state;
    death.resident = f.resident;
    assert_int_equal(buf_copy(bytes_text("request"), &issue.request, NULL), 0);
    assert_int_equal(register_get_card(f.store, "A-1", &card, NULL), 0);
    assert_int_equal(register_get_resident(f.store, f.resident, &resident, NULL), 0);
    assert_int_equal(try_move(to_kobe), 0);
    assert_int_equal(register_begin_issue(f.store, &issue, &basis, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(register_get_resident(f.store, f.resident, &resident, NULL), 0);
    assert_int_equal(counter_act(&f.counter, &death, NULL, &done, NULL), 0);
    assert_int_equal(register_begin_issue(f.store, &issue, &basis, &by, NULL), -ERR_CONFLICT);
    issue_done(&issue);
}

/* The same once more, unanswered yet: what stands is what it is asked for with. */
static void no_certificate_is_asked_for_again_as_it_was_before_a_move(void **state)
{
    struct issue issue = {.kind = CERT_SIGN, .card = "A-1", .not_after = NOW + 365LL * 86400};
    struct resident before, after;
    struct card card;
    const struct issue_basis stale = {&card, &before}, basis = {&card, &after};

    (void)state;
    assert_int_equal(buf_copy(bytes_text("request"), &issue.request, NULL), 0);
    assert_int_equal(register_get_card(f.store, "A-1", &card, NULL), 0);
    assert_int_equal(register_get_resident(f.store, f.resident, &before, NULL), 0);
    assert_int_equal(try_move(to_kobe), 0);
    assert_int_equal(register_get_resident(f.store, f.resident, &after, NULL), 0);
    assert_int_equal(register_begin_issue(f.store, &issue, &basis, &by, NULL), 0);
    assert_int_equal(register_begin_issue(f.store, &issue, &stale, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(register_begin_issue(f.store, &issue, &basis, &by, NULL), 0);
    issue_done(&issue);
}

static void without_a_sign_certificate_there_is_nothing_to_revoke(void **state)
{
    struct revocation_order order;
    enum revocation_state revocation;

    (void)state;
    issue(CERT_AUTH, cert(PROFILE_AUTH));
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_NONE);
    assert_int_equal(register_next_revocation(f.store, 0, &order, NULL), -ERR_ABSENT);
    assert_int_equal(register_check_replaceable(f.store, "A-1", NOW, NULL), -ERR_INPUT);
}

static void a_move_and_its_order_survive_and_are_made_once(void **state)
{
    struct act_entry other = to_kobe;
    struct revocation_order order;
    struct delivered counts;
    enum revocation_state revocation;

    (void)state;
    issue(CERT_SIGN, cert(PROFILE_SIGN));
    issue(CERT_AUTH, cert(PROFILE_AUTH));
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_PENDING);
    register_store_closep(&f.store);
    open_store();
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_PENDING);
    other.told.address = "兵庫県神戸市中央区見本町２番";
    assert_int_equal(try_move(other), -ERR_CONFLICT);
    assert_int_equal(outbox_deliver(&f.counter, NULL, &counts, NULL), -ERR_REMOTE);
    assert_int_equal(register_next_revocation(f.store, 0, &order, NULL), 0);
    assert_string_equal(order.kind, "sign");
    assert_string_equal(order.reason, "affiliationChanged");
    assert_int_equal(order.serial, 2);
    assert_int_equal(register_next_revocation(f.store, order.id, &order, NULL), -ERR_ABSENT);
    /* The next move has no certificate left to revoke. */
    other.request_id = "m-2";
    assert_int_equal(move(other, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_NONE);
}

static void add_further_card(int rc)
{
    const struct card_entry entry = {
        .resident = f.resident, .serial = "A-2", .by = &by, .is_further = true};
    struct card card;
    bool is_new;

    assert_int_equal(counter_add_card(&f.counter, &entry, &card, &is_new, NULL), rc);
}

static void who_has_a_real_number_has_no_further_card(void **state)
{
    (void)state;
    f.counter.rule = MYNUMBER_LAW;
    add_further_card(-ERR_DENIED);
    f.counter.rule = MYNUMBER_TEST;
    add_further_card(0);
}

/* The certificate on the further card says the old address, too. */
static void a_move_revokes_what_is_on_each_card(void **state)
{
    struct revocation_order first;
    struct revocation_order second;
    enum revocation_state revocation;

    (void)state;
    add_further_card(0);
    issue(CERT_SIGN, cert(PROFILE_SIGN));
    issue_for("A-2", CERT_SIGN, cert(PROFILE_AUTH)); /* its serial number is another */
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(register_next_revocation(f.store, 0, &first, NULL), 0);
    assert_int_equal(register_next_revocation(f.store, first.id, &second, NULL), 0);
    assert_int_not_equal(first.serial, second.serial);
    assert_string_equal(second.act, first.act);
    assert_int_equal(register_settle_revocation(f.store, &first, REVOCATION_DONE, &by, NULL), 0);
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_PENDING); /* the second is behind */
    assert_int_equal(register_settle_revocation(f.store, &second, REVOCATION_REFUSED, &by, NULL),
                     0);
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_REFUSED);
}

static void a_settled_order_stays_as_it_is(void **state)
{
    struct revocation_order order;
    enum revocation_state revocation;

    (void)state;
    issue(CERT_SIGN, cert(PROFILE_SIGN));
    assert_int_equal(try_move(to_kobe), 0);
    assert_int_equal(register_next_revocation(f.store, 0, &order, NULL), 0);
    assert_int_equal(register_settle_revocation(f.store, &order, REVOCATION_DONE, &by, NULL), 0);
    assert_int_equal(register_settle_revocation(f.store, &order, REVOCATION_REFUSED, &by, NULL), 0);
    assert_int_equal(register_next_revocation(f.store, 0, &order, NULL), -ERR_ABSENT);
    assert_int_equal(move(to_kobe, &revocation, NULL), 0);
    assert_int_equal(revocation, REVOCATION_DONE);
    assert_string_equal(revocation_state_name(revocation), "done");
}

static void a_sign_certificate_alone_is_only_for_cards_that_lost_theirs(void **state)
{
    (void)state;
    assert_int_equal(register_check_replaceable(f.store, "A-1", NOW, NULL), -ERR_INPUT);
    issue(CERT_SIGN, cert(PROFILE_SIGN));
    issue(CERT_AUTH, cert(PROFILE_AUTH));
    assert_int_equal(register_check_replaceable(f.store, "A-1", NOW, NULL), -ERR_INPUT);
    assert_int_equal(try_move(to_kobe), 0);
    assert_int_equal(register_check_replaceable(f.store, "A-1", NOW, NULL), 0);
    assert_int_equal(register_check_replaceable(f.store, "A-2", NOW, NULL), -ERR_INPUT);
    /* The new request is another one than that of the certificate that was revoked. */
    issue(CERT_SIGN, cert(PROFILE_OCSP_SIGN));
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(moves_with_a_fault_are_refused_and_change_nothing),
        WITH_STORE(nobody_moves_while_a_sign_certificate_is_being_issued),
        WITH_STORE(no_certificate_is_asked_for_as_it_was_before_a_move),
        WITH_STORE(no_certificate_is_asked_for_again_as_it_was_before_a_move),
        WITH_STORE(without_a_sign_certificate_there_is_nothing_to_revoke),
        WITH_STORE(a_move_and_its_order_survive_and_are_made_once),
        WITH_STORE(who_has_a_real_number_has_no_further_card),
        WITH_STORE(a_move_revokes_what_is_on_each_card),
        WITH_STORE(a_settled_order_stays_as_it_is),
        WITH_STORE(a_sign_certificate_alone_is_only_for_cards_that_lost_theirs),
    };

    return cmocka_run_group_tests(tests, make_pki, release_pki);
}
