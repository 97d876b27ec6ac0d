/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on a certificate. The individual number never does. */
#pragma once

#include "paper/paper.h"
#include "portal/kiosk/extract.h"

struct certificate {
    enum kiosk_kind kind;
    const struct extract *extract;
    const char *issuer; /* "東京都千代田区" */
    const char *number, *origin;
    int64_t fee, issued_at;
};
MUST_CHECK int certificate_print(struct paper_font *font, const struct certificate *certificate,
                                 struct buf *ret, struct err *err);
