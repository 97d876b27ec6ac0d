/* SPDX-License-Identifier: Apache-2.0 */
/* The published procedure search: members as third-party clients read them, codes, who may ask. */
#include "support/portal_site.h"

#include "base/hex.h"
#include "portal/gateway/client.h"
#include "portal/outage/outage.h"
#include "portal/procedure/store.h"
#include "support/auditlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIST   "POST /Application/api/v1/ws/eLinkServProcListSearch"
#define DETAIL "POST /Application/api/v1/ws/eLinkServProcDetailSearch"

static struct portal_site site;
static char password[65]; /* SHA-256 of it, as it is sent */

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static void hash(const char *text, char ret[65])
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *digits;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(text), &digest, NULL), 0);
    assert_int_equal(hex_append(&hex, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&hex, &digits, NULL), 0);
    (void)snprintf(ret, 65, "%s", digits);
}

static int add_client(const char *id, const char *name, int64_t rate,
                      char ret[GATEWAY_PASSWORD_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct gateway_client client = {.rate = rate};

    (void)snprintf(client.id, sizeof client.id, "%s", id);
    (void)snprintf(client.name, sizeof client.name, "%s", name);
    return gateway_client_add(db(), &client, &by, ret, NULL);
}

static void fill(void)
{
    static const struct municipality chiyoda = {"13101", "東京都", "千代田区"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_offering offering = {.municipality = "13101",
                                          .is_online = true,
                                          .from = "2026-04-01",
                                          .until = "",
                                          .open_until = PORTAL_SITE_NOW,
                                          .department = "子育て支援課",
                                          .contact = contact};
    char path[512], psid[PSID_SIZE];
    int64_t count;

    (void)snprintf(path, sizeof path, "%s/openjpki/procedures.json", getenv("JPKI_TEST_SHARE"));
    assert_int_equal(procedure_load(db(), path, &by, &count, NULL), 0);
    assert_int_equal(municipality_add(db(), &chiyoda, &by, NULL), 0);
    assert_int_equal(json_put_text(contact, "phone", "03-0000-0000", NULL), 0);
    for (offering.text = 1; offering.text <= count; offering.text++) {
        offering.is_online = offering.text != 2;
        assert_int_equal(procedure_offer(db(), &offering, &by, psid, NULL), 0);
    }
}

static int set_up(void **state)
{
    char plain[GATEWAY_PASSWORD_SIZE];

    (void)state;
    portal_site_make(&site);
    fill();
    assert_int_equal(add_client("finder", "補助金を探すアプリ", GATEWAY_RATE_MAX, plain), 0);
    hash(plain, password);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

/* A request of members behind id and password. */
static struct portal_answer ask_as(const char *line, const char *id, const char *secret,
                                   const char *more)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *body;

    assert_int_equal(
        buf_append_format(&text, NULL, "{\"id\":\"%s\",\"password\":\"%s\"%s}", id, secret, more),
        0);
    assert_int_equal(buf_text(&text, &body, NULL), 0);
    return portal_ask_with(&site, NULL, line, "", "application/json", body);
}

static struct portal_answer ask(const char *line, const char *more)
{
    return ask_as(line, "finder", password, more);
}

static void assert_refused(const struct portal_answer *answer, const char *code)
{
    const struct json *result;
    const struct json *errors;
    const char *name;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_object(answer->json, "result", &result, NULL), 0);
    assert_int_equal(json_get_text(result, "resultName", &name, NULL), 0);
    assert_string_equal(name, "NG");
    assert_int_equal(json_get_array(result, "errors", &errors, NULL), 0);
    assert_int_equal(json_count(errors), 1);
    assert_string_equal(json_text(json_at(errors, 0)), code);
    assert_false(json_has(answer->json, "eLinkServProcInfo"));
}

/* The list, after a look at how many there are said to be. */
static const struct json *hits(const struct portal_answer *answer, const char *expected)
{
    const struct json *result;
    const struct json *list;
    const char *text;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_object(answer->json, "result", &result, NULL), 0);
    assert_int_equal(json_get_text(result, "resultName", &text, NULL), 0);
    assert_string_equal(text, "OK");
    assert_int_equal(json_get_text(result, "hitCount", &text, NULL), 0);
    assert_string_equal(text, expected);
    assert_int_equal(json_get_array(answer->json, "eLinkServProcInfoList", &list, NULL), 0);
    return list;
}

