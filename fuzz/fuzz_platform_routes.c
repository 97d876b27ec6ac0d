/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What providers and holders send to a platform. The first line names an operation of the route
 * tables, and who asks (0 a tenant, 1 a stranger); then the body. For another name the bytes are a
 * certificate, which the target encrypts to the platform as an honest client would. No CA is
 * listed, so nothing may hold.
 */
#include "platform/login/store.h"
#include "platform/routes.h"
#include "platform/tenant/store.h"

#include "crypto/jwe.h"
#include "crypto/limits.h"
#include "fuzz.h"
#include "http/engine.h"
#include "platform/verification/verification.h"
#include "support/token_signer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SESSION "AAAAAAAAAAAAAAAAAAAAAA"

/* Made at the first input and kept. */
static struct platform platform;
static struct clock moment;
static struct privkey *token;
static bool is_prepared;

static char directory[] = "/tmp/jpki-fuzz-XXXXXX";

static const char *file(const char *name)
{
    static char path[64];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void clean(void)
{
    platform_store_closep(&platform.store);
    platform_done(&platform);
    privkey_freep(&token);
    (void)unlink(file("p.db"));
    (void)unlink(file("p.db.lock"));
    (void)rmdir(directory);
}

/* One tenant, whose key is "k", and one open login, whose secret is "s" and code "123456". */
static void fill_store(void)
{
    static const struct tenant tenant = {"bank", "Bank", "https://bank.example"};
    struct login login = {.session = SESSION, .client_id = "bank", .code = "123456"};
    const struct audit_origin by = audit_by_self(clock_now(&moment));
    struct digest key;

    login.expires_at = clock_now(&moment) + LOGIN_SECONDS;
    FUZZ_CHECK(digest_compute(DIGEST_SHA256, BYTES_LITERAL("k"), &key, NULL) == 0);
    FUZZ_CHECK(digest_compute(DIGEST_SHA256, BYTES_LITERAL("s"), &login.secret, NULL) == 0);
    FUZZ_CHECK(platform_add_tenant(platform.store, &tenant, &key, &by, NULL) == 0);
    FUZZ_CHECK(platform_open_login(platform.store, &login, clock_now(&moment), NULL) == 0);
}

/* NULL if no operation is called so. */
static const struct route *row_of(struct bytes operation)
{
    for (size_t i = 0; platform_routes[i] != NULL; i++)
        for (const struct route *row = platform_routes[i]; row->path != NULL; row++)
            if (bytes_equal(bytes_text(row->operation), operation))
                return row;
    return NULL;
}

static void prepare(void)
{
    FUZZ_CHECK(mkdtemp(directory) != NULL && atexit(clean) == 0);
    FUZZ_CHECK(privkey_generate(2048, &token, NULL) == 0);
    token_signer.key = token;
    moment = clock_fixed(1795424894);
    platform = (struct platform){.clock = &moment,
                                 .origin = "https://platform.example",
                                 .signer = "/nonexistent/signer.sock",
                                 .token_key = "token"};
    FUZZ_CHECK(platform_store_open(file("p.db"), &platform.store, NULL) == 0);
    FUZZ_CHECK(anchors_new(&platform.sign_cas, NULL) == 0);
    FUZZ_CHECK(anchors_new(&platform.auth_cas, NULL) == 0);
    FUZZ_CHECK(platform_load_keys(&platform, NULL) == 0);
    fill_store();
    is_prepared = true;
}

static unsigned ask(const struct route *row, bool is_tenant, struct bytes body, struct buf *answer)
{
    static const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {.tables = platform_routes,
                                                .context = &platform,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *colon = strchr(row->path, ':');
    size_t start = colon == NULL ? strlen(row->path) : (size_t)(colon - row->path);
    unsigned status = 0;
    const char *text;

    FUZZ_CHECK(buf_append_format(&request, NULL, "%s %.*s%s%s HTTP/1.1\r\nHost: x\r\n%s",
                                 http_method_name(row->method), (int)start, row->path,
                                 colon == NULL ? "" : SESSION,
                                 colon == NULL ? "" : colon + strcspn(colon, "/"),
                                 is_tenant ? "Authorization: Bearer k\r\n" : "") == 0);
    if (row->body != NULL)
        FUZZ_CHECK(buf_append_format(&request, NULL,
                                     "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                                     body.len) == 0);
    FUZZ_CHECK(buf_append_text(&request, "\r\n", NULL) == 0);
    if (row->body != NULL)
        FUZZ_CHECK(buf_append(&request, body, NULL) == 0);
    FUZZ_CHECK(http_loopback(&options, &peer, buf_bytes(&request), answer, NULL) == 0);
    FUZZ_CHECK(buf_text(answer, &text, NULL) == 0);
    FUZZ_CHECK(sscanf(text, "HTTP/1.1 %u", &status) == 1);
    return status;
}

/* A certificate out of any bytes: a verdict that is not valid, or the sender's fault. */
static void verify(struct bytes der)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {.client_id = "bank", .signature = BYTES_LITERAL("x")};
    struct signer *signer;
    int rc;

    if (der.len == 0 || der.len > JWE_PLAIN_MAX)
        return;
    FUZZ_CHECK(digest_compute(DIGEST_SHA256, der, &request.digest, NULL) == 0);
    FUZZ_CHECK(jwe_encrypt(platform.exchange_key, der, &jwe, NULL) == 0);
    FUZZ_CHECK(buf_text(&jwe, &request.certificate, NULL) == 0);
    FUZZ_CHECK(signer_open("", &signer, NULL) == 0);
    rc = verification_make(&platform, signer, &request, &finding, NULL);
    FUZZ_CHECK(rc == 0 || rc == -ERR_INPUT);
    FUZZ_CHECK(rc < 0 || finding.report.verdict != VERDICT_VALID);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    size_t line = end == NULL ? 0 : (size_t)(end - data);
    const struct route *row;
    struct bytes rest;
    bool is_tenant;
    unsigned status;

    if (line < 2)
        return 0;
    if (!is_prepared)
        prepare();
    rest = bytes_of(data + line + 1, size - line - 1);
    row = row_of(bytes_of(data, line - 2));
    if (row == NULL) {
        verify(rest);
        return 0;
    }
    is_tenant = data[line - 1] % 2 == 0;
    status = ask(row, is_tenant, rest, &answer);
    FUZZ_CHECK(is_tenant || row->access == &http_anyone || status == 403);
    FUZZ_CHECK(status != 500 && status != 204); /* nobody can log in here */
    FUZZ_CHECK(memmem(answer.ptr, answer.len, "\"sub\"", 5) == NULL);
    FUZZ_CHECK(memmem(answer.ptr, answer.len, "\"holder\"", 8) == NULL);
    return 0;
}
