/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki read mynumber: the individual number, which may be collected for few purposes only (Act on
 * the Use of Numbers to Identify a Specific Individual, Articles 9 and 20). It is verified always,
 * and shown only to whoever asks for it and says for which of them.
 */
#include "client/text.h"
#include "client/visual.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"
#include "programs/jpki/read/data.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *anchors, *purpose, *image;
    bool code_a, show, force;
};

static const struct cli_option rows[] = {
    {0, "code-a", CLI_FLAG, offsetof(struct options, code_a), NULL,
     N_("open it with the number itself instead of the PIN: check code A")},
    {0, "show", CLI_FLAG, offsetof(struct options, show), NULL,
     N_("show the whole number; needs --purpose")},
    {0, "purpose", CLI_TEXT, offsetof(struct options, purpose), "NAME",
     N_("what the law allows the number for: social-security, tax, disaster, ordinance")},
    {0, "image", CLI_TEXT, offsetof(struct options, image), "FILE",
     N_("write the printed number as an image; needs --code-a and --show")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the file if it exists")},
    CARD_ANCHORS_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

/* The fields of the Act's Article 9: social security, tax, disasters, and ordinances. */
static const char *const purposes[] = {"social-security", "tax", "disaster", "ordinance"};

static bool is_lawful(const char *purpose)
{
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
        if (strcmp(purpose, purposes[i]) == 0)
            return true;
    return false;
}

static int check_options(const struct options *options, struct err *err)
{
    const struct inputs inputs = {.paths = {card_roots_place(options->anchors)},
                                  .pin = &options->pin};

    if (options->show && options->purpose == NULL)
        return FAIL(err, ERR_USAGE,
                    "--show needs --purpose: an individual number is shown for "
                    "what the law allows only");
    if (options->purpose != NULL && !is_lawful(options->purpose))
        return FAIL(err, ERR_USAGE,
                    "--purpose is one of social-security, tax, disaster and ordinance");
    if (options->purpose != NULL && !options->show)
        return FAIL(err, ERR_USAGE, "--purpose needs --show");
    if (options->image == NULL)
        return 0;
    if (!options->code_a || !options->show)
        return FAIL(err, ERR_USAGE, "--image needs --code-a and --show");
    return output_check(options->image, options->force, &inputs, err);
}

/* "********9018" */
static struct bytes masked(const struct secret *number, char room[TEXT_NUMBER_SIZE])
{
    enum { SHOWN = 4 };

    memset(room, '*', TEXT_NUMBER_SIZE);
    memcpy(room + TEXT_NUMBER_SIZE - SHOWN, number->ptr + TEXT_NUMBER_SIZE - SHOWN, SHOWN);
    return bytes_of(room, TEXT_NUMBER_SIZE);
}

static int show(const struct options *options, const struct text_data *data, struct err *err)
{
    char room[TEXT_NUMBER_SIZE];

    print_authenticity(&data->authenticity);
    if (authenticity_is_forged(&data->authenticity))
        return 0;
    printf("\n");
    if (options->image != NULL)
        printf(tr("Written: %s\n"), options->image);
    return print_outside(tr("Individual number"),
                         options->show ? secret_bytes(&data->number) : masked(&data->number, room),
                         err);
}

static int put_number(struct json *object, const struct options *options,
                      const struct text_data *data, struct err *err)
{
    bool is_forged = authenticity_is_forged(&data->authenticity);
    char room[TEXT_NUMBER_SIZE];

    TRY(is_forged ? json_put_null(object, "mynumber_masked", err)
                  : json_put_bytes(object, "mynumber_masked", masked(&data->number, room), err));
    TRY(is_forged || !options->show
            ? json_put_null(object, "mynumber", err)
            : json_put_bytes(object, "mynumber", secret_bytes(&data->number), err));
    TRY(json_put_optional(object, "purpose", options->purpose, err));
    return json_put_optional(object, "image", is_forged ? NULL : options->image, err);
}

static int show_json(const struct options *options, const struct text_data *data, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(put_authenticity(object, &data->authenticity, err));
    TRY(put_number(object, options, data, err));
    return output_json(object, err);
}

/* What was found of the image counts for the number too. */
static int read_image(const struct card_access *access, const struct options *options,
                      struct authenticity *found, struct err *err)
{
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(card_access_begin(access, ICC_APP_VISUAL, &txn, err));
    TRY(visual_read(access->icc, VISUAL_NUMBER, access->roots, &data, err));
    icc_end(&txn);
    for (size_t i = 0; i < DATA_FAULTS_; i++)
        found->has[i] = found->has[i] || data.authenticity.has[i];
    if (authenticity_is_forged(found))
        return 0;
    return output_write(options->image, options->force, 0600, data.contents.number, err);
}

static int read_mynumber(const struct options *options, enum exit_code *ret_code, struct err *err)
{
    const struct card_request request = {
        .card = &options->card,
        .pin = &options->pin,
        .anchors = options->anchors,
        .which = options->code_a ? ICC_PIN_A : ICC_PIN_TEXT,
        .app = ICC_APP_TEXT,
    };
    CLEANUP(card_access_done) struct card_access access = CARD_ACCESS_INIT;
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(check_options(options, err));
    TRY(card_access_open(&request, &access, err));
    TRY(card_access_begin(&access, ICC_APP_TEXT, &txn, err));
    TRY(text_read(access.icc, TEXT_NUMBER, access.roots, &data, err));
    icc_end(&txn);
    if (options->image != NULL)
        TRY(read_image(&access, options, &data.authenticity, err));
    TRY(options->card.json ? show_json(options, &data, err) : show(options, &data, err));
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
    rc = read_mynumber(given, &code, &err);
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command read_mynumber_command = {
    .path = "read mynumber",
    .arguments = "",
    .description = N_("verify the individual number on the card; shown in full for lawful "
                      "purposes only"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