static void assert_text(const struct json *object, const char *key, const char *expected)
{
    const char *text;

    assert_int_equal(json_get_text(object, key, &text, NULL), 0);
    assert_string_equal(text, expected);
}

static void a_list_has_the_published_members(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(
        LIST, ",\"cityCode\":\"13101\",\"keyword\":[\"児童手当\",\"認定\"]");
    const struct json *item = json_at(hits(&answer, "1"), 0);
    bool is_online = false;

    (void)state;
    assert_text(item, "psid", "131010000001");
    assert_text(item, "officialName", "児童手当等の受給資格及び額の認定請求");
    assert_text(item, "aliasName", "児童手当を受け始めるための手続");
    assert_text(item, "serviceCode", "CHILDCARE");
    assert_int_equal(json_get_bool(item, "isEApplicable", &is_online, NULL), 0);
    assert_true(is_online);
    assert_text(item, "procedurePeriodDateFrom", "20260401");
    assert_text(item, "procedurePeriodDateTo", "");
    assert_text(item, "openStartDatetime", "");
    assert_text(item, "openEndDatetime", "20260921231320");
    assert_text(item, "updateDateTime", "20260921231320");
    assert_text(item, "procedureVersion", "1");
}

static void filters_are_the_published_ones(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer all = ask(LIST, ",\"cityCode\":\"131016\",\"keyword\":[\"\"]");
    CLEANUP(portal_answer_done)
    struct portal_answer online = ask(LIST, ",\"cityCode\":\"13101\",\"isEApplicable\":true");
    CLEANUP(portal_answer_done)
    struct portal_answer care = ask(LIST, ",\"cityCode\":\"13101\",\"serviceCode\":\"ELDERCARE\"");
    CLEANUP(portal_answer_done)
    struct portal_answer none = ask(LIST, ",\"cityCode\":\"01100\",\"keyword\":[\"児童手当\"]");

    (void)state;
    assert_int_equal(json_count(hits(&all, "21")), 21);
    assert_int_equal(json_count(hits(&online, "20")), 20);
    assert_int_equal(json_count(hits(&care, "3")), 3);
    assert_int_equal(json_count(hits(&none, "0")), 0);
}

static void a_detail_has_its_texts_in_the_published_markup(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(DETAIL, ",\"psid\":\"131010000001\"");
    const struct json *info;

    (void)state;
    assert_int_equal(json_get_object(answer.json, "eLinkServProcInfo", &info, NULL), 0);
    assert_text(info, "allowanceDetailFinancialSupport",
                "|児童の年齢|月額（1人につき）|<|\n"
                "|^|第1子・第2子|第3子以降|\n"
                "|3歳未満|15,000円|30,000円|\n"
                "|3歳から18歳の年度末まで|10,000円|^|\n"
                "偶数月に、前の2か月分がまとめて振り込まれます。");
    assert_text(
        info, "requirements",
        "・請求者名義の口座が分かるもの<br>・児童と別居しているときは、そのことを申し立てる書類");
    assert_text(info, "targetAgeFrom", "0");
    assert_text(info, "targetAgeInMonthsFrom", "");
    assert_text(info, "targetAgeTo", "18");
    assert_text(info, "contactTelNo", "03-0000-0000");
    assert_text(info, "contactEmailAddress", "");
    assert_text(info, "targetArea", "13101:東京都千代田区");
    assert_text(info, "allowanceDetailMaterialSupport", "");
    assert_true(json_has(info, "relatedLinkList"));
}

static void mark_up_in_a_text_is_none(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    static const char text[] =
        "{\"category\":\"other\",\"events\":[],\"name\":\"n\",\"summary\":\"s\",\"body\":["
        "{\"paragraph\":\"a|b<br>\"},{\"paragraph\":\"c\"},"
        "{\"table\":[{\"cells\":[{\"text\":\"^\"},{\"text\":\"<\"}]}]}],"
        "\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://city.example/\"}]}";
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_text own = {.owner = "13101", .code = "own"};
    struct procedure_offering offering = {
        .municipality = "13101", .from = "", .until = "", .department = "d", .contact = contact};
    char psid[PSID_SIZE], more[64];
    const struct json *info;
    const struct json *links;

    (void)state;
    assert_int_equal(json_parse(bytes_text(text), &content, NULL), 0);
    own.content = content;
    assert_int_equal(procedure_put_text(db(), &own, &by, &offering.text, NULL), 0);
    assert_int_equal(procedure_offer(db(), &offering, &by, psid, NULL), 0);
    (void)snprintf(more, sizeof more, ",\"psid\":\"%s\"", psid);
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(DETAIL, more);
    assert_int_equal(json_get_object(answer.json, "eLinkServProcInfo", &info, NULL), 0);
    assert_text(info, "body", "a｜b＜br><br>c\n|＾|＜|");
    assert_int_equal(json_get_array(info, "formLinkList", &links, NULL), 0);
    assert_text(json_at(links, 0), "formLinkUri", "https://city.example/");
    assert_int_equal(procedure_withdraw(db(), "13101", psid, &by, NULL), 0);
}

