/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Person references (docs/decisions/0091): which certificate somebody has shown, for the register
 * alone. Whoever carries one cannot read it. The first function is for the program.
 */
#pragma once

#include "platform/platform.h"

/* The register's key, out of a file in PEM. */
MUST_CHECK int reference_load(const char *path, struct pubkey **ret, struct err *err);
/* Whether a tenant may ask for them: only those that the operator has named. */
bool reference_is_for(const struct platform *platform, const char *client_id);
/* A compact JWE over {"issuer_key_id", "serial", "iat"} of somebody's certificate. */
MUST_CHECK int reference_make(const struct platform *platform, const struct x509_cert *cert,
                              struct buf *ret, struct err *err);
