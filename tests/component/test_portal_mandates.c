/* SPDX-License-Identifier: Apache-2.0 */
/* People act for others by a mandate: in what it is for, as long as it counts, and no further. */
#include "base/random_text.h"
#include "portal/application/applicant.h"
#include "portal/mandate/mandate.h"
#include "portal/municipality/key.h"
#include "portal/selfinfo/selfinfo.h"
#include "support/portal_exchange.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANDATOR = 1, PROXY = 2, STRANGER = 3, DAY = 24 * 3600 };

#define EVERYTHING "\"information\", \"procedures\", \"notices\", \"history\""
#define TAX_WISH   "{\"infos\": [\"TM00000000000002\"], \"area\": \"13101\"}"

static struct portal_site site;
static struct portal_exchange exchange;
static struct portal_browser mandator, proxy, stranger;
static char asked_reference[32];

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);

/* Takes the place of the register, and keeps whom it was asked about. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)bodies;
    (void)err;
    (void)snprintf(asked_reference, sizeof asked_reference, "%s", person_reference);
    for (size_t i = 0; i < count; i++)
        memset(ret[i], MANDATOR, PORTAL_CODE_SIZE);
    return 0;
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, NULL, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static int64_t number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t ret;

    assert_int_equal(db_begin_read(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, NULL, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &ret, NULL), 0);
    return ret;
}

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    portal_exchange_open(&exchange, &site);
    (void)portal_site_open(&site, &mandator, "sub-1", MANDATOR);
    (void)portal_site_open(&site, &proxy, "sub-2", PROXY);
    execute("UPDATE session SET person_reference = 'of the proxy' WHERE account ="
            " (SELECT id FROM account WHERE sub = 'sub-2')");
    (void)portal_site_open(&site, &stranger, "sub-3", STRANGER);
    asked_reference[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_exchange_close(&exchange);
    portal_site_done(&site);
    return 0;
}

static struct json *parsed(const char *text)
{
    struct json *json = NULL;

    assert_int_equal(json_parse(bytes_text(text), &json, NULL), 0);
    return json;
}

/* ---- mandates ---- */

struct given {
    char id[PORTAL_ID_SIZE], code[MANDATE_CODE_SIZE];
};

static struct portal_answer offer(struct portal_browser *browser, const char *scopes,
                                  const char *until, const char *name)
{
    char body[512];

    (void)snprintf(body, sizeof body,
                   "{\"scopes\": [%s], \"until\": \"%s\", \"own_name\": \"%s\", \"proxy_name\": "
                   "\"母\"}",
                   scopes, until, name);
    return portal_ask(&site, browser, "POST /v1/mandates", parsed(body));
}

static struct given give(struct portal_browser *browser, const char *scopes)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = offer(browser, scopes, "2026-12-31", "花");
    struct given given;

    assert_int_equal(answer.status, 201);
    (void)snprintf(given.id, sizeof given.id, "%s", portal_text(&answer, "id"));
    (void)snprintf(given.code, sizeof given.code, "%s", portal_text(&answer, "code"));
    return given;
}

static unsigned take(struct portal_browser *browser, const char *code)
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"code\": \"%s\"}", code);
    return portal_status(&site, browser, "POST /v1/mandates/taking", parsed(body));
}

/* One that the proxy has. */
static struct given hold(const char *scopes)
{
    struct given given = give(&mandator, scopes);

    assert_int_equal(take(&proxy, given.code), 200);
    return given;
}

static struct portal_answer act_with(struct portal_browser *browser, const char *mandate,
                                     const char *line, const char *type, const char *body)
{
    char field[64];

    (void)snprintf(field, sizeof field, PORTAL_ACTING_FIELD ": %s\r\n", mandate);
    return portal_ask_with(&site, browser, line, field, type, body);
}

static struct portal_answer act(struct portal_browser *browser, const char *mandate,
                                const char *line, const char *body)
{
    return act_with(browser, mandate, line, "application/json", body);
}

static unsigned acts(struct portal_browser *browser, const char *mandate, const char *line,
                     const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = act(browser, mandate, line, body);

    return answer.status;
}

#define LOOK "GET /v1/self-information"

