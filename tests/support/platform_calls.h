/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform's routes as providers and clients meet them. Every answer is looked through: nothing
 * in it may lead to a certificate or its revocation (design 6, 5), and with JPKI_TEST_RECORD it is
 * written down for tests/openapi. Everything fails the running test.
 */
#pragma once

#include "http/server.h"
#include "support/platform_site.h"

/* One site at a time. */
struct platform_calls {
    struct test_pki pki;
    struct privkey *token;
    struct platform_site site;
    struct x509_cert *sign_cert, *auth_cert; /* with numbers that nothing else can look like */
};
extern struct platform_calls calls;

/* For cmocka: keys once a program, a platform for each test. */
int platform_calls_make(void **state);
int platform_calls_done(void **state);
int platform_calls_open(void **state);
int platform_calls_close(void **state);
#define WITH_PLATFORM(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, platform_calls_open, platform_calls_close)

/* One answer. */
struct answer {
    unsigned status;
    struct buf text;
    struct json *json; /* NULL: no body */
};
void answer_done(struct answer *answer);
/* A member of its body. */
const char *text_of(const struct answer *answer, const char *key);

/* "GET /v1/keys"; key NULL: as nobody in particular. Takes body, which may be NULL. */
struct answer ask_as(const struct http_peer *peer, const char *line, const char *key,
                     struct json *body);
/* As a client of the port. */
struct answer ask(const char *line, const char *key, struct json *body);
/* The same with one more header field, "Name: value". */
struct answer ask_with(const char *line, const char *key, const char *field, struct json *body);
/* As the web server in front passes it on, through the Unix socket. */
struct answer ask_through(const char *line, const char *key, const char *field, struct json *body);
void assert_status(const char *line, const char *key, struct json *body, unsigned expected);

/* What is sent to verify that document, by a signature over "a contract". */
struct json *verification_body(const char *document);
/* An answer to a login that was opened, as a client builds it. */
struct json *login_body(const struct answer *opened);
struct json *one_member(const char *key, const char *text);
/* What a tenant of that origin sends that has opened a login itself; the auth key alone signed. */
struct json *authentication_body(const char *origin);
/* With a sign key's answer beside it, which is forged. */
struct json *with_forged_sign(struct json *body);
