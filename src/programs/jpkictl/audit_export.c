/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl audit export: the whole audit log of a daemon in one file, which audit verify judges
 * anywhere. What is written was hashed again before.
 */
#include "programs/jpkictl/commands.h"

#include "audit/export.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/log.h"
#include "programs/jpkictl/seen.h"

#include <stdio.h>
#include <unistd.h>

struct options {
    struct seen_options seen;
    const char *socket;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the daemon")},
    SEEN_OPTIONS(offsetof(struct options, seen)),
    CLI_OPTIONS_END,
};

/* One line of the file, when the reader of such files has taken it. */
static int put_line(struct audit_export *export, const struct json *json, FILE *out,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    TRY(json_write(json, &line, err));
    TRY(log_blame(audit_export_take(export, buf_bytes(&line), err), err));
    TRY(buf_append_byte(&line, '\n', err));
    if (fwrite(line.ptr, 1, line.len, out) != line.len)
        return FAIL_ERRNO(err, "cannot write");
    return 0;
}

static int put_page(const char *socket, struct audit_export *export, FILE *out, bool *ret_more,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *page = NULL;
    uint64_t before = export->log.size;
    char since[24];

    (void)snprintf(since, sizeof since, "%llu", (unsigned long long)before);
    TRY(log_page(socket, since, &page, err));
    TRY(log_blame(json_get_bool(page, "more", ret_more, err), err));
    TRY(put_line(export, page, out, err));
    if (*ret_more && export->log.size == before)
        return FAIL(err, ERR_REMOTE, "the daemon tells the same page for ever");
    return 0;
}

/* *ret_size stays 0 if none is asked for. */
static int put_checkpoint(const struct options *options, struct audit_export *export, FILE *out,
                          int64_t *ret_size, struct err *err)
{
    CLEANUP(json_freep) struct json *json = json_object_new();
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    struct seen_keys keys;
    struct seen seen;

    TRY(seen_load(&options->seen, &keys, err));
    if (!keys.is_asked)
        return 0;
    TRY(seen_fetch(&options->seen, &keys, options->socket, &note, &seen, err));
    TRY(json_put_bytes(json, "checkpoint", buf_bytes(&note), err));
    *ret_size = seen.checkpoint.size;
    return put_line(export, json, out, err);
}

static int put_tree(const char *socket, struct audit_export *export, int64_t since, FILE *out,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    int64_t size = (int64_t) export->log.size;

    if (size == 0)
        return FAIL(err, ERR_ABSENT, "the log has no record yet");
    if (since > size)
        return FAIL(err, ERR_UNTRUSTED, "the log has %lld records, its checkpoint is of %lld",
                    (long long)size, (long long)since);
    TRY(since == 0 ? log_tree(socket, size, 0, &tree, err)
                   : log_growth(socket, size, since, &tree, err));
    return put_line(export, tree, out, err);
}

static int put_log(const struct options *options, FILE *out, struct err *err)
{
    CLEANUP(audit_export_done) struct audit_export export = {.is_over = false};
    int64_t since = 0;
    bool more = true;

    TRY(put_checkpoint(options, &export, out, &since, err));
    while (more)
        TRY(put_page(options->socket, &export, out, &more, err));
    return put_tree(options->socket, &export, since, out, err);
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

/* All of it is there under that name, or nothing. */
static int export_to(const char *path, const struct options *options, struct err *err)
{
    CLEANUP(free_text) char *draft = NULL;
    CLEANUP(close_file) FILE *out = NULL;
    int rc;

    TRY(file_may_replace(path, err));
    TRY(path_format(&draft, err, "%s.part", path));
    out = fopen(draft, "wxe");
    if (out == NULL)
        return FAIL_ERRNO(err, "cannot make %s", draft);
    rc = put_log(options, out, err);
    if (rc == 0 && (fflush(out) != 0 || fsync(fileno(out)) < 0))
        rc = FAIL_ERRNO(err, "cannot write %s", draft);
    if (rc == 0)
        rc = file_replace_by(path, draft, err);
    if (rc < 0)
        (void)unlink(draft);
    return rc;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return export_to(argv[0], parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_audit_export = {
    .path = "audit export",
    .arguments = "FILE",
    .description = N_("write the audit log of a daemon into a file that can be verified anywhere"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
