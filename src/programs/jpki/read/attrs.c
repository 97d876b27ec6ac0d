/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki read attrs: name, address, date of birth and sex out of the card's text application, shown
 * here, or handed to a page that fills a form with them.
 */
#include "client/text.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/read/data.h"
#include "programs/jpki/read/form.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *anchors, *code;
    bool code_b, yes, deny;
};

static const struct cli_option rows[] = {
    {0, "code-b", CLI_FLAG, offsetof(struct options, code_b), NULL,
     N_("open it with what is printed on the card instead of the PIN: check code B")},
    {0, "code", CLI_TEXT, offsetof(struct options, code), "NNNNNN",
     N_("the code that the page shows beside the address")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether the page may have it")},
    {0, "deny", CLI_FLAG, offsetof(struct options, deny), NULL,
     N_("tell the page that you do not want to")},
    CARD_ANCHORS_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

static int show(const struct text_data *data, struct err *err)
{
    const struct text_attributes *attributes = &data->attributes;

    print_authenticity(&data->authenticity);
    if (authenticity_is_forged(&data->authenticity))
        return 0;
    printf("\n");
    TRY(print_outside(tr("Name"), attributes->name, err));
    TRY(print_outside(tr("Address"), attributes->address, err));
    TRY(print_card_date(tr("Date of birth"), attributes->birth, err));
    print_field(tr("Sex"), tr(card_sex(attributes->sex)));
    return 0;
}

static int put_attributes(struct json *object, const struct text_data *data, struct err *err)
{
    CLEANUP(json_freep) struct json *attributes = NULL;

    if (authenticity_is_forged(&data->authenticity))
        return json_put_null(object, "attributes", err);
    attributes = json_object_new();
    TRY(put_outside(attributes, "name", data->attributes.name, err));
    TRY(put_outside(attributes, "address", data->attributes.address, err));
    TRY(put_card_date(attributes, "birth_date", data->attributes.birth, err));
    TRY(json_put_text(attributes, "sex", card_sex(data->attributes.sex), err));
    return json_put(object, "attributes", json_steal(&attributes), err);
}

static int show_json(const struct text_data *data, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(put_authenticity(object, &data->authenticity, err));
    TRY(put_attributes(object, data, err));
    return output_json(object, err);
}

static int read_attrs(const struct options *options, enum exit_code *ret_code, struct err *err)
{
    const struct card_request request = {
        .card = &options->card,
        .pin = &options->pin,
        .anchors = options->anchors,
        .which = options->code_b ? ICC_PIN_B : ICC_PIN_TEXT,
        .app = ICC_APP_TEXT,
    };
    CLEANUP(card_access_done) struct card_access access = CARD_ACCESS_INIT;
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(card_access_open(&request, &access, err));
    TRY(card_access_begin(&access, ICC_APP_TEXT, &txn, err));
    TRY(text_read(access.icc, TEXT_ATTRIBUTES, access.roots, &data, err));
    icc_end(&txn);
    TRY(options->card.json ? show_json(&data, err) : show(&data, err));
    *ret_code = authenticity_exit_code(&data.authenticity);
    return 0;
}

static int fill(const struct options *options, const char *url, struct err *err)
{
    const struct form_options form = {
        .card = &options->card,
        .pin = &options->pin,
        .url = url,
        .anchors = options->anchors,
        .code = options->code,
        .yes = options->yes,
        .deny = options->deny,
    };

    if (options->code_b)
        return FAIL(err, ERR_USAGE, "a form is filled after the PIN alone, not with --code-b");
    return form_fill(&form, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc;

    if (argc > 0)
        return finish(fill(given, argv[0], &err), given->card.json, &err);
    if (given->code != NULL || given->yes || given->deny)
        rc = FAIL(&err, ERR_USAGE, "--code, --yes and --deny are for the address of a form");
    else
        rc = read_attrs(given, &code, &err);
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command read_attrs_command = {
    .path = "read attrs",
    .arguments = "[URL]",
    .description = N_("read name, address, date of birth and sex from the card, and verify them"),
    .options = rows,
    .size = sizeof(struct options),
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
