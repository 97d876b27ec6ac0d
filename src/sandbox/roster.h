/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs a sandbox consists of, in which order they start, and what has to exist before
 * each of them: one table.
 *
 * A further daemon has a row there; a user (process.h) and a folder of that user (layout.c); a
 * setup that writes its configuration (setup.h); its keys in a zone of setup_signers.c; its name
 * in builds.c if there is a build of it for sandboxes; a port (ports.h) with its row in state.c
 * and page_rows.c; and a row for jpkictl in setup_services.c.
 */
#pragma once

#include "sandbox/layout.h"
#include "sandbox/ports.h"
#include "sandbox/supervisor.h"
#include "sandbox/timetable.h"

/* What the steps of starting share. */
struct roster {
    const struct layout *layout;
    struct supervisor *supervisor;
    const struct namespace *ns; /* NULL: there is no reader */
    const struct ports *ports;
    enum timetable timetable;
    unsigned generations;      /* of the CAs, at least; those that are there stay */
    unsigned turns;            /* how often the keys of tokens and reports were rotated */
    const char *bin_dir;       /* where the programs lie */
    const char *pcscd_dir;     /* what pcscd sees as /run/pcscd */
    const char *persona;       /* whose card is being plugged in */
    struct roster_line *lines; /* expanded rows, kept for the supervisor; starts as NULL */
};

/* Called before each step that may take a while; for progress. */
typedef void roster_step_fn(void *context, const char *name);

/* Make keys, configurations and CAs where they are missing and start all programs. */
MUST_CHECK int roster_start(struct roster *roster, roster_step_fn *step, void *context,
                            struct err *err);
/* Start the software card of a persona; a blank one is made if there is none. */
MUST_CHECK int roster_plug(struct roster *roster, const char *persona, struct err *err);
/*
 * Other keys sign tokens and reports from now on, without a restart. Those of before stay published
 * as long as what they signed.
 */
MUST_CHECK int roster_rotate(struct roster *roster, struct err *err);
void roster_unplug(struct roster *roster);
/* Releases what the supervisor no longer needs: call after supervisor_stop_all. */
void roster_done(struct roster *roster);
