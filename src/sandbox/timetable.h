/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How soon what the authority did becomes known: as in the real system, whose lists come out at
 * 07:00 and whose responders learn each quarter of an hour (pki.md 2, 3), or at once, for people
 * who wait. A setting of the sandbox is lines of its daemons' configurations.
 */
#pragma once

#include "base/err.h"

enum timetable { TIMETABLE_FAST, TIMETABLE_REAL };

const char *timetable_name(enum timetable timetable); /* "fast", "real" */
/* ERR_USAGE for another name. */
MUST_CHECK int timetable_from_name(const char *name, enum timetable *ret, struct err *err);

/* What it means in the sections of jpki-authorityd, jpki-ocspd and jpki-platformd. */
const char *timetable_authority_lines(enum timetable timetable);
const char *timetable_ocsp_lines(enum timetable timetable);
const char *timetable_platform_lines(enum timetable timetable);
