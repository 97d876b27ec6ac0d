/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter's HTTP interface, for clerks' programs:
 *   POST /v1/residents               record a resident
 *   GET  /v1/residents/:id           the attributes, never the individual number
 *   POST /v1/residents/:id/moves     a new address; the sign certificate is revoked
 *   POST /v1/cards                   assign a blank card
 *   GET  /v1/cards/:id
 *   POST /v1/cards/:id/certificates  have the certificates for its keys issued
 *   POST /v1/cards/:id/personal-files  what is written on it beside them
 *   POST /v1/cards/:id/activation    hand it over
 *   GET  /v1/audit?since=N           the audit log, a page at a time; for operators too
 */
#pragma once

#include "http/server.h"
#include "register/counter.h"

/* For http_server_options, whose context is a struct counter. */
extern const struct route register_routes[];
extern const struct http_about register_about;
/* Database, authority and, if there is one, the signer of card data answer. */
int register_ready(struct http_call *call, struct err *err);
