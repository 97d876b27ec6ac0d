/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl key unlock: a custodian hands his share to a signerd that waits for it. */
#include "base/daemon.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/commands.h"
#include "programs/jpkictl/key/ask.h"
#include "programs/output.h"
#include "rpc/signer_client.h"
#include "signer/quorum.h"

#include <stdio.h>

struct options {
    const char *socket, *share;
    int64_t passphrase_fd;
    bool status, json;
};

static const struct options defaults = {.passphrase_fd = -1};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("unlock_socket of the jpki-signerd that waits")},
    {0, "share", CLI_TEXT, offsetof(struct options, share), N_("FILE"),
     N_("your share; without it the lines on paper are asked for")},
    {0, "passphrase-fd", CLI_INT, offsetof(struct options, passphrase_fd), "N",
     N_("read the passphrase of the share from this file descriptor instead of asking")},
    {0, "status", CLI_FLAG, offsetof(struct options, status), NULL,
     N_("hand in nothing, only ask how many shares have come")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static unsigned count_given(const struct signer_quorum *quorum)
{
    return (unsigned)__builtin_popcount(quorum->given);
}

static int print_json(const struct signer_quorum *quorum, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *given = json_array_new();
    char set[QUORUM_SET_TEXT_SIZE];

    quorum_set_text(quorum->set, set);
    TRY(json_put_text(object, "set", set, err));
    TRY(json_put_int(object, "needed", quorum->needed, err));
    TRY(json_put_int(object, "shares", quorum->total, err));
    for (unsigned i = 0; i < quorum->total; i++)
        if ((quorum->given >> i & 1) != 0)
            TRY(json_add_int(given, i + 1, err));
    TRY(json_put(object, "given", json_steal(&given), err));
    TRY(json_put_bool(object, "open", count_given(quorum) >= quorum->needed, err));
    return output_json(object, err);
}

static void print_text(const struct signer_quorum *quorum)
{
    char set[QUORUM_SET_TEXT_SIZE];

    quorum_set_text(quorum->set, set);
    printf(tr("set %s: %u of %u shares have come, there are %u\n"), set, count_given(quorum),
           quorum->needed, quorum->total);
    if (count_given(quorum) >= quorum->needed)
        printf("%s\n", tr("That is enough: the keys are being opened."));
}

static int unlock(const struct options *options, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(secret_done) struct secret share = SECRET_INIT;
    struct signer_quorum quorum;

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket is needed");
    TRY(process_no_dumps(err));
    TRY(signer_open(options->socket, &signer, err));
    TRY(signer_quorum(signer, &quorum, err));
    if (!options->status) {
        if (options->share != NULL)
            TRY(ask_share_file(options->share, options->passphrase_fd, &share, err));
        else
            TRY(ask_paper_share(&share, err));
        TRY(signer_give_share(signer, &share, &quorum, err));
    }
    if (options->json)
        return print_json(&quorum, err);
    print_text(&quorum);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc, (void)argv;
    return unlock(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_key_unlock = {
    .path = "key unlock",
    .arguments = "",
    .description = N_("hand a custodian's share to a jpki-signerd that waits for it"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
