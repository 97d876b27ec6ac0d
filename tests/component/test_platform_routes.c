/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform as providers and clients meet it: each route's answers, refusals included, have the
 * members they may have and nothing that leads to a certificate or its revocation (design 6, 5).
 */
#include "support/platform_calls.h"

#include "base/file.h"
#include "platform/verification/store.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void nobody_asks_without_a_tenants_key(void **state)
{
    static const char *const keys[] = {NULL, "", "x", "the bearer key of the ban"};

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_status("POST /v1/verifications", keys[i], verification_body("a contract"), 403);
        assert_status("GET /v1/verifications/x", keys[i], NULL, 403);
    }
}

static void no_tenant_reads_the_audit_log(void **state)
{
    static const uid_t operators[] = {1001, 1002};
    static const char *const keys[] = {NULL, PLATFORM_SITE_KEY};
    static const struct {
        struct http_peer peer;
        unsigned status;
    } cases[] = {
        {{.is_unix = false}, 403},
        {{.is_unix = false, .cred = {.uid = 1002}}, 403},
        {{.is_unix = true, .cred = {.uid = 0}}, 403},
        {{.is_unix = true, .cred = {.uid = 1000}}, 403},
        {{.is_unix = true, .cred = {.uid = 1002}}, 200},
    };

    (void)state;
    for (unsigned listed = 0; listed < 2; listed++) {
        if (listed == 1) {
            calls.site.platform.operators.uids = operators;
            calls.site.platform.operators.count = 2;
        }
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            for (size_t k = 0; k < 2; k++) {
                CLEANUP(answer_done)
                struct answer answer = ask_as(&cases[i].peer, "GET /v1/audit", keys[k], NULL);

                assert_int_equal(answer.status, listed == 1 ? cases[i].status : 403);
            }
    }
}

static void a_malformed_question_is_the_senders_fault(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "[]",
        "{\"digest\":{},\"signature\":\"\",\"certificate\":\"\"}",
        "{\"digest\":{\"alg\":\"SHA-1\",\"value\":\"AAAA\"},\"signature\":\"\",\"certificate\":"
        "\"\"}",
        "{\"digest\":{\"alg\":\"SHA-256\",\"value\":\"AAAA\"},\"signature\":\"\",\"certificate\":"
        "\"\"}",
        "{\"digest\":{\"alg\":\"SHA-256\",\"value\":\"?\"},\"signature\":\"\",\"certificate\":"
        "\"\"}",
        "{\"digest\":1,\"signature\":\"\",\"certificate\":\"\"}",
        "{\"digest\":{},\"signature\":\"\",\"certificate\":\"\",\"cms\":\"\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct json *body = NULL;

        assert_int_equal(json_parse(bytes_text(bodies[i]), &body, NULL), 0);
        assert_status("POST /v1/verifications", PLATFORM_SITE_KEY, body, 400);
    }
}

static void a_body_at_the_limit_is_read_and_one_past_it_refused(void **state)
{
    (void)state;
    for (size_t past = 0; past < 2; past++) {
        CLEANUP(buf_done) struct buf filler = BUF_INIT;
        struct json *body = json_object_new();
        const size_t frame = strlen("{\"client_id\":\"\"}");
        const char *text;

        while (filler.len < HTTP_BODY_DEFAULT - frame + past)
            assert_int_equal(buf_append_byte(&filler, 'a', NULL), 0);
        assert_int_equal(buf_text(&filler, &text, NULL), 0);
        assert_int_equal(json_put_text(body, "client_id", text, NULL), 0);
        assert_status("POST /v1/logins", NULL, body, past == 0 ? 404 : 413);
    }
}

static void an_invalid_signature_tells_nothing_about_its_signer(void **state)
{
    static const char *const members[] = {"id",   "verdict",     "reasons", "purpose",
                                          "kind", "verified_at", NULL};
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                               verification_body("another"));

    (void)state;
    assert_int_equal(answer.status, 201);
    assert_string_equal(text_of(&answer, "verdict"), "invalid");
    assert_int_equal(json_only(answer.json, members, NULL), 0);
}

