/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OpenID provider for tests, with two clients ("bank" of profile authapp, whose key is this
 * site's, and "shop" of profile basic, with a secret) and a clock that stands still. Its platform
 * is a server that answers what the test wants; signerd is support/token_signer.h. Everything fails
 * the running test.
 */
#pragma once

#include "authapp/routes.h"
#include "crypto/privkey.h"
#include "support/tempdir.h"

#define AUTHAPP_SITE_ORIGIN   "https://op.openjpki.test"
#define AUTHAPP_SITE_ISSUER   AUTHAPP_SITE_ORIGIN AUTHAPP_REALM
#define AUTHAPP_SITE_REDIRECT "https://bank.example/callback"
#define AUTHAPP_SITE_AUTH     AUTHAPP_OIDC "/auth"
#define AUTHAPP_SITE_TOKEN    AUTHAPP_OIDC "/token"
#define AUTHAPP_SITE_VALID    "{\"id\":\"i\",\"verdict\":\"valid\",\"reasons\":[],\"holder\":\"H\"}"
#define AUTHAPP_SITE_TOLD                                                                          \
    "{\"id\":\"i\",\"verdict\":\"valid\",\"reasons\":[],\"holder\":\"H\",\"attributes\":{"         \
    "\"name\":\"番号　花子\",\"address\":\"見本町\",\"birth_date\":\"1990-04-15\","        \
    "\"sex\":\"female\"}}"

enum { AUTHAPP_SITE_NOW = 1790000000 };

struct authapp_site {
    struct tempdir dir;
    char database[TEMPDIR_FILE_SIZE];
    struct clock clock;
    struct http_bell bell;
    struct authapp_kept kept;
    struct authapp authapp;
    struct privkey *rsa, *point; /* of the provider */
    struct privkey *client;      /* the bank's */
    char shop_secret[44];
    struct http_server *platform;
    char url[64];        /* of the platform */
    const char *verdict; /* what it answers next; NULL: 503 */
    unsigned asked;      /* how often it was */
    unsigned assertions; /* that were made */
};

void authapp_site_make(struct authapp_site *site);
void authapp_site_done(struct authapp_site *site);

/* For cmocka: one for each test of a program. */
extern struct authapp_site authapp_one_site;
int authapp_site_set_up(void **state);
int authapp_site_tear_down(void **state);
#define WITH_AUTHAPP_SITE(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, authapp_site_set_up, authapp_site_tear_down)

struct authapp_answer {
    unsigned status;
    struct buf text; /* the whole response, with a NUL behind it */
};
void authapp_answer_done(struct authapp_answer *answer);
/* One exchange; fields are further header lines, each with its end; body NULL: none. */
struct authapp_answer authapp_site_ask(struct authapp_site *site, const char *method,
                                       const char *target, const char *fields, const char *body);
/* Whether the response has this text. */
bool authapp_answer_has(const struct authapp_answer *answer, const char *text);
/* What stands between start and a character of ends, copied; fails if start is not there. */
void authapp_answer_part(const struct authapp_answer *answer, const char *start, const char *ends,
                         char *ret, size_t size);
/* An assertion of the bank, in the parameters of a form. */
void authapp_site_assertion(struct authapp_site *site, const char *audience, struct buf *ret);

/* A login as a browser has it. */
struct site_login {
    char session[32], cookie[256], code[8];
};
/* By a request of the bank with these further parameters ("" or "&name=value"). */
struct site_login authapp_site_open(struct authapp_site *site, const char *scope, const char *more);
/* The card's answer, with sign if attributes are asked for; its status. */
unsigned authapp_site_answer(struct authapp_site *site, const struct site_login *login,
                             bool with_sign);
/* The page again: with the browser's cookie. */
struct authapp_answer authapp_site_page(struct authapp_site *site, const struct site_login *login);
/* All of it: the code that the bank gets. */
void authapp_site_code(struct authapp_site *site, const char *scope, char ret[64]);
/* The bank exchanges a code, with the verifier of its challenge. */
struct authapp_answer authapp_site_exchange(struct authapp_site *site, const char *code);
