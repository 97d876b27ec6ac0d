/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotating keys: the page asks, the supervisor does it, and the OpenID provider and the platform
 * read their configurations again. What is answered is true of the provider's published keys.
 */
#include "base/clock.h"
#include "base/file.h"
#include "fetch/fetch.h"
#include "sandbox/control_handlers.h"
#include "sandbox/page.h"
#include "sandbox/state.h"

#include <poll.h>
#include <string.h>

enum { ROTATION_MS = 30000, LOOK_EVERY_MS = 50, CERTS_MS = 5000 };

static int certs_url(const struct page *page, char **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *state = NULL;
    const struct json *urls = NULL;
    const char *origin = NULL;

    TRY(state_read(page->layout, &state, err));
    TRY(json_get_object(state, "urls", &urls, err));
    TRY(json_get_text(urls, "authapp", &origin, err));
    return path_format(ret, err, "%s/api/realms/main/protocol/openid-connect/certs", origin);
}

/* The key id of the first ES256 key, which signs; "" where faults let nobody see it. */
static int signing_kid(const char *url, char **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.method = "GET", .url = url, .timeout_ms = CERTS_MS};
    const struct json *keys = NULL;
    const char *kid = "";

    if (fetch(&request, &answer, NULL) == 0 &&
        json_get_array(answer.json, "keys", &keys, NULL) == 0 && json_count(keys) > 0)
        TRY(json_get_text(json_at(keys, 0), "kid", &kid, err));
    return path_format(ret, err, "%s", kid);
}

static int await_supervisor(const struct page *page, uint32_t number, int64_t deadline,
                            struct err *err)
{
    bool is_done = false;

    while (!powers_turn_is_over(page->powers, number, &is_done)) {
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "the supervisor did not rotate the keys in time");
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    return is_done ? 0 : FAIL(err, ERR_REMOTE, "the keys could not be rotated: see the log");
}

static int await_change(const char *url, const char *before, int64_t deadline, char **ret,
                        struct err *err)
{
    CLEANUP(free_text) char *kid = NULL;

    TRY(signing_kid(url, &kid, err));
    while (strcmp(kid, before) == 0 && before[0] != '\0') {
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "the OpenID provider signs with the same key still");
        (void)poll(NULL, 0, LOOK_EVERY_MS);
        free_text(&kid);
        TRY(signing_kid(url, &kid, err));
    }
    return path_format(ret, err, "%s", kid);
}

int control_rotate(const struct page *page, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(free_text) char *before = NULL;
    CLEANUP(free_text) char *kid = NULL;
    int64_t deadline = monotonic_ms() + ROTATION_MS;

    TRY(certs_url(page, &url, err));
    TRY(signing_kid(url, &before, err));
    TRY(await_supervisor(page, powers_ask_turn(page->powers), deadline, err));
    TRY(await_change(url, before, deadline, &kid, err));
    TRY(json_put_optional(body, "kid", kid[0] == '\0' ? NULL : kid, err));
    TRY(json_put_text(body, "jwks_uri", url, err));
    *ret = json_steal(&body);
    return 0;
}

int control_post_rotation(struct http_call *call, struct err *err)
{
    struct json *body = NULL;

    TRY(control_rotate(call->context, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}
