/* SPDX-License-Identifier: Apache-2.0 */
/* Verifiers as parties, from the operator's request on the socket to the row on disk. */
#include "authority/party/party.h"

#include "authority/routes.h"
#include "authority/schema.h"
#include "authority/store_sqlite.h"
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

enum { REGISTER = 1000, OCSPD = 1001, OPERATOR = 1002, NOW = TEST_PKI_NOW };

static struct test_pki pki;
static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static struct authority_store *store;
static struct clock now_clock;
static struct authority authority;
static struct buf answer;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1002"};

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
    dir = tempdir_make();
    now_clock = clock_fixed(NOW);
    authority = (struct authority){
        .clock = &now_clock, .ocspd = {ocspd, 1}, .operators = {operators, 1}};
    tempdir_file(&dir, "a.db", path);
    assert_int_equal(authority_store_open(path, &store, NULL), 0);
    authority.store = store;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&answer);
    authority_store_closep(&store);
    tempdir_done(&dir);
    return 0;
}

static unsigned ask(uid_t uid, const char *line, const char *body)
{
    static const uid_t uids[] = {REGISTER};
    const struct http_server_options options = {
        .tables = authority_routes, .context = &authority, .uids = uids, .uid_count = 1};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};

    return routes_ask(&options, &peer, line, bytes_text(body), &answer);
}

static bool says(const char *words)
{
    const char *text;

    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    return strstr(text, words) != NULL;
}

static void assert_says(const char *words)
{
    if (!says(words))
        fail_msg("no \"%s\" in: %.*s", words, (int)answer.len, (const char *)answer.ptr);
}

static unsigned post(const char *target, const char *body)
{
    char line[256];

    (void)snprintf(line, sizeof line, "POST %s", target);
    return ask(OPERATOR, line, body);
}

#define APPLICATION                                                                                \
    "{\"name\":\"pf\",\"title\":\"Platform\",\"role\":\"platform\",\"kinds\":[\"sign\",\"auth\"]}"

static unsigned step(const char *name, const char *what)
{
    char target[128];
    char body[64];

    (void)snprintf(target, sizeof target, "/v1/parties/%s/steps", name);
    (void)snprintf(body, sizeof body, "{\"step\":\"%s\"}", what);
    return post(target, body);
}

static unsigned notice(const char *name, const char *provider, const char *service)
{
    char target[128];
    char body[512];

    (void)snprintf(target, sizeof target, "/v1/parties/%s/notices", name);
    (void)snprintf(body, sizeof body,
                   "{\"provider\":\"%s\",\"provider_title\":\"Bank\",\"service\":\"%s\","
                   "\"service_title\":\"Accounts\"}",
                   provider, service);
    return post(target, provider == NULL ? "{}" : body);
}

static unsigned certificate(const char *name, struct bytes der, bool retire)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char target[128];
    const char *sent;

    (void)snprintf(target, sizeof target, "/v1/parties/%s/certificates", name);
    assert_int_equal(json_put_base64(body, "certificate", der, NULL), 0);
    if (retire)
        assert_int_equal(json_put_bool(body, "retire", true, NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &sent, NULL), 0);
    return post(target, sent);
}

static struct bytes cert(enum profile_kind kind)
{
    return x509_cert_der(pki.certs[kind]);
}

static size_t listed(void)
{
    static struct verifier_list list;
    size_t count;

    assert_int_equal(authority_list_verifiers(store, &list, NULL), 0);
    count = list.count;
    verifier_list_done(&list);
    return count;
}

static void an_application_without_the_words_it_needs_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"name\":\"a b\",\"title\":\"P\",\"role\":\"platform\",\"kinds\":[\"sign\"]}",
        "{\"name\":\"a\",\"title\":\"\",\"role\":\"platform\",\"kinds\":[\"sign\"]}",
        "{\"name\":\"a\",\"title\":\"P\\n\",\"role\":\"platform\",\"kinds\":[\"sign\"]}",
        "{\"name\":\"a\",\"title\":\"P\",\"role\":\"bank\",\"kinds\":[\"sign\"]}",
        "{\"name\":\"a\",\"title\":\"P\",\"role\":\"public\",\"kinds\":[]}",
        "{\"name\":\"a\",\"title\":\"P\",\"role\":\"public\",\"kinds\":[\"token\"]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(post("/v1/parties", bodies[i]), 400);
    assert_int_equal(ask(OPERATOR, "GET /v1/parties", NULL), 200);
    assert_says("{\"parties\":[]}");
    assert_int_equal(ask(OCSPD, "POST /v1/parties", APPLICATION), 403);
    assert_int_equal(ask(OCSPD, "GET /v1/parties", NULL), 403);
}

