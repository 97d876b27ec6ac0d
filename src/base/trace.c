/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line is one write() to a file opened with O_APPEND, so that lines of threads and processes
 * do not mix. at_us is the monotonic clock: the same for all processes of a machine, and in order
 * also while a calendar clock is moved. utc, in seconds, is for people, who know no other clock.
 */
#include "base/trace.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    const char *program;
    int fd;
} trace_state = {"jpki", -1};

int trace_open(const char *program, struct err *err)
{
    const char *path = secure_getenv("JPKI_TRACE");

    trace_close();
    if (path == NULL || path[0] == '\0')
        return 0;
    /* Not through a link: the folder may be one that others write to as well. */
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return FAIL_ERRNO(err, "cannot open the trace %s", path);
    trace_state.program = program;
    trace_state.fd = fd;
    return 0;
}

bool trace_is_open(void)
{
    return trace_state.fd >= 0;
}

static int64_t utc_of(int64_t at_us)
{
    return clock_now(&clock_system) - (monotonic_us() - at_us) / 1000000;
}

static int build_line(int64_t at_us, const char *flow, const char *step, const char *text,
                      const char *trace_id, struct buf *ret)
{
    CLEANUP(json_freep) struct json *line = json_object_new();

    TRY(json_put_int(line, "at_us", at_us, NULL));
    TRY(json_put_int(line, "utc", utc_of(at_us), NULL));
    TRY(json_put_text(line, "program", trace_state.program, NULL));
    TRY(json_put_int(line, "pid", getpid(), NULL));
    TRY(json_put_text(line, "flow", flow, NULL));
    TRY(json_put_text(line, "step", step, NULL));
    TRY(json_put_text(line, "text", text, NULL));
    TRY(json_put_optional(line, "trace_id", trace_id, NULL));
    TRY(json_write(line, ret, NULL));
    return buf_append_byte(ret, '\n', NULL);
}

void trace_step(const char *flow, const char *step, const char *text, const char *trace_id)
{
    trace_step_at(monotonic_us(), flow, step, text, trace_id);
}

void trace_step_at(int64_t at_us, const char *flow, const char *step, const char *text,
                   const char *trace_id)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    if (!trace_is_open())
        return;
    if (build_line(at_us, flow, step, text, trace_id, &line) < 0 ||
        file_write_all(trace_state.fd, buf_bytes(&line), NULL) < 0)
        return;
}

void trace_close(void)
{
    fd_done(&trace_state.fd);
    trace_state.fd = -1;
}
