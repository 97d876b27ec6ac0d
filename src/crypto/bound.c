/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bound.h"

#include <inttypes.h>
#include <stdio.h>

static int add_field(struct buf *message, struct bytes field, struct err *err)
{
    const uint8_t length[] = {(uint8_t)(field.len >> 24), (uint8_t)(field.len >> 16),
                              (uint8_t)(field.len >> 8), (uint8_t)field.len};

    TRY(buf_append(message, BYTES_ARRAY(length), err));
    return buf_append(message, field, err);
}

static int add_text(struct buf *message, const char *name, const char *text, bool is_required,
                    struct err *err)
{
    struct bytes field = bytes_text(text);

    if (is_required && field.len == 0)
        return FAIL(err, ERR_INPUT, "a login without %s", name);
    if (field.len > BOUND_FIELD_MAX)
        return FAIL(err, ERR_INPUT, "a login whose %s has more than %d bytes", name,
                    BOUND_FIELD_MAX);
    return add_field(message, field, err);
}

static int add_nonce(struct buf *message, struct bytes nonce, struct err *err)
{
    struct digest hash;

    if (nonce.len != BOUND_NONCE_SIZE)
        return FAIL(err, ERR_INPUT, "a login whose nonce has %zu octets instead of %d", nonce.len,
                    BOUND_NONCE_SIZE);
    TRY(digest_compute(DIGEST_SHA256, nonce, &hash, err));
    return add_field(message, digest_bytes(&hash), err);
}

static int add_expiry(struct buf *message, int64_t expires_at, struct err *err)
{
    char digits[24];

    if (expires_at < 0)
        return FAIL(err, ERR_INPUT, "a login that expired before 1970");
    (void)snprintf(digits, sizeof digits, "%" PRId64, expires_at);
    return add_field(message, bytes_text(digits), err);
}

int bound_digest(const struct bound *bound, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    TRY(add_field(&message, BYTES_LITERAL("OpenJPKI login v1"), err));
    TRY(add_text(&message, "origin", bound->origin, true, err));
    TRY(add_text(&message, "client id", bound->client_id, true, err));
    TRY(add_text(&message, "redirect URI", bound->redirect_uri, false, err));
    TRY(add_text(&message, "session", bound->session, true, err));
    TRY(add_nonce(&message, bound->nonce, err));
    TRY(add_expiry(&message, bound->expires_at, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, err);
}
