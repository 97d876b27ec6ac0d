/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki clerk confirm: be the second clerk. What waits is fetched, hashed here and shown; what the
 * second clerk signs is the hash of what was shown.
 */
#include "base/file.h"
#include "base/hex.h"
#include "programs/jpki/clerk/desk.h"
#include "programs/jpki/commands.h"

#include <stdio.h>

struct options {
    struct desk_options desk;
    bool yes;
};

static const struct cli_option rows[] = {
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether it is to be done")},
    DESK_SESSION_OPTION(struct options),
    DESK_CARD_OPTIONS(struct options),
    DESK_JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.desk = {.pin = PIN_DEFAULTS}};

static int fetch_request(const struct clerk_session *session, const char *id, struct buf *ret,
                         struct err *err)
{
    CLEANUP(json_freep) struct json *filing = NULL;
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "/v1/filings/%s", id));
    TRY(clerk_read(session, path, &filing, err));
    if (!json_has(filing, "request"))
        return FAIL(err, ERR_CONFLICT, "the request cannot be seen, so it is not confirmed");
    return json_get_base64(filing, "request", ret, err);
}

static int agree(const struct options *options, struct bytes request, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    bool is_meant = options->yes;
    const char *text;

    TRY(append_shown(&shown, request, err));
    TRY(buf_text(&shown, &text, err));
    (void)fprintf(stderr, "%s\n%s\n", tr("Another clerk has signed this request:"), text);
    if (!is_meant)
        TRY(confirm(tr("Have it done?"), &is_meant, err));
    return is_meant ? 0 : FAIL(err, ERR_DENIED, "not confirmed: you did not agree");
}

static int digest_of(struct bytes request, struct buf *ret, const char **ret_text, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, request, &digest, err));
    TRY(hex_append(ret, digest_bytes(&digest), err));
    return buf_text(ret, ret_text, err);
}

static int confirm_filing(const struct options *options, const char *id, struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};
    CLEANUP(desk_hand_done) struct desk_hand hand = {.icc = NULL};
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *digest;

    TRY(desk_load(&options->desk, &session, err));
    TRY(fetch_request(&session, id, &request, err));
    TRY(agree(options, buf_bytes(&request), err));
    TRY(digest_of(buf_bytes(&request), &hex, &digest, err));
    TRY(desk_take_card(&options->desk, ICC_PIN_SIGN, &hand, err));
    TRY(clerk_confirm(&session, &hand.hand, id, digest, &outcome, err));
    return desk_tell(&options->desk, &outcome, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return desk_finish(confirm_filing(given, argv[0], &err), &given->desk, &err);
}

const struct cli_command clerk_confirm_command = {
    .path = "clerk confirm",
    .arguments = N_("ID"),
    .description = N_("confirm, as a second clerk, what another one has signed"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
