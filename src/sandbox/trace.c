/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/trace.h"

#include "base/file.h"
#include "sandbox/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct moment {
    int64_t at_us;
    struct json *step;
};

struct moments {
    struct moment *list;
    size_t count, room;
};

static void moments_done(struct moments *moments)
{
    for (size_t i = 0; i < moments->count; i++)
        json_free(moments->list[i].step);
    free(moments->list);
}

/* Doubled by hand: realloc is not for this tree. */
static int make_room(struct moments *moments, struct err *err)
{
    size_t room = moments->room == 0 ? 64 : 2 * moments->room;

    if (moments->count < moments->room)
        return 0;
    struct moment *list = calloc(room, sizeof *list);
    if (list == NULL)
        return FAIL_NOMEM(err);
    if (moments->count > 0)
        memcpy(list, moments->list, moments->count * sizeof *list);
    free(moments->list);
    moments->list = list;
    moments->room = room;
    return 0;
}

static int add_line(struct moments *moments, struct bytes line, struct err *err)
{
    static const char *const keys[] = {"at_us", "utc",  "program",  "pid", "flow",
                                       "step",  "text", "trace_id", NULL};
    CLEANUP(json_freep) struct json *step = NULL;
    const char *text;
    int64_t at_us;
    int64_t number;

    TRY(json_parse(line, &step, err));
    TRY(json_only(step, keys, err));
    TRY(json_get_int(step, "at_us", &at_us, err));
    TRY(json_get_int(step, "utc", &number, err));
    TRY(json_get_int(step, "pid", &number, err));
    TRY(json_get_text(step, "program", &text, err));
    TRY(json_get_text(step, "flow", &text, err));
    TRY(json_get_text(step, "step", &text, err));
    TRY(json_get_text(step, "text", &text, err));
    TRY(make_room(moments, err));
    moments->list[moments->count++] = (struct moment){at_us, json_steal(&step)};
    return 0;
}

/* A last line without an end is being written just now. */
static int add_file(struct moments *moments, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t from = 0;

    TRY(file_read(path, SANDBOX_TRACE_BYTES_MAX, &text, err));
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n')
            continue;
        TRY(err_prefix(err, add_line(moments, bytes_of(text.ptr + from, i - from), err), "%s",
                       path));
        from = i + 1;
    }
    return 0;
}

static bool is_trace(const char *name)
{
    size_t len = strlen(name);

    return len > 6 && strcmp(name + len - 6, ".jsonl") == 0;
}

/* Each file of the folder. */
static int walk(const char *folder, struct moments *moments,
                int (*visit)(struct moments *moments, const char *path, struct err *err),
                struct err *err)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, NULL, alphasort);
    int rc = 0;

    if (count < 0 && errno == ENOENT)
        return 0;
    if (count < 0)
        return FAIL_ERRNO(err, "%s", folder);
    for (int i = 0; i < count; i++) {
        CLEANUP(free_text) char *path = NULL;

        if (rc == 0 && is_trace(names[i]->d_name)) {
            rc = path_format(&path, err, "%s/%s", folder, names[i]->d_name);
            if (rc == 0)
                rc = visit(moments, path, err);
        }
        free(names[i]);
    }
    free(names);
    return rc;
}

static int by_time(const void *a, const void *b)
{
    int64_t left = ((const struct moment *)a)->at_us;
    int64_t right = ((const struct moment *)b)->at_us;

    return (left > right) - (left < right);
}

int trace_read(const struct layout *layout, struct json **ret, struct err *err)
{
    CLEANUP(moments_done) struct moments moments = {NULL, 0, 0};
    CLEANUP(json_freep) struct json *steps = json_array_new();
    CLEANUP(free_text) char *folder = NULL;

    TRY(layout_path(layout, "trace", &folder, err));
    TRY(walk(folder, &moments, add_file, err));
    if (moments.count > 0)
        qsort(moments.list, moments.count, sizeof *moments.list, by_time);
    for (size_t i = 0; i < moments.count; i++)
        TRY(json_add(steps, json_steal(&moments.list[i].step), err));
    *ret = json_steal(&steps);
    return 0;
}

static int empty_file(struct moments *moments, const char *path, struct err *err)
{
    (void)moments;
    return truncate(path, 0) < 0 ? FAIL_ERRNO(err, "%s", path) : 0;
}

int trace_forget(const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *folder = NULL;

    TRY(layout_path(layout, "trace", &folder, err));
    return walk(folder, NULL, empty_file, err);
}

int trace_provide(const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, TRACE_OF_OWNER, &path, err));
    CLEANUP(fd_done)
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0 || fchmod(fd, 0640) < 0)
        return FAIL_ERRNO(err, "cannot make the trace %s", path);
    return 0;
}

int trace_json(const struct layout *layout, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *steps = NULL;

    TRY(layout_check(layout, err));
    TRY(trace_read(layout, &steps, err));
    TRY(json_put(object, "steps", json_steal(&steps), err));
    *ret = json_steal(&object);
    return 0;
}
