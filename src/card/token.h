/* SPDX-License-Identifier: Apache-2.0 */
/* EF 0006, a CK_TOKEN_INFO of 160 bytes, and EF 0008, three bytes (card.md 3.1). */
#pragma once

#include "base/bytes.h"

enum {
    TOKEN_SIZE = 160,
    TOKEN_LABEL_MAX = 32,
    TOKEN_MANUFACTURER_MAX = 32,
    TOKEN_MODEL_MAX = 16,
    TOKEN_SERIAL_MAX = 16,
    PRESENCE_SIZE = 3,
};

/* The labels by which clients know a My Number Card of plastic and one in a telephone. */
#define TOKEN_LABEL_PLASTIC "JPKIAPICCTOKEN2"
#define TOKEN_LABEL_ANDROID "JPKIAPGPSETOKEN"
#define TOKEN_LABEL_IPHONE  "JPKIAPIOSTOKEN"

struct token_info {
    const char *label, *manufacturer, *model, *serial; /* printable ASCII */
};

/* ERR_INPUT names the field that is empty, too long or not printable ASCII. */
MUST_CHECK int token_build(const struct token_info *info, uint8_t ret[TOKEN_SIZE], struct err *err);

void presence_build(bool has_sign, bool has_auth, uint8_t ret[PRESENCE_SIZE]);
