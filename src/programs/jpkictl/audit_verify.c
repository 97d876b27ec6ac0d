/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl audit verify: read the audit log of a daemon and hash it again. With a file in which the
 * last visit is kept only what is new is read, and a log whose past has changed since is found out.
 */
#include "programs/jpkictl/commands.h"

#include "audit/export.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/log.h"
#include "programs/output.h"
#include "programs/progress.h"

#include <stdio.h>

enum { KEPT_MAX = 8192 };

struct options {
    const char *socket, *state;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the daemon")},
    {'k', "state", CLI_TEXT, offsetof(struct options, state), N_("FILE"),
     N_("go on from what was verified last, and keep it there")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* Nothing was verified before if there is no file. */
static int read_state(const char *path, struct merkle_frontier *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(json_freep) struct json *kept = NULL;
    int rc;

    if (path == NULL)
        return 0;
    rc = file_read(path, KEPT_MAX, &file, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    rc = json_parse(buf_bytes(&file), &kept, err);
    if (rc == 0)
        rc = audit_follower_get(kept, ret, err);
    return err_prefix(err, rc, "%s", path);
}

static int write_state(const char *path, const struct merkle_frontier *log, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(json_freep) struct json *kept = NULL;

    if (path == NULL)
        return 0;
    TRY(audit_follower_put(log, &kept, err));
    TRY(json_write(kept, &file, err));
    TRY(buf_append_byte(&file, '\n', err));
    return file_replace(path, 0600, buf_bytes(&file), err);
}

/* The daemon's tree of as many records as were followed has their root. */
static int compare(const char *socket, const struct merkle_frontier *log, struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    int rc;

    if (log->size == 0)
        return 0;
    rc = log_tree(socket, (int64_t)log->size, 0, &tree, err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_UNTRUSTED,
                    "the log is shorter than the %llu records that were verified before",
                    (unsigned long long)log->size);
    TRY(rc);
    return log_blame(audit_agree(log, tree, err), err);
}

/* How many records the log has by now: what progress is measured by. */
static int count_records(const char *socket, uint64_t *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    int64_t size;

    TRY(log_tree(socket, 0, 0, &tree, err));
    TRY(log_blame(json_get_int(tree, "size", &size, err), err));
    *ret = size < 0 ? 0 : (uint64_t)size;
    return 0;
}

static int follow_page(const char *socket, struct merkle_frontier *log, bool *ret_more,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *page = NULL;
    uint64_t before = log->size;
    char since[24];

    (void)snprintf(since, sizeof since, "%llu", (unsigned long long)log->size);
    TRY(log_page(socket, since, &page, err));
    TRY(log_blame(audit_follow(log, page, err), err));
    TRY(log_blame(json_get_bool(page, "more", ret_more, err), err));
    if (*ret_more && log->size == before)
        return FAIL(err, ERR_REMOTE, "the daemon tells the same page for ever");
    return 0;
}

static int follow(const char *socket, struct merkle_frontier *log, struct err *err)
{
    struct progress progress;
    bool more = true;
    uint64_t total;
    int rc = 0;

    TRY(count_records(socket, &total, err));
    progress = progress_start(tr("records"), total);
    while (rc == 0 && more) {
        rc = follow_page(socket, log, &more, err);
        progress_at(&progress, log->size);
    }
    progress_end(&progress);
    return rc;
}

static int show(const struct options *options, uint64_t before, const struct merkle_frontier *log,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct merkle_hash root;
    const char *text;

    TRY(merkle_frontier_root(log, &root, err));
    TRY(log_root_text(&root, &hex, err));
    TRY(buf_text(&hex, &text, err));
    if (!options->json) {
        printf(tr("%llu records, %llu of them new: as they were written\nroot %s\n"),
               (unsigned long long)log->size, (unsigned long long)(log->size - before), text);
        return 0;
    }
    TRY(json_put_int(body, "records", (int64_t)log->size, err));
    TRY(json_put_int(body, "new", (int64_t)(log->size - before), err));
    TRY(json_put_text(body, "root", text, err));
    return output_json(body, err);
}

static int take_lines(FILE *file, struct audit_export *export, struct err *err)
{
    CLEANUP(free_text) char *line = NULL;
    size_t room = 0;
    ssize_t len;

    while ((len = getline(&line, &room, file)) > 0) {
        size_t rest = (size_t)len - (line[len - 1] == '\n');

        TRY(audit_export_take(export, bytes_of(line, rest), err));
    }
    if (ferror(file))
        return FAIL_ERRNO(err, "cannot read it");
    return audit_export_end(export, err);
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

/* What audit export has written, without the daemon. */
static int verify_file(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(close_file) FILE *file = NULL;
    struct audit_export export = {.is_over = false};

    if (options->socket != NULL || options->state != NULL)
        return FAIL(err, ERR_USAGE, "a file is judged by itself, without --socket or --state");
    file = fopen(path, "re");
    if (file == NULL)
        return FAIL(err, ERR_INPUT, "%s cannot be opened", path);
    TRY(err_prefix(err, take_lines(file, &export, err), "%s", path));
    return show(options, 0, &export.log, err);
}

static int verify(const struct options *options, struct err *err)
{
    struct merkle_frontier log = {0};
    uint64_t before;

    TRY(read_state(options->state, &log, err));
    before = log.size;
    TRY(compare(options->socket, &log, err));
    TRY(follow(options->socket, &log, err));
    TRY(compare(options->socket, &log, err));
    TRY(write_state(options->state, &log, err));
    return show(options, before, &log, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    return (argc == 1 ? verify_file(parsed, argv[0], &err) : verify(parsed, &err)) < 0
               ? fail(&err)
               : EXIT_CODE_DONE;
}

const struct cli_command command_audit_verify = {
    .path = "audit verify",
    .arguments = "[FILE]",
    .description = N_("read the audit log of a daemon and see whether it is as it was written"),
    .options = rows,
    .size = sizeof(struct options),
    .max_arguments = 1,
    .run = run,
};
