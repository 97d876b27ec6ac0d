/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: kiosks and the certificates that they have printed. */
extern const char portal_kiosk_v1[];
extern const char portal_kiosk_v2[]; /* and those of other registers than the residents' */
