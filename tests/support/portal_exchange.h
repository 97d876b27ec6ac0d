/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exchange behind a portal, and what bodies hold about people they know by a code of one octet
 * many times. Everything fails the running test. Tests that use it replace codes_ask
 * (-Wl,--wrap).
 */
#pragma once

#include "exchange/exchange.h"
#include "exchange/holdings.h"
#include "support/portal_site.h"

/* One of them at a portal. */
struct portal_exchange {
    struct exchange x; /* its limits are more than a test asks for, unless it changes them */
    struct tables *tables;
    struct hours *hours;
    struct making *making;
    struct holdings *holdings;
};

void portal_exchange_open(struct portal_exchange *exchange, struct portal_site *site);
/* Before the portal's end. */
void portal_exchange_close(struct portal_exchange *exchange);
/* A body holds what is made about somebody; NULL: a woman of Chiyoda, at hanako's age. */
void portal_exchange_fill(struct portal_exchange *exchange, const char *body, uint8_t octet,
                          const struct making_person *person);
/* All that is due. */
void portal_exchange_steps(struct portal_exchange *exchange);
