/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What jpkictl takes from files and daemons about audit logs: a proof, a page, what was kept of the
 * last visit, numbers and hashes. What is accepted holds what it says.
 */
#include "audit/export.h"
#include "audit/record.h"
#include "fuzz.h"

#include <string.h>

static void take_kept(const struct json *json)
{
    CLEANUP(json_freep) struct json *again = NULL;
    struct merkle_frontier log;

    if (audit_follower_get(json, &log, NULL) < 0)
        return;
    FUZZ_CHECK(audit_follower_put(&log, &again, NULL) == 0);
    FUZZ_CHECK(audit_follow(&log, json, NULL) < 0); /* it has no records */
}

static void take_page(const struct json *json)
{
    struct merkle_frontier log = {0};

    if (audit_follow(&log, json, NULL) < 0)
        return;
    FUZZ_CHECK(audit_agree(&log, json, NULL) <= 0);
}

/* A file of lines: what is taken to its end is a log with records. */
static void take_export(struct bytes file)
{
    struct audit_export export = {.is_over = false};

    while (file.len > 0) {
        const uint8_t *end = memchr(file.ptr, '\n', file.len);
        size_t len = end == NULL ? file.len : (size_t)(end - file.ptr);

        if (audit_export_take(&export, bytes_part(file, 0, len), NULL) < 0)
            return;
        len += end != NULL;
        file = bytes_part(file, len, file.len - len);
    }
    if (audit_export_end(&export, NULL) == 0)
        FUZZ_CHECK(export.is_over && export.log.size > 0);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct merkle_hash hash;
    const char *text;
    int64_t number;

    if (buf_append(&copy, bytes_of(data, size), NULL) == 0 && buf_text(&copy, &text, NULL) == 0) {
        FUZZ_CHECK(record_number("it", text, &number, NULL) < 0 || number >= 0);
        FUZZ_CHECK(audit_hash_parse(text, &hash, NULL) < 0 || copy.len >= 64);
    }
    take_export(bytes_of(data, size));
    if (json_parse(bytes_of(data, size), &json, NULL) < 0)
        return 0;
    if (audit_check_proof(json, &hash, &number, NULL) == 0)
        FUZZ_CHECK(number >= 1);
    take_kept(json);
    take_page(json);
    return 0;
}
