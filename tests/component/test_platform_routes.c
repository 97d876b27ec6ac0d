/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform as providers and clients meet it: each route's answers, refusals included, have the
 * members they may have and nothing that leads to a certificate or its revocation (design 6, 5).
 */
#include "platform/routes.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypto/bound.h"
#include "http/engine.h"
#include "platform/limits.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Numbers that nothing else in an answer can look like. */
enum { CANARY_SIGN_SERIAL = 1589698049, CANARY_AUTH_SERIAL = 1589698050 };

static struct test_pki pki;
static struct privkey *token;
static struct platform_site site;
static struct x509_cert *sign_cert;
static struct x509_cert *auth_cert;

/* One answer; nothing in it may be what assert_discreet looks for. */
struct answer {
    unsigned status;
    struct buf text;
    struct json *json; /* NULL: no body */
};

static void answer_done(struct answer *answer)
{
    buf_done(&answer->text);
    json_freep(&answer->json);
}

/*
 * Where answers are written down for tests/openapi, which looks for the planted secrets without
 * knowing this code: the descriptor that JPKI_TEST_RECORD names, one JSON object a line.
 */
static int record_fd = -1;

static void record_text(struct buf *line)
{
    assert_int_equal(buf_append_byte(line, '\n', NULL), 0);
    assert_int_equal(write(record_fd, line->ptr, line->len), (ssize_t)line->len);
}

/* First of all: what was planted. */
static void record_secrets(void)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    assert_int_equal(buf_append_text(&line, "{\"certificates\":[\"", NULL), 0);
    assert_int_equal(hex_append(&line, x509_cert_der(sign_cert), NULL), 0);
    assert_int_equal(buf_append_text(&line, "\",\"", NULL), 0);
    assert_int_equal(hex_append(&line, x509_cert_der(auth_cert), NULL), 0);
    assert_int_equal(buf_append_format(&line, NULL, "\"],\"serials\":[%d,%d],\"times\":[%lld]}",
                                       CANARY_SIGN_SERIAL, CANARY_AUTH_SERIAL,
                                       (long long)PLATFORM_SITE_REVOKED_AT),
                     0);
    record_text(&line);
}

static void record_answer(const char *request, const struct answer *answer)
{
    static const char separator[] = "\r\n\r\n", field[] = "\r\nContent-Type: ";
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    const char *head;
    const char *body;
    const char *type;

    if (record_fd < 0)
        return;
    assert_int_equal(buf_copy(buf_bytes(&answer->text), &text, NULL), 0);
    assert_int_equal(buf_text(&text, &head, NULL), 0);
    body = strstr(head, separator) + strlen(separator);
    type = strstr(head, field);
    assert_int_equal(json_put_text(object, "request", request, NULL), 0);
    assert_int_equal(json_put_int(object, "status", answer->status, NULL), 0);
    assert_int_equal(json_put_bytes(object, "head", bytes_of(head, (size_t)(body - head)), NULL),
                     0);
    assert_int_equal(json_put_text(object, "body", body, NULL), 0);
    if (type != NULL) {
        type += strlen(field);
        assert_int_equal(json_put_bytes(object, "type", bytes_of(type, strcspn(type, "\r")), NULL),
                         0);
    }
    assert_int_equal(json_write(object, &line, NULL), 0);
    record_text(&line);
}

static int make_keys(void **state)
{
    struct profile_inputs inputs;

    (void)state;
    test_pki_make(&pki);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    inputs.serial = CANARY_SIGN_SERIAL;
    test_pki_issue(&pki, PROFILE_SIGN, &inputs, &sign_cert);
    inputs = test_pki_inputs(&pki, PROFILE_AUTH);
    inputs.spki = test_pki_spki(&pki, PROFILE_AUTH);
    inputs.serial = CANARY_AUTH_SERIAL;
    test_pki_issue(&pki, PROFILE_AUTH, &inputs, &auth_cert);
    if (getenv("JPKI_TEST_RECORD") != NULL) {
        record_fd = (int)strtol(getenv("JPKI_TEST_RECORD"), NULL, 10);
        record_secrets();
    }
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    x509_cert_freep(&sign_cert);
    x509_cert_freep(&auth_cert);
    test_pki_done(&pki);
    privkey_freep(&token);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = token};
    platform_site_make(&site, &pki);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    platform_site_done(&site);
    return 0;
}

static void assert_text_lacks(const struct buf *text, struct bytes secret, bool as_hex)
{
    CLEANUP(buf_done) struct buf spelled = BUF_INIT;

    if (as_hex)
        assert_int_equal(hex_append(&spelled, secret, NULL), 0);
    else
        assert_int_equal(base64_append(&spelled, BASE64_URL, secret, NULL), 0);
    assert_null(memmem(text->ptr, text->len, spelled.ptr, spelled.len));
}

