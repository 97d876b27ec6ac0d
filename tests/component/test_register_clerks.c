/* SPDX-License-Identifier: Apache-2.0 */
/* Clerks: the first one, logging in, sessions, and who may do what to whom. Refusals first. */
#include "register/refusal.h"
#include "register/routes.h"
#include "support/clerk_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_err(const struct err *err, enum refusal refusal)
{
    assert_memory_equal(err->text, refusal_word(refusal), strlen(refusal_word(refusal)));
}

static void challenge_of(char ret[BOOTSTRAP_CHALLENGE_LEN + 1])
{
    const struct audit_origin by = site_clerk();

    assert_int_equal(register_begin_bootstrap(site.store, ret, &by, NULL), 0);
}

static void assert_no_first(const struct applying *with, struct test_clerk *who,
                            enum refusal refusal)
{
    struct clerk clerk;
    struct err err = {0};

    assert_true(who_bootstrap(who, with, &err) < 0);
    assert_err(&err, refusal);
    assert_int_equal(register_next_clerk(site.store, "", &clerk, NULL), -ERR_ABSENT);
}

static void the_first_clerk_needs_the_last_challenge_and_a_card_that_counts(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_new();
    CLEANUP(who_done) struct test_clerk revoked = who_new();
    CLEANUP(who_done) struct test_clerk half = who_new();
    char first[BOOTSTRAP_CHALLENGE_LEN + 1], challenge[BOOTSTRAP_CHALLENGE_LEN + 1];
    struct applying with = {.challenge = challenge};

    (void)state;
    memset(challenge, '0', sizeof challenge - 1);
    challenge[sizeof challenge - 1] = '\0';
    assert_no_first(&with, &who, REFUSED_CHALLENGE); /* none was given */
    challenge_of(first);
    challenge_of(challenge);
    assert_string_not_equal(first, challenge);
    with.challenge = first;
    assert_no_first(&with, &who, REFUSED_CHALLENGE);
    with.challenge = challenge;
    with.origin = "https://other.example";
    assert_no_first(&with, &who, REFUSED_ORIGIN);
    with.origin = NULL;
    with.at = clock_now(&site.clock) - APPLICATION_SECONDS - 1;
    assert_no_first(&with, &who, REFUSED_STALE);
    with.at = clock_now(&site.clock) + APPLICATION_SECONDS + 1;
    assert_no_first(&with, &who, REFUSED_STALE);
    with.at = 0;
    desks_revoke(&revoked, CERT_SIGN);
    assert_no_first(&with, &revoked, REFUSED_REVOKED);
    desks_revoke(&half, CERT_AUTH);
    assert_no_first(&with, &half, REFUSED_REVOKED);
    desks_stop_authority();
    assert_no_first(&with, &who, REFUSED_STATUS);
    desks_start_authority();
    assert_int_equal(who_bootstrap(&who, &with, NULL), 0);
}

static void what_is_no_application_is_refused(void **state)
{
    static const struct applying wrong[] = {
        {.name = ""},
        {.name = "\360\240\256\267"}, /* a character that certificates do not know */
        {.municipality = "99999"},
        {.municipality = "1310"},
        {.window = "003a"},
        {.window = "00030"},
    };
    CLEANUP(who_done) struct test_clerk who = who_new();
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];

    (void)state;
    challenge_of(challenge);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct applying with = wrong[i];

        with.challenge = challenge;
        assert_int_equal(who_bootstrap(&who, &with, NULL), -ERR_INPUT);
    }
}

/* Whatever happens between the two halves, there is one first clerk. */
static void there_is_one_first_clerk_for_ever(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_new();
    CLEANUP(who_done) struct test_clerk other = who_new();
    const struct audit_origin by = site_clerk();
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];
    struct applying with = {.challenge = challenge};
    struct clerk clerk;
    struct err err = {0};

    (void)state;
    challenge_of(challenge);
    desks_restart(); /* killed in the middle: the challenge holds */
    assert_int_equal(who_bootstrap(&who, &with, NULL), 0);
    assert_int_equal(register_get_clerk(site.store, who.id, &clerk, NULL), 0);
    assert_int_equal(clerk.roles, CLERK_ROLE_BIT(ROLE_ADMINISTRATOR));
    assert_int_equal(clerk.card.serial, who.serials[CERT_SIGN]);
    desks_restart();
    assert_true(who_bootstrap(&who, &with, &err) < 0); /* the answer was lost */
    assert_err(&err, REFUSED_BOOTSTRAPPED);
    assert_true(who_bootstrap(&other, &with, &err) < 0);
    assert_err(&err, REFUSED_BOOTSTRAPPED);
    assert_true(register_begin_bootstrap(site.store, challenge, &by, &err) < 0);
    assert_err(&err, REFUSED_BOOTSTRAPPED);
    assert_int_equal(register_next_clerk(site.store, who.id, &clerk, NULL), -ERR_ABSENT);
}

