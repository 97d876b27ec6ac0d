/* SPDX-License-Identifier: Apache-2.0 */
/* What codes.h keeps: its secret, and which auth certificate is on whose card. */
#pragma once

#include "register/codes.h"

/* ERR_ABSENT if no auth certificate of a card of this register has that issuer and number. */
MUST_CHECK int register_find_certificate(struct register_store *store, const char *issuer,
                                         int64_t serial, struct code_holder *ret, struct err *err);

/* That what the register has of somebody was told for that person's own certificate. */
MUST_CHECK int register_note_extract(struct register_store *store, const char *resident,
                                     const char *outcome, const struct audit_origin *by,
                                     struct err *err);
/* That codes of somebody were told, or, with resident NULL, refused; who asked is in by. */
MUST_CHECK int register_note_codes(struct register_store *store, const char *resident,
                                   const char *outcome, const struct audit_origin *by,
                                   struct err *err);
