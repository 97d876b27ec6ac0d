/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bound.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
        return FAIL(err, ERR_INPUT, "a message without %s", name);
    if (field.len > BOUND_FIELD_MAX)
        return FAIL(err, ERR_INPUT, "a message whose %s has more than %d bytes", name,
                    BOUND_FIELD_MAX);
    return add_field(message, field, err);
}

static int add_nonce(struct buf *message, struct bytes nonce, struct err *err)
{
    struct digest hash;

    if (nonce.len != BOUND_NONCE_SIZE)
        return FAIL(err, ERR_INPUT, "a message whose nonce has %zu octets instead of %d", nonce.len,
                    BOUND_NONCE_SIZE);
    TRY(digest_compute(DIGEST_SHA256, nonce, &hash, err));
    return add_field(message, digest_bytes(&hash), err);
}

static int add_time(struct buf *message, int64_t at, struct err *err)
{
    char digits[24];

    if (at < 0)
        return FAIL(err, ERR_INPUT, "a message of a time before 1970");
    (void)snprintf(digits, sizeof digits, "%" PRId64, at);
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
    TRY(add_time(&message, bound->expires_at, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, err);
}

int bound_choices(const char *session, const char *const *choices, unsigned chosen, struct buf *ret,
                  struct err *err)
{
    const char *separator = "";
    const char *text;

    TRY(buf_append_format(ret, err, "%s.%s", session, chosen == 0 ? "none" : ""));
    for (unsigned i = 0; choices[i] != NULL; i++) {
        if ((chosen & 1U << i) == 0)
            continue;
        TRY(buf_append_format(ret, err, "%s%s", separator, choices[i]));
        separator = "+";
    }
    return buf_text(ret, &text, err);
}

bool bound_is_message(struct bytes document)
{
    static const uint8_t length[] = {0, 0, 0}; /* and the last octet of it: no label is longer */

    return document.len > sizeof length && bytes_start_with(document, BYTES_ARRAY(length)) &&
           bytes_start_with(bytes_part(document, sizeof length + 1, document.len),
                            BYTES_LITERAL("OpenJPKI "));
}

const char *const bound_reasons[] = {"unspecified", "keyCompromise", "cessationOfOperation", NULL};

bool bound_is_reason(const char *text)
{
    for (size_t i = 0; bound_reasons[i] != NULL; i++) {
        if (strcmp(bound_reasons[i], text) == 0)
            return true;
    }
    return false;
}

static int add_octets(struct buf *message, const char *name, struct bytes field, struct err *err)
{
    if (field.len == 0 || field.len > BOUND_ID_MAX)
        return FAIL(err, ERR_INPUT, "a message whose %s has %zu octets instead of 1 to %d", name,
                    field.len, BOUND_ID_MAX);
    return add_field(message, field, err);
}

int bound_revocation_digest(const struct bound_revocation *bound, struct digest *ret,
                            struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    if (bound->reason == NULL || !bound_is_reason(bound->reason))
        return FAIL(err, ERR_INPUT, "this is no reason for which a holder revokes");
    TRY(add_field(&message, BYTES_LITERAL("OpenJPKI revocation v1"), err));
    TRY(add_text(&message, "origin", bound->origin, true, err));
    TRY(add_octets(&message, "issuer", bound->issuer, err));
    TRY(add_octets(&message, "serial number", bound->serial, err));
    TRY(add_text(&message, "reason", bound->reason, true, err));
    TRY(add_time(&message, bound->at, err));
    TRY(add_nonce(&message, bound->nonce, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, err);
}

static int add_hash(struct buf *message, const char *name, struct bytes field, struct err *err)
{
    struct digest hash;

    if (field.len == 0)
        return FAIL(err, ERR_INPUT, "a message without %s", name);
    TRY(digest_compute(DIGEST_SHA256, field, &hash, err));
    return add_field(message, digest_bytes(&hash), err);
}

/* What both messages about a phone begin with. */
static int add_card(struct buf *message, const char *label, const struct bound_phone *bound,
                    struct err *err)
{
    TRY(add_field(message, bytes_text(label), err));
    TRY(add_text(message, "origin", bound->origin, true, err));
    TRY(add_octets(message, "issuer", bound->issuer, err));
    return add_octets(message, "serial number", bound->serial, err);
}

int bound_phone_digest(const struct bound_phone *bound, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    TRY(add_card(&message, "OpenJPKI phone v1", bound, err));
    TRY(add_hash(&message, "request for a sign key", bound->sign_request, err));
    TRY(add_hash(&message, "request for an auth key", bound->auth_request, err));
    TRY(add_time(&message, bound->at, err));
    TRY(add_nonce(&message, bound->nonce, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, err);
}

int bound_suspension_digest(const struct bound_phone *bound, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    TRY(add_card(&message, "OpenJPKI phone suspension v1", bound, err));
    TRY(add_time(&message, bound->at, err));
    TRY(add_nonce(&message, bound->nonce, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, err);
}

int bound_consent_digest(const struct bound_consent *bound, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;
    const bool is_withdrawal = bound->withdrawal != NULL;

    TRY(add_field(&message, BYTES_LITERAL("OpenJPKI consents v1"), err));
    TRY(add_text(&message, "origin", bound->origin, true, err));
    TRY(add_octets(&message, "issuer", bound->issuer, err));
    TRY(add_octets(&message, "serial number", bound->serial, err));
    TRY(add_text(&message, "act", is_withdrawal ? "withdraw" : "list", true, err));
    TRY(add_text(&message, "id", bound->withdrawal, is_withdrawal, err));
    TRY(add_time(&message, bound->at, err));
    TRY(add_nonce(&message, bound->nonce, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, err);
}
