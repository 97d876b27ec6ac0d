/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every act of the register, the authority and the platform is in their audit logs, and neither is
 * there without the other: whether the record cannot be written, or the commit fails, or memory
 * runs out at any point.
 */
#include "authority/consent/latest.h"
#include "authority/schema.h"
#include "authority/store_sqlite.h"
#include "authority/usage/usage.h"
#include "platform/login/store.h"
#include "platform/member/store.h"
#include "platform/schema.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/store.h"
#include "platform/verification/store.h"
#include "register/schema.h"
#include "register/store_sqlite.h"
#include "support/failalloc.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1795424894 };

#define NUMBER  "123456789018"
#define TRACE   "0af7651916cd43dd8448eb211c80319c"
#define SESSION "CanarySession567890123"

static const struct audit_origin by = {.at = NOW, .actor = "uid:1000", .trace_id = TRACE};

static struct tempdir dir;
static struct db *db; /* of the store under test */
static struct authority_store *authority;
static struct register_store *residents;
static struct platform_store *platform;

/* An act, and what the log says of it; outcome NULL: nothing. */
struct step {
    const char *act, *outcome;
    int (*run)(struct err *err);
};

static int make_dir(void **state)
{
    (void)state;
    dir = tempdir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    authority_store_closep(&authority);
    register_store_closep(&residents);
    platform_store_closep(&platform);
    tempdir_done(&dir);
    return 0;
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* How many records there are; *ret_page has all of them. */
static size_t records(struct json **ret_page)
{
    const struct json *array;

    json_freep(ret_page);
    assert_int_equal(audit_list(db, NULL, ret_page, NULL), 0);
    assert_int_equal(json_get_array(*ret_page, "records", &array, NULL), 0);
    return json_count(array);
}

static size_t count_records(void)
{
    CLEANUP(json_freep) struct json *page = NULL;

    return records(&page);
}

static void assert_member(const struct json *record, const char *key, const char *expected)
{
    const char *text = NULL;

    if (expected == NULL) {
        assert_int_equal(json_get_text(record, key, &text, NULL), -ERR_INPUT); /* null */
        return;
    }
    assert_int_equal(json_get_text(record, key, &text, NULL), 0);
    assert_string_equal(text, expected);
}

static void assert_last_is(size_t count, const struct step *step)
{
    CLEANUP(json_freep) struct json *page = NULL;
    const struct json *array;
    const struct json *last;
    int64_t at;

    assert_int_equal(records(&page), count);
    assert_int_equal(json_get_array(page, "records", &array, NULL), 0);
    last = json_at(array, count - 1);
    assert_member(last, "act", step->act);
    assert_member(last, "outcome", step->outcome);
    assert_member(last, "actor", by.actor);
    assert_member(last, "trace_id", TRACE);
    assert_int_equal(json_get_int(last, "at", &at, NULL), 0);
    assert_int_equal(at, NOW);
}

static int run_step(void *context)
{
    const struct step *step = context;

    return step->run(NULL);
}

/*
 * The faults: a record that the database refuses; and a foreign key that is looked at when the
 * transaction is committed, so that everything before goes well.
 */
static void break_the_record(void)
{
    execute("CREATE TRIGGER broken BEFORE INSERT ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the disk does not like this record'); END");
}

static void break_the_commit(void)
{
    execute("CREATE TABLE IF NOT EXISTS late (x INTEGER REFERENCES late_key (x)"
            " DEFERRABLE INITIALLY DEFERRED) STRICT");
    execute("CREATE TABLE IF NOT EXISTS late_key (x INTEGER PRIMARY KEY) STRICT");
    execute("CREATE TRIGGER broken AFTER INSERT ON audit"
            " BEGIN INSERT INTO late VALUES (NEW.seq); END");
}

static void mend(void)
{
    execute("DROP TRIGGER broken");
}

/* No failure leaves a record behind, and what succeeds leaves one. */
static void assert_one_record(const struct step *step)
{
    size_t before = count_records();
    struct err err = {0};

    break_the_record();
    assert_int_equal(step->run(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "does not like"));
    mend();
    break_the_commit();
    err = (struct err){0};
    assert_int_equal(step->run(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "committing"));
    mend();
    assert_int_equal(count_records(), before);
    assert_true(every_failed_allocation(run_step, (void *)(uintptr_t)step) > 1);
    assert_last_is(before + 1, step);
}

/*
 * An act that is known is not done again and makes no record. So if it makes one after the
 * failures, none of them had left the act behind.
 */
static void assert_act_and_record_together(const struct step *step)
{
    size_t before = count_records();

    assert_one_record(step);
    (void)!step->run(NULL);
    assert_int_equal(count_records(), before + 1);
}

static void assert_steps(const struct step *steps)
{
    for (; steps->act != NULL; steps++) {
        print_message("# %s\n", steps->act);
        assert_act_and_record_together(steps);
    }
}

/* What is personal, or leads to a person, is in no column of the log. */
static void assert_log_lacks(const char *const canaries[])
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    for (; *canaries != NULL; canaries++) {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        assert_int_equal(
            db_query_one(&txn,
                         "SELECT 1 FROM audit WHERE instr(actor || '|' || act || '|' || subject"
                         " || '|' || outcome || '|' || trace_id || '|' || hex(commitment) || '|'"
                         " || hex(leaf) || '|' || hex(salt), ?1) > 0"
                         " OR instr(commitment || leaf || salt, CAST(?1 AS BLOB)) > 0",
                         DB_WITH(DB_TEXT(*canaries)), &rows, NULL),
            -ERR_ABSENT);
    }
}

