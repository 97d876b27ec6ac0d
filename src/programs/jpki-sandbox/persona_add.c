/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/share.h"
#include "programs/exit.h"
#include "sandbox/persona.h"

#include <stdio.h>

struct persona_add {
    const char *dir;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct persona_add, dir), N_("DIR"),
     N_("the sandbox's directory")},
    CLI_OPTIONS_END,
};

static int add(const struct persona_add *options_given, const char *file, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *name = NULL;

    TRY(layout_init(options_given->dir, &layout, err));
    TRY(layout_check(&layout, err));
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, &layout, &personas, err));
    TRY(file_read(file, SANDBOX_PERSONAS_BYTES_MAX, &text, err));
    TRY(err_prefix(err, persona_add(&layout, &personas, buf_bytes(&text), &name, err), "%s", file));
    printf(tr("%s is known now; 'jpki-sandbox persona card %s' makes a card\n"), name, name);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return add(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_persona_add = {
    .path = "persona add",
    .arguments = "FILE",
    .description = N_("add a person described by a JSON file as in personas.json"),
    .options = options,
    .size = sizeof(struct persona_add),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
