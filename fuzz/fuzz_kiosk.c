/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what kiosks give, what a register may answer to the portal, what a portal may answer
 * to a machine, and what may lie in a coin box.
 */
#include "fuzz.h"
#include "holder/vending.h"
#include "portal/kiosk/extract.h"
#include "programs/jpki-kiosk/box.h"

#include <string.h>

enum { DAY = 86400, HOUR = 3600 };

static void see_table(const struct kiosk_table *table)
{
    const struct kiosk_offer *offer = kiosk_table_find(table, "13101", KIOSK_RESIDENT);

    FUZZ_CHECK(offer == NULL || (offer->fee >= 0 && offer->opens < offer->closes));
    for (int64_t at = 0; offer != NULL && at < DAY; at += HOUR)
        (void)kiosk_table_is_open(table, offer, at);
}

static void see_order(const struct json *json)
{
    struct vending_order order;

    if (vending_parse(json, &order, NULL) < 0)
        return;
    FUZZ_CHECK(strchr(order.number, '/') == NULL && order.offer_count <= VENDING_OFFERS_MAX);
    FUZZ_CHECK(order.state != VENDING_ISSUED || order.number[0] != '\0');
}

FUZZ_TARGET(data, size)
{
    struct box box = {.path = "box"};
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    CLEANUP(json_freep) struct json *json = NULL;
    struct extract extract;

    if (kiosk_table_parse(bytes_of(data, size), &table, NULL) == 0)
        see_table(table);
    if (box_parse(bytes_of(data, size), &box, NULL) == 0)
        FUZZ_CHECK(strcmp(box.path, "box") == 0);
    if (json_parse(bytes_of(data, size), &json, NULL) < 0)
        return 0;
    see_order(json);
    if (extract_read(json, true, &extract, NULL) == 0)
        FUZZ_CHECK(caldate_is_valid(extract.birth));
    return 0;
}