/* The register. */

static struct resident resident;
static char request_id[RESIDENT_ID_LEN + 1];

static int register_resident(struct err *err)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    struct resident entry = {.name = "番号　花子",
                             .name_substitutes = "00000",
                             .address = "東京都千代田区",
                             .address_substitutes = "0000000",
                             .birth = {1990, 4, 15},
                             .sex = SEX_FEMALE,
                             .municipality = "13101"};
    bool is_new;

    TRY(mynumber_parse(NUMBER, MYNUMBER_TEST, &number, err));
    TRY(register_add_resident(residents, &entry, &number, &by, &is_new, err));
    resident = entry;
    return 0;
}

static int register_card(struct err *err)
{
    struct card card = {.serial = "CARDCANARY4711",
                        .state = CARD_STOCK,
                        .security_code = "0123",
                        .window_id = "13101003A",
                        .issued_at = NOW,
                        .expires_on = {2036, 4, 15}};
    bool is_new;

    memcpy(card.resident, resident.id, sizeof card.resident);
    return register_add_card(residents, &card, false, &by, &is_new, err);
}

static int begin(enum cert_kind kind, struct err *err)
{
    CLEANUP(issue_done)
    struct issue issue = {.card = "CARDCANARY4711", .kind = kind, .not_after = NOW};

    TRY(buf_copy(bytes_text("request"), &issue.request, err));
    TRY(register_begin_issue(residents, &issue, &by, err));
    memcpy(request_id, issue.request_id, sizeof request_id);
    return 0;
}

static int request_auth(struct err *err)
{
    return begin(CERT_AUTH, err);
}

static int request_sign(struct err *err)
{
    return begin(CERT_SIGN, err);
}

static int receive(struct err *err)
{
    CLEANUP(issue_done) struct issue issue = {.kind = CERT_AUTH};

    memcpy(issue.request_id, request_id, sizeof request_id);
    TRY(buf_copy(bytes_text("certificate"), &issue.certificate, err));
    TRY(buf_copy(bytes_text("ca"), &issue.ca_certificate, err));
    return register_finish_issue(residents, &issue, &by, err);
}

static int refuse(struct err *err)
{
    CLEANUP(issue_done) struct issue issue = {.kind = CERT_SIGN};

    memcpy(issue.request_id, request_id, sizeof request_id);
    TRY(buf_copy(bytes_text("request"), &issue.request, err));
    return register_drop_issue(residents, &issue, &by, err);
}