static void a_revoked_certificate_is_invalid_and_that_is_all(void **state)
{
    static const char *const members[] = {"id",   "verdict",     "reasons", "purpose",
                                          "kind", "verified_at", NULL};
    static const enum reason reasons[] = {REASON_REVOKED, REASON_HELD};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct json *told;

        calls.site.standing = (struct report){.verdict = VERDICT_VALID};
        report_add(&calls.site.standing, reasons[i]);
        CLEANUP(answer_done)
        struct answer answer = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                                   verification_body("a contract"));
        assert_string_equal(text_of(&answer, "verdict"), "invalid");
        assert_int_equal(json_only(answer.json, members, NULL), 0);
        assert_int_equal(json_get_array(answer.json, "reasons", &told, NULL), 0);
        assert_int_equal(json_count(told), 1);
        assert_string_equal(json_text(json_at(told, 0)), "revoked");
    }
}

static void without_revocation_data_a_signature_is_indeterminate(void **state)
{
    (void)state;
    report_add(&calls.site.standing, REASON_OCSP_UNAVAILABLE);
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                               verification_body("a contract"));
    assert_string_equal(text_of(&answer, "verdict"), "indeterminate");
    assert_false(json_has(answer.json, "attributes"));
}

static void a_key_that_signerd_does_not_give_is_the_operators_business(void **state)
{
    static const enum err_kind kinds[] = {ERR_DENIED, ERR_ABSENT};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        token_signer.refusal = kinds[i];
        CLEANUP(answer_done)
        struct answer answer = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                                   verification_body("a contract"));
        assert_int_equal(answer.status, 500);
        assert_null(memmem(answer.text.ptr, answer.text.len, "signerd", strlen("signerd")));
    }
}

static void a_valid_signature_tells_the_four_attributes_once(void **state)
{
    static const char *const members[] = {"id",          "verdict", "reasons",    "purpose", "kind",
                                          "verified_at", "holder",  "attributes", NULL};
    static const char *const four[] = {"name", "address", "birth_date", "sex", NULL};
    static const char *const later[] = {"id",   "verdict",     "reasons", "purpose",
                                        "kind", "verified_at", NULL};
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                               verification_body("a contract"));
    const struct json *attributes;
    const char *text;
    char line[64];

    (void)state;
    assert_int_equal(answer.status, 201);
    assert_string_equal(text_of(&answer, "verdict"), "valid");
    assert_int_equal(json_only(answer.json, members, NULL), 0);
    assert_int_equal(json_get_object(answer.json, "attributes", &attributes, NULL), 0);
    assert_int_equal(json_only(attributes, four, NULL), 0);
    assert_int_equal(json_get_text(attributes, "birth_date", &text, NULL), 0);
    assert_string_equal(text, "1990-02-17");
    assert_int_equal(json_get_text(attributes, "sex", &text, NULL), 0);
    assert_string_equal(text, "male");

    (void)snprintf(line, sizeof line, "GET /v1/verifications/%s", text_of(&answer, "id"));
    CLEANUP(answer_done) struct answer again = ask(line, PLATFORM_SITE_KEY, NULL);
    assert_string_equal(text_of(&again, "verdict"), "valid");
    assert_int_equal(json_only(again.json, later, NULL), 0);
    assert_status(line, "the bearer key of the shop", NULL, 404);
}

