/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange of information behind a portal, as its configuration says. */
#pragma once

#include "exchange/holdings.h"
#include "exchange/hours.h"
#include "exchange/worker.h"
#include "portal/operator/courier.h"
#include "portal/provider/relocations.h"
#include "programs/jpki-portald/config.h"

/* Zeros: there is none. */
struct network {
    struct tables *tables;
    struct hours *hours;
    struct making *making;
    struct holdings *holdings;
    struct exchange exchange;
    struct exchange_worker *worker;
    const struct portal
        *portal; /* that was opened first: what a reload changes, the courier has no use for */
    struct courier *courier;         /* of services; NULL: there is no operators' door */
    struct relocations *relocations; /* NULL: there is no register */
};

/* Nothing without provider_database. portal gets what its routes need; its store is open. */
MUST_CHECK int network_open(const struct portald_config *config, struct portal *portal,
                            struct network *network, struct err *err);
/* Have questions go on; nothing happens if there is no exchange. */
MUST_CHECK int network_start(struct network *network, struct err *err);
void network_stop(struct network *network);
void network_done(struct network *network);
