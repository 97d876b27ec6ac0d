/* SPDX-License-Identifier: Apache-2.0 */
/* What operators of services are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    OPERATOR_NAME_MAX = 100,  /* characters of a service's name */
    OPERATOR_TEXT_MAX = 1000, /* characters of a purpose, a reason, an answer for the review */
    OPERATOR_URIS_MAX = 10,   /* addresses that people may be led back to */
    OPERATOR_INFOS_MAX = 40,  /* names that a service may ask for */
    OPERATOR_KEYS_MAX = 5,    /* keys of a service */
    OPERATOR_APPLICATIONS_MAX = 200,  /* services that wait for their review */
    OPERATOR_QUEUE_MAX = 1000,        /* with those from where none waited yet */
    OPERATOR_WAITING_MAX = 5,         /* of those, of one requester */
    OPERATOR_NETWORK_MAX = 20,        /* of those, from one network */
    OPERATOR_UNKNOWN_MAX = 100,       /* of those, of all requesters that are not known */
    OPERATOR_CONFIRM_SECONDS = 86400, /* that one waits without having been confirmed */
    OPERATOR_ITEMS_MAX = 400,         /* items that somebody consents to at once */
    OPERATOR_STATE_MAX = 255,         /* characters of a state */
    OPERATOR_CONSENTS_MAX = 200,      /* consents of an account that are not over */
    OPERATOR_PROCESSES_MAX = 50,      /* requests by one consent */
    OPERATOR_CODE_SECONDS = 60,
    OPERATOR_ACCESS_SECONDS = 3600,
    OPERATOR_CONSENT_SECONDS = 86400, /* of one that is for one request */
    OPERATOR_RATE = 10,               /* requests a second of a service */
    OPERATOR_PAGE_MAX = 50,           /* services or consents in a page */
};
