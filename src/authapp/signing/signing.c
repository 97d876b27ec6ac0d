/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/signing/signing.h"

#include "base/base64.h"
#include "base/rand.h"
#include "base/random_text.h"
#include "base/utf8.h"
#include "crypto/bound.h"
#include "fetch/uri.h"

#include <stdio.h>
#include <string.h>

enum { UUID_OCTETS = 16, CODES = 1000000, SIGNATURE_MIN = 256, SIGNATURE_MAX = 512 };

/* Random, in the form of RFC 9562, 5.4. */
static int make_id(char ret[SIGNING_ID_SIZE], struct err *err)
{
    uint8_t octets[UUID_OCTETS];
    size_t at = 0;

    TRY(rand_fill(octets, sizeof octets, err));
    octets[6] = (uint8_t)((octets[6] & 0x0f) | 0x40);
    octets[8] = (uint8_t)((octets[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof octets; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret[at++] = '-';
        at += (size_t)snprintf(ret + at, SIGNING_ID_SIZE - at, "%02x", octets[i]);
    }
    return 0;
}

/* Six digits, each code as likely as the next. */
static int make_code(char ret[LOGIN_CODE_SIZE], struct err *err)
{
    const uint32_t fair = UINT32_MAX - UINT32_MAX % CODES;
    uint32_t random;

    do {
        TRY(rand_fill(&random, sizeof random, err));
    } while (random >= fair);
    (void)snprintf(ret, LOGIN_CODE_SIZE, "%06u", (unsigned)(random % CODES));
    return 0;
}

/* pki.md 8: a hash is signed as it is, a DigestInfo as one. */
static int read_hash(const char *text, struct signing *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    struct err why = {0};

    TRY(err_prefix(err, base64_decode(BASE64_PADDED, bytes_text(text), &octets, err), "hash"));
    ret->is_bare = octets.len == digest_size(DIGEST_SHA256);
    if (ret->is_bare) {
        ret->digest = (struct digest){.alg = DIGEST_SHA256, .len = octets.len};
        memcpy(ret->digest.value, octets.ptr, octets.len);
        return 0;
    }
    if (digestinfo_parse(buf_bytes(&octets), &ret->digest, &why) < 0 ||
        ret->digest.alg != DIGEST_SHA256)
        return FAIL(err, ERR_INPUT,
                    "hash: is neither 32 octets nor the DER of a DigestInfo with SHA-256");
    return 0;
}

static int read_document(const char *text, struct signing *ret, struct err *err)
{
    struct digest digest;

    if (text == NULL)
        return 0;
    TRY(err_prefix(err, base64_decode(BASE64_PADDED, bytes_text(text), &ret->document, err),
                   "document"));
    if (ret->document.len == 0 || ret->document.len > AUTHAPP_SIGNING_DOCUMENT_MAX)
        return FAIL(err, ERR_INPUT, "document: has %zu bytes instead of 1 to %d", ret->document.len,
                    AUTHAPP_SIGNING_DOCUMENT_MAX);
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&ret->document), &digest, err));
    if (!bytes_equal(digest_bytes(&digest), digest_bytes(&ret->digest)))
        return FAIL(err, ERR_UNTRUSTED, "the document has another digest than the one to sign");
    if (bound_is_message(buf_bytes(&ret->document)))
        return FAIL(err, ERR_UNTRUSTED,
                    "this is no document but a message that cards sign for somebody else");
    ret->has_document = true;
    return 0;
}

/* Nothing in any line deceives who reads it. */
static bool lines_are_shown(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        if (!utf8_is_shown(bytes_of(text, len)))
            return false;
        text += len;
        text += *text == '\n';
    }
    return true;
}

static int read_words(const struct signing_request *request, struct signing *ret, struct err *err)
{
    size_t len = strlen(request->title);

    if (len == 0 || len > AUTHAPP_SIGNING_TITLE_MAX)
        return FAIL(err, ERR_INPUT, "title: has %zu bytes instead of 1 to %d", len,
                    AUTHAPP_SIGNING_TITLE_MAX);
    if (!utf8_is_shown(bytes_text(request->title)))
        return FAIL(err, ERR_INPUT, "title: has characters that cannot be shown");
    memcpy(ret->title, request->title, len + 1);
    if (request->text == NULL)
        return 0;
    len = strlen(request->text);
    if (len == 0 || len > AUTHAPP_SIGNING_TEXT_MAX)
        return FAIL(err, ERR_INPUT, "text: has %zu bytes instead of 1 to %d", len,
                    AUTHAPP_SIGNING_TEXT_MAX);
    if (!lines_are_shown(request->text))
        return FAIL(err, ERR_INPUT, "text: has characters that cannot be shown");
    return buf_append_text(&ret->text, request->text, err);
}

