/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every route of the portal, from its table, asked for what is somebody else's: without a login, as
 * another citizen, by the keys of another municipality, by the ticket of another application, as a
 * process of the computer that operates nothing. Ids are those of things that exist, as the last
 * step shows for each route: whose they are is let in.
 */
#include "portal/operator/routes.h"
#include "support/operator_site.h"
#include "support/portal_victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ACTORS_MAX = 8, SECRET_LEN_MIN = 10, STRANGER = 4242 };

static struct portal_victim victim;

struct actor {
    const char *name;
    struct portal_browser *browser; /* or */
    const char *key;                /* or */
    uid_t uid;                      /* on the Unix socket; or nothing */
};

static int set_up(void **state)
{
    (void)state;
    portal_victim_make(&victim);
    victim.site.portal.app.socket = "/nowhere";
    victim.site.portal.platform.socket = "/nowhere";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_victim_done(&victim);
    return 0;
}

static struct portal_answer ask(const struct actor *actor, const char *line,
                                const struct victim_body *body)
{
    const char *type = body == NULL ? NULL : body->type;
    const char *text = body == NULL ? NULL : body->text;
    struct portal_browser browser = {.cookie = ""}; /* a copy: no answer logs anybody out */
    char field[96] = "";

    if (actor->browser != NULL)
        browser = *actor->browser;
    if (actor->uid != 0)
        return portal_ask_as_process(&victim.site, actor->uid, line, type, text);
    if (actor->key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", actor->key);
    return portal_ask_with(&victim.site, actor->browser == NULL ? NULL : &browser, line, field,
                           type, text);
}

static bool is_refused(unsigned status)
{
    return status == 401 || status == 403 || status == 404;
}

/* What is hers and was not in the question is in no answer. */
static void check_nothing_of_hers(const struct actor *actor, const char *line,
                                  const struct portal_answer *answer)
{
    if (portal_has(answer, VICTIM_WORDS))
        fail_msg("%s as %s: her words are in the answer", line, actor->name);
    for (size_t i = 0; i < victim.count; i++) {
        const struct victim_value *value = &victim.values[i];

        if (value->kind == VICTIM_SECRET && strlen(value->value) >= SECRET_LEN_MIN &&
            strstr(line, value->value) == NULL && portal_has(answer, value->value))
            fail_msg("%s as %s: her %s is in the answer", line, actor->name, value->place);
    }
}

static void ask_as_wrong(const struct route *route, const char *line, bool is_hers)
{
    const struct actor wrong[] = {{.name = "nobody"},
                                  {.name = "another citizen", .browser = &victim.taro},
                                  {.name = "another clerk", .key = victim.other_clerk},
                                  {.name = "another editor", .key = victim.other_editor},
                                  {.name = "another clinic", .key = victim.other_terminal},
                                  {.name = "another kiosk", .key = victim.other_kiosk},
                                  {.name = "another site", .key = victim.other_sender},
                                  {.name = "another applicant", .key = victim.other_ticket},
                                  {.name = "another process", .uid = STRANGER}};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = ask(&wrong[i], line, portal_victim_body(route));

        if (is_hers && !is_refused(answer.status))
            fail_msg("%s as %s is %u", line, wrong[i].name, answer.status);
        check_nothing_of_hers(&wrong[i], line, &answer);
    }
}

/* That all those were refused says something: what was asked for is there. */
static void ask_as_right(const struct route *route, const char *line)
{
    const struct actor right[] = {{.name = "she", .browser = &victim.hanako},
                                  {.name = "the clerk", .key = victim.clerk},
                                  {.name = "the editor", .key = victim.editor},
                                  {.name = "the clinic", .key = victim.terminal},
                                  {.name = "the kiosk", .key = victim.kiosk},
                                  {.name = "the site", .key = victim.sender},
                                  {.name = "the operator", .uid = PORTAL_SITE_OPERATOR}};
    const bool has_body = route->body != NULL || route->body_type != NULL;
    bool is_let_in = false; /* a body that is not taken was not looked at by whose it is */

    for (size_t i = 0; i < sizeof right / sizeof right[0] && !is_let_in; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = ask(&right[i], line, portal_victim_body(route));

        is_let_in = !is_refused(answer.status) && (answer.status != 400 || !has_body);
    }
    if (!is_let_in)
        fail_msg("%s: whose it is is refused as well, so nothing was tried", line);
}

static void nobody_is_let_in_to_what_is_hers(void **state)
{
    size_t tried = 0;

    (void)set_up(state);
    for (size_t i = 0; portal_routes[i] != NULL; i++) {
        for (const struct route *route = portal_routes[i]; route->path != NULL; route++) {
            bool has_ids = strchr(route->path, ':') != NULL;
            bool is_public;
            char line[512];

            portal_victim_line(&victim, route, line, &is_public);
            ask_as_wrong(route, line, has_ids && !is_public);
            if (has_ids && !is_public) {
                ask_as_right(route, line);
                tried++;
            }
            if (route->method != HTTP_GET) { /* what it removes is there again for the next */
                (void)tear_down(state);
                (void)set_up(state);
            }
        }
    }
    (void)tear_down(state);
    assert_true(tried > 10);
}

/* What somebody may read is read by them and has her words: so the walk would have seen them. */
static void she_reads_her_own_words(void **state)
{
    char line[512] = "";

    (void)set_up(state);
    for (size_t i = 0; i < victim.count; i++)
        if (strcmp(victim.values[i].place, "/v1/applications/:id") == 0)
            (void)snprintf(line, sizeof line, "GET /v1/applications/%s", victim.values[i].value);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&victim.site, &victim.hanako, line, NULL);
    assert_int_equal(answer.status, 200);
    assert_true(portal_has(&answer, VICTIM_WORDS));
    (void)tear_down(state);
}

