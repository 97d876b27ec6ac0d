/* SPDX-License-Identifier: Apache-2.0 */
/* Every act of the platform is in its audit log, and neither is there without the other. */
#include "platform/login/store.h"
#include "platform/member/store.h"
#include "platform/operator/onboarding.h"
#include "platform/operator/store.h"
#include "platform/schema.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/store.h"
#include "platform/verification/store.h"
#include "support/acts.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SESSION "CanarySession567890123"

static struct tempdir dir;
static struct platform_store *platform;

static int make_dir(void **state)
{
    (void)state;
    dir = tempdir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    platform_store_closep(&platform);
    tempdir_done(&dir);
    return 0;
}

/* Not so short that the log's random numbers could be it, in their digits, by chance. */
#define HOLDER_SERIAL "4711-0815-4711"
static const struct holder_key who = {{(const uint8_t *)"issuer", 6},
                                      {(const uint8_t *)HOLDER_SERIAL, sizeof HOLDER_SERIAL - 1}};
static struct digest secret_hash;

static int add_tenant(struct err *err)
{
    static const struct tenant tenant = {"bank", "Bank", "https://bank.example"};

    return platform_add_tenant(platform, &tenant, &secret_hash, &acts.by, err);
}

static int add_test_tenant(struct err *err)
{
    static const struct tenant tenant = {"bank.test", "Bank", "https://bank.example"};

    return platform_add_test_tenant(platform, "bank", &tenant, &secret_hash, &acts.by, err);
}

static int judge(struct err *err)
{
    static const struct verification v = {
        .id = "canary-1", .client_id = "bank", .at = ACTS_NOW, .verdict = "invalid"};

    return platform_keep_verification(platform, &v, NULL, "invalid revoked", &acts.by, err);
}

/* What its tenant was told, and no more, with the number of the record of the judging. */
static int show(struct err *err)
{
    int64_t seq;

    return platform_show_verification(platform, "canary-1", "bank", &acts.by, &seq, err);
}

static void open_login(const char *session)
{
    struct login login = {.client_id = "bank", .code = "123456", .expires_at = ACTS_NOW};

    (void)snprintf(login.session, sizeof login.session, "%s", session);
    login.secret = secret_hash;
    assert_int_equal(platform_open_login(platform, &login, ACTS_NOW, NULL), 0);
}

static int answer(struct err *err)
{
    return platform_answer_login(platform, SESSION, &who, "valid", &acts.by, err);
}

static int redeem(struct err *err)
{
    uint8_t holder[HOLDER_ID_SIZE];

    return platform_redeem_login(platform, SESSION, &secret_hash, &acts.by, holder, err);
}

static void set_up_platform(void)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("secret"), &secret_hash, NULL), 0);
    assert_int_equal(platform_store_open(tempdir_file(&dir, "p.db", path), &platform, NULL), 0);
    acts.db = platform->db;
}

/* Each question is a record, with what was told and the number of the record of the judging. */
static void a_record_that_is_shown_says_what_was_told(void **state)
{
    static const struct step shown = {"verification.shown", "invalid 2", show};
    int64_t seq;

    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    assert_int_equal(platform_show_verification(platform, "canary-1", "bank", &acts.by, &seq, NULL),
                     -ERR_ABSENT);
    assert_int_equal(judge(NULL), 0);
    assert_int_equal(platform_show_verification(platform, "canary-1", "shop", &acts.by, &seq, NULL),
                     -ERR_ABSENT);
    assert_one_record(&shown);
    acts_execute("UPDATE verification SET record = NULL"); /* of before */
    assert_int_equal(show(NULL), -ERR_CONFLICT);
}

static void an_act_of_the_platform_and_its_record_are_one(void **state)
{
    static const struct step tenant = {"tenant.added", NULL, add_tenant};
    static const struct step test = {"tenant.added", NULL, add_test_tenant};
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
    assert_int_equal(
        digest_compute(DIGEST_SHA256, bytes_text("secret of a test"), &secret_hash, NULL), 0);
    assert_act_and_record_together(&test);
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
    assert_int_equal(platform_set_tenant_key(platform, &key, &other, &acts.by, NULL),
                     -ERR_CONFLICT);
    mend();
    assert_int_equal(platform_get_tenant_by_key(platform, &secret_hash, ACTS_NOW, &tenant, NULL),
                     0);
    assert_int_equal(count_records(), before);
    assert_int_equal(platform_set_tenant_key(platform, &key, &other, &acts.by, NULL), 0);
    assert_int_equal(platform_get_tenant_by_key(platform, &secret_hash, ACTS_NOW, &tenant, NULL),
                     -ERR_ABSENT);
    assert_last_is(before + 1, &renewed);
}

static const struct member somebody = {.id = "MemberMemberMemberMemb",
                                       .client_id = "bank",
                                       .name = "Canary Name",
                                       .role = ROLE_AUDITOR,
                                       .ends_at = ACTS_NOW};