static void whoever_is_unknown_is_refused(void **state)
{
    static const char city[] = ",\"cityCode\":\"13101\"";
    char other[65];

    (void)state;
    hash("another password", other);
    for (size_t i = 0; i < 4; i++) {
        const char *const ids[] = {"finder", "nobody", "finder", "finder' OR '1"};
        const char *const secrets[] = {other, password, "", password};
        CLEANUP(portal_answer_done)
        struct portal_answer answer = ask_as(LIST, ids[i], secrets[i], city);

        assert_refused(&answer, "EE000");
    }
    CLEANUP(portal_answer_done)
    struct portal_answer detail = ask_as(DETAIL, "nobody", password, ",\"psid\":\"131010000001\"");
    assert_refused(&detail, "EE000");
    CLEANUP(portal_answer_done)
    struct portal_answer missing = portal_ask_with(&site, NULL, LIST, "", "application/json",
                                                   "{\"cityCode\":\"13101\"}");
    assert_refused(&missing, "EE000");
}

#define MANY_WORDS                                                                                 \
    ",\"cityCode\":\"13101\",\"keyword\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]"

static void what_cannot_be_asked_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        ",\"cityCode\":13101",
        ",\"cityCode\":\"131010\"",
        ",\"cityCode\":\"13101\",\"keyword\":\"児童\"",
        ",\"cityCode\":\"13101\",\"keyword\":[1]",
        ",\"cityCode\":\"13101\",\"keyword\":[\"、\"]",
        MANY_WORDS,
        ",\"cityCode\":\"13101\",\"serviceCode\":\"X\"",
        ",\"cityCode\":\"13101\",\"isEApplicable\":\"true\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = ask(LIST, rows[i]);

        assert_refused(&answer, "EE002");
    }
    CLEANUP(portal_answer_done) struct portal_answer none = ask(DETAIL, "");
    assert_refused(&none, "EE002");
    CLEANUP(portal_answer_done)
    struct portal_answer text = portal_ask_with(&site, NULL, LIST, "", "application/json", "{");
    assert_refused(&text, "EE002");
}

static void what_is_not_there_has_its_own_code(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer unknown = ask(DETAIL, ",\"psid\":\"131010000099\"");

    (void)state;
    assert_refused(&unknown, "EE003");
    portal_site_at(&site, 1); /* it was shown until then */
    CLEANUP(portal_answer_done)
    struct portal_answer over = ask(DETAIL, ",\"psid\":\"131010000001\"");
    assert_refused(&over, "EE003");
    portal_site_at(&site, 0);
}

static void each_client_has_its_own_rate(void **state)
{
    char plain[GATEWAY_PASSWORD_SIZE], slow[65];
    unsigned over = 0;

    (void)state;
    assert_int_equal(add_client("slow", "n", 1, plain), 0);
    hash(plain, slow);
    for (int i = 0; i < 4; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = ask_as(DETAIL, "slow", slow, ",\"psid\":\"131010000001\"");

        over += answer.status == 429;
        if (answer.status == 429) {
            assert_true(portal_has(&answer, "EE001"));
            assert_true(portal_has(&answer, "Retry-After"));
        }
    }
    assert_true(over > 0);
    CLEANUP(portal_answer_done)
    struct portal_answer other = ask(DETAIL, ",\"psid\":\"131010000001\"");
    assert_int_equal(other.status, 200);
}

