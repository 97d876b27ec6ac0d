/* SPDX-License-Identifier: Apache-2.0 */
/* What the register tells of a move is followed, and what it cannot have said is not. */
#include "exchange/relocation.h"
#include "fetch/fetch.h"
#include "portal/provider/relocations.h"
#include "support/kiosk_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CODE "AgICAgICAgICAgICAgICAg" /* HER_CODE */
#define MOVE(number, since)                                                                        \
    "{\"number\":" number ",\"standing\":\"here\",\"from\":{\"body\":\"M13101\",\"code\":\"" CODE  \
    "\"},\"to\":"                                                                                  \
    "{\"body\":\"M27100\",\"code\":\"" CODE "\"},\"since\":\"" since                               \
    "\",\"former_address\":\"東京都千代田区見本町一丁目２番３号\"}"

#define LEFT(number, standing, since)                                                              \
    "{\"number\":" number ",\"standing\":\"" standing "\",\"from\":{\"body\":\"M13101\","          \
    "\"code\":\"" CODE "\"},\"since\":\"" since "\",\"former_address\":\"\"}"

/* What the register answers; NULL: it is not there. */
static _Atomic(const char *) answer;
static int64_t asked_after;
static _Atomic int asks, told;

int __wrap_fetch(const struct fetch_request *request, struct fetch_response *ret, struct err *err);

int __wrap_fetch(const struct fetch_request *request, struct fetch_response *ret, struct err *err)
{
    const char *text;

    assert_string_equal(request->socket, "register");
    assert_string_equal(request->url, "/v1/relocations");
    assert_int_equal(json_get_int(request->body, "after", &asked_after, NULL), 0);
    text = answer; /* once: it may be another one at any time */
    asks++;
    if (text == NULL)
        return FAIL(err, ERR_REMOTE, "nobody is there");
    return json_parse(bytes_text(text), &ret->json, err);
}

static int set_up(void **state)
{
    answer = NULL;
    TRY(kiosk_site_set_up(state));
    site.portal.register_socket = "register";
    return 0;
}

static bool has_household(const char *body)
{
    const struct person_code hers = kiosk_her_code();
    struct household household;

    return civil_get(holdings, body, &hers, &household, NULL) == 0;
}

static void what_the_register_cannot_have_said_changes_nothing(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{\"relocations\":1}",
        "{\"relocations\":[1]}",
        "{\"relocations\":[{}]}",
        "{\"relocations\":[" MOVE("\"1\"", "2026-11-20") "]}",
        "{\"relocations\":[" MOVE("1", "yesterday") "]}",
        "{\"relocations\":[" LEFT("1", "away", "2026-11-20") "]}",
        "{\"relocations\":[" LEFT("1", "here", "2026-11-20") "]}", /* and no other place */
        "{\"relocations\":[" LEFT("1", "dead", "") "]}",
        "{\"relocations\":[{\"number\":1,\"standing\":\"here\",\"from\":{\"body\":\"M13101\","
        "\"code\":\"x\"},\"to\":"
        "{\"body\":\"M27100\",\"code\":\"" CODE "\"},\"since\":\"2026-11-20\","
        "\"former_address\":\"a\"}]}",
        "{\"relocations\":[{\"number\":1,\"standing\":\"here\",\"from\":{\"body\":"
        "\"M1310100000000000000000\",\"code\":"
        "\"" CODE "\"},\"to\":{\"body\":\"M27100\",\"code\":\"" CODE
        "\"},\"since\":\"2026-11-20\",\"former_address\":\"a\"}]}",
    };

    (void)state;
    assert_int_equal(relocations_step(&site.portal, NULL), -ERR_REMOTE);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        answer = answers[i];
        assert_int_equal(relocations_step(&site.portal, NULL), -ERR_REMOTE);
    }
    assert_int_equal(asked_after, 0);
    assert_true(has_household("M13101"));
}

static void count_told(const struct err *failure)
{
    assert_int_equal(failure->kind, ERR_REMOTE);
    told++;
}