/* Ours hands on the keys of the platform behind us (GET /v1/keys). */
static int read_platform(const struct authapp *authapp, const char *text, struct signing *ret,
                         struct err *err)
{
    struct uri uri;

    if (text == NULL)
        text = authapp->origin;
    TRY(err_prefix(err, uri_parse(text, &uri, err), "platform"));
    if (uri.rest.len != 0 || (!uri.is_https && !uri.is_loopback))
        return FAIL(err, ERR_INPUT, "platform: is https://HOST[:PORT] and nothing more");
    memcpy(ret->platform, text, strlen(text) + 1);
    return 0;
}

static struct audit_origin by_client(const struct authapp *authapp, const char *client_id,
                                     const char *trace_id)
{
    return audit_by_role(clock_now(authapp->clock), "client", client_id, trace_id);
}

int signing_open(const struct authapp *authapp, const struct signing_request *request,
                 struct signing *ret, struct err *err)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    const struct audit_origin by = by_client(authapp, request->client_id, request->trace_id);

    (void)snprintf(signing.client_id, sizeof signing.client_id, "%s", request->client_id);
    TRY(read_hash(request->hash, &signing, err));
    TRY(read_words(request, &signing, err));
    TRY(read_document(request->document, &signing, err));
    TRY(read_platform(authapp, request->platform, &signing, err));
    signing.expires_at = by.at + AUTHAPP_SIGNING_SECONDS;
    TRY(make_id(signing.id, err));
    TRY(random_text(signing.session, sizeof signing.session, err));
    TRY(make_code(signing.code, err));
    TRY(authapp_open_signing(authapp->store, &signing, &by, err));
    *ret = signing;
    signing = (struct signing){.text = BUF_INIT};
    return 0;
}

bool signing_is_late(const struct authapp *authapp, const struct signing *signing)
{
    return signing->outcome == SIGNING_OPEN && clock_now(authapp->clock) > signing->expires_at;
}

int signing_find(const struct authapp *authapp, const char *session, struct signing *ret,
                 struct err *err)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};

    TRY(authapp_signing_of_session(authapp->store, session, &signing, err));
    if (signing.outcome != SIGNING_OPEN)
        return FAIL(err, ERR_CONFLICT, "this signing was answered already");
    if (signing_is_late(authapp, &signing))
        return FAIL(err, ERR_ABSENT, "the %d seconds of this signing are over; begin again",
                    AUTHAPP_SIGNING_SECONDS);
    *ret = signing;
    signing = (struct signing){.text = BUF_INIT};
    return 0;
}

static int end(const struct authapp *authapp, const struct signing *signing,
               const struct signing_end *end, const struct audit_origin *by, struct err *err)
{
    TRY(authapp_end_signing(authapp->store, signing->session, end, by, err));
    http_bell_ring(authapp->bell);
    return 0;
}

int signing_answer(const struct authapp *authapp, const struct signing_answer *answer,
                   struct err *err)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct signing_end result = {.why = "by-holder"};
    struct audit_origin by;

    TRY(signing_find(authapp, answer->session, &signing, err));
    by = by_client(authapp, signing.client_id, answer->trace_id);
    TRY(authapp_check_signing_code(authapp->store, signing.session, answer->code, &by, err));
    if (answer->is_denied)
        return end(authapp, &signing, &result, &by, err);
    if (answer->certificate == NULL || answer->signature == NULL)
        return FAIL(err, ERR_INPUT, "an answer has certificate and signature, or denied");
    TRY(base64_decode(BASE64_PADDED, bytes_text(answer->signature), &signature, err));
    if (signature.len < SIGNATURE_MIN || signature.len > SIGNATURE_MAX)
        return FAIL(err, ERR_INPUT, "this is no signature of a card");
    result.certificate = bytes_text(answer->certificate);
    result.signature = buf_bytes(&signature);
    return end(authapp, &signing, &result, &by, err);
}

int signing_cancel(const struct authapp *authapp, const struct signing *signing,
                   const char *trace_id, struct err *err)
{
    const struct audit_origin by = by_client(authapp, signing->client_id, trace_id);
    const struct signing_end result = {.why = "in-browser"};

    return end(authapp, signing, &result, &by, err);
}

int signing_of_login(const struct authapp *authapp, const char *client_id, const char *id,
                     const char *login, struct signing *ret, struct err *err)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};

    TRY(authapp_signing_of_client(authapp->store, client_id, id, &signing, err));
    if (strcmp(signing.login, login) != 0)
        TRY(authapp_claim_signing(authapp->store, &signing, login, clock_now(authapp->clock), err));
    *ret = signing;
    signing = (struct signing){.text = BUF_INIT};
    return 0;
}
