/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal for citizens: they log in through an authentication app (jpki-authappd), of which the
 * portal is a relying party, so it meets no card, and of a login no certificate and none of the
 * four attributes. An account is known by the pseudonym that the app gives for this portal alone.
 *
 * Its private keys are signerd's: by one the authentication app knows the portal, the other opens
 * what signers of applications encrypt to it, their certificates.
 */
#pragma once

#include "audit/desk.h"
#include "base/clock.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "portal/procedure/english.h"
#include "portal/store.h"
#include "rpc/signer_client.h"

struct exchange;
struct holdings;
struct http_pages;
struct jwks_cache;
struct kiosk_table;
struct making;
struct paper_font;
struct provider_cache;
struct sites;

/* Where the provider of logins sends browsers back to. */
#define PORTAL_CALLBACK "/login/callback"

enum { PORTAL_KEY_ID_BYTES = 20 };
/* The key identifier of a CA. */
struct portal_issuer {
    uint8_t value[PORTAL_KEY_ID_BYTES];
};

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
    struct {
        const char *signer; /* the path of a signerd's socket */
        const char *key;    /* there, of role token: certificates of signers are encrypted to it;
                             * NULL: nothing is signed through the authentication app */
        struct pubkey *public;
        struct jwk_thumbprint kid;
    } seal;
    struct {
        const struct portal_issuer *key_ids; /* of CAs whose cards clinics may be shown */
        size_t count;
    } issuers;
    const char *register_socket; /* of jpki-registerd, which tells codes of people; NULL: none */
    struct {
        const struct sites *list; /* outside sites to go on to without the card; NULL: none */
        const char *signer;       /* the path of the signerd that has its key */
        const char *key;          /* of role jws, for ID and logout tokens */
    } sites;
    struct {
        const uid_t *uids; /* who ends TLS at the operators' door (gateway/door.h) */
        size_t count;
    } proxies;
    const char *door_origin;         /* as operators of services reach it; NULL: there is no door */
    struct http_pages *pages;        /* for browsers; NULL: none */
    struct http_pages *office;       /* for those of people of municipalities; NULL: none */
    const struct exchange *exchange; /* NULL: none */
    struct holdings *holdings;       /* the providers beside it; NULL: none */
    const struct making *making;     /* for them */
    const struct kiosk_table *kiosk; /* which certificates kiosks give */
    struct place_romaji_list romaji; /* of municipalities; none: none has an English name */
    struct paper_font *font;         /* of documents that people take along */
    struct portal_kept *kept;
    bool sends_mail; /* whether people may have it write to them */
    /* Told what is of interest to operators and no failure of a request; NULL: nobody is. */
    void (*observe)(const char *event, const struct err *why);

    struct portal_key {
        enum jws_alg alg;
        struct jwk_thumbprint kid;
        struct pubkey *public; /* NULL: none */
    } assertion, token;        /* of app.key, of sites.key */
};

/*
 * Fill in the last member, the public key of the seal, and what is kept unless it is there; the
 * others are set by the caller.
 * ERR_REMOTE if signerd cannot be asked; ERR_INPUT if the key cannot sign assertions.
 */
MUST_CHECK int portal_load(struct portal *portal, struct err *err);
/* Whether browsers reach it over TLS: not in a sandbox. */
bool portal_is_public(const struct portal *portal);
void portal_done(struct portal *portal); /* releases pages and key, not the store */
