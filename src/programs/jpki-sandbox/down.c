/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "sandbox/limits.h"
#include "sandbox/timing.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

enum { LOOK_EVERY_MS = 20 };

struct down {
    const char *dir;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct down, dir), N_("DIR"), N_("the sandbox's directory")},
    CLI_OPTIONS_END,
};

static int stop(const struct down *down, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    int64_t deadline = monotonic_ms() + (SANDBOX_PROGRAMS_MAX + 1) * (int64_t)STOP_MS;
    pid_t pid = 0;

    TRY(layout_init(down->dir, &layout, err));
    TRY(layout_running(&layout, &pid, err));
    if (kill(pid, SIGTERM) < 0)
        return FAIL_ERRNO(err, "cannot stop process %d", (int)pid);
    while (pid > 0) {
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "process %d does not stop", (int)pid);
        if (poll(NULL, 0, LOOK_EVERY_MS) < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "poll");
        TRY(layout_supervisor(&layout, &pid, err));
    }
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return stop(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_down = {
    .path = "down",
    .arguments = "",
    .description = N_("stop everything and return when nothing is left"),
    .options = options,
    .size = sizeof(struct down),
    .run = run,
};
