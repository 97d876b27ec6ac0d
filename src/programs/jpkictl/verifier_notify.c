/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl verifier notify: a verifier gives notice, for a service of a provider or for itself. */
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"

struct options {
    struct authority_options authority;
    const char *provider, *provider_title, *service, *service_title;
};

static const struct cli_option rows[] = {
    {'p', "provider", CLI_TEXT, offsetof(struct options, provider), N_("NAME"),
     N_("whom it verifies for; without it, for itself alone")},
    {0, "provider-title", CLI_TEXT, offsetof(struct options, provider_title), N_("TEXT"),
     N_("what people know the provider as")},
    {0, "service", CLI_TEXT, offsetof(struct options, service), N_("NAME"),
     N_("the provider's service that consents are given for")},
    {0, "service-title", CLI_TEXT, offsetof(struct options, service_title), N_("TEXT"),
     N_("what people know the service as")},
    AUTHORITY_OPTIONS(struct options, authority),
    CLI_OPTIONS_END,
};

static int put_service(struct json *body, const struct options *options, struct err *err)
{
    if (options->provider_title == NULL || options->service == NULL ||
        options->service_title == NULL)
        return FAIL(err, ERR_USAGE,
                    "--provider needs --provider-title, --service and --service-title");
    TRY(json_put_text(body, "provider", options->provider, err));
    TRY(json_put_text(body, "provider_title", options->provider_title, err));
    TRY(json_put_text(body, "service", options->service, err));
    return json_put_text(body, "service_title", options->service_title, err);
}

static int notify(const struct options *options, const char *name, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *party = NULL;
    const struct authority_question question = {"/v1/parties/", name, "/notices", body};

    if (options->provider != NULL)
        TRY(put_service(body, options, err));
    TRY(authority_ask_about(&options->authority, &question, &party, err));
    return party_show(&options->authority, party, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return notify(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_verifier_notify = {
    .path = "verifier notify",
    .arguments = N_("NAME"),
    .description = N_("keep a verifier's notice for a provider's service, or for itself"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
