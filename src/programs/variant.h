/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the two builds of a daemon differ: jpki-NAME is linked with variant_plain.c, and
 * jpki-NAME-sandbox, which 'jpki-sandbox up' starts, with variant_sandbox.c. All other source is
 * the same, and what only the sandbox may do is not in the program that is for use.
 *
 * Both listen on Unix sockets and 127.0.0.1 alone (service.h), so there is no address to refuse.
 */
#pragma once

#include "base/clock.h"
#include "http/powers.h"
#include "x509/cert.h"

/*
 * The clock that this program goes by: the system's; in the sandbox the one that can be moved
 * (sandbox/clock_map.h), and then what its owner has set is opened as well (powers_map.h). Before
 * the process is confined.
 */
MUST_CHECK int variant_clock(const struct clock **ret, struct err *err);

/*
 * Whether to work for a CA: in the sandbox ERR_INPUT unless its name, as text, has TEST in it.
 * jpki-authorityd does not ask: its profiles know no other names, in either build.
 */
MUST_CHECK int variant_check_ca_name(const char *name, struct err *err);
/* The same for subject and issuer of its certificate. */
MUST_CHECK int variant_check_ca(const struct x509_cert *cert, struct err *err);

/* Whether this is the build for the sandbox, which may call private addresses. */
bool variant_is_sandbox(void);

/* Whether the sandbox's owner wants no new lists of revocations just now; false outside of one. */
bool variant_holds_lists(void);

/* What is done to requests beside the routes; NULL: nothing, and always so outside of a sandbox. */
const struct http_powers *variant_powers(void);
