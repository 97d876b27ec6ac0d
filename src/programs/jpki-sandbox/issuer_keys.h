/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys for the free area of each card that the sandbox's counter personalises: random, in
 * issuer-keys/PERSONA, and those of the card in the reader also in issuer-keys/reader, which is
 * where JPKI_ISSUER_KEY_FILE points.
 */
#pragma once

#include "sandbox/layout.h"

/* The file for the card in the reader; release with free_text. */
MUST_CHECK int issuer_keys_path(const struct layout *layout, char **ret, struct err *err);
/* The persona's card is in the reader: its keys are those of the reader; none if it has none. */
MUST_CHECK int issuer_keys_use(const struct layout *layout, const char *persona, struct err *err);
/* The persona's card is in the reader: put keys on it, unless it has got some before. */
MUST_CHECK int issuer_keys_put(const struct layout *layout, const char *persona, struct err *err);
