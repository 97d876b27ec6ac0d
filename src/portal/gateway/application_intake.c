/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The intake of applications by municipalities (portal.md 2.6): each with its own key, at the paths
 * of application/routes_clerk.c.
 */
#include "portal/gateway/apis.h"

const struct gateway_api gateway_application_intake = {
    .name = "application-intake",
    .since = "2020-12",
    .names = {"電子申請等情報受取API", "Intake of applications"},
};
