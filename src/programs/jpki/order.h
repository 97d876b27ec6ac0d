/* SPDX-License-Identifier: Apache-2.0 */
/* jpki sign URL: signing what a provider asks for, once it was seen and hashed here. */
#pragma once

#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct order_options {
    const struct card_options *card;
    const struct pin_options *pin;
    const char *url;
    const char *code;     /* NULL: none */
    const char *document; /* the holder's own copy of it; NULL: none */
    const char *out; /* where the document is written before anything is asked; NULL: nowhere */
    bool force, yes, deny;
};

MUST_CHECK int order_sign(const struct order_options *options, struct err *err);
