/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal's HTTP interface: for its pages, which show what these answer, and for whoever has a
 * session (account/access.h); for operators of services (gateway/); and for its own operators
 * GET /v1/audit, /v1/audit/tree, /metrics. One table for each file of routes.
 */
#pragma once

#include "http/server.h"
#include "portal/portal.h"

extern const struct route *const portal_routes[]; /* tables, ended by NULL */
extern const struct http_about portal_about;

/* Database and signerd answer. */
int portal_ready(struct http_call *call, struct err *err);

/* Inside this room only. */
extern const struct http_form portal_id_form, portal_secret_form;
extern const struct route portal_login_routes[];       /* account/login_routes.c */
extern const struct route portal_page_routes[];        /* page.c */
extern const struct route portal_session_routes[];     /* account/routes.c */
extern const struct route portal_published_routes[];   /* gateway/procedure_search.c */
extern const struct route portal_procedure_routes[];   /* procedure/routes.c */
extern const struct route portal_selfinfo_routes[];    /* selfinfo/routes.c */
extern const struct route portal_history_routes[];     /* history/routes.c */
extern const struct route portal_provider_routes[];    /* provider/routes.c */
extern const struct route portal_question_routes[];    /* provider/questions.c */
extern const struct route portal_civil_routes[];       /* provider/civil.c */
extern const struct route portal_parent_routes[];      /* provider/parents.c */
extern const struct route portal_application_routes[]; /* application/routes.c */
extern const struct route portal_submission_routes[];  /* application/routes_submit.c */
extern const struct route portal_reading_routes[];     /* application/routes_reading.c */
extern const struct route portal_clerk_routes[];       /* application/routes_clerk.c */
extern const struct route portal_inquiry_routes[];     /* application/routes_inquiry.c */
extern const struct route portal_kiosk_routes[];       /* kiosk/routes.c */
extern const struct route portal_issued_routes[];      /* kiosk/routes_issued.c */
extern const struct route portal_mail_routes[];        /* mail/routes.c */
extern const struct route portal_notice_routes[];      /* notice/routes.c */
extern const struct route portal_order_routes[];       /* notice/routes_office.c */
extern const struct route portal_sender_routes[];      /* notice/routes_senders.c */
extern const struct route portal_receipt_routes[];     /* application/receipt.c */
extern const struct route portal_editor_routes[];      /* municipality/editor.c */
extern const struct route portal_mandate_routes[];     /* mandate/routes.c */
extern const struct route portal_legal_routes[];       /* mandate/routes_municipality.c */
extern const struct route portal_resident_routes[];    /* mandate/routes_residents.c */
extern const struct route portal_eligibility_routes[]; /* eligibility/routes.c */
extern const struct route portal_lookup_routes[];      /* eligibility/routes_citizen.c */
extern const struct route portal_draft_routes[];       /* municipality/draft_routes.c */
extern const struct route portal_staff_routes[];       /* municipality/staff_routes.c */
extern const struct route portal_site_routes[];        /* site/routes.c */
extern const struct route portal_sso_routes[];         /* site/authorize.c */
extern const struct route portal_site_notice_routes[]; /* site/notices.c */
extern const struct route portal_sso_token_routes[];   /* site/token.c */
extern const struct route portal_sso_about_routes[];   /* site/discovery.c */
/* A key that the portal signs with, as a set of one, and what that answer is. */
MUST_CHECK int portal_reply_key(struct http_call *call, const struct pubkey *public,
                                struct err *err);
extern const struct http_answer portal_keys_answers[];
/* The worker's connection to signerd. */
MUST_CHECK int portal_signer(struct http_call *call, struct signer **ret, struct err *err);
