/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.json: what the supervisor says about itself, for 'status' and 'env'. Written whole at
 * each change; only believed while the directory's lock is held.
 */
#pragma once

#include "base/json.h"
#include "sandbox/layout.h"
#include "sandbox/ports.h"
#include "sandbox/supervisor.h"
#include "sandbox/timetable.h"

enum { STATE_VERSION = 1 };

#define STATE_FILE "state/state.json" /* below the directory */

struct state {
    bool is_ready; /* everything was started once */
    const struct ports *ports;
    enum timetable timetable;
    const char *no_reader;    /* why there is no pcscd; NULL: there is one */
    bool are_users_separate;  /* each program has its own uid */
    const char *plugged;      /* persona whose card is in the reader; NULL: none */
    const char *plug_request; /* the last one that was answered; NULL: none yet */
    const char *plug_refusal; /* why that one failed; NULL: it did not */
};

MUST_CHECK int state_write(const struct layout *layout, const struct supervisor *supervisor,
                           const struct state *state, struct err *err);
/* With what is set as "powers" (powers_file.h). ERR_ABSENT if no supervisor runs in this directory.
 */
MUST_CHECK int state_read(const struct layout *layout, struct json **ret, struct err *err);
/* What is in the file, by the supervisor itself, which does not look for a supervisor. */
MUST_CHECK int state_load(const struct layout *layout, struct json **ret, struct err *err);
