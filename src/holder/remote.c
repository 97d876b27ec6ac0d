/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/remote.h"

#include "crypto/jwe.h"
#include "fetch/fetch.h"

#include <stdlib.h>
#include <string.h>

struct remote {
    struct origin origin;
    struct secret authorisation; /* "Bearer KEY" and a NUL; empty if nobody in particular asks */
    const char *keys_path;
    struct pubkey *key; /* NULL until it is needed */
};

static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "-._~";

int remote_new(const struct origin *origin, struct remote **ret, struct err *err)
{
    struct remote *remote = calloc(1, sizeof *remote);

    if (remote == NULL)
        return FAIL_NOMEM(err);
    remote->origin = *origin;
    remote->keys_path = "/v1/keys";
    *ret = remote;
    return 0;
}

void remote_free(struct remote *remote)
{
    if (remote == NULL)
        return;
    secret_done(&remote->authorisation);
    pubkey_free(remote->key);
    free(remote);
}

void remote_freep(struct remote **remote)
{
    remote_free(*remote);
    *remote = NULL;
}

void remote_keys_at(struct remote *remote, const char *path)
{
    remote->keys_path = path;
}

const char *remote_origin(const struct remote *remote)
{
    return remote->origin.text;
}

int remote_fail_answer(struct err *err, const struct remote *remote)
{
    return FAIL(err, ERR_REMOTE, "%s does not answer as a platform does", remote->origin.text);
}

bool remote_is_name(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);

    return len > 0 && len <= max && strspn(text, unreserved) == len && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

/* b64token of RFC 6750, 2.1. */
static bool is_token(struct bytes text)
{
    size_t len = 0;

    while (len < text.len && text.ptr[len] != '\0' &&
           (strchr(unreserved, text.ptr[len]) != NULL || strchr("+/", text.ptr[len]) != NULL))
        len++;
    if (len == 0)
        return false;
    while (len < text.len && text.ptr[len] == '=')
        len++;
    return len == text.len;
}

int remote_authorise(struct remote *remote, const struct secret *key, struct err *err)
{
    static const char scheme[] = "Bearer ";
    enum { SCHEME_LEN = sizeof scheme - 1 };
    CLEANUP(secret_done) struct secret value = SECRET_INIT;

    if (key->len > TENANT_KEY_MAX || !is_token(secret_bytes(key)))
        return FAIL(err, ERR_INPUT, "this is no key of a provider");
    TRY(secret_new(SCHEME_LEN + key->len + 1, &value, err));
    memcpy(value.ptr, scheme, SCHEME_LEN);
    memcpy(value.ptr + SCHEME_LEN, key->ptr, key->len);
    secret_done(&remote->authorisation);
    remote->authorisation = value;
    value = (struct secret)SECRET_INIT;
    return 0;
}

/* What fetch makes of an answer, as a failure of this conversation. */
static int translate(const struct remote *remote, const struct err *why, struct err *err)
{
    switch (why->kind) {
    case ERR_DENIED:
    case ERR_UNTRUSTED:
    case ERR_ABSENT:
    case ERR_CONFLICT:
    case ERR_NOMEM:
    case ERR_SYSTEM:
        return FAIL_WITH(err, why->kind, why->detail, "%s: %s", remote->origin.text, why->text);
    case ERR_NONE:
    case ERR_USAGE:
    case ERR_INPUT:
    case ERR_REMOTE:
    case ERR_KINDS_:
        break;
    }
    return FAIL_WITH(err, ERR_REMOTE, why->detail, "%s: %s", remote->origin.text, why->text);
}

int remote_ask(const struct remote *remote, const char *path, const struct json *body,
               struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    const struct fetch_field fields[] = {
        {"Authorization", (const char *)remote->authorisation.ptr},
        {NULL, NULL},
    };
    struct fetch_request request = {
        .body = body,
        .fields = remote->authorisation.len > 0 ? fields : NULL,
        .limit = REMOTE_ANSWER_MAX,
    };
    struct err why = {0};

    TRY(buf_append_format(&url, err, "%s%s", remote->origin.text, path));
    TRY(buf_text(&url, &request.url, err));
    if (fetch(&request, &answer, &why) < 0)
        return translate(remote, &why, err);
    if (answer.json == NULL && answer.body.len > 0)
        return remote_fail_answer(err, remote);
    if (ret != NULL)
        *ret = json_steal(&answer.json);
    return 0;
}

int remote_read(const struct remote *remote, const char *path, size_t limit, struct buf *ret,
                struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    const struct fetch_field fields[] = {
        {"Authorization", (const char *)remote->authorisation.ptr},
        {NULL, NULL},
    };
    struct fetch_request request = {.accept = "application/octet-stream",
                                    .fields = remote->authorisation.len > 0 ? fields : NULL,
                                    .limit = limit};
    struct err why = {0};

    TRY(buf_append_format(&url, err, "%s%s", remote->origin.text, path));
    TRY(buf_text(&url, &request.url, err));
    if (fetch(&request, &answer, &why) < 0)
        return translate(remote, &why, err);
    buf_move(ret, &answer.body);
    return 0;
}

static int fetch_key(struct remote *remote, struct err *err)
{
    CLEANUP(json_freep) struct json *set = NULL;
    struct err why = {0};
    int rc = remote_ask(remote, remote->keys_path, NULL, &set, &why);

    if (rc == -ERR_ABSENT)
        return remote_fail_answer(err, remote);
    if (rc < 0)
        return err_copy(err, &why);
    rc = set == NULL ? -ERR_INPUT : jwk_set_pick(set, JWK_ENCRYPTION, &remote->key, &why);
    if (rc == -ERR_INPUT || rc == -ERR_ABSENT)
        return FAIL(err, ERR_REMOTE, "%s gives no key to encrypt a certificate to",
                    remote->origin.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int remote_put_certificate(struct remote *remote, struct json *body, const struct x509_cert *cert,
                           struct err *err)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;

    if (remote->key == NULL)
        TRY(fetch_key(remote, err));
    TRY(jwe_encrypt(remote->key, x509_cert_der(cert), &jwe, err));
    return json_put_bytes(body, "certificate", buf_bytes(&jwe), err);
}
