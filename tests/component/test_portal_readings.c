/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms that wait for what a card says: who may have one waiting, who may answer it and how often,
 * and that the portal hands on what it cannot read. What a card and a page do with it is in
 * tests/browser/test_portal_applying.py.
 */
#include "support/portal_site.h"

#include "crypto/jwe.h"
#include "portal/application/drafts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct portal_browser hanako, taro;
static char with_name[PSID_SIZE], draft[32], of_taro[32];
static const struct portal_issuer issuer = {{0xab}};
static struct buf sealed; /* something, to the key below */

#define GX "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY"
#define GY "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
/* The base point of P-256 (SEC 2, 2.4.2). */
#define POINT    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" GX "\",\"y\":\"" GY "\""
#define PAGE_KEY "{\"key\":{" POINT "}}"
#define NAMED                                                                                      \
    "{\"needs_signature\":false,\"fields\":["                                                      \
    "{\"name\":\"who\",\"label\":\"l\",\"type\":\"text\",\"prefill\":\"name\"},"                   \
    "{\"name\":\"born\",\"label\":\"l\",\"type\":\"date\",\"prefill\":\"birth_date\"}]}"

static struct portal_answer ask(struct portal_browser *browser, const char *line, const char *body)
{
    return portal_ask_with(&site, browser, line, "", body == NULL ? NULL : "application/json",
                           body);
}

static void begin(struct portal_browser *browser, const char *psid, char ret[32])
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", psid);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(browser, "POST /v1/applications", body);
    assert_int_equal(answer.status, 201);
    (void)snprintf(ret, 32, "%s", portal_text(&answer, "id"));
}

/* As a card's program seals it to the page. */
static void seal_to(const struct json *jwk, size_t letters, struct buf *ret)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    for (size_t i = 0; i < letters; i++)
        assert_int_equal(buf_append_text(&plain, "x", NULL), 0);
    assert_int_equal(jwk_parse(jwk, JWK_ENCRYPTION, &key, NULL), 0);
    assert_int_equal(jwe_encrypt(key, buf_bytes(&plain), ret, NULL), 0);
}

static void seal(size_t letters, struct buf *ret)
{
    CLEANUP(json_freep) struct json *jwk = NULL;

    assert_int_equal(json_parse(bytes_text("{" POINT "}"), &jwk, NULL), 0);
    seal_to(jwk, letters, ret);
}

static int make(void **state)
{
    (void)state;
    seal(1, &sealed);
    return 0;
}

static int release(void **state)
{
    (void)state;
    buf_done(&sealed);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    site.portal.issuers.key_ids = &issuer;
    site.portal.issuers.count = 1;
    portal_site_offer(&site, NAMED, with_name);
    (void)portal_site_open(&site, &hanako, "hanako", 1);
    (void)portal_site_open(&site, &taro, "taro", 2);
    begin(&hanako, with_name, draft);
    begin(&taro, with_name, of_taro);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static unsigned page(struct portal_browser *browser, const char *method, const char *id,
                     const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/applications/%s/reading", method, id);
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(browser, line, body);
    return answer.status;
}

/* A form that waits: the last part of its address, and its code. */
struct waiting {
    char session[64], code[8];
};

static struct waiting open_reading(struct portal_browser *browser, const char *id)
{
    static const char before[] = PORTAL_SITE_ORIGIN "/v1/readings/";
    struct waiting waiting;
    char line[128];

    (void)snprintf(line, sizeof line, "POST /v1/applications/%s/reading", id);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(browser, line, PAGE_KEY);
    assert_int_equal(answer.status, 201);
    assert_memory_equal(portal_text(&answer, "address"), before, strlen(before));
    (void)snprintf(waiting.session, sizeof waiting.session, "%s",
                   portal_text(&answer, "address") + strlen(before));
    (void)snprintf(waiting.code, sizeof waiting.code, "%s", portal_text(&answer, "code"));
    return waiting;
}

static unsigned look(const struct waiting *waiting)
{
    char line[128];

    (void)snprintf(line, sizeof line, "GET /v1/readings/%s", waiting->session);
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(NULL, line, NULL);
    return answer.status;
}

static unsigned answer_with(const struct waiting *waiting, const char *code, const char *rest)
{
    const size_t size = strlen(rest) + 64;
    char line[128];
    char *body = malloc(size);

    assert_non_null(body);
    (void)snprintf(line, sizeof line, "POST /v1/readings/%s/answer", waiting->session);
    (void)snprintf(body, size, "{\"code\":\"%s\"%s}", code, rest);
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(NULL, line, body);
    free(body);
    return answer.status;
}

/* With something sealed, and more behind it. */
static unsigned answer_sealed(const struct waiting *waiting, const struct buf *jwe,
                              const char *more)
{
    CLEANUP(buf_done) struct buf rest = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&rest, NULL, ",\"attributes\":\"%.*s\"%s", (int)jwe->len,
                                       (const char *)jwe->ptr, more),
                     0);
    assert_int_equal(buf_text(&rest, &text, NULL), 0);
    return answer_with(waiting, waiting->code, text);
}

