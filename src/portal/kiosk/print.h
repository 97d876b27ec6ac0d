/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on a certificate. The individual number never does. */
#pragma once

#include "paper/paper.h"
#include "portal/kiosk/extract.h"
#include "portal/kiosk/facts.h"

struct certificate {
    enum kiosk_kind kind;
    unsigned items; /* table.h */
    const struct extract *extract;
    const struct kiosk_facts *facts; /* in which there is what the kind needs (facts.h) */
    const char *issuer;              /* "東京都千代田区" */
    const char *number, *origin;
    int64_t fee, issued_at;
};
MUST_CHECK int certificate_print(struct paper_font *font, const struct certificate *certificate,
                                 struct buf *ret, struct err *err);
