/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox runs as a child in the foreground, so that the kernel ends it with us. "--json"
 * makes it print one line when everything runs.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STOP_MS = 30000, STATE_MAX = 65536 };

/* One line, or what came before the end. */
static int read_line(int fd, struct buf *ret, struct err *err)
{
    char byte = 0;

    while (byte != '\n') {
        ssize_t got = read(fd, &byte, 1);
        if (got < 0)
            return FAIL_ERRNO(err, "cannot read from jpki-sandbox");
        if (got == 0)
            return FAIL(err, ERR_REMOTE, "jpki-sandbox up ended before everything ran");
        if (ret->len == STATE_MAX)
            return FAIL(err, ERR_REMOTE, "jpki-sandbox up says too much");
        TRY(buf_append_byte(ret, (uint8_t)byte, err));
    }
    return 0;
}

static int wait_ready(int fd, struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    return read_line(fd, &line, err);
}

int lab_up(struct lab *lab, struct err *err)
{
    CLEANUP(fd_done) int read_fd = -1;
    CLEANUP(fd_done) int write_fd = -1;
    char dir[] = "/tmp/jpki-bench-XXXXXX";
    int ends[2];

    TRY(beside("jpki-sandbox", &lab->program, err));
    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&lab->dir, err, "%s", dir));
    if (pipe2(ends, O_CLOEXEC) < 0)
        return FAIL_ERRNO(err, "pipe");
    read_fd = ends[0];
    write_fd = ends[1];
    const char *const argv[] = {lab->program, "up", "--json", "--dir", lab->dir, NULL};
    struct process process = {.argv = argv, .output_fd = write_fd, .identity = IDENTITY_OWNER};
    int64_t started = monotonic_us();
    TRY(process_start(&process, &lab->pid, err));
    fd_done(&write_fd);
    TRY(wait_ready(read_fd, err));
    lab->ready_us = (double)(monotonic_us() - started);
    return 0;
}

static int has_reader(const struct lab *lab, bool *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *state = NULL;
    const char *const argv[] = {lab->program, "status", "--json", "--dir", lab->dir, NULL};
    double unused = 0;

    TRY(run_command(argv, &unused, &text, err));
    while (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    TRY(json_parse(buf_bytes(&text), &state, err));
    return json_get_bool(state, "reader", ret, err);
}

int lab_insert_card(struct lab *lab, struct err *err)
{
    CLEANUP(free_text) char *comm = NULL;
    const char *const argv[] = {lab->program, "persona", "card", "hanako", "--dir", lab->dir, NULL};
    bool is_there = false;
    double unused = 0;

    TRY(has_reader(lab, &is_there, err));
    if (!is_there)
        return FAIL(err, ERR_ABSENT, "this machine does not permit the namespaces of a reader");
    TRY(run_command(argv, &unused, NULL, err));
    TRY(path_format(&comm, err, "%s/pcscd/pcscd.comm", lab->dir));
    if (setenv("PCSCLITE_CSOCK_NAME", comm, 1) < 0)
        return FAIL_NOMEM(err);
    return 0;
}

void lab_down(struct lab *lab)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", lab->dir, NULL};
    double unused = 0;

    process_stop(lab->pid, STOP_MS);
    lab->pid = 0;
    /* What cannot be removed is only a directory below /tmp. */
    if (lab->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", lab->dir);
    free_text(&lab->dir);
    free_text(&lab->program);
}
