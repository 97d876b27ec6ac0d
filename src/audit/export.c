/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/export.h"

int audit_export_take(struct audit_export *export, struct bytes line, struct err *err)
{
    CLEANUP(json_freep) struct json *json = NULL;
    int64_t size;

    if (export->is_over)
        return FAIL(err, ERR_INPUT, "something stands behind the end of the log");
    if (line.len > AUDIT_LINE_MAX)
        return FAIL(err, ERR_INPUT, "a line is longer than %d bytes", AUDIT_LINE_MAX);
    TRY(json_parse(line, &json, err));
    if (json_has(json, "records"))
        return audit_follow(&export->log, json, err);
    TRY(json_get_int(json, "size", &size, err));
    if (size < 0 || (uint64_t)size != export->log.size)
        return FAIL(err, ERR_UNTRUSTED, "the log's tree has not as many records as there are here");
    TRY(audit_agree(&export->log, json, err));
    export->is_over = true;
    return 0;
}

int audit_export_end(const struct audit_export *export, struct err *err)
{
    if (export->log.size == 0)
        return FAIL(err, ERR_ABSENT, "there is no record in it");
    return export->is_over ? 0 : FAIL(err, ERR_INPUT, "it is cut off: its end is missing");
}
