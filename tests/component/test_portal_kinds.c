/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All 19 kinds of information (S325 to S343), name by name, each held about a persona of the
 * sandbox and asked for as that persona; and what is said where there is nothing, or nobody who can
 * be asked.
 */
#include "portal/account/codes.h"
#include "portal/selfinfo/selfinfo.h"
#include "sandbox/insured.h"
#include "sandbox/persona.h"
#include "support/portal_exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FIRST_KIND = 325, LAST_KIND = 343 };

static struct portal_site site;
static struct portal_exchange exchange;
static struct personas personas;
static uint8_t asked_for; /* the octet of whose turn it is */

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);

/* Takes the place of the register: each body knows a persona by one octet many times. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)person_reference;
    (void)bodies;
    (void)err;
    for (size_t i = 0; i < count; i++)
        memset(ret[i], asked_for, PORTAL_CODE_SIZE);
    return 0;
}

/* Who has it in the sandbox, where they live unless an area is named, and what becomes of it. */
static const struct {
    const char *info, *persona, *area, *state;
} rows[] = {
    {"TM00000000000001", "hanako", NULL, "ready"},
    {"TM00000000000002", "hanako", NULL, "ready"},
    {"TM00000000000082", "kaigo", NULL, "ready"},
    {"TM99000000000101", "hanako", NULL, "ready"},
    {"TM99000000000102", "hanako", NULL, "ready"},
    {"TM99000000000103", "kaigo", NULL, "ready"},
    {"TM99000000000104", "hanako", NULL, "ready"},
    {"TM99000000000105", "hanako", NULL, "ready"},
    {"TM99000000000106", "akachan", NULL, "ready"},
    {"TM99000000000107", "oya", NULL, "ready"},
    {"TM99000000000108", "kaigo", NULL, "ready"},
    {"TM99000000000109", "hanako", NULL, "ready"},
    {"TM99000000000110", "oya", NULL, "ready"},
    {"TM99000000000111", "oya", NULL, "ready"},
    {"TM99000000000112", "oya", NULL, "ready"},
    {"TM99000000000113", "koukou", NULL, "ready"},
    {"TM99000000000114", "byouki", NULL, "ready"},
    {"TM99000000000115", "byouki", NULL, "ready"},
    {"TM99000000000116", "hanako", NULL, "ready"},
    {"TM99000000000117", "kaigo", NULL, "ready"},
    {"TM99000000000118", "kaigo", NULL, "ready"},
    {"TM99000000000119", "kakushi", NULL, "ready"},
    {"TM99000000000120", "kaigo", NULL, "ready"},
    {"TM99000000000121", "hanako", NULL, "ready"},
    {"TM99000000000122", "oya", NULL, "ready"},
    {"TM99000000000123", "oya", NULL, "ready"},
    {"TM99000000000124", "hanako", NULL, "ready"},
    {"TM00000000000002", "kodomo", NULL, "nothing"}, /* a child pays no tax */
    {"TM99000000000107", "nagai", NULL, "nothing"},
    {"TM99000000000119", "hanako", NULL, "nothing"},
    {"TM99000000000120", "koukou", NULL, "nothing"},
    {"TM99000000000124", "kodomo", NULL, "nothing"},
    {"TM00000000000001", "hanako", "04100", "unsupported"}, /* is not connected */
    {"TM99000000000105", "hanako", "34100", "unsupported"},
    {"TM99000000000116", "hanako", "01202", "nothing"}, /* never lived there */
};
#define ROWS (sizeof rows / sizeof rows[0])

/* ---- what is held: as the sandbox fills it (src/sandbox/records.c) ---- */

static struct making_person person_of(const struct persona *persona)
{
    struct making_person person = {.seed = persona->name,
                                   .is_female = strcmp(persona->sex, "male") != 0,
                                   .place = "見本市",
                                   .today = {2026, 9, 21},
                                   .holds = persona->holds};

    assert_int_equal(caldate_parse_iso(persona->birth_date, &person.birth, NULL), 0);
    return person;
}

