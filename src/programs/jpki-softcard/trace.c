/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "softpcsc/link.h"

#include <stdio.h>

/* What is sent is text already, and without secrets (iso7816/trace.h). */
static int follow(struct link *link, struct err *err)
{
    const struct wire_request request = {.verb = WIRE_TRACE};
    struct wire_answer answer;

    TRY(link_ask(link, &request, &answer, err));
    while (link_receive(link, &answer, NULL) == 0) {
        if (fwrite(answer.data.ptr, 1, answer.data.len, stdout) != answer.data.len ||
            fflush(stdout) != 0)
            return FAIL_ERRNO(err, "cannot write the trace");
    }
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {.kind = ERR_NONE};
    struct link link;
    int rc = link_open(&link, argv[0], &err);

    (void)parsed;
    (void)argc;
    if (rc == 0)
        rc = follow(&link, &err);
    link_close(&link);
    return rc < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_trace = {
    .path = "trace",
    .arguments = N_("SOCKET"),
    .description = N_("show what is said to a card and what it answers, until it is gone"),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