static unsigned end(struct portal_browser *browser, const char *id)
{
    char line[64];

    (void)snprintf(line, sizeof line, "DELETE /v1/mandates/%s", id);
    return portal_status(&site, browser, line, NULL);
}

/* ---- refusals ---- */

static void what_is_no_mandate_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"scopes\": [], \"until\": \"2026-12-31\", \"own_name\": \"a\", \"proxy_name\": \"b\"}",
        "{\"scopes\": [\"all\"], \"until\": \"2026-12-31\", \"own_name\": \"a\", \"proxy_name\": "
        "\"b\"}",
        "{\"scopes\": [\"notices\", \"notices\"], \"until\": \"2026-12-31\", \"own_name\": \"a\","
        " \"proxy_name\": \"b\"}",
        "{\"scopes\": [\"notices\"], \"until\": \"2026-09-20\", \"own_name\": \"a\","
        " \"proxy_name\": \"b\"}",
        "{\"scopes\": [\"notices\"], \"until\": \"tomorrow\", \"own_name\": \"a\", \"proxy_name\": "
        "\"b\"}",
        "{\"scopes\": [\"notices\"], \"until\": \"2026-12-31\", \"own_name\": \"\","
        " \"proxy_name\": \"b\"}",
        "{\"scopes\": [\"notices\"], \"until\": \"2026-12-31\", \"own_name\": \"a\\u0007\","
        " \"proxy_name\": \"b\"}",
        "{\"scopes\": [\"notices\"], \"until\": \"2026-12-31\", \"own_name\": \"a\","
        " \"proxy_name\": \"b\", \"mandator\": \"AAAAAAAAAAAAAAAAAAAAAA\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(portal_status(&site, &mandator, "POST /v1/mandates", parsed(bodies[i])),
                         400);
    assert_int_equal(number("SELECT count(*) FROM mandate"), 0);
}

/* The clock stands at 2026-09-21 23:13:20 in Japan. */
static void days_from_now(int days, char ret[CALTIME_TEXT_SIZE])
{
    caldate_format_iso(caltime_at(PORTAL_SITE_NOW + days * (int64_t)DAY, JST_OFFSET_SECONDS).date,
                       ret);
}

static void names_and_terms_have_their_limits(void **state)
{
    char name[MANDATE_NAME_MAX * 3 + 4] = "";
    char within[CALTIME_TEXT_SIZE], beyond[CALTIME_TEXT_SIZE];

    (void)state;
    days_from_now(MANDATE_DAYS_MAX, within);
    days_from_now(MANDATE_DAYS_MAX + 1, beyond);
    for (int i = 0; i < MANDATE_NAME_MAX; i++)
        strcat(name, "花");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer fits = offer(&mandator, "\"notices\"", "2026-09-21", name);
        CLEANUP(portal_answer_done)
        struct portal_answer last = offer(&mandator, "\"notices\"", within, "a");
        CLEANUP(portal_answer_done)
        struct portal_answer late = offer(&mandator, "\"notices\"", beyond, "a");

        assert_int_equal(fits.status, 201);
        assert_int_equal(last.status, 201);
        assert_int_equal(late.status, 400);
    }
    strcat(name, "x");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = offer(&mandator, "\"notices\"", "2026-12-31", name);

        assert_int_equal(answer.status, 400);
    }
}

static void nobody_has_more_than_so_many(void **state)
{
    struct given last = {""};

    (void)state;
    for (int i = 0; i < MANDATES_MAX; i++)
        last = give(&mandator, "\"notices\"");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = offer(&mandator, "\"notices\"", "2026-12-31", "a");

        assert_int_equal(answer.status, 409);
    }
    assert_int_equal(end(&mandator, last.id), 204);
    (void)give(&mandator, "\"notices\"");
}

/* Whoever has as many as he may have takes no further one, however many there are to be had. */
static void a_proxy_has_no_more_than_so_many(void **state)
{
    struct given more;

    (void)state;
    for (int i = 0; i < MANDATES_MAX; i++)
        assert_int_equal(take(&proxy, give(&mandator, "\"notices\"").code), 200);
    more = give(&stranger, "\"notices\"");
    assert_int_equal(take(&proxy, more.code), 409);
    assert_int_equal(take(&mandator, more.code), 200);
}

