/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/sealed.h"

#include "base/file.h"
#include "rpc/signer_client.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static int mapped(int fd, uint64_t size)
{
    CLEANUP(sealed_done) struct sealed sealed = SEALED_INIT;
    int rc = sealed_map(fd, size, &sealed, NULL);

    if (rc < 0)
        assert_null(sealed.ptr);
    return rc;
}

/* A file in memory with these seals. */
static int made(off_t size, int seals)
{
    int fd;

    assert_int_equal(signer_memfd(&fd, NULL), 0);
    assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static void what_can_still_be_changed_is_refused(void **state)
{
    static const int seals[] = {0, F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_SHRINK | F_SEAL_WRITE,
                                F_SEAL_GROW | F_SEAL_WRITE,
                                F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE};

    (void)state;
    for (size_t i = 0; i < sizeof seals / sizeof seals[0]; i++) {
        CLEANUP(fd_done) int fd = made(5, seals[i]);

        assert_int_equal(mapped(fd, 5), -ERR_INPUT);
    }
}

static void what_is_no_file_in_memory_is_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(fd_done) int file = -1;
    CLEANUP(fd_done) int folder = open(dir.path, O_RDONLY | O_CLOEXEC);
    CLEANUP(fd_done) int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    char path[TEMPDIR_FILE_SIZE];
    int ends[2];

    (void)state;
    (void)tempdir_file(&dir, "f", path);
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(file, "12345", 5), 5);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(mapped(file, 5), -ERR_INPUT);
    assert_int_equal(mapped(folder, 5), -ERR_INPUT);
    assert_int_equal(mapped(zero, 5), -ERR_INPUT);
    assert_int_equal(mapped(ends[0], 5), -ERR_INPUT);
    assert_int_equal(mapped(-1, 5), -ERR_INPUT);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void another_size_than_announced_is_refused(void **state)
{
    CLEANUP(fd_done) int empty = made(0, ALL);
    CLEANUP(fd_done) int five = made(5, ALL);

    (void)state;
    assert_int_equal(mapped(empty, 0), -ERR_INPUT);
    assert_int_equal(mapped(five, 4), -ERR_INPUT);
    assert_int_equal(mapped(five, 6), -ERR_INPUT);
    assert_int_equal(mapped(five, (1ULL << 32) + 5), -ERR_INPUT);
    assert_int_equal(mapped(five, 5), 0);
}

static void the_limit_passes_and_one_past_it_does_not(void **state)
{
    CLEANUP(fd_done) int limit = made(RPC_LIST_MAX, ALL);
    CLEANUP(fd_done) int past = made((off_t)RPC_LIST_MAX + 1, ALL);

    (void)state;
    assert_int_equal(mapped(limit, RPC_LIST_MAX), 0);
    assert_int_equal(mapped(past, (uint64_t)RPC_LIST_MAX + 1), -ERR_INPUT);
}

static void what_was_mapped_stays_as_it_was(void **state)
{
    CLEANUP(sealed_done) struct sealed sealed = SEALED_INIT;
    CLEANUP(fd_done) int fd = -1;

    (void)state;
    assert_int_equal(signer_memfd(&fd, NULL), 0);
    assert_int_equal(write(fd, "list", 4), 4);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, ALL), 0);
    assert_int_equal(sealed_map(fd, 4, &sealed, NULL), 0);
    assert_int_equal(pwrite(fd, "LIST", 4, 0), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_ptr_equal(mmap(NULL, 4, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    fd_done(&fd);
    assert_true(bytes_equal(sealed_bytes(&sealed), BYTES_LITERAL("list")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_still_be_changed_is_refused),
        cmocka_unit_test(what_is_no_file_in_memory_is_refused),
        cmocka_unit_test(another_size_than_announced_is_refused),
        cmocka_unit_test(the_limit_passes_and_one_past_it_does_not),
        cmocka_unit_test(what_was_mapped_stays_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
