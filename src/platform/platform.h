/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform: verifies signatures and logins for providers, its tenants, who get a verdict or a
 * pseudonym and never a certificate (design 5, F2 and F3; design 6, rule 5).
 *
 * Its private keys are signerd's: one unwraps what clients encrypt to the platform and the secret
 * that pseudonyms are derived from.
 */
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "crypto/jwk.h"
#include "fetch/fetch.h"
#include "platform/store.h"
#include "rpc/signer_client.h"
#include "verify/anchors.h"
#include "verify/signature.h"

#include <sys/types.h>

struct audit_keeper;
struct follower;
struct crl_lists;
struct kyc_methods;
struct kyc_store;
struct watch;
struct http_pages;

/* Where revocation is looked up first; what is not known there is asked of jpki-ocspd, if it is
 * configured, except with lists. */
enum revocation_policy { REVOCATION_OCSP, REVOCATION_FEED, REVOCATION_CRL, REVOCATION_POLICIES_ };

/* Whom a platform may call: nobody, addresses of the Internet at large, or all (in a sandbox). */
enum webhooks { WEBHOOKS_NONE, WEBHOOKS_PUBLIC, WEBHOOKS_ANY, WEBHOOKS_ };

/* What was held against what, and what came out of it: of a signature or a login. */
struct judged {
    struct digest digest; /* that had to be signed */
    const struct trust *trust;
    const struct signature_report *found;
};

/* What a running platform consists of; read-only once it is open, so any thread may use it. */
struct platform {
    struct platform_store *store;
    const struct clock *clock;
    const char *origin;    /* as clients reach it: "https://host[:port]" */
    const char *signer;    /* the path of signerd's socket */
    const char *token_key; /* the name of the unwrapping key there */
    struct anchors *sign_cas, *auth_cas;
    struct {
        const char *socket;            /* of jpki-ocspd; NULL: nobody can be asked */
        const char *key;               /* of the registered verifier, at signerd */
        struct x509_cert *certificate; /* for that key; NULL: questions are not signed */
    } ocsp;
    struct {
        const char *socket;            /* of jpki-authorityd for verifiers; NULL: is not asked */
        const char *origin;            /* how that is called there */
        const char *key;               /* of role party, at signerd */
        struct x509_cert *certificate; /* for that key, known to the authority */
    } door;
    int64_t warn_s;      /* before one of its certificates ends it warns; 0: never */
    struct watch *watch; /* over its own standing, once it is started */
    enum revocation_policy policy;
    enum webhooks webhooks;
    struct follower *follower;  /* with REVOCATION_FEED, once it is started */
    struct crl_lists *lists[2]; /* with REVOCATION_CRL: for documents, and for logins */
    struct {
        const uid_t *uids;
        size_t count;
    } operators;                        /* may read the audit log */
    struct audit_keeper *keeper;        /* makes checkpoints of the audit log; NULL: nobody does */
    const struct status_source *status; /* asked instead of ocsp; NULL: none */
    /* How webhooks are sent, in a sandbox's build; NULL: by fetch. */
    int (*deliver)(const struct fetch_request *request, struct fetch_response *ret,
                   struct err *err);
    /* Told of each verdict in the thread that found it, in a sandbox's build; NULL: nobody is. */
    void (*judged)(const struct platform *platform, const struct judged *judged);
    struct http_pages *console; /* for browsers; NULL: none */

    struct {
        struct kyc_store *store;           /* NULL: nobody is identified here */
        const struct kyc_methods *methods; /* which may be used when */
        const char *name;                  /* of the key at signerd that evidence is encrypted to */
        struct pubkey *key;
    } kyc;
    struct {
        const char *name;   /* of the key at signerd that signs reports; NULL: there are none */
        struct pubkey *key; /* on P-256 or RSA */
        const char *timestamp_url; /* of an authority (RFC 3161); NULL: reports have none */
        struct timestamp_roots *timestamp_roots; /* that it is believed by */
    } report;

    struct {
        struct pubkey *key;  /* the register's; NULL: there are no person references */
        const char *tenants; /* client ids that may ask for them, with blanks between */
    } reference;

    struct pubkey *exchange_key; /* of token_key: clients encrypt to it */
    struct jwk_thumbprint exchange_kid;
    struct {
        const char *name; /* of the key at signerd on P-256 that they may choose; NULL: none */
        struct pubkey *key;
        struct jwk_thumbprint kid;
    } agreement;
    struct secret pseudonym_key;
};

/*
 * Fill in the keys; the other members are set by the caller. Makes and keeps the secret of the
 * pseudonyms at the first start. ERR_REMOTE if signerd cannot be asked; ERR_CONFLICT if the secret
 * is there and signerd's key cannot unwrap it: starting anyway would change every pseudonym.
 */
MUST_CHECK int platform_load_keys(struct platform *platform, struct err *err);
/*
 * Whether its own certificates are of today, and for the keys that signerd has for them.
 * ERR_UNTRUSTED, naming the key, if not.
 */
MUST_CHECK int platform_check_certificates(const struct platform *platform, struct err *err);
/* Tell whoever wants to know; nobody does, except in a sandbox. */
void platform_tell_judged(const struct platform *platform, const struct judged *judged);
/* Releases anchors, keys and console, not the store. */
void platform_done(struct platform *platform);

/*
 * What is in a compact JWE: the DER of a certificate, if the sender is honest. ERR_INPUT for
 * another form, ERR_UNTRUSTED if it is not encrypted to this platform.
 */
MUST_CHECK int platform_open_certificate(const struct platform *platform, struct signer *signer,
                                         const char *compact, struct buf *ret, struct err *err);