static void those_that_are_over_are_kept_for_a_while_only(void **state)
{
    (void)state;
    for (int i = 0; i < MANDATES_KEPT_MAX + 3; i++)
        assert_int_equal(end(&mandator, give(&mandator, "\"notices\"").id), 204);
    assert_int_equal(number("SELECT count(*) FROM mandate"), MANDATES_KEPT_MAX);
    assert_int_equal(number("SELECT count(*) FROM mandate WHERE reference IS NOT NULL"), 0);
}

/* Offers were made that long before. */
static void move_offers(int seconds)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE mandate SET made_at = made_at - %d WHERE begun_at IS NULL", seconds);
    execute(sql);
}

static void a_code_counts_once_for_a_day_and_not_for_whom_it_is_from(void **state)
{
    struct given given = give(&mandator, "\"notices\"");
    char typed[2 * MANDATE_CODE_SIZE];

    (void)state;
    assert_int_equal(take(&mandator, given.code), 409);
    assert_int_equal(take(&proxy, "ABCDEFGHJKLM"), 404);
    assert_int_equal(take(&proxy, "ABCDEFGHJKLMN"), 404);
    (void)snprintf(typed, sizeof typed, "%.4s-%.4s %c%s", given.code, given.code + 4,
                   given.code[8] | (given.code[8] >= 'A' ? 0x20 : 0), given.code + 9);
    assert_int_equal(take(&proxy, typed), 200);
    assert_int_equal(take(&stranger, given.code), 404);
    given = give(&mandator, "\"notices\"");
    portal_site_at(&site, PORTAL_SESSION_IDLE - 1);
    move_offers(MANDATE_CODE_SECONDS - PORTAL_SESSION_IDLE);
    assert_int_equal(take(&stranger, given.code), 200);
    given = give(&mandator, "\"notices\"");
    move_offers(MANDATE_CODE_SECONDS);
    assert_int_equal(take(&stranger, given.code), 404);
}

static void an_offer_lets_nobody_act(void **state)
{
    struct given given = give(&mandator, EVERYTHING);

    (void)state;
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 403);
    assert_int_equal(acts(&mandator, given.id, LOOK, NULL), 403);
}

static void forged_ids_are_refused(void **state)
{
    static const char *const ids[] = {"AAAAAAAAAAAAAAAAAAAAAA", "", "' OR 1=1 --", "A",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    struct given given = hold(EVERYTHING);

    (void)state;
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        assert_int_equal(acts(&proxy, ids[i], LOOK, NULL), 403);
    assert_int_equal(acts(&stranger, given.id, LOOK, NULL), 403);
    assert_int_equal(acts(&mandator, given.id, LOOK, NULL), 403);
    assert_int_equal(end(&stranger, given.id), 404);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
}

/* The one who acts for the mandator is acted for himself: that does not add up. */
static void a_proxy_of_a_proxy_is_nobodys(void **state)
{
    struct given first = hold(EVERYTHING);
    struct given second = give(&proxy, EVERYTHING);
    static const char body[] = "{\"scopes\": [\"notices\"], \"until\": \"2026-12-31\","
                               " \"own_name\": \"a\", \"proxy_name\": \"b\"}";

    (void)state;
    assert_int_equal(take(&stranger, second.code), 200);
    assert_int_equal(acts(&stranger, second.id, LOOK, NULL), 200);
    assert_int_equal(acts(&stranger, first.id, LOOK, NULL), 403);
    assert_int_equal(acts(&proxy, first.id, "POST /v1/mandates", body), 403);
    assert_int_equal(acts(&proxy, first.id, "GET /v1/mandates", NULL), 403);
}

/* ---- what a mandate is for ---- */

static unsigned scope_of(const struct http_access *access)
{
    return access == &portal_information_of ? MANDATE_INFORMATION
           : access == &portal_applicant    ? MANDATE_PROCEDURES
           : access == &portal_notices_of   ? MANDATE_NOTICES
           : access == &portal_history_of   ? MANDATE_HISTORY
                                            : 0;
}

/* Its path with an id of nothing in each place. */
static void write_line(const struct route *route, char ret[256])
{
    const char *in = route->path;
    size_t len;

    (void)snprintf(ret, 256, "%s ", http_method_name(route->method));
    len = strlen(ret);
    while (*in != '\0' && len < 200) {
        if (*in != ':') {
            ret[len++] = *in++;
            continue;
        }
        in += strcspn(in, "/");
        memcpy(ret + len, "AAAAAAAAAAAAAAAAAAAAAA", 22);
        len += 22;
    }
    ret[len] = '\0';
}

static unsigned walk(const char *mandate, unsigned scope)
{
    unsigned open = 0;

    for (const struct route *const *table = portal_routes; *table != NULL; table++)
        for (const struct route *route = *table; route->path != NULL; route++) {
            const bool may = (scope_of(route->access) & scope) != 0;
            CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
            char line[256];

            if (route->access->cookie == NULL)
                continue;
            write_line(route, line);
            answer = route->body_type != NULL
                         ? act_with(&proxy, mandate, line, route->body_type, "x")
                         : act(&proxy, mandate, line, route->body == NULL ? NULL : "{}");
            if ((answer.status != 403) != may)
                fail_msg("%s: %u with scope %u", line, answer.status, scope);
            open += may;
        }
    return open;
}

static void every_route_is_closed_without_its_scope(void **state)
{
    static const char *const scopes[] = {"\"information\"", "\"procedures\"", "\"notices\"",
                                         "\"history\""};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const unsigned open = walk(hold(scopes[i]).id, 1U << i);

        if (1U << i == MANDATE_INFORMATION || 1U << i == MANDATE_PROCEDURES)
            assert_in_range(open, 4, 20);
    }
}

