/* SPDX-License-Identifier: Apache-2.0 */
#include "support/auditlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void append_record(const struct json *record, struct buf *out)
{
    const char *outcome = NULL;
    const char *actor;
    const char *act;

    assert_int_equal(json_get_text(record, "act", &act, NULL), 0);
    assert_int_equal(json_get_text(record, "actor", &actor, NULL), 0);
    assert_int_equal(buf_append_format(out, NULL, "%s %s", act, actor), 0);
    if (json_get_text(record, "outcome", &outcome, NULL) == 0)
        assert_int_equal(buf_append_format(out, NULL, " %s", outcome), 0);
    assert_int_equal(buf_append_byte(out, '\n', NULL), 0);
}

void assert_log(struct json *page, const char *expected)
{
    CLEANUP(buf_done) struct buf lines = BUF_INIT;
    const struct json *records;
    const char *text;

    assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
    for (size_t i = 0; i < json_count(records); i++)
        append_record(json_at(records, i), &lines);
    json_free(page);
    assert_int_equal(buf_text(&lines, &text, NULL), 0);
    assert_string_equal(text, expected);
}