static void assert_login_refused(struct test_clerk *who, const char *counter, enum refusal refusal)
{
    CLEANUP(json_freep) struct json *problem = NULL;

    assert_in_range(who_log_in(who, counter, &problem), 400, 503);
    assert_refused(problem, refusal);
}

static void who_is_no_clerk_here_does_not_log_in(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk clerk = who_added(&first, "[\"registrar\"]", "13101");
    CLEANUP(who_done) struct test_clerk stranger = who_new();
    CLEANUP(json_freep) struct json *problem = NULL;
    char path[64];

    (void)state;
    assert_login_refused(&stranger, DESK_COUNTER, REFUSED_UNKNOWN);
    assert_login_refused(&clerk, "131020001", REFUSED_PLACE);
    assert_login_refused(&clerk, "000000001", REFUSED_PLACE);
    assert_int_equal(who_log_in(&clerk, "13101001", &problem), 400);
    assert_int_equal(who_log_in(&clerk, "999990001", &problem), 400);
    assert_int_equal(who_log_in(&clerk, "131010001", &problem), 201);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/block", clerk.id);
    assert_int_equal(who_order(&first, path, "{\"blocked\":true}", NULL), 201);
    assert_login_refused(&clerk, "131010001", REFUSED_BLOCKED);
    assert_int_equal(who_order(&first, path, "{\"blocked\":false}", NULL), 201);
    assert_int_equal(who_log_in(&clerk, "131010001", &problem), 201);
}

static void a_card_that_does_not_count_does_not_log_in(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk a = who_added(&first, "[\"registrar\"]", "13101");
    CLEANUP(who_done) struct test_clerk b = who_added(&first, "[\"registrar\"]", "13101");

    (void)state;
    desks_revoke(&a, CERT_AUTH);
    assert_login_refused(&a, DESK_COUNTER, REFUSED_REVOKED);
    desks_revoke(&b, CERT_SIGN); /* signs nothing, so does nothing */
    assert_login_refused(&b, DESK_COUNTER, REFUSED_REVOKED);
    desks_stop_authority();
    assert_login_refused(&first, DESK_COUNTER, REFUSED_STATUS);
    desks_start_authority();
    site.clock.fixed += 5 * INT64_C(366) * 86400;
    assert_login_refused(&first, DESK_COUNTER, REFUSED_CERTIFICATE);
}

static struct json *open_login(const struct test_clerk *who)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *challenge = NULL;

    assert_int_equal(json_put_text(body, "counter", DESK_COUNTER, NULL), 0);
    assert_int_equal(desk_ask(who, "POST /v1/challenges", body, &challenge), 201);
    return challenge;
}

/* The answer of who, signed for a counter. */
static unsigned answer(const struct test_clerk *who, const struct json *challenge,
                       struct json **ret)
{
    CLEANUP(json_freep) struct json *body = who_answer(who, challenge);

    return desk_ask(who, "POST /v1/sessions", body, ret);
}

static void a_challenge_is_answered_once_in_time_from_where_it_was_asked_for(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_first();
    CLEANUP(json_freep) struct json *challenge = open_login(&who);
    CLEANUP(json_freep) struct json *late = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    struct test_clerk elsewhere = who;

    (void)state;
    elsewhere.uid = 1001;
    assert_int_equal(answer(&elsewhere, challenge, &told), 409);
    assert_refused(told, REFUSED_CHALLENGE);
    json_freep(&challenge); /* it was taken out all the same */
    challenge = open_login(&who);
    (void)snprintf(elsewhere.counter, sizeof elsewhere.counter, "131020001");
    elsewhere.uid = who.uid;
    assert_int_equal(answer(&elsewhere, challenge, &told), 422);
    assert_refused(told, REFUSED_SIGNATURE); /* signed as if at another counter */
    assert_int_equal(answer(&who, challenge, &told), 409);
    json_freep(&challenge);
    challenge = open_login(&who);
    assert_int_equal(answer(&who, challenge, &told), 201);
    assert_int_equal(answer(&who, challenge, &told), 409);
    late = open_login(&who);
    site.clock.fixed += CHALLENGE_SECONDS + 1;
    assert_int_equal(answer(&who, late, &told), 409);
    assert_refused(told, REFUSED_CHALLENGE);
}

static void assert_no_session(const struct test_clerk *who, enum refusal refusal)
{
    CLEANUP(json_freep) struct json *problem = NULL;

    assert_int_equal(desk_ask(who, "GET /v1/filings", NULL, &problem), 403);
    assert_refused(problem, refusal);
}

