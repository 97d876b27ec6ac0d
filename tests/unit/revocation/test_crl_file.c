/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/crl_file.h"

#include "base/file.h"
#include "revocation/crl_write.h"
#include "support/revocations.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct revocation entries[] = {{7, 10, CRL_SUPERSEDED}};

static void make_list(const char *path, size_t *ret_size)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct test_revocations all = {.entries = entries, .count = 1};
    const struct revocation_source source = test_revocations_source(&all);
    const struct crl_sink to_tbs = crl_sink_buf(&tbs);
    const struct crl_sink to_list = crl_sink_buf(&list);
    const struct crl_head head = {
        .issuer = BYTES_LITERAL("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"),
        .authority_key_id = BYTES_LITERAL("k"),
        .number = 1,
        .this_update = 100,
        .next_update = 200};

    assert_int_equal(crl_write_tbs(&head, &source, &to_tbs, NULL, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), BYTES_LITERAL("s"), &to_list, NULL), 0);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&list), NULL), 0);
    *ret_size = list.len;
}

static void what_is_no_list_in_a_file_is_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_file_done) struct crl_file file = CRL_FILE_INIT;
    char path[TEMPDIR_FILE_SIZE];
    size_t size;

    (void)state;
    tempdir_file(&dir, "list.crl", path);
    assert_int_equal(crl_file_open(path, 1000, &file, NULL), -ERR_ABSENT);
    assert_int_equal(crl_file_open(dir.path, 1000, &file, NULL), -ERR_INPUT);
    assert_int_equal(file_replace(path, 0600, bytes_of(NULL, 0), NULL), 0);
    assert_int_equal(crl_file_open(path, 1000, &file, NULL), -ERR_INPUT);
    assert_int_equal(file_replace(path, 0600, BYTES_LITERAL("0no list"), NULL), 0);
    assert_int_equal(crl_file_open(path, 1000, &file, NULL), -ERR_INPUT);
    make_list(path, &size);
    assert_int_equal(truncate(path, (off_t)size - 1), 0);
    assert_int_equal(crl_file_open(path, 1000, &file, NULL), -ERR_INPUT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes: reading must not wait */
    assert_int_equal(crl_file_open(path, 1000, &file, NULL), -ERR_INPUT);
}

static void a_list_is_read_up_to_the_limit_and_no_byte_more(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_file_done) struct crl_file file = CRL_FILE_INIT;
    char path[TEMPDIR_FILE_SIZE];
    struct revocation entry;
    size_t size;

    (void)state;
    tempdir_file(&dir, "list.crl", path);
    make_list(path, &size);
    assert_int_equal(crl_file_open(path, size - 1, &file, NULL), -ERR_INPUT);
    assert_int_equal(crl_file_open(path, size, &file, NULL), 0);
    assert_int_equal(crl_next(&file.crl.entries, &entry, NULL), 0);
    assert_int_equal(entry.serial, 7);
    assert_int_equal(file.crl.next_update, 200);
}

/* What is before a list in its file is neither read nor counted. */
static void a_list_may_begin_further_on(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_file_done) struct crl_file file = CRL_FILE_INIT;
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    CLEANUP(fd_done) int fd = -1;
    char path[TEMPDIR_FILE_SIZE];
    size_t size;

    (void)state;
    tempdir_file(&dir, "list.crl", path);
    make_list(path, &size);
    assert_int_equal(file_read(path, size, &list, NULL), 0);
    assert_int_equal(file_scratch(dir.path, &fd, NULL), 0);
    assert_int_equal(pwrite(fd, list.ptr, size, 10), size);
    assert_int_equal(crl_file_map_at(fd, 10 + size, size, &file, NULL), -ERR_INPUT);
    assert_int_equal(crl_file_map_at(fd, 11, size, &file, NULL), -ERR_INPUT);
    assert_int_equal(crl_file_map_at(fd, 9, size + 1, &file, NULL), -ERR_INPUT);
    assert_int_equal(crl_file_map_at(fd, 10, size - 1, &file, NULL), -ERR_INPUT);
    assert_int_equal(crl_file_map_at(fd, 10, size, &file, NULL), 0);
    assert_true(bytes_equal(file.crl.der, buf_bytes(&list)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_list_in_a_file_is_refused),
        cmocka_unit_test(a_list_is_read_up_to_the_limit_and_no_byte_more),
        cmocka_unit_test(a_list_may_begin_further_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
