/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: which sites people have linked, and who went there. */
extern const char portal_sites_v1[];
