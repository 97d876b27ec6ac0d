/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/clock_file.h"
#include "sandbox/clock_text.h"

#include <stdio.h>

struct clock_options {
    const char *dir, *set;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct clock_options, dir), N_("DIR"),
     N_("the sandbox's directory")},
    {0, "set", CLI_TEXT, offsetof(struct clock_options, set), N_("TIME"),
     N_("move it to this time, Japan's where no zone is given: 2027-03-01T09:00")},
    {'j', "json", CLI_FLAG, offsetof(struct clock_options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int print_clock(const struct clock_options *given, int64_t offset_s, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    int64_t now = clock_now(&clock_system) + offset_s;
    char time[CALTIME_TEXT_SIZE];
    char span[CLOCK_SPAN_TEXT_SIZE];

    caltime_format(now, JST_OFFSET_SECONDS, time);
    if (given->json) {
        object = json_object_new();
        TRY(json_put_text(object, "time", time, err));
        TRY(json_put_int(object, "unix", now, err));
        TRY(json_put_int(object, "offset_s", offset_s, err));
        return output_json(object, err);
    }
    clock_span_format(offset_s, span);
    printf(tr("In the sandbox it is %s (Japan's time)\n"), time);
    printf(tr("Ahead of this machine: %s\n"), span);
    return 0;
}

/* What is asked for; false if nothing is. */
static int read_move(const struct clock_options *given, const char *shift, struct clock_move *ret,
                     bool *ret_is_asked, struct err *err)
{
    struct clock_move move = {.is_shift = shift != NULL};

    if (shift != NULL && given->set != NULL)
        return FAIL(err, ERR_USAGE, "either a shift or --set, not both");
    if (shift != NULL)
        TRY(clock_shift_parse(shift, &move.by_or_to, err));
    if (given->set != NULL)
        TRY(clock_time_parse(given->set, &move.by_or_to, err));
    *ret = move;
    *ret_is_asked = shift != NULL || given->set != NULL;
    return 0;
}

static int work(const struct clock_options *given, const char *shift, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    struct clock_move move;
    bool is_asked = false;
    int64_t offset_s = 0;

    TRY(read_move(given, shift, &move, &is_asked, err));
    TRY(layout_init(given->dir, &layout, err));
    TRY(layout_check(&layout, err));
    if (is_asked)
        TRY(clock_file_move(&layout, &clock_system, &move, &offset_s, err));
    else
        TRY(clock_file_read(&layout, &offset_s, err));
    return print_clock(given, offset_s, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    return work(parsed, argc > 0 ? argv[0] : NULL, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_clock = {
    .path = "clock",
    .arguments = "[SHIFT]",
    .description = N_("show the sandbox's time, or move it forward: +1d, +2h, +30m, +90s, +1w"),
    .options = options,
    .size = sizeof(struct clock_options),
    .max_arguments = 1,
    .run = run,
};
