/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "portal/routes.h"

extern const struct route portal_status_routes[]; /* at the operators' door */
extern const struct route
    portal_outage_routes[]; /* at the portal's own: for its operator as well */
