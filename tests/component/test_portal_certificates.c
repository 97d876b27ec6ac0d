/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of a municipality's own registers: whom they are refused to, before anybody pays,
 * and what stands on them.
 */
#include "support/extract.h"
#include "support/kiosk_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What is said of a kind in an order: "refused" or not. */
static void is_refused(const char *kind, const char *why)
{
    static int payments;
    CLEANUP(portal_answer_done) struct portal_answer told = {.status = 0};
    char id[32], choice[64], expected[256], paid[96];
    const struct json *list;
    const char *said = NULL;

    kiosk_begin(id);
    told = kiosk_step(key, id, "", NULL);
    assert_int_equal(json_get_array(told.json, "certificates", &list, NULL), 0);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *one = json_at(list, i);
        const char *text;

        assert_int_equal(json_get_text(one, "kind", &text, NULL), 0);
        if (strcmp(text, kind) == 0 && json_has(one, "refused"))
            assert_int_equal(json_get_text(one, "refused", &said, NULL), 0);
    }
    (void)snprintf(expected, sizeof expected, "%s: %s", kind, why == NULL ? "given" : why);
    (void)snprintf(choice, sizeof choice, "{\"kind\":\"%s\"}", kind);
    if ((said == NULL) != (why == NULL) || (why != NULL && strcmp(said, why) != 0))
        fail_msg("%s, not %s", expected, said == NULL ? "given" : said);
    assert_int_equal(kiosk_status(id, "/choice", choice), why == NULL                       ? 200
                                                          : strcmp(why, "unavailable") == 0 ? 503
                                                                                            : 409);
    (void)snprintf(paid, sizeof paid, "{\"payment\":\"payment-of-nothing-%d\",\"amount\":200}",
                   ++payments);
    assert_int_equal(kiosk_status(id, "/payment", paid), why == NULL ? 200 : 409);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 200);
}

static void who_is_protected_gets_nothing_at_a_machine(void **state)
{
    struct household household = kiosk_family();

    (void)state;
    portal_site_at(&site, KIOSK_OPENS + 4 * 3600); /* an office is open, too */
    household.people[1].is_protected = true;
    assert_int_equal(kiosk_file(&household), 0);
    for (unsigned kind = 0; kind < KIOSK_KINDS_; kind++)
        is_refused(kiosk_kinds[kind], "protected");
    assert_true(kiosk_is_logged("kiosk_order.refused", "protected"));
}

/* Nor anything on which somebody else stands who is; what is about her alone she gets. */
static void who_lives_with_somebody_protected_gets_nothing_of_both(void **state)
{
    struct household household = kiosk_family();
    char id[32];

    (void)state;
    household.people[3].is_protected = true;
    assert_int_equal(kiosk_file(&household), 0);
    is_refused("household", "protected");
    is_refused("family", "protected");
    is_refused("family-addresses", "protected");
    is_refused("resident", NULL);
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/choice", "{\"kind\":\"resident\",\"items\":[\"head\"]}"),
                     409);
    assert_int_equal(kiosk_status(id, "/choice", "{\"kind\":\"resident\",\"items\":[]}"), 200);
}

static void
who_is_in_no_register_of_the_municipality_gets_what_the_resident_record_has(void **state)
{
    struct household household = kiosk_family();

    (void)state;
    household.people[1].has_code = false; /* of a namesake */
    assert_int_equal(kiosk_file(&household), 0);
    is_refused("household", NULL); /* she is in the one before, still */
    household = kiosk_family();
    household.people[1] = household.people[0];
    household.people[0] = kiosk_family().people[1];
    household.people[0].relation = CIVIL_HEAD;
    household.count = 1;
    assert_int_equal(civil_file(holdings, "M27100", &household, kiosk_clerk(), NULL), 0);
    registry.municipality = "27100"; /* where she has a household alone, and nothing else */
    is_refused("seal", "no-seal");
    is_refused("tax", "no-tax");
    is_refused("family", "family-elsewhere");
    registry.municipality = "01100";
    is_refused("household", "no-household");
    is_refused("seal", "no-seal");
    is_refused("resident", NULL);
}

