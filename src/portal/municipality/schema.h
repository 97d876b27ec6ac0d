/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: keys of people who work for municipalities. */
extern const char portal_municipality_keys_v1[];
/* People of municipalities, and drafts of their texts. */
extern const char portal_staff_v1[];
