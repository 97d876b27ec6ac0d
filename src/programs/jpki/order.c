/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/order.h"

#include "holder/challenge.h"
#include "programs/jpki/files.h"
#include "programs/jpki/order_steps.h"

#include <stdio.h>

static int check_code(const struct order_options *options, struct err *err)
{
    if (options->code == NULL)
        return FAIL(err, ERR_USAGE,
                    "--code is needed, as the provider shows it beside the address");
    if (!challenge_is_code(options->code))
        return FAIL(err, ERR_USAGE, "the code of a signing is %d digits", CHALLENGE_CODE_LEN);
    return 0;
}

static int keep_document(const struct order_options *options, const struct order *order,
                         struct err *err)
{
    if (options->out == NULL)
        return 0;
    return output_write(options->out, options->force, 0600, buf_bytes(&order->document), err);
}

static int agree(const struct order_options *options, struct err *err)
{
    bool is_meant = options->yes;

    if (!is_meant)
        TRY(confirm(tr("Sign?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "not signed: you did not agree");
    return 0;
}

/* The head is for a pinentry, too, which shows no long texts. */
static int use_card(const struct order_options *options, struct order *order, struct err *err)
{
    CLEANUP(secret_done) struct secret password = SECRET_INIT;
    struct pin_options asking = *options->pin;
    const char *text;

    TRY(order_card(order, options->card, options->pin, err));
    TRY(buf_text(&order->head, &asking.description, err));
    TRY(buf_text(&order->text, &text, err));
    (void)fprintf(stderr, "%s%s\n", asking.description, text);
    TRY(agree(options, err));
    TRY(pin_ask(ICC_PIN_SIGN, &asking, order->left, &password, err));
    return order_sign_by(order, options->pin, &password, err);
}

static int tell(const struct order_options *options, const struct order *order, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card->json) {
        printf("%s\n", options->deny ? tr("The service was told that you do not want to sign.")
                                     : tr("Signed. Go on where you were given the address."));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "client_id", order->signing.client_id, err));
    TRY(json_put_text(object, "title", order->signing.title, err));
    TRY(json_put_text(object, "platform", order->signing.platform.text, err));
    TRY(json_put_text(object, "form", order->signing.is_bare ? "hash" : "digestinfo", err));
    TRY(json_put_bool(object, "denied", options->deny, err));
    return output_json(object, err);
}

int order_sign(const struct order_options *options, struct err *err)
{
    CLEANUP(order_done) struct order order = {.remote = NULL};
    const struct inputs inputs = {.paths = {options->document}, .pin = options->pin};

    if (options->out != NULL)
        TRY(output_check(options->out, options->force, &inputs, err));
    TRY(check_code(options, err));
    TRY(order_at(&order, options->url, err));
    if (options->deny) {
        TRY(signing_refuse(&order.signing, order.remote, options->code, err));
        return tell(options, &order, err);
    }
    TRY(order_get_document(&order, options->document, err));
    TRY(keep_document(options, &order, err));
    TRY(order_tell(&order, err));
    TRY(use_card(options, &order, err));
    TRY(order_send(&order, options->code, err));
    return tell(options, &order, err);
}