static void what_a_proxy_asks_is_the_mandators(void **state)
{
    struct given given = hold("\"information\"");
    CLEANUP(portal_answer_done) struct portal_answer made = {.status = 0};
    char line[96];

    (void)state;
    made = act(&proxy, given.id, "POST /v1/self-information", TAX_WISH);
    assert_int_equal(made.status, 201);
    assert_string_equal(asked_reference, "reference"); /* the mandator's, not "of the proxy" */
    (void)snprintf(line, sizeof line, "GET /v1/self-information/%s", portal_text(&made, "id"));
    assert_int_equal(portal_status(&site, &mandator, line, NULL), 200);
    assert_int_equal(portal_status(&site, &proxy, line, NULL), 404);
    assert_int_equal(acts(&proxy, given.id, line, NULL), 200);
    assert_int_equal(number("SELECT count(*) FROM exchange_question"), 1);
}

/* ---- both see it ---- */

static int64_t logged(struct portal_browser *browser)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, browser, "GET /v1/history?what=acted", NULL);
    int64_t total = -1;

    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_int(answer.json, "total", &total, NULL), 0);
    return total;
}

static void both_read_what_was_done_and_nobody_else_does(void **state)
{
    struct given given = hold("\"information\"");

    (void)state;
    assert_int_equal(logged(&mandator), 0);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
    assert_int_equal(logged(&mandator), 1); /* a look is told once in a while */
    assert_int_equal(logged(&proxy), 1);
    assert_int_equal(acts(&proxy, given.id, "POST /v1/self-information", TAX_WISH), 201);
    assert_int_equal(logged(&mandator), 2); /* what changes something always */
    portal_site_at(&site, MANDATE_QUIET_SECONDS);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
    assert_int_equal(logged(&mandator), 3);
    assert_int_equal(logged(&proxy), 3);
    assert_int_equal(logged(&stranger), 0);
}

/* ---- ends ---- */

#define NOTICES_OF(sub, topic)                                                                     \
    number("SELECT count(*) FROM notice JOIN account ON account.id = notice.account"               \
           " WHERE sub = '" sub "' AND topic = '" topic "'")