static void a_login_tells_a_pseudonym_and_nothing_else(void **state)
{
    static const char *const opening[] = {"session", "nonce",  "expires_at", "provider",
                                          "issuers", "secret", "code",       NULL};
    static const char *const result[] = {"sub", NULL};
    CLEANUP(answer_done)
    struct answer opened = ask("POST /v1/logins", NULL, one_member("client_id", "bank"));
    char line[80];

    (void)state;
    assert_int_equal(opened.status, 201);
    assert_int_equal(json_only(opened.json, opening, NULL), 0);
    (void)snprintf(line, sizeof line, "POST /v1/logins/%s/answer", text_of(&opened, "session"));
    report_add(&calls.site.standing, REASON_HELD);
    assert_status(line, NULL, login_body(&opened), 422);
    calls.site.standing = (struct report){.verdict = VERDICT_VALID};
    report_add(&calls.site.standing, REASON_OCSP_UNAVAILABLE);
    assert_status(line, NULL, login_body(&opened), 503);
    calls.site.standing = (struct report){.verdict = VERDICT_VALID};
    assert_status(line, NULL, login_body(&opened), 204);
    assert_status(line, NULL, login_body(&opened), 409);
    (void)snprintf(line, sizeof line, "POST /v1/logins/%s/redeem", text_of(&opened, "session"));
    assert_status(line, NULL, one_member("secret", "x"), 403);
    CLEANUP(answer_done)
    struct answer redeemed = ask(line, NULL, one_member("secret", text_of(&opened, "secret")));
    assert_int_equal(redeemed.status, 200);
    assert_int_equal(json_only(redeemed.json, result, NULL), 0);
    assert_status(line, NULL, one_member("secret", text_of(&opened, "secret")), 404);
}

static struct json *with(struct json *body, const char *key, const char *value)
{
    assert_int_equal(json_put_text(body, key, value, NULL), 0);
    return body;
}

static void a_request_that_is_sent_again_is_answered_without_attributes(void **state)
{
    static const char line[] = "POST /v1/verifications", field[] = "Idempotency-Key: order 17";
    CLEANUP(json_freep) struct json *body = verification_body("a contract");
    struct json *copy;
    bool replayed;

    (void)state;
    assert_int_equal(json_duplicate(body, &copy, NULL), 0);
    CLEANUP(answer_done) struct answer first = ask_with(line, PLATFORM_SITE_KEY, field, copy);
    assert_int_equal(first.status, 201);
    assert_true(json_has(first.json, "attributes"));
    assert_false(json_has(first.json, "replayed"));
    assert_int_equal(json_duplicate(body, &copy, NULL), 0);
    CLEANUP(answer_done) struct answer again = ask_with(line, PLATFORM_SITE_KEY, field, copy);
    assert_int_equal(again.status, 201);
    assert_false(json_has(again.json, "attributes"));
    assert_int_equal(json_get_bool(again.json, "replayed", &replayed, NULL), 0);
    assert_true(replayed);
    assert_string_equal(text_of(&again, "id"), text_of(&first, "id"));
    CLEANUP(answer_done)
    struct answer other = ask_with(line, PLATFORM_SITE_KEY, field, verification_body("another"));
    assert_int_equal(other.status, 409);
}

static void a_key_of_a_request_has_a_length(void **state)
{
    static const char line[] = "POST /v1/verifications", name[] = "Idempotency-Key: ";

    (void)state;
    for (size_t len = IDEMPOTENCY_KEY_MAX; len <= IDEMPOTENCY_KEY_MAX + 1; len++) {
        char field[sizeof name + IDEMPOTENCY_KEY_MAX + 1];

        memcpy(field, name, sizeof name);
        memset(field + sizeof name - 1, 'k', len);
        field[sizeof name - 1 + len] = '\0';
        CLEANUP(answer_done)
        struct answer answer = ask_with(line, PLATFORM_SITE_KEY, field,
                                        verification_body("a contract"));
        assert_int_equal(answer.status, len == IDEMPOTENCY_KEY_MAX ? 201 : 400);
    }
}

static void purpose_and_way_to_check_are_words_of_the_document(void **state)
{
    static const char line[] = "POST /v1/verifications";
    CLEANUP(answer_done)
    struct answer later = ask(line, PLATFORM_SITE_KEY,
                              with(verification_body("a contract"), "purpose", "liveness"));

    (void)state;
    assert_int_equal(later.status, 201);
    assert_string_equal(text_of(&later, "verdict"), "valid");
    assert_false(json_has(later.json, "attributes"));
    assert_status(line, PLATFORM_SITE_KEY,
                  with(verification_body("a contract"), "purpose", "curiosity"), 400);
    assert_status(line, PLATFORM_SITE_KEY, with(verification_body("a contract"), "check", "crl"),
                  422);
}

