/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the exchange's log in files that persons have saved, or somebody else has written:
 * what is told of one is a line for each field at most, and nothing in it can hide another.
 */
#include "base/utf8.h"
#include "fuzz.h"
#include "programs/jpkictl/saved.h"

#include <string.h>

enum { LINES_MAX = 15 }; /* 13 fields with a label, and a line before and behind them */

static void check_lines(struct bytes told)
{
    size_t count = 0;

    while (told.len > 0) {
        const uint8_t *end = memchr(told.ptr, '\n', told.len);

        FUZZ_CHECK(end != NULL);
        FUZZ_CHECK(utf8_is_shown(bytes_of(told.ptr, (size_t)(end - told.ptr))));
        told.len -= (size_t)(end - told.ptr) + 1;
        told.ptr = end + 1;
        count++;
    }
    FUZZ_CHECK(count >= 2 && count <= LINES_MAX);
}

FUZZ_TARGET(data, size)
{
    static const char *const keys[] = {"record",    "salt",       "size", "root",
                                       "inclusion", "checkpoint", NULL};
    CLEANUP(json_freep) struct json *file = NULL;
    CLEANUP(saved_done) struct saved saved = {.proof = NULL};
    CLEANUP(buf_done) struct buf lines = BUF_INIT;

    if (json_parse(bytes_of(data, size), &file, NULL) < 0)
        return 0;
    if (!saved_is(file) || saved_open(file, &saved, NULL) < 0)
        return 0;
    FUZZ_CHECK(json_only(saved.proof, keys, NULL) == 0);
    FUZZ_CHECK(json_has(saved.proof, "record") && json_has(saved.proof, "salt"));
    FUZZ_CHECK(saved_describe(saved.text, &lines, NULL) == 0);
    check_lines(buf_bytes(&lines));
    return 0;
}
