/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two services at a portal with an exchange, and somebody whom they ask for consent. Everything
 * fails the running test. Tests that use it replace codes_ask (-Wl,--wrap).
 */
#pragma once

#include "portal/operator/consent.h"
#include "support/operator_site.h"
#include "support/portal_exchange.h"

#define HOUSEHOLD "TM00000000000001"
#define TAX       "TM00000000000002"
#define SALARY    "\"0000200030\""
#define INCOME    "\"0000200020\""
#define MEDICINE  "\"0010100010\""
#define BACK      "https://bank.example/back"
/* RFC 7636, appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

/* One at a time. */
struct pull_site {
    struct portal_site portal;
    struct portal_browser browser;
    struct operator_service bank, shop; /* both approved; the bank is told at its callback_uri */
    struct portal_exchange exchange;
};
extern struct pull_site pulls;

int pull_site_begin(void **state); /* once */
int pull_site_end(void **state);
int pull_site_make(void **state); /* for each test */
int pull_site_done(void **state);

struct db *pull_db(void);
/* All that is due at the exchange. */
void pull_steps(void);
/* The one number that a statement finds. */
int64_t pull_number(const char *sql);

/* The query that a service sends a browser with; more begins with "&" and comes last. */
const char *pull_query(const struct operator_service *service, const char *scope, const char *more);
struct portal_answer pull_consent(const char *query, const char *items, const char *area);

struct grant {
    char consent[PORTAL_ID_SIZE], code[PORTAL_SECRET_SIZE];
    char access[PORTAL_SECRET_SIZE], refresh[PORTAL_SECRET_SIZE];
};
/* A value of an address, behind its name. */
void pull_take(const char *text, const char *name, char *ret, size_t size);
void pull_consent_to(const char *query, const char *items, struct grant *ret);
struct portal_answer pull_redeem(enum operator_who who, const struct operator_service *as,
                                 const char *code, const char *verifier, const char *uri);
struct portal_answer pull_refresh(enum operator_who who, const struct operator_service *as,
                                  const char *token);
void pull_keep_tokens(const struct portal_answer *answer, struct grant *ret);
/* All of that for the bank. */
void pull_grant(const char *scope, const char *more, const char *items, struct grant *ret);

/* "POST /request" with a token. */
struct portal_answer pull_ask(enum operator_who who, const char *path, const char *token,
                              const char *body);
void pull_request(const struct grant *of, const char *body, char ret[PORTAL_ID_SIZE]);
struct portal_answer pull_result(const struct grant *of, const char *process);
/* Of the first name: its two digits. */
const char *pull_status(const struct portal_answer *answer);

/* Refused, by this name, or by this error of OAuth; the answer is released. */
void assert_refused(struct portal_answer answer, unsigned status, const char *name);
void assert_oauth(struct portal_answer answer, unsigned status, const char *error);
