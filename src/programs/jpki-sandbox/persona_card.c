/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "base/share.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/issuer_keys.h"
#include "programs/output.h"
#include "sandbox/issue.h"
#include "sandbox/persona.h"
#include "sandbox/plug.h"

#include <stdio.h>

struct persona_card {
    const char *dir;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct persona_card, dir), N_("DIR"),
     N_("the sandbox's directory")},
    {'j', "json", CLI_FLAG, offsetof(struct persona_card, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int show(const struct issued *issued, const char *name, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "persona", name, err));
    TRY(json_put_text(object, "card", issued->serial, err));
    TRY(json_put_bool(object, "made", issued->is_new, err));
    TRY(json_put_bool(object, "sign_certificate", issued->has_sign, err));
    return output_json(object, err);
}

static int make(const struct persona_card *options_given, const char *name, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct issued issued = {0};
    struct persona persona;

    TRY(layout_init(options_given->dir, &layout, err));
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, &layout, &personas, err));
    TRY(persona_find(&personas, name, &persona, err));
    TRY(plug_ask(&layout, persona.name, err));
    TRY(issuer_keys_use(&layout, persona.name, err));
    TRY(issue_card(&layout, NULL, &persona, &issued, err));
    TRY(issuer_keys_put(&layout, persona.name, err));
    if (options_given->json)
        return show(&issued, name, err);
    printf(issued.is_new ? tr("The card %s of %s was made and is in the reader\n")
                         : tr("The card %s of %s is in the reader again\n"),
           issued.serial, name);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return make(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_persona_card = {
    .path = "persona card",
    .arguments = "NAME",
    .description = N_("put a person's card into the reader; make and issue it the first time"),
    .options = options,
    .size = sizeof(struct persona_card),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
