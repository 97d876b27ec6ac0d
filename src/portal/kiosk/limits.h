/* SPDX-License-Identifier: Apache-2.0 */
/* What kiosks are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    KIOSK_NAME_MAX = 64,          /* characters of a terminal's name */
    KIOSK_TERMINALS_MAX = 10000,  /* that are not revoked */
    KIOSK_OFFERS_MAX = 4000,      /* rows of the table of certificates */
    KIOSK_CLOSED_MAX = 16,        /* rows of days on which there are none */
    KIOSK_TABLE_MAX = 1048576,    /* bytes of that file */
    KIOSK_FEE_MAX = 100000,       /* yen */
    KIOSK_CARD_SECONDS = 60,      /* from an order to its card's signature */
    KIOSK_ORDER_SECONDS = 600,    /* from an order to its payment */
    KIOSK_FINISH_SECONDS = 28800, /* from an order to its document */
    KIOSK_PAYMENT_MIN = 16,       /* characters of what a coin box calls a payment */
    KIOSK_PAYMENT_MAX = 43,
    KIOSK_OPEN_MAX = 50, /* orders of a terminal that are under way */
};
