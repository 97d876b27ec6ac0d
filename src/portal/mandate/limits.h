/* SPDX-License-Identifier: Apache-2.0 */
/* What mandates are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    MANDATES_MAX = 20,                /* of a person at a time, on either side */
    MANDATES_KEPT_MAX = 50,           /* that a person gave, those that are over among them */
    MANDATE_NAME_MAX = 40,            /* characters of what the two are called to each other */
    MANDATE_DAYS_MAX = 3 * 366,       /* from today to the last day of one that a person gives */
    MANDATE_CODE_SECONDS = 24 * 3600, /* that the other one may take it with its code */
    MANDATE_CHILD_AGE = 15,           /* from which on nobody acts as a parent */
    MANDATE_QUIET_SECONDS = 600,      /* after a look in which further ones are not told */
    MANDATE_PAGE_MAX = 100,           /* in one answer to a municipality */
};
