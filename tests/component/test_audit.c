/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every act of the register and the authority is in their audit logs, and neither is there without
 * the other: whether the record cannot be written, or the commit fails, or memory runs out at any
 * point.
 */
#include "authority/consent/latest.h"
#include "authority/phone/phone.h"
#include "authority/schema.h"
#include "authority/store_sqlite.h"
#include "authority/usage/usage.h"
#include "register/codes_store.h"
#include "register/schema.h"
#include "register/store_sqlite.h"
#include "support/acts.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NUMBER "123456789018"

static struct tempdir dir;
static struct authority_store *authority;
static struct register_store *residents;

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
    tempdir_done(&dir);
    return 0;
}

/* The register. */

static struct resident resident;
static char request_id[RESIDENT_ID_LEN + 1];

static int register_resident(struct err *err)
{
    CLEANUP(resident_numbers_done) struct resident_numbers numbers = RESIDENT_NUMBERS_INIT;
    struct resident entry = {.name = "番号　花子",
                             .name_substitutes = "00000",
                             .address = "東京都千代田区",
                             .address_substitutes = "0000000",
                             .birth = {1990, 4, 15},
                             .sex = SEX_FEMALE,
                             .municipality = "13101"};
    bool is_new;

    TRY(mynumber_parse(NUMBER, MYNUMBER_TEST, &numbers.number, err));
    TRY(register_add_resident(residents, &entry, &numbers, &acts.by, &is_new, err));
    resident = entry;
    return 0;
}

static int register_card(struct err *err)
{
    struct card card = {.serial = "CARDCANARY4711",
                        .state = CARD_STOCK,
                        .security_code = "0123",
                        .window_id = "13101003A",
                        .issued_at = ACTS_NOW,
                        .expires_on = {2036, 4, 15}};
    bool is_new;

    memcpy(card.resident, resident.id, sizeof card.resident);
    return register_add_card(residents, &card, false, &acts.by, &is_new, err);
}

static int begin(enum cert_kind kind, struct err *err)
{
    CLEANUP(issue_done)
    struct issue issue = {.card = "CARDCANARY4711", .kind = kind, .not_after = ACTS_NOW};

    TRY(buf_copy(bytes_text("request"), &issue.request, err));
    TRY(register_begin_issue(residents, &issue, NULL, &acts.by, err));
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
    return register_finish_issue(residents, &issue, &acts.by, err);
}

static int refuse(struct err *err)
{
    CLEANUP(issue_done) struct issue issue = {.kind = CERT_SIGN};

    memcpy(issue.request_id, request_id, sizeof request_id);
    TRY(buf_copy(bytes_text("request"), &issue.request, err));
    return register_drop_issue(residents, &issue, &acts.by, err);
}

static int activate(struct err *err)
{
    TRY(register_mark_issued(residents, "CARDCANARY4711", &acts.by, err));
    return register_activate_card(residents, "CARDCANARY4711", &acts.by, err);
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
    return register_act(residents, &order, &acts.by, &is_new, err);
}

static int reset_pin(struct err *err)
{
    struct act_order order = {
        .request_id = "p-canary", .card = "CARDCANARY4711", .details = "pin=auth"};
    bool is_new;

    TRY(life_act_find("pin-reset", true, &order.act, err));
    return register_act(residents, &order, &acts.by, &is_new, err);
}

/* A sign certificate that the move revokes would need a whole PKI: its order alone is enough. */
static void order_a_revocation(void)
{
    acts_execute("INSERT INTO revocation (request_id, act, kind, serial, reason, ordered_at, state)"
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
    return register_settle_revocation(residents, &order, REVOCATION_DONE, &acts.by, err);
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
    acts.db = residents->db;
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
                                     .actor = acts.by.actor,
                                     .is_identified = true,
                                     .at = ACTS_NOW,
                                     .trace_id = acts.by.trace_id};
    int rc = register_read_mynumber(residents, resident.id, &use, &number, err);

    assert_true((rc == 0) == (number.digits.len == MYNUMBER_LEN));
    return rc;
}

/* For tax, by somebody whom nobody has looked at. */
static int read_unlawfully(void)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    const struct mynumber_use use = {.purpose = MYNUMBER_FOR_TAX,
                                     .actor = acts.by.actor,
                                     .at = ACTS_NOW,
                                     .trace_id = acts.by.trace_id};
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
    acts.db = residents->db;
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