static void either_side_ends_it_at_once(void **state)
{
    struct given given = hold("\"information\"");

    (void)state;
    assert_int_equal(NOTICES_OF("sub-1", "mandate.given"), 1);
    assert_int_equal(NOTICES_OF("sub-2", "mandate.given"), 0);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
    assert_int_equal(end(&mandator, given.id), 204);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 403);
    assert_int_equal(end(&mandator, given.id), 404);
    assert_int_equal(NOTICES_OF("sub-1", "mandate.ended"), 0);
    assert_int_equal(NOTICES_OF("sub-2", "mandate.ended"), 1);
    given = hold("\"information\"");
    assert_int_equal(end(&proxy, given.id), 204);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 403);
    assert_int_equal(NOTICES_OF("sub-1", "mandate.ended"), 1);
}

static void it_ends_when_its_last_day_is_over(void **state)
{
    struct given given = hold("\"information\"");

    (void)state;
    execute("UPDATE mandate SET ends_at = 1790000060"); /* in a minute */
    portal_site_at(&site, 59);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 200);
    portal_site_at(&site, 60);
    assert_int_equal(acts(&proxy, given.id, LOOK, NULL), 403);
    assert_int_equal(end(&mandator, given.id), 404);
}

static struct {
    char id[PORTAL_ID_SIZE], account[PORTAL_ID_SIZE];
    unsigned used;
} race;

static void *use_all_the_time(void *unused)
{
    const struct mandate_claim claim = {race.id, race.account, MANDATE_INFORMATION,
                                        PORTAL_SITE_NOW};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)unused;
    while (mandate_use(site.portal.store, &claim, true, &by, NULL) == 0)
        race.used++;
    return NULL;
}

/* While somebody acts as fast as he can, it is ended: no record of use stands behind that. */
static void no_use_comes_after_the_end(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct given given = hold("\"information\"");
    struct mandate_ender ender = {.account = race.account};
    pthread_t thread;

    (void)state;
    memcpy(race.id, given.id, sizeof race.id);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer me = portal_ask(&site, &proxy, "GET /v1/me", NULL);

        (void)snprintf(race.account, sizeof race.account, "%s", portal_text(&me, "account"));
    }
    assert_int_equal(pthread_create(&thread, NULL, use_all_the_time, NULL), 0);
    while (number("SELECT count(*) FROM audit WHERE act = 'mandate.used'") < 5)
        ;
    assert_int_equal(mandate_end(site.portal.store, given.id, &ender, &by, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(race.used >= 5);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'mandate.used' AND seq >"
                            " (SELECT seq FROM audit WHERE act = 'mandate.ended')"),
                     0);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'mandate.used'"), race.used);
}

/* ---- by law ---- */

/* The key of a clerk of a municipality. */
static void hire(const char *code, char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct municipality municipality = {.prefecture = "東京都", .name = "見本区"};
    const struct municipality_key_inputs inputs = {code, "窓口", "clerk"};
    struct db *db = portal_store_db(site.portal.store);

    (void)snprintf(municipality.code, sizeof municipality.code, "%s", code);
    assert_int_equal(municipality_add(db, &municipality, &by, NULL), 0);
    assert_int_equal(municipality_key_add(db, &inputs, &by, ret, NULL), 0);
}

/* The municipality knows somebody by another code than the portal does. */
static void meet(uint8_t person, uint8_t code)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct exchange_link link = {.body = "M13101"};
    int64_t number_there;

    memset(link.portal.value, person, sizeof link.portal.value);
    memset(link.code.value, code, sizeof link.code.value);
    assert_int_equal(exchange_link(&exchange.x, &link, &by, &number_there, NULL), 0);
}

static struct portal_answer clerk(const char *key, const char *line, const char *body)
{
    char field[128];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&site, NULL, line, field, "application/json", body);
}

/* Codes of 0x10 and 0x20 octets. */
#define CHILD_CODE  "EBAQEBAQEBAQEBAQEBAQEA"
#define PARENT_CODE "ICAgICAgICAgICAgICAgIA"
#define RECORD(kind, child, parent, more)                                                          \
    "{\"kind\": \"" kind "\", \"mandator\": \"" child "\", \"proxy\": \"" parent "\","             \
    " \"scopes\": [\"information\"], \"mandator_name\": \"子\", \"proxy_name\": \"親\"" more "}"