static size_t count_of(const struct answer *page)
{
    const struct json *array = NULL;

    assert_int_equal(page->status, 200);
    assert_int_equal(json_get_array(page->json, "verifications", &array, NULL), 0);
    return json_count(array);
}

/* One that was judged without anybody signing. */
static int keep_one(int number)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    struct verification verification = {.client_id = "bank",
                                        .at = TEST_PKI_NOW,
                                        .verdict = "valid",
                                        .purpose = "signature",
                                        .kind = "signature"};

    (void)snprintf(verification.id, sizeof verification.id, "%022d", number);
    return platform_keep_verification(calls.site.platform.store, &verification, NULL, "valid", &by,
                                      NULL);
}

static void a_list_goes_on_from_page_to_page(void **state)
{
    static const char first_line[] = "GET /v1/verifications?limit=2";
    char line[128];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_status("POST /v1/verifications", PLATFORM_SITE_KEY, verification_body("a contract"),
                      201);
    CLEANUP(answer_done) struct answer first = ask(first_line, PLATFORM_SITE_KEY, NULL);
    assert_int_equal(count_of(&first), 2);
    (void)snprintf(line, sizeof line, "%s&cursor=%s", first_line, text_of(&first, "next"));
    CLEANUP(answer_done) struct answer second = ask(line, PLATFORM_SITE_KEY, NULL);
    assert_int_equal(count_of(&second), 1);
    assert_false(json_has(second.json, "next"));
    /* Another tenant gets nowhere with it. */
    CLEANUP(answer_done) struct answer others = ask(line, "the bearer key of the shop", NULL);
    assert_int_equal(count_of(&others), 0);
    CLEANUP(answer_done)
    struct answer none = ask("GET /v1/verifications?verdict=invalid", PLATFORM_SITE_KEY, NULL);
    assert_int_equal(count_of(&none), 0);
    for (int i = 3; i < VERIFICATIONS_PAGE_MAX + 1; i++)
        assert_int_equal(keep_one(i), 0);
    CLEANUP(answer_done)
    struct answer usual = ask("GET /v1/verifications", PLATFORM_SITE_KEY, NULL);
    assert_int_equal(count_of(&usual), VERIFICATIONS_PAGE);
    CLEANUP(answer_done)
    struct answer most = ask("GET /v1/verifications?limit=100", PLATFORM_SITE_KEY, NULL);
    assert_int_equal(count_of(&most), VERIFICATIONS_PAGE_MAX);
    assert_true(json_has(most.json, "next"));
}

static void a_list_is_asked_for_in_its_words(void **state)
{
    static const char *const queries[] = {
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=",
        "verdict=maybe",
        "purpose=curiosity",
        "since=x",
        "until=1e3",
        "cursor=",
        "cursor=!",
        "cursor=AAAA",
        "cursor=MS54",
        "since=99999999999999999999",
        "before=1",
    };
    char line[128];

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        (void)snprintf(line, sizeof line, "GET /v1/verifications?%s", queries[i]);
        assert_status(line, PLATFORM_SITE_KEY, NULL, 400);
    }
    assert_status("GET /v1/verifications", NULL, NULL, 403);
}

static void what_is_deleted_is_gone_for_its_tenant_alone(void **state)
{
    CLEANUP(answer_done)
    struct answer made = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                             verification_body("a contract"));
    char get[64], delete[64];

    (void)state;
    (void)snprintf(get, sizeof get, "GET /v1/verifications/%s", text_of(&made, "id"));
    (void)snprintf(delete, sizeof delete, "DELETE /v1/verifications/%s", text_of(&made, "id"));
    assert_status(delete, NULL, NULL, 403);
    assert_status(delete, "the bearer key of the shop", NULL, 404);
    assert_status(get, PLATFORM_SITE_KEY, NULL, 200);
    assert_status(delete, PLATFORM_SITE_KEY, NULL, 204);
    assert_status(get, PLATFORM_SITE_KEY, NULL, 404);
    assert_status(delete, PLATFORM_SITE_KEY, NULL, 404);
}