static void fill(const struct persona *persona, uint8_t octet)
{
    const struct making_person person = person_of(persona);
    char municipality[CODE_SIZE], prefecture[CODE_SIZE];
    const char *const bodies[] = {municipality, prefecture, "HEALTHINS01", "LABOUR01", "PENSION01"};

    (void)snprintf(municipality, sizeof municipality, "M%.5s", persona->municipality);
    (void)snprintf(prefecture, sizeof prefecture, "P%.2s", persona->municipality);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        portal_exchange_fill(&exchange, bodies[i], octet, &person);
}

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    portal_exchange_open(&exchange, &site);
    assert_int_equal(personas_load(EXCHANGE_DATA "/../personas.json", NULL, &personas, NULL), 0);
    for (size_t i = 0; i < personas.count; i++)
        fill(&personas.list[i], (uint8_t)(i + 1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    personas_done(&personas);
    portal_exchange_close(&exchange);
    portal_site_done(&site);
    return 0;
}

static const struct persona *persona_of(const char *name)
{
    for (size_t i = 0; i < personas.count; i++) {
        if (strcmp(personas.list[i].name, name) == 0) {
            asked_for = (uint8_t)(i + 1);
            return &personas.list[i];
        }
    }
    fail_msg("no persona %s", name);
    return NULL;
}

/* Asks as the persona; its only item. */
static struct portal_answer ask(const char *info, const struct persona *persona, const char *area)
{
    struct portal_browser browser;
    struct portal_answer answer;
    char line[128];
    char body[128];

    (void)portal_site_open(&site, &browser, persona->name, asked_for);
    (void)snprintf(body, sizeof body, "{\"infos\":[\"%s\"],\"area\":\"%s\"}", info,
                   area == NULL ? persona->municipality : area);
    answer = portal_ask_with(&site, &browser, "POST /v1/self-information", "", "application/json",
                             body);
    assert_int_equal(answer.status, 201);
    (void)snprintf(line, sizeof line, "GET /v1/self-information/%s", portal_text(&answer, "id"));
    portal_answer_done(&answer);
    portal_exchange_steps(&exchange);
    return portal_ask(&site, &browser, line, NULL);
}

/* ---- items ---- */

/* Whether somebody's answer under a name, as the exchange would hand it over, has an item. */
static bool has_item(const struct json *answer, const char *code)
{
    const struct json *records = NULL, *items = NULL;
    const char *text;

    if (answer == NULL || json_get_array(answer, "records", &records, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(records); i++) {
        assert_int_equal(json_get_array(json_at(records, i), "items", &items, NULL), 0);
        for (size_t j = 0; j < json_count(items); j++) {
            assert_int_equal(json_get_text(json_at(items, j), "code", &text, NULL), 0);
            if (strcmp(text, code) == 0)
                return true;
        }
    }
    return false;
}

static bool is_told(const struct item *item)
{
    for (size_t i = 0; i < personas.count; i++) {
        CLEANUP(json_freep) struct json *made = NULL;
        CLEANUP(json_freep) struct json *filed = NULL;
        const struct making_person person = person_of(&personas.list[i]);

        int rc = making_answer(exchange.making, &person, item->info, &made, NULL);

        assert_true(rc == 0 || rc == -ERR_ABSENT);
        if (strcmp(item->info, "TM99000000000104") == 0) { /* as the sandbox files it afterwards */
            rc = insured_records(personas.list[i].name, "AAAAAAAAAAAAAAAAAAAAAA", PORTAL_SITE_NOW,
                                 &filed, NULL);
            assert_true(rc == 0 || rc == -ERR_ABSENT);
        }
        if (has_item(made, item->code) || has_item(filed, item->code))
            return true;
    }
    return false;
}

/* Whoever leaves reads these, after an act at the counter (tests/unit/exchange/test_relocation.c).
 */
static bool is_of_leaving(const struct item *item)
{
    return strcmp(item->code, "0000100060") == 0 || strcmp(item->code, "0000100070") == 0;
}

/* What the table of items promises, some persona can read. */
static void each_item_is_told_to_some_persona(void **state)
{
    (void)state;
    for (size_t i = 0; i < exchange.tables->item_count; i++)
        if (!is_of_leaving(&exchange.tables->items[i]) && !is_told(&exchange.tables->items[i]))
            fail_msg("no persona can read %s (%s)", exchange.tables->items[i].code,
                     exchange.tables->items[i].names.en);
}

static void each_row_is_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const struct persona *persona = persona_of(rows[i].persona);
        CLEANUP(portal_answer_done)
        struct portal_answer answer = ask(rows[i].info, persona, rows[i].area);
        const struct json *items;
        const char *told;

        assert_int_equal(answer.status, 200);
        assert_int_equal(json_get_array(answer.json, "items", &items, NULL), 0);
        assert_int_equal(json_get_text(json_at(items, 0), "state", &told, NULL), 0);
        if (strcmp(told, rows[i].state) != 0)
            fail_msg("%s of %s is %s, not %s", rows[i].info, rows[i].persona, told, rows[i].state);
        assert_int_equal(json_has(json_at(items, 0), "records"), strcmp(told, "ready") == 0);
    }
}

static bool is_ready_of_somebody(const char *info)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].info, info) == 0 && strcmp(rows[i].state, "ready") == 0)
            return true;
    return false;
}

