/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl evidence: what those who certify a platform ask, answered from the running system. */
#include "programs/jpkictl/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/evidence/evidence.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    const char *config;
    bool json, html;
};

static const struct cli_option rows[] = {
    {'c', "config", CLI_TEXT, offsetof(struct options, config), N_("FILE"),
     N_("the configuration")},
    {0, "html", CLI_FLAG, offsetof(struct options, html), NULL,
     N_("print a page for a browser, which needs nothing else")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int show_json(const struct gathered *gathered, const struct evidence *evidence,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(evidence_put(gathered, evidence, body, err));
    return output_json(body, err);
}

static int show_page(const struct gathered *gathered, const struct evidence *evidence,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf page = BUF_INIT;
    const char *text;

    TRY(evidence_page(gathered, evidence, &page, err));
    TRY(buf_text(&page, &text, err));
    return fputs(text, stdout) < 0 ? FAIL_ERRNO(err, "cannot print it") : 0;
}

static int show(const struct options *options, bool *ret_met, struct err *err)
{
    CLEANUP(ctl_config_freep) struct ctl_config *config = NULL;
    CLEANUP(gathered_done) struct gathered gathered = {.config = NULL};
    struct evidence evidence;

    if (options->json && options->html)
        return FAIL(err, ERR_USAGE, "either --json or --html");
    TRY(ctl_config_find(options->config, &config, err));
    TRY(evidence_gather(config, &gathered, err));
    TRY(evidence_judge(&gathered, &evidence, err));
    *ret_met = true;
    for (enum criterion i = 0; i < CRITERIA_; i++)
        *ret_met = *ret_met && evidence_of(&evidence, i) != FINDING_NOT_MET;
    if (options->html)
        return show_page(&gathered, &evidence, err);
    return options->json ? show_json(&gathered, &evidence, err)
                         : evidence_print(&gathered, &evidence, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    bool is_met = false;

    (void)argc;
    (void)argv;
    if (show(parsed, &is_met, &err) < 0)
        return fail(&err);
    return is_met ? EXIT_CODE_DONE : EXIT_CODE_INVALID;
}

const struct cli_command command_evidence = {
    .path = "evidence",
    .arguments = "",
    .description = N_("answer what those ask who certify a platform, from the running system"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
