/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_file.h"

#include "base/caltime.h"
#include "base/file.h"
#include "sandbox/clock_map.h"
#include "sandbox/limits.h"
#include "sandbox/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(const struct layout *layout, int flags, int *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, "clock", &path, err));
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT,
                    "the sandbox in %s has no clock yet: 'jpki-sandbox up' makes it", layout->dir);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    *ret = fd;
    return 0;
}

static void page_done(struct clock_page **page)
{
    if (*page != NULL)
        (void)munmap(*page, sizeof **page);
}

static int map(const struct layout *layout, int fd, bool writable, struct clock_page **ret,
               struct err *err)
{
    TRY(sandbox_clock_check_machine(err));
    return err_prefix(err, clock_page_map(fd, writable, ret, err), "%s/clock", layout->dir);
}

static int make_file(const char *path, struct err *err)
{
    const struct clock_page page = clock_page_init();
    struct stat st;

    if (lstat(path, &st) == 0)
        return 0;
    return file_create(path, 0640, bytes_of(&page, sizeof page), err);
}

/* The page moves it, the others read it. Also where a kill came between making it and this. */
static int let_programs_read(int fd, struct err *err)
{
    if (identities_are_separate() && fchown(fd, identity_uid(IDENTITY_PAGE), identity_group()) < 0)
        return FAIL_ERRNO(err, "fchown");
    if (fchmod(fd, 0640) < 0)
        return FAIL_ERRNO(err, "fchmod");
    return 0;
}

int clock_file_provide(const struct layout *layout, struct err *err)
{
    CLEANUP(page_done) struct clock_page *page = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(fd_done) int fd = -1;

    TRY(layout_path(layout, "clock", &path, err));
    TRY(make_file(path, err));
    TRY(open_file(layout, O_RDONLY, &fd, err));
    TRY(map(layout, fd, false, &page, err));
    TRY(let_programs_read(fd, err));
    if (setenv(SANDBOX_CLOCK_VARIABLE, path, 1) < 0)
        return FAIL_ERRNO(err, "setenv");
    return 0;
}

int clock_file_read(const struct layout *layout, int64_t *ret_offset_s, struct err *err)
{
    CLEANUP(page_done) struct clock_page *page = NULL;
    CLEANUP(fd_done) int fd = -1;

    TRY(open_file(layout, O_RDONLY, &fd, err));
    TRY(map(layout, fd, false, &page, err));
    *ret_offset_s = clock_page_offset(page);
    return 0;
}

/* Goes with the descriptor. */
static int wait_for_others(int fd, struct err *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    while (fcntl(fd, F_SETLKW, &lock) < 0)
        if (errno != EINTR)
            return FAIL_ERRNO(err, "cannot lock the clock");
    return 0;
}

static int refuse_backward(int64_t now, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caltime_format(now, JST_OFFSET_SECONDS, text);
    return FAIL(err, ERR_INPUT,
                "in the sandbox it is %s already, and its clock only goes forward, because "
                "certificates, serial numbers and lists of revocations must not: 'jpki-sandbox "
                "reset' begins afresh",
                text);
}

static int target_of(const struct clock_move *move, int64_t now, int64_t *ret, struct err *err)
{
    int64_t target = move->is_shift ? now + move->by_or_to : move->by_or_to;
    char text[CALTIME_TEXT_SIZE];

    if (target < now)
        return refuse_backward(now, err);
    if (target > SANDBOX_CLOCK_LATEST_MAX) {
        caltime_format(SANDBOX_CLOCK_LATEST_MAX, JST_OFFSET_SECONDS, text);
        return FAIL(err, ERR_INPUT, "a sandbox's clock is not moved past %s", text);
    }
    *ret = target;
    return 0;
}

int clock_file_move(const struct layout *layout, const struct clock *machine,
                    const struct clock_move *move, int64_t *ret_offset_s, struct err *err)
{
    CLEANUP(page_done) struct clock_page *page = NULL;
    CLEANUP(fd_done) int fd = -1;
    int64_t machine_now, target;

    TRY(open_file(layout, O_RDWR, &fd, err));
    TRY(wait_for_others(fd, err));
    TRY(map(layout, fd, true, &page, err));
    machine_now = clock_now(machine);
    TRY(target_of(move, machine_now + clock_page_offset(page), &target, err));
    clock_page_move(page, target - machine_now);
    if (msync(page, sizeof *page, MS_SYNC) < 0)
        return FAIL_ERRNO(err, "%s/clock", layout->dir);
    *ret_offset_s = target - machine_now;
    return 0;
}
