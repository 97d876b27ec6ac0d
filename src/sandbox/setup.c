/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "base/rand.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CARD_SERIAL_DIGITS = 13 };

/* A directory below the sandbox's for one program alone. */
static int make_owned(const char *path, enum identity identity, mode_t mode, struct err *err)
{
    uid_t id = identity_uid(identity);

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return FAIL_ERRNO(err, "%s", path);
    if (identities_are_separate() && lchown(path, id, id) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (chmod(path, mode) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}

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

    TRY(path_format(&dir, err, "%s/reader.conf.d", roster->pcscd_dir));
    TRY(dir_make(dir, 0755, err));
    TRY(path_format(&file, err, "%s/vpcd", dir));
    return file_replace(file, 0644, bytes_text(text), err);
}

/* Digits only, never two alike: a number of the day it was made on would tell when. */
static int card_serial(char ret[CARD_SERIAL_DIGITS + 1], struct err *err)
{
    uint8_t random[CARD_SERIAL_DIGITS];

    TRY(rand_fill(random, sizeof random, err));
    for (size_t i = 0; i < sizeof random; i++)
        ret[i] = (char)('0' + random[i] % 10);
    ret[CARD_SERIAL_DIGITS] = '\0';
    return 0;
}

int setup_card(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *card = NULL;
    CLEANUP(free_text) char *log = NULL;
    CLEANUP(free_text) char *program = NULL;
    char serial[CARD_SERIAL_DIGITS + 1];
    struct stat st;

    TRY(path_format(&dir, err, "%s/card/%s", roster->layout->dir, roster->persona));
    TRY(make_owned(dir, IDENTITY_CARD, 0700, err));
    TRY(path_format(&card, err, "%s/card", dir));
    if (stat(card, &st) == 0)
        return 0;
    TRY(card_serial(serial, err));
    TRY(path_format(&program, err, "%s/jpki-softcard", roster->bin_dir));
    TRY(path_format(&log, err, "%s/log/jpki-softcard.log", roster->layout->dir));
    const char *const argv[] = {program, "make", "-o", card, "--serial", serial, NULL};
    struct process make = {
        .argv = argv, .directory = dir, .log_path = log, .identity = IDENTITY_CARD};
    return supervisor_run(roster->supervisor, &make, err);
}
