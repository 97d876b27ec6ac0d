/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"

#include <stdio.h>

struct options {
    struct card_options card;
};

static const struct cli_option rows[] = {
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const char *title_of(enum icc_kind kind)
{
    switch (kind) {
    case ICC_CARD:
        return N_("My Number Card");
    case ICC_ANDROID:
        return N_("smartphone (Android)");
    case ICC_IPHONE:
        return N_("smartphone (iPhone)");
    }
    return "";
}

static int put_presence(struct json *object, const char *key, const struct icc_presence *presence,
                        bool is_there, struct err *err)
{
    return presence->is_told ? json_put_bool(object, key, is_there, err)
                             : json_put_null(object, key, err);
}

static int show_json(const struct icc *icc, const struct icc_presence *presence, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const struct icc_token *token = icc_token(icc);

    TRY(json_put_text(object, "reader", icc_reader_name(icc), err));
    TRY(json_put_text(object, "kind", icc_kind_name(token->kind), err));
    TRY(json_put_text(object, "label", token->label, err));
    TRY(json_put_text(object, "manufacturer", token->manufacturer, err));
    TRY(json_put_text(object, "model", token->model, err));
    TRY(json_put_text(object, "serial", token->serial, err));
    TRY(put_presence(object, "has_sign_certificate", presence, presence->sign, err));
    TRY(put_presence(object, "has_auth_certificate", presence, presence->auth, err));
    return output_json(object, err);
}

static void show(const struct icc *icc, const struct icc_presence *presence)
{
    const struct icc_token *token = icc_token(icc);

    print_field(tr("Kind"), tr(title_of(token->kind)));
    print_field(tr("Reader"), icc_reader_name(icc));
    print_field(tr("Label"), token->label);
    print_field(tr("Manufacturer"), token->manufacturer);
    print_field(tr("Model"), token->model);
    print_field(tr("Serial number"), token->serial);
    if (!presence->is_told)
        return;
    print_field(tr("Signature certificate"), presence->sign ? tr("there") : tr("not there"));
    print_field(tr("Authentication certificate"), presence->auth ? tr("there") : tr("not there"));
}

static int card_info(const struct options *options, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct icc_presence presence;

    TRY(open_card(&options->card, &icc, err));
    TRY(icc_read_presence(icc, &presence, err));
    if (options->card.json)
        return show_json(icc, &presence, err);
    show(icc, &presence);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(card_info(given, &err), given->card.json, &err);
}

const struct cli_command card_info_command = {
    .path = "card info",
    .arguments = "",
    .description = N_("tell what is in the reader"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