static void what_is_not_registered_is_not_certified(void **state)
{
    struct household household = kiosk_family();

    (void)state;
    portal_site_at(&site, KIOSK_OPENS + 4 * 3600);
    assert_int_equal(kiosk_file_seal(NULL), 0);
    is_refused("seal", "no-seal");
    assert_int_equal(kiosk_file_seal("花子"), 0);
    is_refused("seal", NULL);
    kiosk_file_tax(NULL);
    is_refused("tax", "no-tax");
    (void)snprintf(household.origin_body, sizeof household.origin_body, "M04100");
    assert_int_equal(kiosk_file(&household), 0);
    is_refused("family", "family-elsewhere");
    household = kiosk_family();
    household.people[1].relation = CIVIL_PARENT; /* of the head: in a register of her own */
    household.people[1].birth = (struct caldate){1960, 1, 1};
    assert_int_equal(kiosk_file(&household), 0);
    is_refused("family", "family-elsewhere");
}

static void registers_that_cannot_be_asked_give_nothing(void **state)
{
    (void)state;
    assert_int_equal(holdings_tune(holdings, "M13101", HOLDING_DOWN, 0, kiosk_clerk(), NULL), 0);
    is_refused("resident", "unavailable");
    assert_int_equal(holdings_tune(holdings, "M13101", HOLDING_ANSWERS, 0, kiosk_clerk(), NULL), 0);
    is_refused("resident", NULL);
    site.portal.holdings = NULL; /* nobody knows who is protected */
    is_refused("resident", "unavailable");
    is_refused("household", "unavailable");
}

static void what_nobody_offers_and_items_that_there_are_not_are_refused(void **state)
{
    static const struct {
        const char *choice;
        unsigned status;
    } rows[] = {{"{\"kind\":\"passport\"}", 400},
                {"{\"kind\":\"resident\",\"items\":[\"number\"]}", 400},
                {"{\"kind\":\"resident\",\"items\":[1]}", 400},
                {"{\"kind\":\"resident\",\"items\":\"head\"}", 400},
                {"{\"kind\":\"seal\",\"items\":[\"head\"]}", 400},
                {"{\"kind\":\"household\",\"items\":[\"head\",\"origin\",\"head\"]}", 200}};
    char id[32];

    (void)state;
    kiosk_begin(id);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(kiosk_status(id, "/choice", rows[i].choice), rows[i].status);
    registry.municipality = "01100"; /* gives none of the family register */
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/choice", "{\"kind\":\"family\"}"), 404);
}

/* What becomes true between the payment and the paper: the money goes back. */
static void who_is_protected_since_the_payment_gets_the_money_back(void **state)
{
    struct household household = kiosk_family();
    char id[32];

    (void)state;
    kiosk_pay(id);
    household.people[1].is_protected = true;
    assert_int_equal(kiosk_file(&household), 0);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 200);
    assert_true(kiosk_is_logged("kiosk_order.cancelled", "paid"));
}

/* The words of a certificate with these items, once it was paid for. */
static void print_one(const char *choice, int fee, struct buf *ret)
{
    static int payments;
    char id[32], paid[96];

    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/choice", choice), 200);
    (void)snprintf(paid, sizeof paid, "{\"payment\":\"payment-of-number-%d\",\"amount\":%d}",
                   ++payments, fee + 1);
    assert_int_equal(kiosk_status(id, "/payment", paid), 400);
    (void)snprintf(paid, sizeof paid, "{\"payment\":\"payment-of-number-%d\",\"amount\":%d}",
                   payments, fee);
    assert_int_equal(kiosk_status(id, "/payment", paid), 200);
    CLEANUP(portal_answer_done) struct portal_answer document = kiosk_take_document(id);
    assert_int_equal(document.status, 200);
    extract_text(portal_body(&document), ret);
}

struct printed {
    const char *choice;
    int fee;
    struct {
        const char *part;
        unsigned times;
    } parts[12];
};

static void check_printed(const struct printed *printed)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    print_one(printed->choice, printed->fee, &text);
    for (size_t i = 0; printed->parts[i].part != NULL; i++)
        if (extract_count(&text, printed->parts[i].part) != printed->parts[i].times)
            fail_msg("%s: %s is there %u times: %.*s", printed->choice, printed->parts[i].part,
                     extract_count(&text, printed->parts[i].part), (int)text.len,
                     (const char *)text.ptr);
}

