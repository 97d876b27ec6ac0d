/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With --detach the supervisor is a child in a session of its own; the parent waits until it says
 * over a pipe that it is ready or why not.
 */
#include "programs/jpki-sandbox/commands.h"

#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/box.h"
#include "sandbox/generations.h"
#include "sandbox/state.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct up {
    const char *dir;
    const char *timing;
    const char *generations;
    bool detach, json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct up, dir), N_("DIR"), N_("the sandbox's directory")},
    {0, "timing", CLI_TEXT, offsetof(struct up, timing), "fast|real",
     N_("revocations become known within seconds, or as in the real system")},
    {0, "generations", CLI_TEXT, offsetof(struct up, generations), "N",
     N_("have 2 or 3 generations of the CAs; what was issued before is of the one before")},
    {0, "detach", CLI_FLAG, offsetof(struct up, detach), NULL,
     N_("return once everything runs; stop it with 'jpki-sandbox down'")},
    {'j', "json", CLI_FLAG, offsetof(struct up, json), NULL,
     N_("print the state as JSON once everything runs")},
    CLI_OPTIONS_END,
};

struct teller {
    const struct up *up;
    int report_fd;     /* -1: not detached */
    bool has_terminal; /* and goes with it */
};

/* SIGHUP means "look at what is plugged in", so a closed terminal is noticed by itself. */
static bool is_wanted(void *context)
{
    const struct teller *teller = context;
    struct pollfd terminal = {.fd = STDIN_FILENO};

    return !teller->has_terminal || poll(&terminal, 1, 0) <= 0 ||
           (terminal.revents & (POLLHUP | POLLERR)) == 0;
}

static void tell_progress(void *context, const char *name)
{
    const struct teller *teller = context;

    if (!teller->up->json)
        (void)fprintf(stderr, tr("starting %s\n"), name);
}

static int show(const char *dir, bool as_json, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *state = NULL;

    TRY(layout_init(dir, &layout, err));
    TRY(state_load(&layout, &state, err));
    TRY(as_json ? output_json(state, err) : print_state(state, err));
    (void)fflush(stdout);
    return 0;
}

static void tell_ready(void *context, const char *dir)
{
    const struct teller *teller = context;
    struct err err = {0};

    if (show(dir, teller->up->json, &err) < 0)
        (void)fail(&err);
    if (!teller->up->json && teller->report_fd < 0)
        (void)fprintf(stderr, "%s\n", tr("Everything runs. Stop it with Ctrl-C."));
    if (teller->report_fd < 0)
        return;
    /* The terminal is the parent's again, once it has read this. */
    if (write(teller->report_fd, "", 1) != 1)
        (void)raise(SIGTERM);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    (void)close(null);
}

static void tell_trouble(void *context, const struct err *err)
{
    (void)context;
    (void)fprintf(stderr, "jpki-sandbox: %s\n", err->text);
}

static int run(const struct up *up, int report_fd)
{
    CLEANUP(free_text) char *folder = NULL;
    struct teller teller = {up, report_fd, report_fd < 0 && isatty(STDIN_FILENO)};
    struct box_options box = {
        .dir = up->dir,
        .progress = tell_progress,
        .ready = tell_ready,
        .trouble = tell_trouble,
        .is_wanted = is_wanted,
        .context = &teller,
    };
    struct err err = {0};

    (void)umask(077);
    if (up->timing != NULL && timetable_from_name(up->timing, &box.timetable, &err) < 0)
        return fail(&err);
    if (up->generations != NULL && generations_read(up->generations, &box.generations, &err) < 0)
        return fail(&err);
    if (own_folder(&folder, &err) < 0)
        return fail(&err);
    box.bin_dir = folder;
    return box_run(&box, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

static int run_detached(const struct up *up)
{
    struct err err = {0};
    int ends[2];
    int status = 0;
    char byte;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        (void)FAIL_ERRNO(&err, "pipe");
        return fail(&err);
    }
    pid_t pid = fork();
    if (pid < 0) {
        (void)FAIL_ERRNO(&err, "fork");
        return fail(&err);
    }
    if (pid == 0) {
        fd_done(&ends[0]);
        (void)setsid();
        return run(up, ends[1]);
    }
    fd_done(&ends[1]);
    ssize_t got = read(ends[0], &byte, 1);
    fd_done(&ends[0]);
    if (got == 1)
        return EXIT_CODE_DONE;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return EXIT_CODE_INTERNAL;
    return WEXITSTATUS(status);
}

static int run_up(const void *parsed, int argc, char *const argv[])
{
    const struct up *up = parsed;

    (void)argc;
    (void)argv;
    return up->detach ? run_detached(up) : run(up, -1);
}

const struct cli_command command_up = {
    .path = "up",
    .arguments = "",
    .description = N_("start everything and stay until Ctrl-C"),
    .options = options,
    .size = sizeof(struct up),
    .run = run_up,
};
