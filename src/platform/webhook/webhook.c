/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/webhook/webhook.h"

#include "base/base64.h"
#include "base/random_text.h"
#include "crypto/mac.h"
#include "fetch/fetch.h"

#include <stdio.h>
#include <string.h>

enum {
    ID_PREFIX = 4,
    TIMEOUT_MS = 5000,
    ANSWER_MAX = 16384,
    SIGNATURE_SIZE = 48, /* "v1,", 44 characters and a NUL */
};

/* ---- secrets ---- */

static int derive(const struct platform *platform, const char *id, int64_t generation,
                  struct secret *ret, struct err *err)
{
    char number[24];

    (void)snprintf(number, sizeof number, "%lld", (long long)generation);
    const struct bytes pieces[] = {
        BYTES_LITERAL("OpenJPKI webhook v1"), bytes_text(id), bytes_text(number), {NULL, 0}};
    return mac_derive(&platform->pseudonym_key, pieces, ret, err);
}

static int tell_secret(const struct platform *platform, const char *id, int64_t generation,
                       char ret[WEBHOOK_SECRET_SIZE], struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *base64;

    TRY(derive(platform, id, generation, &secret, err));
    TRY(base64_append(&text, BASE64_PADDED, secret_bytes(&secret), err));
    TRY(buf_text(&text, &base64, err));
    (void)snprintf(ret, WEBHOOK_SECRET_SIZE, "whsec_%s", base64);
    return 0;
}

/* ---- where to ---- */

