/* SPDX-License-Identifier: Apache-2.0 */
/* What mails are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    MAIL_TRIES_MAX = 10,         /* to hand over a mail, before it is given up */
    MAIL_RETRY_FIRST_S = 30,     /* until the second try, and twice as long each time ... */
    MAIL_RETRY_MAX_S = 6 * 3600, /* ... up to this */
    MAIL_KEPT_S = 30 * 86400,    /* that it is known what became of a mail */
    MAIL_CODES_MAX = 5,          /* mails with a code for an account in a day */
    MAIL_CODE_TRIES_MAX = 5,     /* wrong codes for an address */
    MAIL_CODE_S = 1800,          /* that a code counts */
    MAIL_DEAD_PAGE_MAX = 100,    /* mails that were given up in one answer */
};