/* The register has answered twice more: once at least with what it says now. */
static void wait_for_answers(void)
{
    const int before = asks;

    for (int i = 0; i < 6000 && asks < before + 2; i++)
        (void)usleep(10000);
    assert_true(asks >= before + 2);
}

static void the_thread_tells_a_failure_again_after_it_worked(void **state)
{
    struct relocations *relocations = NULL;

    (void)state;
    told = 0;
    assert_int_equal(relocations_start(&site.portal, count_told, &relocations, NULL), 0);
    wait_for_answers();
    assert_int_equal(told, 1);
    answer = "{\"relocations\":[]}";
    wait_for_answers();
    answer = NULL;
    wait_for_answers();
    relocations_stopp(&relocations);
    assert_int_equal(told, 2);
}

static void nobody_moved_is_no_failure(void **state)
{
    (void)state;
    answer = "{\"relocations\":[]}";
    assert_int_equal(relocations_step(&site.portal, NULL), -ERR_ABSENT);
}

/* Whether a kiosk gives her a certificate: the status. */
static unsigned order_of(const char *kind)
{
    char id[32], choice[64];

    kiosk_begin(id);
    (void)snprintf(choice, sizeof choice, "{\"kind\":\"%s\"}", kind);
    return kiosk_status(id, "/choice", choice);
}

static void a_move_is_seen_by_the_next_certificate(void **state)
{
    (void)state;
    registry.municipality = "27100";
    assert_int_equal(order_of("household"), 409);
    answer = "{\"relocations\":[" MOVE("3", "2026-11-20") "]}";
    assert_int_equal(relocations_step(&site.portal, NULL), 0);
    assert_int_equal(order_of("household"), 200);
    assert_int_equal(order_of("seal"), 409);
    assert_true(has_household("M27100") && !has_household("M13101"));
    answer = "{\"relocations\":[]}";
    assert_int_equal(relocations_step(&site.portal, NULL), -ERR_ABSENT);
    assert_int_equal(asked_after, 3);
}

/* On the day, with no further word of the register, which may even be away. */
static void whoever_leaves_is_gone_from_that_day_on(void **state)
{
    const int64_t day = caltime_utc((struct caltime){{2026, 12, 5}, 0, 0, 0}, JST_OFFSET_SECONDS);

    (void)state;
    answer = "{\"relocations\":[" LEFT("3", "leaving", "2026-12-05") "]}";
    assert_int_equal(relocations_step(&site.portal, NULL), 0);
    assert_true(has_household("M13101"));
    answer = NULL;
    portal_site_at(&site, day - 1 - PORTAL_SITE_NOW);
    assert_int_equal(relocations_step(&site.portal, NULL), -ERR_REMOTE);
    assert_true(has_household("M13101"));
    portal_site_at(&site, day - PORTAL_SITE_NOW);
    assert_int_equal(relocations_step(&site.portal, NULL), -ERR_REMOTE);
    assert_false(has_household("M13101"));
}

static void an_address_that_cannot_be_shown_is_left_out(void **state)
{
    const struct person_code hers = kiosk_her_code();
    struct household household;

    (void)state;
    answer = "{\"relocations\":[{\"number\":1,\"standing\":\"here\",\"from\":{\"body\":\"M13101\","
             "\"code\":\"" CODE "\"},\"to\":{\"body\":\"M13101\",\"code\":\"" CODE
             "\"},\"since\":\"2026-11-20\",\"former_address\":\"two\\nlines\"}]}";
    assert_int_equal(relocations_step(&site.portal, NULL), 0);
    assert_int_equal(civil_get(holdings, "M13101", &hers, &household, NULL), 0);
    assert_string_equal(household.former_address, "");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kiosk_site_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_the_register_cannot_have_said_changes_nothing),
        CASE(the_thread_tells_a_failure_again_after_it_worked),
        CASE(nobody_moved_is_no_failure),
        CASE(a_move_is_seen_by_the_next_certificate),
        CASE(whoever_leaves_is_gone_from_that_day_on),
        CASE(an_address_that_cannot_be_shown_is_left_out),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
