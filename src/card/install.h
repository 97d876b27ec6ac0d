/* SPDX-License-Identifier: Apache-2.0 */
/* What an INSTALL command says about an operator's area (GlobalPlatform Card Specification, 11.5).
 */
#pragma once

#include "card/free.h"

/* The executable of the standard applet, which is on every card: load file and module. */
#define INSTALL_LOAD_FILE BYTES_LITERAL("\xf0OJPKI TESTP")
#define INSTALL_MODULE    BYTES_LITERAL("\xf0OJPKI TESTM")

struct install {
    struct bytes load_file, module, instance; /* AIDs */
    struct bytes parameters;                  /* value of C9 */
};

/*
 * INSTALL [for install and make selectable]: load file, module, instance, privileges (none),
 * parameters (C9 alone), token (none), each behind its length. ERR_INPUT for anything else.
 */
MUST_CHECK int install_parse(struct bytes data, struct install *ret, struct err *err);
/* INSTALL [for personalization]: the AID of whom STORE DATA is for. */
MUST_CHECK int install_parse_target(struct bytes data, struct bytes *ret, struct err *err);

/*
 * The area that is asked for. Parameters: a description (card/free.h), then A5 { 80 version,
 * 81 ENC, 82 MAC, 83 DEK, 84 their check values } if the operator has keys, which a protected area
 * must. A key is its length and itself under the issuer's DEK (Amendment D, 7.2). ERR_INPUT;
 * ERR_UNTRUSTED if a key does not fit its check value.
 */
MUST_CHECK int install_area(const struct install *install, const struct secret *dek,
                            struct free_area *ret, struct err *err);
