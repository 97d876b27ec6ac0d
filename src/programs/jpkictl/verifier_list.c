/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl verifier list, show: which verifiers there are, and where they stand. */
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"
#include "programs/output.h"

#include <stdio.h>

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct authority_options, socket), N_("FILE"),
     N_("the Unix socket of jpki-authorityd")},
    {'j', "json", CLI_FLAG, offsetof(struct authority_options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int list(const struct authority_options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct json *parties;
    const struct authority_question question = {"/v1/parties", NULL, "", NULL};

    TRY(authority_ask_about(options, &question, &answer, err));
    if (options->json)
        return output_json(answer, err);
    if (json_get_array(answer, "parties", &parties, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", "parties");
    for (size_t i = 0; i < json_count(parties); i++)
        TRY(party_show(options, json_at(parties, i), err));
    return 0;
}

static int print_service(const struct json *service, struct err *err)
{
    static const char *const keys[] = {"provider", "service", "polling_id", "service_title", NULL};

    for (size_t i = 0; keys[i] != NULL; i++) {
        const char *text;

        if (json_get_text(service, keys[i], &text, NULL) < 0)
            return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", keys[i]);
        printf("  %s", text);
    }
    printf("%s\n", json_is_null_member(service, "ended_at") ? "" : tr("  (ended)"));
    return 0;
}

static int show(const struct authority_options *options, const char *name, struct err *err)
{
    CLEANUP(json_freep) struct json *party = NULL;
    const struct json *services;
    const struct authority_question question = {"/v1/parties/", name, "", NULL};

    TRY(authority_ask_about(options, &question, &party, err));
    TRY(party_show(options, party, err));
    if (options->json)
        return 0;
    if (json_get_array(party, "services", &services, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", "services");
    for (size_t i = 0; i < json_count(services); i++)
        TRY(print_service(json_at(services, i), err));
    return 0;
}

static int run_list(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc, (void)argv;
    return list(options, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

static int run_show(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return show(options, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_verifier_list = {
    .path = "verifier list",
    .arguments = "",
    .description = N_("show the verifiers and where they stand"),
    .options = rows,
    .size = sizeof(struct authority_options),
    .run = run_list,
};

const struct cli_command command_verifier_show = {
    .path = "verifier show",
    .arguments = N_("NAME"),
    .description = N_("show a verifier with the services it has given notice of"),
    .options = rows,
    .size = sizeof(struct authority_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_show,
};
