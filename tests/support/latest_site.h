/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform at its authority (support/door_site.h) as the tenants bank (services accounts, loans)
 * and shop (orders) meet it over a socket, and what holders sign. Whether a certificate is revoked
 * is looked up in the authority's database. Everything fails the running test.
 */
#pragma once

#include "docsign/consent_xml.h"
#include "fetch/fetch.h"
#include "platform/holder/store.h"
#include "platform/latest/watch.h"
#include "support/door_site.h"

#define LATEST_SITE_BANK PLATFORM_SITE_KEY
#define LATEST_SITE_SHOP "the bearer key of the shop"

struct latest_site {
    struct door_site at;
    struct httpserver *front; /* the platform's interface */
    struct signer *signer;
    struct status_source status;
    bool is_blind;                    /* revocation cannot be looked up */
    char problem[FETCH_PROBLEM_SIZE]; /* of the last call that was refused */
    struct json *body;                /* of the last call */
};

extern struct latest_site latest_site;

/* For cmocka: keys once a program, databases for each test. */
int latest_site_make(void **state);
int latest_site_done(void **state);
int latest_site_open(void **state);
int latest_site_close(void **state);
/* The platform again, as after a kill. */
void latest_site_restart(void);

void latest_site_pass(int64_t seconds);
/* One look of the platform at all that it watches. */
void latest_site_look(void);

/* A request to the platform by a tenant's key; body: JSON or NULL. The status; the answer is in
 * latest_site.body, or the name of the refusal in latest_site.problem. */
unsigned latest_site_call(const char *key, const char *path, const char *body);
unsigned latest_site_post(const char *key, const char *path); /* without a body */
unsigned latest_site_delete(const char *key, const char *path);
const char *latest_site_text(const char *member);
int64_t latest_site_number(const char *member);

/* What somebody with a sign certificate signed for a provider, as a tenant hands it on. */
struct latest_consent {
    uint32_t serial;
    const char *provider, *service;
    unsigned attributes;          /* 0: a withdrawal */
    const struct privkey *signer; /* NULL: the holder's key */
};
unsigned latest_site_consent(const char *key, const struct latest_consent *consent);
/* Hanako consents to the bank's accounts and a day passes; her pseudonym is kept in ret. */
void latest_site_consented(uint32_t serial, unsigned attributes, char ret[HOLDER_NAME_SIZE]);