static void a_title_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    char title[PARTY_TITLE_MAX + 2];
    struct party party = {.name = "a", .role = PARTY_PUBLIC, .verifies = {true, true}};
    char body[512];

    (void)state;
    memset(title, 't', sizeof title);
    title[PARTY_TITLE_MAX + 1] = '\0';
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"a\",\"title\":\"%s\",\"role\":\"public\",\"kinds\":[\"sign\"]}",
                   title);
    assert_int_equal(post("/v1/parties", body), 400);
    title[PARTY_TITLE_MAX] = '\0';
    memcpy(party.title, title, sizeof party.title);
    assert_int_equal(party_check(&party, NULL), 0);
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"a\",\"title\":\"%s\",\"role\":\"public\",\"kinds\":[\"sign\"]}",
                   title);
    assert_int_equal(post("/v1/parties", body), 201);
}

static void each_step_is_taken_from_where_it_may_be(void **state)
{
    (void)state;
    assert_int_equal(step("pf", "certify"), 404);
    assert_int_equal(post("/v1/parties", APPLICATION), 201);
    assert_says("\"state\":\"applied\"");
    assert_int_equal(post("/v1/parties", APPLICATION), 200);
    assert_int_equal(step("pf", "suspend"), 409);
    assert_int_equal(step("pf", "resume"), 409);
    assert_int_equal(notice("pf", "bank", "accounts"), 409);
    assert_says("not certified");
    now_clock = clock_fixed(NOW + 5);
    assert_int_equal(step("pf", "certify"), 200);
    assert_says("\"state\":\"certified\"");
    assert_says("\"certified_at\":1790000005");
    assert_int_equal(step("pf", "certify"), 409);
    assert_int_equal(notice("pf", "bank", "accounts"), 200);
    assert_says("\"state\":\"active\"");
    assert_int_equal(step("pf", "suspend"), 200);
    assert_says("\"state\":\"suspended\"");
    assert_int_equal(notice("pf", "shop", "cart"), 409);
    assert_int_equal(step("pf", "resume"), 200);
    assert_says("\"state\":\"active\"");
    assert_int_equal(step("pf", "end"), 200);
    assert_says("\"state\":\"ended\"");
    assert_int_equal(step("pf", "end"), 409);
    assert_int_equal(step("pf", "resume"), 409);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), false), 409);
    assert_int_equal(step("pf", "jump"), 400);
}

static void the_same_name_with_other_words_is_another_body(void **state)
{
    (void)state;
    assert_int_equal(post("/v1/parties", APPLICATION), 201);
    assert_int_equal(post("/v1/parties", "{\"name\":\"pf\",\"title\":\"Platform\",\"role\":"
                                         "\"platform\",\"kinds\":[\"sign\"]}"),
                     409);
}

/* pki.md 6: administrative bodies are verifiers by law. */
static void a_public_body_gives_notice_without_a_certificate_of_the_minister(void **state)
{
    (void)state;
    assert_int_equal(post("/v1/parties", "{\"name\":\"tax\",\"title\":\"Tax\",\"role\":\"public\","
                                         "\"kinds\":[\"sign\"]}"),
                     201);
    assert_int_equal(post("/v1/parties/tax/notices", "{}"), 200);
    assert_says("\"state\":\"active\"");
    assert_int_equal(post("/v1/parties/tax/notices", "{\"provider\":\"x\"}"), 400);
}

