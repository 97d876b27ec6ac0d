/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of what is said of outages; each has a test at the limit and one past it. */
#pragma once

enum {
    OUTAGE_TEXT_MAX = 200, /* characters of what is said of one */
    OUTAGES_MAX = 50,      /* that are not over */
    OUTAGES_SHOWN = 100,   /* on the status page, those of the last week among them */
};