static void certificates_have_what_the_registers_have(void **state)
{
    static const struct printed all[] = {
        {"{\"kind\":\"household\"}",
         200,
         {{"世帯全員", 2},
          {"番号翔太", 1},
          {"番号花子", 1},
          {"旧姓花子", 0},
          {"番号咲良", 1},
          {"番号湊", 1},
          {"続柄", 0},
          {"本籍", 0},
          {"（記載を省略）", 4},
          {"2018年4月15日", 1}}},
        {"{\"kind\":\"household\",\"items\":[\"head\",\"origin\"]}",
         200,
         {{"続柄", 4}, {"世帯主", 2}, {"妻", 1}, {"見本町４４番地", 4}, {"番号翔太", 6}}},
        {"{\"kind\":\"resident\",\"items\":[\"head\"]}",
         200,
         {{"世帯主", 1}, {"番号翔太", 1}, {"妻", 1}, {"本籍", 0}, {"番号湊", 0}}},
        {"{\"kind\":\"resident\",\"items\":[\"origin\"]}",
         200,
         {{"世帯主", 0}, {"見本町４４番地", 1}, {"筆頭者", 1}}},
        {"{\"kind\":\"seal\"}",
         200,
         {{"印鑑登録証明書", 1}, {"第1号", 1}, {"2020年2月29日", 1}, {"架空", 1}, {"番号花子", 1}}},
        {"{\"kind\":\"tax\"}",
         200,
         {{"所得・課税証明書", 1}, {"3210000円", 1}, {"2026", 3}, {"1110000円", 0}}},
        {"{\"kind\":\"family\"}",
         450,
         {{"戸籍全部事項証明書", 1},
          {"見本町４４番地", 1},
          {"長女", 1},
          {"二女", 1},
          {"番号正", 4}}},
        {"{\"kind\":\"family-addresses\"}",
         300,
         {{"戸籍の附票の写し", 1}, {"見本浜５０番", 4}, {"見本町一丁目２番３号", 4}}}};

    (void)state;
    portal_site_at(&site, KIOSK_OPENS + 4 * 3600); /* an office is open, too */
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        check_printed(&all[i]);
    assert_true(kiosk_is_logged("kiosk_order.issued", "family-addresses"));
}

/* In the municipality's own log as well: what was read for which certificate. */
static void what_is_read_is_in_the_municipalitys_log(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    print_one("{\"kind\":\"seal\"}", 200, &text);
    assert_int_equal(db_begin_read(holdings_db(holdings), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT 1 FROM audit WHERE act = 'registers.read'"
                                  " AND outcome = 'seal' AND actor LIKE '%KIOSK-1%'",
                                  DB_NOTHING, &rows, NULL),
                     0);
}

static void relations_of_a_household_can_be_as_they_are_said(void **state)
{
    struct household household = kiosk_family();

    (void)state;
    household.count = 0;
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.people[0].relation = CIVIL_CHILD;
    assert_int_equal(kiosk_file(&household), -ERR_INPUT); /* nobody is the head */
    household = kiosk_family();
    household.people[2].relation = CIVIL_HEAD;
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.people[2].relation = CIVIL_SPOUSE;
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.people[2].birth.year = 1988; /* before the head */
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.people[2].relation = CIVIL_PARENT;
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.people[3].since.year = 2017; /* before birth */
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.people[3].name[0] = '\0';
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    household.origin[0] = '\0';
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    assert_int_equal(civil_file(holdings, "PENSION01", &household, kiosk_clerk(), NULL),
                     -ERR_INPUT);
    assert_int_equal(civil_file(holdings, "M99999", &household, kiosk_clerk(), NULL), -ERR_INPUT);
    assert_int_equal(kiosk_file(&household), 0);
}

static void households_and_seals_have_limits(void **state)
{
    struct household household = kiosk_family();
    char long_text[4 * (CIVIL_PLACE_MAX + 1) + 1] = "";

    (void)state;
    for (size_t i = household.count; i < CIVIL_PEOPLE_MAX; i++)
        household.people[i] = kiosk_person(CIVIL_CHILD, "番号", 2020);
    household.count = CIVIL_PEOPLE_MAX;
    assert_int_equal(kiosk_file(&household), 0);
    household.count++;
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household = kiosk_family();
    memset(long_text, 'n', CIVIL_NAME_MAX + 1);
    (void)snprintf(household.people[0].name, sizeof household.people[0].name, "%s", long_text);
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household.people[0].name[CIVIL_NAME_MAX] = '\0';
    assert_int_equal(kiosk_file(&household), 0);
    memset(long_text, 'n', CIVIL_PLACE_MAX + 1);
    (void)snprintf(household.origin, sizeof household.origin, "%s", long_text);
    assert_int_equal(kiosk_file(&household), -ERR_INPUT);
    household.origin[CIVIL_PLACE_MAX] = '\0';
    assert_int_equal(kiosk_file(&household), 0);
    memset(long_text, 0, sizeof long_text);
    memset(long_text, 'n', CIVIL_SEAL_MAX + 1);
    assert_int_equal(kiosk_file_seal(long_text), -ERR_INPUT);
    long_text[CIVIL_SEAL_MAX] = '\0';
    assert_int_equal(kiosk_file_seal(long_text), 0);
    assert_int_equal(kiosk_file_seal("一二三四五六七八"), 0);
    assert_int_equal(kiosk_file_seal(""), -ERR_INPUT);
}