/* No part of a certificate, no serial number in any spelling, nothing about a revocation. */
static void assert_discreet(const struct buf *text)
{
    static const char *const words[] = {
        "1589698049", "1589698050",  "1700000003",  "affiliation", "held",
        "Hold",       "serial",      "revoked_at",  "not_before",  "not_after",
        "MII",        "this_update", "next_update", "crl",         "ocsp",
    };
    const struct x509_cert *const certs[] = {sign_cert, auth_cert};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_null(memmem(text->ptr, text->len, words[i], strlen(words[i])));
    for (size_t i = 0; i < sizeof certs / sizeof certs[0]; i++) {
        const struct tbs *tbs = x509_cert_tbs(certs[i]);

        assert_text_lacks(text, tbs->serial, true);
        assert_text_lacks(text, tbs->serial, false);
        assert_text_lacks(text, tbs->subject_key_id, true);
        assert_text_lacks(text, tbs->subject_key_id, false);
        /* From the middle of the key, so that framing does not matter: 48 octets, 64 characters. */
        for (size_t shift = 0; shift < 3; shift++)
            assert_text_lacks(text, bytes_part(x509_cert_der(certs[i]), 600 + shift, 48), false);
    }
}

static void take_answer(struct answer *answer)
{
    static const char separator[] = "\r\n\r\n";
    const char *text;
    const char *body;

    assert_int_equal(buf_text(&answer->text, &text, NULL), 0);
    assert_int_equal(strncmp(text, "HTTP/1.1 ", 9), 0);
    answer->status = (unsigned)strtoul(text + 9, NULL, 10);
    body = strstr(text, separator);
    assert_non_null(body);
    body += strlen(separator);
    if (*body != '\0')
        assert_int_equal(json_parse(bytes_text(body), &answer->json, NULL), 0);
    assert_discreet(&answer->text);
}

/* Ask as a peer; key NULL: as nobody in particular. Takes body. */
static struct answer ask_as(const struct http_peer *peer, const char *line, const char *key,
                            struct json *body)
{
    const struct http_server_options options = {.tables = platform_routes,
                                                .context = &site.platform,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close,
                                                .ready = platform_ready};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct answer answer = {.json = NULL};

    if (body != NULL)
        assert_int_equal(json_write(body, &text, NULL), 0);
    json_free(body);
    assert_int_equal(buf_append_format(&request, NULL, "%s HTTP/1.1\r\nHost: x\r\n", line), 0);
    if (key != NULL)
        assert_int_equal(buf_append_format(&request, NULL, "Authorization: Bearer %s\r\n", key), 0);
    if (text.len > 0)
        assert_int_equal(buf_append_format(&request, NULL,
                                           "Content-Type: application/json\r\n"
                                           "Content-Length: %zu\r\n",
                                           text.len),
                         0);
    assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(buf_append(&request, buf_bytes(&text), NULL), 0);
    assert_int_equal(http_loopback(&options, peer, buf_bytes(&request), &answer.text, NULL), 0);
    take_answer(&answer);
    record_answer(line, &answer);
    return answer;
}

static struct answer ask(const char *line, const char *key, struct json *body)
{
    static const struct http_peer client = {.is_unix = false};

    return ask_as(&client, line, key, body);
}

static void assert_status(const char *line, const char *key, struct json *body, unsigned expected)
{
    CLEANUP(answer_done) struct answer answer = ask(line, key, body);

    assert_int_equal(answer.status, expected);
}

static struct json *verification_body(const char *document)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct json *body = json_object_new();
    struct json *member = json_object_new();
    struct digest digest;
    const char *text;

    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(document), &digest, NULL), 0);
    platform_site_encrypt(&site, sign_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(member, "alg", "SHA-256", NULL), 0);
    assert_int_equal(json_put_base64(member, "value", digest_bytes(&digest), NULL), 0);
    assert_int_equal(json_put(body, "digest", member, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    return body;
}

static const char *text_of(const struct answer *answer, const char *key)
{
    const char *text = NULL;

    assert_int_equal(json_get_text(answer->json, key, &text, NULL), 0);
    return text;
}

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
            site.platform.operators.uids = operators;
            site.platform.operators.count = 2;
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
    static const char *const members[] = {"id", "verdict", "reasons", NULL};
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
    static const char *const members[] = {"id", "verdict", "reasons", NULL};
    static const enum reason reasons[] = {REASON_REVOKED, REASON_HELD};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct json *told;

        site.standing = (struct report){.verdict = VERDICT_VALID};
        report_add(&site.standing, reasons[i]);
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
    report_add(&site.standing, REASON_OCSP_UNAVAILABLE);
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
    static const char *const members[] = {"id", "verdict", "reasons", "holder", "attributes", NULL};
    static const char *const four[] = {"name", "address", "birth_date", "sex", NULL};
    static const char *const later[] = {"id", "verdict", NULL};
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

/* An answer to a login that was opened, as a client builds it. */
static struct json *login_body(const struct answer *opened)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct bound bound = {
        .origin = PLATFORM_SITE_ORIGIN, .client_id = "bank", .session = text_of(opened, "session")};
    struct json *body = json_object_new();
    struct digest digest;
    const char *text;

    assert_int_equal(json_get_base64(opened->json, "nonce", &nonce, NULL), 0);
    assert_int_equal(json_get_int(opened->json, "expires_at", &bound.expires_at, NULL), 0);
    bound.nonce = buf_bytes(&nonce);
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    platform_site_encrypt(&site, auth_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "secret", text_of(opened, "secret"), NULL), 0);
    return body;
}

