/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Migrations of the portal's schema: applications, their attachments and what became of them. */
extern const char portal_applications_v1[], portal_application_signings_v1[],
    portal_applications_v2[], portal_applications_v3[], portal_application_readings_v1[];
extern const char portal_application_prepared_v1[],
    portal_application_prepared_v2[]; /* by a service */
