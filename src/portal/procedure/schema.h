/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: municipalities, what they offer, what it says, and grams. */
extern const char portal_procedures_v1[];
/* The content and the forms of texts move to a table of their own. */
extern const char portal_procedures_v2[];
/* Departments are told in English, too. */
extern const char portal_procedures_v3[];
