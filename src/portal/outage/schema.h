/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: when interfaces are out of service. */
extern const char portal_outages_v1[];
