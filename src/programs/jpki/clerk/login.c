/* SPDX-License-Identifier: Apache-2.0 */
/* jpki clerk login, logout: a session at a register's counter, kept in a file of the clerk's. */
#include "programs/jpki/clerk/desk.h"
#include "programs/jpki/commands.h"

#include <stdio.h>

struct login_options {
    struct desk_options desk;
    const char *socket, *counter;
};

static const struct cli_option login_rows[] = {
    {'S', "socket", CLI_TEXT, offsetof(struct login_options, socket), "SOCKET",
     N_("the register's socket")},
    {'c', "counter", CLI_TEXT, offsetof(struct login_options, counter), "COUNTER",
     N_("where you sit: the municipality's code and four characters")},
    DESK_SESSION_OPTION(struct login_options),
    DESK_CARD_OPTIONS(struct login_options),
    DESK_JSON_OPTION(struct login_options),
    CLI_OPTIONS_END,
};

static const struct login_options login_defaults = {.desk = {.pin = PIN_DEFAULTS}};

static int tell_session(const struct login_options *options, const struct clerk_session *session,
                        struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *name;

    if (!options->desk.card.json) {
        TRY(append_shown(&shown, bytes_text(session->name), err));
        TRY(buf_text(&shown, &name, err));
        printf(tr("Logged in at the counter %s as %s\n"), session->counter, name);
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "clerk", session->clerk, err));
    TRY(json_put_text(object, "name", session->name, err));
    TRY(json_put_text(object, "counter", session->counter, err));
    TRY(json_put_text(object, "origin", session->origin, err));
    TRY(json_put_int(object, "expires_at", session->expires_at, err));
    return output_json(object, err);
}

static int log_in(const struct login_options *options, struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};
    CLEANUP(desk_hand_done) struct desk_hand hand = {.icc = NULL};

    if (options->socket == NULL || options->counter == NULL)
        return FAIL(err, ERR_USAGE, "--socket and --counter are needed");
    TRY(desk_take_card(&options->desk, ICC_PIN_AUTH, &hand, err));
    TRY(clerk_log_in(options->socket, options->counter, &hand.hand, &session, err));
    TRY(desk_save(&options->desk, &session, err));
    return tell_session(options, &session, err);
}

static int run_login(const void *options, int argc, char *const argv[])
{
    const struct login_options *given = options;
    struct err err = {0};

    (void)argc;
    (void)argv;
    return desk_finish(log_in(given, &err), &given->desk, &err);
}

const struct cli_command clerk_login_command = {
    .path = "clerk login",
    .arguments = "",
    .description = N_("log in at a register's counter with a clerk's card"),
    .options = login_rows,
    .size = sizeof(struct login_options),
    .run = run_login,
    .defaults = &login_defaults,
};

struct logout_options {
    struct desk_options desk;
};

static const struct cli_option logout_rows[] = {
    DESK_SESSION_OPTION(struct logout_options),
    DESK_JSON_OPTION(struct logout_options),
    CLI_OPTIONS_END,
};

/* The file goes in any case: what it names is over, or soon will be. */
static int log_out(const struct logout_options *options, struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};
    CLEANUP(json_freep) struct json *object = NULL;
    int rc;

    TRY(desk_load(&options->desk, &session, err));
    rc = clerk_log_out(&session, err);
    if (rc < 0 && rc != -ERR_DENIED)
        return rc;
    TRY(desk_forget(&options->desk, err));
    if (!options->desk.card.json) {
        printf("%s\n", tr("Logged out"));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "clerk", session.clerk, err));
    return output_json(object, err);
}

static int run_logout(const void *options, int argc, char *const argv[])
{
    const struct logout_options *given = options;
    struct err err = {0};

    (void)argc;
    (void)argv;
    return desk_finish(log_out(given, &err), &given->desk, &err);
}

const struct cli_command clerk_logout_command = {
    .path = "clerk logout",
    .arguments = "",
    .description = N_("end the session at the counter"),
    .options = logout_rows,
    .size = sizeof(struct logout_options),
    .run = run_logout,
};
