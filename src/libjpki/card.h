/* SPDX-License-Identifier: Apache-2.0 */
/* What a card is inside. */
#pragma once

#include "client/icc.h"

#include <jpki/jpki.h>

struct jpki_card {
    struct icc *icc;
};
