/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program needs before it can start: configuration, keys, CAs, a blank card. Each of these
 * is harmless when everything is there already. Configurations are written anew each time.
 */
#pragma once

#include "sandbox/roster.h"

/* Configuration, passphrase and keys of each zone; certificates of the verifiers' keys. */
MUST_CHECK int setup_signer_ca(struct roster *roster, struct err *err);
MUST_CHECK int setup_signer_ocsp(struct roster *roster, struct err *err);
MUST_CHECK int setup_signer_token(struct roster *roster, struct err *err);
/* The same, with the CV certificates of its data keys and the public keys of its roots. */
MUST_CHECK int setup_signer_card(struct roster *roster, struct err *err);
MUST_CHECK int setup_signer_witness(struct roster *roster, struct err *err);
/* Configuration of the witness, which looks at all audit logs. */
MUST_CHECK int setup_witness(struct roster *roster, struct err *err);
/*
 * Configuration, both CA certificates, which also become the anchors, and those of the responders.
 * Needs signerd of the zones ca and ocsp.
 */
MUST_CHECK int setup_authority(struct roster *roster, struct err *err);
/* A blank card for each clerk. */
MUST_CHECK int setup_first_clerk(struct roster *roster, struct err *err);
MUST_CHECK int setup_second_clerk(struct roster *roster, struct err *err);
/*
 * Configuration, certificates on the clerks' cards, the first clerk. Needs these cards to be
 * served, and authorityd.
 */
MUST_CHECK int setup_register(struct roster *roster, struct err *err);
/* The part about clerks; conf is the register's configuration. */
MUST_CHECK int setup_clerks(const struct roster *roster, const char *conf, struct err *err);
/* The second clerk and both clerks' roles. Needs registerd. */
MUST_CHECK int setup_enrol(struct roster *roster, struct err *err);
MUST_CHECK int setup_ocsp(struct roster *roster, struct err *err);
/* Configuration, providers with their keys, and jpkictl's. Needs authorityd, where both verifiers
 * are registered. */
MUST_CHECK int setup_platform(struct roster *roster, struct err *err);
/* Configuration, and relying parties with their keys. Needs the tenant's key from setup_platform.
 */
MUST_CHECK int setup_authapp(struct roster *roster, struct err *err);
/* The configurations alone, once keys have taken turns (roster_rotate). */
MUST_CHECK int setup_rewrite_platform(const struct roster *roster, struct err *err);
MUST_CHECK int setup_rewrite_authapp(const struct roster *roster, struct err *err);
/* Configuration of the portal, a relying party of the OpenID provider. */
MUST_CHECK int setup_portal(struct roster *roster, struct err *err);
MUST_CHECK int setup_reader(struct roster *roster, struct err *err);
/* A folder and a blank card for roster->persona. */
MUST_CHECK int setup_card(struct roster *roster, struct err *err);
