/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of register/store.h, whatever is behind it. */

#include "register/clerk_store.h"
#include "register/schema.h"
#include "register/store_sqlite.h"

#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1795424894 };

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct register_store *store;
};

static struct fixture fixture;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static int set_up(void **state)
{
    (void)state;
    fixture.dir = tempdir_make();
    tempdir_file(&fixture.dir, "r.db", fixture.path);
    return register_store_open(fixture.path, &fixture.store, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    register_store_closep(&fixture.store);
    tempdir_done(&fixture.dir);
    return 0;
}

static void reopen(void)
{
    register_store_closep(&fixture.store);
    assert_int_equal(register_store_open(fixture.path, &fixture.store, NULL), 0);
}

static struct resident hanako(void)
{
    return (struct resident){.name = "番号　花子",
                             .name_substitutes = "00000",
                             .address = "東京都千代田区",
                             .address_substitutes = "0000000",
                             .birth = {1990, 4, 15},
                             .sex = SEX_FEMALE,
                             .municipality = "13101"};
}

/* With a resident code, or NULL. */
static int add_with_code(struct resident *resident, const char *digits, const char *code,
                         bool *is_new, struct err *err)
{
    CLEANUP(resident_numbers_done) struct resident_numbers numbers = RESIDENT_NUMBERS_INIT;

    assert_int_equal(mynumber_parse(digits, MYNUMBER_TEST, &numbers.number, NULL), 0);
    assert_int_equal(resident_code_parse(code, MYNUMBER_TEST, &numbers.code, NULL), 0);
    return register_add_resident(fixture.store, resident, &numbers, &by, is_new, err);
}

static int add(struct resident *resident, const char *digits, bool *is_new, struct err *err)
{
    return add_with_code(resident, digits, NULL, is_new, err);
}

/* Hanako with the published dummy number, and a card. */
static struct card card_of_hanako(const char *serial)
{
    struct resident r = hanako();
    struct card card = {.state = CARD_STOCK,
                        .security_code = "0123",
                        .window_id = "13101003A",
                        .issued_at = NOW,
                        .expires_on = {2036, 4, 15}};
    bool is_new;

    assert_int_equal(add(&r, "123456789018", &is_new, NULL), 0);
    (void)snprintf(card.serial, sizeof card.serial, "%s", serial);
    memcpy(card.resident, r.id, sizeof card.resident);
    assert_int_equal(register_add_card(fixture.store, &card, false, &by, &is_new, NULL), 0);
    return card;
}

static void what_is_not_there_is_absent(void **state)
{
    struct resident r;
    struct card card;
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    struct mynumber_use use = {
        .purpose = MYNUMBER_FOR_CARD, .actor = "uid 0", .is_identified = true, .at = NOW};

    (void)state;
    assert_int_equal(register_get_resident(fixture.store, "x", &r, NULL), -ERR_ABSENT);
    assert_int_equal(register_get_card(fixture.store, "x", &card, NULL), -ERR_ABSENT);
    assert_int_equal(register_activate_card(fixture.store, "x", &by, NULL), -ERR_ABSENT);
    assert_int_equal(register_read_mynumber(fixture.store, "x", &use, &number, NULL), -ERR_ABSENT);
    assert_int_equal(register_store_ping(fixture.store, NULL), 0);
}

static void a_number_belongs_to_one_resident(void **state)
{
    struct resident r = hanako();
    struct resident other = hanako();
    struct err err = {0};
    bool is_new;

    (void)state;
    assert_int_equal(add(&r, "123456789018", &is_new, NULL), 0);
    assert_true(is_new);
    other.sex = SEX_UNKNOWN;
    assert_int_equal(add(&other, "123456789018", &is_new, &err), -ERR_CONFLICT);
    assert_null(strstr(err.text, "123456789018"));
    assert_string_equal(other.id, "");
}

#define OTHER_NUMBER "012345678908"

/* The same number again counts as the same resident with the same code only, which may be none. */
static void a_resident_code_belongs_to_one_resident(void **state)
{
    static const char code[] = "24727059603";
    static const char another[] = "24846016229";
    struct resident r = hanako();
    struct resident again = hanako();
    struct resident other = hanako();
    struct err err = {0};
    bool is_new;

    (void)state;
    assert_int_equal(add_with_code(&r, "123456789018", code, &is_new, NULL), 0);
    assert_int_equal(add_with_code(&other, OTHER_NUMBER, code, &is_new, &err), -ERR_CONFLICT);
    assert_null(strstr(err.text, code));
    assert_string_equal(other.id, "");
    assert_int_equal(add_with_code(&again, "123456789018", another, &is_new, NULL), -ERR_CONFLICT);
    assert_int_equal(add(&again, "123456789018", &is_new, NULL), -ERR_CONFLICT);
    reopen();
    assert_int_equal(add_with_code(&again, "123456789018", code, &is_new, NULL), 0);
    assert_false(is_new);
    assert_string_equal(again.id, r.id);
    assert_int_equal(add_with_code(&other, OTHER_NUMBER, another, &is_new, NULL), 0);
    assert_true(is_new);
}

/* Who was recorded without one has none, whatever is said later. */
static void no_resident_code_is_no_code(void **state)
{
    struct resident r = hanako();
    struct resident again = hanako();
    struct resident other = hanako();
    bool is_new;

    (void)state;
    assert_int_equal(add(&r, "123456789018", &is_new, NULL), 0);
    assert_int_equal(add(&other, OTHER_NUMBER, &is_new, NULL), 0); /* none is no one's */
    assert_int_equal(add_with_code(&again, "123456789018", "24727059603", &is_new, NULL),
                     -ERR_CONFLICT);
    assert_int_equal(add(&again, "123456789018", &is_new, NULL), 0);
    assert_string_equal(again.id, r.id);
}

static void assert_same_resident(const struct resident *a, const struct resident *b)
{
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->name_substitutes, b->name_substitutes);
    assert_string_equal(a->address, b->address);
    assert_string_equal(a->address_substitutes, b->address_substitutes);
    assert_int_equal(caldate_compare(a->birth, b->birth), 0);
    assert_int_equal(a->sex, b->sex);
    assert_string_equal(a->municipality, b->municipality);
}

