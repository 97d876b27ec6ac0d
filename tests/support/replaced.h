/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that differs from a good one in one place, for tests of what is refused. */
#pragma once

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The text, in which one part stands in the place of another; fails the test without that. */
static inline struct json *json_replaced(const char *text, const char *from, const char *to)
{
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    const char *at = strstr(text, from);
    struct json *json = NULL;

    if (at == NULL)
        fail_msg("%s is not there", from);
    assert_int_equal(buf_append_format(&changed, NULL, "%.*s%s%s", (int)(at - text), text, to,
                                       at + strlen(from)),
                     0);
    assert_int_equal(json_parse(buf_bytes(&changed), &json, NULL), 0);
    return json;
}
