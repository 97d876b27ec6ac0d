/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal for citizens: they log in through an authentication app (jpki-authappd), of which the
 * portal is a relying party, so it meets no card, no certificate and none of the four attributes.
 * An account is known by the pseudonym that the app gives for this portal alone.
 *
 * Its private key is signerd's: by it the authentication app knows the portal.
 */
#pragma once

#include "audit/desk.h"
#include "base/clock.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "portal/store.h"
#include "rpc/signer_client.h"

struct exchange;
struct holdings;
struct http_pages;
struct jwks_cache;
struct making;
struct provider_cache;

/* Where the provider of logins sends browsers back to. */
#define PORTAL_CALLBACK "/login/callback"

/* What stays as it is when the configuration is read again; empty before the first portal_load. */
struct portal_kept {
    struct jwks_cache *jwks; /* keys of the provider of logins */
    struct provider_cache *provider;
};
void portal_kept_done(struct portal_kept *kept);

/* What a running portal consists of; read-only once it is open, so any thread may use it. */
struct portal {
    struct audit_desk desk; /* first: what its routes find */
    struct portal_store *store;
    const struct clock *clock;
    const char *origin; /* as browsers reach it: "https://host[:port]" */
    const char *signer; /* the path of signerd's socket */
    struct {
        const char *issuer;    /* of the authentication app */
        const char *socket;    /* of that app on this computer; NULL: at its address */
        const char *client_id; /* how the portal is called there */
        const char *key;       /* at signerd: of role jws, for assertions */
    } app;
    struct {
        const char *socket; /* of jpki-platformd, which says whether signatures count; NULL: none */
        const char *key;    /* by which the portal is a tenant there */
    } platform;
    const char *register_socket; /* of jpki-registerd, which tells codes of people; NULL: none */
    struct http_pages *pages;    /* for browsers; NULL: none */
    const struct exchange *exchange; /* NULL: none */
    struct holdings *holdings;       /* the providers beside it; NULL: none */
    const struct making *making;     /* for them */
    struct portal_kept *kept;
    bool sends_mail; /* whether people may have it write to them */
    /* Told what is of interest to operators and no failure of a request; NULL: nobody is. */
    void (*observe)(const char *event, const struct err *why);

    struct {
        enum jws_alg alg;
        struct jwk_thumbprint kid;
        struct pubkey *public;
    } assertion; /* of app.key */
};

/*
 * Fill in the last member, and what is kept unless it is there; the others are set by the caller.
 * ERR_REMOTE if signerd cannot be asked; ERR_INPUT if the key cannot sign assertions.
 */
MUST_CHECK int portal_load(struct portal *portal, struct err *err);
/* Whether browsers reach it over TLS: not in a sandbox. */
bool portal_is_public(const struct portal *portal);
void portal_done(struct portal *portal); /* releases pages and key, not the store */