static unsigned answer(const struct waiting *waiting, const char *code)
{
    struct waiting typed = *waiting;

    (void)snprintf(typed.code, sizeof typed.code, "%s", code);
    return answer_sealed(&typed, &sealed, "");
}

/* A code that is not the one. */
static void other_code(const struct waiting *waiting, char ret[8])
{
    (void)snprintf(ret, 8, "%s", waiting->code);
    ret[0] = ret[0] == '1' ? '2' : '1';
}

static void only_whose_the_application_is_has_a_form_waiting(void **state)
{
    (void)state;
    assert_int_equal(page(NULL, "POST", draft, PAGE_KEY), 403);
    assert_int_equal(page(&taro, "POST", draft, PAGE_KEY), 404);
    (void)open_reading(&hanako, draft);
    assert_int_equal(page(NULL, "GET", draft, NULL), 403);
    assert_int_equal(page(&taro, "GET", draft, NULL), 404);
    assert_int_equal(page(&taro, "DELETE", draft, NULL), 404);
    assert_int_equal(page(&hanako, "GET", draft, NULL), 200);
}

static void what_is_no_key_of_a_page_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"key\":{}}",
        "{\"key\":{" POINT ",\"d\":\"" GX "\"}}",
        "{\"key\":{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" GX "\",\"y\":\"" GY "\"}}",
        "{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" GX "\",\"y\":\"" GX "\"}}",
        "{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"" GY "\"}}",
        "{\"key\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (page(&hanako, "POST", draft, bodies[i]) != 400)
            fail_msg("%s", bodies[i]);
    assert_int_equal(page(&hanako, "GET", draft, NULL), 404);
}

static void a_form_that_a_card_does_not_fill_waits_for_none(void **state)
{
    static const char statement[] =
        "UPDATE application SET form = '{\"needs_signature\":false,\"fields\":[{\"name\":\"a\","
        "\"label\":\"l\",\"type\":\"text\"}]}' WHERE id = ?";
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char line[128];

    (void)state;
    assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_execute_one(&txn, statement, DB_WITH(DB_TEXT(of_taro)), NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(page(&taro, "POST", of_taro, PAGE_KEY), 400);
    site.portal.issuers.count = 0;
    assert_int_equal(page(&hanako, "POST", draft, PAGE_KEY), 404);
    site.portal.issuers.count = 1;
    (void)snprintf(line, sizeof line, "POST /v1/applications/%s/submission", draft);
    CLEANUP(portal_answer_done) struct portal_answer sent = ask(&hanako, line, "{}");
    assert_int_equal(sent.status, 200);
    assert_int_equal(page(&hanako, "POST", draft, PAGE_KEY), 409);
}

static void another_code_is_refused_and_three_are_the_end(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);
    char wrong[8];

    (void)state;
    other_code(&waiting, wrong);
    for (int i = 0; i < APPLICATION_READING_CODES_MAX; i++)
        assert_int_equal(answer(&waiting, wrong), 403);
    assert_int_equal(answer(&waiting, waiting.code), 403);
    assert_int_equal(page(&hanako, "GET", draft, NULL), 200);
}

static void one_wrong_code_less_is_forgiven(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);
    char wrong[8];

    (void)state;
    other_code(&waiting, wrong);
    for (int i = 0; i < APPLICATION_READING_CODES_MAX - 1; i++)
        assert_int_equal(answer(&waiting, wrong), 403);
    assert_int_equal(answer(&waiting, waiting.code), 204);
}

static void the_code_of_another_form_answers_nothing(void **state)
{
    struct waiting hers = open_reading(&hanako, draft), his = open_reading(&taro, of_taro);

    (void)state;
    while (strcmp(hers.code, his.code) == 0)
        his = open_reading(&taro, of_taro);
    assert_int_equal(answer(&hers, his.code), 403);
    assert_int_equal(answer(&hers, hers.code), 204);
    assert_int_equal(answer(&his, his.code), 204);
}

static void an_answer_counts_once(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);

    (void)state;
    assert_int_equal(answer(&waiting, waiting.code), 204);
    assert_int_equal(answer(&waiting, waiting.code), 409);
    assert_int_equal(look(&waiting), 409);
    assert_int_equal(page(&hanako, "DELETE", draft, NULL), 204);
    assert_int_equal(answer(&waiting, waiting.code), 404);
    assert_int_equal(look(&waiting), 404);
    assert_int_equal(page(&hanako, "GET", draft, NULL), 404);
}

static void the_next_one_ends_the_one_before(void **state)
{
    const struct waiting first = open_reading(&hanako, draft);
    const struct waiting second = open_reading(&hanako, draft);

    (void)state;
    assert_int_equal(answer(&first, first.code), 404);
    assert_int_equal(answer(&second, second.code), 204);
}