/* jpki-ocspd learns of a certificate while its party is active, and of which kinds. */
static void only_an_active_party_is_a_requester(void **state)
{
    (void)state;
    assert_int_equal(post("/v1/parties", APPLICATION), 201);
    assert_int_equal(certificate("pf", cert(PROFILE_SIGN_CA), false), 400);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), false), 200);
    assert_int_equal(listed(), 0);
    assert_int_equal(step("pf", "certify"), 200);
    assert_int_equal(listed(), 0);
    assert_int_equal(notice("pf", "bank", "accounts"), 200);
    assert_int_equal(listed(), 1);
    assert_int_equal(ask(OCSPD, "GET /v1/verifiers", NULL), 200);
    assert_says("\"sign\":true,\"auth\":true");
    assert_int_equal(step("pf", "suspend"), 200);
    assert_int_equal(listed(), 0);
    assert_int_equal(step("pf", "resume"), 200);
    assert_int_equal(listed(), 1);
    assert_int_equal(step("pf", "end"), 200);
    assert_int_equal(listed(), 0);
}

static void keys_change_without_a_gap(void **state)
{
    (void)state;
    assert_int_equal(post("/v1/parties", APPLICATION), 201);
    assert_int_equal(step("pf", "certify"), 200);
    assert_int_equal(post("/v1/parties/pf/notices", "{}"), 200);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), false), 200);
    assert_int_equal(certificate("pf", cert(PROFILE_SIGN), false), 200);
    assert_int_equal(listed(), 2);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), true), 200);
    assert_says("\"retired_at\":1790000000");
    assert_int_equal(listed(), 1);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), true), 404);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), false), 200);
    assert_int_equal(listed(), 2);
}

static void certificates_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    (void)state;
    assert_int_equal(post("/v1/parties", APPLICATION), 201);
    for (unsigned i = 0; i <= PARTY_CERTIFICATES_MAX; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "cert-%u", i);
        assert_int_equal(authority_add_party_certificate(store, "pf", bytes_text(name), &by, NULL),
                         i == PARTY_CERTIFICATES_MAX ? -ERR_CONFLICT : 0);
    }
    assert_int_equal(
        authority_retire_party_certificate(store, "pf", bytes_text("cert-1"), &by, NULL), 0);
    assert_int_equal(authority_add_party_certificate(store, "pf", bytes_text("more"), &by, NULL),
                     0);
}

static void a_certificate_is_one_partys(void **state)
{
    (void)state;
    assert_int_equal(post("/v1/parties", APPLICATION), 201);
    assert_int_equal(post("/v1/parties", "{\"name\":\"b\",\"title\":\"B\",\"role\":\"verifier\","
                                         "\"kinds\":[\"auth\"]}"),
                     201);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), false), 200);
    assert_int_equal(certificate("b", cert(PROFILE_AUTH), false), 409);
    assert_int_equal(certificate("pf", cert(PROFILE_AUTH), true), 200);
    assert_int_equal(certificate("b", cert(PROFILE_AUTH), false), 409);
    assert_int_equal(certificate("nobody", cert(PROFILE_AUTH), false), 404);
}

static void become_active(const char *name)
{
    struct party party = {.role = PARTY_PUBLIC, .title = "T", .verifies = {true, true}};
    bool is_new;

    (void)snprintf(party.name, sizeof party.name, "%s", name);
    assert_int_equal(authority_apply(store, &party, &by, &is_new, NULL), 0);
}

static void notice_is_for_a_provider_and_its_services(void **state)
{
    (void)state;
    become_active("pf");
    assert_int_equal(notice("pf", "bank", "accounts"), 200);
    assert_int_equal(notice("pf", "bank", "loans"), 200);
    assert_int_equal(notice("pf", "bank", "loans"), 200);
    assert_int_equal(notice("pf", "b nk", "loans"), 400);
    assert_says("provider");
    assert_int_equal(ask(OPERATOR, "GET /v1/parties/pf", NULL), 200);
    assert_says("\"provider\":\"bank\",\"provider_title\":\"Bank\",\"service\":\"accounts\"");
    assert_says("\"service\":\"loans\"");
    assert_int_equal(ask(OPERATOR, "DELETE /v1/parties/pf/providers/shop", NULL), 404);
    assert_int_equal(ask(OPERATOR, "DELETE /v1/parties/pf/providers/bank", NULL), 204);
    assert_int_equal(ask(OPERATOR, "DELETE /v1/parties/pf/providers/bank", NULL), 404);
    assert_int_equal(ask(OPERATOR, "GET /v1/parties/pf", NULL), 200);
    assert_says("\"ended_at\":1790000000}");
    assert_int_equal(notice("pf", "bank", "loans"), 200);
    assert_false(says("\"ended_at\":1790000000}"));
}

