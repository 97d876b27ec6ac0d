/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "programs/jpki-bench/softcard.h"
#include "sandbox/process.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARDS = 1000, READY_MS = 120000, LOOK_MS = 50, STOP_MS = 30000, CARD_MAX = 1 << 20 };
enum { GOAL_MB = 200, STATUS_MAX = 65536, STATUS = 4 };

static const uint8_t select_jpki[] = {0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0,
                                      0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

struct many {
    char *names[CARDS];
    const char *argv[CARDS + 5];
    pid_t pid;
};

static void many_done(struct many *many)
{
    process_stop(many->pid, STOP_MS);
    for (int i = 0; i < CARDS; i++)
        free_text(&many->names[i]);
}

/* Its three files once more. */
static int copy_card(const struct softcard *softcard, const char *to, struct err *err)
{
    static const char *const endings[] = {"", ".counters", ".key"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        CLEANUP(free_text) char *from_file = NULL;
        CLEANUP(free_text) char *to_file = NULL;
        CLEANUP(buf_done) struct buf contents = BUF_INIT;
        CLEANUP(fd_done) int fd = -1;

        TRY(path_format(&from_file, err, "%s%s", softcard->card, endings[i]));
        TRY(path_format(&to_file, err, "%s%s", to, endings[i]));
        TRY(file_read(from_file, CARD_MAX, &contents, err));
        fd = open(to_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            return FAIL_ERRNO(err, "%s", to_file);
        TRY(file_write_all(fd, buf_bytes(&contents), err));
    }
    return 0;
}

static int start(const struct softcard *softcard, struct many *many, struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    struct process process = {
        .argv = many->argv, .log_path = "/dev/null", .identity = IDENTITY_OWNER};
    size_t count = 0;

    TRY(beside("jpki-softcard", &program, err));
    many->argv[count++] = program;
    many->argv[count++] = "serve";
    many->argv[count++] = "--socket-dir";
    many->argv[count++] = softcard->dir;
    for (int i = 0; i < CARDS; i++) {
        TRY(path_format(&many->names[i], err, "%s/%d", softcard->dir, i));
        TRY(copy_card(softcard, many->names[i], err));
        many->argv[count++] = many->names[i];
    }
    return process_start(&process, &many->pid, err);
}

/* Each card answers, so each is there. */
static int ask_all(const struct many *many, struct err *err)
{
    int64_t until_ms = monotonic_ms() + READY_MS;

    for (int i = 0; i < CARDS; i++) {
        CLEANUP(free_text) char *path = NULL;
        CLEANUP(fd_done) int fd = -1;
        double unused;

        TRY(path_format(&path, err, "%s.direct", many->names[i]));
        while (sock_connect(path, &fd, err) < 0) {
            if (monotonic_ms() > until_ms)
                return -ERR_REMOTE;
            (void)poll(NULL, 0, LOOK_MS);
        }
        TRY(softcard_exchange(fd, BYTES_ARRAY(select_jpki), STATUS, 1, &unused, err));
    }
    return 0;
}

static int measure_memory(pid_t pid, double *ret_mb, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf status = BUF_INIT;
    const char *text;
    const char *at;

    TRY(path_format(&path, err, "/proc/%d/status", (int)pid));
    TRY(file_read(path, STATUS_MAX, &status, err));
    TRY(buf_text(&status, &text, err));
    at = strstr(text, "VmHWM:");
    if (at == NULL)
        return FAIL(err, ERR_SYSTEM, "%s does not tell the memory", path);
    *ret_mb = strtod(at + strlen("VmHWM:"), NULL) * 1024 / 1e6;
    return 0;
}

/* Memory is counted and not timed: one round says what five would. */
int bench_card_many(struct bench_result *ret, struct err *err)
{
    CLEANUP(softcard_down) struct softcard softcard = SOFTCARD_INIT;
    CLEANUP(many_done) struct many many = {.pid = 0};
    double mb = 0;

    TRY(softcard_up(&softcard, err));
    TRY(softcard_personalise(&softcard, err));
    TRY(start(&softcard, &many, err));
    TRY(ask_all(&many, err));
    TRY(measure_memory(many.pid, &mb, err));
    *ret = (struct bench_result){
        .ours = mb,
        .limit = GOAL_MB,
        .unit = "MB",
        .note = "the most memory of one process that is 1000 personalised cards, each asked once; "
                "limit: the goal",
    };
    return 0;
}
