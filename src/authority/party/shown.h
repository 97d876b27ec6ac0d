/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verifier behind a proxy that ends TLS: the certificate that the client has shown, and whose key
 * it has, stands in a header field. That counts on the proxy's own socket alone, from the user ids
 * of its workers, because there nobody else can write the field.
 */
#pragma once

#include "authority/party/party.h"
#include "authority/routes.h"
#include "x509/cert.h"

/* The proxy, and whoever has shown it a certificate or none: rows decide with shown_party. */
extern const struct http_access authority_proxy_peer;

/* The active party whose certificate was shown, if it is valid now; else ERR_DENIED. */
MUST_CHECK int shown_party(const struct http_call *call, struct party *ret, struct err *err);