static void while_it_is_out_of_service_it_says_so(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct outage outage = {.api = "procedure-search",
                            .kind = OUTAGE_FAILURE,
                            .text = "障害",
                            .text_en = "an outage",
                            .begins = PORTAL_SITE_NOW};

    (void)state;
    assert_int_equal(outage_announce(db(), &outage, &by, NULL), 0);
    CLEANUP(portal_answer_done) struct portal_answer list = ask(LIST, ",\"cityCode\":\"13101\"");
    assert_refused(&list, "EE001");
    CLEANUP(portal_answer_done) struct portal_answer detail = ask(DETAIL, ",\"psid\":\"1\"");
    assert_refused(&detail, "EE001");
    CLEANUP(portal_answer_done) struct portal_answer stranger = ask_as(LIST, "finder", "x", "");
    assert_refused(&stranger, "EE000");
    assert_int_equal(outage_end(db(), outage.id, &by, NULL), 0);
    CLEANUP(portal_answer_done) struct portal_answer again = ask(LIST, ",\"cityCode\":\"13101\"");
    assert_false(portal_has(&again, "EE001"));
}

static void a_renewed_password_ends_the_one_before(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char plain[GATEWAY_PASSWORD_SIZE], first[65], second[65];
    struct gateway_client found;

    (void)state;
    assert_int_equal(add_client("renewed", "n", 0, plain), 0);
    hash(plain, first);
    assert_int_equal(gateway_client_find(db(), "renewed", first, &found, NULL), 0);
    assert_int_equal(found.rate, GATEWAY_RATE_DEFAULT);
    assert_int_equal(gateway_client_renew(db(), "renewed", &by, plain, NULL), 0);
    hash(plain, second);
    assert_int_equal(gateway_client_find(db(), "renewed", first, &found, NULL), -ERR_DENIED);
    assert_int_equal(gateway_client_find(db(), "renewed", second, &found, NULL), 0);
    assert_int_equal(gateway_client_remove(db(), "renewed", &by, NULL), 0);
    assert_int_equal(gateway_client_find(db(), "renewed", second, &found, NULL), -ERR_DENIED);
    assert_int_equal(gateway_client_remove(db(), "renewed", &by, NULL), -ERR_ABSENT);
    assert_int_equal(gateway_client_renew(db(), "renewed", &by, plain, NULL), -ERR_ABSENT);
}

/* "nnn" of so many characters. */
static const char *letters(char *room, size_t count)
{
    memset(room, 'n', count);
    room[count] = '\0';
    return room;
}

static void clients_have_limits(void **state)
{
    char room[GATEWAY_NAME_MAX + 2], plain[GATEWAY_PASSWORD_SIZE], id[16];
    CLEANUP(json_freep) struct json *list = NULL;
    int64_t there;

    (void)state;
    assert_int_equal(add_client("", "n", 1, plain), -ERR_INPUT);
    assert_int_equal(add_client("A", "n", 1, plain), -ERR_INPUT);
    assert_int_equal(add_client("a", "", 1, plain), -ERR_INPUT);
    assert_int_equal(add_client("a", letters(room, GATEWAY_NAME_MAX + 1), 1, plain), -ERR_INPUT);
    assert_int_equal(add_client("a", "n", GATEWAY_RATE_MAX + 1, plain), -ERR_INPUT);
    assert_int_equal(add_client("a", letters(room, GATEWAY_NAME_MAX), 1, plain), 0);
    assert_int_equal(add_client(letters(room, GATEWAY_ID_MAX), "n", 1, plain), 0);
    assert_int_equal(add_client("a", "n", 1, plain), -ERR_CONFLICT);
    assert_int_equal(gateway_client_list(db(), &list, NULL), 0);
    there = (int64_t)json_count(list);
    for (; there < GATEWAY_CLIENTS_MAX; there++) {
        (void)snprintf(id, sizeof id, "c%d", (int)there);
        assert_int_equal(add_client(id, "n", 1, plain), 0);
    }
    assert_int_equal(add_client("late", "n", 1, plain), -ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_the_published_members),
        cmocka_unit_test(filters_are_the_published_ones),
        cmocka_unit_test(a_detail_has_its_texts_in_the_published_markup),
        cmocka_unit_test(mark_up_in_a_text_is_none),
        cmocka_unit_test(whoever_is_unknown_is_refused),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(what_is_not_there_has_its_own_code),
        cmocka_unit_test(each_client_has_its_own_rate),
        cmocka_unit_test(while_it_is_out_of_service_it_says_so),
        cmocka_unit_test(a_renewed_password_ends_the_one_before),
        cmocka_unit_test(clients_have_limits),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