/* The answer is made before, and not sent if this fails (register/routes_codes.c). */
static void codes_of_a_person_are_not_told_without_a_record(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(register_store_open(tempdir_file(&dir, "r.db", path), &residents, NULL), 0);
    acts.db = residents->db;
    assert_int_equal(register_resident(NULL), 0);
    break_the_record();
    assert_int_equal(register_note_codes(residents, resident.id, "disclosure", &acts.by, NULL),
                     -ERR_CONFLICT);
    mend();
    assert_int_equal(register_note_codes(residents, resident.id, "disclosure", &acts.by, NULL), 0);
    assert_last_is(2, &(struct step){"codes.told", "disclosure", NULL});
    assert_int_equal(register_note_codes(residents, NULL, "no-purpose", &acts.by, NULL), 0);
    assert_last_is(3, &(struct step){"codes.refused", "no-purpose", NULL});
    break_the_record();
    assert_int_equal(register_note_extract(residents, resident.id, "resident", &acts.by, NULL),
                     -ERR_CONFLICT);
    mend();
    assert_int_equal(register_note_extract(residents, resident.id, "resident", &acts.by, NULL), 0);
    assert_last_is(4, &(struct step){"extract.told", "resident", NULL});
}

/* The authority. */

static int make_ca(struct err *err)
{
    return authority_finish_ca(authority, CA_SIGN, bytes_text("ca"), &acts.by, err);
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

static void reserve(const char *id, uint32_t serial)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = {
        .kind = CA_SIGN, .request_id = id, .not_after = ACTS_NOW, .build = build};

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
                                          .by = &acts.by};

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
                                               ACTS_NOW,   &acts.by};
    struct revoked revoked;

    return authority_add_revocation(authority, &request, &revoked, err);
}

static int release(struct err *err)
{
    const struct release_request request = {"l-canary", CA_AUTH, 9, ACTS_NOW, &acts.by};
    struct revoked released;

    return authority_add_release(authority, &request, &released, err);
}

/* Auth certificate 9: with no act of this test, so that it has no record. */
static void put_phone_on_hold(void)
{
    acts_execute("INSERT INTO ca VALUES ('auth', NULL, x'00', 12)");
    acts_execute("INSERT INTO certificate (kind, serial, request_id, fingerprint, key, reserved_at,"
                 " not_after, certificate, device)"
                 " VALUES ('auth', 9, 'p', x'', x'01', 1, 2, x'00', 'phone')");
    acts_execute("INSERT INTO revocation VALUES (1, 'h', 'auth', 9, 5, 6)");
}

static int enrol_phone(struct err *err)
{
    const struct phone phone = {"p-canary", 3, {[CA_SIGN] = 4, [CA_AUTH] = 5}, ACTS_NOW, &acts.by};

    return authority_keep_phone(authority, &phone, err);
}

static int add_verifier(struct err *err)
{
    bool is_new;

    return authority_add_verifier(authority, "v-canary", bytes_text("cert"), &acts.by, &is_new,
                                  err);
}

static int remove_verifier(struct err *err)
{
    return authority_remove_verifier(authority, "v-canary", &acts.by, err);
}

static int replace_crl(struct err *err)
{
    struct crl_record record = {.id = 1, .name = "sign-Canary-ken", .number = 1};

    TRY(authority_stage_crl(authority, record.name, bytes_text("list"), &record.file, err));
    return authority_publish_crls(authority, &record, 1, &acts.by, err);
}

static void set_up_authority(void)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(authority_store_open(tempdir_file(&dir, "a.db", path), &authority, NULL), 0);
    acts.db = authority->db;
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