static int activate(struct err *err)
{
    TRY(register_mark_issued(residents, "CARDCANARY4711", &by, err));
    return register_activate_card(residents, "CARDCANARY4711", &by, err);
}

static int move_away(struct err *err)
{
    struct resident after = resident;
    const struct act_order order = {.request_id = "m-canary",
                                    .act = life_move,
                                    .resident = resident.id,
                                    .change = &after,
                                    .details = "address=兵庫県神戸市"};
    bool is_new;

    strcpy(after.address, "兵庫県神戸市");
    strcpy(after.municipality, "28100");
    return register_act(residents, &order, &by, &is_new, err);
}

static int reset_pin(struct err *err)
{
    struct act_order order = {
        .request_id = "p-canary", .card = "CARDCANARY4711", .details = "pin=auth"};
    bool is_new;

    TRY(life_act_find("pin-reset", true, &order.act, err));
    return register_act(residents, &order, &by, &is_new, err);
}

/* A sign certificate that the move revokes would need a whole PKI: its order alone is enough. */
static void order_a_revocation(void)
{
    execute("INSERT INTO revocation (request_id, act, kind, serial, reason, ordered_at, state)"
            " VALUES ('r', 'm-canary', 'sign', 2, 'affiliationChanged', 0, 'pending')");
}

static int deliver(struct err *err)
{
    struct revocation_order order;
    int rc = register_next_revocation(residents, 0, &order, err);

    if (rc == -ERR_ABSENT)
        return 0; /* delivered before */
    TRY(rc);
    assert_string_equal(order.act, "m-canary");
    return register_settle_revocation(residents, &order, REVOCATION_DONE, &by, err);
}

static void an_act_at_the_counter_and_its_record_are_one(void **state)
{
    static const struct step before[] = {
        {"resident.registered", NULL, register_resident}, {"card.registered", NULL, register_card},
        {"certificate.requested", "sign", request_sign},  {"certificate.refused", "sign", refuse},
        {"certificate.requested", "auth", request_auth},  {NULL, NULL, NULL},
    };
    static const struct step after[] = {
        {"certificate.received", "auth", receive},
        {"card.activated", NULL, activate},
        {"resident.changed", "move", move_away},
        {"card.changed", "pin-reset", reset_pin},
        {NULL, NULL, NULL},
    };
    static const struct step delivery = {"revocation.delivered", "done", deliver};
    const char *const canaries[] = {NUMBER,           "番号",     "千代田",
                                    "CARDCANARY4711", "m-canary", resident.id,
                                    "0123|",          "p-canary", NULL};
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(register_store_open(tempdir_file(&dir, "r.db", path), &residents, NULL), 0);
    db = residents->db;
    assert_steps(before);
    assert_steps(after);
    order_a_revocation();
    assert_act_and_record_together(&delivery);
    assert_log_lacks(canaries);
}

static int read_number(struct err *err)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    const struct mynumber_use use = {.purpose = MYNUMBER_FOR_CARD,
                                     .actor = by.actor,
                                     .is_identified = true,
                                     .at = NOW,
                                     .trace_id = TRACE};
    int rc = register_read_mynumber(residents, resident.id, &use, &number, err);

    assert_true((rc == 0) == (number.digits.len == MYNUMBER_LEN));
    return rc;
}

/* For tax, by somebody whom nobody has looked at. */
static int read_unlawfully(void)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    const struct mynumber_use use = {
        .purpose = MYNUMBER_FOR_TAX, .actor = by.actor, .at = NOW, .trace_id = TRACE};
    int rc = register_read_mynumber(residents, resident.id, &use, &number, NULL);

    assert_null(number.digits.ptr);
    return rc;
}

