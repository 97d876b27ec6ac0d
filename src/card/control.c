/* SPDX-License-Identifier: Apache-2.0 */
#include "card/control_handlers.h"

#include "card/issue.h"
#include "card/status.h"

#include <string.h>
#include <unistd.h>

enum { CONTROL_WORKERS = 2 };

int control_get_card(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct slot *slot = call->context;
    struct card_status status;
    struct json *answer;

    card_status(slot_lock(slot), &status);
    slot_unlock(slot);
    TRY(card_status_put(body, &status, err));
    TRY(json_put_bool(body, "inserted", slot_is_inserted(slot), err));
    answer = body;
    body = NULL;
    return http_reply_json(&call->response, 200, answer, err);
}

static int key_named(const char *name, enum card_key *ret, struct err *err)
{
    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        if (strcmp(name, card_key_name((enum card_key)i)) == 0) {
            *ret = (enum card_key)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a card has the keys sign, auth, text, visual and common");
}

static int requested_key(const struct http_call *call, enum card_key *ret, struct err *err)
{
    const char *name;

    TRY(json_get_text(call->request.json, "key", &name, err));
    return key_named(name, ret, err);
}

static int reply_base64(struct http_call *call, unsigned status, const char *key, struct bytes data,
                        struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *answer;

    TRY(json_put_base64(body, key, data, err));
    answer = body;
    body = NULL;
    return http_reply_json(&call->response, status, answer, err);
}

int control_post_keys(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct slot *slot = call->context;
    enum card_key key;
    int rc;

    TRY(requested_key(call, &key, err));
    rc = card_make_key(slot_lock(slot), key, &spki, err);
    slot_unlock(slot);
    TRY(rc);
    return reply_base64(call, 201, "spki", buf_bytes(&spki), err);
}

int control_get_key(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct slot *slot = call->context;
    enum card_key key;
    int rc;

    TRY(key_named(http_param(&call->request, "key"), &key, err));
    rc = card_spki(slot_lock(slot), key, &spki, err);
    slot_unlock(slot);
    TRY(rc);
    return reply_base64(call, 200, "spki", buf_bytes(&spki), err);
}

int control_post_requests(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    struct slot *slot = call->context;
    enum card_key key;
    int rc;

    TRY(requested_key(call, &key, err));
    rc = card_request(slot_lock(slot), key, &request, err);
    slot_unlock(slot);
    TRY(rc);
    return reply_base64(call, 200, "request", buf_bytes(&request), err);
}

int control_post_insertion(struct http_call *call, struct err *err)
{
    bool inserted;

    TRY(json_get_bool(call->request.json, "inserted", &inserted, err));
    slot_insert(call->context, inserted);
    http_reply_empty(&call->response, 204);
    return 0;
}

int control_post_tamper(struct http_call *call, struct err *err)
{
    struct slot *slot = call->context;
    bool is_meant;
    int rc;

    TRY(json_get_bool(call->request.json, "destroy", &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_INPUT, "a card is tampered with or it is not: destroy must be true");
    rc = card_destroy(slot_lock(slot), err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

int control_post_trouble(struct http_call *call, struct err *err)
{
    static const char *const names[] = {"remove_after", "garbage_after", "mute_after",
                                        "latency_ms",   "forged_byte",   "copied"};
    struct slot_trouble trouble = SLOT_NO_TROUBLE;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int64_t value;

        if (!json_has(call->request.json, names[i]))
            continue;
        TRY(json_get_int(call->request.json, names[i], &value, err));
        TRY(slot_trouble_put(&trouble, names[i], value, err));
    }
    TRY(slot_trouble(call->context, &trouble, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

int control_start(struct slot *slot, int listen_fd, uid_t peer,
                  void (*observe)(void *context, const struct http_event *event),
                  struct http_server **ret, struct err *err)
{
    static uid_t uids[3]; /* must outlive the server; the first is root */
    const struct http_server_options options = {
        .routes = control_routes,
        .about = &control_about,
        .context = slot,
        .observe = observe,
        .uids = uids,
        .uid_count = 3,
        .workers = CONTROL_WORKERS,
    };

    uids[1] = geteuid();
    uids[2] = peer;
    return http_server_start(&options, listen_fd, ret, err);
}
