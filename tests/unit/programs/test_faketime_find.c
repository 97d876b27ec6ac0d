/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "programs/jpki-sandbox/faketime.h"
#include "support/tempdir.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* This very program stands for a library of our machine. */
static Elf32_Ehdr own_header(void)
{
    CLEANUP(buf_done) struct buf own = BUF_INIT;
    Elf32_Ehdr header;

    assert_int_equal(file_read("/proc/self/exe", 64 << 20, &own, NULL), 0);
    assert_true(own.len > sizeof header);
    memcpy(&header, own.ptr, sizeof header);
    return header;
}

static void put(const struct tempdir *dir, const char *name, const Elf32_Ehdr *header, size_t len)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(dir, name, path), 0600, bytes_of(header, len), NULL),
                     0);
}

static int find(const struct tempdir *dir, char **ret)
{
    char first[TEMPDIR_FILE_SIZE], second[TEMPDIR_FILE_SIZE];
    const char *const patterns[] = {tempdir_file(dir, "none/x", first),
                                    tempdir_file(dir, "*.so", second), NULL};

    return faketime_find_in(patterns, ret, NULL);
}

static void nothing_or_something_for_another_machine_is_not_taken(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(free_text) char *path = NULL;
    Elf32_Ehdr header = own_header();

    (void)state;
    assert_int_equal(find(&dir, &path), -ERR_ABSENT);
    put(&dir, "a.so", &header, sizeof header - 1);
    header.e_machine++;
    put(&dir, "b.so", &header, sizeof header);
    header = own_header();
    header.e_ident[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
    put(&dir, "c.so", &header, sizeof header);
    header = own_header();
    header.e_ident[EI_MAG0] = 0;
    put(&dir, "d.so", &header, sizeof header);
    header = own_header();
    header.e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
    put(&dir, "e.so", &header, sizeof header);
    assert_int_equal(find(&dir, &path), -ERR_ABSENT);
    assert_null(path);
}

static void the_one_for_this_machine_is_found_among_others(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(free_text) char *path = NULL;
    char expected[TEMPDIR_FILE_SIZE];
    Elf32_Ehdr header = own_header();

    (void)state;
    put(&dir, "b.so", &header, sizeof header);
    put(&dir, "c.so", &header, sizeof header);
    header.e_machine++;
    put(&dir, "a.so", &header, sizeof header);
    assert_int_equal(find(&dir, &path), 0);
    assert_string_equal(path, tempdir_file(&dir, "b.so", expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_or_something_for_another_machine_is_not_taken),
        cmocka_unit_test(the_one_for_this_machine_is_found_among_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
