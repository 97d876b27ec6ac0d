/* SPDX-License-Identifier: Apache-2.0 */
#include "support/platform_calls.h"

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/bound.h"
#include "http/engine.h"
#include "platform/limits.h"
#include "platform/routes.h"
#include "support/token_signer.h"

#include <ctype.h>
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

struct platform_calls calls;

void answer_done(struct answer *answer)
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
    assert_int_equal(hex_append(&line, x509_cert_der(calls.sign_cert), NULL), 0);
    assert_int_equal(buf_append_text(&line, "\",\"", NULL), 0);
    assert_int_equal(hex_append(&line, x509_cert_der(calls.auth_cert), NULL), 0);
    assert_int_equal(buf_append_format(&line, NULL, "\"],\"serials\":[%d,%d],\"times\":[%lld]}",
                                       CANARY_SIGN_SERIAL, CANARY_AUTH_SERIAL,
                                       (long long)PLATFORM_SITE_REVOKED_AT),
                     0);
    record_text(&line);
}

static void record_answer(const char *request, const struct buf *sent, const struct answer *answer)
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
    assert_int_equal(json_put_bytes(object, "sent", buf_bytes(sent), NULL), 0);
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

int platform_calls_make(void **state)
{
    struct profile_inputs inputs;

    (void)state;
    test_pki_make(&calls.pki);
    assert_int_equal(privkey_generate(2048, &calls.token, NULL), 0);
    inputs = test_pki_inputs(&calls.pki, PROFILE_SIGN);
    inputs.spki = test_pki_spki(&calls.pki, PROFILE_SIGN);
    inputs.serial = CANARY_SIGN_SERIAL;
    test_pki_issue(&calls.pki, PROFILE_SIGN, &inputs, &calls.sign_cert);
    inputs = test_pki_inputs(&calls.pki, PROFILE_AUTH);
    inputs.spki = test_pki_spki(&calls.pki, PROFILE_AUTH);
    inputs.serial = CANARY_AUTH_SERIAL;
    test_pki_issue(&calls.pki, PROFILE_AUTH, &inputs, &calls.auth_cert);
    if (getenv("JPKI_TEST_RECORD") != NULL) {
        record_fd = (int)strtol(getenv("JPKI_TEST_RECORD"), NULL, 10);
        record_secrets();
    }
    return 0;
}

int platform_calls_done(void **state)
{
    (void)state;
    x509_cert_freep(&calls.sign_cert);
    x509_cert_freep(&calls.auth_cert);
    test_pki_done(&calls.pki);
    privkey_freep(&calls.token);
    return 0;
}

int platform_calls_open(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = calls.token};
    platform_site_make(&calls.site, &calls.pki);
    return 0;
}

