/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/export.h"

#include "note/checkpoint.h"
#include "note/note.h"

void audit_export_done(struct audit_export *export)
{
    buf_done(&export->note);
}

static int take_checkpoint(struct audit_export *export, const struct json *json, struct err *err)
{
    const char *text;

    if (export->note.len > 0 || export->log.size > 0)
        return FAIL(err, ERR_INPUT, "a checkpoint stands before the records, and once");
    TRY(json_get_text(json, "checkpoint", &text, err));
    if (text[0] == '\0')
        return FAIL(err, ERR_INPUT, "an empty checkpoint");
    return buf_append_text(&export->note, text, err);
}

/* The records continue the checkpoint's. */
static int check_growth(const struct audit_export *export, const struct json *tree, struct err *err)
{
    struct audit_growth growth = {.size = (int64_t) export->log.size};
    struct checkpoint checkpoint;
    struct note note;

    if (export->note.len == 0)
        return 0;
    TRY(note_parse(buf_bytes(&export->note), &note, err));
    TRY(checkpoint_parse(note.text, &checkpoint, err));
    growth.first = checkpoint.size;
    memcpy(growth.first_root.value, checkpoint.root, MERKLE_HASH_SIZE);
    TRY(merkle_frontier_root(&export->log, &growth.root, err));
    if (growth.first > growth.size)
        return FAIL(err, ERR_UNTRUSTED, "there are %lld records here, the checkpoint is of %lld",
                    (long long)growth.size, (long long)growth.first);
    return audit_check_growth(tree, &growth, err);
}

int audit_export_take(struct audit_export *export, struct bytes line, struct err *err)
{
    CLEANUP(json_freep) struct json *json = NULL;
    int64_t size;

    if (export->is_over)
        return FAIL(err, ERR_INPUT, "something stands behind the end of the log");
    if (line.len > AUDIT_LINE_MAX)
        return FAIL(err, ERR_INPUT, "a line is longer than %d bytes", AUDIT_LINE_MAX);
    TRY(json_parse(line, &json, err));
    if (json_has(json, "checkpoint"))
        return take_checkpoint(export, json, err);
    if (json_has(json, "records"))
        return audit_follow(&export->log, json, err);
    TRY(json_get_int(json, "size", &size, err));
    if (size < 0 || (uint64_t)size != export->log.size)
        return FAIL(err, ERR_UNTRUSTED, "the log's tree has not as many records as there are here");
    TRY(audit_agree(&export->log, json, err));
    TRY(check_growth(export, json, err));
    export->is_over = true;
    return 0;
}

int audit_export_end(const struct audit_export *export, struct err *err)
{
    if (export->log.size == 0)
        return FAIL(err, ERR_ABSENT, "there is no record in it");
    return export->is_over ? 0 : FAIL(err, ERR_INPUT, "it is cut off: its end is missing");
}
