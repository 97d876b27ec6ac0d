/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sandbox's owner sets (powers_map.h): DIR/powers, made anew at each start, and the words
 * of commands and of the control API for it.
 */
#pragma once

#include "base/json.h"
#include "sandbox/layout.h"
#include "sandbox/powers_map.h"

/* Where the daemons reach the control API: DIR/page/page.sock. */
#define SANDBOX_CONTROL_VARIABLE "JPKI_SANDBOX_CONTROL"

/*
 * Make the file, 0660 for the programs of the sandbox, and say in our environment where it is, and
 * where the control API is; the programs inherit both.
 */
MUST_CHECK int powers_file_provide(const struct layout *layout, struct err *err);
/* Map it; ERR_ABSENT if the sandbox was never started. Unmap with powers_page_done. */
MUST_CHECK int powers_file_map(const struct layout *layout, struct powers_page **ret,
                               struct err *err);
void powers_page_done(struct powers_page **page); /* CLEANUP(powers_page_done) */

enum { POWERS_TIMES_MAX = 1000000 };
/* Set one of those that are met: times, or 0 for until it is cleared. ERR_INPUT otherwise. */
MUST_CHECK int powers_arm(struct powers_page *page, enum named_fault fault, int64_t times,
                          struct err *err);
/* Nothing is set any more. */
void powers_clear(struct powers_page *page);

/*
 * {"name", "place", "way", "text", "left", "met"}: left is null unless it is set, and 0 if it is
 * set until it is cleared.
 */
MUST_CHECK int powers_fault_json(const struct powers_page *page, enum named_fault fault,
                                 struct json **ret, struct err *err);
/* An array of all of them. */
MUST_CHECK int powers_faults_json(const struct powers_page *page, struct json **ret,
                                  struct err *err);
/*
 * {"faults": [{"name", "times"}], "persona", "registration"}: what is set. times is how often a
 * fault will yet be met, 0 until it is cleared.
 */
MUST_CHECK int powers_json(const struct powers_page *page, struct json **ret, struct err *err);
/*
 * Set exactly that, of such an object, whose members may be missing: then nothing is set.
 * ERR_INPUT, ERR_ABSENT for a fault that is none, and then nothing was changed.
 */
MUST_CHECK int powers_replace(struct powers_page *page, const struct json *object, struct err *err);
