/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-clinic show: look at the answer of a lookup again. */
#include "programs/jpki-clinic/commands.h"
#include "programs/jpki-clinic/view.h"

struct options {
    struct desk_options desk;
    bool json;
};

static const struct cli_option rows[] = {
    DESK_OPTIONS(struct options),
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print one JSON object")},
    CLI_OPTIONS_END,
};
static const struct options defaults = {.desk = {.wait = DESK_WAIT_DEFAULT}};

static int show(const struct options *options, const char *lookup, int *ret_code, struct err *err)
{
    CLEANUP(remote_freep) struct remote *remote = NULL;
    struct eligibility_answer answer;

    TRY(desk_open(&options->desk, &remote, err));
    TRY(eligibility_get(remote, lookup, &answer, err));
    TRY(desk_await(&options->desk, remote, &answer, err));
    return view_answer(&answer, options->json, ret_code, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};
    int code = 0;
    int rc = show(given, argv[0], &code, &err);

    (void)argc;
    return rc < 0 ? desk_finish(rc, given->json, &err) : code;
}

const struct cli_command show_command = {
    .path = "show",
    .arguments = "LOOKUP",
    .description = N_("look at the answer of a lookup again"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
