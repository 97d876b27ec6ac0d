/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-sandbox keys rotate: by the control API, which says when it is done. */
#include "base/file.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/output.h"

#include <stdio.h>

enum { ROTATION_MS = 60000 };

struct keys {
    const char *dir;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct keys, dir), N_("DIR"), N_("the sandbox's directory")},
    {'j', "json", CLI_FLAG, offsetof(struct keys, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int rotate(const struct keys *given, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *socket = NULL;
    struct fetch_request request = {
        .method = "POST", .url = "/v1/rotations", .timeout_ms = ROTATION_MS};
    const char *kid = NULL;
    pid_t pid = 0;

    TRY(layout_init(given->dir, &layout, err));
    TRY(layout_running(&layout, &pid, err));
    TRY(layout_path(&layout, "page/page.sock", &socket, err));
    request.socket = socket;
    TRY(fetch(&request, &answer, err));
    if (given->json)
        return output_json(answer.json, err);
    if (json_get_text(answer.json, "kid", &kid, NULL) == 0)
        printf(tr("Another key signs ID tokens now: %s\n"), kid);
    else
        printf("%s\n", tr("Another key signs ID tokens now"));
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return rotate(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_keys_rotate = {
    .path = "keys rotate",
    .arguments = "",
    .description = N_("have other keys sign ID tokens and validation reports"),
    .options = options,
    .size = sizeof(struct keys),
    .run = run,
};