int platform_calls_close(void **state)
{
    (void)state;
    platform_site_done(&calls.site);
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

/*
 * The text without its random names and secrets, which are runs of 22 or 43 letters: one of them
 * spells a short word by chance now and then.
 */
static void blank_random(const struct buf *text, struct buf *ret)
{
    assert_int_equal(buf_copy(buf_bytes(text), ret, NULL), 0);
    for (size_t i = 0, run = 0; i <= ret->len; i++) {
        if (i < ret->len && (isalnum(ret->ptr[i]) || ret->ptr[i] == '-' || ret->ptr[i] == '_')) {
            run++;
            continue;
        }
        if (run == 22 || run == 43)
            memset(ret->ptr + i - run, '.', run);
        run = 0;
    }
}

static void assert_lacks_words(const struct buf *text)
{
    static const char *const words[] = {
        "1589698049", "1589698050",  "1700000003",  "affiliation", "held",
        "Hold",       "serial",      "revoked_at",  "not_before",  "not_after",
        "MII",        "this_update", "next_update", "crl",         "ocsp",
    };
    CLEANUP(buf_done) struct buf told = BUF_INIT;

    blank_random(text, &told);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (memmem(told.ptr, told.len, words[i], strlen(words[i])) != NULL)
            fail_msg("\"%s\" is in %.*s", words[i], (int)text->len, (const char *)text->ptr);
}

/* No part of a certificate, no serial number in any spelling, nothing about a revocation. */
static void assert_discreet(const struct buf *text)
{
    const struct x509_cert *const certs[] = {calls.sign_cert, calls.auth_cert};

    assert_lacks_words(text);
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

static void put_head(struct buf *request, const char *line, const char *key, const char *field,
                     size_t body)
{
    assert_int_equal(buf_append_format(request, NULL, "%s HTTP/1.1\r\nHost: x\r\n", line), 0);
    if (key != NULL)
        assert_int_equal(buf_append_format(request, NULL, "Authorization: Bearer %s\r\n", key), 0);
    if (field != NULL)
        assert_int_equal(buf_append_format(request, NULL, "%s\r\n", field), 0);
    if (body > 0)
        assert_int_equal(buf_append_format(request, NULL,
                                           "Content-Type: application/json\r\n"
                                           "Content-Length: %zu\r\n",
                                           body),
                         0);
    assert_int_equal(buf_append_text(request, "\r\n", NULL), 0);
}

struct asking_as {
    const struct http_peer *peer;
    const char *line, *key, *field;
};

static struct answer ask_so(const struct asking_as *as, struct json *body)
{
    const struct http_server_options options = {.tables = platform_routes,
                                                .context = &calls.site.platform,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close,
                                                .ready = platform_ready};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct answer answer = {.json = NULL};

    if (body != NULL)
        assert_int_equal(json_write(body, &text, NULL), 0);
    json_free(body);
    put_head(&request, as->line, as->key, as->field, text.len);
    assert_int_equal(buf_append(&request, buf_bytes(&text), NULL), 0);
    assert_int_equal(http_loopback(&options, as->peer, buf_bytes(&request), &answer.text, NULL), 0);
    take_answer(&answer);
    record_answer(as->line, &text, &answer);
    return answer;
}

static const struct http_peer client = {.is_unix = false};

struct answer ask_as(const struct http_peer *peer, const char *line, const char *key,
                     struct json *body)
{
    return ask_so(&(struct asking_as){peer, line, key, NULL}, body);
}

struct answer ask(const char *line, const char *key, struct json *body)
{
    return ask_as(&client, line, key, body);
}

struct answer ask_with(const char *line, const char *key, const char *field, struct json *body)
{
    return ask_so(&(struct asking_as){&client, line, key, field}, body);
}

struct answer ask_through(const char *line, const char *key, const char *field, struct json *body)
{
    static const struct http_peer front = {.is_unix = true, .cred = {.uid = 65534}};

    return ask_so(&(struct asking_as){&front, line, key, field}, body);
}

void assert_status(const char *line, const char *key, struct json *body, unsigned expected)
{
    CLEANUP(answer_done) struct answer answer = ask(line, key, body);

    if (answer.status != expected)
        fail_msg("%s: %u, not %u", line, answer.status, expected);
}

struct json *verification_body(const char *document)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct json *body = json_object_new();
    struct json *member = json_object_new();
    struct digest digest;
    const char *text;

    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &digest, NULL), 0);
    assert_int_equal(privkey_sign(calls.pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(document), &digest, NULL), 0);
    platform_site_encrypt(&calls.site, calls.sign_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(member, "alg", "SHA-256", NULL), 0);
    assert_int_equal(json_put_base64(member, "value", digest_bytes(&digest), NULL), 0);
    assert_int_equal(json_put(body, "digest", member, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    return body;
}

const char *text_of(const struct answer *answer, const char *key)
{
    const char *text = NULL;

    assert_int_equal(json_get_text(answer->json, key, &text, NULL), 0);
    return text;
}

/* An answer to a login that was opened, as a client builds it. */
struct json *login_body(const struct answer *opened)
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
    assert_int_equal(privkey_sign(calls.pki.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    platform_site_encrypt(&calls.site, calls.auth_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "secret", text_of(opened, "secret"), NULL), 0);
    return body;
}

struct json *one_member(const char *key, const char *text)
{
    struct json *body = json_object_new();

    assert_int_equal(json_put_text(body, key, text, NULL), 0);
    return body;
}

/* What a tenant sends that has opened a login itself; the auth key alone signed. */
struct json *authentication_body(const char *origin)
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
    assert_int_equal(privkey_sign(calls.pki.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    platform_site_encrypt(&calls.site, calls.auth_cert, &jwe);
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
struct json *with_forged_sign(struct json *body)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    struct json *sign = json_object_new();
    const char *text;

    platform_site_encrypt(&calls.site, calls.sign_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_base64(sign, "signature", BYTES_LITERAL("none"), NULL), 0);
    assert_int_equal(json_put_text(sign, "certificate", text, NULL), 0);
    assert_int_equal(json_put(body, "sign", sign, NULL), 0);
    return body;
}
