/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's HTTP interface. Octets are base64 (RFC 4648, 4), times are UTC seconds, key
 * identifiers are lower-case hexadecimal.
 *   GET  /v1/keys                     JWKS: what certificates are encrypted to
 *   POST /v1/verifications            {digest: {alg, value}, signature, certificate: JWE} -> 201
 *                                     {id, verdict, reasons, and attributes: {name, address,
 *                                     birth_date, sex} if it is valid}, for tenants
 *   POST /v1/document-verifications a whole document, for tenants that are verifiers themselves
 *                                     (verification/routes_document.c)
 *   GET  /v1/verifications/:id        {id, verdict}, for the tenant who asked
 *   GET  /v1/verifications            a page of them (verification/routes_list.c)
 *   DELETE /v1/verifications/:id      have it forgotten
 *   POST /v1/authentications          an answer to a login of the tenant's own
 *                                     (authentication/routes.c)
 *   GET  /v1/tenant                   what a tenant may use, and used
 *   GET  /v1/tenant/keys              for owners, as the next two
 *   POST /v1/tenant/keys              {name, role, expires} -> 201 {id, key, ...}
 *   DELETE /v1/tenant/keys/:id        nobody's from now on
 *   GET  /v1/tenant/members           people who log in with a card; for owners, as the next two
 *   POST /v1/tenant/members           {name, role} -> 201 {id, invitation, ...}
 *   DELETE /v1/tenant/members/:id     nobody from now on
 *   POST /v1/console/logins           {invitation?} -> 201 {session, address, code, expires_at}
 *   GET  /v1/console/logins/:session  {state}, and the session's cookie (member/routes.c)
 *   GET  /v1/console/me               {member, tenant, operator, csrf}
 *   POST /v1/console/logout           the session is over
 *   POST /v1/logins                   {client_id} -> 201 {session, secret, code, and the challenge}
 *   GET  /v1/logins/:session          the challenge: {session, nonce, expires_at,
 *                                     provider: {name, origin, client_id}, issuers: [key ids]}
 *   POST /v1/logins/:session/answer   {certificate: JWE, signature, and secret or code} -> 204
 *   POST /v1/logins/:session/redeem   {secret} -> {sub}
 *   GET  /v1/holders/:holder          {holder, state, newer_since}, for tenants who were shown him
 *   GET  /console/, /console/:file    the console's files, for browsers (http/pages.h)
 *   GET  /v1/operator/tenants         all of them, for operators (operator/routes.c)
 *   GET  /v1/audit?since=N            the audit log, a page at a time, for operators
 *   GET  /v1/audit/tree               its root as a Merkle tree, and proofs
 * Whoever opened a login answers with its secret; whoever was given its address needs the code
 * that the opener sees.
 */
#pragma once

#include "http/server.h"
#include "platform/platform.h"
#include "rpc/signer_worker.h" /* what a worker of these routes is */

extern const struct route *const platform_routes[]; /* tables, ended by NULL */
extern const struct http_about platform_about;

/* Database and signerd answer. */
int platform_ready(struct http_call *call, struct err *err);
/* What it warns of (watch.h), in words. */
int platform_warn(struct http_call *call, struct json *words, struct err *err);

/* Inside this room only. */
extern const struct route platform_authentication_routes[]; /* authentication/routes.c */
extern const struct route platform_login_routes[];          /* login/routes.c */
extern const struct route platform_environment_routes[];    /* tenant/routes_environment.c */
extern const struct route platform_tenant_routes[];         /* tenant/routes.c */
extern const struct route platform_kyc_routes[];            /* kyc/routes.c */
extern const struct route platform_report_routes[];         /* report/routes.c */
extern const struct route platform_operator_routes[];       /* operator/routes.c */
extern const struct route platform_document_routes[];       /* verification/routes_document.c */
extern const struct route platform_member_routes[];         /* member/routes.c */
extern const struct route platform_verification_record_routes[]; /* verification/routes_record.c */
extern const struct route platform_verification_list_routes[];   /* verification/routes_list.c */
extern const struct route platform_verification_routes[];        /* verification/routes.c */
extern const struct http_form platform_id_form;                  /* 16 octets in base64url */
extern const struct http_form platform_secret_form;              /* 32 octets in base64url */
http_handler_fn platform_get_metrics;                            /* metrics.c */
extern const struct route platform_consent_routes[];             /* consent/routes.c */
extern const struct route platform_console_routes[];             /* console/routes.c */
extern const struct route platform_event_routes[];               /* event/routes.c */
extern const struct route platform_holder_routes[];              /* holder/routes.c */
extern const struct route platform_latest_routes[];              /* latest/routes.c */
extern const struct http_form platform_event_form;               /* of an event's id */
extern const struct http_member platform_event_members[];
extern const struct route platform_webhook_routes[];  /* webhook/routes.c */
extern const struct route platform_fee_routes[];      /* fee/routes.c */
extern const struct route platform_evidence_routes[]; /* evidence/routes.c */
extern const struct route platform_usage_routes[];    /* usage/routes.c */
/* The worker's connection to signerd. */
MUST_CHECK int platform_signer(struct http_call *call, struct signer **ret, struct err *err);