static void it_waits_until_its_last_second_and_is_forgotten(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);
    struct db *db = portal_store_db(site.portal.store);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count;
    int64_t left;

    (void)state;
    portal_site_at(&site, APPLICATION_READING_SECONDS);
    assert_int_equal(look(&waiting), 200);
    portal_site_at(&site, APPLICATION_READING_SECONDS + 1);
    assert_int_equal(look(&waiting), 404);
    assert_int_equal(answer(&waiting, waiting.code), 404);
    assert_int_equal(
        drafts_forget(db, PORTAL_SITE_NOW + APPLICATION_READING_SECONDS + 1, &count, NULL), 0);
    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(
        db_query_one(&txn, "SELECT count(*) FROM application_reading", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &left, NULL), 0);
    assert_int_equal(left, 0);
}

static void an_answer_is_either_attributes_or_a_refusal(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);
    static const char *const wrong[] = {"", ",\"denied\":false", ",\"attributes\":\"no JWE\"",
                                        ",\"attributes\":\"a..b.c\""};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (answer_with(&waiting, waiting.code, wrong[i]) != 400)
            fail_msg("%s", wrong[i]);
    assert_int_equal(answer_sealed(&waiting, &sealed, ",\"denied\":true"), 400);
    assert_int_equal(answer_sealed(&waiting, &sealed, ",\"name\":\"n\""), 400);
    assert_int_equal(answer_with(&waiting, waiting.code, ",\"denied\":true"), 204);
    CLEANUP(portal_answer_done) struct portal_answer told = {.status = 0};
    char line[128];
    (void)snprintf(line, sizeof line, "GET /v1/applications/%s/reading", draft);
    told = ask(&hanako, line, NULL);
    assert_string_equal(portal_text(&told, "state"), "denied");
    assert_false(portal_has(&told, "attributes"));
}

/* A block of the cipher more, and it is too long. */
static void an_answer_has_a_length(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);
    size_t letters = APPLICATION_READING_MAX / 2;

    (void)state;
    for (bool fits = true; fits; letters += 16) {
        CLEANUP(buf_done) struct buf next = BUF_INIT;

        seal(letters + 16, &next);
        fits = next.len <= APPLICATION_READING_MAX;
    }
    letters -= 16;
    CLEANUP(buf_done) struct buf last = BUF_INIT;
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    seal(letters, &last);
    seal(letters + 16, &more);
    assert_true(last.len <= APPLICATION_READING_MAX && more.len > APPLICATION_READING_MAX);
    assert_int_equal(answer_sealed(&waiting, &more, ""), 400);
    assert_int_equal(answer_sealed(&waiting, &last, ""), 204);
}

/* What the card's side is told, and what it seals with that. */
static void join(const struct waiting *waiting, struct buf *ret)
{
    const struct json *jwk;
    char line[128];

    (void)snprintf(line, sizeof line, "GET /v1/readings/%s", waiting->session);
    CLEANUP(portal_answer_done) struct portal_answer told = ask(NULL, line, NULL);
    assert_int_equal(told.status, 200);
    assert_string_equal(portal_text(&told, "session"), waiting->session);
    assert_true(portal_has(&told, "\"wants\":[\"name\",\"birthdate\"]"));
    assert_true(portal_has(&told, "\"issuers\":[\"ab00000000000000000000000000000000000000\"]"));
    assert_int_equal(json_get_object(told.json, "key", &jwk, NULL), 0);
    seal_to(jwk, 9, ret);
}

static void the_page_gets_what_was_sealed_for_it(void **state)
{
    const struct waiting waiting = open_reading(&hanako, draft);
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    const char *text;
    char line[128];

    (void)state;
    join(&waiting, &jwe);
    assert_int_equal(answer_sealed(&waiting, &jwe, ""), 204);
    (void)snprintf(line, sizeof line, "GET /v1/applications/%s/reading", draft);
    CLEANUP(portal_answer_done) struct portal_answer told = ask(&hanako, line, NULL);
    assert_string_equal(portal_text(&told, "state"), "answered");
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_string_equal(portal_text(&told, "attributes"), text);
    /* Nothing is filled in by the portal. */
    (void)snprintf(line, sizeof line, "GET /v1/applications/%s", draft);
    CLEANUP(portal_answer_done) struct portal_answer form = ask(&hanako, line, NULL);
    assert_true(portal_has(&form, "\"answers\":[]"));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(only_whose_the_application_is_has_a_form_waiting),
        CASE(what_is_no_key_of_a_page_is_refused),
        CASE(a_form_that_a_card_does_not_fill_waits_for_none),
        CASE(another_code_is_refused_and_three_are_the_end),
        CASE(one_wrong_code_less_is_forgiven),
        CASE(the_code_of_another_form_answers_nothing),
        CASE(an_answer_counts_once),
        CASE(the_next_one_ends_the_one_before),
        CASE(it_waits_until_its_last_second_and_is_forgotten),
        CASE(an_answer_is_either_attributes_or_a_refusal),
        CASE(an_answer_has_a_length),
        CASE(the_page_gets_what_was_sealed_for_it),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make, release);
}
