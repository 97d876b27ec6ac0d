/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that the library made, as the caller holds them. */
#pragma once

#include "base/bytes.h"

#include <jpki/jpki.h>

/* Takes the contents of *from on success. */
MUST_CHECK int data_new(struct buf *from, jpki_data **ret, struct err *err);
