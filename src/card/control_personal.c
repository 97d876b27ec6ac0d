/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that write on a card: JSON to struct card_personalisation and what changes later. */
#include "card/change.h"
#include "card/control_handlers.h"
#include "card/issue.h"
#include "card/status.h"

#include <stdio.h>
#include <string.h>

#define TOKEN_MANUFACTURER "OpenJPKI TEST"
#define TOKEN_MODEL        "SOFTCARD"

enum { FID_DIGITS = 4 };

/* The files as sent, decoded; released together. */
struct contents {
    struct buf files[CARD_DATA_];
};

static void contents_done(struct contents *contents)
{
    for (int i = 0; i < CARD_DATA_; i++)
        buf_done(&contents->files[i]);
}

static int get_certificates(const struct json *body, struct contents *contents, struct err *err)
{
    const struct json *object;

    TRY(json_get_object(body, "certificates", &object, err));
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        const char *name = card_certificate_name((enum card_data)i);

        /* Who is too young has no sign certificate; the others are on every card. */
        if (name == NULL || (i == CARD_SIGN_CERT && !json_has(object, name)))
            continue;
        TRY(err_prefix(err, json_get_base64(object, name, &contents->files[i], err),
                       "certificates"));
    }
    return 0;
}

/* "files": {"text": {"0001": ...}}: every file that is no certificate, where it is there. */
static int get_file(const struct json *files, unsigned index, struct buf *ret, struct err *err)
{
    const char *applet = card_node_applet(NODE_DATA, index)->name;
    char fid[FID_DIGITS + 1];
    const struct json *object;

    if (!json_has(files, applet))
        return 0;
    (void)snprintf(fid, sizeof fid, "%04X", card_node(NODE_DATA, index)->fid);
    TRY(json_get_object(files, applet, &object, err));
    return json_has(object, fid) ? json_get_base64(object, fid, ret, err) : 0;
}

static int get_files(const struct json *body, struct contents *contents, struct err *err)
{
    const struct json *files;

    if (!json_has(body, "files"))
        return 0;
    TRY(json_get_object(body, "files", &files, err));
    for (unsigned i = CARD_PRESENCE + 1; i < CARD_DATA_; i++)
        TRY(err_prefix(err, get_file(files, i, &contents->files[i], err), "files"));
    return 0;
}

/* What one chosen value opens: people have one juki PIN and one code A (card.md 3.4, 5). */
static const struct {
    const char *name;
    enum card_pin pin;
} pin_names[] = {
    {"auth", CARD_PIN_AUTH},   {"sign", CARD_PIN_SIGN}, {"text", CARD_PIN_TEXT},
    {"juki", CARD_PIN_COMMON}, {"juki", CARD_PIN_JUKI}, {"a", CARD_PIN_TEXT_A},
    {"a", CARD_PIN_VISUAL_A},  {"b", CARD_PIN_TEXT_B},  {"b", CARD_PIN_VISUAL_B},
    {"birth", CARD_PIN_BIRTH},
};

uint32_t control_pins_named(const char *name)
{
    uint32_t pins = 0;

    for (size_t i = 0; i < sizeof pin_names / sizeof pin_names[0]; i++) {
        if (strcmp(pin_names[i].name, name) == 0)
            pins |= CARD_PIN_BIT(pin_names[i].pin);
    }
    return pins;
}

static int get_pins(const struct json *body, struct bytes ret[CARD_PINS_], struct err *err)
{
    const struct json *object;
    const char *text;

    TRY(json_get_object(body, "pins", &object, err));
    for (size_t i = 0; i < sizeof pin_names / sizeof pin_names[0]; i++) {
        if (!json_has(object, pin_names[i].name))
            continue;
        TRY(err_prefix(err, json_get_text(object, pin_names[i].name, &text, err), "pins"));
        ret[pin_names[i].pin] = bytes_text(text);
    }
    return 0;
}

static int get_token(const struct json *body, struct token_info *token, struct err *err)
{
    static const char *const known[] = {"label", "manufacturer", "model", "serial", NULL};
    const char **const fields[] = {&token->label, &token->manufacturer, &token->model,
                                   &token->serial};
    const struct json *object;

    *token = (struct token_info){NULL, TOKEN_MANUFACTURER, TOKEN_MODEL, NULL};
    if (!json_has(body, "token"))
        return 0;
    TRY(json_get_object(body, "token", &object, err));
    for (size_t i = 0; known[i] != NULL; i++) {
        if (json_has(object, known[i]))
            TRY(err_prefix(err, json_get_text(object, known[i], fields[i], err), "token"));
    }
    return 0;
}

/* The kind the card was made as, if the request does not say. */
static int get_kind(const struct json *body, struct slot *slot, enum card_kind *ret,
                    struct err *err)
{
    struct card_status status;
    const char *name;

    if (!json_has(body, "kind")) {
        card_status(slot_lock(slot), &status);
        slot_unlock(slot);
        *ret = status.kind;
        return 0;
    }
    TRY(json_get_text(body, "kind", &name, err));
    return card_kind_named(name, ret, err);
}

int control_post_personalisation(struct http_call *call, struct err *err)
{
    CLEANUP(contents_done) struct contents contents = {.files = {BUF_INIT}};
    const struct json *body = call->request.json;
    struct card_personalisation with = {.kind = CARD_PLASTIC};
    struct slot *slot = call->context;
    int rc;

    TRY(get_kind(body, slot, &with.kind, err));
    TRY(get_certificates(body, &contents, err));
    TRY(get_files(body, &contents, err));
    TRY(get_pins(body, with.pins, err));
    TRY(get_token(body, &with.token, err));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        with.files[i] = buf_bytes(&contents.files[i]);
    rc = card_personalise(slot_lock(slot), &with, err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

/* Each of the four if it is given. */
static int get_new_certificates(const struct json *body, struct contents *contents, struct err *err)
{
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        const char *name = card_certificate_name((enum card_data)i);

        if (name == NULL || !json_has(body, name))
            continue;
        TRY(json_get_base64(body, name, &contents->files[i], err));
        if (contents->files[i].len == 0)
            return FAIL(err, ERR_INPUT, "%s is empty", name);
    }
    return 0;
}

int control_post_recertification(struct http_call *call, struct err *err)
{
    CLEANUP(contents_done) struct contents contents = {.files = {BUF_INIT}};
    struct bytes with[CARD_DATA_];
    struct slot *slot = call->context;
    int rc;

    TRY(get_new_certificates(call->request.json, &contents, err));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        with[i] = buf_bytes(&contents.files[i]);
    rc = card_recertify(slot_lock(slot), with, err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

int control_post_rewriting(struct http_call *call, struct err *err)
{
    CLEANUP(contents_done) struct contents contents = {.files = {BUF_INIT}};
    struct card_rewriting with = {.files = {{NULL, 0}}};
    const struct json *body = call->request.json;
    struct slot *slot = call->context;
    int rc;

    TRY(get_files(body, &contents, err));
    if (json_has(body, "pins"))
        TRY(get_pins(body, with.pins, err));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        with.files[i] = buf_bytes(&contents.files[i]);
    rc = card_rewrite(slot_lock(slot), &with, err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}
