/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/trace.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/output.h"

#include <stdio.h>

struct trace {
    const char *dir;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct trace, dir), N_("DIR"), N_("the sandbox's directory")},
    {'j', "json", CLI_FLAG, offsetof(struct trace, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* Milliseconds since the first step: when that was is of no interest, how long it takes is. */
static int print_step(const struct json *step, int64_t start_us, struct err *err)
{
    const char *program = NULL;
    const char *flow = NULL;
    const char *number = NULL;
    const char *text = NULL;
    int64_t at_us = 0;

    TRY(json_get_int(step, "at_us", &at_us, err));
    TRY(json_get_text(step, "program", &program, err));
    TRY(json_get_text(step, "flow", &flow, err));
    TRY(json_get_text(step, "step", &number, err));
    TRY(json_get_text(step, "text", &text, err));
    printf("%10lld ms  %s %s  %-16s %s\n", (long long)((at_us - start_us) / 1000), flow, number,
           program, text);
    return 0;
}

static int print_steps(const struct json *steps, struct err *err)
{
    int64_t start_us = 0;

    if (json_count(steps) == 0)
        printf("%s\n", tr("Nothing has been done yet."));
    else
        TRY(json_get_int(json_at(steps, 0), "at_us", &start_us, err));
    for (size_t i = 0; i < json_count(steps); i++)
        TRY(print_step(json_at(steps, i), start_us, err));
    return 0;
}

static int show(const struct trace *trace, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *object = NULL;
    const struct json *steps = NULL;

    TRY(layout_init(trace->dir, &layout, err));
    TRY(trace_json(&layout, &object, err));
    if (trace->json)
        return output_json(object, err);
    TRY(json_get_array(object, "steps", &steps, err));
    return print_steps(steps, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return show(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_trace = {
    .path = "trace",
    .arguments = "",
    .description = N_("show which program did which step since the start"),
    .options = options,
    .size = sizeof(struct trace),
    .run = run,
};
