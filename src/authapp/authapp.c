/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's own keys and secrets. */
#include "authapp/authapp.h"

#include "authapp/old_keys.h"
#include "base/file.h"
#include "base/rand.h"
#include "crypto/seal.h"
#include "fetch/jwks.h"

#include <string.h>

/* Longer than a content key, as that of a platform's pseudonyms, and for the same reason. */
enum { SUBJECT_KEY_SIZE = 64 };

static const char subject_key_name[] = "subjects";

static int make_subject_key(struct authapp *authapp, const struct pubkey *wrapper, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;

    TRY(secret_new(SUBJECT_KEY_SIZE, &key, err));
    TRY(rand_fill(key.ptr, key.len, err));
    TRY(pubkey_wrap(wrapper, &key, &wrapped, err));
    return authapp_put_wrapped(authapp->store, subject_key_name, buf_bytes(&wrapped), err);
}

static int read_wrapped(struct authapp *authapp, struct signer *signer, struct buf *ret,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *wrapper = NULL;
    int rc = authapp_get_wrapped(authapp->store, subject_key_name, ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(signer_public(signer, authapp->seal_key, &spki, err));
    TRY(pubkey_from_spki_rsa(buf_bytes(&spki), &wrapper, err));
    TRY(make_subject_key(authapp, wrapper, err));
    return authapp_get_wrapped(authapp->store, subject_key_name, ret, err);
}

static int load_subject_key(struct authapp *authapp, struct signer *signer, struct err *err)
{
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    int rc;

    TRY(read_wrapped(authapp, signer, &wrapped, err));
    rc = signer_unwrap(signer, authapp->seal_key, buf_bytes(&wrapped), &key, err);
    if (rc == -ERR_UNTRUSTED || (rc == 0 && key.len != SUBJECT_KEY_SIZE))
        return FAIL(err, ERR_CONFLICT,
                    "signerd's key %s is not the one that the secret of the pseudonyms was wrapped "
                    "for; with another secret everybody would become somebody else",
                    authapp->seal_key);
    TRY(rc);
    authapp->kept->subject_key = key;
    key = (struct secret)SECRET_INIT;
    return 0;
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
