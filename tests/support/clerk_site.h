/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clerks at a register (support/register_site.h), whose cards a real authority has certified
 * (support/authority_site.h), which is asked over its socket. All cards have the same two keys and
 * differ in their certificates. Failures end the running test.
 */
#pragma once

#include "http/server.h"
#include "register/application.h"
#include "register/filing.h"
#include "register/refusal.h"
#include "support/authority_site.h"
#include "support/register_site.h"

#define DESK_ORIGIN  "https://register.example"
#define DESK_COUNTER "131010001"

/* A clerk, or somebody who wants to be one. */
struct test_clerk {
    uint32_t serials[CERT_KINDS_];
    struct x509_cert *certs[CERT_KINDS_];
    char id[CLERK_ID_LEN + 1];
    char counter[COUNTER_LEN + 1];
    char session[SESSION_ID_LEN + 1];
    char token[SESSION_TOKEN_LEN + 1];
    uid_t uid;
};

struct clerk_site {
    struct authority_site authority;
    struct http_server *server;
    struct desk *desk;
    unsigned ids;
};

extern struct clerk_site desks;

int desks_make(void **state); /* for a group of tests */
int desks_release(void **state);
int desks_set_up(void **state); /* a register without clerks, with Hanako and her card A-1 */
int desks_tear_down(void **state);
/* The authority is away, and there again. */
void desks_stop_authority(void);
void desks_start_authority(void);
void desks_revoke(const struct test_clerk *clerk, enum cert_kind kind);
/* As after a restart of the daemon: sessions are gone. */
void desks_restart(void);

/* With a new card; released by who_done. */
struct test_clerk who_new(void);
void who_done(struct test_clerk *who);
void who_sign(const struct test_clerk *who, struct bytes document, struct buf *ret);

/* What is told in an application; NULL and 0: as it should be. */
struct applying {
    const char *origin, *challenge, *name, *municipality, *window;
    int64_t at;
};
/* {"application": ..., "signature": ...} */
struct json *who_apply(const struct test_clerk *who, const struct applying *with);
int who_bootstrap(struct test_clerk *who, const struct applying *with, struct err *err);
/* The first clerk, with a challenge as it should be; logged in at DESK_COUNTER. */
struct test_clerk who_first(void);
/* Another one with these roles, who is logged in at a counter of a municipality. */
struct test_clerk who_added(struct test_clerk *by, const char *roles, const char *municipality);

/* One exchange: the status; body may be NULL. */
unsigned desk_ask(const struct test_clerk *who, const char *request, const struct json *body,
                  struct json **ret);
/* The card's answer to a challenge, signed for the clerk's counter. */
struct json *who_answer(const struct test_clerk *who, const struct json *challenge);
/* Its answer: 201, or another status with *ret the problem. */
unsigned who_log_in(struct test_clerk *who, const char *counter, struct json **ret);

/* What is signed. changes are members as JSON, or "". */
struct told {
    const char *path, *body; /* body is JSON, NULL: none */
    const char *changes;     /* {"at": 1, ...}: of what is around it */
    const struct test_clerk *signer;
    const char *other_document; /* is signed instead */
};
void who_write(const struct test_clerk *who, const struct told *told, struct buf *ret);
unsigned who_send(const struct test_clerk *who, struct bytes document, const struct told *told,
                  struct json **ret);
/* Both. */
unsigned who_file(const struct test_clerk *who, const struct told *told, struct json **ret);
/* The same for a path and a body alone. */
unsigned who_order(const struct test_clerk *who, const char *path, const char *body,
                   struct json **ret);
/* Confirm a filing whose answer that was. */
unsigned who_confirm(const struct test_clerk *who, const struct json *pending, struct json **ret);
/* The problem's detail begins with the word of a refusal. */
void assert_refused(const struct json *problem, enum refusal refusal);