int webhook_check_url(const struct platform *platform, const char *url, struct err *err)
{
    static const char secure[] = "https://";
    static const char plain[] = "http://";
    const char *host = url;
    size_t len = strlen(url);

    if (strncmp(url, secure, strlen(secure)) == 0)
        host += strlen(secure);
    else if (platform->webhooks == WEBHOOKS_ANY && strncmp(url, plain, strlen(plain)) == 0)
        host += strlen(plain);
    if (host == url || len > WEBHOOK_URL_MAX || *host == '/' || *host == '\0' ||
        strcspn(host, "@#") != strlen(host))
        return FAIL(err, ERR_INPUT,
                    "url is https://HOST..., at most %d characters, without user and fragment",
                    WEBHOOK_URL_MAX);
    for (const char *c = url; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return FAIL(err, ERR_INPUT, "url has characters that belong into no address");
    return 0;
}

int webhook_add(const struct platform *platform, const char *client_id, const char *url,
                const struct audit_origin *by, struct webhook_made *ret, struct err *err)
{
    struct webhook_made made = {.webhook = {.id = "whk_", .generation = 1}};
    struct webhook *webhook = &made.webhook;

    TRY(webhook_check_url(platform, url, err));
    TRY(random_text(webhook->id + ID_PREFIX, sizeof webhook->id - ID_PREFIX, err));
    (void)snprintf(webhook->client_id, sizeof webhook->client_id, "%s", client_id);
    (void)snprintf(webhook->url, sizeof webhook->url, "%s", url);
    TRY(platform_add_webhook(platform->store, webhook, by, err));
    TRY(tell_secret(platform, webhook->id, webhook->generation, made.secret, err));
    *ret = made;
    return 0;
}

int webhook_rotate(const struct platform *platform, const char *client_id, const char *id,
                   const struct audit_origin *by, char ret_secret[WEBHOOK_SECRET_SIZE],
                   struct err *err)
{
    struct webhook webhook;

    TRY(platform_rotate_webhook(platform->store, client_id, id, by->at + WEBHOOK_OVERLAP_SECONDS,
                                by, err));
    TRY(platform_get_webhook(platform->store, client_id, id, &webhook, err));
    return tell_secret(platform, id, webhook.generation, ret_secret, err);
}

/* ---- signatures ---- */

static int sign(const struct platform *platform, const struct delivery *delivery,
                int64_t generation, struct bytes message, struct buf *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    struct digest mac;

    TRY(derive(platform, delivery->webhook.id, generation, &secret, err));
    TRY(mac_plain(&secret, message, &mac, err));
    TRY(buf_append_text(ret, ret->len == 0 ? "v1," : " v1,", err));
    return base64_append(ret, BASE64_PADDED, digest_bytes(&mac), err);
}

/* By the secret of now, and by the one before while it counts. */
static int sign_all(const struct platform *platform, const struct delivery *delivery, int64_t now,
                    struct buf *ret, struct err *err)
{
    const struct webhook *webhook = &delivery->webhook;
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    TRY(buf_append_format(&message, err, "%s.%lld.", delivery->event, (long long)now));
    TRY(buf_append(&message, buf_bytes(&delivery->body), err));
    TRY(sign(platform, delivery, webhook->generation, buf_bytes(&message), ret, err));
    if (now >= webhook->before_until)
        return 0;
    return sign(platform, delivery, webhook->generation - 1, buf_bytes(&message), ret, err);
}

/* ---- deliveries ---- */

/* When to try again after so many failures, in seconds; then never. */
static const int64_t pauses[] = {5, 60, 300, 1800, 7200, 18000, 36000};
_Static_assert(sizeof pauses / sizeof pauses[0] == DELIVERY_TRIES - 1, "a pause between tries");

static int call(const struct platform *platform, const struct delivery *delivery, int64_t now,
                struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct fetch_content content = {"application/json", buf_bytes(&delivery->body)};
    char timestamp[24];
    struct fetch_field fields[] = {{"webhook-id", delivery->event},
                                   {"webhook-timestamp", timestamp},
                                   {"webhook-signature", NULL},
                                   {NULL, NULL}};
    const struct fetch_request request = {.url = delivery->webhook.url,
                                          .content = &content,
                                          .accept = "*/*",
                                          .fields = fields,
                                          .timeout_ms = TIMEOUT_MS,
                                          .limit = ANSWER_MAX,
                                          .is_public = platform->webhooks != WEBHOOKS_ANY};

    (void)snprintf(timestamp, sizeof timestamp, "%lld", (long long)now);
    TRY(sign_all(platform, delivery, now, &signature, err));
    TRY(buf_text(&signature, &fields[2].value, err));
    return platform->deliver != NULL ? platform->deliver(&request, &response, err)
                                     : fetch(&request, &response, err);
}

/* In our own words: what a tenant's server says is kept nowhere. */
static int note_failure(const struct platform *platform, const struct delivery *delivery,
                        int64_t now, const struct err *failure, struct err *err)
{
    char why[DELIVERY_WHY_SIZE];
    int64_t due = delivery->tries < DELIVERY_TRIES - 1 ? now + pauses[delivery->tries] : 0;

    if (failure->detail != 0)
        (void)snprintf(why, sizeof why, "status %u", (unsigned)failure->detail);
    else
        (void)snprintf(why, sizeof why, "%s",
                       failure->kind == ERR_REMOTE ? "no answer" : "an address that is not called");
    return platform_not_delivered(platform->store, delivery, &(struct delivery_failure){due, why},
                                  now, err);
}

int webhook_deliver_due(const struct platform *platform, const char *client_id,
                        bool (*stop)(void *context), void *context, struct err *err)
{
    int rc = 0;

    while (rc == 0 && (stop == NULL || !stop(context))) {
        CLEANUP(delivery_done) struct delivery delivery = {.number = 0};
        int64_t now = clock_now(platform->clock);
        struct err failure = {0};

        rc = platform_due_delivery(platform->store, client_id, now, &delivery, err);
        if (rc < 0)
            break;
        rc = call(platform, &delivery, now, &failure);
        if (rc == -ERR_NOMEM || rc == -ERR_SYSTEM || rc == -ERR_USAGE)
            return err_copy(err, &failure);
        if (rc < 0)
            return note_failure(platform, &delivery, now, &failure, err);
        rc = platform_delivered(platform->store, &delivery, now, err);
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}
