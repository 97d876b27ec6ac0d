/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl key share check: whether a custodian's share is still what he was given. */
#include "base/daemon.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/commands.h"
#include "programs/jpkictl/key/ask.h"
#include "programs/output.h"
#include "signer/quorum.h"

#include <stdio.h>

struct options {
    const char *quorum;
    int64_t passphrase_fd;
    bool json;
};

static const struct options defaults = {.passphrase_fd = -1};

static const struct cli_option rows[] = {
    {0, "quorum", CLI_TEXT, offsetof(struct options, quorum), N_("FILE"),
     N_("the file of the ceremony that says how the shares fit")},
    {0, "passphrase-fd", CLI_INT, offsetof(struct options, passphrase_fd), "N",
     N_("read the passphrase of the share from this file descriptor instead of asking")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int print(const struct options *options, const struct gathering *gathering, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const struct share *share = &gathering->shares[0];
    char set[QUORUM_SET_TEXT_SIZE];

    quorum_set_text(share->set, set);
    if (!options->json) {
        printf(tr("share %u of %u, of which %u are needed, of set %s: as it was given\n"),
               share->number, share->total, share->needed, set);
        return 0;
    }
    TRY(json_put_int(object, "share", share->number, err));
    TRY(json_put_int(object, "shares", share->total, err));
    TRY(json_put_int(object, "needed", share->needed, err));
    TRY(json_put_text(object, "set", set, err));
    TRY(json_put_bool(object, "rehearsal", share->is_rehearsal, err));
    return output_json(object, err);
}

static int check(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;
    struct quorum quorum;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &quorum};

    if (options->quorum == NULL)
        return FAIL(err, ERR_USAGE, "--quorum is needed");
    TRY(process_no_dumps(err));
    TRY(quorum_read(options->quorum, &quorum, err));
    if (path != NULL)
        TRY(ask_share_file(path, options->passphrase_fd, &whole, err));
    else
        TRY(ask_paper_share(&whole, err));
    TRY(gathering_add(&gathering, secret_bytes(&whole), err));
    return print(options, &gathering, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    return check(parsed, argc > 0 ? argv[0] : NULL, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_key_share_check = {
    .path = "key share check",
    .arguments = N_("[FILE]"),
    .description = N_("find out whether a custodian's share is as it was given"),
    .options = rows,
    .size = sizeof(struct options),
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