static void the_same_resident_again_is_the_same(void **state)
{
    struct resident r = hanako();
    struct resident again = hanako();
    struct resident read;
    bool is_new;

    (void)state;
    assert_int_equal(add(&r, "123456789018", &is_new, NULL), 0);
    reopen();
    assert_int_equal(add(&again, "123456789018", &is_new, NULL), 0);
    assert_false(is_new);
    assert_string_equal(again.id, r.id);
    assert_int_equal(strlen(r.id), RESIDENT_ID_LEN);
    assert_int_equal(register_get_resident(fixture.store, r.id, &read, NULL), 0);
    assert_same_resident(&read, &r);
}

/* What the authority knows them by is stable, everybody's own, and not the register's id. */
static void everybody_has_a_subject_of_their_own(void **state)
{
    struct resident r = hanako();
    struct resident other = hanako();
    struct resident first;
    struct resident again;
    bool is_new;

    (void)state;
    assert_int_equal(add(&r, "123456789018", &is_new, NULL), 0);
    assert_int_equal(add(&other, "900000000015", &is_new, NULL), 0);
    assert_int_equal(register_get_resident(fixture.store, r.id, &first, NULL), 0);
    assert_int_equal(strspn(first.subject, "0123456789abcdef"), RESIDENT_ID_LEN);
    assert_string_not_equal(first.subject, r.id);
    reopen();
    assert_int_equal(register_get_resident(fixture.store, r.id, &again, NULL), 0);
    assert_string_equal(again.subject, first.subject);
    assert_int_equal(register_get_resident(fixture.store, other.id, &again, NULL), 0);
    assert_string_not_equal(again.subject, first.subject);
}

static void a_number_is_read_for_a_purpose_by_somebody_or_not_at_all(void **state)
{
    struct resident r = hanako();
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    struct mynumber_use use = {.purpose = MYNUMBER_FOR_CARD, .is_identified = true, .at = NOW};
    bool is_new;

    (void)state;
    assert_int_equal(add(&r, "123456789018", &is_new, NULL), 0);
    assert_int_equal(register_read_mynumber(fixture.store, r.id, &use, &number, NULL), -ERR_DENIED);
    use.purpose = MYNUMBER_PURPOSES_;
    use.actor = "uid 0";
    assert_int_equal(register_read_mynumber(fixture.store, r.id, &use, &number, NULL), -ERR_DENIED);
    assert_null(number.digits.ptr);
    use.purpose = MYNUMBER_FOR_CARD;
    assert_int_equal(register_read_mynumber(fixture.store, r.id, &use, &number, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&number.digits), bytes_text("123456789018")));
}

