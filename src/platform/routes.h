/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's HTTP interface. Octets are base64 (RFC 4648, 4), times are UTC seconds, key
 * identifiers are lower-case hexadecimal.
 *   GET  /v1/keys                     JWKS: what certificates are encrypted to
 *   POST /v1/verifications            {digest: {alg, value}, signature, certificate: JWE} -> 201
 *                                     {id, verdict, reasons, and attributes: {name, address,
 *                                     birth_date, sex} if it is valid}, for tenants
 *   GET  /v1/verifications/:id        {id, verdict}, for the tenant who asked
 *   POST /v1/authentications          {message: {origin, client_id, redirect_uri, session, nonce,
 *                                     expires_at}, signature, certificate: JWE, sign: {signature,
 *                                     certificate: JWE}} -> 201 {id, verdict, reasons, holder,
 *                                     attributes}, for tenants
 *   POST /v1/logins                   {client_id} -> 201 {session, secret, code, and the challenge}
 *   GET  /v1/logins/:session          the challenge: {session, nonce, expires_at,
 *                                     provider: {name, origin, client_id}, issuers: [key ids]}
 *   POST /v1/logins/:session/answer   {certificate: JWE, signature, and secret or code} -> 204
 *   POST /v1/logins/:session/redeem   {secret} -> {sub}
 *   GET  /v1/holders/:holder          {holder, state, newer_since}, for tenants who were shown him
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

/* Inside this room only. */
extern const struct route platform_authentication_routes[]; /* authentication/routes.c */
extern const struct route platform_consent_routes[];        /* consent/routes.c */
extern const struct route platform_event_routes[];          /* event/routes.c */
extern const struct route platform_holder_routes[];         /* holder/routes.c */
extern const struct route platform_latest_routes[];         /* latest/routes.c */
extern const struct route platform_login_routes[];          /* login/routes.c */
extern const struct route platform_verification_routes[];   /* verification/routes.c */
extern const struct http_form platform_id_form;             /* 16 octets in base64url */
extern const struct http_form platform_event_form;          /* of an event's id */
extern const struct http_member platform_event_members[];
extern const struct http_form platform_secret_form;  /* 32 octets in base64url */
http_handler_fn platform_get_metrics;                /* metrics.c */
extern const struct route platform_webhook_routes[]; /* webhook/routes.c */
extern const struct route platform_fee_routes[];     /* fee/routes.c */
extern const struct http_access platform_operator;   /* never a tenant */
/* The worker's connection to signerd. */
MUST_CHECK int platform_signer(struct http_call *call, struct signer **ret, struct err *err);
