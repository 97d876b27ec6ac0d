/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_map.h"

#include "base/file.h"
#include "sandbox/limits.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char magic[CLOCK_PAGE_MAGIC_SIZE] = {'J', 'P', 'K', 'I', 'T', 'I', 'M', 'E'};

static_assert(sizeof(struct clock_page) == 24, "the file has no holes");
static_assert(alignof(struct clock_page) == 8, "the offset is read in one go");

struct clock_page clock_page_init(void)
{
    struct clock_page page = {.version = CLOCK_PAGE_VERSION};

    memcpy(page.magic, magic, sizeof magic);
    return page;
}

int clock_page_check(const struct clock_page *page, struct err *err)
{
    int64_t offset_s = clock_page_offset(page);

    if (!bytes_equal(bytes_of(page->magic, sizeof page->magic), bytes_of(magic, sizeof magic)))
        return FAIL(err, ERR_INPUT, "it is not a sandbox's clock");
    if (page->version != CLOCK_PAGE_VERSION)
        return FAIL(err, ERR_CONFLICT, "it was made by another version of OpenJPKI");
    if (page->zero != 0 || offset_s < 0 || offset_s > SANDBOX_CLOCK_LATEST_MAX)
        return FAIL(err, ERR_INPUT, "it is damaged");
    return 0;
}

int64_t clock_page_offset(const struct clock_page *page)
{
    return __atomic_load_n(&page->offset_s, __ATOMIC_ACQUIRE);
}

void clock_page_move(struct clock_page *page, int64_t offset_s)
{
    __atomic_store_n(&page->offset_s, offset_s, __ATOMIC_RELEASE);
}

int clock_page_map(int fd, bool writable, struct clock_page **ret, struct err *err)
{
    struct clock_page *page;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "fstat");
    if (!S_ISREG(st.st_mode) || st.st_size != (off_t)sizeof *page)
        return FAIL(err, ERR_INPUT, "it is not a sandbox's clock");
    page = mmap(NULL, sizeof *page, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return FAIL_ERRNO(err, "mmap");
    int rc = clock_page_check(page, err);
    if (rc < 0) {
        (void)munmap(page, sizeof *page);
        return rc;
    }
    *ret = page;
    return 0;
}

int sandbox_clock_check_machine(struct err *err)
{
    if (secure_getenv("FAKETIME") != NULL)
        return FAIL(err, ERR_CONFLICT,
                    "FAKETIME is set: this already runs at another time than the machine's; leave "
                    "'jpki-sandbox exec' first");
    return 0;
}

/* Of the one clock that a process goes by. */
static const struct clock_page *shown;

static int64_t sandbox_now(const struct clock *clock)
{
    (void)clock;
    return clock_now(&clock_system) + clock_page_offset(shown);
}

static int map_file(const char *path, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct clock_page *page;

    if (fd < 0 && (errno == ENOENT || errno == ELOOP))
        return FAIL(err, ERR_INPUT, "%s: there is no sandbox's clock", path);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    TRY(err_prefix(err, clock_page_map(fd, false, &page, err), "%s", path));
    shown = page;
    return 0;
}

int sandbox_clock_open(const struct clock **ret, struct err *err)
{
    static const struct clock clock = {sandbox_now, 0};
    const char *path = secure_getenv(SANDBOX_CLOCK_VARIABLE);

    if (path == NULL)
        return FAIL(err, ERR_INPUT,
                    "this is a sandbox's build and needs a sandbox's clock: %s is not set",
                    SANDBOX_CLOCK_VARIABLE);
    TRY(sandbox_clock_check_machine(err));
    TRY(map_file(path, err));
    *ret = &clock;
    return 0;
}
