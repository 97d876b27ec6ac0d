/* SPDX-License-Identifier: Apache-2.0 */
/* The routes about operators of services, and what several of their files need. */
#pragma once

#include "portal/operator/client.h"
#include "portal/routes.h"

/* At the operators' door. */
extern const struct route portal_operator_client_routes[]; /* routes_client.c */
extern const struct route portal_token_routes[];           /* routes_token.c */
extern const struct route portal_process_routes[];         /* routes_process.c */
extern const struct route portal_pulled_notice_routes[];   /* gateway/notices.c */
extern const struct route portal_sent_notice_routes[];     /* gateway/notice_sending.c */
extern const struct route portal_e_application_routes[];   /* gateway/e_application.c */
/* At the portal's own. */
extern const struct route portal_operator_review_routes[]; /* routes_review.c: for its operator */
extern const struct route portal_consent_routes[];         /* routes_consent.c: for people */
extern const struct route portal_given_consent_routes[];   /* routes_given.c: the same */

/* A service as its operator and the portal's see it, and its members. */
MUST_CHECK int operator_tell(const struct operator_client *client, struct json **ret,
                             struct err *err);
extern const struct http_member operator_members[];