static void services_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    struct notice given = {"bank", "Bank", NULL, "S"};

    (void)state;
    become_active("pf");
    for (unsigned i = 0; i <= SERVICES_MAX; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "s-%u", i);
        given.service = name;
        assert_int_equal(authority_give_notice(store, "pf", &given, &by, NULL),
                         i == SERVICES_MAX ? -ERR_CONFLICT : 0);
    }
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void providers_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    const struct notice last = {"last", "L", "s", "S"};
    const struct notice further = {"further", "F", "s", "S"};
    char sql[512];

    (void)state;
    become_active("pf");
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                   " INSERT INTO provider SELECT 'pf', 'p-' || i, 'P', 'id-' || i, 1, NULL FROM n",
                   PROVIDERS_MAX);
    execute(sql);
    assert_int_equal(authority_give_notice(store, "pf", &last, &by, NULL), 0);
    assert_int_equal(authority_give_notice(store, "pf", &further, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(authority_give_notice(store, "pf", &last, &by, NULL), 0);
    assert_int_equal(authority_end_provider(store, "pf", "p-7", &by, NULL), 0);
    assert_int_equal(authority_give_notice(store, "pf", &further, &by, NULL), 0);
}

/* The verifiers of an older database are active ones of both kinds, with their certificates. */
static void verifiers_of_before_are_taken_over(void **state)
{
    enum { BEFORE = 9 };
    static struct verifier_list list;
    const char *older[BEFORE + 1] = {NULL};
    const struct db_schema schema = {authority_schema.name, older};
    struct db *db;

    (void)state;
    memcpy(older, authority_schema.migrations, BEFORE * sizeof older[0]);
    authority_store_closep(&store);
    tempdir_file(&dir, "old.db", path);
    assert_int_equal(db_open(path, &schema, &db, NULL), 0);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(
        db_execute(&txn, "INSERT INTO verifier VALUES ('v', x'3031', 7)", DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    db_close(db);
    assert_int_equal(authority_store_open(path, &store, NULL), 0);
    authority.store = store;
    assert_int_equal(authority_list_verifiers(store, &list, NULL), 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.entries[0].name, "v");
    assert_true(bytes_equal(buf_bytes(&list.entries[0].certificate), bytes_text("01")));
    assert_true(list.entries[0].verifies[CA_SIGN] && list.entries[0].verifies[CA_AUTH]);
    verifier_list_done(&list);
    assert_int_equal(ask(OPERATOR, "GET /v1/parties/v", NULL), 200);
    assert_says("\"role\":\"platform\"");
    assert_says("\"state\":\"active\",\"applied_at\":7");
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(an_application_without_the_words_it_needs_is_refused),
        WITH_STORE(a_title_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_STORE(each_step_is_taken_from_where_it_may_be),
        WITH_STORE(the_same_name_with_other_words_is_another_body),
        WITH_STORE(a_public_body_gives_notice_without_a_certificate_of_the_minister),
        WITH_STORE(only_an_active_party_is_a_requester),
        WITH_STORE(keys_change_without_a_gap),
        WITH_STORE(certificates_at_the_limit_are_taken_and_one_past_it_refused),
        WITH_STORE(a_certificate_is_one_partys),
        WITH_STORE(notice_is_for_a_provider_and_its_services),
        WITH_STORE(services_at_the_limit_are_taken_and_one_past_it_refused),
        WITH_STORE(providers_at_the_limit_are_taken_and_one_past_it_refused),
        WITH_STORE(verifiers_of_before_are_taken_over),
    };

    return cmocka_run_group_tests(tests, make_pki, release_pki);
}
