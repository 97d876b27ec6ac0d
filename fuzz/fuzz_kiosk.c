/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what kiosks give, and what a register may answer to the portal. */
#include "fuzz.h"
#include "portal/kiosk/extract.h"

enum { DAY = 86400, HOUR = 3600 };

static void see_table(const struct kiosk_table *table)
{
    const struct kiosk_offer *offer = kiosk_table_find(table, "13101", KIOSK_RESIDENT);

    FUZZ_CHECK(offer == NULL || (offer->fee >= 0 && offer->opens < offer->closes));
    for (int64_t at = 0; offer != NULL && at < DAY; at += HOUR)
        (void)kiosk_table_is_open(table, offer, at);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    CLEANUP(json_freep) struct json *json = NULL;
    struct extract extract;

    if (kiosk_table_parse(bytes_of(data, size), &table, NULL) == 0)
        see_table(table);
    if (json_parse(bytes_of(data, size), &json, NULL) == 0 &&
        extract_read(json, true, &extract, NULL) == 0)
        FUZZ_CHECK(caldate_is_valid(extract.birth));
    return 0;
}