static void a_municipality_records_a_parent_until_the_child_is_fifteen(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer made = {.status = 0};
    char key[MUNICIPALITY_KEY_SIZE], line[96];
    int64_t ends_at = 0;

    (void)state;
    hire("13101", key);
    meet(MANDATOR, 0x10);
    meet(PROXY, 0x20);
    made = clerk(key, "POST /v1/municipality/mandates",
                 RECORD("parent", CHILD_CODE, PARENT_CODE, ", \"birth_date\": \"2011-09-22\""));
    assert_int_equal(made.status, 201);
    assert_int_equal(json_get_int(made.json, "ends_at", &ends_at, NULL), 0);
    assert_int_equal(ends_at, 1790002800); /* 2026-09-22 00:00 in Japan: fifteen */
    assert_int_equal(acts(&proxy, portal_text(&made, "id"), LOOK, NULL), 200);
    assert_int_equal(end(&mandator, portal_text(&made, "id")), 403);
    assert_int_equal(end(&proxy, portal_text(&made, "id")), 403);
    (void)snprintf(line, sizeof line, "DELETE /v1/municipality/mandates/%s",
                   portal_text(&made, "id"));
    {
        CLEANUP(portal_answer_done) struct portal_answer ended = clerk(key, line, NULL);

        assert_int_equal(ended.status, 204);
    }
    assert_int_equal(acts(&proxy, portal_text(&made, "id"), LOOK, NULL), 403);
}

/* Both read who recorded what, and when it ended. */
static void expect_logged(struct portal_browser *browser, unsigned count)
{
    CLEANUP(portal_answer_done)
    struct portal_answer log = portal_ask(&site, browser, "GET /v1/history?what=mandated", NULL);
    int64_t total;

    assert_int_equal(log.status, 200);
    assert_int_equal(json_get_int(log.json, "total", &total, NULL), 0);
    assert_int_equal(total, count);
    assert_true(portal_has(&log, "親権者としての代理の登録") && portal_has(&log, "M13101"));
    assert_int_equal(portal_has(&log, "親権者としての代理の終了"), count == 2);
}

static void a_child_who_was_never_here_has_a_parent(void **state)
{
    enum { CHILD = 7 };
    CLEANUP(portal_answer_done) struct portal_answer made = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer again = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    static const char body[] = RECORD("parent", CHILD_CODE, PARENT_CODE,
                                      ", \"birth_date\": \"2016-05-05\"");
    char key[MUNICIPALITY_KEY_SIZE], line[96];
    struct portal_browser child;

    (void)state;
    hire("13101", key);
    meet(CHILD, 0x10);
    meet(PROXY, 0x20);
    made = clerk(key, "POST /v1/municipality/mandates", body);
    assert_int_equal(made.status, 201);
    again = clerk(key, "POST /v1/municipality/mandates", body);
    assert_int_equal(again.status, 201);
    assert_int_equal(number("SELECT count(*) FROM account"), 4); /* one of the child's */
    assert_int_equal(acts(&proxy, portal_text(&made, "id"), LOOK, NULL), 200);
    (void)portal_site_open(&site, &child, "sub-9", CHILD);
    assert_int_equal(number("SELECT count(*) FROM account"), 4);
    list = portal_ask(&site, &child, "GET /v1/mandates", NULL);
    assert_true(portal_has(&list, portal_text(&made, "id")));
    (void)snprintf(line, sizeof line, "DELETE /v1/municipality/mandates/%s",
                   portal_text(&again, "id"));
    portal_answer_done(&again);
    again = clerk(key, line, NULL);
    assert_int_equal(again.status, 204);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE what = 11"), 6);
}

static void both_read_what_a_municipality_recorded(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer made = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer ended = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer other = {.status = 0};
    char key[MUNICIPALITY_KEY_SIZE], line[96];

    (void)state;
    hire("13101", key);
    meet(MANDATOR, 0x10);
    meet(PROXY, 0x20);
    made = clerk(key, "POST /v1/municipality/mandates",
                 RECORD("parent", CHILD_CODE, PARENT_CODE, ", \"birth_date\": \"2016-05-05\""));
    assert_int_equal(made.status, 201);
    expect_logged(&mandator, 1);
    expect_logged(&proxy, 1);
    (void)snprintf(line, sizeof line, "DELETE /v1/municipality/mandates/%s",
                   portal_text(&made, "id"));
    ended = clerk(key, line, NULL);
    assert_int_equal(ended.status, 204);
    expect_logged(&mandator, 2);
    expect_logged(&proxy, 2);
    other = portal_ask(&site, &stranger, "GET /v1/history?what=mandated", NULL);
    assert_false(portal_has(&other, "M13101"));
}