static void an_individual_number_is_not_read_without_a_record(void **state)
{
    char path[TEMPDIR_FILE_SIZE];
    const char *const canaries[] = {NUMBER, NULL};
    struct err err = {0};

    (void)state;
    assert_int_equal(register_store_open(tempdir_file(&dir, "r.db", path), &residents, NULL), 0);
    db = residents->db;
    assert_int_equal(register_resident(NULL), 0);
    break_the_record();
    assert_int_equal(read_number(&err), -ERR_CONFLICT);
    mend();
    break_the_commit();
    assert_int_equal(read_number(&err), -ERR_CONFLICT);
    mend();
    assert_int_equal(count_records(), 1);
    assert_int_equal(read_number(NULL), 0);
    assert_int_equal(count_records(), 2);
    assert_int_equal(read_number(NULL), 0); /* each time */
    assert_last_is(3, &(struct step){"mynumber.read", "card", NULL});
    assert_int_equal(read_unlawfully(), -ERR_DENIED);
    assert_last_is(4, &(struct step){"mynumber.refused", "tax", NULL});
    assert_log_lacks(canaries);
}

/* The authority. */

static int make_ca(struct err *err)
{
    return authority_finish_ca(authority, CA_SIGN, bytes_text("ca"), &by, err);
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

static void reserve(const char *id, uint32_t serial)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = {.kind = CA_SIGN, .request_id = id, .not_after = NOW, .build = build};

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, NULL), 0);
    r.key = r.fingerprint;
    assert_int_equal(authority_reserve(authority, &r, &record, NULL), 0);
    assert_int_equal(record.serial, serial);
}

static int complete(uint32_t serial, bool is_responder, struct err *err)
{
    const struct completion completion = {.kind = CA_SIGN,
                                          .serial = serial,
                                          .certificate = bytes_text("certificate"),
                                          .is_responder = is_responder,
                                          .by = &by};

    return authority_complete(authority, &completion, err);
}

static int issue(struct err *err)
{
    return complete(2, false, err);
}

static int issue_responder(struct err *err)
{
    return complete(3, true, err);
}

static int revoke(struct err *err)
{
    const struct revocation_request request = {"r-canary", CA_SIGN, 2, CRL_AFFILIATION_CHANGED,
                                               NOW,        &by};
    struct revoked revoked;

    return authority_add_revocation(authority, &request, &revoked, err);
}

static int release(struct err *err)
{
    const struct release_request request = {"l-canary", CA_AUTH, 9, NOW, &by};
    struct revoked released;

    return authority_add_release(authority, &request, &released, err);
}

/* Auth certificate 9: with no act of this test, so that it has no record. */
static void put_phone_on_hold(void)
{
    execute("INSERT INTO ca VALUES ('auth', NULL, x'00', 12)");
    execute("INSERT INTO certificate (kind, serial, request_id, fingerprint, key, reserved_at,"
            " not_after, certificate, device)"
            " VALUES ('auth', 9, 'p', x'', x'01', 1, 2, x'00', 'phone')");
    execute("INSERT INTO revocation VALUES (1, 'h', 'auth', 9, 5, 6)");
}

static int enrol_phone(struct err *err)
{
    const struct phone phone = {"p-canary", 3, {[CA_SIGN] = 4, [CA_AUTH] = 5}, NOW, &by};

    return authority_keep_phone(authority, &phone, err);
}

static int add_verifier(struct err *err)
{
    bool is_new;

    return authority_add_verifier(authority, "v-canary", bytes_text("cert"), &by, &is_new, err);
}

static int remove_verifier(struct err *err)
{
    return authority_remove_verifier(authority, "v-canary", &by, err);
}

static int replace_crl(struct err *err)
{
    struct crl_record record = {.id = 1, .name = "sign-Canary-ken", .number = 1};

    TRY(authority_stage_crl(authority, record.name, bytes_text("list"), &record.file, err));
    return authority_publish_crls(authority, &record, 1, &by, err);
}

static void set_up_authority(void)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(authority_store_open(tempdir_file(&dir, "a.db", path), &authority, NULL), 0);
    db = authority->db;
    assert_int_equal(authority_begin_ca(authority, CA_SIGN, bytes_text("tbs"), NULL), 0);
}

