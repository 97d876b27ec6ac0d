/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program needs before it can start: configuration, keys, CAs, a blank card. Each of these
 * is harmless when everything is there already. Configurations are written anew each time.
 */
#pragma once

#include "sandbox/roster.h"

/* Configuration, passphrase and the keys of both CAs. */
MUST_CHECK int setup_signer(struct roster *roster, struct err *err);
/* Configuration and both CA certificates, which also become the anchors. Needs signerd. */
MUST_CHECK int setup_authority(struct roster *roster, struct err *err);
MUST_CHECK int setup_register(struct roster *roster, struct err *err);
MUST_CHECK int setup_reader(struct roster *roster, struct err *err);
/* A folder and a blank card for roster->persona. */
MUST_CHECK int setup_card(struct roster *roster, struct err *err);
