/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/network.h"

#include "base/log.h"

enum { MINUTE = 60, RETRY_SECONDS = 10 };

static void observe(const struct err *failure)
{
    log_failure("exchange.waits", failure);
}

static void observe_courier(const struct err *failure)
{
    log_failure("operator.callback", failure);
}

static void observe_relocations(const struct err *failure)
{
    log_failure("exchange.relocations", failure);
}

static int load_tables(const struct portald_config *config, struct network *network,
                       struct err *err)
{
    TRY(err_prefix(err, tables_load(config->exchange_tables, &network->tables, err),
                   "exchange_tables"));
    TRY(err_prefix(err, hours_load(config->exchange_tables, &network->hours, err),
                   "exchange_tables"));
    return err_prefix(err,
                      making_load(network->tables, config->exchange_tables, &network->making, err),
                      "exchange_tables");
}

int network_open(const struct portald_config *config, struct portal *portal,
                 struct network *network, struct err *err)
{
    if (config->provider_database == NULL)
        return 0;
    TRY(load_tables(config, network, err));
    TRY(holdings_open(config->provider_database, network->tables, portal->clock, &network->holdings,
                      err));
    network->exchange = (struct exchange){
        .db = portal_store_db(portal->store),
        .tables = network->tables,
        .hours = network->hours,
        .clock = portal->clock,
        .provider = holdings_provider(network->holdings),
        .capacity = config->exchange_capacity,
        .rate = config->exchange_rate,
        .rate_seconds = MINUTE,
        .answer_seconds = config->exchange_answer_s,
        .keep_seconds = config->exchange_keep_s,
        .retry_seconds = RETRY_SECONDS,
    };
    portal->exchange = &network->exchange;
    portal->holdings = network->holdings;
    portal->making = network->making;
    network->portal = portal;
    return 0;
}

int network_start(struct network *network, struct err *err)
{
    if (network->holdings == NULL)
        return 0;
    TRY(exchange_worker_start(&network->exchange, observe, &network->worker, err));
    if (network->portal->register_socket != NULL)
        TRY(relocations_start(network->portal, observe_relocations, &network->relocations, err));
    return network->portal->door_origin == NULL
               ? 0
               : courier_start(network->portal, observe_courier, &network->courier, err);
}

void network_stop(struct network *network)
{
    courier_stopp(&network->courier);
    relocations_stopp(&network->relocations);
    exchange_worker_stopp(&network->worker);
}

void network_done(struct network *network)
{
    courier_stopp(&network->courier);
    exchange_worker_stopp(&network->worker);
    holdings_closep(&network->holdings);
    making_freep(&network->making);
    hours_freep(&network->hours);
    tables_freep(&network->tables);
}