static void an_act_of_the_authority_and_its_record_are_one(void **state)
{
    static const struct step first = {"ca.made", "sign", make_ca};
    static const struct step steps[] = {
        {"certificate.issued", "sign", issue},
        {"responder.issued", "sign", issue_responder},
        {"certificate.revoked", "affiliationChanged", revoke},
        {"certificate.released", NULL, release},
        {"phone.enrolled", NULL, enrol_phone},
        {"verifier.added", NULL, add_verifier},
        {"crl.replaced", NULL, replace_crl},
        {NULL, NULL, NULL},
    };
    static const struct step last = {"verifier.removed", NULL, remove_verifier};
    static const char *const canaries[] = {"sign 2", "sign 3", "canary", "Canary", NULL};
    struct crl_point point = {.point = BUF_INIT, .name = "sign-Canary-ken"};

    (void)state;
    set_up_authority();
    assert_act_and_record_together(&first);
    reserve("i-canary-2", 2);
    reserve("i-canary-3", 3);
    put_phone_on_hold();
    assert_int_equal(buf_append_text(&point.point, "point", NULL), 0);
    assert_int_equal(authority_add_crl(authority, CA_SIGN, 1, &point, NULL), 0);
    buf_done(&point.point);
    assert_steps(steps);
    assert_act_and_record_together(&last);
    assert_log_lacks(canaries);
}

/* The platform. */

/* Not so short that the log's random numbers could be it, in their digits, by chance. */
#define HOLDER_SERIAL "4711-0815-4711"
static const struct holder_key who = {{(const uint8_t *)"issuer", 6},
                                      {(const uint8_t *)HOLDER_SERIAL, sizeof HOLDER_SERIAL - 1}};
static struct digest secret_hash;

static int add_tenant(struct err *err)
{
    static const struct tenant tenant = {"bank", "Bank", "https://bank.example"};

    return platform_add_tenant(platform, &tenant, &secret_hash, &by, err);
}

static int judge(struct err *err)
{
    static const struct verification v = {.id = "canary-1", .client_id = "bank", .at = NOW};

    return platform_keep_verification(platform, &v, NULL, "invalid revoked", &by, err);
}

static void open_login(const char *session)
{
    struct login login = {.client_id = "bank", .code = "123456", .expires_at = NOW};

    (void)snprintf(login.session, sizeof login.session, "%s", session);
    login.secret = secret_hash;
    assert_int_equal(platform_open_login(platform, &login, NOW, NULL), 0);
}

static int answer(struct err *err)
{
    return platform_answer_login(platform, SESSION, &who, "valid", &by, err);
}

static int redeem(struct err *err)
{
    uint8_t holder[HOLDER_ID_SIZE];

    return platform_redeem_login(platform, SESSION, &secret_hash, &by, holder, err);
}

static void set_up_platform(void)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("secret"), &secret_hash, NULL), 0);
    assert_int_equal(platform_store_open(tempdir_file(&dir, "p.db", path), &platform, NULL), 0);
    db = platform->db;
}

static void an_act_of_the_platform_and_its_record_are_one(void **state)
{
    static const struct step tenant = {"tenant.added", NULL, add_tenant};
    static const struct step steps[] = {
        {"verification.judged", "invalid revoked", judge},
        {"login.answered", "valid", answer},
        {"login.redeemed", NULL, redeem},
        {NULL, NULL, NULL},
    };
    static const char *const canaries[] = {SESSION, "canary", HOLDER_SERIAL, "secret", NULL};

    (void)state;
    set_up_platform();
    assert_act_and_record_together(&tenant);
    open_login(SESSION);
    assert_steps(steps);
    assert_log_lacks(canaries);
}

