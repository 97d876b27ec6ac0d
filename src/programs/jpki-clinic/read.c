/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-clinic read: read what somebody has consented to. */
#include "base/clock.h"
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

static int await(const struct options *options, const struct remote *remote,
                 struct eligibility_reading *reading, struct err *err)
{
    const int64_t began = monotonic_us();

    while (reading->is_waiting && desk_pause(&options->desk, began)) {
        CLEANUP(eligibility_reading_done) struct eligibility_reading next = {.json = NULL};
        struct eligibility_reading before;

        TRY(eligibility_read_on(remote, reading->id, &next, err));
        before = *reading;
        *reading = next;
        next = before; /* to be released */
    }
    return 0;
}

static int read_kind(const struct options *options, char *const argv[], int *ret_code,
                     struct err *err)
{
    CLEANUP(remote_freep) struct remote *remote = NULL;
    CLEANUP(eligibility_reading_done) struct eligibility_reading reading = {.json = NULL};
    enum eligibility_kind kind;

    TRY(eligibility_kind_of(argv[1], &kind, err));
    TRY(desk_open(&options->desk, &remote, err));
    TRY(eligibility_read(remote, argv[0], kind, &reading, err));
    TRY(await(options, remote, &reading, err));
    return view_reading(&reading, kind, options->json, ret_code, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};
    int code = 0;
    int rc = read_kind(given, argv, &code, &err);

    (void)argc;
    return rc < 0 ? desk_finish(rc, given->json, &err) : code;
}

const struct cli_command read_command = {
    .path = "read",
    .arguments = "LOOKUP KIND",
    .description = N_("read what the person has consented to: medicine, check-up or cost"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
    .defaults = &defaults,
};