static void a_card_belongs_to_one_resident_and_a_resident_has_one(void **state)
{
    struct card card = card_of_hanako("A-1");
    struct card other = card;
    struct resident taro = hanako();
    bool is_new;

    (void)state;
    assert_int_equal(register_add_card(fixture.store, &other, false, &by, &is_new, NULL), 0);
    assert_false(is_new);
    strcpy(other.serial, "A-2");
    assert_int_equal(register_add_card(fixture.store, &other, false, &by, &is_new, NULL),
                     -ERR_CONFLICT);
    strcpy(taro.name, "番号　太郎");
    assert_int_equal(add(&taro, "900000000015", &is_new, NULL), 0);
    other = card;
    memcpy(other.resident, taro.id, sizeof other.resident);
    assert_int_equal(register_add_card(fixture.store, &other, false, &by, &is_new, NULL),
                     -ERR_CONFLICT);
    strcpy(other.serial, "A-2");
    strcpy(other.resident, "nobody");
    assert_int_equal(register_add_card(fixture.store, &other, false, &by, &is_new, NULL),
                     -ERR_ABSENT);
}

static void assert_same_card(const struct card *a, const struct card *b)
{
    assert_string_equal(a->serial, b->serial);
    assert_string_equal(a->resident, b->resident);
    assert_int_equal(a->state, b->state);
    assert_string_equal(a->security_code, b->security_code);
    assert_string_equal(a->window_id, b->window_id);
    assert_int_equal(a->issued_at, b->issued_at);
    assert_int_equal(caldate_compare(a->expires_on, b->expires_on), 0);
}

static void a_known_card_keeps_what_was_decided_first(void **state)
{
    struct card card = card_of_hanako("A-1");
    struct card again = card;
    bool is_new;

    (void)state;
    strcpy(again.security_code, "9999");
    again.issued_at = NOW + 1;
    reopen();
    assert_int_equal(register_add_card(fixture.store, &again, false, &by, &is_new, NULL), 0);
    assert_same_card(&again, &card);
}

static struct issue issue_of(const struct card *card, enum cert_kind kind, const char *request)
{
    struct issue issue = {.kind = kind, .not_after = NOW + 1000};

    memcpy(issue.card, card->serial, sizeof issue.card);
    assert_int_equal(buf_copy(bytes_text(request), &issue.request, NULL), 0);
    return issue;
}

