/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 20, SCHEDSTAT_MAX = 4096 };

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof values[0], compare);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

void bench_set_ours(struct bench_result *result, double *values, size_t count)
{
    result->ours = median(values, count); /* which leaves them in order */
    result->min = values[0];
    result->max = values[count - 1];
}

void bench_add_goal(struct bench_result *result, const struct bench_goal *goal)
{
    if (result->goal_count < BENCH_GOALS_MAX)
        result->goals[result->goal_count++] = *goal;
}

void bench_add_part(struct bench_result *result, const struct bench_part *part)
{
    if (result->part_count < BENCH_PARTS_MAX)
        result->parts[result->part_count++] = *part;
}

int beside(const char *relative, char **ret, struct err *err)
{
    char path[PATH_MAX];

    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len < 0)
        return FAIL_ERRNO(err, "cannot find out where this program lies");
    path[len] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return FAIL(err, ERR_SYSTEM, "this program has no folder");
    *slash = '\0';
    return path_format(ret, err, "%s/%s", path, relative);
}

int run_command(const char *const argv[], double *ret_us, struct buf *ret_out, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(fd_done) int read_fd = -1;
    CLEANUP(fd_done) int write_fd = -1;
    /* What others say about their work belongs into no measurement. */
    struct process process = {.argv = argv, .log_path = "/dev/null", .identity = IDENTITY_OWNER};
    char ending[PROCESS_ENDING_SIZE];
    int ends[2];
    int status = 0;
    pid_t pid = 0;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return FAIL_ERRNO(err, "pipe");
    read_fd = ends[0];
    write_fd = ends[1];
    process.output_fd = write_fd;
    int64_t started = monotonic_us();
    TRY(process_start(&process, &pid, err));
    fd_done(&write_fd);
    int rc = file_read_fd(read_fd, OUTPUT_MAX, &out, err);
    if (rc < 0) {
        process_stop(pid, 0);
        return rc;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *ret_us = (double)(monotonic_us() - started);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        process_ending(status, ending);
        return FAIL(err, ERR_REMOTE, "%s %s %s", argv[0], argv[1] == NULL ? "" : argv[1], ending);
    }
    if (ret_out != NULL)
        buf_move(ret_out, &out);
    return 0;
}

int time_command(const char *const argv[], double *ret_us, struct err *err)
{
    double times[BENCH_RUNS];

    for (unsigned run = 0; run < BENCH_RUNS; run++)
        TRY(run_command(argv, &times[run], NULL, err));
    *ret_us = median(times, BENCH_RUNS);
    return 0;
}

static int thread_time_us(pid_t pid, const char *thread, double *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf times = BUF_INIT;
    const char *text;

    TRY(path_format(&path, err, "/proc/%d/task/%s/schedstat", (int)pid, thread));
    TRY(file_read(path, SCHEDSTAT_MAX, &times, err));
    TRY(buf_text(&times, &text, err));
    *ret = strtod(text, NULL) / 1e3;
    return 0;
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

int processor_time_us(pid_t pid, double *ret_us, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(dir_done) DIR *threads = NULL;
    const struct dirent *entry;
    double sum = 0;
    double one = 0;

    TRY(path_format(&path, err, "/proc/%d/task", (int)pid));
    threads = opendir(path);
    if (threads == NULL)
        return FAIL_ERRNO(err, "%s", path);
    while ((entry = readdir(threads)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        TRY(thread_time_us(pid, entry->d_name, &one, err));
        sum += one;
    }
    *ret_us = sum;
    return 0;
}

static int put_number(struct json *object, const char *key, double number, bool is_there,
                      struct err *err)
{
    return is_there ? json_put_real(object, key, number, err) : json_put_null(object, key, err);
}

static bool is_met(const struct bench_goal *goal)
{
    return goal->is_least ? goal->ratio >= goal->goal : goal->ratio <= goal->goal;
}

static int put_goals(struct json *object, const struct bench_result *result, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < result->goal_count; i++) {
        const struct bench_goal *goal = &result->goals[i];
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(json_put_text(entry, "what", goal->what, err));
        TRY(json_put_real(entry, "ratio", goal->ratio, err));
        TRY(json_put_real(entry, goal->is_least ? "at_least" : "at_most", goal->goal, err));
        TRY(json_put_bool(entry, "met", is_met(goal), err));
        TRY(json_add(list, json_steal(&entry), err));
    }
    return json_put(object, "goals", json_steal(&list), err);
}

static int put_parts(struct json *object, const struct bench_result *result, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < result->part_count; i++) {
        const struct bench_part *part = &result->parts[i];
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(json_put_text(entry, "what", part->what, err));
        TRY(json_put_real(entry, "value", part->value, err));
        TRY(json_put_text(entry, "unit", part->unit, err));
        TRY(json_add(list, json_steal(&entry), err));
    }
    return json_put(object, "parts", json_steal(&list), err);
}

static int print_json(const char *name, const struct bench_result *result, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    bool has_peer = result->peer > 0;
    bool has_limit = result->limit > 0;

    TRY(json_put_text(object, "name", name, err));
    TRY(put_number(object, "ours", result->ours, true, err));
    TRY(put_number(object, "peer", result->peer, has_peer, err));
    TRY(put_number(object, "limit", result->limit, has_limit, err));
    TRY(put_number(object, "ratio_peer", has_peer ? result->ours / result->peer : 0, has_peer,
                   err));
    TRY(put_number(object, "ratio_limit", has_limit ? result->ours / result->limit : 0, has_limit,
                   err));
    TRY(put_number(object, "min", result->min, result->max > 0, err));
    TRY(put_number(object, "max", result->max, result->max > 0, err));
    TRY(put_goals(object, result, err));
    TRY(put_parts(object, result, err));
    TRY(json_put_text(object, "unit", result->unit, err));
    TRY(json_put_text(object, "note", result->note, err));
    return output_json(object, err);
}

static void print_text(const char *name, const struct bench_result *result)
{
    printf("%-10s ours %.3f %s", name, result->ours, result->unit);
    if (result->max > 0)
        printf(" (%.3f to %.3f)", result->min, result->max);
    if (result->peer > 0)
        printf(", peer %.3f: ratio %.2f", result->peer, result->ours / result->peer);
    if (result->limit > 0)
        printf(", limit %.3f: ratio %.2f", result->limit, result->ours / result->limit);
    printf("\n           %s\n", result->note);
    for (size_t i = 0; i < result->part_count; i++) {
        const struct bench_part *part = &result->parts[i];

        printf("           %.3f %s: %s\n", part->value, part->unit, part->what);
    }
    for (size_t i = 0; i < result->goal_count; i++) {
        const struct bench_goal *goal = &result->goals[i];

        printf("           %.2f %s, %s %.2f: %s\n", goal->ratio, goal->what,
               goal->is_least ? "at least" : "at most", goal->goal,
               is_met(goal) ? "met" : "not met");
    }
}

int bench_run(const char *name, bench_fn *measure, bool as_json)
{
    struct bench_result result = {0};
    struct err err = {0};

    (void)fprintf(stderr, "measuring %s ...\n", name);
    int rc = measure(&result, &err);
    if (rc == 0 && as_json)
        rc = print_json(name, &result, &err);
    if (rc < 0)
        return exit_report("jpki-bench", &err);
    if (!as_json)
        print_text(name, &result);
    (void)fflush(stdout);
    return EXIT_CODE_DONE;
}
