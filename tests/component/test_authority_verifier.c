/* SPDX-License-Identifier: Apache-2.0 */
/* Registering verifiers, from the request on the socket to the row on disk. */
#include "authority/routes.h"
#include "http/engine.h"
#include "support/pki.h"
#include "support/routes_ask.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { REGISTER = 1000, OCSPD = 1001, OPERATOR = 1002 };

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct authority_store *store;
    struct clock clock;
    struct authority authority;
};

static struct fixture f;
static struct test_pki pki;

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int release_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static int set_up(void **state)
{
    static const uid_t ocspd[] = {OCSPD};
    static const uid_t operators[] = {OPERATOR};

    (void)state;
    f = (struct fixture){.dir = tempdir_make(), .clock = clock_fixed(TEST_PKI_NOW)};
    f.authority = (struct authority){
        .clock = &f.clock, .ocspd = {ocspd, 1}, .operators = {operators, 1}};
    tempdir_file(&f.dir, "a.db", f.path);
    if (authority_store_open(f.path, &f.store, NULL) < 0)
        return -1;
    f.authority.store = f.store;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    authority_store_closep(&f.store);
    tempdir_done(&f.dir);
    return 0;
}

/* The status of a request by a user id; the whole answer is in *answer. */
static unsigned ask(uid_t uid, const char *line, const char *body, struct buf *answer)
{
    static const uid_t uids[] = {REGISTER};
    const struct http_server_options options = {
        .tables = authority_routes, .context = &f.authority, .uids = uids, .uid_count = 1};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};

    return routes_ask(&options, &peer, line, bytes_text(body), answer);
}

static void assert_says(const struct buf *answer, const char *words)
{
    const char *text;

    assert_int_equal(buf_text((struct buf *)(uintptr_t)answer, &text, NULL), 0);
    if (strstr(text, words) == NULL)
        fail_msg("no \"%s\" in: %s", words, text);
}

/* Register a certificate under a name. */
static unsigned enter(uid_t uid, const char *name, struct bytes der, struct buf *answer)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *body_text;

    assert_int_equal(json_put_text(body, "name", name, NULL), 0);
    assert_int_equal(json_put_base64(body, "certificate", der, NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &body_text, NULL), 0);
    return ask(uid, "POST /v1/verifiers", body_text, answer);
}

static struct bytes cert(enum profile_kind kind)
{
    return x509_cert_der(pki.certs[kind]);
}

static void what_is_no_verifiers_certificate_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct bytes cut = cert(PROFILE_AUTH);

    (void)state;
    cut.len--;
    assert_int_equal(enter(OPERATOR, "v", cut, &answer), 400);
    assert_int_equal(enter(OPERATOR, "v", bytes_text("x"), &answer), 400);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_AUTH_CA), &answer), 400);
    assert_says(&answer, "not a CA's");
    f.clock = clock_fixed(TEST_PKI_NOW + 5LL * 366 * 86400);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_AUTH), &answer), 400);
    assert_says(&answer, "not valid now");
    f.clock = clock_fixed(TEST_PKI_NOW - 2 * 86400);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_AUTH), &answer), 400);
    assert_says(&answer, "not valid now");
    assert_int_equal(ask(OCSPD, "GET /v1/verifiers", NULL, &answer), 200);
    assert_says(&answer, "{\"verifiers\":[]}");
}

static void a_name_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    char name[VERIFIER_NAME_MAX + 2];

    (void)state;
    memset(name, 'v', sizeof name);
    name[VERIFIER_NAME_MAX + 1] = '\0';
    assert_int_equal(enter(OPERATOR, name, cert(PROFILE_AUTH), &answer), 400);
    assert_int_equal(enter(OPERATOR, "", cert(PROFILE_AUTH), &answer), 400);
    assert_int_equal(enter(OPERATOR, "a b", cert(PROFILE_AUTH), &answer), 400);
    name[VERIFIER_NAME_MAX] = '\0';
    assert_int_equal(enter(OPERATOR, name, cert(PROFILE_AUTH), &answer), 201);
}