static void no_kind_and_no_name_is_left_out(void **state)
{
    bool seen[LAST_KIND + 1] = {false};

    (void)state;
    for (size_t i = 0; i < exchange.tables->info_count; i++) {
        const struct info *info = &exchange.tables->infos[i];
        long kind = strtol(info->source + 1, NULL, 10);

        assert_in_range(kind, FIRST_KIND, LAST_KIND);
        seen[kind] = true;
        if (!is_ready_of_somebody(info->code))
            fail_msg("nobody has %s", info->code);
    }
    for (int kind = FIRST_KIND; kind <= LAST_KIND; kind++)
        assert_true(seen[kind]);
}

/* ---- what bodies asked each other about somebody ---- */

/* An inquiry of data/personas.json, as the sandbox sends it; the status for a process. */
static unsigned inquire(uid_t uid, const struct persona *persona, const struct json *inquiry)
{
    CLEANUP(json_freep) struct json *codes = json_array_new();
    struct json *body = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *provider, *known;
    char asker[CODE_SIZE];
    struct person_code own;

    memset(own.value, asked_for, sizeof own.value);
    assert_int_equal(person_code_append(&text, &own, NULL), 0);
    assert_int_equal(buf_text(&text, &known, NULL), 0);
    assert_int_equal(json_duplicate(inquiry, &body, NULL), 0);
    assert_int_equal(json_get_text(body, "provider", &provider, NULL), 0);
    for (int i = 0; i < 2; i++) {
        struct json *one = json_object_new();

        assert_int_equal(json_put_text(one, "body", i == 0 ? "PORTAL" : provider, NULL), 0);
        assert_int_equal(json_put_text(one, "code", known, NULL), 0);
        assert_int_equal(json_add(codes, one, NULL), 0);
    }
    (void)snprintf(asker, sizeof asker, "M%.5s", persona->municipality);
    assert_int_equal(json_put_text(body, "asker", asker, NULL), 0);
    assert_int_equal(json_put(body, "codes", json_steal(&codes), NULL), 0);
    return portal_operate(&site, uid, "POST /v1/provider/questions", body);
}

static int64_t number_of(const struct portal_answer *answer, const char *key)
{
    int64_t number = -1;

    assert_int_equal(json_get_int(answer->json, key, &number, NULL), 0);
    return number;
}

static void what_the_law_hides_is_counted_and_never_listed(void **state)
{
    const struct persona *persona = persona_of("kakushi");
    struct portal_browser browser;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};

    (void)state;
    for (size_t i = 0; i < json_count(persona->inquiries); i++) {
        assert_int_equal(inquire(1006, persona, json_at(persona->inquiries, i)), 403);
        assert_int_equal(inquire(PORTAL_SITE_OPERATOR, persona, json_at(persona->inquiries, i)),
                         201);
    }
    portal_exchange_steps(&exchange);
    (void)portal_site_open(&site, &browser, "kakushi", asked_for);
    answer = portal_ask(&site, &browser, "GET /v1/history", NULL);
    assert_int_equal(number_of(&answer, "hidden"), 3);
    assert_int_equal(number_of(&answer, "total"), 1);
    assert_true(portal_has(&answer, "PENSION01"));
    assert_false(portal_has(&answer, "HEALTHINS01"));
    assert_false(portal_has(&answer, "LABOUR01"));
    assert_false(portal_has(&answer, "welfare"));
    portal_answer_done(&answer);
    /* Filters count what they hide as well, and show nothing of it. */
    answer = portal_ask(&site, &browser, "GET /v1/history?body=LABOUR01", NULL);
    assert_int_equal(number_of(&answer, "hidden"), 1);
    assert_int_equal(number_of(&answer, "total"), 0);
}

static void what_no_permission_hides_is_refused_and_shown(void **state)
{
    static const char text[] =
        "{\"provider\":\"PENSION01\",\"duty\":\"JM99000000000030\",\"procedure\":"
        "\"JT99000000000301\",\"info\":\"TM99000000000124\",\"department\":\"tax\","
        "\"is_hidden\":true}";
    const struct persona *persona = persona_of("hanako");
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(json_freep) struct json *inquiry = NULL;
    struct portal_browser browser;

    (void)state;
    assert_int_equal(json_parse(bytes_text(text), &inquiry, NULL), 0);
    assert_int_equal(inquire(PORTAL_SITE_OPERATOR, persona, inquiry), 403);
    (void)portal_site_open(&site, &browser, "hanako", asked_for);
    answer = portal_ask(&site, &browser, "GET /v1/history?what=refused", NULL);
    assert_int_equal(number_of(&answer, "hidden"), 0);
    assert_int_equal(number_of(&answer, "total"), 1);
    assert_true(portal_has(&answer, "M13101"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_is_as_the_table_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_item_is_told_to_some_persona, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_kind_and_no_name_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_law_hides_is_counted_and_never_listed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_no_permission_hides_is_refused_and_shown, set_up,
                                        tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