static void a_child_of_29_february_is_fifteen_in_march(void **state)
{
    enum { YEAR = 2012 + MANDATE_CHILD_AGE };
    const struct caltime first = {.date = {YEAR, 3, 1}}, last = {.date = {YEAR, 2, 28}};

    (void)state;
    assert_int_equal(mandate_child_until((struct caldate){2012, 2, 29}),
                     caltime_utc(first, JST_OFFSET_SECONDS));
    assert_int_equal(mandate_child_until((struct caldate){2012, 2, 28}),
                     caltime_utc(last, JST_OFFSET_SECONDS));
}

static void what_a_municipality_may_not_record_is_refused(void **state)
{
    static const struct {
        const char *body;
        unsigned status;
    } rows[] = {
        {RECORD("parent", CHILD_CODE, PARENT_CODE, ""), 400},
        {RECORD("parent", CHILD_CODE, PARENT_CODE, ", \"birth_date\": \"2011-09-21\""), 400},
        {RECORD("parent", CHILD_CODE, PARENT_CODE, ", \"birth_date\": \"2026-09-22\""), 400},
        {RECORD("guardian", CHILD_CODE, PARENT_CODE, ", \"birth_date\": \"2011-09-22\""), 400},
        {RECORD("guardian", CHILD_CODE, PARENT_CODE, ", \"until\": \"2026-09-20\""), 400},
        {RECORD("given", CHILD_CODE, PARENT_CODE, ", \"until\": \"2026-12-31\""), 400},
        {RECORD("guardian", CHILD_CODE, "AAAA", ", \"until\": \"2026-12-31\""), 400},
        {RECORD("guardian", CHILD_CODE, "AAAAAAAAAAAAAAAAAAAAAA", ", \"until\": \"2026-12-31\""),
         404},
        {RECORD("guardian", CHILD_CODE, CHILD_CODE, ", \"until\": \"2026-12-31\""), 409},
    };
    char key[MUNICIPALITY_KEY_SIZE];

    (void)state;
    hire("13101", key);
    meet(MANDATOR, 0x10);
    meet(PROXY, 0x20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = clerk(key, "POST /v1/municipality/mandates", rows[i].body);

        if (answer.status != rows[i].status)
            fail_msg("row %zu: %u", i, answer.status);
    }
}

static void another_municipality_knows_nothing_of_it(void **state)
{
    char here[MUNICIPALITY_KEY_SIZE], elsewhere[MUNICIPALITY_KEY_SIZE], line[96];
    static const char body[] = RECORD("guardian", CHILD_CODE, PARENT_CODE,
                                      ", \"until\": \"2026-12-31\"");
    CLEANUP(portal_answer_done) struct portal_answer made = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer foreign = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer ended = {.status = 0};

    (void)state;
    hire("13101", here);
    hire("13102", elsewhere);
    meet(MANDATOR, 0x10);
    meet(PROXY, 0x20);
    foreign = clerk(elsewhere, "POST /v1/municipality/mandates", body);
    assert_int_equal(foreign.status, 404); /* it has no such codes */
    made = clerk(here, "POST /v1/municipality/mandates", body);
    assert_int_equal(made.status, 201);
    list = clerk(elsewhere, "GET /v1/municipality/mandates", NULL);
    assert_int_equal(list.status, 200);
    assert_false(portal_has(&list, portal_text(&made, "id")));
    portal_answer_done(&list);
    list = clerk(here, "GET /v1/municipality/mandates", NULL);
    assert_true(portal_has(&list, portal_text(&made, "id")));
    (void)snprintf(line, sizeof line, "DELETE /v1/municipality/mandates/%s",
                   portal_text(&made, "id"));
    ended = clerk(elsewhere, line, NULL);
    assert_int_equal(ended.status, 404);
}

