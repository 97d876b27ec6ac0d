/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl verifier apply: a body wants to become a verifier (pki.md 6). */
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"

#include <string.h>

struct options {
    struct authority_options authority;
    const char *title, *role, *kinds;
};

static const struct cli_option rows[] = {
    {'t', "title", CLI_TEXT, offsetof(struct options, title), N_("TEXT"),
     N_("what people know the organisation as")},
    {'r', "role", CLI_TEXT, offsetof(struct options, role), N_("NAME"),
     N_("verifier, platform or public")},
    {'k', "kinds", CLI_TEXT, offsetof(struct options, kinds), N_("LIST"),
     N_("sign, auth, or sign,auth if not given")},
    AUTHORITY_OPTIONS(struct options, authority),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.role = "verifier", .kinds = "sign,auth"};

static int put_kinds(struct json *body, const char *kinds, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    if (strcmp(kinds, "sign") != 0 && strcmp(kinds, "auth") != 0 && strcmp(kinds, "sign,auth") != 0)
        return FAIL(err, ERR_USAGE, "--kinds is sign, auth or sign,auth");
    if (strncmp(kinds, "sign", 4) == 0)
        TRY(json_add_text(list, "sign", err));
    if (strstr(kinds, "auth") != NULL)
        TRY(json_add_text(list, "auth", err));
    return json_put(body, "kinds", json_steal(&list), err);
}

static int apply(const struct options *options, const char *name, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *party = NULL;
    const struct authority_question question = {"/v1/parties", NULL, "", body};

    if (options->title == NULL)
        return FAIL(err, ERR_USAGE, "--title TEXT is missing");
    TRY(json_put_text(body, "name", name, err));
    TRY(json_put_text(body, "title", options->title, err));
    TRY(json_put_text(body, "role", options->role, err));
    TRY(put_kinds(body, options->kinds, err));
    TRY(authority_ask_about(&options->authority, &question, &party, err));
    return party_show(&options->authority, party, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return apply(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_verifier_apply = {
    .path = "verifier apply",
    .arguments = N_("NAME"),
    .description = N_("keep the application of a body that wants to verify"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
