/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: applications, their attachments and what became of them. */
extern const char portal_applications_v1[], portal_application_signings_v1[];
