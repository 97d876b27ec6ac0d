/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two children: one is the card, in a socket in a folder of its own; the other is the command. This
 * process waits for the command, ends the card, and removes the folder.
 */
#include "programs/jpki-softcard/commands.h"

#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/sock.h"
#include "programs/exit.h"
#include "programs/jpki-softcard/serving.h"
#include "programs/jpki-softcard/socket_folder.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 30000, LOOK_MS = 5, STATUS_NO_COMMAND = 127, STATUS_SIGNAL = 128 };

struct exec_options {
    const char *atr;
    const char *key_file;
    const char *option;
    const char *trouble;
    const char *trace;
};

static const struct cli_option options[] = {
    {'a', "atr", CLI_TEXT, offsetof(struct exec_options, atr), N_("KIND"),
     N_("contactless (if not given) or contact")},
    {'k', "key-file", CLI_TEXT, offsetof(struct exec_options, key_file), N_("FILE"),
     N_("the key that seals the card; CARD.key if not given")},
    {'O', "option", CLI_TEXT, offsetof(struct exec_options, option), N_("NAME=VALUE"),
     N_("what the card does where sources disagree; several with commas")},
    {'t', "trouble", CLI_TEXT, offsetof(struct exec_options, trouble), N_("NAME=VALUE"),
     N_("what is wrong with the card, as POST /v1/trouble; several with commas")},
    {'T', "trace", CLI_TEXT, offsetof(struct exec_options, trace), N_("FILE"),
     N_("append what is said to the card and what it answers, without PINs")},
    CLI_OPTIONS_END,
};

/* What is taken away at the end, in whatever state it is. */
struct stage {
    struct socket_folder folder;
    char *drop_in;
    pid_t card;
};

static void end(pid_t pid)
{
    if (pid <= 0)
        return;
    (void)kill(pid, SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void stage_done(struct stage *stage)
{
    end(stage->card);
    socket_folder_done(&stage->folder);
    free_text(&stage->drop_in);
}

/* In the folder of a build, or where it is installed. */
static int find_library(char **ret, struct err *err)
{
    static const char *const places[] = {"../lib-softpcsc", SOFTPCSC_FROM_BIN};
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

    if (len < 0)
        return FAIL_ERRNO(err, "cannot find out where this program lies");
    path[len] = '\0';
    *strrchr(path, '/') = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        CLEANUP(free_text) char *folder = NULL;
        CLEANUP(free_text) char *library = NULL;

        TRY(path_format(&folder, err, "%s/%s", path, places[i]));
        TRY(path_format(&library, err, "%s/libpcsclite.so.1", folder));
        if (access(library, R_OK) != 0)
            continue;
        *ret = realpath(folder, NULL);
        return *ret == NULL ? FAIL_ERRNO(err, "%s", folder) : 0;
    }
    return FAIL(err, ERR_SYSTEM, "the library libjpki-softpcsc is not installed");
}

/* The first child. Ends with its parent, whatever became of it. */
static int be_card(const struct exec_options *given, const char *card, const struct stage *stage,
                   pid_t parent)
{
    const struct serving_options serving = {.cards = &card,
                                            .count = 1,
                                            .pcsc = stage->folder.socket,
                                            .atr = given->atr,
                                            .key_file = given->key_file,
                                            .option = given->option,
                                            .trouble = given->trouble,
                                            .trace = given->trace};
    CLEANUP(fd_done) int signals = -1;
    struct err err = {.kind = ERR_NONE};

    if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent || setpgid(0, 0) < 0)
        return EXIT_CODE_INTERNAL;
    if (daemon_harden(&err) < 0 || daemon_signals(&signals, &err) < 0)
        return fail(&err);
    (void)daemon_lock_memory();
    return serving_run(&serving, signals, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

static bool listens(const char *path)
{
    CLEANUP(fd_done) int fd = -1;

    return sock_connect(path, &fd, NULL) == 0;
}

/* Its own words are told already if it ends; *ret_status is its exit code then, else 0. */
static int wait_for_card(struct stage *stage, int *ret_status, struct err *err)
{
    int64_t until_ms = monotonic_ms() + START_MS;
    int status;

    while (!listens(stage->folder.socket)) {
        if (waitpid(stage->card, &status, WNOHANG) == stage->card) {
            stage->card = 0;
            *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CODE_INTERNAL;
            return 0;
        }
        if (monotonic_ms() > until_ms)
            return FAIL(err, ERR_SYSTEM, "the card does not start");
        (void)poll(NULL, 0, LOOK_MS);
    }
    return 0;
}

/* Before what is there already. */
static int set_path(const char *library, struct err *err)
{
    const char *before = secure_getenv("LD_LIBRARY_PATH");
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "%s%s%s", library, before == NULL ? "" : ":",
                    before == NULL ? "" : before));
    return setenv("LD_LIBRARY_PATH", path, 1) < 0 ? FAIL_ERRNO(err, "setenv") : 0;
}

