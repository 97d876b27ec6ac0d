/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal that is the provider of two sites, and somebody with a session there who goes on to
 * them. Everything fails the running test.
 */
#pragma once

#include "portal/site/store.h"
#include "support/portal_site.h"

#define SSO_ISSUER   PORTAL_SITE_ORIGIN "/sso"
#define SSO_BACK     "https://tax.openjpki.test/callback"
#define SSO_VERIFIER "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG"

extern struct portal_site site;
extern struct portal_browser browser; /* with a session; it has linked nothing */
extern struct privkey *tax_key, *pension_key;
extern struct sites *sites; /* tax, pension */

int sso_set_up(void **state);
int sso_tear_down(void **state);

void sso_link(const char *id);
unsigned sso_unlink(const char *id);
/* That of SSO_VERIFIER. */
void sso_challenge(char ret[PORTAL_SECRET_SIZE]);
/* Where a browser is sent that comes with these parameters behind the usual ones. */
void sso_go(struct portal_browser *whose, const char *id, const char *more, char ret[1024]);
/* The code of a browser that goes on to a site. */
void sso_sign_on(const char *id, char ret[PORTAL_SECRET_SIZE]);

/* What an assertion says, and by whom it is signed; members that are NULL or 0 are as they should
 * be. */
struct sso_assertion {
    const char *id, *aud, *jti;
    const struct privkey *key;
    int64_t ends;
};
void sso_assert(const struct sso_assertion *wish, struct buf *ret);
struct portal_answer sso_redeem_with(const char *code, const struct sso_assertion *wish,
                                     const char *uri, const char *verifier);
struct portal_answer sso_redeem(const char *code);
