/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"
#include "programs/jpki/free/area.h"

#include <stdio.h>

struct options {
    struct card_options card;
    const char *key_file, *out;
    bool force;
};

static const struct cli_option rows[] = {
    {'k', "key-file", CLI_TEXT, offsetof(struct options, key_file), "FILE",
     N_("the operator's keys, for an area that only they open")},
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE",
     N_("write there instead of to standard output")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the file if it exists")},
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static int read_area(const struct options *options, const struct icc_aid *aid, struct buf *ret,
                     struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys keys = ICC_KEYS_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct err why = {0};
    int rc;

    if (options->key_file != NULL)
        TRY(free_read_keys(options->key_file, "key-file", &keys, err));
    TRY(open_card(&options->card, &icc, err));
    rc = icc_free_read(icc, aid, options->key_file == NULL ? NULL : &keys, ret, &why);
    if (rc == -ERR_DENIED && options->key_file == NULL)
        return FAIL_WITH(err, why.kind, why.detail, "%s; --key-file gives them", why.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}

static int tell(const struct icc_aid *aid, struct bytes contents, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(free_put_aid(object, aid, err));
    TRY(json_put_base64(object, "contents", contents, err));
    return output_json(object, err);
}

static int free_read(const struct options *options, const char *area, struct err *err)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    const struct inputs inputs = {.paths = {options->key_file}};
    struct icc_aid aid;

    TRY(icc_area_named(area, &aid, err));
    if (options->out != NULL)
        TRY(output_check(options->out, options->force, &inputs, err));
    TRY(read_area(options, &aid, &contents, err));
    if (options->out != NULL)
        TRY(output_write(options->out, options->force, 0600, buf_bytes(&contents), err));
    if (options->card.json)
        return tell(&aid, buf_bytes(&contents), err);
    if (options->out == NULL)
        (void)fwrite(contents.ptr, 1, contents.len, stdout);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(free_read(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command free_read_command = {
    .path = "free read",
    .arguments = "AREA",
    .description = N_("read what an operator has on the card"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