static void only_operators_and_the_register_change_the_list(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(enter(OCSPD, "v", cert(PROFILE_AUTH), &answer), 403);
    assert_int_equal(enter(0, "v", cert(PROFILE_AUTH), &answer), 403);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_AUTH), &answer), 201);
    assert_int_equal(ask(OCSPD, "DELETE /v1/verifiers/v", NULL, &answer), 403);
    assert_int_equal(ask(0, "GET /v1/verifiers", NULL, &answer), 403);
    assert_int_equal(ask(OPERATOR, "POST /v1/revocations", "{}", &answer), 403);
    assert_int_equal(ask(OPERATOR, "DELETE /v1/verifiers/v", NULL, &answer), 204);
}

static void a_name_and_a_certificate_belong_to_one_verifier(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_AUTH), &answer), 201);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_AUTH), &answer), 200);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_SIGN), &answer), 409);
    assert_says(&answer, "another certificate");
    assert_int_equal(enter(OPERATOR, "w", cert(PROFILE_AUTH), &answer), 409);
    assert_says(&answer, "another verifier's");
    assert_int_equal(enter(OPERATOR, "w", cert(PROFILE_SIGN), &answer), 201);
    assert_int_equal(enter(OPERATOR, "v", cert(PROFILE_SIGN), &answer), 409);
    assert_int_equal(ask(OPERATOR, "DELETE /v1/verifiers/x", NULL, &answer), 404);
    assert_int_equal(ask(OPERATOR, "DELETE /v1/verifiers/v", NULL, &answer), 204);
    assert_int_equal(ask(OPERATOR, "DELETE /v1/verifiers/v", NULL, &answer), 404);
    assert_int_equal(enter(OPERATOR, "u", cert(PROFILE_AUTH), &answer), 201);
}

static void the_list_is_as_it_was_entered(void **state)
{
    static struct verifier_list list;

    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(enter(OPERATOR, "b", cert(PROFILE_AUTH), &answer), 201);
    assert_int_equal(enter(OPERATOR, "a", cert(PROFILE_SIGN), &answer), 201);
    authority_store_closep(&f.store);
    assert_int_equal(authority_store_open(f.path, &f.store, NULL), 0);
    assert_int_equal(authority_list_verifiers(f.store, &list, NULL), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.entries[0].name, "a");
    assert_true(bytes_equal(buf_bytes(&list.entries[0].certificate), cert(PROFILE_SIGN)));
    assert_string_equal(list.entries[1].name, "b");
    assert_true(bytes_equal(buf_bytes(&list.entries[1].certificate), cert(PROFILE_AUTH)));
    verifier_list_done(&list);
}

static void verifiers_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    static struct verifier_list list;
    const struct audit_origin by = audit_by_self(1);
    bool is_new;

    (void)state;
    for (unsigned i = 0; i <= VERIFIERS_MAX; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "v-%u", i);
        assert_int_equal(
            authority_add_verifier(f.store, name, bytes_text(name), &by, &is_new, NULL),
            i == VERIFIERS_MAX ? -ERR_CONFLICT : 0);
    }
    assert_int_equal(authority_list_verifiers(f.store, &list, NULL), 0);
    assert_int_equal(list.count, VERIFIERS_MAX);
    verifier_list_done(&list);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(what_is_no_verifiers_certificate_is_refused),
        WITH_STORE(a_name_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_STORE(only_operators_and_the_register_change_the_list),
        WITH_STORE(a_name_and_a_certificate_belong_to_one_verifier),
        WITH_STORE(the_list_is_as_it_was_entered),
        WITH_STORE(verifiers_at_the_limit_are_taken_and_one_past_it_refused),
    };

    return cmocka_run_group_tests(tests, make_pki, release_pki);
}