static void a_session_is_of_one_token_and_one_user_and_ends(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_first();
    struct test_clerk other = who;

    (void)state;
    assert_int_equal(desk_ask(&who, "GET /v1/filings", NULL, NULL), 200);
    other.uid = 1001;
    assert_no_session(&other, REFUSED_NO_SESSION);
    other = who;
    other.token[63] = other.token[63] == '0' ? '1' : '0';
    assert_no_session(&other, REFUSED_NO_SESSION);
    other.token[0] = '\0';
    assert_no_session(&other, REFUSED_NO_SESSION);
    assert_int_equal(desk_ask(&who, "DELETE /v1/sessions/own", NULL, NULL), 204);
    assert_no_session(&who, REFUSED_NO_SESSION);
    assert_int_equal(who_log_in(&who, DESK_COUNTER, NULL), 201);
    site.clock.fixed += SESSION_SECONDS;
    assert_int_equal(desk_ask(&who, "GET /v1/filings", NULL, NULL), 200);
    site.clock.fixed += 1;
    assert_no_session(&who, REFUSED_NO_SESSION);
    assert_int_equal(who_log_in(&who, DESK_COUNTER, NULL), 201);
    desks_restart();
    assert_no_session(&who, REFUSED_NO_SESSION);
}

static void who_is_blocked_or_has_another_card_is_out_at_once(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk clerk = who_added(&first, "[\"registrar\"]", "13101");
    CLEANUP(who_done) struct test_clerk renewed = who_new();
    CLEANUP(json_freep) struct json *body = who_apply(&renewed, &(struct applying){.name = NULL});
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *application;
    char path[64];

    (void)state;
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/block", clerk.id);
    assert_int_equal(who_order(&first, path, "{\"blocked\":true}", NULL), 201);
    assert_no_session(&clerk, REFUSED_NO_SESSION);
    assert_int_equal(who_order(&first, path, "{\"blocked\":false}", NULL), 201);
    assert_int_equal(who_log_in(&clerk, DESK_COUNTER, NULL), 201);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &application, NULL), 0);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/card", clerk.id);
    assert_int_equal(who_order(&first, path, application, &told), 201);
    assert_no_session(&clerk, REFUSED_NO_SESSION);
    assert_login_refused(&clerk, DESK_COUNTER, REFUSED_UNKNOWN);
    assert_int_equal(who_log_in(&renewed, DESK_COUNTER, NULL), 201);
    assert_string_equal(renewed.id, clerk.id);
}

static void a_card_is_one_clerks_at_a_time(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk a = who_added(&first, "[\"registrar\"]", "13101");
    CLEANUP(who_done) struct test_clerk b = who_added(&first, "[\"registrar\"]", "13101");
    CLEANUP(json_freep) struct json *body = who_apply(&a, &(struct applying){.name = NULL});
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *application;
    char path[64];

    (void)state;
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &application, NULL), 0);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/card", b.id);
    assert_int_equal(who_order(&first, path, application, &told), 409);
    assert_refused(told, REFUSED_CARD_TAKEN);
}

/* Who administers decides about others, and about those of the own municipality. */
static void nobody_decides_about_himself_or_those_of_another_place(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk local = who_added(&first, "[\"administrator\"]", "13101");
    CLEANUP(who_done) struct test_clerk far = who_added(&first, "[\"registrar\"]", "13102");
    CLEANUP(json_freep) struct json *told = NULL;
    char path[64];

    (void)state;
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/roles", local.id);
    assert_int_equal(who_order(&local, path, "{\"roles\":[\"issuer\"]}", &told), 403);
    assert_refused(told, REFUSED_SELF);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/roles", far.id);
    assert_int_equal(who_order(&local, path, "{\"roles\":[\"issuer\"]}", &told), 403);
    assert_refused(told, REFUSED_PLACE);
    assert_int_equal(who_order(&far, path, "{\"roles\":[\"issuer\"]}", &told), 403);
    assert_refused(told, REFUSED_ROLE);
    assert_int_equal(who_order(&first, path, "{\"roles\":[\"emperor\"]}", &told), 400);
    assert_int_equal(desk_ask(&far, "GET /v1/clerks", NULL, &told), 403);
    assert_refused(told, REFUSED_ROLE);
}

/* An applicant of another municipality than the administrator's. */
static void an_administrator_adds_clerks_of_the_own_municipality(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk local = who_added(&first, "[\"administrator\"]", "13101");
    CLEANUP(who_done) struct test_clerk far = who_new();
    CLEANUP(json_freep)
    struct json *body = who_apply(&far, &(struct applying){.municipality = "13102"});
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *application;

    (void)state;
    assert_int_equal(json_put(body, "roles", json_array_new(), NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &application, NULL), 0);
    assert_int_equal(who_order(&local, "/v1/clerks", application, &told), 403);
    assert_refused(told, REFUSED_PLACE);
}