static struct json *one_member(const char *key, const char *text)
{
    struct json *body = json_object_new();

    assert_int_equal(json_put_text(body, key, text, NULL), 0);
    return body;
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
    report_add(&site.standing, REASON_HELD);
    assert_status(line, NULL, login_body(&opened), 422);
    site.standing = (struct report){.verdict = VERDICT_VALID};
    report_add(&site.standing, REASON_OCSP_UNAVAILABLE);
    assert_status(line, NULL, login_body(&opened), 503);
    site.standing = (struct report){.verdict = VERDICT_VALID};
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

/* What a tenant sends that has opened a login itself; the auth key alone signed. */
static struct json *authentication_body(const char *origin)
{
    static const uint8_t nonce[BOUND_NONCE_SIZE] = {9};
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct bound bound = {.origin = origin,
                                .client_id = "behind",
                                .session = "s-1",
                                .nonce = BYTES_ARRAY(nonce),
                                .expires_at = TEST_PKI_NOW + LOGIN_SECONDS};
    struct json *message = json_object_new();
    struct json *body = json_object_new();
    struct digest digest;
    const char *text;

    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    platform_site_encrypt(&site, auth_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(message, "origin", origin, NULL), 0);
    assert_int_equal(json_put_text(message, "client_id", bound.client_id, NULL), 0);
    assert_int_equal(json_put_text(message, "session", bound.session, NULL), 0);
    assert_int_equal(json_put_base64(message, "nonce", bound.nonce, NULL), 0);
    assert_int_equal(json_put_int(message, "expires_at", bound.expires_at, NULL), 0);
    assert_int_equal(json_put(body, "message", message, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    return body;
}

/* With a sign key's answer beside it. */
static struct json *with_sign(struct json *body)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    struct json *sign = json_object_new();
    const char *text;

    platform_site_encrypt(&site, sign_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_base64(sign, "signature", BYTES_LITERAL("none"), NULL), 0);
    assert_int_equal(json_put_text(sign, "certificate", text, NULL), 0);
    assert_int_equal(json_put(body, "sign", sign, NULL), 0);
    return body;
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
    report_add(&site.standing, REASON_HELD);
    CLEANUP(answer_done)
    struct answer held = ask(line, PLATFORM_SITE_KEY, authentication_body("https://bank.example"));
    assert_int_equal(held.status, 201);
    assert_string_equal(text_of(&held, "verdict"), "invalid");
    assert_int_equal(json_only(held.json, refused, NULL), 0);
    site.standing = (struct report){.verdict = VERDICT_VALID};
    CLEANUP(answer_done)
    struct answer forged = ask(line, PLATFORM_SITE_KEY,
                               with_sign(authentication_body("https://bank.example")));
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
    platform_store_closep(&site.platform.store);
    assert_int_equal(file_read(site.database, 1 << 22, &file, NULL), 0);
    assert_non_null(memmem(file.ptr, file.len, text_of(&answer, "id"), 22));
    assert_null(memmem(file.ptr, file.len, holder->name.ptr, holder->name.len));
    assert_null(memmem(file.ptr, file.len, holder->address.ptr, holder->address.len));
    assert_null(memmem(file.ptr, file.len, x509_cert_der(sign_cert).ptr + 600, 48));
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(nobody_asks_without_a_tenants_key),
        WITH_SITE(no_tenant_reads_the_audit_log),
        WITH_SITE(a_malformed_question_is_the_senders_fault),
        WITH_SITE(a_body_at_the_limit_is_read_and_one_past_it_refused),
        WITH_SITE(an_invalid_signature_tells_nothing_about_its_signer),
        WITH_SITE(a_revoked_certificate_is_invalid_and_that_is_all),
        WITH_SITE(without_revocation_data_a_signature_is_indeterminate),
        WITH_SITE(a_key_that_signerd_does_not_give_is_the_operators_business),
        WITH_SITE(a_valid_signature_tells_the_four_attributes_once),
        WITH_SITE(a_login_tells_a_pseudonym_and_nothing_else),
        WITH_SITE(an_authentication_tells_a_pseudonym_and_nothing_else),
        WITH_SITE(the_store_keeps_neither_attributes_nor_certificates),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
