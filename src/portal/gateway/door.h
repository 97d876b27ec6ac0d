/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operators' door: an interface of its own for services and clinics, behind a proxy
 * that ends TLS and says which certificate a client has shown. Whoever it is of is the table's to
 * find out. What the proxy says counts on a Unix socket and from its user ids alone, because there
 * nobody else can write the field.
 */
#pragma once

#include "crypto/digest.h"
#include "http/server.h"

/*
 * SHA-256 of the certificate that the client has shown (RFC 8705, 3.1), valid now; ERR_DENIED if it
 * has shown none.
 */
MUST_CHECK int door_certificate(const struct http_call *call, struct digest *ret, struct err *err);

/* Whoever has shown a certificate: rows decide whose it is. */
extern const struct http_access door_shown;

extern const struct route *const portal_door_routes[]; /* tables, ended by NULL */
extern const struct http_about portal_door_about;
