/* SPDX-License-Identifier: Apache-2.0 */
/* jpki clerk file, withdraw: have the register do something, signed with the card; take it back. */
#include "base/file.h"
#include "programs/jpki/clerk/desk.h"
#include "programs/jpki/commands.h"

#include <stdio.h>

struct options {
    struct desk_options desk;
    const char *id;
};

static const struct cli_option file_rows[] = {
    {'i', "id", CLI_TEXT, offsetof(struct options, id), "ID",
     N_("the request's id; a random one if not given")},
    DESK_SESSION_OPTION(struct options),
    DESK_CARD_OPTIONS(struct options),
    DESK_JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct cli_option withdraw_rows[] = {
    DESK_SESSION_OPTION(struct options),
    DESK_CARD_OPTIONS(struct options),
    DESK_JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.desk = {.pin = PIN_DEFAULTS}};

static int read_body(const char *file, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT; /* wiped: may hold an individual number */

    if (file == NULL)
        return 0;
    TRY(file_read(file, CLERK_BODY_MAX, &text, err));
    return err_prefix(err, json_parse(buf_bytes(&text), ret, err), "%s", file);
}

static int file_order(const struct options *options, const char *path, const char *file,
                      struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};
    CLEANUP(desk_hand_done) struct desk_hand hand = {.icc = NULL};
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    CLEANUP(json_freep) struct json *body = NULL;
    struct clerk_order order = {.path = path, .request_id = options->id};

    TRY(desk_load(&options->desk, &session, err));
    TRY(read_body(file, &body, err));
    order.body = body;
    TRY(desk_take_card(&options->desk, ICC_PIN_SIGN, &hand, err));
    TRY(clerk_file(&session, &hand.hand, &order, &outcome, err));
    return desk_tell(&options->desk, &outcome, err);
}

static int run_file(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    return desk_finish(file_order(given, argv[0], argc > 1 ? argv[1] : NULL, &err), &given->desk,
                       &err);
}

const struct cli_command clerk_file_command = {
    .path = "clerk file",
    .arguments = N_("PATH [BODY]"),
    .description = N_("have the register do something, signed with the card"),
    .options = file_rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run_file,
    .defaults = &defaults,
};

static int withdraw(const struct options *options, const char *id, struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};
    CLEANUP(desk_hand_done) struct desk_hand hand = {.icc = NULL};
    CLEANUP(json_freep) struct json *object = NULL;

    TRY(desk_load(&options->desk, &session, err));
    TRY(desk_take_card(&options->desk, ICC_PIN_SIGN, &hand, err));
    TRY(clerk_withdraw(&session, &hand.hand, id, err));
    if (!options->desk.card.json) {
        printf(tr("The request %s is withdrawn\n"), id);
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "request_id", id, err));
    TRY(json_put_text(object, "state", "withdrawn", err));
    return output_json(object, err);
}

static int run_withdraw(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return desk_finish(withdraw(given, argv[0], &err), &given->desk, &err);
}

const struct cli_command clerk_withdraw_command = {
    .path = "clerk withdraw",
    .arguments = N_("ID"),
    .description = N_("withdraw what you asked for and nobody has confirmed"),
    .options = withdraw_rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_withdraw,
    .defaults = &defaults,
};
