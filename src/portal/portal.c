/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/portal.h"

#include "fetch/jwks.h"
#include "http/pages.h"
#include "portal/account/provider.h"

#include <string.h>

/* Another role has a key that could sign, and signerd would refuse it only when it is to. */
static int check_role(struct signer *signer, const char *name, struct err *err)
{
    struct signer_key known[RPC_KEYS_MAX];
    size_t count = 0;

    TRY(signer_list(signer, known, &count, err));
    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i].name, name) == 0 && strcmp(known[i].role, "jws") == 0)
            return 0;
    return FAIL(err, ERR_INPUT, "signerd's key \"%s\" is not for tokens", name);
}

static int fill_kept(struct portal_kept *kept, struct err *err)
{
    if (kept->jwks == NULL)
        TRY(jwks_cache_new(&kept->jwks, err));
    return kept->provider == NULL ? provider_cache_new(&kept->provider, err) : 0;
}

void portal_kept_done(struct portal_kept *kept)
{
    jwks_cache_freep(&kept->jwks);
    provider_cache_freep(&kept->provider);
}

static int load_seal(struct portal *portal, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    pubkey_freep(&portal->seal.public);
    if (portal->seal.key == NULL)
        return 0;
    TRY(signer_open(portal->seal.signer, &signer, err));
    TRY(signer_public(signer, portal->seal.key, &spki, err));
    TRY(pubkey_from_spki_rsa(buf_bytes(&spki), &portal->seal.public, err));
    return jwk_thumbprint(portal->seal.public, &portal->seal.kid, err);
}

int portal_load(struct portal *portal, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct pubkey **key = &portal->assertion.public;

    pubkey_freep(key);
    TRY(signer_open(portal->signer, &signer, err));
    TRY(signer_public(signer, portal->app.key, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), key, err));
    TRY(check_role(signer, portal->app.key, err));
    TRY(jws_alg_of(pubkey_kind(*key), &portal->assertion.alg, err));
    TRY(jwk_thumbprint(*key, &portal->assertion.kid, err));
    TRY(load_seal(portal, err));
    return fill_kept(portal->kept, err);
}

bool portal_is_public(const struct portal *portal)
{
    return strncmp(portal->origin, "https:", strlen("https:")) == 0;
}

void portal_done(struct portal *portal)
{
    http_pages_freep(&portal->pages);
    http_pages_freep(&portal->office);
    pubkey_freep(&portal->assertion.public);
    pubkey_freep(&portal->seal.public);
}
