/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-information (S311): somebody lets a service have what bodies hold about them, item by item,
 * once. Its paths are operator/routes_process.c's.
 */
#include "portal/gateway/apis.h"

const struct gateway_api gateway_self_information = {
    .name = "self-information",
    .since = "2019-11",
    .names = {"自己情報取得API", "Self-information"},
    .is_by_consent = true,
    .is_of_exchange = true,
};
