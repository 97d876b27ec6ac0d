/* SPDX-License-Identifier: Apache-2.0 */
/* The authority's answer about revocations: what is read of it keeps its own rules. */
#include "fuzz.h"
#include "ocsp/feed_page.h"

static void check_gaps(const struct serials *serials)
{
    FUZZ_CHECK(serials->gaps.count <= GAPS_MAX);
    for (size_t i = 0; i < serials->gaps.count; i++) {
        const struct gap *gap = &serials->gaps.ranges[i];

        FUZZ_CHECK(gap->first > 0 && gap->first <= gap->last && gap->last <= serials->issued);
        FUZZ_CHECK(i == 0 || gap->first > gap[-1].last + 1);
        FUZZ_CHECK(gaps_contain(&serials->gaps, gap->first));
        FUZZ_CHECK(gaps_contain(&serials->gaps, gap->last));
        FUZZ_CHECK(!gaps_contain(&serials->gaps, gap->first - 1));
    }
}

FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(feed_page_done) struct feed_page page = {.last = 0};

    if (json_parse(bytes_of(data, size), &json, NULL) < 0 || feed_page_read(json, &page, NULL) < 0)
        return 0;
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        check_gaps(&page.serials[ca]);
        for (size_t i = 0; i < page.entries[ca].count; i++) {
            uint32_t serial = pending_entries(&page.entries[ca])[i].serial;

            FUZZ_CHECK(serial > 0 && serial <= page.serials[ca].issued);
        }
    }
    return 0;
}