/* ---- the operators' door ---- */

/* A request at the door by a service's token; the status. */
static unsigned ask_at_door(const struct route *route, enum operator_who who, const char *secret,
                            const char *line)
{
    const struct victim_body *body = portal_victim_body(route);
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char field[96] = "";

    if (secret != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", secret);
    answer = operator_ask(&victim.site, who, line, field, body == NULL ? NULL : body->type,
                          body == NULL ? NULL : body->text);
    return answer.status;
}

/* Of the service that is the bank's: its own paths, or those of portal_victim.c. */
static void make_line(const struct route *route, const struct operator_service *bank, char ret[512])
{
    bool is_public;

    if (strcmp(route->path, "/v1/clients/:id") == 0)
        (void)snprintf(ret, 512, "%s /v1/clients/%s", http_method_name(route->method), bank->id);
    else if (strcmp(route->path, "/v1/clients/:id/confirmation") == 0)
        (void)snprintf(ret, 512, "POST /v1/clients/%s/confirmation", bank->id);
    else
        portal_victim_line(&victim, route, ret, &is_public);
}

static void try_door(const struct route *route, const struct operator_service *bank,
                     const struct operator_service *shop)
{
    char line[512];

    make_line(route, bank, line);
    assert_true(is_refused(ask_at_door(route, WHO_NOBODY, NULL, line)));
    assert_true(is_refused(ask_at_door(route, WHO_BANK, NULL, line))); /* a certificate alone */
    assert_true(is_refused(ask_at_door(route, WHO_SHOP, shop->secret, line)));
    assert_true(is_refused(ask_at_door(route, WHO_SHOP, victim.clerk, line)));
    if (strstr(line, bank->id) != NULL) {
        const unsigned status = ask_at_door(route, WHO_BANK, bank->secret, line);

        assert_true(status / 100 == 2 || status == 409); /* what is approved needs no confirming */
    }
}

/* A consent of hers to applications, and a token of it, both of this name. */
static void give_token(const struct operator_service *to, const char *name)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct digest certificate, hash;

    operator_site_digest(to->who, &certificate);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(name), &hash, NULL), 0);
    assert_int_equal(db_begin(portal_store_db(victim.site.portal.store), &txn, NULL), 0);
    assert_int_equal(
        db_execute_one(&txn,
                       "INSERT INTO operator_consent SELECT ?1, ?2, id, 0, 'e-application', '', '',"
                       " 1, 5, 9000000000, NULL, NULL, NULL FROM account WHERE sub = 'hanako'",
                       DB_WITH(DB_TEXT(name), DB_TEXT(to->id)), NULL),
        0);
    assert_int_equal(db_execute_one(&txn,
                                    "INSERT INTO operator_token"
                                    " VALUES (?, 'access', ?, '', '', ?, 9000000000, 0)",
                                    DB_WITH(DB_BLOB(digest_bytes(&hash)), DB_TEXT(name),
                                            DB_BLOB(digest_bytes(&certificate))),
                                    NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void let_prepare(const struct operator_service *service)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(portal_store_db(victim.site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_execute_one(&txn, "UPDATE application_prepared SET client = ?",
                                    DB_WITH(DB_TEXT(service->id)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* Two services that are approved, and the door they come to. */
static void open_door(void **state, struct operator_service *bank, struct operator_service *shop)
{
    (void)set_up(state);
    operator_site_certificates();
    operator_site_open(&victim.site);
    operator_service_add(&victim.site, WHO_BANK, "", OPERATOR_APPROVED, bank);
    operator_service_add(&victim.site, WHO_SHOP, "", OPERATOR_APPROVED, shop);
}

/* She consents to both of them: what one prepared is its own all the same. */
static void a_token_opens_no_application_of_another_service(void **state)
{
    struct operator_service bank, shop;
    size_t tried = 0;

    open_door(state, &bank, &shop);
    give_token(&bank, "the-bank-s-consent-000");
    give_token(&shop, "the-shop-s-consent-000");
    let_prepare(&bank);
    for (const struct route *route = portal_e_application_routes; route->path != NULL; route++) {
        bool is_public;
        char line[512];

        if (strchr(route->path, ':') == NULL)
            continue;
        portal_victim_line(&victim, route, line, &is_public);
        assert_int_equal(ask_at_door(route, WHO_SHOP, "the-shop-s-consent-000", line), 404);
        assert_int_equal(ask_at_door(route, WHO_BANK, "the-bank-s-consent-000", line) / 100, 2);
        tried++;
    }
    assert_true(tried >= 3);
    operator_site_forget();
    (void)tear_down(state);
}

static void no_service_is_let_in_to_what_is_anothers(void **state)
{
    struct operator_service bank, shop;
    size_t tried = 0;

    open_door(state, &bank, &shop);
    for (size_t i = 0; portal_door_routes[i] != NULL; i++) {
        for (const struct route *route = portal_door_routes[i]; route->path != NULL; route++) {
            if (strchr(route->path, ':') == NULL)
                continue;
            try_door(route, &bank, &shop);
            tried++;
        }
    }
    assert_true(tried >= 2);
    operator_site_forget();
    (void)tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_let_in_to_what_is_hers),
        cmocka_unit_test(she_reads_her_own_words),
        cmocka_unit_test(no_service_is_let_in_to_what_is_anothers),
        cmocka_unit_test(a_token_opens_no_application_of_another_service),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
