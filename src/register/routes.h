/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter's HTTP interface, for clerks' programs. Who is logged in reads:
 *   POST /v1/challenges, /v1/sessions   log in with a card; DELETE /v1/sessions/own: out
 *   GET  /v1/sessions/own               who is logged in
 *   GET  /v1/residents?birth_date=D     those of the municipality who were born that day
 *   POST /v1/residents/by-number        whose individual number that is, for a purpose in law
 *   GET  /v1/residents/:id, .../cards   the attributes, never the individual number; the cards
 *   GET  /v1/cards/:id, .../history     a card, and the states it came to
 *   GET  /v1/filings, /v1/filings/:id   what waits for a second clerk; what became of one
 *   POST /v1/loss-line/searches         who called because a card is lost, and the cards there
 *   GET  /v1/clerks, .../:id/history    for administrators
 *   POST /v1/exchange-codes, /v1/residents/:id/exchange-codes   for the exchange (codes.h)
 *   GET  /v1/audit?since=N              the audit log, a page at a time; for operators, too
 *   GET  /v1/audit/tree                 its root as a Merkle tree, and proofs
 *   GET  /metrics                       what was counted; for anyone
 * and has done what is signed (register/filing.h):
 *   POST /v1/filings                    an order:
 *     /v1/residents                     record a resident
 *     /v1/residents/:id/moves           a new address; the sign certificate is revoked
 *     /v1/residents/:id/acts            what else happens to a resident
 *     /v1/cards                         assign a blank card
 *     /v1/cards/:id/acts                what happens to a card
 *     /v1/cards/:id/certificates        have the certificates for its keys issued
 *     /v1/cards/:id/personal-files      what is written on it beside them
 *     /v1/cards/:id/activation          hand it over
 *     /v1/filings/:id/confirmation      be the second clerk; .../withdrawal: not wanted any more
 *     /v1/clerks, .../:id/roles|block|card  administer clerks
 */
#pragma once

#include "http/server.h"
#include "register/codes.h"
#include "register/counter.h"
#include "register/session.h"

struct order; /* register/filing.h */

/* For http_server_options, whose context is a struct counter: tables, ended by NULL. */
extern const struct route *const register_routes[];
extern const struct http_about register_about;
/*
 * The same for a door of their own, at which clerks' browsers ask (docs/decisions/0099): pages, and
 * what clerks need beside them. Whoever reaches it may log in; the session is a cookie.
 */
extern const struct route *const register_door_routes[];
extern const struct http_about register_door_about;
#define DOOR_COOKIE "__Host-jpki_counter"

/* The user id that a session goes with: BROWSER_UID at the door. */
uid_t register_peer(const struct http_call *call);
/* The name of the cookie here: without its prefix where there is no TLS. */
const char *register_cookie_name(const struct counter *counter);
enum { REGISTER_CSRF_SIZE = 65 };
/* What a browser shows with each change, for the token of its session. */
MUST_CHECK int register_csrf(const char *token, char ret[REGISTER_CSRF_SIZE], struct err *err);
/* The token of a call: of its field Authorization, or of its cookie; NULL if there is none. */
MUST_CHECK int register_token(const struct http_call *call, const char **ret, struct err *err);
/* Rows of the same form for what is signed; no server has them. */
extern const struct route *const register_orders[];
extern const struct http_about register_orders_about;
/* Database, authority and, if there is one, the signer of card data answer. */
int register_ready(struct http_call *call, struct err *err);

/* Programs that may connect; clerks who are logged in; of those the ones who administer; orders. */
extern const struct http_access register_program, register_clerk, register_administrator,
    register_signed;

/* ERR_DENIED if clerks cannot log in here at all. */
MUST_CHECK int register_check_desk(const struct http_call *call, struct err *err);
/* The session that a call is sent in; refused with session-unknown. */
MUST_CHECK int register_session(const struct http_call *call, struct session *ret, struct err *err);

/*
 * Have the handler of an order's row do what it asks for, in the call that brought it; *ret is its
 * answer, held against the row. Nothing of it is kept here.
 */
MUST_CHECK int register_do_order(const struct http_call *call, struct order *order,
                                 struct http_response *ret, struct err *err);
/* In the handler of an order: all of it, and who has signed it, for the audit log. */
const struct order *register_order(const struct http_call *call);
struct audit_origin register_caller(const struct http_call *call);

/* Exchange and programs; what is for the former alone is refused to the latter with a record. */
extern const struct http_access register_exchange;
enum { REGISTER_GONE }; /* place of the problem in lists of rows that use the next function */
#define REGISTER_GONE_PROBLEM                                                                      \
    [REGISTER_GONE] = {"gone", ERR_CONFLICT, "the certificate of the reference no longer counts"}
/*
 * For the exchange: whose card, or phone, was shown, by the member person_reference of the body.
 * Fails as codes_find_holder, and with REGISTER_GONE.
 */
MUST_CHECK int register_find_shown(struct http_call *call, enum code_device device,
                                   struct code_holder *ret, struct err *err);

/* ERR_DENIED, with a record, to whoever is not the exchange. */
MUST_CHECK int register_exchange_only(const struct http_call *call, struct err *err);

/* The names of roles, as the member roles. */
MUST_CHECK int register_put_roles(struct json *body, unsigned roles, struct err *err);
/* A date as a member; none for a date of year 0. */
MUST_CHECK int register_put_date(struct json *body, const char *key, struct caldate date,
                                 struct err *err);

/* Words that the rows of several subjects share. */
extern const struct http_form register_municipality_form;
extern const struct http_form register_flags_form;
extern const struct http_form register_serial_form;
extern const char *const register_sexes[];
extern const struct http_form register_counter_form;
extern const struct http_form register_id_form; /* of clerks and sessions */

/* Tables of routes and of orders of one subject, each in the file of its name. */
extern const struct route register_resident_routes[], register_resident_orders[];
extern const struct route register_page_routes[], register_search_routes[];
extern const struct route register_act_orders[];
extern const struct route register_card_routes[], register_card_orders[];
extern const struct route register_certificate_orders[];
extern const struct route register_personal_orders[];
extern const struct route register_login_routes[];
extern const struct route register_filing_routes[], register_filing_orders[];
extern const struct route register_code_routes[], register_extract_routes[];
extern const struct route register_relocation_routes[];
extern const struct route register_loss_routes[];
extern const struct route register_clerk_routes[], register_clerk_orders[];
