/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: notices, who wants to hear of what, and mails. */
extern const char portal_notices_v1[];
