/* SPDX-License-Identifier: Apache-2.0 */
/* What codes.h keeps: its secret, and which auth certificate is on whose card. */
#pragma once

#include "register/codes.h"

/* A secret of the register as signerd wrapped it; ERR_ABSENT if there is none. */
MUST_CHECK int register_get_wrapped(struct register_store *store, const char *name, struct buf *ret,
                                    struct err *err);
/* ERR_CONFLICT if there is one of that name: what is derived from it must never change. */
MUST_CHECK int register_put_wrapped(struct register_store *store, const char *name,
                                    struct bytes wrapped, struct err *err);

/* ERR_ABSENT if no auth certificate of a card of this register has that issuer and number. */
MUST_CHECK int register_find_certificate(struct register_store *store, const char *issuer,
                                         int64_t serial, struct code_holder *ret, struct err *err);

/* That codes of somebody were told, or, with resident NULL, refused; who asked is in by. */
MUST_CHECK int register_note_codes(struct register_store *store, const char *resident,
                                   const char *outcome, const struct audit_origin *by,
                                   struct err *err);