static void another_key_of_a_provider_and_its_record_are_one(void **state)
{
    static const struct step renewed = {"tenant.key-renewed", NULL, NULL};
    static const struct tenant_key key = {.id = "key-canary", .client_id = "bank"};
    struct tenant tenant;
    struct digest other;
    size_t before;

    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("another"), &other, NULL), 0);
    before = count_records();
    break_the_record();
    assert_int_equal(platform_set_tenant_key(platform, &key, &other, &by, NULL), -ERR_CONFLICT);
    mend();
    assert_int_equal(platform_get_tenant_by_key(platform, &secret_hash, NOW, &tenant, NULL), 0);
    assert_int_equal(count_records(), before);
    assert_int_equal(platform_set_tenant_key(platform, &key, &other, &by, NULL), 0);
    assert_int_equal(platform_get_tenant_by_key(platform, &secret_hash, NOW, &tenant, NULL),
                     -ERR_ABSENT);
    assert_last_is(before + 1, &renewed);
}

static const struct member somebody = {.id = "MemberMemberMemberMemb",
                                       .client_id = "bank",
                                       .name = "Canary Name",
                                       .role = ROLE_AUDITOR,
                                       .ends_at = NOW};

static int invite(struct err *err)
{
    return platform_invite_member(platform, &somebody, &secret_hash, &by, err);
}

static int remove_member(struct err *err)
{
    return platform_remove_member(platform, "bank", somebody.id, &by, err);
}

static struct console_session begun;

static int begin_session(struct err *err)
{
    const struct console_opening opening = {
        .login = SESSION, .secret = secret_hash, .token = secret_hash, .csrf = "canary"};
    struct member member;

    return platform_open_session(platform, &opening, &by, &member, err);
}

static int end_session(struct err *err)
{
    return platform_end_session(platform, &begun, &by, err);
}

/* Three records, all of them or none. */
static void assert_begin_is_whole(void)
{
    size_t before = count_records();
    struct login login;

    break_the_record();
    assert_int_equal(begin_session(NULL), -ERR_CONFLICT);
    mend();
    break_the_commit();
    assert_int_equal(begin_session(NULL), -ERR_CONFLICT);
    mend();
    assert_int_equal(platform_get_login(platform, SESSION, &login, NULL), 0);
    assert_int_equal(platform_get_session(platform, &secret_hash, NOW, &begun, NULL), -ERR_DENIED);
    assert_int_equal(count_records(), before);
    assert_int_equal(begin_session(NULL), 0);
    assert_int_equal(count_records(), before + 3);
    assert_last_is(before + 3, &(struct step){"session.opened", NULL, NULL});
    assert_int_equal(platform_get_session(platform, &secret_hash, NOW, &begun, NULL), 0);
}

static void what_becomes_of_a_member_and_its_record_are_one(void **state)
{
    static const struct step invited = {"member.invited", "auditor", invite};
    static const struct step ends[] = {{"session.ended", NULL, end_session},
                                       {"member.removed", NULL, remove_member},
                                       {NULL, NULL, NULL}};
    static const char *const canaries[] = {SESSION, "Canary Name", "Member", "secret", NULL};
    struct login login = {.is_console = true,
                          .code = "123456",
                          .expires_at = NOW,
                          .session = SESSION,
                          .client_id = LOGIN_CONSOLE_CLIENT};

    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    assert_act_and_record_together(&invited);
    login.secret = login.invitation = secret_hash;
    assert_int_equal(platform_open_login(platform, &login, NOW, NULL), 0);
    assert_int_equal(answer(NULL), 0);
    assert_begin_is_whole();
    assert_steps(ends);
    assert_log_lacks(canaries);
}

static int enter_a_wrong_code(struct err *err)
{
    return platform_check_code(platform, SESSION, "000000", &by, err);
}

static void only_the_wrong_code_that_ends_a_login_is_in_the_log(void **state)
{
    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    open_login(SESSION);
    for (int i = 0; i < LOGIN_CODES_MAX - 1; i++)
        assert_int_equal(enter_a_wrong_code(NULL), -ERR_DENIED);
    assert_int_equal(count_records(), 1);
    break_the_record();
    assert_int_equal(enter_a_wrong_code(NULL), -ERR_CONFLICT);
    mend();
    /* That one was not counted: the right code is still right. */
    assert_int_equal(platform_check_code(platform, SESSION, "123456", &by, NULL), 0);
    assert_int_equal(enter_a_wrong_code(NULL), -ERR_DENIED);
    assert_last_is(2, &(struct step){"login.refused", "wrong-codes", NULL});
    assert_int_equal(enter_a_wrong_code(NULL), -ERR_DENIED);
    assert_int_equal(count_records(), 2);
}

