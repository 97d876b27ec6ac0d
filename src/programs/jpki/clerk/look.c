/* SPDX-License-Identifier: Apache-2.0 */
/* jpki clerk pending, read: what the register tells a clerk who is logged in. */
#include "programs/jpki/clerk/desk.h"
#include "programs/jpki/commands.h"

#include <stdio.h>

struct options {
    struct desk_options desk;
};

static const struct cli_option rows[] = {
    DESK_SESSION_OPTION(struct options),
    DESK_JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static int look(const struct options *options, const char *path, struct json **ret, struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};

    TRY(desk_load(&options->desk, &session, err));
    return clerk_read(&session, path, ret, err);
}

static int show_line(const struct json *filing, struct err *err)
{
    static const char *const keys[] = {"request_id", "received_at", "operation", "path", NULL};

    for (size_t i = 0; keys[i] != NULL; i++) {
        CLEANUP(buf_done) struct buf shown = BUF_INIT;
        const char *text;

        TRY(json_get_text(filing, keys[i], &text, err));
        TRY(append_shown(&shown, bytes_text(text), err));
        TRY(buf_text(&shown, &text, err));
        printf("%s%s", i == 0 ? "" : "  ", text);
    }
    printf("\n");
    return 0;
}

static int show_pending(const struct options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct json *filings;

    TRY(look(options, "/v1/filings", &answer, err));
    if (options->desk.card.json)
        return output_json(answer, err);
    TRY(json_get_array(answer, "filings", &filings, err));
    for (size_t i = 0; i < json_count(filings); i++)
        TRY(show_line(json_at(filings, i), err));
    if (json_count(filings) == 0)
        printf("%s\n", tr("Nothing waits for a second clerk"));
    return 0;
}

static int run_pending(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    (void)argv;
    return desk_finish(show_pending(given, &err), &given->desk, &err);
}

const struct cli_command clerk_pending_command = {
    .path = "clerk pending",
    .arguments = "",
    .description = N_("list what waits for a second clerk at your counter"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run_pending,
};

static int show(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(look(options, path, &answer, err));
    return output_json(answer, err);
}

static int run_read(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return desk_finish(show(given, argv[0], &err), &given->desk, &err);
}

const struct cli_command clerk_read_command = {
    .path = "clerk read",
    .arguments = N_("PATH"),
    .description = N_("print what the register has at a path, such as /v1/cards/SERIAL"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_read,
};
