/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The border of the public libraries: failures and bytes as they are inside become those of
 * jpki/types.h, and the other way round.
 */
#pragma once

#include "base/bytes.h"

#include <jpki/types.h>

/* rc of a call that filled *err, as the caller outside gets it; fills *error if not NULL. */
MUST_CHECK int tell(int rc, const struct err *err, struct jpki_error *error);

/* ERR_USAGE if there is a size and no data. */
MUST_CHECK int take_bytes(struct jpki_bytes from, struct bytes *ret, struct err *err);
struct jpki_bytes give_bytes(struct bytes bytes);