/* The second child; comes back only if there is no such command. */
static int be_command(const struct stage *stage, char *const argv[])
{
    struct err err = {.kind = ERR_NONE};

    if (set_path(stage->drop_in, &err) < 0)
        return fail(&err);
    if (setenv("JPKI_SOFTPCSC", stage->folder.socket, 1) < 0)
        return EXIT_CODE_INTERNAL;
    (void)execvp(argv[0], argv);
    (void)FAIL(&err, ERR_INPUT, "cannot run %.100s: %s", argv[0], strerror(errno));
    (void)fail(&err);
    return STATUS_NO_COMMAND;
}

static pid_t command_pid;

/* What is meant for us is meant for the command; the terminal tells it by itself. */
static void pass_on(int number)
{
    if (command_pid > 0)
        (void)kill(command_pid, number);
}

static int run_command(const struct stage *stage, char *const argv[], int *ret_status,
                       struct err *err)
{
    const struct sigaction terminate = {.sa_handler = pass_on};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    int status = 0;
    pid_t pid;

    (void)sigaction(SIGINT, &ignore, &before);
    pid = fork();
    if (pid < 0)
        return FAIL_ERRNO(err, "cannot start a process");
    if (pid == 0) {
        (void)sigaction(SIGINT, &before, NULL);
        _exit(be_command(stage, argv));
    }
    command_pid = pid;
    (void)sigaction(SIGTERM, &terminate, NULL);
    (void)sigaction(SIGHUP, &terminate, NULL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *ret_status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

static int exec_command(const struct exec_options *given, int argc, char *const argv[],
                        int *ret_status, struct err *err)
{
    CLEANUP(stage_done) struct stage stage = {SOCKET_FOLDER_INIT, NULL, 0};
    pid_t parent = getpid();
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;

    if (argc <= first)
        return FAIL(err, ERR_USAGE, "which command shall be run?");
    TRY(find_library(&stage.drop_in, err));
    TRY(socket_folder_make("pcsc", &stage.folder, err));
    stage.card = fork();
    if (stage.card < 0)
        return FAIL_ERRNO(err, "cannot start a process");
    if (stage.card == 0)
        _exit(be_card(given, argv[0], &stage, parent));
    TRY(wait_for_card(&stage, ret_status, err));
    return stage.card == 0 ? 0 : run_command(&stage, argv + first, ret_status, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {.kind = ERR_NONE};
    int status = EXIT_CODE_DONE;

    log_open("jpki-softcard", LOG_LEVEL_WARNING);
    return exec_command(parsed, argc, argv, &status, &err) < 0 ? fail(&err) : status;
}

const struct cli_command command_exec = {
    .path = "exec",
    .arguments = N_("CARD COMMAND..."),
    .description = N_("run a command that has the card in its reader"),
    .options = options,
    .size = sizeof(struct exec_options),
    .min_arguments = 2,
    .max_arguments = INT_MAX,
    .run = run,
    .options_end_at_argument = true,
};
