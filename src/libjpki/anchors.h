/* SPDX-License-Identifier: Apache-2.0 */
/* What anchors are inside. */
#pragma once

#include "client/anchors.h"

#include <jpki/jpki.h>

struct jpki_anchors {
    struct data_roots *roots;
};
