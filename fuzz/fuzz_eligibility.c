/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a portal may answer to a clinic's terminal, and what an insurer may answer to the portal.
 */
#include "holder/eligibility.h"
#include "portal/eligibility/insurance.h"

#include "fuzz.h"

#include <string.h>

static int see_item(void *context, const struct eligibility_item *item, struct err *err)
{
    (void)context;
    (void)err;
    FUZZ_CHECK(strlen(item->day) == strlen("2026-01-01"));
    return 0;
}

static void read_insurance(const struct json *answer)
{
    static const struct caldate day = {2026, 11, 26};
    CLEANUP(json_freep) struct json *told = NULL;
    struct insurance found;

    if (insurance_read(answer, day, &found, NULL) < 0)
        return;
    FUZZ_CHECK(found.share >= 0 && found.share <= 100);
    FUZZ_CHECK(found.state != INSURANCE_HOLDS || caldate_compare(found.from, day) <= 0);
    FUZZ_CHECK(insurance_tell(&found, &told, NULL) == 0);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(eligibility_reading_done) struct eligibility_reading reading = {.json = NULL};
    CLEANUP(json_freep) struct json *json = NULL;
    struct eligibility_answer answer;

    if (json_parse(bytes_of(data, size), &json, NULL) < 0)
        return 0;
    if (eligibility_parse(json, &answer, NULL) == 0)
        FUZZ_CHECK(remote_is_name(answer.lookup, CHALLENGE_SESSION_MAX) &&
                   answer.consents < 1U << ELIGIBILITY_KINDS_ && answer.share >= 0);
    read_insurance(json);
    if (eligibility_parse_reading(json_steal(&json), &reading, NULL) == 0)
        FUZZ_CHECK(eligibility_each_item(&reading, see_item, NULL, NULL) == 0);
    return 0;
}