static void what_happens_to_a_clerk_stays_in_the_history(void **state)
{
    static const char *const expected[] = {
        "added ",
        "role-given registrar",
        "role-given approver",
        "role-taken registrar",
        "role-given issuer",
        "blocked ",
    };
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done)
    struct test_clerk clerk = who_added(&first, "[\"registrar\",\"approver\"]", "13101");
    CLEANUP(json_freep) struct json *told = NULL;
    struct clerk_step step;
    struct clerk now;
    char path[64], text[64];

    (void)state;
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/roles", clerk.id);
    assert_int_equal(who_order(&first, path, "{\"roles\":[\"issuer\",\"approver\"]}", &told), 201);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/block", clerk.id);
    assert_int_equal(who_order(&first, path, "{\"blocked\":true}", &told), 201);
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(register_get_clerk_step(site.store, clerk.id, i, &step, NULL), 0);
        (void)snprintf(text, sizeof text, "%s %s", step.what, step.detail);
        assert_string_equal(text, expected[i]);
        assert_memory_equal(step.actor, "clerk:", 6);
        assert_string_equal(step.actor + 6, first.id);
    }
    assert_int_equal(register_get_clerk_step(site.store, clerk.id, 6, &step, NULL), -ERR_ABSENT);
    assert_int_equal(register_get_clerk(site.store, clerk.id, &now, NULL), 0);
    assert_true(now.is_blocked);
    assert_int_equal(now.roles, CLERK_ROLE_BIT(ROLE_ISSUER) | CLERK_ROLE_BIT(ROLE_APPROVER));
    (void)snprintf(text, sizeof text, "GET /v1/clerks/%s/history", clerk.id);
    assert_int_equal(desk_ask(&first, text, NULL, &told), 200);
}

static void as_many_challenges_and_sessions_as_there_is_room_for(void **state)
{
    struct sessions *sessions;
    struct login_challenge challenge;
    struct session session = {.clerk = "c"};
    char token[SESSION_TOKEN_LEN + 1];

    (void)state;
    assert_int_equal(sessions_new(&sessions, NULL), 0);
    for (unsigned i = 0; i < CHALLENGES_MAX; i++)
        assert_int_equal(sessions_challenge(sessions, DESK_COUNTER, 1, 100, &challenge, NULL), 0);
    assert_int_equal(sessions_challenge(sessions, DESK_COUNTER, 1, 100, &challenge, NULL),
                     -ERR_REMOTE);
    assert_int_equal(
        sessions_challenge(sessions, DESK_COUNTER, 1, 101 + CHALLENGE_SECONDS, &challenge, NULL),
        0);
    for (unsigned i = 0; i < SESSIONS_MAX; i++)
        assert_int_equal(sessions_open(sessions, &session, 100, token, NULL), 0);
    assert_int_equal(sessions_open(sessions, &session, 100, token, NULL), -ERR_REMOTE);
    assert_int_equal(sessions_open(sessions, &session, 101 + SESSION_SECONDS, token, NULL), 0);
    sessions_close_of(sessions, "c");
    assert_int_equal(sessions_find(sessions, token, 0, 101, &session, NULL), -ERR_DENIED);
    sessions_freep(&sessions);
}

static void an_application_has_a_largest_size(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(who_done) struct test_clerk who = who_new();
    struct application application;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < APPLICATION_BYTES_MAX; i++)
        assert_int_equal(buf_append_byte(&text, ' ', NULL), 0);
    who_sign(&who, buf_bytes(&text), &signature);
    struct application_text from = {buf_bytes(&text), buf_bytes(&signature)};
    assert_int_equal(application_read(&site.counter, &from, &application, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "bytes")); /* read, and no JSON */
    assert_int_equal(buf_append_byte(&text, ' ', NULL), 0);
    from.text = buf_bytes(&text);
    assert_int_equal(application_read(&site.counter, &from, &application, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than"));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, desks_set_up, desks_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_first_clerk_needs_the_last_challenge_and_a_card_that_counts),
        EACH(what_is_no_application_is_refused),
        EACH(there_is_one_first_clerk_for_ever),
        EACH(who_is_no_clerk_here_does_not_log_in),
        EACH(a_card_that_does_not_count_does_not_log_in),
        EACH(a_challenge_is_answered_once_in_time_from_where_it_was_asked_for),
        EACH(a_session_is_of_one_token_and_one_user_and_ends),
        EACH(who_is_blocked_or_has_another_card_is_out_at_once),
        EACH(a_card_is_one_clerks_at_a_time),
        EACH(nobody_decides_about_himself_or_those_of_another_place),
        EACH(an_administrator_adds_clerks_of_the_own_municipality),
        EACH(what_happens_to_a_clerk_stays_in_the_history),
        cmocka_unit_test(as_many_challenges_and_sessions_as_there_is_room_for),
        EACH(an_application_has_a_largest_size),
    };

    return cmocka_run_group_tests(tests, desks_make, desks_release);
}
