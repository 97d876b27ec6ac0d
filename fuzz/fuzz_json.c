/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/json_plain.h"

#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What the quick half writes is what jansson writes. */
static void compare_written(const struct json *value, const char *theirs)
{
    CLEANUP(buf_done) struct buf ours = BUF_INIT;

    if (json_write_plain(value, &ours, NULL) == 0)
        FUZZ_CHECK(bytes_equal(buf_bytes(&ours), bytes_text(theirs)));
}

/* Whatever the quick half takes, jansson takes as the same value, with its members in one order. */
static void compare(struct bytes text)
{
    json_error_t why;
    json_t *plain = (json_t *)(void *)json_read_plain(text);
    json_t *whole;
    char *ours;
    char *theirs;

    if (plain == NULL)
        return;
    whole = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
    FUZZ_CHECK(whole != NULL && json_equal(plain, whole));
    ours = json_dumps(plain, JSON_COMPACT);
    theirs = json_dumps(whole, JSON_COMPACT);
    FUZZ_CHECK(ours != NULL && theirs != NULL && strcmp(ours, theirs) == 0);
    compare_written((const struct json *)(const void *)plain, ours);
    free(ours);
    free(theirs);
    json_decref(plain);
    json_decref(whole);
}

/* What was read and written again reads and writes the same. */
FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *value = NULL;
    CLEANUP(json_freep) struct json *again = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf same = BUF_INIT;

    compare(bytes_of(data, size));
    if (json_parse(bytes_of(data, size), &value, NULL) < 0) {
        FUZZ_CHECK(value == NULL);
        return 0;
    }
    FUZZ_CHECK(json_write(value, &text, NULL) == 0);
    FUZZ_CHECK(json_parse(buf_bytes(&text), &again, NULL) == 0);
    FUZZ_CHECK(json_write(again, &same, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&text), buf_bytes(&same)));
    return 0;
}
