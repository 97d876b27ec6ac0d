/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: services, consents, tokens, processes. */
extern const char portal_operators_v1[];
