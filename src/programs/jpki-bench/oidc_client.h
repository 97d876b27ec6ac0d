/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relying party, the browser that it sends and the card that answers, on one connection: all that
 * a login takes, from the request to the ID token.
 */
#pragma once

#include "programs/jpki-bench/oidc_lab.h"

/* On the loopback port of the lab's provider. */
MUST_CHECK int oidc_client_connect(const struct oidc_lab *lab, int *ret_fd, struct err *err);
/* With one card of the lab's; ERR_REMOTE for whatever is not a login. */
MUST_CHECK int oidc_client_login(const struct oidc_lab *lab, int fd, size_t card, struct err *err);
