/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A register that tells codes, with an authority (support/authority_site.h) that it asks over its
 * socket, and what the authentication app would show it. Everything fails the running test.
 */
#pragma once

#include "register/codes_store.h"
#include "register/routes.h"
#include "support/authority_site.h"
#include "support/register_site.h"

enum { PORTAL_UID = 1007, CLERK_UID = 1000, STRANGER_UID = 1001 };

struct codes_site {
    struct privkey *key; /* references are encrypted to it */
    struct pubkey *public;
    struct codes *codes;
    struct authority_site authority;
    struct http_server *server;
};

extern struct codes_site codes_site;
extern const struct codes_setup codes_site_setup;

int codes_make(void **state); /* for a group of tests */
int codes_release(void **state);
int codes_set_up(void **state); /* a register with Hanako and no card */
int codes_tear_down(void **state);
/* Its secret is read, or made. */
void codes_site_open(void);
/* The authority is away, and there again; it takes this user for the register, or nobody. */
void codes_stop_authority(void);
void codes_start_authority(bool is_peer);

struct codes_answer {
    unsigned status;
    char text[2048];
};
void codes_post(uid_t uid, const char *path, const char *body, struct codes_answer *ret);

/* A reference as the authentication app makes it, of these claims. */
void codes_encrypt(const struct pubkey *to, const char *claims, char ret[2048]);
/* The claims of a certificate of that issuer, and of another number of it. */
void codes_claim_of(const struct tbs *tbs, int64_t serial, int64_t made_at, char ret[256]);
/* The same of the auth CA of the card that site_give_card gives. */
void codes_claim(int64_t serial, int64_t made_at, char ret[256]);
int64_t codes_auth_serial(void);

/* Ask for codes of these bodies (a JSON array): with claims, and as the portal with that card. */
void codes_ask_with(uid_t uid, const char *claims, const char *bodies, struct codes_answer *ret);
void codes_ask(const char *bodies, struct codes_answer *ret);
/* Ask for an extract. */
void codes_extract(uid_t uid, const char *claims, const char *extent, struct codes_answer *ret);

/* How often an act with this outcome is in the log. */
size_t codes_logged(const char *act, const char *outcome);
