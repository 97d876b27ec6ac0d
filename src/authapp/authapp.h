/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OpenID provider whose users log in with a card (design 5, F3). It is a tenant of a platform,
 * which opens what the card answers: no certificate is looked at here, and what the platform tells
 * of a holder is kept sealed until the relying party asks.
 *
 * Its private keys are signerd's: those that sign tokens, and one that unwraps the secret that
 * pseudonyms are derived from.
 */
#pragma once

#include "audit/desk.h"
#include "authapp/keys.h"
#include "authapp/store.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/bell.h"
#include "verify/anchors.h"

#include <sys/types.h>

/* The path of the issuer behind the origin (pki.md 7.1), and of everything below it. */
#define AUTHAPP_REALM "/api/realms/main"
#define AUTHAPP_OIDC  AUTHAPP_REALM "/protocol/openid-connect"

struct authapp_powers;
struct jwks_cache;

/* What stays as it is when the configuration is read again; empty before the first authapp_load. */
struct authapp_kept {
    struct secret subject_key; /* of the pseudonyms */
    struct jwks_cache *jwks;   /* of clients: fetch/jwks.h */
    struct secret login_key;   /* seals what is known of a login; gone when this process ends */
};
void authapp_kept_done(struct authapp_kept *kept);

/* What a running provider consists of; read-only once it is open, so any thread may use it. */
struct authapp {
    struct audit_desk desk; /* first: what its routes find */
    struct authapp_store *store;
    const struct clock *clock;
    struct http_bell *bell; /* rings when a login is answered */
    const char *origin;     /* as browsers reach it: "https://host[:port]" */
    const char *signer;     /* the path of signerd's socket */
    const char *seal_key;   /* the name of the unwrapping key there */
    const char *token_keys; /* names of the signing keys there, with blanks between */
    struct {
        const char *socket; /* of a platform on this computer; NULL: url */
        const char *url;    /* its origin otherwise */
        const char *key;    /* by which it knows us as a tenant */
    } platform;
    struct anchors *auth_cas;            /* whose cards can log in; the platform decides */
    const struct authapp_powers *powers; /* of a sandbox's build (powers.h); NULL: none */
    struct authapp_kept *kept;

    char *issuer;
    struct token_keys keys;
};

/*
 * Fill in the last members, and what is kept unless it is there; the others are set by the caller.
 * Makes and keeps the secret of the pseudonyms at the first start. Keys that are no longer named
 * are published on as long as their tokens count (old_keys.h). ERR_REMOTE if signerd cannot be
 * asked; ERR_INPUT if a key cannot sign tokens; ERR_CONFLICT if the secret is there and signerd's
 * key cannot unwrap it: starting anyway would change every pseudonym.
 */
MUST_CHECK int authapp_load(struct authapp *authapp, struct err *err);
/* Whether strangers' addresses are fetched from the Internet alone: not in a sandbox. */
bool authapp_is_public(const struct authapp *authapp);
void authapp_done(struct authapp *authapp); /* releases what it holds, not the store */
