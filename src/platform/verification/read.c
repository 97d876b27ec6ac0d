/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/read.h"

#include <string.h>

int verification_read_digest(const struct json *json, struct digest *ret, struct err *err)
{
    static const enum digest_alg taken[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    const char *alg;

    TRY(json_get_text(json, "alg", &alg, err));
    TRY(json_get_base64(json, "value", &value, err));
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(alg, digest_name(taken[i])) != 0)
            continue;
        if (value.len != digest_size(taken[i]))
            return FAIL(err, ERR_INPUT, "value has %zu octets, which is no %s", value.len, alg);
        *ret = (struct digest){.alg = taken[i], .len = value.len};
        memcpy(ret->value, value.ptr, value.len);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "alg is SHA-256, SHA-384 or SHA-512");
}

int verification_read_choice(const struct json *json, const char *key, const char *const *values,
                             unsigned *ret, struct err *err)
{
    const char *text;

    if (!json_has(json, key))
        return 0;
    TRY(json_get_text(json, key, &text, err));
    for (unsigned i = 0; values[i] != NULL; i++) {
        if (strcmp(values[i], text) == 0)
            *ret = i;
    }
    return 0;
}

int verification_read_once(const struct http_call *call, struct verification_once *once,
                           const struct verification_once **ret_once, struct err *err)
{
    const char *key = http_header(&call->request, "Idempotency-Key");

    *ret_once = NULL;
    if (key == NULL)
        return 0;
    if (key[0] == '\0' || strlen(key) > IDEMPOTENCY_KEY_MAX)
        return FAIL(err, ERR_INPUT, "an Idempotency-Key has 1 to %d characters",
                    IDEMPOTENCY_KEY_MAX);
    once->key = key;
    TRY(digest_compute(DIGEST_SHA256, call->request.body, &once->fingerprint, err));
    *ret_once = once;
    return 0;
}

int verification_read_wishes(const struct json *json, struct verification_request *ret,
                             struct err *err)
{
    unsigned purpose = VERIFY_SIGNATURE;
    unsigned check = ASKING_CHECKS_;

    TRY(verification_read_choice(json, "purpose", verification_purposes, &purpose, err));
    TRY(verification_read_choice(json, "check", asking_checks, &check, err));
    ret->purpose = (enum verification_purpose)purpose;
    ret->check = check == ASKING_CHECKS_ ? ASKING_BY_POLICY
                                         : (enum asking_check)(ASKING_CRL + check);
    return 0;
}

static const char *const digests[] = {"SHA-256", "SHA-384", "SHA-512", NULL};
const struct http_member verification_digest_members[] = {
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "the algorithm", .values = digests},
    {"value", HTTP_TEXT, HTTP_REQUIRED, "the digest", .form = &http_form_base64},
    {NULL},
};
static const struct http_form once_form = {"^.{1,255}$", "1 to 255 characters"};
const struct http_member verification_once_headers[] = {
    {"Idempotency-Key", HTTP_TEXT, HTTP_OPTIONAL,
     "the tenant's own, for a day: the same request is judged once, however often it is sent",
     .form = &once_form},
    {NULL},
};
