/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/transcript.h"

#include "base/file.h"
#include "ceremony/limits.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];

static int setup(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "transcript", path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tempdir_done(&dir);
    return 0;
}

static int add(struct transcript *transcript, const char *act, size_t padding)
{
    struct json *entry = transcript_entry(transcript, 1764117723, act);
    char *text = calloc(1, padding + 1);
    int rc;

    assert_non_null(entry);
    assert_non_null(text);
    memset(text, 'x', padding);
    assert_int_equal(json_put_text(entry, "pad", text, NULL), 0);
    free(text);
    rc = transcript_add(transcript, entry, NULL);
    return rc;
}

static int count(void *context, const struct json *entry, struct err *err)
{
    unsigned *seen = context;

    (void)entry;
    (void)err;
    ++*seen;
    return 0;
}

static int resume(struct transcript **ret, unsigned *ret_seen, bool *ret_torn)
{
    *ret_seen = 0;
    return transcript_resume(path, count, ret_seen, ret, ret_torn, NULL);
}

static void write_some(unsigned entries)
{
    CLEANUP(transcript_closep) struct transcript *transcript = NULL;

    assert_int_equal(transcript_create(path, &transcript, NULL), 0);
    for (unsigned i = 0; i < entries; i++)
        assert_int_equal(add(transcript, "step", 0), 0);
}

static void a_transcript_is_made_once(void **state)
{
    CLEANUP(transcript_closep) struct transcript *transcript = NULL;

    (void)state;
    write_some(0);
    assert_int_equal(transcript_create(path, &transcript, NULL), -ERR_CONFLICT);
}

static void two_do_not_write_at_once(void **state)
{
    CLEANUP(transcript_closep) struct transcript *first = NULL;
    CLEANUP(transcript_closep) struct transcript *second = NULL;
    unsigned seen;
    bool torn;

    (void)state;
    write_some(1);
    assert_int_equal(resume(&first, &seen, &torn), 0);
    assert_int_equal(resume(&second, &seen, &torn), -ERR_CONFLICT);
}

static void nothing_follows_the_end(void **state)
{
    static const char *const ends[] = {"close", "abort"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(transcript_closep) struct transcript *transcript = NULL;

        assert_int_equal(transcript_create(path, &transcript, NULL), 0);
        assert_int_equal(add(transcript, ends[i], 0), 0);
        assert_int_equal(add(transcript, "step", 0), -ERR_CONFLICT);
        assert_int_equal(unlink(path), 0);
    }
}

/* Whatever byte is changed: another hash, another number, another text. */
static void every_changed_byte_is_noticed(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    write_some(3);
    assert_int_equal(file_read(path, TRANSCRIPT_MAX, &text, NULL), 0);
    for (size_t i = 0; i < text.len; i++) {
        struct transcript_state standing = {.entries = 0};
        struct bytes rest = buf_bytes(&text);
        unsigned taken = 0;
        int rc = 0;

        text.ptr[i] ^= 1;
        while (rc == 0) {
            CLEANUP(json_freep) struct json *entry = NULL;

            rc = transcript_next(&rest, &standing, &entry, NULL);
            taken += rc == 0;
        }
        assert_true(taken < 3 && rc != -ERR_ABSENT);
        text.ptr[i] ^= 1;
    }
}

/* A power cut leaves the beginning of a line: it was never acknowledged. */
static void an_unfinished_line_is_cut_off_and_told(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t second;

    (void)state;
    write_some(2);
    assert_int_equal(file_read(path, TRANSCRIPT_MAX, &text, NULL), 0);
    second = (size_t)((uint8_t *)memchr(text.ptr, '\n', text.len) - text.ptr) + 1;
    for (size_t len = 0; len <= text.len; len += len < second ? 40 : 1) {
        CLEANUP(transcript_closep) struct transcript *transcript = NULL;
        bool is_whole = len == 0 || len == second || len == text.len;
        unsigned seen;
        bool torn;

        assert_int_equal(file_replace(path, 0600, bytes_of(text.ptr, len), NULL), 0);
        assert_int_equal(resume(&transcript, &seen, &torn), 0);
        assert_int_equal(torn, !is_whole);
        assert_int_equal(seen, (len >= second) + (len == text.len));
        assert_int_equal(add(transcript, "step", 0), 0);
        transcript_closep(&transcript);
        assert_int_equal(resume(&transcript, &seen, &torn), 0);
        assert_false(torn);
    }
}

static void a_line_at_the_limit_passes_and_one_past_it_does_not(void **state)
{
    CLEANUP(transcript_closep) struct transcript *transcript = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t rest;
    unsigned seen;
    bool torn;

    (void)state;
    assert_int_equal(transcript_create(path, &transcript, NULL), 0);
    assert_int_equal(add(transcript, "step", 1), 0);
    assert_int_equal(file_read(path, TRANSCRIPT_MAX, &text, NULL), 0);
    rest = TRANSCRIPT_LINE_MAX - (text.len - 1) + 1;
    assert_int_equal(add(transcript, "step", rest + 1), -ERR_INPUT);
    assert_int_equal(add(transcript, "step", rest), 0);
    transcript_closep(&transcript);
    assert_int_equal(resume(&transcript, &seen, &torn), 0);
    assert_int_equal(seen, 2);
}

static void there_is_a_last_entry(void **state)
{
    CLEANUP(transcript_closep) struct transcript *transcript = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    unsigned seen;
    bool torn;

    (void)state;
    write_some(TRANSCRIPT_LINES_MAX);
    assert_int_equal(file_read(path, TRANSCRIPT_MAX, &text, NULL), 0);
    assert_true(text.len < TRANSCRIPT_MAX);
    assert_int_equal(resume(&transcript, &seen, &torn), 0);
    assert_int_equal(seen, TRANSCRIPT_LINES_MAX);
    assert_int_equal(add(transcript, "step", 0), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_transcript_is_made_once, setup, teardown),
        cmocka_unit_test_setup_teardown(two_do_not_write_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_follows_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(every_changed_byte_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unfinished_line_is_cut_off_and_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_at_the_limit_passes_and_one_past_it_does_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(there_is_a_last_entry, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
