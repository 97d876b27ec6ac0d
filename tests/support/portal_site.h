/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal for tests, without its daemon, and browsers at it; its clock stands still unless a test
 * moves it. signerd is support/token_signer.h. Everything fails the running test.
 */
#pragma once

#include "crypto/privkey.h"
#include "portal/account/access.h"
#include "portal/kiosk/table.h"
#include "portal/procedure/store.h"
#include "portal/routes.h"
#include "support/tempdir.h"

#define PORTAL_SITE_ORIGIN "https://portal.openjpki.test"
#define PORTAL_SITE_ISSUER "https://op.openjpki.test/api/realms/main"

/* Of a row of application that a test makes itself. */
#define APPLICATION_COLUMNS                                                                        \
    "(id, owner, psid, municipality, name, form, answers, state, receipt, round, revision,"        \
    " prepared_at, made_at, changed_at, mandate, mandate_kind)"

enum { PORTAL_SITE_NOW = 1790000000, PORTAL_SITE_OPERATOR = 1005 };

struct portal_site {
    struct tempdir dir;
    char database[TEMPDIR_FILE_SIZE];
    struct clock clock;
    struct privkey *key; /* the portal's */
    struct portal_kept kept;
    struct kiosk_table *kiosk;
    struct portal portal;
};

/* What operators were told last. */
extern struct observed {
    char event[64], why[ERR_TEXT_MAX];
} observed;

void portal_site_make(struct portal_site *site);
void portal_site_done(struct portal_site *site);
/* So many seconds later than at the start. */
void portal_site_at(struct portal_site *site, int64_t after);

/* What a browser keeps, and what its page has read. Empty: nothing. */
struct portal_browser {
    char cookie[PORTAL_SECRET_SIZE]; /* of the session */
    char login[256];                 /* of a login on its way */
    char csrf[PORTAL_SECRET_SIZE];
};
/*
 * Somebody has logged in there: by his pseudonym, and the octet that his code is made of (0: the
 * register was not asked).
 */
struct session portal_site_open(struct portal_site *site, struct portal_browser *browser,
                                const char *sub, uint8_t code);

/* A procedure of the municipality 13101, which takes part with it: with this form, online, on any
 * day. */
void portal_site_offer(struct portal_site *site, const char *form_text, char ret_psid[PSID_SIZE]);

struct portal_answer {
    unsigned status;
    struct buf text;   /* the whole response, with a NUL behind it */
    struct json *json; /* NULL: no JSON */
};
void portal_answer_done(struct portal_answer *answer);
/*
 * "GET /v1/me", with what the browser has (NULL: nothing); takes body, which may be NULL. Cookies
 * that are set are the browser's then.
 */
struct portal_answer portal_ask(struct portal_site *site, struct portal_browser *browser,
                                const char *line, struct json *body);
/* The same with a body of another type than JSON, and further header lines, each with its end. */
struct portal_answer portal_ask_with(struct portal_site *site, struct portal_browser *browser,
                                     const char *line, const char *fields, const char *type,
                                     const char *body);
/* The status alone. */
unsigned portal_status(struct portal_site *site, struct portal_browser *browser, const char *line,
                       struct json *body);
/* The same for a process of this user id on the Unix socket, where PORTAL_SITE_OPERATOR operates;
 * body may be NULL. */
struct portal_answer portal_ask_as_process(struct portal_site *site, uid_t uid, const char *line,
                                           const char *type, const char *body);
/* The status for a process of this user id on the Unix socket, where PORTAL_SITE_OPERATOR operates.
 */
unsigned portal_operate(struct portal_site *site, uid_t uid, const char *line, struct json *body);
/* A member of its body. */
const char *portal_text(const struct portal_answer *answer, const char *key);
/* The octets behind its fields. */
struct bytes portal_body(const struct portal_answer *answer);
/* Whether the response has this text. */
bool portal_has(const struct portal_answer *answer, const char *text);
