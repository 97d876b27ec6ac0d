/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki read face: what is printed on the card, as signed images, for somebody who has the person
 * in front of him.
 */
#include "base/file.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"
#include "programs/jpki/read/face_file.h"
#include "programs/jpki/read/photo_check.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    struct photo_options check;
    const char *anchors, *out;
    bool code_a, force;
};

static const struct cli_option rows[] = {
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "DIR",
     N_("write the images into this directory")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL, N_("replace files that exist")},
    PHOTO_OPTIONS(struct options),
    FACE_CODE_OPTION(struct options),
    CARD_ANCHORS_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

enum { IMAGES = 4, IMAGE_PHOTO = 2 };
static const struct {
    const char *name; /* of the file */
    size_t offset;    /* into struct visual_contents */
} images[IMAGES] = {
    {"name.png", offsetof(struct visual_contents, name)},
    {"address.png", offsetof(struct visual_contents, address)},
    [IMAGE_PHOTO] = {"photo.jp2", offsetof(struct visual_contents, photo)},
    {"security-code.png", offsetof(struct visual_contents, security_code)},
};

struct result {
    struct visual_data data;
    char *paths[IMAGES]; /* NULL: not to be written */
    bool was_written[IMAGES];
    bool is_decided, is_match;
};

static void result_done(struct result *result)
{
    visual_data_done(&result->data);
    for (int i = 0; i < IMAGES; i++)
        free_text(&result->paths[i]);
}

/* Before anybody is asked for anything. */
static int prepare(const struct options *options, struct result *result, struct err *err)
{
    const struct inputs inputs = {.paths = {card_roots_place(options->anchors)},
                                  .pin = &options->pin};

    TRY(photo_check_options(&options->check, options->out != NULL, err));
    if (options->out == NULL)
        return 0;
    TRY(dir_make(options->out, 0700, err));
    for (int i = 0; i < IMAGES; i++) {
        TRY(path_format(&result->paths[i], err, "%s/%s", options->out, images[i].name));
        TRY(output_check(result->paths[i], options->force, &inputs, err));
    }
    return 0;
}

static struct bytes image_of(const struct result *result, int which)
{
    const char *contents = (const char *)&result->data.contents;

    return *(const struct bytes *)(contents + images[which].offset);
}

static int write_images(const struct options *options, struct result *result, struct err *err)
{
    for (int i = 0; i < IMAGES; i++) {
        struct bytes image = image_of(result, i);

        if (result->paths[i] == NULL || image.len == 0)
            continue;
        TRY(output_write(result->paths[i], options->force, 0600, image, err));
        result->was_written[i] = true;
    }
    return 0;
}

static int decide(const struct options *options, struct result *result, struct err *err)
{
    struct bytes photo = image_of(result, IMAGE_PHOTO);

    if (!options->check.confirm)
        return 0;
    if (photo.len == 0)
        return FAIL(err, ERR_ABSENT, "the card has no photo");
    TRY(photo_check(&options->check, result->paths[IMAGE_PHOTO], photo,
                    authenticity_verdict(&result->data.authenticity), &result->is_match, err));
    result->is_decided = true;
    return 0;
}

static int show(const struct result *result, struct err *err)
{
    const struct visual_contents *contents = &result->data.contents;

    print_authenticity(&result->data.authenticity);
    if (authenticity_is_forged(&result->data.authenticity))
        return 0;
    printf("\n");
    TRY(print_card_date(tr("Date of birth"), contents->birth, err));
    print_field(tr("Sex"), tr(card_sex(contents->sex)));
    TRY(print_card_date(tr("Card expires (not signed)"), contents->expiry, err));
    for (int i = 0; i < IMAGES; i++)
        if (result->was_written[i])
            printf(tr("Written: %s\n"), result->paths[i]);
    if (result->is_decided)
        print_field(tr("The photo shows the person"), result->is_match ? tr("yes") : tr("no"));
    return 0;
}

static int put_contents(struct json *object, const struct visual_contents *contents, bool is_shown,
                        struct err *err)
{
    if (!is_shown) {
        TRY(json_put_null(object, "birth_date", err));
        TRY(json_put_null(object, "sex", err));
        return json_put_null(object, "expires", err);
    }
    TRY(put_card_date(object, "birth_date", contents->birth, err));
    TRY(json_put_text(object, "sex", card_sex(contents->sex), err));
    return put_card_date(object, "expires", contents->expiry, err);
}

static int put_files(struct json *object, const struct result *result, struct err *err)
{
    CLEANUP(json_freep) struct json *files = json_array_new();
    CLEANUP(json_freep) struct json *unsigned_parts = json_array_new();

    for (int i = 0; i < IMAGES; i++)
        if (result->was_written[i])
            TRY(json_add_text(files, result->paths[i], err));
    TRY(json_put(object, "files", json_steal(&files), err));
    TRY(json_add_text(unsigned_parts, "expires", err));
    TRY(json_add_text(unsigned_parts, "security-code.png", err));
    return json_put(object, "unsigned", json_steal(&unsigned_parts), err);
}

static int show_json(const struct result *result, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(put_authenticity(object, &result->data.authenticity, err));
    TRY(put_contents(object, &result->data.contents,
                     !authenticity_is_forged(&result->data.authenticity), err));
    TRY(put_files(object, result, err));
    TRY(json_put_optional(object, "decision",
                          result->is_decided ? photo_decision_name(result->is_match) : NULL, err));
    return output_json(object, err);
}

static int read_face(const struct options *options, enum exit_code *ret_code, struct err *err)
{
    const struct card_request request = {
        .card = &options->card,
        .pin = &options->pin,
        .anchors = options->anchors,
        .which = options->code_a ? ICC_PIN_A : ICC_PIN_B,
        .app = ICC_APP_VISUAL,
    };
    CLEANUP(result_done) struct result result = {.data.files.object = BUF_INIT};

    TRY(prepare(options, &result, err));
    TRY(face_read(&request, &result.data, err));
    if (!authenticity_is_forged(&result.data.authenticity)) {
        TRY(write_images(options, &result, err));
        TRY(decide(options, &result, err));
    }
    TRY(options->card.json ? show_json(&result, err) : show(&result, err));
    *ret_code = result.is_decided && !result.is_match
                    ? EXIT_CODE_INVALID
                    : authenticity_exit_code(&result.data.authenticity);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc;

    (void)argc, (void)argv;
    rc = read_face(given, &code, &err);
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command read_face_command = {
    .path = "read face",
    .arguments = "",
    .description = N_("read what is printed on the card as images, and verify it"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
