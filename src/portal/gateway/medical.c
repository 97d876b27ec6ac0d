/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Medical insurance (S317): medicine, cost and check-ups from the insurer, at the paths of
 * self-information. A consent may last for a period, 90 days, in which the service asks again;
 * medicine reaches back 100 days (portal.md 2.1, 2.8).
 */
#include "portal/gateway/apis.h"

#include <stddef.h>

#define MEDICINE "TM99000000000101"

static const char *const infos[] = {MEDICINE, "TM99000000000102", "TM99000000000103", NULL};
static const struct gateway_reach reach[] = {{MEDICINE, 100}, {NULL, 0}};

const struct gateway_api gateway_medical = {
    .name = GATEWAY_PROXY_API,
    .since = "2021-07",
    .names = {"医療保険情報取得API", "Medical insurance"},
    .is_by_consent = true,
    .is_of_exchange = true,
    .period_days = 90,
    .infos = infos,
    .reach = reach,
};