/* A number of a seal is nobody else's afterwards. */
static void a_seal_has_a_number_of_its_own(void **state)
{
    const struct person_code code = kiosk_her_code();
    struct seal first, second;

    (void)state;
    assert_int_equal(civil_get_seal(holdings, "M13101", &code, &first, NULL), 0);
    assert_int_equal(kiosk_file_seal(NULL), 0);
    assert_int_equal(civil_get_seal(holdings, "M13101", &code, &second, NULL), -ERR_ABSENT);
    assert_int_equal(kiosk_file_seal("花子"), 0);
    assert_int_equal(civil_get_seal(holdings, "M13101", &code, &second, NULL), 0);
    assert_int_equal(first.number, 1);
    assert_int_equal(second.number, 2);
    assert_string_equal(second.letters, "花子");
}

#define ONE(relation, name)                                                                        \
    "{\"relation\":\"" relation "\",\"name\":\"" name                                              \
    "\",\"sex\":\"female\",\"birth_date\":\"1990-04-15\",\"since\":\"2020-01-01\","                \
    "\"father\":\"f\",\"mother\":\"m\",\"is_protected\":true,\"code\":\"AgICAgICAgICAgICAgICAg\"}"
#define HOUSEHOLD(body, people)                                                                    \
    "{\"body\":\"" body "\",\"origin\":\"o\",\"origin_body\":\"M13101\","                          \
    "\"family_since\":\"2014-05-05\",\"people\":[" people "]}"

static void operators_file_households_and_seals(void **state)
{
    static const struct {
        const char *path, *body;
        unsigned status;
    } rows[] = {
        {"/v1/provider/households", HOUSEHOLD("M13101", ""), 400},
        {"/v1/provider/households", HOUSEHOLD("M13101", ONE("child", "n")), 400},
        {"/v1/provider/households", HOUSEHOLD("M13101", ONE("friend", "n")), 400},
        {"/v1/provider/households", HOUSEHOLD("PORTAL", ONE("head", "n")), 400},
        {"/v1/provider/households", HOUSEHOLD("M13101", ONE("head", "")), 400},
        {"/v1/provider/seals", "{\"body\":\"M13101\",\"code\":\"AgIC\"}", 400},
        {"/v1/provider/seals", "{\"body\":\"M13101\",\"code\":\"AgICAgICAgICAgICAgICAg\"}", 204},
        {"/v1/provider/households", HOUSEHOLD("M13101", ONE("head", "n")), 204}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[64];

        (void)snprintf(line, sizeof line, "POST %s", rows[i].path);
        CLEANUP(portal_answer_done)
        struct portal_answer others = portal_ask_as_process(&site, 1006, line, "application/json",
                                                            rows[i].body);
        CLEANUP(portal_answer_done)
        struct portal_answer own = portal_ask_as_process(&site, PORTAL_SITE_OPERATOR, line,
                                                         "application/json", rows[i].body);

        assert_int_equal(others.status, 403);
        assert_int_equal(own.status, rows[i].status);
    }
    is_refused("seal", "protected");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, kiosk_site_set_up, kiosk_site_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(who_is_protected_gets_nothing_at_a_machine),
        CASE(who_lives_with_somebody_protected_gets_nothing_of_both),
        CASE(who_is_in_no_register_of_the_municipality_gets_what_the_resident_record_has),
        CASE(what_is_not_registered_is_not_certified),
        CASE(registers_that_cannot_be_asked_give_nothing),
        CASE(what_nobody_offers_and_items_that_there_are_not_are_refused),
        CASE(who_is_protected_since_the_payment_gets_the_money_back),
        CASE(certificates_have_what_the_registers_have),
        CASE(what_is_read_is_in_the_municipalitys_log),
        CASE(relations_of_a_household_can_be_as_they_are_said),
        CASE(households_and_seals_have_limits),
        CASE(a_seal_has_a_number_of_its_own),
        CASE(operators_file_households_and_seals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
