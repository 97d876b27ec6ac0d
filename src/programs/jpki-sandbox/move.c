/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/act.h"

#include "base/i18n.h"
#include "base/share.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/jpki-sandbox/issuer_keys.h"
#include "programs/output.h"
#include "sandbox/persona.h"
#include "sandbox/plug.h"

#include <stdio.h>

struct move {
    const char *dir, *address, *municipality;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct move, dir), N_("DIR"), N_("the sandbox's directory")},
    {'a', "address", CLI_TEXT, offsetof(struct move, address), "TEXT", N_("the new address")},
    {'m', "municipality", CLI_TEXT, offsetof(struct move, municipality), N_("CODE"),
     N_("the municipality's code of five digits")},
    {'j', "json", CLI_FLAG, offsetof(struct move, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int show(const struct acted *moved, const char *name, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "persona", name, err));
    TRY(json_put_text(object, "card", moved->card.serial, err));
    TRY(json_put_text(object, "revocation", moved->revocation, err));
    TRY(json_put_bool(object, "sign_certificate", moved->card.has_sign, err));
    return output_json(object, err);
}

static int move(const struct move *given, const char *name, struct err *err)
{
    const struct act_told told = {
        .act = "move", .address = given->address, .municipality = given->municipality};
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct acted moved = {.revocation = ""};
    struct persona persona;

    if (given->address == NULL || given->municipality == NULL)
        return FAIL(err, ERR_USAGE, "--address TEXT and --municipality CODE are needed");
    TRY(layout_init(given->dir, &layout, err));
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, &layout, &personas, err));
    TRY(persona_find(&personas, name, &persona, err));
    TRY(plug_ask(&layout, persona.name, err));
    TRY(issuer_keys_use(&layout, persona.name, err));
    TRY(act_on_persona(&layout, &persona, &told, &moved, err));
    if (given->json)
        return show(&moved, name, err);
    printf(moved.card.has_sign
               ? tr("%s has moved; the card has a new sign certificate (revocation of the old: "
                    "%s)\n")
               : tr("%s has moved; the card has no sign certificate (revocation: %s)\n"),
           name, moved.revocation);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return move(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_move = {
    .path = "move",
    .arguments = "NAME",
    .description = N_("record a person's move at the counter, with a new sign certificate"),
    .options = options,
    .size = sizeof(struct move),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
