/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority with two CAs, a clock and a verifier that may ask it, without signerd: certificates
 * are put into its database. Everything fails the running test.
 */
#pragma once

#include "authority/routes.h"
#include "support/pki.h"
#include "support/tempdir.h"

#define SITE_ORIGIN "https://ca.example"
#define SITE_HANAKO "00112233445566778899aabbccddeeff"
#define SITE_TARO   "ff112233445566778899aabbccddeeff"
#define SITE_PARTY  "pf"

enum { SITE_NOW = TEST_PKI_NOW };

struct authority_site {
    struct test_pki pki;
    struct privkey *key; /* the verifier's */
    struct x509_cert *cert;
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct clock clock;
    struct authority_store *store;
    struct authority authority;
    unsigned requests; /* made so far */
};

/* Keys, once a program. */
void authority_site_make(struct authority_site *site);
void authority_site_done(struct authority_site *site);
/* A database for one test, with the verifier SITE_PARTY of both kinds. */
void authority_site_open(struct authority_site *site);
void authority_site_close(struct authority_site *site);
/* Leave the database and come back to it, as after a crash. */
void authority_site_reopen(struct authority_site *site);

/* Issue the next certificate to somebody, now; NULL: to nobody. Its number. */
uint32_t authority_site_issue(struct authority_site *site, enum ca_kind kind, const char *subject);
/* The auth certificate of a phone that a card enrols, by the numbers of its certificates; auth 0:
 * which is beside the other is not known. */
uint32_t authority_site_enrol(struct authority_site *site, uint32_t sign, uint32_t auth);
/* The same with other attributes in it (sign). */
uint32_t authority_site_issue_to(struct authority_site *site, const char *subject,
                                 const struct holder *holder);
/* The certificate of a number. */
void authority_site_certificate(struct authority_site *site, enum ca_kind kind, uint32_t serial,
                                struct buf *ret);
void authority_site_revoke(struct authority_site *site, enum ca_kind kind, uint32_t serial,
                           enum crl_reason reason);
/* How many rows a query for one number counts. */
int64_t authority_site_count(struct authority_site *site, const char *sql);

/* A detached CMS signature over a document, at the site's time. */
void site_sign(struct authority_site *site, struct bytes document, const struct privkey *key,
               const struct x509_cert *cert, struct buf *ret);
/* A request to the interface for verifiers, as it came: the status, and the body of the answer. */
unsigned site_post(struct authority_site *site, const char *path, struct bytes request,
                   struct bytes signature, struct json **ret_body);
/*
 * The members of a request in JSON, printf style without the braces; what every request has is
 * put before them unless they have it. Signed by the verifier.
 */
unsigned site_ask(struct authority_site *site, const char *act, const char *path,
                  struct json **ret_body, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A member of an answer. */
const char *site_text(const struct json *body, const char *key);
int64_t site_number(const struct json *body, const char *key);
/* Keep what was signed as the next item of the feed of a generation of the auth CA, and tell. */
void site_keep_feed_item(const struct authority_site *site, unsigned generation,
                         const struct buf *signed_item);