static void refused_answers_fill_the_log_up_to_a_limit(void **state)
{
    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    open_login(SESSION);
    open_login("another");
    for (unsigned i = 1; i <= LOGIN_REFUSALS_MAX; i++) {
        assert_int_equal(platform_note_refusal(platform, SESSION, "invalid", &by, NULL), 0);
        assert_last_is(1 + i, &(struct step){"login.refused", "invalid", NULL});
    }
    assert_int_equal(platform_note_refusal(platform, SESSION, "invalid", &by, NULL), 0);
    assert_int_equal(count_records(), 1 + LOGIN_REFUSALS_MAX);
    assert_int_equal(platform_note_refusal(platform, "another", "invalid", &by, NULL), 0);
    assert_int_equal(count_records(), 2 + LOGIN_REFUSALS_MAX);
}

/* A database as the version before the log made it, with a row in it. */
static void make_old(const char *path, const struct db_schema *schema, size_t versions,
                     const char *sql)
{
    const char *scripts[8] = {NULL};
    const struct db_schema old = {schema->name, scripts};

    for (size_t i = 0; i < versions; i++)
        scripts[i] = schema->migrations[i];
    assert_ptr_equal(schema->migrations[versions], audit_schema_v1);
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    execute(sql);
    db_closep(&db);
}

static void databases_without_a_log_get_one_and_keep_what_they_have(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];
    struct login login;
    struct resident found;

    (void)state;
    make_old(
        tempdir_file(&dir, "r.db", path), &register_schema, 2,
        "INSERT INTO resident VALUES ('r-1', 'n', '0', 'a', '0', '1990-04-15', 2, '13101', 1)");
    assert_int_equal(register_store_open(path, &residents, NULL), 0);
    db = residents->db;
    assert_int_equal(register_get_resident(residents, "r-1", &found, NULL), 0);
    assert_int_equal(count_records(), 0);
    assert_int_equal(register_resident(NULL), 0);
    assert_int_equal(count_records(), 1);

    make_old(tempdir_file(&dir, "a.db", path), &authority_schema, 7,
             "INSERT INTO ca VALUES ('auth', NULL, x'30', 2)");
    set_up_authority();
    assert_int_equal(authority_get_ca(authority, CA_AUTH, &der, NULL), 0);
    assert_int_equal(make_ca(NULL), 0);
    assert_int_equal(count_records(), 1);

    make_old(tempdir_file(&dir, "p.db", path), &platform_schema, 1,
             "INSERT INTO tenant VALUES ('shop', 'Shop', 'https://shop.example', x'00')");
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    open_login(SESSION);
    assert_int_equal(platform_get_login(platform, SESSION, &login, NULL), 0);
    assert_int_equal(count_records(), 1);
}

static int apply(struct err *err)
{
    const struct party party = {
        .name = "pf-canary", .title = "Canary", .role = PARTY_PLATFORM, .verifies = {true, true}};
    bool is_new;

    return authority_apply(authority, &party, &by, &is_new, err);
}

static int certify(struct err *err)
{
    return authority_take_step(authority, "pf-canary", PARTY_CERTIFY, &by, err);
}

static int give_notice(struct err *err)
{
    const struct notice notice = {"bank-canary", "Bank", "accounts", "Accounts"};

    return authority_give_notice(authority, "pf-canary", &notice, &by, err);
}

static int add_certificate(struct err *err)
{
    return authority_add_party_certificate(authority, "pf-canary", bytes_text("cert"), &by, err);
}

static int retire_certificate(struct err *err)
{
    return authority_retire_party_certificate(authority, "pf-canary", bytes_text("cert"), &by, err);
}

static const struct party asker = {.name = "pf-canary", .verifies = {true, true}};

