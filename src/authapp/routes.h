/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider's HTTP interface. For relying parties and browsers below the issuer, ORIGIN and
 * /api/realms/main (pki.md 7.1):
 *   GET  .well-known/openid-configuration
 *   GET, POST protocol/openid-connect/auth      a relying party sends a browser
 *   POST protocol/openid-connect/token          code, refresh token or credentials for tokens
 *   GET, POST protocol/openid-connect/userinfo  claims, by access token
 *   GET  protocol/openid-connect/certs          keys of tokens
 *   POST protocol/openid-connect/revoke         RFC 7009
 *   GET, POST protocol/openid-connect/logout    RP-initiated logout
 *   GET  login/:session                         the page that waits for the card
 * For cards, the same protocol as a platform's (platform/routes.h):
 *   GET  /v1/keys                     what certificates are encrypted to: the platform's
 *   GET  /v1/logins/:session          the challenge
 *   POST /v1/logins/:session/answer   {certificate: JWE, signature, code, sign?} -> 204
 *   GET  /v1/signings/:session            what is to be signed
 *   GET  /v1/signings/:session/document   the document itself
 *   POST /v1/signings/:session/answer     {certificate: JWE, signature, code} -> 204
 * For relying parties that want something signed, by a token of their own credentials:
 *   POST /api/sign-transactions             -> address and code for the holder
 *   GET  /api/sign-transactions/:id/result
 * And for operators:
 *   GET  /v1/audit, /v1/audit/tree, /metrics
 */
#pragma once

#include "authapp/authapp.h"
#include "http/server.h"

extern const struct route *const authapp_routes[]; /* tables, ended by NULL */
extern const struct http_about authapp_about;

/* Database and signerd answer. */
int authapp_ready(struct http_call *call, struct err *err);

/* Inside this room only. */
extern const struct route authapp_agent_routes[];        /* page/agent.c */
extern const struct route authapp_auth_routes[];         /* login/routes_auth.c */
extern const struct route authapp_browser_routes[];      /* login/routes_browser.c */
extern const struct route authapp_card_routes[];         /* login/routes_card.c */
extern const struct route authapp_discovery_routes[];    /* discovery.c */
extern const struct route authapp_logout_routes[];       /* token/logout.c */
extern const struct route authapp_page_routes[];         /* page/html.c */
extern const struct route authapp_signing_routes[];      /* signing/routes.c */
extern const struct route authapp_signing_card_routes[]; /* signing/routes_card.c */
extern const struct route authapp_token_routes[];        /* token/endpoint.c */
extern const struct route authapp_userinfo_routes[];     /* token/userinfo.c */
/* The worker's connection to signerd. */
MUST_CHECK int authapp_signer(struct http_call *call, struct signer **ret, struct err *err);
