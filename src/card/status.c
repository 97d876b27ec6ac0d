/* SPDX-License-Identifier: Apache-2.0 */
#include "card/status.h"

static const char *const key_names[CARD_KEYS_] = {
    [CARD_KEY_SIGN] = "sign",     [CARD_KEY_AUTH] = "auth",     [CARD_KEY_TEXT] = "text",
    [CARD_KEY_VISUAL] = "visual", [CARD_KEY_COMMON] = "common",
};
static const char *const pin_names[CARD_PINS_] = {
    [CARD_PIN_SIGN] = "sign",         [CARD_PIN_AUTH] = "auth",
    [CARD_PIN_TEXT] = "text",         [CARD_PIN_TEXT_A] = "text_a",
    [CARD_PIN_TEXT_B] = "text_b",     [CARD_PIN_TEXT_0012] = "text_0012",
    [CARD_PIN_BIRTH] = "birth",       [CARD_PIN_VISUAL_B] = "visual_b",
    [CARD_PIN_VISUAL_A] = "visual_a", [CARD_PIN_COMMON] = "common",
    [CARD_PIN_JUKI] = "juki",
};
static const char *const certificate_names[CARD_DATA_] = {
    [CARD_SIGN_CERT] = "sign",
    [CARD_SIGN_CA_CERT] = "sign_ca",
    [CARD_AUTH_CERT] = "auth",
    [CARD_AUTH_CA_CERT] = "auth_ca",
};

const char *card_key_name(enum card_key key)
{
    return key_names[key];
}

const char *card_pin_name(enum card_pin pin)
{
    return pin_names[pin];
}

const char *card_certificate_name(enum card_data data)
{
    return certificate_names[data];
}

/* An empty object below another, which owns it; NULL is reported by what is put into it. */
static struct json *put_object(struct json *object, const char *key)
{
    struct json *child = json_object_new();

    return json_put(object, key, child, NULL) < 0 ? NULL : child;
}

static int put_pin(struct json *pins, unsigned pin, const struct card_status *status,
                   struct err *err)
{
    struct json *object = put_object(pins, pin_names[pin]);

    TRY(json_put_bool(object, "set", status->has_pin[pin], err));
    TRY(json_put_int(object, "tries", status->tries[pin], err));
    return json_put_int(object, "tries_most", status->tries_most[pin], err);
}

static int put_files(struct json *object, const struct card_status *status, struct err *err)
{
    struct json *files = json_array_new();

    TRY(json_put(object, "files", files, err));
    for (unsigned i = CARD_PRESENCE + 1; i < CARD_DATA_; i++) {
        CLEANUP(buf_done) struct buf name = BUF_INIT;
        const char *text;

        if (!status->has_data[i])
            continue;
        TRY(buf_append_format(&name, err, "%s/%04X", card_node_applet(NODE_DATA, i)->name,
                              card_node(NODE_DATA, i)->fid));
        TRY(buf_text(&name, &text, err));
        TRY(json_add_text(files, text, err));
    }
    return 0;
}

static int put_options(struct json *object, const struct card_status *status, struct err *err)
{
    CLEANUP(buf_done) struct buf options = BUF_INIT;

    TRY(card_options_append(&status->options, &options, err));
    return json_put_bytes(object, "options", buf_bytes(&options), err);
}

int card_status_put(struct json *object, const struct card_status *status, struct err *err)
{
    struct json *keys, *waiting, *certificates, *pins;

    TRY(json_put_text(object, "serial", status->serial, err));
    TRY(json_put_text(object, "kind", card_kind_rules(status->kind)->name, err));
    TRY(put_options(object, status, err));
    TRY(json_put_bool(object, "dead", status->is_dead, err));
    TRY(json_put_bool(object, "personalised", status->is_personalised, err));
    keys = put_object(object, "keys");
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        TRY(json_put_bool(keys, key_names[i], status->has_key[i], err));
    waiting = put_object(object, "new_keys");
    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        if (image_key_is_replaceable((enum card_key)i))
            TRY(json_put_bool(waiting, key_names[i], status->has_new_key[i], err));
    }
    certificates = put_object(object, "certificates");
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        if (certificate_names[i] != NULL)
            TRY(json_put_bool(certificates, certificate_names[i], status->has_data[i], err));
    }
    pins = put_object(object, "pins");
    for (unsigned i = 0; i < CARD_PINS_; i++)
        TRY(put_pin(pins, i, status, err));
    return put_files(object, status, err);
}
