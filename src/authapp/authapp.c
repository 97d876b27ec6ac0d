/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's own keys and secrets. */
#include "authapp/authapp.h"

#include "authapp/old_keys.h"
#include "base/file.h"
#include "base/rand.h"
#include "crypto/seal.h"
#include "fetch/jwks.h"
#include "rpc/kept_secret.h"

#include <string.h>

static int load_subject_key(struct authapp *authapp, struct signer *signer, struct err *err)
{
    const struct kept_secret which = {authapp_store_db(authapp->store), authapp->seal_key,
                                      "subjects"};

    return kept_secret_load(&which, signer, &authapp->kept->subject_key, err);
}

static int fill_kept(struct authapp *authapp, struct signer *signer, struct err *err)
{
    struct authapp_kept *kept = authapp->kept;

    if (kept->jwks != NULL)
        return 0;
    TRY(load_subject_key(authapp, signer, err));
    TRY(secret_new(SEAL_KEY_SIZE, &kept->login_key, err));
    TRY(rand_fill(kept->login_key.ptr, kept->login_key.len, err));
    return jwks_cache_new(&kept->jwks, err);
}

int authapp_load(struct authapp *authapp, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(path_format(&authapp->issuer, err, "%s" AUTHAPP_REALM, authapp->origin));
    TRY(signer_open(authapp->signer, &signer, err));
    TRY(token_keys_load(signer, authapp->token_keys, &authapp->keys, err));
    TRY(fill_kept(authapp, signer, err));
    return old_keys_follow(authapp->store, clock_now(authapp->clock), &authapp->keys, err);
}

bool authapp_is_public(const struct authapp *authapp)
{
    return strncmp(authapp->origin, "https:", strlen("https:")) == 0;
}

void authapp_done(struct authapp *authapp)
{
    free_text(&authapp->issuer);
    token_keys_done(&authapp->keys);
    anchors_freep(&authapp->auth_cas);
}

void authapp_kept_done(struct authapp_kept *kept)
{
    secret_done(&kept->subject_key);
    jwks_cache_freep(&kept->jwks);
    secret_done(&kept->login_key);
}
