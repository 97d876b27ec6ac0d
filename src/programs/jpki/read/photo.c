/* SPDX-License-Identifier: Apache-2.0 */
/* jpki read photo: the photo of the card face alone, as a file. */
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"
#include "programs/jpki/read/face_file.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *anchors, *out;
    bool code_a, force;
};

static const struct cli_option rows[] = {
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE",
     N_("write the photo there (JPEG 2000)")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the file if it exists")},
    FACE_CODE_OPTION(struct options),
    CARD_ANCHORS_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

static int tell(const struct options *options, const struct visual_data *data, struct err *err)
{
    const char *written = authenticity_is_forged(&data->authenticity) ? NULL : options->out;
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card.json) {
        print_authenticity(&data->authenticity);
        if (written != NULL)
            printf(tr("Written: %s\n"), written);
        return 0;
    }
    object = json_object_new();
    TRY(put_authenticity(object, &data->authenticity, err));
    TRY(json_put_optional(object, "file", written, err));
    return output_json(object, err);
}

static int read_photo(const struct options *options, enum exit_code *ret_code, struct err *err)
{
    const struct card_request request = {
        .card = &options->card,
        .pin = &options->pin,
        .anchors = options->anchors,
        .which = options->code_a ? ICC_PIN_A : ICC_PIN_B,
        .app = ICC_APP_VISUAL,
    };
    const struct inputs inputs = {.paths = {card_roots_place(options->anchors)},
                                  .pin = &options->pin};
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};

    if (options->out == NULL)
        return FAIL(err, ERR_USAGE, "--out FILE is needed: a photo does not go to a terminal");
    TRY(output_check(options->out, options->force, &inputs, err));
    TRY(face_read(&request, &data, err));
    if (data.contents.photo.len == 0)
        return FAIL(err, ERR_ABSENT, "the card has no photo");
    if (!authenticity_is_forged(&data.authenticity))
        TRY(output_write(options->out, options->force, 0600, data.contents.photo, err));
    TRY(tell(options, &data, err));
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
    rc = read_photo(given, &code, &err);
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command read_photo_command = {
    .path = "read photo",
    .arguments = "",
    .description = N_("write the photo of the card face to a file"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
