/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a document that carries its signatures: a PDF with one or several, or a CMS
 * structure by one signer or several, alone or beside the document. Each signature has its own
 * verdict, and says how much of the document it is over. One structure in a PDF has one signer (ISO
 * 32000-1, 12.8.3.3.1).
 *
 * A structure in BER is read where the document is not in it, and else refused with the detail
 * DER_IS_BER (crypto/cms_ber.h).
 *
 * The document as a whole is as good as the worst of its signatures, and never valid unless one of
 * them is over all of it.
 */
#pragma once

#include "docsign/pdf.h"
#include "verify/document.h"

enum document_form { DOCUMENT_CMS, DOCUMENT_PDF, DOCUMENT_FORMS_ };
extern const char *const document_forms[]; /* "cms", "pdf", NULL */

enum document_coverage { COVERS_DOCUMENT, COVERS_REVISION, COVERS_NOTHING, DOCUMENT_COVERAGES_ };
extern const char *const document_coverages[]; /* "document", "revision", "nothing", NULL */

_Static_assert((int)CMS_SIGNERS_MAX <= (int)PDF_SIGNATURES_MAX, "each signer is a part");

struct document_part {
    struct document_report found; /* one signature, whatever is beside it */
    enum document_coverage covers;
};

struct document_file_report {
    struct report report; /* of the document as it is */
    struct document_part parts[PDF_SIGNATURES_MAX];
    size_t count;
};

#define DOCUMENT_FILE_REPORT_INIT                                                                  \
    {                                                                                              \
        .report = { VERDICT_VALID, {REASON_DOCUMENT_CHANGED}, 0 }                                  \
    }

struct document_file_inputs {
    enum document_form form;
    struct bytes file;             /* the PDF or the CMS structure */
    const struct digest *document; /* CMS: of the document beside it; NULL: it is in it */
    struct trust trust;
};

/*
 * A verdict is a success, whichever it is. ERR_INPUT if the file is malformed, too large or without
 * a signature, of a CMS structure also if its form is not read (docsign/cms.h); ERR_USAGE if the
 * digest is of another algorithm than a signer's.
 */
MUST_CHECK int document_file_verify(const struct document_file_inputs *inputs,
                                    struct document_file_report *ret, struct err *err);
/*
 * What proves the signature of a document that one person signed, beside the document or the octets
 * that it is over: a detached structure with his certificate. ERR_INPUT as above, and if several
 * signed.
 */
MUST_CHECK int document_file_proof(const struct document_file_inputs *inputs,
                                   struct bytes certificate, struct buf *ret, struct err *err);
void document_file_report_done(struct document_file_report *report);
