/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: who may ask at the gateway. */
extern const char portal_gateway_v1[];
