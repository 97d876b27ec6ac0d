/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/faketime.h"

#include "base/file.h"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

/* Debian keeps it below the folder of each architecture, others in one of these. */
static const char *const places[] = {
    "/usr/lib/*-linux-gnu*/faketime/libfaketime.so.1", "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1", NULL};

/* How an ELF file begins, as far as word size, byte order and machine. */
static bool read_header(const char *path, Elf32_Ehdr *ret)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC);

    /* The two kinds of header are alike up to e_machine. */
    return fd >= 0 && read(fd, ret, sizeof *ret) == (ssize_t)sizeof *ret &&
           bytes_equal(bytes_of(ret->e_ident, SELFMAG), BYTES_LITERAL(ELFMAG));
}

static bool is_for_this_machine(const char *path)
{
    Elf32_Ehdr own, other;

    return read_header("/proc/self/exe", &own) && read_header(path, &other) &&
           own.e_machine == other.e_machine && own.e_ident[EI_CLASS] == other.e_ident[EI_CLASS] &&
           own.e_ident[EI_DATA] == other.e_ident[EI_DATA];
}

static int first_of(const glob_t *found, char **ret, struct err *err)
{
    for (size_t i = 0; i < found->gl_pathc; i++)
        if (is_for_this_machine(found->gl_pathv[i]))
            return path_format(ret, err, "%s", found->gl_pathv[i]);
    return 0;
}

int faketime_find_in(const char *const *patterns, char **ret, struct err *err)
{
    char *path = NULL;

    for (size_t i = 0; patterns[i] != NULL && path == NULL; i++) {
        CLEANUP(globfree) glob_t found = {0};

        if (glob(patterns[i], 0, NULL, &found) == 0)
            TRY(first_of(&found, &path, err));
    }
    if (path == NULL)
        return FAIL(err, ERR_ABSENT,
                    "libfaketime is not installed (Debian: apt install libfaketime)");
    *ret = path;
    return 0;
}

int faketime_find(char **ret, struct err *err)
{
    return faketime_find_in(places, ret, err);
}
