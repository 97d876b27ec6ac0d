/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a whole document, whose signatures carry certificates in the clear: for tenants
 * that are verifiers themselves (verifier.h). Answers say no more than ever.
 *
 * Attributes are told of each signer, once, and only if the document as a whole is valid: not of
 * somebody who signed what it was before.
 */
#pragma once

#include "http/problem.h"
#include "platform/verification/verification.h"
#include "verify/document_file.h"

struct document_request {
    struct verification_request asked; /* without signature and certificate */
    enum document_form form;
    struct bytes file;
    bool is_beside; /* asked.digest is the document's, which is beside the CMS structure */
};

struct document_finding {
    struct verification kept;
    struct report report; /* of the document, as it may be told */
    struct verification_part parts[VERIFICATION_PARTS_MAX];
    struct document_file_report found; /* as it is; of nothing if it is replayed */
    char holders[VERIFICATION_PARTS_MAX][HOLDER_NAME_SIZE]; /* as in struct finding */
    size_t count;
    bool is_replayed;
};

#define DOCUMENT_FINDING_INIT                                                                      \
    {                                                                                              \
        .count = 0                                                                                 \
    }

/*
 * A verdict is a success, whichever it is, and kept before it is given. ERR_DENIED with
 * HTTP_NAMED(DOCUMENT_NOT_A_VERIFIER) unless the tenant is a verifier; ERR_INPUT as
 * document_file_verify, for more than DOCUMENT_MAX bytes, and with HTTP_NAMED(DOCUMENT_NOT_DER) for
 * a CMS structure in BER with its document in it; else as verification_make. *ret is
 * DOCUMENT_FINDING_INIT before, and is to be released afterwards, also after a failure.
 */
MUST_CHECK int document_make(const struct platform *platform, struct signer *signer,
                             struct document_request *request, struct document_finding *ret,
                             struct err *err);
void document_finding_done(struct document_finding *finding);
/* Whether attributes of the signer at this place may be told now. */
bool document_tells(const struct document_finding *finding, size_t place);

enum document_refusal { DOCUMENT_NOT_A_VERIFIER, DOCUMENT_NOT_DER };
extern const struct http_problem document_refusals[]; /* by enum document_refusal */
