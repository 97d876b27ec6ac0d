/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Migrations of the portal's schema: services, consents, tokens, processes; what a review found. */
extern const char portal_operators_v1[];
extern const char portal_operators_v2[];
extern const char portal_operators_v3[]; /* by which mandate a consent was given */
extern const char portal_operators_v4[]; /* whose application waits, and until when */
