/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/state.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/powers_file.h"

#include <unistd.h>

static int program_json(const struct layout *layout, const struct program_status *status,
                        struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *row = json_object_new();
    CLEANUP(free_text) char *log = NULL;

    TRY(path_format(&log, err, "%s/log/%s.log", layout->dir, status->name));
    TRY(json_put_text(row, "name", status->name, err));
    TRY(json_put_text(row, "state", program_state_name(status->state), err));
    if (status->pid > 0)
        TRY(json_put_int(row, "pid", status->pid, err));
    else
        TRY(json_put_null(row, "pid", err));
    TRY(json_put_int(row, "restarts", status->restarts, err));
    TRY(json_put_optional(row, "last_ending",
                          status->last_ending[0] == '\0' ? NULL : status->last_ending, err));
    TRY(json_put_optional(row, "socket", status->socket, err));
    TRY(json_put_text(row, "log", log, err));
    *ret = row;
    row = NULL;
    return 0;
}

static int programs_json(const struct layout *layout, const struct supervisor *supervisor,
                         struct json **ret, bool *ret_all_run, struct err *err)
{
    CLEANUP(json_freep) struct json *rows = json_array_new();
    bool all_run = true;

    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        struct program_status status = supervisor_status(supervisor, i);
        struct json *row = NULL;

        TRY(program_json(layout, &status, &row, err));
        TRY(json_add(rows, row, err));
        all_run = all_run && status.state == PROGRAM_RUNNING;
    }
    *ret = rows;
    rows = NULL;
    *ret_all_run = all_run;
    return 0;
}

/* Where programs outside reach the services that they would reach by HTTP in life. */
static int urls_json(const struct ports *ports, struct json **ret, struct err *err)
{
    const struct {
        const char *name;
        uint16_t port;
        const char *path;
    } rows[] = {{"page", ports->page},       {"platform", ports->platform},
                {"ocsp", ports->ocsp},       {"authority", ports->authority},
                {"authapp", ports->authapp}, {"portal", ports->portal},
                {"counter", ports->counter}, {"office", ports->portal, "/office"}};
    CLEANUP(json_freep) struct json *urls = json_object_new();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(free_text) char *url = NULL;

        TRY(path_format(&url, err, "http://127.0.0.1:%u%s", (unsigned)rows[i].port,
                        rows[i].path == NULL ? "" : rows[i].path));
        TRY(json_put_text(urls, rows[i].name, url, err));
    }
    *ret = json_steal(&urls);
    return 0;
}

/* The object that 'status --json' prints. */
static int state_json(const struct layout *layout, const struct supervisor *supervisor,
                      const struct state *state, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    struct json *programs = NULL;
    struct json *urls = NULL;
    bool all_run = false;

    TRY(json_put_int(object, "version", STATE_VERSION, err));
    TRY(json_put_int(object, "pid", getpid(), err));
    TRY(json_put_text(object, "directory", layout->dir, err));
    TRY(json_put_bool(object, "ready", state->is_ready, err));
    TRY(programs_json(layout, supervisor, &programs, &all_run, err));
    TRY(json_put(object, "programs", programs, err));
    TRY(json_put_bool(object, "healthy", state->is_ready && all_run, err));
    TRY(urls_json(state->ports, &urls, err));
    TRY(json_put(object, "urls", urls, err));
    TRY(json_put_text(object, "timing", timetable_name(state->timetable), err));
    TRY(json_put_bool(object, "reader", state->no_reader == NULL, err));
    TRY(json_put_optional(object, "no_reader_reason", state->no_reader, err));
    TRY(json_put_bool(object, "separate_users", state->are_users_separate, err));
    TRY(json_put_optional(object, "plugged", state->plugged, err));
    TRY(json_put_optional(object, "plug_request", state->plug_request, err));
    TRY(json_put_optional(object, "plug_refusal", state->plug_refusal, err));
    *ret = object;
    object = NULL;
    return 0;
}

int state_write(const struct layout *layout, const struct supervisor *supervisor,
                const struct state *state, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(state_json(layout, supervisor, state, &object, err));
    TRY(json_write(object, &text, err));
    TRY(layout_path(layout, STATE_FILE, &path, err));
    return file_replace(path, 0640, buf_bytes(&text), err);
}

int state_load(const struct layout *layout, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int64_t version = 0;

    TRY(layout_path(layout, STATE_FILE, &path, err));
    int rc = file_read(path, SANDBOX_STATE_BYTES_MAX, &text, err);
    if (err_kind_of(rc) == ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the sandbox in %s is just starting", layout->dir);
    TRY(rc);
    TRY(err_prefix(err, json_parse(buf_bytes(&text), &object, err), "%s", path));
    TRY(err_prefix(err, json_get_int(object, "version", &version, err), "%s", path));
    if (version != STATE_VERSION)
        return FAIL(err, ERR_CONFLICT, "the sandbox in %s is run by another version of OpenJPKI",
                    layout->dir);
    *ret = object;
    object = NULL;
    return 0;
}

/* What is set changes without the supervisor, so it is not in the file. */
static int add_powers(const struct layout *layout, struct json *object, struct err *err)
{
    CLEANUP(powers_page_done) struct powers_page *page = NULL;
    struct json *set = NULL;

    TRY(powers_file_map(layout, &page, err));
    TRY(powers_json(page, &set, err));
    return json_put(object, "powers", set, err);
}

int state_read(const struct layout *layout, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    pid_t pid = 0;

    TRY(layout_running(layout, &pid, err));
    TRY(state_load(layout, &object, err));
    TRY(add_powers(layout, object, err));
    *ret = json_steal(&object);
    return 0;
}
