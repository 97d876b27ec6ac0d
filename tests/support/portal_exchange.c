/* SPDX-License-Identifier: Apache-2.0 */
#include "support/portal_exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

void portal_exchange_open(struct portal_exchange *exchange, struct portal_site *site)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(tables_load(EXCHANGE_DATA, &exchange->tables, NULL), 0);
    assert_int_equal(hours_load(EXCHANGE_DATA, &exchange->hours, NULL), 0);
    assert_int_equal(making_load(exchange->tables, EXCHANGE_DATA, &exchange->making, NULL), 0);
    assert_int_equal(holdings_open(tempdir_file(&site->dir, "p.db", path), exchange->tables,
                                   &site->clock, &exchange->holdings, NULL),
                     0);
    exchange->x = (struct exchange){.db = portal_store_db(site->portal.store),
                                    .tables = exchange->tables,
                                    .hours = exchange->hours,
                                    .clock = &site->clock,
                                    .provider = holdings_provider(exchange->holdings),
                                    .capacity = 1000,
                                    .rate = 1000,
                                    .rate_seconds = 60,
                                    .answer_seconds = 3600,
                                    .keep_seconds = 86400,
                                    .retry_seconds = 10};
    site->portal.exchange = &exchange->x;
    site->portal.holdings = exchange->holdings;
    site->portal.making = exchange->making;
    site->portal.register_socket = "/nowhere";
}

void portal_exchange_close(struct portal_exchange *exchange)
{
    holdings_closep(&exchange->holdings);
    making_freep(&exchange->making);
    hours_freep(&exchange->hours);
    tables_freep(&exchange->tables);
}

void portal_exchange_fill(struct portal_exchange *exchange, const char *body, uint8_t octet,
                          const struct making_person *person)
{
    static const struct making_person hanako = {
        "hanako", {1990, 4, 15}, true, "千代田区", {2026, 9, 21}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct holding whose = {.body = body};

    memset(whose.code.value, octet, sizeof whose.code.value);
    assert_int_equal(holdings_make(exchange->holdings, exchange->making, &whose,
                                   person == NULL ? &hanako : person, &by, NULL),
                     0);
}

void portal_exchange_steps(struct portal_exchange *exchange)
{
    while (exchange_step(&exchange->x, NULL) == 0)
        continue;
}