static void an_authentication_tells_a_pseudonym_and_nothing_else(void **state)
{
    static const char line[] = "POST /v1/authentications";
    static const char *const refused[] = {"id", "verdict", "reasons", NULL};
    static const char *const told[] = {"id", "verdict", "reasons", "holder", NULL};

    (void)state;
    assert_status(line, NULL, authentication_body("https://bank.example"), 403);
    assert_status(line, PLATFORM_SITE_KEY, json_object_new(), 400);
    assert_status(line, PLATFORM_SITE_KEY, authentication_body("https://shop.example"), 422);
    report_add(&calls.site.standing, REASON_HELD);
    CLEANUP(answer_done)
    struct answer held = ask(line, PLATFORM_SITE_KEY, authentication_body("https://bank.example"));
    assert_int_equal(held.status, 201);
    assert_string_equal(text_of(&held, "verdict"), "invalid");
    assert_int_equal(json_only(held.json, refused, NULL), 0);
    calls.site.standing = (struct report){.verdict = VERDICT_VALID};
    CLEANUP(answer_done)
    struct answer forged = ask(line, PLATFORM_SITE_KEY,
                               with_forged_sign(authentication_body("https://bank.example")));
    assert_string_equal(text_of(&forged, "verdict"), "invalid");
    assert_int_equal(json_only(forged.json, refused, NULL), 0);
    CLEANUP(answer_done)
    struct answer valid = ask(line, PLATFORM_SITE_KEY, authentication_body("https://bank.example"));
    assert_string_equal(text_of(&valid, "verdict"), "valid");
    assert_int_equal(json_only(valid.json, told, NULL), 0);
    assert_status(line, PLATFORM_SITE_KEY, authentication_body("https://bank.example"), 409);
}

static void the_store_keeps_neither_attributes_nor_certificates(void **state)
{
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/verifications", PLATFORM_SITE_KEY,
                               verification_body("a contract"));
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const struct holder *holder = test_pki_holder();

    (void)state;
    assert_string_equal(text_of(&answer, "verdict"), "valid");
    platform_store_closep(&calls.site.platform.store);
    assert_int_equal(file_read(calls.site.database, 1 << 22, &file, NULL), 0);
    assert_non_null(memmem(file.ptr, file.len, text_of(&answer, "id"), 22));
    assert_null(memmem(file.ptr, file.len, holder->name.ptr, holder->name.len));
    assert_null(memmem(file.ptr, file.len, holder->address.ptr, holder->address.len));
    assert_null(memmem(file.ptr, file.len, x509_cert_der(calls.sign_cert).ptr + 600, 48));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLATFORM(nobody_asks_without_a_tenants_key),
        WITH_PLATFORM(no_tenant_reads_the_audit_log),
        WITH_PLATFORM(a_malformed_question_is_the_senders_fault),
        WITH_PLATFORM(a_body_at_the_limit_is_read_and_one_past_it_refused),
        WITH_PLATFORM(an_invalid_signature_tells_nothing_about_its_signer),
        WITH_PLATFORM(a_revoked_certificate_is_invalid_and_that_is_all),
        WITH_PLATFORM(without_revocation_data_a_signature_is_indeterminate),
        WITH_PLATFORM(a_key_that_signerd_does_not_give_is_the_operators_business),
        WITH_PLATFORM(a_valid_signature_tells_the_four_attributes_once),
        WITH_PLATFORM(a_login_tells_a_pseudonym_and_nothing_else),
        WITH_PLATFORM(a_request_that_is_sent_again_is_answered_without_attributes),
        WITH_PLATFORM(a_key_of_a_request_has_a_length),
        WITH_PLATFORM(purpose_and_way_to_check_are_words_of_the_document),
        WITH_PLATFORM(a_list_goes_on_from_page_to_page),
        WITH_PLATFORM(a_list_is_asked_for_in_its_words),
        WITH_PLATFORM(what_is_deleted_is_gone_for_its_tenant_alone),
        WITH_PLATFORM(an_authentication_tells_a_pseudonym_and_nothing_else),
        WITH_PLATFORM(the_store_keeps_neither_attributes_nor_certificates),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
