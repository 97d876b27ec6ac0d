/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/token/token.h"

#include "base/base64.h"
#include "base/random_text.h"
#include "crypto/mac.h"
#include "crypto/seal.h"

#include <string.h>

static const char context[] = "OpenJPKI attributes v1";

void new_token_done(struct new_token *token)
{
    wipe(token->text, sizeof token->text);
    token_done(&token->row);
}

/* Whoever has the text has the key. */
static int key_of(const char *text, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret master = SECRET_INIT;
    const struct bytes label[] = {BYTES_LITERAL("OpenJPKI token v1"), {NULL, 0}};

    TRY(secret_copy(bytes_text(text), &master, err));
    return mac_derive(&master, label, ret, err);
}

static int seal(const char *text, const struct json *attributes, struct buf *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    TRY(json_write(attributes, &plain, err));
    TRY(key_of(text, &key, err));
    return seal_close(&key, BYTES_LITERAL(context), buf_bytes(&plain), ret, err);
}

int token_make(enum token_kind kind, unsigned scopes, int64_t expires_at,
               const struct json *attributes, struct new_token *ret, struct err *err)
{
    CLEANUP(new_token_done)
    struct new_token token = {.row = {.kind = kind, .scopes = scopes, .expires_at = expires_at}};

    TRY(random_text(token.text, sizeof token.text, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(token.text), &token.row.hash, err));
    if (attributes != NULL)
        TRY(seal(token.text, attributes, &token.row.attributes, err));
    *ret = token;
    token.row.attributes = (struct buf)BUF_INIT;
    return 0;
}

int token_attributes(const struct found_token *found, const char *text, struct json **ret,
                     struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;

    if (found->token.attributes.len == 0) {
        *ret = NULL;
        return 0;
    }
    TRY(key_of(text, &key, err));
    TRY(seal_open(&key, BYTES_LITERAL(context), buf_bytes(&found->token.attributes), &plain, err));
    return json_parse(secret_bytes(&plain), ret, err);
}

int token_find(const struct authapp *authapp, const char *text, struct found_token *ret,
               struct err *err)
{
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(text), &hash, err));
    return authapp_find_token(authapp->store, &hash, ret, err);
}

bool token_counts(const struct authapp *authapp, const struct found_token *found)
{
    int64_t now = clock_now(authapp->clock);

    return !found->token.is_used && !found->grant.is_ended && now <= found->token.expires_at &&
           now <= found->grant.expires_at;
}

int subject_make(const struct authapp *authapp, const char *sector, const char *holder,
                 char ret[SUBJECT_SIZE], struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct bytes whose[] = {
        BYTES_LITERAL("OpenJPKI subject v1"), bytes_text(sector), {NULL, 0}};
    const struct bytes who[] = {bytes_text(holder), {NULL, 0}};
    struct digest mac;

    TRY(mac_derive(&authapp->kept->subject_key, whose, &key, err));
    TRY(mac_compute(&key, who, &mac, err));
    TRY(base64_append(&text, BASE64_URL, digest_bytes(&mac), err));
    if (text.len != SUBJECT_SIZE - 1)
        return FAIL(err, ERR_SYSTEM, "a pseudonym of another size");
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}
