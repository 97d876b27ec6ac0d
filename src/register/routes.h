/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter's HTTP interface, for clerks' programs:
 *   POST /v1/residents               record a resident
 *   GET  /v1/residents/:id           the attributes, never the individual number
 *   POST /v1/residents/:id/moves     a new address; the sign certificate is revoked
 *   POST /v1/residents/:id/acts      what else happens to a resident
 *   POST /v1/cards                   assign a blank card
 *   GET  /v1/cards/:id
 *   GET  /v1/cards/:id/history       the states it came to
 *   POST /v1/cards/:id/acts          what happens to a card
 *   POST /v1/cards/:id/certificates  have the certificates for its keys issued
 *   POST /v1/cards/:id/personal-files  what is written on it beside them
 *   POST /v1/cards/:id/activation    hand it over
 *   GET  /v1/audit?since=N           the audit log, a page at a time; for operators too
 *   GET  /v1/audit/tree              its root as a Merkle tree, and proofs
 */
#pragma once

#include "http/server.h"
#include "register/counter.h"

/* For http_server_options, whose context is a struct counter: tables, ended by NULL. */
extern const struct route *const register_routes[];
extern const struct http_about register_about;
/* Database, authority and, if there is one, the signer of card data answer. */
int register_ready(struct http_call *call, struct err *err);

/* For clerks' programs. */
extern const struct http_access register_clerk;

/* Who calls, for the audit log. */
struct audit_origin register_caller(const struct http_call *call);

/* A date as a member; none for a date of year 0. */
MUST_CHECK int register_put_date(struct json *body, const char *key, struct caldate date,
                                 struct err *err);

/* Words that the rows of several subjects share. */
extern const struct http_form register_municipality_form;
extern const struct http_form register_flags_form;
extern const struct http_form register_serial_form;
extern const char *const register_sexes[];

/* One table a subject, each in the file of its name. */
extern const struct route register_resident_routes[];
extern const struct route register_act_routes[];
extern const struct route register_card_routes[];
extern const struct route register_certificate_routes[];
extern const struct route register_personal_routes[];
