/* SPDX-License-Identifier: Apache-2.0 */
/* A whole sandbox from start to stop, as 'jpki-sandbox up' runs it. */
#pragma once

#include "sandbox/timetable.h"

#include <stdbool.h>

struct box_options {
    const char *dir;     /* NULL: the default directory */
    const char *bin_dir; /* where the programs lie */
    enum timetable timetable;
    unsigned generations; /* of the CAs, at least; those that are there stay */
    /* Told what is going on; text is one line for people. */
    void (*progress)(void *context, const char *text);
    /* Told once everything is ready. */
    void (*ready)(void *context, const char *dir);
    /* Told what went wrong while running; the sandbox goes on. */
    void (*trouble)(void *context, const struct err *err);
    /* Asked now and then; false stops the sandbox as SIGTERM does. NULL: it always is. */
    bool (*is_wanted)(void *context);
    void *context;
};

/*
 * Start everything, stay until SIGTERM or SIGINT, stop everything. On SIGHUP the card that the
 * file "plugged" asks for is put into the reader. Failing to start stops what had been started.
 */
MUST_CHECK int box_run(const struct box_options *options, struct err *err);
