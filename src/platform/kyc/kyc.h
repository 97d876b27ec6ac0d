/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identification of a customer by a signature that was verified here (S209-S222; pki.md 6): which
 * letter of the law it is that day, and what proves it, for seven years from the end of the
 * contract. For tenants that are signature verifiers themselves.
 *
 * The platform keeps no certificate of a verification, so the tenant brings signature and encrypted
 * certificate once more, or the document that was verified whole; they count only if they are what
 * was verified. From then on they are in a package that is encrypted to a key at signerd, and leave
 * it encrypted to the tenant's own key. Of a document the package has the signature in a structure
 * of its own (document_file_proof), which proves it beside the document.
 */
#pragma once

#include "http/problem.h"
#include "platform/kyc/store.h"
#include "platform/platform.h"
#include "verify/document_file.h"
#include "verify/signature.h"

enum { KYC_KEEP_YEARS = 7 };

enum kyc_refusal {
    KYC_NOT_A_VERIFIER,
    KYC_WRONG_LETTER,
    KYC_OTHER_EVIDENCE,
    KYC_SEVERAL_SIGNERS,
    KYC_NOT_VALID,
};
extern const struct http_problem kyc_refusals[]; /* by enum kyc_refusal */

/* The public half of the key that platform->kyc names, for platform_load_keys. */
MUST_CHECK int kyc_load_key(struct platform *platform, struct signer *signer, struct err *err);

struct kyc_wish {
    const char *client_id;
    const char *verification; /* id of one of the tenant's own */
    const char *law, *method, *letter;
    struct bytes signature;
    enum signature_form form;
    const char *certificate; /* compact JWE; NULL: it is in the document */
    struct bytes document;   /* a PDF or CMS structure that was verified whole; else empty */
    const struct audit_origin *by;
};
/*
 * ERR_ABSENT if there is no such verification, or nobody is identified here; refusals with names;
 * ERR_CONFLICT if it was used for this law before.
 */
MUST_CHECK int kyc_make(const struct platform *platform, struct signer *signer,
                        const struct kyc_wish *wish, struct identification *ret, struct err *err);
/*
 * The contract ended on that day in Japan. ERR_INPUT for a day that is still to come or before the
 * identification; else as kyc_end of the store.
 */
struct kyc_ending {
    const char *id, *client_id, *day;
    const struct audit_origin *by;
};
MUST_CHECK int kyc_note_end(const struct platform *platform, const struct kyc_ending *ending,
                            struct identification *ret, struct err *err);
/* When it is forgotten whose contract ended on that day: the first second after seven years. */
int64_t kyc_delete_at(struct caldate ended);
/* The evidence, encrypted to the tenant's key. */
struct kyc_reading {
    const char *id, *client_id;
    const struct pubkey *key;
    const struct audit_origin *by;
};
MUST_CHECK int kyc_read(const struct platform *platform, struct signer *signer,
                        const struct kyc_reading *reading, struct buf *ret, struct err *err);
/* Forget what is over by the platform's clock; nothing if nobody is identified here. */
MUST_CHECK int kyc_forget(const struct platform *platform, struct err *err);
