/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/act.h"

#include "base/i18n.h"
#include "base/share.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/jpki-sandbox/issuer_keys.h"
#include "programs/output.h"
#include "sandbox/new_certs.h"
#include "sandbox/persona.h"
#include "sandbox/plug.h"

#include <stdio.h>

struct act {
    const char *dir;
    struct act_told told;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct act, dir), N_("DIR"), N_("the sandbox's directory")},
    {'n', "name", CLI_TEXT, offsetof(struct act, told.name), "TEXT", N_("the new name")},
    {'s', "sex", CLI_TEXT, offsetof(struct act, told.sex), "male|female|unknown",
     N_("the new entry of sex")},
    {'a', "address", CLI_TEXT, offsetof(struct act, told.address), "TEXT", N_("the new address")},
    {'m', "municipality", CLI_TEXT, offsetof(struct act, told.municipality), N_("CODE"),
     N_("the municipality's code of five digits")},
    {'b', "birth-date", CLI_TEXT, offsetof(struct act, told.birth_date), "YYYY-MM-DD",
     N_("the right birth date")},
    {'D', "date", CLI_TEXT, offsetof(struct act, told.date), "YYYY-MM-DD",
     N_("the day of moving out or in")},
    {'u', "stay-until", CLI_TEXT, offsetof(struct act, told.stay_until), "YYYY-MM-DD",
     N_("the last day of a stay in Japan")},
    {'p', "pin", CLI_TEXT, offsetof(struct act, told.pin), "auth|sign|text|juki",
     N_("which PIN is set anew, to the one published for the person")},
    {'j', "json", CLI_FLAG, offsetof(struct act, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int show(const struct acted *acted, const char *name, const char *act, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "persona", name, err));
    TRY(json_put_text(object, "act", act, err));
    TRY(json_put_text(object, "card", acted->card.serial, err));
    TRY(json_put_text(object, "state", acted->state, err));
    TRY(json_put_text(object, "revocation", acted->revocation, err));
    TRY(json_put_bool(object, "new_sign_certificate", (acted->new_certs & CERTS_SIGN) != 0, err));
    TRY(json_put_bool(object, "new_auth_certificate", (acted->new_certs & CERTS_AUTH) != 0, err));
    TRY(json_put_bool(object, "rewritten", acted->is_rewritten, err));
    return output_json(object, err);
}

static void tell_card(const struct acted *acted)
{
    if (acted->is_rewritten)
        printf("%s\n", tr("what is written on the card was written anew"));
    if ((acted->new_certs & CERTS_SIGN) != 0)
        printf("%s\n", tr("the card has a new sign certificate"));
    if ((acted->new_certs & CERTS_AUTH) != 0)
        printf("%s\n", tr("the card has a new auth certificate"));
}

static int act(const struct act *given, const char *name, const char *what, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct act_told told = given->told;
    struct acted acted = {.revocation = ""};
    struct persona persona;

    told.act = what;
    TRY(layout_init(given->dir, &layout, err));
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, &layout, &personas, err));
    TRY(persona_find(&personas, name, &persona, err));
    TRY(plug_ask(&layout, persona.name, err));
    TRY(issuer_keys_use(&layout, persona.name, err));
    TRY(act_on_persona(&layout, &persona, &told, &acted, err));
    if (given->json)
        return show(&acted, name, what, err);
    printf(tr("%s: %s is recorded (revocation: %s); the card is %s\n"), name, what,
           acted.revocation, acted.state);
    tell_card(&acted);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return act(parsed, argv[0], argv[1], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_act = {
    .path = "act",
    .arguments = N_("NAME ACT"),
    .description = N_(
        "record what happens to a person or to the card: death, loss, a new name, ..."),
    .options = options,
    .size = sizeof(struct act),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
};
