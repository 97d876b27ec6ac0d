/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenants that are signature verifiers themselves (certified under article 17(1) of the law), not
 * only providers behind one: they may see what others must not, a certificate in a document, and
 * identify people by it. That the certification is there is for the platform's operator to know.
 */
#pragma once

#include "platform/store.h"

/* Both in the store; ERR_ABSENT if there is no such tenant. The same again changes nothing. */
MUST_CHECK int platform_set_verifier(struct platform_store *store, const char *client_id,
                                     bool is_verifier, const struct audit_origin *by,
                                     struct err *err);
MUST_CHECK int platform_is_verifier(struct platform_store *store, const char *client_id, bool *ret,
                                    struct err *err);
