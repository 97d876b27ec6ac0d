/* SPDX-License-Identifier: Apache-2.0 */
/* jpki clerk apply: sign what makes somebody a clerk, or binds a renewed card. */
#include "base/file.h"
#include "programs/jpki/clerk/desk.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"

#include <stdio.h>

struct options {
    struct desk_options desk;
    const char *origin, *challenge, *name, *municipality, *window, *out;
    bool force;
};

static const struct cli_option rows[] = {
    {'O', "origin", CLI_TEXT, offsetof(struct options, origin), "ORIGIN",
     N_("the register's address, as its configuration says")},
    {'n', "name", CLI_TEXT, offsetof(struct options, name), "TEXT", N_("your name")},
    {'m', "municipality", CLI_TEXT, offsetof(struct options, municipality), "CODE",
     N_("where you work: five digits; 00000 for an office that serves all")},
    {'w', "window", CLI_TEXT, offsetof(struct options, window), "WINDOW",
     N_("the only counter you work at, four characters; any if not given")},
    {0, "challenge", CLI_TEXT, offsetof(struct options, challenge), "HEX",
     N_("what 'jpki-registerd bootstrap' printed, for the first clerk")},
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE", N_("write it there")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the file if it exists")},
    DESK_CARD_OPTIONS(struct options),
    DESK_JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.desk = {.pin = PIN_DEFAULTS}};

static int tell(const struct options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->desk.card.json) {
        printf(tr("Signed: %s\n"), options->out);
        return 0;
    }
    object = json_object_new();
    TRY(output_put_name(object, "file", options->out, err));
    return output_json(object, err);
}

static int apply(const struct options *options, struct err *err)
{
    CLEANUP(desk_hand_done) struct desk_hand hand = {.icc = NULL};
    CLEANUP(json_freep) struct json *application = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct inputs inputs = {.pin = &options->desk.pin};
    const struct clerk_wish wish = {.origin = options->origin,
                                    .challenge = options->challenge,
                                    .name = options->name,
                                    .municipality = options->municipality,
                                    .window = options->window};

    if (wish.origin == NULL || wish.name == NULL || wish.municipality == NULL ||
        options->out == NULL)
        return FAIL(err, ERR_USAGE, "--origin, --name, --municipality and --out are needed");
    TRY(output_check(options->out, options->force, &inputs, err));
    TRY(desk_take_card(&options->desk, ICC_PIN_SIGN, &hand, err));
    TRY(clerk_apply(&hand.hand, &wish, &application, err));
    TRY(json_write(application, &text, err));
    TRY(output_write(options->out, options->force, 0600, buf_bytes(&text), err));
    return tell(options, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    (void)argv;
    return desk_finish(apply(given, &err), &given->desk, &err);
}

const struct cli_command clerk_apply_command = {
    .path = "clerk apply",
    .arguments = "",
    .description = N_("sign, with your card, that you are to become a clerk of a register"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
