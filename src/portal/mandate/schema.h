/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: who may act for whom. */
extern const char portal_mandates_v1[];
