/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal whose provider of logins is a server that says what a test wants, and whose register is
 * one, too, if the test starts it. One at a time. Everything fails the running test.
 */
#pragma once

#include "support/portal_site.h"

enum { PROVIDER_TEXT_SIZE = 2048, PROVIDER_VALUE_SIZE = 128 };

extern struct portal_site site;

/* What the provider says next, and what it was told. */
struct fake_provider {
    struct http_server *server;
    char origin[64], issuer[80];
    const char *token_host; /* NULL: its own */
    struct privkey *key, *other;
    const struct privkey *shown; /* among its keys */
    size_t padding;              /* at least so many bytes in its set of keys */
    struct buf id_token;
    bool is_down;
    unsigned asked; /* for tokens */
    char form[PROVIDER_TEXT_SIZE];
    char used[PROVIDER_VALUE_SIZE]; /* the code that was spent */
};
extern struct fake_provider provider;
/* The claims that a test leaves out, with commas between; NULL: none. */
extern const char *omitted;

/* And the register. */
struct fake_register {
    struct http_server *server;
    char path[TEMPDIR_FILE_SIZE];
    const char *answer; /* NULL: kind */
    enum err_kind kind;
    unsigned asked;
};
extern struct fake_register registry;
void start_register(void);

/* For cmocka. */
int provider_setup(void **state);
int provider_teardown(void **state);

/* A token of these claims; replaces *ret. */
void sign_token(const struct privkey *key, const char *typ, const struct json *claims,
                struct buf *ret);
void put_text(struct json *claims, const char *name, const char *text);
void put_int(struct json *claims, const char *name, int64_t number);
/* A parameter of an address or form, as it is there. */
void value_of(const char *text, const char *name, char ret[PROVIDER_VALUE_SIZE]);

/* Where a browser was sent. */
struct way {
    char address[PROVIDER_TEXT_SIZE], state[PROVIDER_VALUE_SIZE], nonce[PROVIDER_VALUE_SIZE];
    char challenge[PROVIDER_VALUE_SIZE];
};
struct way set_out(struct portal_browser *browser, const char *line);
/* Those of an ID token that is as it has to be. */
struct json *good_claims(const struct way *way);
/* The browser comes back with these parameters behind its state; where it is led. */
void come_back(struct portal_browser *browser, const char *state, const char *more,
               char ret_place[PROVIDER_VALUE_SIZE]);
/* "&iss=...&code=..." */
const char *with_code(const char *code);
/* It comes back with a fresh code. */
void assert_led(struct portal_browser *browser, const struct way *way, const char *place);
/* It is refused, and that is what operators are told. */
void assert_refused(struct portal_browser *browser, const struct way *way, const char *why);
/* All of it, by claims that are given up. */
void log_in_with(struct portal_browser *browser, struct json *claims, const struct way *way,
                 const char *place);
/* As "pseudonym", in the session "sid-1" of the provider. */
void log_in(struct portal_browser *browser);
