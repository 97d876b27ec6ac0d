/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signatures in a PDF (ISO 32000-1, 12.8): where each is, what it is over, and how much of the
 * document that is. A document is not drawn and its objects are not followed: a signature counts
 * for the octets that it is over, whatever a viewer makes of them.
 *
 * What is over all octets of a file but the gap that holds the signature itself, and whose gap is
 * nothing but one string of hexadecimal digits, leaves nothing to be moved, wrapped or added
 * unseen. So a signature that is not exactly of that form has broken coverage, and one that is of
 * this form for the beginning of the file alone is over an earlier revision: what was added since
 * may change everything that is seen.
 */
#pragma once

#include "base/bytes.h"
#include "docsign/limits.h"

enum pdf_coverage {
    PDF_WHOLE,    /* the file as it is */
    PDF_REVISION, /* the file as it was, to the end of a revision */
    PDF_BROKEN,   /* neither; there is no signature to be read */
};

struct pdf_signature {
    enum pdf_coverage coverage;
    struct bytes parts[2]; /* what is signed, one after the other; borrowed from the file */
    struct buf contents;   /* the CMS structure; without filling if it is in DER */
};

struct pdf_signatures {
    struct pdf_signature at[PDF_SIGNATURES_MAX]; /* in the order of the file */
    size_t count;
};

/*
 * ERR_INPUT if it does not begin as a PDF does, is larger than PDF_MAX, or has more places that
 * look like a signature than PDF_SIGNATURES_MAX. A PDF without any is a success with count 0.
 */
MUST_CHECK int pdf_parse(struct bytes file, struct pdf_signatures *ret, struct err *err);
void pdf_signatures_done(struct pdf_signatures *signatures);
