/* SPDX-License-Identifier: Apache-2.0 */
/* What operators of services are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    OPERATOR_NAME_MAX = 100,  /* characters of a service's name */
    OPERATOR_TEXT_MAX = 1000, /* characters of a purpose, a reason, an answer for the review */
    OPERATOR_URIS_MAX = 10,   /* addresses that people may be led back to */
    OPERATOR_INFOS_MAX = 40,  /* names that a service may ask for */
    OPERATOR_KEYS_MAX = 5,    /* keys of a service */
    OPERATOR_APPLICATIONS_MAX = 200, /* services that wait for their review */
    OPERATOR_PAGE_MAX = 50,          /* services or consents in a page */
};
