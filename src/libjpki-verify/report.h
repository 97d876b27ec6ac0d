/* SPDX-License-Identifier: Apache-2.0 */
/* What a verification found, as it is kept for the caller. */
#pragma once

#include "border/border.h"
#include "verify/document.h"
#include "verify/signature.h"

#include <jpki/verify.h>

/*
 * Of each kind of verification; *ret is released by jpki_report_free. signer is moved out of what
 * is given, also on failure.
 */
MUST_CHECK int report_of_document(struct document_report *found, jpki_report **ret,
                                  struct err *err);
MUST_CHECK int report_of_signature(struct signature_report *found, jpki_report **ret,
                                   struct err *err);
