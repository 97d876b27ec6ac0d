/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl audit prove: one record of the audit log of a daemon, with the proof that it is in it. */
#include "programs/jpkictl/commands.h"

#include "audit/follow.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/log.h"
#include "programs/jpkictl/seen.h"
#include "programs/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct seen_options seen;
    const char *socket;
    int64_t size;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the daemon")},
    {'n', "size", CLI_INT, offsetof(struct options, size), N_("NUMBER"),
     N_("in the log as it was with so many records")},
    SEEN_OPTIONS(offsetof(struct options, seen)),
    CLI_OPTIONS_END,
};

static int read_seq(const char *text, int64_t *ret, struct err *err)
{
    char *end;
    long long seq = strtoll(text, &end, 10);

    if (*end != '\0' || seq < 1 || seq > INT64_MAX - 1)
        return FAIL(err, ERR_USAGE, "a record has a number from 1 on");
    *ret = seq;
    return 0;
}

/* The record itself, out of the page that begins with it. */
static int put_record(const char *socket, int64_t seq, struct json *proof, struct err *err)
{
    CLEANUP(json_freep) struct json *page = NULL;
    CLEANUP(json_freep) struct json *record = NULL;
    const struct json *records;
    char since[24];

    (void)snprintf(since, sizeof since, "%lld", (long long)seq - 1);
    TRY(log_page(socket, since, &page, err));
    TRY(log_blame(json_get_array(page, "records", &records, err), err));
    if (json_count(records) == 0)
        return FAIL(err, ERR_ABSENT, "the log has no record %lld", (long long)seq);
    TRY(json_duplicate(json_at(records, 0), &record, err));
    return json_put(proof, "record", json_steal(&record), err);
}

static int put_tree(const char *socket, int64_t size, int64_t seq, struct json *proof,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    CLEANUP(json_freep) struct json *path = NULL;
    const struct json *inclusion;
    const char *root;
    int64_t of;

    TRY(log_tree(socket, size, seq, &tree, err));
    TRY(log_blame(json_get_int(tree, "size", &of, err), err));
    TRY(log_blame(json_get_text(tree, "root", &root, err), err));
    TRY(log_blame(json_get_array(tree, "inclusion", &inclusion, err), err));
    TRY(json_duplicate(inclusion, &path, err));
    TRY(json_put_int(proof, "size", of, err));
    TRY(json_put_text(proof, "root", root, err));
    return json_put(proof, "inclusion", json_steal(&path), err);
}

/* The proof ends in a checkpoint, and is of as many records; *size is left if none is asked for. */
static int put_checkpoint(const struct options *options, const struct seen_keys *keys,
                          int64_t *size, struct json *proof, struct err *err)
{
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    struct seen seen;

    if (!keys->is_asked)
        return 0;
    if (*size != 0)
        return FAIL(err, ERR_USAGE, "with --origin-key the size is that of the checkpoint");
    TRY(seen_fetch(&options->seen, keys, options->socket, &note, &seen, err));
    *size = seen.checkpoint.size;
    return json_put_bytes(proof, "checkpoint", buf_bytes(&note), err);
}

static int prove(const struct options *options, const char *number, struct err *err)
{
    CLEANUP(json_freep) struct json *proof = json_object_new();
    struct seen_proof checked;
    struct seen_keys keys;
    int64_t size = options->size;
    int64_t seq;

    TRY(read_seq(number, &seq, err));
    TRY(seen_load(&options->seen, &keys, err));
    TRY(put_record(options->socket, seq, proof, err));
    TRY(put_checkpoint(options, &keys, &size, proof, err));
    if (keys.is_asked && seq > size)
        return FAIL(err, ERR_ABSENT, "the checkpoint is of %lld records: wait for the next one",
                    (long long)size);
    TRY(put_tree(options->socket, size, seq, proof, err));
    /* What does not hold is not handed on. */
    TRY(log_blame(seen_proof_check(&keys, proof, &checked, err), err));
    return output_json(proof, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return prove(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_audit_prove = {
    .path = "audit prove",
    .arguments = N_("NUMBER"),
    .description = N_("print one record of an audit log with the proof that it is in it, as JSON"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