static int invite(struct err *err)
{
    return platform_invite_member(platform, &somebody, &secret_hash, &acts.by, err);
}

static int remove_member(struct err *err)
{
    return platform_remove_member(platform, "bank", somebody.id, &acts.by, err);
}

static int apply(struct err *err)
{
    const struct onboarding_act act = {"bank", STEP_APPLY, "canary"};

    return platform_take_step(platform, &act, 0, &acts.by, err);
}

static int add_operator_key(struct err *err)
{
    const struct operator_key key = {.id = "canary", .name = "Canary Name"};

    return platform_add_operator_key(platform, &key, &secret_hash, &acts.by, err);
}

static int revoke_operator_key(struct err *err)
{
    return platform_revoke_operator_key(platform, "canary", &acts.by, err);
}

static void an_act_of_the_operator_and_its_record_are_one(void **state)
{
    static const struct step steps[] = {{"tenant.step", "apply", apply},
                                        {"operator.key-revoked", NULL, revoke_operator_key},
                                        {NULL, NULL, NULL}};
    static const char *const canaries[] = {"anary", "secret", NULL};

    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    assert_one_record(&(struct step){"operator.key-added", NULL, add_operator_key});
    assert_steps(steps);
    assert_log_lacks(canaries);
}

static struct console_session begun;

static int begin_session(struct err *err)
{
    const struct console_opening opening = {
        .login = SESSION, .secret = secret_hash, .token = secret_hash, .csrf = "canary"};
    struct member member;

    return platform_open_session(platform, &opening, &acts.by, &member, err);
}

static int end_session(struct err *err)
{
    return platform_end_session(platform, &begun, &acts.by, err);
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
    assert_int_equal(platform_get_session(platform, &secret_hash, ACTS_NOW, &begun, NULL),
                     -ERR_DENIED);
    assert_int_equal(count_records(), before);
    assert_int_equal(begin_session(NULL), 0);
    assert_int_equal(count_records(), before + 3);
    assert_last_is(before + 3, &(struct step){"session.opened", NULL, NULL});
    assert_int_equal(platform_get_session(platform, &secret_hash, ACTS_NOW, &begun, NULL), 0);
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
                          .expires_at = ACTS_NOW,
                          .session = SESSION,
                          .client_id = LOGIN_CONSOLE_CLIENT};

    (void)state;
    set_up_platform();
    assert_int_equal(add_tenant(NULL), 0);
    assert_act_and_record_together(&invited);
    login.secret = login.invitation = secret_hash;
    assert_int_equal(platform_open_login(platform, &login, ACTS_NOW, NULL), 0);
    assert_int_equal(answer(NULL), 0);
    assert_begin_is_whole();
    assert_steps(ends);
    assert_log_lacks(canaries);
}

static int enter_a_wrong_code(struct err *err)
{
    return platform_check_code(platform, SESSION, "000000", &acts.by, err);
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
    assert_int_equal(platform_check_code(platform, SESSION, "123456", &acts.by, NULL), 0);
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
        assert_int_equal(platform_note_refusal(platform, SESSION, "invalid", &acts.by, NULL), 0);
        assert_last_is(1 + i, &(struct step){"login.refused", "invalid", NULL});
    }
    assert_int_equal(platform_note_refusal(platform, SESSION, "invalid", &acts.by, NULL), 0);
    assert_int_equal(count_records(), 1 + LOGIN_REFUSALS_MAX);
    assert_int_equal(platform_note_refusal(platform, "another", "invalid", &acts.by, NULL), 0);
    assert_int_equal(count_records(), 2 + LOGIN_REFUSALS_MAX);
}

static void a_database_without_a_log_gets_one_and_keeps_what_it_has(void **state)
{
    char path[TEMPDIR_FILE_SIZE];
    struct tenant shop;
    struct login login;

    (void)state;
    acts_make_old(tempdir_file(&dir, "p.db", path), &platform_schema, 1,
                  "INSERT INTO tenant VALUES ('shop', 'Shop', 'https://shop.example', x'00')");
    set_up_platform();
    assert_int_equal(platform_get_tenant(platform, "shop", &shop, NULL), 0);
    assert_int_equal(add_tenant(NULL), 0);
    open_login(SESSION);
    assert_int_equal(platform_get_login(platform, SESSION, &login, NULL), 0);
    assert_int_equal(count_records(), 1);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(a_database_without_a_log_gets_one_and_keeps_what_it_has),
        WITH_DIR(a_record_that_is_shown_says_what_was_told),
        WITH_DIR(an_act_of_the_platform_and_its_record_are_one),
        WITH_DIR(another_key_of_a_provider_and_its_record_are_one),
        WITH_DIR(an_act_of_the_operator_and_its_record_are_one),
        WITH_DIR(what_becomes_of_a_member_and_its_record_are_one),
        WITH_DIR(only_the_wrong_code_that_ends_a_login_is_in_the_log),
        WITH_DIR(refused_answers_fill_the_log_up_to_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
