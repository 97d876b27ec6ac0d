/* SPDX-License-Identifier: Apache-2.0 */
/* jpki read attrs: name, address, date of birth and sex out of the card's text application. */
#include "client/text.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/read/data.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *anchors;
    bool code_b;
};

static const struct cli_option rows[] = {
    {0, "code-b", CLI_FLAG, offsetof(struct options, code_b), NULL,
     N_("open it with what is printed on the card instead of the PIN: check code B")},
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

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc;

    (void)argc, (void)argv;
    rc = read_attrs(given, &code, &err);
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command read_attrs_command = {
    .path = "read attrs",
    .arguments = "",
    .description = N_("read name, address, date of birth and sex from the card, and verify them"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