static void a_card_becomes_active_only_with_all_certificates_it_asked_for(void **state)
{
    struct card card = card_of_hanako("A-1");
    CLEANUP(issue_done) struct issue sign = issue_of(&card, CERT_SIGN, "sign request");
    CLEANUP(issue_done) struct issue auth = issue_of(&card, CERT_AUTH, "auth request");

    (void)state;
    assert_int_equal(register_mark_issued(fixture.store, card.serial, &by, NULL), 0);
    assert_int_equal(register_activate_card(fixture.store, card.serial, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(register_begin_issue(fixture.store, &sign, NULL, &by, NULL), 0);
    assert_int_equal(register_begin_issue(fixture.store, &auth, NULL, &by, NULL), 0);
    assert_int_equal(buf_append_text(&auth.certificate, "certificate", NULL), 0);
    assert_int_equal(buf_append_text(&auth.ca_certificate, "ca", NULL), 0);
    assert_int_equal(register_finish_issue(fixture.store, &auth, &by, NULL), 0);
    assert_int_equal(register_mark_issued(fixture.store, card.serial, &by, NULL), 0);
    assert_int_equal(register_activate_card(fixture.store, card.serial, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(register_drop_issue(fixture.store, &sign, &by, NULL), 0);
    assert_int_equal(register_mark_issued(fixture.store, card.serial, &by, NULL), 0);
    assert_int_equal(register_activate_card(fixture.store, card.serial, &by, NULL), 0);
    assert_int_equal(register_activate_card(fixture.store, card.serial, &by, NULL), 0);
    assert_int_equal(register_mark_issued(fixture.store, card.serial, &by, NULL), 0);
    assert_int_equal(register_get_card(fixture.store, card.serial, &card, NULL), 0);
    assert_int_equal(card.state, CARD_ACTIVE);
}

static void the_same_request_keeps_its_id_and_its_certificate(void **state)
{
    struct card card = card_of_hanako("A-1");
    CLEANUP(issue_done) struct issue first = issue_of(&card, CERT_AUTH, "request");
    CLEANUP(issue_done) struct issue again = issue_of(&card, CERT_AUTH, "request");
    CLEANUP(issue_done) struct issue later = issue_of(&card, CERT_AUTH, "request");
    const struct audit_origin later_by = audit_by_self(NOW + 5);

    (void)state;
    assert_int_equal(register_begin_issue(fixture.store, &first, NULL, &by, NULL), 0);
    again.not_after = 1;
    reopen();
    assert_int_equal(register_begin_issue(fixture.store, &again, NULL, &later_by, NULL), 0);
    assert_string_equal(again.request_id, first.request_id);
    assert_int_equal(again.not_after, first.not_after);
    assert_int_equal(again.certificate.len, 0);
    assert_int_equal(buf_append_text(&again.certificate, "certificate", NULL), 0);
    assert_int_equal(buf_append_text(&again.ca_certificate, "ca", NULL), 0);
    assert_int_equal(register_finish_issue(fixture.store, &again, &by, NULL), 0);
    reopen();
    assert_int_equal(register_begin_issue(fixture.store, &later, NULL, &by, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&later.certificate), bytes_text("certificate")));
    assert_true(bytes_equal(buf_bytes(&later.ca_certificate), bytes_text("ca")));
    /* What is issued is not forgotten any more. */
    assert_int_equal(register_drop_issue(fixture.store, &later, &by, NULL), 0);
    assert_int_equal(register_begin_issue(fixture.store, &again, NULL, &by, NULL), 0);
    assert_string_equal(again.request_id, first.request_id);
}

static void another_request_for_the_same_kind_is_refused(void **state)
{
    struct card card = card_of_hanako("A-1");
    CLEANUP(issue_done) struct issue first = issue_of(&card, CERT_AUTH, "request");
    CLEANUP(issue_done) struct issue other = issue_of(&card, CERT_AUTH, "another request");

    (void)state;
    assert_int_equal(register_begin_issue(fixture.store, &first, NULL, &by, NULL), 0);
    assert_int_equal(register_begin_issue(fixture.store, &other, NULL, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(other.certificate.len, 0);
    assert_int_equal(register_drop_issue(fixture.store, &first, &by, NULL), 0);
    assert_int_equal(register_begin_issue(fixture.store, &other, NULL, &by, NULL), 0);
    assert_string_not_equal(other.request_id, first.request_id);
}

static int add_card(const struct card *like, const char *serial, bool is_further)
{
    struct card card = *like;
    bool is_new;

    (void)snprintf(card.serial, sizeof card.serial, "%s", serial);
    card.is_further = is_further;
    return register_add_card(fixture.store, &card, false, &by, &is_new, NULL);
}

static void a_further_card_leaves_room_for_one_of_their_own(void **state)
{
    const struct card own = card_of_hanako("A-1");
    struct card read;

    (void)state;
    assert_int_equal(add_card(&own, "A-2", false), -ERR_CONFLICT);
    assert_int_equal(add_card(&own, "A-2", true), 0);
    assert_int_equal(add_card(&own, "A-3", true), 0);
    assert_int_equal(add_card(&own, "A-4", false), -ERR_CONFLICT);
    assert_int_equal(register_get_card(fixture.store, "A-2", &read, NULL), 0);
    assert_true(read.is_further);
    assert_string_equal(read.resident, own.resident);
    assert_int_equal(register_get_card(fixture.store, "A-1", &read, NULL), 0);
    assert_false(read.is_further);
}

static void run_sql(struct db *db, const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* A database as the version before further cards left it: everything in it stays and still fits. */
static void a_database_of_before_further_cards_is_taken_over(void **state)
{
    static const char *const rows[] = {
        "INSERT INTO resident VALUES ('r', 'n', '0', 'a', '0', '1990-04-15', 2, '13101', 1)",
        "INSERT INTO card VALUES ('A-1', 'r', 'active', '0123', '13101003A', 5, '2036-04-15', 6)",
        "INSERT INTO issue VALUES ('i', 'A-1', 'sign', x'00', 1, 2, x'01', x'02', 3)",
        "INSERT INTO move VALUES ('m', 'r', 'a', '0', '13101', 4)",
        "INSERT INTO revocation VALUES (7, 'q', 'm', 'sign', 9, 'keyCompromise', 4, 'pending')",
    };
    const char *const before[] = {register_schema.migrations[0], register_schema.migrations[1],
                                  register_schema.migrations[2], NULL};
    const struct db_schema old = {register_schema.name, before};
    char path[TEMPDIR_FILE_SIZE];
    struct revocation_order order;
    struct resident resident;
    struct card card;
    struct db *db;

    (void)state;
    (void)tempdir_file(&fixture.dir, "old.db", path);
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_sql(db, rows[i]);
    db_close(db);
    register_store_closep(&fixture.store);
    assert_int_equal(register_store_open(path, &fixture.store, NULL), 0);
    assert_int_equal(register_get_card(fixture.store, "A-1", &card, NULL), 0);
    assert_int_equal(card.state, CARD_ACTIVE);
    assert_int_equal(card.expires_on.year, 2036);
    assert_false(card.is_further);
    assert_int_equal(register_next_revocation(fixture.store, 0, &order, NULL), 0);
    assert_int_equal(order.id, 7);
    assert_int_equal(order.serial, 9);
    assert_int_equal(register_get_resident(fixture.store, "r", &resident, NULL), 0);
    assert_int_equal(strspn(resident.subject, "0123456789abcdef"), RESIDENT_ID_LEN);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows broken = DB_ROWS_INIT;
    assert_int_equal(db_begin_read(fixture.store->db, &txn, NULL), 0);
    assert_int_equal(
        db_query_one(&txn, "SELECT 1 FROM pragma_foreign_key_check", DB_NOTHING, &broken, NULL),
        -ERR_ABSENT);
}

/* A database that knew no clerks: what is in it stays, and there may be a first one. */
static void a_database_of_before_clerks_is_taken_over(void **state)
{
    enum { CLERKS = 11 }; /* the script that makes them */
    const char *before[CLERKS + 1] = {NULL};
    const struct db_schema old = {register_schema.name, before};
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];
    char path[TEMPDIR_FILE_SIZE];
    struct resident resident;
    struct clerk clerk;
    struct db *db;

    (void)state;
    for (size_t i = 0; i < CLERKS; i++)
        before[i] = register_schema.migrations[i];
    assert_non_null(strstr(register_schema.migrations[CLERKS], "CREATE TABLE clerk "));
    (void)tempdir_file(&fixture.dir, "old.db", path);
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    run_sql(db, "INSERT INTO resident (id, name, name_substitutes, address, address_substitutes,"
                " birth, sex, municipality, registered_at, subject) VALUES ('r', 'n', '0', 'a',"
                " '0', '1990-04-15', 2, '13101', 1, '00112233445566778899aabbccddeeff')");
    db_close(db);
    register_store_closep(&fixture.store);
    assert_int_equal(register_store_open(path, &fixture.store, NULL), 0);
    assert_int_equal(register_get_resident(fixture.store, "r", &resident, NULL), 0);
    assert_int_equal(register_next_clerk(fixture.store, "", &clerk, NULL), -ERR_ABSENT);
    assert_int_equal(register_begin_bootstrap(fixture.store, challenge, &by, NULL), 0);
}

/* A database that knew moves alone: they are acts now, and cards begin their history. */
static void a_database_of_before_acts_is_taken_over(void **state)
{
    static const char *const rows[] = {
        "INSERT INTO resident VALUES ('r', 'n', '0', 'a', '0', '1990-04-15', 2, '13101', 1)",
        "INSERT INTO card VALUES ('A-1', 'r', 'active', '0123', '13101003A', 5, '2036-04-15', 6,"
        " 0)",
        "INSERT INTO card VALUES ('A-2', 'r', 'stock', '0123', '13101003A', 5, '2036-04-15', NULL,"
        " 1)",
        "INSERT INTO issue VALUES ('i', 'A-1', 'sign', x'00', 1, 2, x'01', x'02', 3)",
        "INSERT INTO move VALUES ('m', 'r', 'a', '0', '13101', 4)",
        "INSERT INTO revocation VALUES (7, 'q', 'm', 'sign', 9, 'keyCompromise', 4, 'pending')",
        "INSERT INTO mynumber_use VALUES (1, 'r', 'card', 'uid 0', 3)",
    };
    const char *const before[] = {register_schema.migrations[0], register_schema.migrations[1],
                                  register_schema.migrations[2], register_schema.migrations[3],
                                  NULL};
    const struct db_schema old = {register_schema.name, before};
    const struct act_order again = {
        .request_id = "m",
        .act = life_move,
        .resident = "r",
        .details = "address=a\naddress_substitutes=0\nmunicipality=13101\n",
    };
    struct revocation_order order;
    struct card_step step;
    struct resident r;
    char path[TEMPDIR_FILE_SIZE];
    bool is_new = true;
    struct db *db;

    (void)state;
    (void)tempdir_file(&fixture.dir, "old.db", path);
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_sql(db, rows[i]);
    db_close(db);
    register_store_closep(&fixture.store);
    assert_int_equal(register_store_open(path, &fixture.store, NULL), 0);
    assert_int_equal(register_get_resident(fixture.store, "r", &r, NULL), 0);
    assert_int_equal(r.standing, STANDING_HERE);
    assert_int_equal(r.stay_until.year, 0);
    assert_string_equal(r.registered_name, "");
    assert_string_equal(r.kana, "");
    assert_int_equal(register_act(fixture.store, &again, &by, &is_new, NULL), 0);
    assert_false(is_new); /* the move of then */
    assert_int_equal(register_next_revocation(fixture.store, 0, &order, NULL), 0);
    assert_int_equal(order.id, 7);
    assert_string_equal(order.act, "m");
    assert_int_equal(register_get_card_step(fixture.store, "A-1", 1, &step, NULL), 0);
    assert_int_equal(step.state, CARD_ACTIVE);
    assert_int_equal(step.at, 6);
    assert_int_equal(register_get_card_step(fixture.store, "A-2", 1, &step, NULL), -ERR_ABSENT);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows broken = DB_ROWS_INIT;
    CLEANUP(db_rows_done) struct db_rows use = DB_ROWS_INIT;
    CLEANUP(db_rows_done) struct db_rows plan = DB_ROWS_INIT;
    assert_int_equal(db_begin_read(fixture.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT 1 FROM mynumber_use WHERE body = 'municipality'"
                                  " AND actor = 'uid 0'",
                                  DB_NOTHING, &use, NULL),
                     0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT 1 FROM issue INDEXED BY issue_of_card WHERE card = 'A-1'",
                                  DB_NOTHING, &plan, NULL),
                     0);
    assert_int_equal(
        db_query_one(&txn, "SELECT 1 FROM pragma_foreign_key_check", DB_NOTHING, &broken, NULL),
        -ERR_ABSENT);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void ids_of_a_later_second_come_behind(void **state)
{
    char ids[3][RESIDENT_ID_LEN + 1];

    (void)state;
    assert_int_equal(id_new_at(0x6a000000, ids[0], NULL), 0);
    assert_int_equal(id_new_at(0x6a000000, ids[1], NULL), 0);
    assert_int_equal(id_new_at(0x6a000001, ids[2], NULL), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(strlen(ids[i]), RESIDENT_ID_LEN);
        assert_int_equal(strspn(ids[i], "0123456789abcdef"), RESIDENT_ID_LEN);
    }
    assert_memory_equal(ids[0], "6a000000", 8);
    assert_string_not_equal(ids[0], ids[1]);
    assert_true(strcmp(ids[0], ids[2]) < 0 && strcmp(ids[1], ids[2]) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_a_later_second_come_behind),
        WITH_STORE(what_is_not_there_is_absent),
        WITH_STORE(a_number_belongs_to_one_resident),
        WITH_STORE(a_resident_code_belongs_to_one_resident),
        WITH_STORE(no_resident_code_is_no_code),
        WITH_STORE(the_same_resident_again_is_the_same),
        WITH_STORE(everybody_has_a_subject_of_their_own),
        WITH_STORE(a_number_is_read_for_a_purpose_by_somebody_or_not_at_all),
        WITH_STORE(a_card_belongs_to_one_resident_and_a_resident_has_one),
        WITH_STORE(a_known_card_keeps_what_was_decided_first),
        WITH_STORE(a_card_becomes_active_only_with_all_certificates_it_asked_for),
        WITH_STORE(the_same_request_keeps_its_id_and_its_certificate),
        WITH_STORE(another_request_for_the_same_kind_is_refused),
        WITH_STORE(a_further_card_leaves_room_for_one_of_their_own),
        WITH_STORE(a_database_of_before_further_cards_is_taken_over),
        WITH_STORE(a_database_of_before_acts_is_taken_over),
        WITH_STORE(a_database_of_before_clerks_is_taken_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
