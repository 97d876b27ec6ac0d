/* SPDX-License-Identifier: Apache-2.0 */
/* What notices are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    NOTICE_NAME_MAX = 100,         /* characters of a name in a notice */
    NOTICE_LINK_MAX = 100,         /* characters of the page that a notice leads to */
    NOTICE_KEPT_MAX = 500,         /* notices of an account; the oldest ones go */
    NOTICE_PAGE_MAX = 50,          /* notices in one answer */
    NOTICE_CODES_MAX = 1000,       /* codes of persons in one order of an office */
    NOTICE_KEY_MAX = 64,           /* characters of the key of an order */
    NOTICE_ORDERS_MAX = 200,       /* orders of an office in a day */
    NOTICE_SENT_MAX = 10000,       /* notices of a service or site in a day */
    NOTICE_SENT_TO_ONE_MAX = 3,    /* of those to one person */
    NOTICE_DIGITS_MAX = 8,         /* in a name that others give: a day has as many */
    NOTICE_SUBSCRIPTIONS_MAX = 50, /* life events that an account wants to hear of */
};
