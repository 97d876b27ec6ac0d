/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate says, for people and as JSON. Includes the holder's four attributes. */
#pragma once

#include "base/json.h"
#include "x509/cert.h"

void print_certificate(const struct x509_cert *cert);
/*
 * Members subject, issuer, serial, not_before, not_after, key_algorithm, key_bits, fingerprint and
 * holder (null or an object as of holder_view.h) of object.
 */
MUST_CHECK int put_certificate(struct json *object, const struct x509_cert *cert, struct err *err);
