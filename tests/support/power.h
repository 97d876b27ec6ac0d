/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory whose power can be cut (tests/support/powercut), for tests of what must survive.
 * Whatever goes wrong with it ends the test (cmocka).
 */
#pragma once

#include "base/bytes.h"
#include "support/tempdir.h"

#include <sys/types.h>

struct power {
    struct tempdir dir;
    char platter[TEMPDIR_FILE_SIZE]; /* what is on the disk; to be read and written without power */
    char mount[TEMPDIR_FILE_SIZE];   /* what programs see */
    pid_t pid;
    int said; /* its standard output */
};

enum { POWER_UNSYNCED_SIZE = 1024 };

struct power_report {
    unsigned operations, pending;
    bool is_off;
    char unsynced[POWER_UNSYNCED_SIZE]; /* names of files when the last order struck: " a b" */
};

/*
 * Put this process into a mount namespace of its own, which ends with it. NULL, or why there are
 * no such directories here. To be called once, by a process with one thread.
 */
const char *power_prepare(void);

void power_start(struct power *ret);
void power_stop(struct power *power);

/* What is on the disk, to be said without power. */
void power_clear(const struct power *power);
void power_put(const struct power *power, const char *name, struct bytes contents);

/* One order as powercut.c has them, printf style. */
void power_order(const struct power *power, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct power_report power_report(const struct power *power);
