/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes (ISO/IEC 18004) as SVG; the only header that knows libqrencode's side of it. */
#pragma once

#include "base/bytes.h"

/* "<svg ...>" of class qr, with the text in it; ERR_INPUT if that is too long for a code. */
MUST_CHECK int qr_svg(const char *text, struct buf *ret, struct err *err);
