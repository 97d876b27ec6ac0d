/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A migration of the portal's schema: notices, who wants to hear of what, and mails. */
extern const char portal_notices_v1[];
/* Another: what services and sites sent, and whom of them somebody does not want to hear of. */
extern const char portal_notice_senders_v1[];