static void databases_without_a_log_get_one_and_keep_what_they_have(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];
    struct resident found;

    (void)state;
    acts_make_old(
        tempdir_file(&dir, "r.db", path), &register_schema, 2,
        "INSERT INTO resident VALUES ('r-1', 'n', '0', 'a', '0', '1990-04-15', 2, '13101', 1)");
    assert_int_equal(register_store_open(path, &residents, NULL), 0);
    acts.db = residents->db;
    assert_int_equal(register_get_resident(residents, "r-1", &found, NULL), 0);
    assert_int_equal(count_records(), 0);
    assert_int_equal(register_resident(NULL), 0);
    assert_int_equal(count_records(), 1);

    acts_make_old(tempdir_file(&dir, "a.db", path), &authority_schema, 7,
                  "INSERT INTO ca VALUES ('auth', NULL, x'30', 2)");
    set_up_authority();
    assert_int_equal(authority_get_ca(authority, CA_AUTH, &der, NULL), 0);
    assert_int_equal(make_ca(NULL), 0);
    assert_int_equal(count_records(), 1);
}

static int apply(struct err *err)
{
    const struct party party = {
        .name = "pf-canary", .title = "Canary", .role = PARTY_PLATFORM, .verifies = {true, true}};
    bool is_new;

    return authority_apply(authority, &party, &acts.by, &is_new, err);
}

static int certify(struct err *err)
{
    return authority_take_step(authority, "pf-canary", PARTY_CERTIFY, &acts.by, err);
}

static int give_notice(struct err *err)
{
    const struct notice notice = {"bank-canary", "Bank", "accounts", "Accounts"};

    return authority_give_notice(authority, "pf-canary", &notice, &acts.by, err);
}

static int add_certificate(struct err *err)
{
    return authority_add_party_certificate(authority, "pf-canary", bytes_text("cert"), &acts.by,
                                           err);
}

static int retire_certificate(struct err *err)
{
    return authority_retire_party_certificate(authority, "pf-canary", bytes_text("cert"), &acts.by,
                                              err);
}

static const struct party asker = {.name = "pf-canary", .verifies = {true, true}};

static int answer_link(struct err *err)
{
    const struct link_question question = {
        .party = &asker, .presented = {CA_SIGN, 2}, .want = LINK_NEWEST, .by = &acts.by};
    struct link link;

    return authority_answer_link(authority, &question, &link, err);
}

static int trace_phone(struct err *err)
{
    const struct phone_question question = {.phone = {CA_AUTH, 2}, .by = &acts.by};
    struct presented card;
    int rc = authority_trace_phone(authority, &question, &card, err);

    return rc == -ERR_ABSENT ? 0 : rc;
}

static int keep_consent(bool is_withdrawal, struct err *err)
{
    struct consent_record record = {
        .party = &asker,
        .document = {is_withdrawal, "pf-canary", "bank-canary", "accounts", 15, ACTS_NOW},
        .text = BYTES_LITERAL("document"),
        .signature = BYTES_LITERAL("signature"),
        .serial = 2,
        .term = {ACTS_NOW, ACTS_NOW + 1000},
        .by = &acts.by};
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

    return authority_list_consents(authority, &holder, &acts.by, &told, err);
}

static int answer_latest(struct err *err)
{
    const struct latest_question question = {.party = &asker,
                                             .request_id = "x-1",
                                             .provider = "bank-canary",
                                             .service = "accounts",
                                             .presented = {CA_SIGN, 2},
                                             .by = &acts.by};
    CLEANUP(latest_done) struct latest latest = LATEST_INIT;

    return authority_answer_latest(authority, &question, &latest, err);
}

static int count_usage(struct err *err)
{
    const struct usage_total total = {"pf-canary", CA_SIGN, 5};
    const struct usage_batch batch = {"0123456789abcdef0123456789abcdef", 1, &total, 1};
    bool is_new;

    return authority_count_usage(authority, &batch, &acts.by, &is_new, err);
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
        {"phone.traced", "unknown", trace_phone},
        {"latest.answered", "no-consent", answer_latest},
        {"consents.listed", NULL, list_consents},
        {NULL, NULL, NULL},
    };

    (void)state;
    set_up_authority();
    assert_int_equal(make_ca(NULL), 0);
    reserve("i-canary-2", 2);
    assert_int_equal(issue(NULL), 0);
    acts_execute("UPDATE certificate SET subject = '00112233445566778899aabbccddeeff',"
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
        WITH_DIR(codes_of_a_person_are_not_told_without_a_record),
        WITH_DIR(an_act_of_the_authority_and_its_record_are_one),
        WITH_DIR(an_act_about_a_verifier_and_its_record_are_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