static int answer_link(struct err *err)
{
    const struct link_question question = {
        .party = &asker, .presented = {CA_SIGN, 2}, .want = LINK_NEWEST, .by = &by};
    struct link link;

    return authority_answer_link(authority, &question, &link, err);
}

static int keep_consent(bool is_withdrawal, struct err *err)
{
    struct consent_record record = {
        .party = &asker,
        .document = {is_withdrawal, "pf-canary", "bank-canary", "accounts", 15, NOW},
        .text = BYTES_LITERAL("document"),
        .signature = BYTES_LITERAL("signature"),
        .serial = 2,
        .term = {NOW, NOW + 1000},
        .by = &by};
    struct consent consent;

    TRY(digest_compute(DIGEST_SHA256, record.text, &record.digest, err));
    return authority_keep_consent(authority, &record, &consent, err);
}

static int give_consent(struct err *err)
{
    return keep_consent(false, err);
}

static int withdraw_consent(struct err *err)
{
    return keep_consent(true, err);
}

static int list_consents(struct err *err)
{
    const struct holder_certificate holder = {CA_SIGN, 2};
    CLEANUP(json_freep) struct json *told = NULL;

    return authority_list_consents(authority, &holder, &by, &told, err);
}

static int answer_latest(struct err *err)
{
    const struct latest_question question = {.party = &asker,
                                             .request_id = "x-1",
                                             .provider = "bank-canary",
                                             .service = "accounts",
                                             .presented = {CA_SIGN, 2},
                                             .by = &by};
    CLEANUP(latest_done) struct latest latest = LATEST_INIT;

    return authority_answer_latest(authority, &question, &latest, err);
}

static int count_usage(struct err *err)
{
    const struct usage_total total = {"pf-canary", CA_SIGN, 5};
    const struct usage_batch batch = {"0123456789abcdef0123456789abcdef", 1, &total, 1};
    bool is_new;

    return authority_count_usage(authority, &batch, &by, &is_new, err);
}

static void an_act_about_a_verifier_and_its_record_are_one(void **state)
{
    static const struct step steps[] = {
        {"verifier.step", "apply", apply},
        {"verifier.step", "certify", certify},
        {"verifier.step", "notice", give_notice},
        {"verifier.certificate", "added", add_certificate},
        {"consent.given", NULL, give_consent},
        {"consent.withdrawn", NULL, withdraw_consent},
        {"usage.counted", NULL, count_usage},
        {"verifier.certificate", "retired", retire_certificate},
        {NULL, NULL, NULL},
    };
    /* Each answer is one more. */
    static const struct step answers[] = {
        {"link.answered", "none", answer_link},
        {"latest.answered", "no-consent", answer_latest},
        {"consents.listed", NULL, list_consents},
        {NULL, NULL, NULL},
    };

    (void)state;
    set_up_authority();
    assert_int_equal(make_ca(NULL), 0);
    reserve("i-canary-2", 2);
    assert_int_equal(issue(NULL), 0);
    execute("UPDATE certificate SET subject = '00112233445566778899aabbccddeeff',"
            " not_after = 9999999999");
    for (const struct step *step = steps; step->act != NULL; step++) {
        assert_act_and_record_together(step);
        if (step->run == give_notice)
            for (const struct step *answer = answers; answer->act != NULL; answer++)
                assert_one_record(answer);
    }
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(databases_without_a_log_get_one_and_keep_what_they_have),
        WITH_DIR(an_act_at_the_counter_and_its_record_are_one),
        WITH_DIR(an_individual_number_is_not_read_without_a_record),
        WITH_DIR(an_act_of_the_authority_and_its_record_are_one),
        WITH_DIR(an_act_about_a_verifier_and_its_record_are_one),
        WITH_DIR(an_act_of_the_platform_and_its_record_are_one),
        WITH_DIR(another_key_of_a_provider_and_its_record_are_one),
        WITH_DIR(what_becomes_of_a_member_and_its_record_are_one),
        WITH_DIR(only_the_wrong_code_that_ends_a_login_is_in_the_log),
        WITH_DIR(refused_answers_fill_the_log_up_to_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
