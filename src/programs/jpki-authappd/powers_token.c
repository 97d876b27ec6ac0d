/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ID tokens as relying parties have to refuse them. Claims are changed before signerd signs, so the
 * signature holds; what signerd would never sign is changed behind it.
 */
#include "programs/jpki-authappd/powers_parts.h"

#include "base/base64.h"
#include "sandbox/powers_http.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { REMEMBERED = 128, HOUR = 3600, SKEW = 600 };

static const enum named_fault token_faults[] = {
    NAMED_WRONG_NONCE, NAMED_WRONG_AUDIENCE, NAMED_WRONG_SUBJECT,  NAMED_EXPIRED_TOKEN,
    NAMED_CLOCK_SKEW,  NAMED_BAD_SIGNATURE,  NAMED_UNSIGNED_TOKEN, NAMED_UNKNOWN_KID,
};
enum { TOKEN_FAULTS = sizeof token_faults / sizeof token_faults[0] };

/* ---- what an authorization request asked for ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char nonce[AUTHAPP_VALUE_MAX + 1];
    uint64_t faults;
} remembered[REMEMBERED]; /* a ring */
static size_t next_place;

void token_remember(const char *nonce)
{
    uint64_t faults = powers_asked();

    if (nonce == NULL || faults == 0)
        return;
    (void)pthread_mutex_lock(&lock);
    (void)snprintf(remembered[next_place].nonce, sizeof remembered[next_place].nonce, "%s", nonce);
    remembered[next_place].faults = faults;
    next_place = (next_place + 1) % REMEMBERED;
    (void)pthread_mutex_unlock(&lock);
}

/* Once: the next token with that nonce is as it should be. */
static uint64_t recall(const char *nonce)
{
    uint64_t faults = 0;

    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < REMEMBERED; i++) {
        if (remembered[i].faults == 0 || strcmp(remembered[i].nonce, nonce) != 0)
            continue;
        faults |= remembered[i].faults;
        remembered[i].faults = 0;
    }
    (void)pthread_mutex_unlock(&lock);
    return faults;
}

/* ---- claims ---- */

/* Those of the token that this thread is making. */
static _Thread_local uint64_t present;

static bool has(enum named_fault fault)
{
    return (present & UINT64_C(1) << fault) != 0;
}

static void meet(const struct json *claims)
{
    const char *nonce = NULL;

    present = json_get_text(claims, "nonce", &nonce, NULL) == 0 ? recall(nonce) : 0;
    for (size_t i = 0; i < TOKEN_FAULTS; i++)
        if (!has(token_faults[i]) && powers_meet(token_faults[i]))
            present |= UINT64_C(1) << token_faults[i];
}

static int shift(struct json *claims, int64_t seconds, struct err *err)
{
    static const char *const names[] = {"iat", "exp", "auth_time"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int64_t at = 0;

        TRY(json_get_int(claims, names[i], &at, err));
        TRY(json_put_int(claims, names[i], at + seconds, err));
    }
    return 0;
}

static int expire(struct json *claims, struct err *err)
{
    int64_t begins = 0;
    int64_t ends = 0;

    TRY(json_get_int(claims, "iat", &begins, err));
    TRY(json_get_int(claims, "exp", &ends, err));
    return shift(claims, begins - ends - HOUR, err);
}

int token_change_claims(struct json *claims, struct err *err)
{
    meet(claims);
    if (has(NAMED_WRONG_NONCE))
        TRY(json_put_text(claims, "nonce", "a-nonce-of-another-login", err));
    if (has(NAMED_WRONG_AUDIENCE))
        TRY(json_put_text(claims, "aud", "another-client", err));
    if (has(NAMED_WRONG_SUBJECT))
        TRY(json_put_text(claims, "sub", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", err));
    if (has(NAMED_EXPIRED_TOKEN))
        TRY(expire(claims, err));
    return has(NAMED_CLOCK_SKEW) ? shift(claims, SKEW, err) : 0;
}

/* ---- the token ---- */

/* Header, payload and signature of a compact JWS, with the full stops between them. */
struct parts {
    struct bytes header, payload, signature;
};

static int split(struct bytes token, struct parts *ret, struct err *err)
{
    const uint8_t *first = memchr(token.ptr, '.', token.len);
    const uint8_t *second = first == NULL ? NULL
                                          : memchr(first + 1, '.',
                                                   token.len - (size_t)(first + 1 - token.ptr));

    if (second == NULL)
        return FAIL(err, ERR_SYSTEM, "a token that is none");
    ret->header = bytes_of(token.ptr, (size_t)(first - token.ptr));
    ret->payload = bytes_of(first + 1, (size_t)(second - first - 1));
    ret->signature = bytes_of(second + 1, token.len - (size_t)(second + 1 - token.ptr));
    return 0;
}

static int join(struct bytes header, struct bytes payload, struct bytes signature, struct buf *ret,
                struct err *err)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT;

    TRY(base64_append(&token, BASE64_URL, header, err));
    TRY(buf_append_byte(&token, '.', err));
    TRY(buf_append(&token, payload, err));
    TRY(buf_append_byte(&token, '.', err));
    TRY(buf_append(&token, signature, err));
    buf_move(ret, &token);
    return 0;
}

/* The header says another key, or that there is none. */
static int change_header(struct buf *token, struct err *err)
{
    static const char none[] = "{\"alg\":\"none\",\"typ\":\"JWT\"}";
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    CLEANUP(json_freep) struct json *header = NULL;
    struct parts parts;

    TRY(split(buf_bytes(token), &parts, err));
    if (has(NAMED_UNSIGNED_TOKEN)) {
        TRY(join(BYTES_LITERAL(none), parts.payload, bytes_of(NULL, 0), &changed, err));
    } else {
        TRY(base64_decode(BASE64_URL, parts.header, &text, err));
        TRY(json_parse(buf_bytes(&text), &header, err));
        TRY(json_put_text(header, "kid", "a-key-that-nobody-published", err));
        buf_clear(&text);
        TRY(json_write(header, &text, err));
        TRY(join(buf_bytes(&text), parts.payload, parts.signature, &changed, err));
    }
    buf_move(token, &changed);
    return 0;
}

/* One character of the signature, in the middle, where each bit counts. */
static int spoil(struct buf *token, struct err *err)
{
    struct parts parts;
    size_t at;

    TRY(split(buf_bytes(token), &parts, err));
    at = token->len - parts.signature.len / 2;
    token->ptr[at] = token->ptr[at] == 'A' ? 'B' : 'A';
    return 0;
}

int token_change(struct buf *token, struct err *err)
{
    if (has(NAMED_UNSIGNED_TOKEN) || has(NAMED_UNKNOWN_KID))
        TRY(change_header(token, err));
    return has(NAMED_BAD_SIGNATURE) && !has(NAMED_UNSIGNED_TOKEN) ? spoil(token, err) : 0;
}
