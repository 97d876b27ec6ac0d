/* SPDX-License-Identifier: Apache-2.0 */
/* What clinics are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    CLINIC_NAME_MAX = 45,     /* characters of a clinic's name */
    CLINIC_KEYS_MAX = 32,     /* keys of a clinic that are not revoked */
    CLINIC_KEY_NAME_MAX = 64, /* characters of the name of one: a terminal's, a person's */
    CLINIC_RATE = 50,         /* requests a second with one terminal's key */

    ELIGIBILITY_OPEN_MAX = 50,     /* lookups of a clinic that wait for a card */
    ELIGIBILITY_SECONDS = 60,      /* for which one waits: platforms take no longer ones */
    ELIGIBILITY_SILENCE = 10,      /* seconds after which it is told that nobody answers */
    ELIGIBILITY_KEPT = 86400,      /* seconds for which a clinic may look at an answer again */
    ELIGIBILITY_CONSENT = 86400,   /* seconds for which a consent holds */
    ELIGIBILITY_READINGS_MAX = 20, /* times that one consent is made use of */
    ELIGIBILITY_PAGE = 20,         /* lookups in a page for the person they are about */
};
