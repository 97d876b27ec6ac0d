/* SPDX-License-Identifier: Apache-2.0 */
/* A reader and the cards for it. */
#include "sandbox/setup.h"

#include "base/file.h"
#include "sandbox/setup_parts.h"

#include <errno.h>
#include <unistd.h>

/*
 * The reader as Debian's package configures it (0x8C7B is the port, 35963), in a directory that
 * no other reader is in. pcscd sees it as /run/pcscd/reader.conf.d.
 */
int setup_reader(struct roster *roster, struct err *err)
{
    static const char text[] = "FRIENDLYNAME \"OpenJPKI TEST\"\n"
                               "DEVICENAME /dev/null:0x8C7B\n"
                               "LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\n"
                               "CHANNELID 0x8C7B\n";
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *file = NULL;
    CLEANUP(free_text) char *pid = NULL;
    CLEANUP(fd_done) int fd = -1;

    /* Of a killed pcscd: the next one refuses to start if that number is taken meanwhile. */
    TRY(path_format(&pid, err, "%s/pcscd.pid", roster->pcscd_dir));
    if (unlink(pid) < 0 && errno != ENOENT)
        return FAIL_ERRNO(err, "%s", pid);
    TRY(path_format(&dir, err, "%s/reader.conf.d", roster->pcscd_dir));
    TRY(setup_open_owned(dir, IDENTITY_OWNER, 0755, &fd, err));
    TRY(path_format(&file, err, "/proc/self/fd/%d/vpcd", fd));
    return file_replace(file, 0644, bytes_text(text), err);
}

int setup_card(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *card = NULL;

    TRY(path_format(&dir, err, "%s/card/%s", roster->layout->dir, roster->persona));
    TRY(setup_make_owned(dir, IDENTITY_CARD, err));
    TRY(path_format(&card, err, "%s/card", dir));
    if (setup_exists(card))
        return 0;
    struct tool make = {
        .program = "jpki-softcard", .words = {"make", "--output", card}, .identity = IDENTITY_CARD};
    return setup_run(roster, &make, err);
}
