/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority's HTTP interface. For its register:
 *   POST /v1/certificates                issue, idempotent by request_id
 *   GET  /v1/certificates/:kind/:serial  what is known of one, without its contents
 *   POST /v1/revocations                 revoke, idempotent by request_id
 *   POST /v1/releases                    lift a hold, idempotent by request_id
 *   POST /v1/phones/card                 which card a phone's certificate goes with
 * for jpki-ocspd:
 *   GET  /v1/revocations?since=N&wait=MS what was revoked and released behind number N, a page at
 *                                        a time, as soon as there is something
 *   GET  /v1/verifiers                   whose requests it answers
 *   POST /v1/usage                       how many it has answered
 *   POST /v1/responders/renewals         a certificate to follow a responder's
 * for operators:
 *   POST /v1/verifiers                   register a verifier by its certificate
 *   DELETE /v1/verifiers/:name
 *   POST /v1/parties                     a verifier applies; then
 *   POST /v1/parties/:name/steps         it is certified, suspended, resumed, ended,
 *   POST /v1/parties/:name/notices       gives notice for a service of a provider, or for itself,
 *   POST /v1/parties/:name/certificates  gets a certificate for its requests, or loses one
 *   GET  /v1/parties, /v1/parties/:name
 *   DELETE /v1/parties/:name/providers/:provider
 *   GET  /v1/fees?month=YYYY-MM          what they owe
 *   POST /v1/crls                        publish the lists of revocations now
 *   GET  /v1/certificates?...            how one stands, by number, key or request
 *   POST /v1/feed/snapshots              make snapshots of both revocation feeds now
 *   GET  /v1/audit?since=N               the audit log, a page at a time
 *   GET  /v1/audit/tree                  its root as a Merkle tree, and proofs
 * for all of them:
 *   GET  /v1/crls                        the lists, and when the next ones are due
 *   GET  /v1/crls/:name                  one of them, DER
 *   GET  /v1/feed/:kind/snapshot         the revocation feed of a CA: the last snapshot,
 *   GET  /v1/feed/:kind/deltas?since=N&wait=MS  and what leads on from edition N
 *   GET  /v1/cas/:kind                   a CA's certificate
 *   GET  /metrics                        what was counted
 * and, on an interface of its own, for anyone:
 *   POST /v1/holder/revocations          revoke the certificate of the key that signs this
 *   POST /v1/holder/consents             what one has consented to, and what was handed out
 *   POST /v1/holder/withdrawals          withdraw a consent
 * and, on a third one, for verifiers, in signed requests:
 *   POST /v1/verifier/links              which certificate belongs with one
 *   POST /v1/verifier/standing           its own registration
 *   POST /v1/verifier/feed               a CA's revocation feed: snapshot, or what leads on
 *   POST /v1/holder/phones               have the keys of a phone certified
 *   POST /v1/holder/phones/suspensions   put it on hold
 *   POST /v1/verifier/consents           a consent, or its withdrawal, as its holder signed it
 *   POST /v1/verifier/consent-changes    what became of the consents to a provider's services
 *   POST /v1/verifier/latest             the latest attributes of a customer
 * and, on a fourth one, for verifiers whose certificate a proxy has seen:
 *   GET  /v1/feed/:kind/snapshot, /v1/feed/:kind/deltas?since=N&wait=MS, /v1/crls/:name
 */
#pragma once

#include "authority/authority.h"
#include "http/server.h"
#include "rpc/signer_worker.h" /* what a worker of these routes is */

extern const struct route *const authority_routes[]; /* tables, ended by NULL */
extern const struct http_about authority_about;
/* routes_holder.c; authority->holder_origin is set. */
extern const struct route authority_holder_routes[];
extern const struct route authority_holder_consent_routes[];
extern const struct route *const authority_holder_tables[]; /* that and others, ended by NULL */
extern const struct http_about authority_holder_about;

/* routes_link.c and others; authority->verifier_origin is set. Tables, ended by NULL. */
extern const struct route *const authority_asked_routes[];
extern const struct http_about authority_asked_about;

/* For verifiers behind a proxy that ends TLS (party/shown.h). Tables, ended by NULL. */
extern const struct route *const authority_shown_routes[];
extern const struct http_about authority_shown_about;

/* Database and signerd answer. */
int authority_ready(struct http_call *call, struct err *err);

/* For the register, operators, and jpki-ocspd too (authority->ocspd). */
extern const struct http_access authority_ocspd_peer;

/* For the register, and for operators too (authority->operators). */
extern const struct http_access authority_operator;

/* Who calls, for the audit log. */
struct audit_origin authority_caller(const struct http_call *call);

/* The worker's connection to signerd. */
int authority_worker_signer(struct http_call *call, struct signer **ret, struct err *err);

/*
 * ?wait=MS, 0 if it is not there; ERR_INPUT unless it is 0 to HTTP_WAIT_MS. A handler takes
 * http_bell_rings(authority_changes(store)) before it looks; if there is nothing to tell, and
 * http_wait(call, rings, ms) says so, it returns, and is called again after the next event.
 */
MUST_CHECK int authority_wait_param(const struct http_call *call, int64_t *ret_ms, struct err *err);

/* ":kind" of a path; ERR_ABSENT if there is no such CA. */
int authority_kind_param(const struct http_call *call, enum ca_kind *ret, struct err *err);

/* Words that the rows of several subjects share. */
extern const char *const authority_kinds[];
extern const struct http_form authority_request_id;

/* One table a subject, each in the file of its name. */
extern const struct route authority_certificate_routes[];
extern const struct route authority_revocation_routes[];
extern const struct route authority_crl_routes[];
extern const struct route authority_find_routes[];
extern const struct route authority_feed_routes[];
extern const struct route authority_shown_feed_routes[];
extern const struct route authority_shown_crl_routes[];
extern const struct route authority_verifier_routes[];
extern const struct route authority_party_routes[];
extern const struct route authority_phone_routes[];
extern const struct route authority_phone_card_routes[];
extern const struct route authority_usage_routes[];
extern const struct route authority_responder_routes[];
