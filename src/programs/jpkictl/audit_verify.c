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
#include "programs/jpkictl/seen.h"
#include "programs/output.h"
#include "programs/progress.h"

#include <stdio.h>

enum { KEPT_MAX = 8192 };

struct options {
    struct seen_options seen;
    const char *socket, *state;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the daemon")},
    {'k', "state", CLI_TEXT, offsetof(struct options, state), N_("FILE"),
     N_("go on from what was verified last, and keep it there")},
    SEEN_OPTIONS(offsetof(struct options, seen)),
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

/* What was verified. */
struct result {
    uint64_t before;
    struct merkle_frontier log;
    struct merkle_hash root;
    bool has_checkpoint;
    struct seen seen;
};

static int show_json(const struct result *result, const char *root, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_int(body, "records", (int64_t)result->log.size, err));
    TRY(json_put_int(body, "new", (int64_t)(result->log.size - result->before), err));
    TRY(json_put_text(body, "root", root, err));
    if (result->has_checkpoint)
        TRY(seen_put(&result->seen, body, err));
    return output_json(body, err);
}

static int show(const struct options *options, const struct result *result, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;

    TRY(log_root_text(&result->root, &hex, err));
    TRY(buf_text(&hex, &text, err));
    if (options->json)
        return show_json(result, text, err);
    printf(tr("%llu records, %llu of them new: as they were written\nroot %s\n"),
           (unsigned long long)result->log.size,
           (unsigned long long)(result->log.size - result->before), text);
    if (result->has_checkpoint)
        seen_print(&result->seen);
    return 0;
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

/* The checkpoint that stands in the file is by whom it has to be. */
static int check_export(const struct seen_keys *keys, const struct audit_export *export,
                        struct result *result, struct err *err)
{
    result->has_checkpoint = keys->is_asked;
    if (!keys->is_asked)
        return 0;
    if (export->note.len == 0)
        return FAIL(err, ERR_UNTRUSTED, "no checkpoint is in the file");
    return seen_check(keys, buf_bytes(&export->note), &result->seen, err);
}

/* What audit export has written, without the daemon. */
static int verify_export(const struct options *options, FILE *file, struct err *err)
{
    CLEANUP(audit_export_done) struct audit_export export = {.is_over = false};
    struct result result = {.before = 0};
    struct seen_keys keys;

    TRY(seen_load(&options->seen, &keys, err));
    TRY(take_lines(file, &export, err));
    TRY(check_export(&keys, &export, &result, err));
    result.log = export.log;
    TRY(merkle_frontier_root(&result.log, &result.root, err));
    return show(options, &result, err);
}

/* What audit prove has printed has no pages; its first line is all of it. */
static int is_proof(FILE *file, bool *ret, struct err *err)
{
    CLEANUP(free_text) char *line = NULL;
    CLEANUP(json_freep) struct json *json = NULL;
    size_t room = 0;
    ssize_t len = getline(&line, &room, file);

    *ret = len > 0 && json_parse(bytes_of(line, (size_t)len), &json, NULL) == 0 &&
           json_has(json, "record");
    return fseek(file, 0, SEEK_SET) == 0 ? 0 : FAIL_ERRNO(err, "cannot read it from its start");
}

static int verify_file(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(close_file) FILE *file = NULL;
    bool proof;

    if (options->socket != NULL || options->state != NULL || options->seen.witness_socket != NULL)
        return FAIL(err, ERR_USAGE, "a file is judged by itself, without --socket or --state");
    file = fopen(path, "re");
    if (file == NULL)
        return FAIL(err, ERR_INPUT, "%s cannot be opened", path);
    TRY(err_prefix(err, is_proof(file, &proof, err), "%s", path));
    if (proof)
        return audit_check_file(&options->seen, options->json, path, err);
    return err_prefix(err, verify_export(options, file, err), "%s", path);
}

/* The log continues the last checkpoint, which is by whom it has to be. */
static int check_seen(const struct options *options, struct result *result, struct err *err)
{
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    struct seen_keys keys;

    TRY(seen_load(&options->seen, &keys, err));
    result->has_checkpoint = keys.is_asked;
    if (!keys.is_asked)
        return 0;
    TRY(seen_fetch(&options->seen, &keys, options->socket, &note, &result->seen, err));
    return seen_continues(options->socket, &result->seen, (int64_t)result->log.size, &result->root,
                          err);
}

static int verify(const struct options *options, struct err *err)
{
    struct result result = {.before = 0};

    TRY(read_state(options->state, &result.log, err));
    result.before = result.log.size;
    TRY(compare(options->socket, &result.log, err));
    TRY(follow(options->socket, &result.log, err));
    TRY(compare(options->socket, &result.log, err));
    TRY(merkle_frontier_root(&result.log, &result.root, err));
    TRY(check_seen(options, &result, err));
    TRY(write_state(options->state, &result.log, err));
    return show(options, &result, err);
}

int seen_verify_log(const struct seen_options *options, const char *socket, struct seen_log *ret,
                    struct err *err)
{
    const struct options all = {.seen = *options, .socket = socket};
    struct result result = {.before = 0};

    TRY(follow(socket, &result.log, err));
    TRY(compare(socket, &result.log, err));
    TRY(merkle_frontier_root(&result.log, &result.root, err));
    TRY(check_seen(&all, &result, err));
    *ret = (struct seen_log){result.log.size, result.has_checkpoint, result.seen};
    return 0;
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