static void a_long_list_comes_in_pages(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer page = {.status = 0};
    char key[MUNICIPALITY_KEY_SIZE], line[96], sql[512];
    const struct json *list;
    const char *next;

    (void)state;
    hire("13101", key);
    for (int i = 0; i < MANDATE_PAGE_MAX + 1; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO mandate (id, kind, scopes, mandator, proxy, mandator_name,"
                       " proxy_name, municipality, made_at, begun_at, ends_at)"
                       " SELECT 'm%021d', 'parent', 1, a.id, b.id, 'n', 'n', '13101', 5, 5, 9"
                       " FROM account AS a, account AS b WHERE a.sub = 'sub-1' AND b.sub = 'sub-2'",
                       i);
        execute(sql);
    }
    page = clerk(key, "GET /v1/municipality/mandates", NULL);
    assert_int_equal(json_get_array(page.json, "mandates", &list, NULL), 0);
    assert_int_equal(json_count(list), MANDATE_PAGE_MAX);
    assert_int_equal(json_get_text(page.json, "next", &next, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/municipality/mandates?after=%s", next);
    portal_answer_done(&page);
    page = clerk(key, line, NULL);
    assert_int_equal(json_get_array(page.json, "mandates", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    portal_answer_done(&page);
    page = clerk(key, "GET /v1/municipality/mandates?after=x", NULL);
    assert_int_equal(page.status, 400);
}

/* ---- lists ---- */

static void each_side_reads_what_the_other_is_called(void **state)
{
    struct given given = hold("\"information\", \"history\"");
    CLEANUP(portal_answer_done)
    struct portal_answer mine = portal_ask(&site, &mandator, "GET /v1/mandates", NULL);
    CLEANUP(portal_answer_done)
    struct portal_answer other = portal_ask(&site, &proxy, "GET /v1/mandates", NULL);
    CLEANUP(portal_answer_done)
    struct portal_answer none = portal_ask(&site, &stranger, "GET /v1/mandates", NULL);

    (void)state;
    assert_true(portal_has(&mine, given.id) && portal_has(&mine, "母"));
    assert_true(portal_has(&mine, "\"side\":\"mandator\"") &&
                portal_has(&mine, "\"state\":\"active\""));
    assert_false(portal_has(&mine, "花") || portal_has(&mine, given.code));
    assert_true(portal_has(&other, given.id) && portal_has(&other, "花"));
    assert_true(portal_has(&other, "\"scopes\":[\"information\",\"history\"]"));
    assert_false(portal_has(&other, "母"));
    assert_false(portal_has(&none, given.id));
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(what_is_no_mandate_is_refused),
        ROW(names_and_terms_have_their_limits),
        ROW(nobody_has_more_than_so_many),
        ROW(a_proxy_has_no_more_than_so_many),
        ROW(those_that_are_over_are_kept_for_a_while_only),
        ROW(a_code_counts_once_for_a_day_and_not_for_whom_it_is_from),
        ROW(an_offer_lets_nobody_act),
        ROW(forged_ids_are_refused),
        ROW(a_proxy_of_a_proxy_is_nobodys),
        ROW(every_route_is_closed_without_its_scope),
        ROW(what_a_proxy_asks_is_the_mandators),
        ROW(both_read_what_was_done_and_nobody_else_does),
        ROW(either_side_ends_it_at_once),
        ROW(it_ends_when_its_last_day_is_over),
        ROW(no_use_comes_after_the_end),
        ROW(a_municipality_records_a_parent_until_the_child_is_fifteen),
        ROW(a_child_who_was_never_here_has_a_parent),
        ROW(both_read_what_a_municipality_recorded),
        ROW(a_child_of_29_february_is_fifteen_in_march),
        ROW(what_a_municipality_may_not_record_is_refused),
        ROW(another_municipality_knows_nothing_of_it),
        ROW(a_long_list_comes_in_pages),
        ROW(each_side_reads_what_the_other_is_called),
    };

    return cmocka_run_group_tests_name("portal_mandates", tests, NULL, NULL);
}
