/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl crl show: what a list of revocations says, whoever signed it. */
#include "programs/jpkictl/commands.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/crl_view.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    const char *socket;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of jpki-authorityd: show its published list of that name")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int put_reasons(struct json *object, const struct crl_survey *survey, struct err *err)
{
    CLEANUP(json_freep) struct json *reasons = json_object_new();

    for (unsigned reason = 0; reason < CRL_REASONS_; reason++)
        TRY(json_put_int(reasons, crl_reason_name((enum crl_reason)reason),
                         (int64_t)survey->reasons[reason], err));
    return json_put(object, "reasons", json_steal(&reasons), err);
}

static int print_json(const struct crl *crl, const struct crl_survey *survey, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(put_crl_head(object, crl, err));
    TRY(json_put_int(object, "entries", (int64_t)survey->count, err));
    TRY(put_reasons(object, survey, err));
    if (survey->count > 0) {
        TRY(json_put_int(object, "first_serial", survey->first_serial, err));
        TRY(json_put_int(object, "last_serial", survey->last_serial, err));
        TRY(put_time(object, "first_revoked_at", survey->first_at, err));
        TRY(put_time(object, "last_revoked_at", survey->last_at, err));
    }
    return output_json(object, err);
}

static int print_text(const struct crl *crl, const struct crl_survey *survey, struct err *err)
{
    char first[CALTIME_TEXT_SIZE];
    char last[CALTIME_TEXT_SIZE];

    TRY(print_crl_head(crl, err));
    printf(tr("revoked: %zu\n"), survey->count);
    if (survey->count == 0)
        return 0;
    for (unsigned reason = 0; reason < CRL_REASONS_; reason++)
        if (survey->reasons[reason] > 0)
            printf("  %s: %zu\n", crl_reason_name((enum crl_reason)reason),
                   survey->reasons[reason]);
    caltime_format(survey->first_at, JST_OFFSET_SECONDS, first);
    caltime_format(survey->last_at, JST_OFFSET_SECONDS, last);
    printf(tr("serial numbers: %lu to %lu\n"), (unsigned long)survey->first_serial,
           (unsigned long)survey->last_serial);
    printf(tr("revoked at: %s to %s\n"), first, last);
    return 0;
}

static int show(const struct options *options, const char *name, struct err *err)
{
    CLEANUP(crl_source_done) struct crl_source source = CRL_SOURCE_INIT;
    struct crl_survey survey;

    TRY(crl_source_open(name, options->socket, &source, err));
    crl_source_read_through(&source);
    TRY(crl_look_over(&source.crl, &survey, err));
    return options->json ? print_json(&source.crl, &survey, err)
                         : print_text(&source.crl, &survey, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return show(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_crl_show = {
    .path = "crl show",
    .arguments = N_("FILE|NAME"),
    .description = N_("show what a list of revocations says; its signature is not looked at"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
