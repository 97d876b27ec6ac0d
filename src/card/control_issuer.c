/* SPDX-License-Identifier: Apache-2.0 */
/* What only the issuer's side asks for: its keys for the free area, and new PINs for forgotten. */
#include "base/hex.h"
#include "card/change.h"
#include "card/control_handlers.h"
#include "card/issue.h"

static int get_key(const struct json *body, const char *name, struct secret *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf raw = BUF_INIT; /* wiped when it is released */
    const char *digits;

    TRY(json_get_text(body, name, &digits, err));
    TRY(err_prefix(err, hex_decode(digits, &raw, err), "%s", name));
    if (raw.len == 0)
        return FAIL(err, ERR_INPUT, "%s is empty", name);
    return secret_copy(buf_bytes(&raw), ret, err);
}

static int get_keys(const struct json *body, struct gp_keys *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret enc = SECRET_INIT;
    CLEANUP(secret_done) struct secret mac = SECRET_INIT;
    CLEANUP(secret_done) struct secret dek = SECRET_INIT;
    int64_t version;

    TRY(json_get_int(body, "version", &version, err));
    TRY(get_key(body, "enc", &enc, err));
    TRY(get_key(body, "mac", &mac, err));
    TRY(get_key(body, "dek", &dek, err));
    return gp_keys_make(version < 0 || version > UINT8_MAX ? 0 : (uint8_t)version, &enc, &mac, &dek,
                        ret, err);
}

int control_post_issuer_keys(struct http_call *call, struct err *err)
{
    CLEANUP(gp_keys_done) struct gp_keys keys = {.version = 0};
    struct slot *slot = call->context;
    int rc;

    TRY(get_keys(call->request.json, &keys, err));
    rc = card_put_issuer_keys(slot_lock(slot), &keys, err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

int control_post_pin_reset(struct http_call *call, struct err *err)
{
    const struct json *body = call->request.json;
    struct slot *slot = call->context;
    const char *name, *value;
    uint32_t pins;
    int rc;

    TRY(json_get_text(body, "pin", &name, err));
    TRY(json_get_text(body, "value", &value, err));
    pins = control_pins_named(name);
    rc = card_reset_pins(slot_lock(slot), pins, bytes_text(value), err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}
