/* SPDX-License-Identifier: Apache-2.0 */
/* The authority's answer about revocations: what is read of it keeps its own rules. */
#include "fuzz.h"
#include "ocsp/feed_page.h"
#include "ocsp/overlay.h"

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

static void check_events(const struct pending *events, uint32_t issued)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &pending_events(events)[i];

        FUZZ_CHECK(event->serial > 0 && event->serial <= issued);
        FUZZ_CHECK(event->reason < CRL_REASONS_);
        FUZZ_CHECK(!event->is_release || event->reason == CRL_CERTIFICATE_HOLD);
    }
}

FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(feed_page_done) struct feed_page page = {.last = 0};

    if (json_parse(bytes_of(data, size), &json, NULL) < 0 || feed_page_read(json, &page, NULL) < 0)
        return 0;
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        CLEANUP(overlay_freep) struct overlay *overlay = NULL;

        check_gaps(&page.serials[ca]);
        check_events(&page.events[ca], page.serials[ca].issued);
        if (overlay_apply(NULL, NULL, &page.events[ca], &overlay, NULL) == 0)
            FUZZ_CHECK(overlay_count(overlay) <= page.events[ca].count);
    }
    return 0;
}
