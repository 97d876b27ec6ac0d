/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl verifier certify, suspend, resume, end: what is done to a verifier that is there. */
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct authority_options, socket), N_("FILE"),
     N_("the Unix socket of jpki-authorityd")},
    {'j', "json", CLI_FLAG, offsetof(struct authority_options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int take(const struct authority_options *options, const char *name, const char *step,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *party = NULL;
    const struct authority_question question = {"/v1/parties/", name, "/steps", body};

    TRY(json_put_text(body, "step", step, err));
    TRY(authority_ask_about(options, &question, &party, err));
    return party_show(options, party, err);
}

static int run(const void *options, const char *name, const char *step)
{
    struct err err = {0};

    return take(options, name, step, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

#define STEP(name, text)                                                                           \
    static int run_##name(const void *options, int argc, char *const argv[])                       \
    {                                                                                              \
        (void)argc;                                                                                \
        return run(options, argv[0], #name);                                                       \
    }                                                                                              \
    const struct cli_command command_verifier_##name = {                                           \
        .path = "verifier " #name,                                                                 \
        .arguments = N_("NAME"),                                                                   \
        .description = (text),                                                                     \
        .options = rows,                                                                           \
        .size = sizeof(struct authority_options),                                                  \
        .min_arguments = 1,                                                                        \
        .max_arguments = 1,                                                                        \
        .run = run_##name,                                                                         \
    }

STEP(certify, N_("note that the minister has certified a verifier"));
STEP(suspend, N_("let a verifier ask nothing until it is resumed"));
STEP(resume, N_("let a suspended verifier ask again"));
STEP(end, N_("end a verifier, for ever"));
