/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform's report of a verification (docs/validation-report.md), checked by somebody to whom it
 * is shown, with the platform's keys for reports and without the platform.
 */
#pragma once

#include "crypto/jws.h"
#include "holder/opinion.h"

#define VALIDATION_TYPE "verification-report+jwt"

struct validation {
    struct opinion opinion;       /* verdict, reasons, and the verification's id */
    struct buf issuer, provider;  /* texts from outside: make them harmless before they are shown */
    char kind[16];                /* "signature", "cms", "pdf" */
    int64_t verified_at, made_at; /* UTC seconds, by the platform's clock */
    bool has_digest;
    struct digest
        digest; /* of what was signed, or of the document: see validation_check_document */
};

#define VALIDATION_INIT                                                                            \
    {                                                                                              \
        .opinion = OPINION_INIT                                                                    \
    }

/* Who must have made it, and for whom; NULL: whoever. */
struct validation_wish {
    const char *issuer, *provider;
};

/*
 * ERR_INPUT for what is no report; ERR_UNTRUSTED if none of the keys (a JWK set) signed it, or it
 * is another platform's or was given to another provider.
 */
MUST_CHECK int validation_read(struct bytes compact, const struct json *keys,
                               const struct validation_wish *wish, struct validation *ret,
                               struct err *err);
void validation_done(struct validation *validation);

/* By which hash the document is to be compared. ERR_UNTRUSTED if the report names none. */
MUST_CHECK int validation_digest_alg(const struct validation *validation, enum digest_alg *ret,
                                     struct err *err);
/*
 * ERR_UNTRUSTED unless it is about this document: by its digest or, where a raw signature was
 * verified, by the digest of a CMS structure's signed attributes, which names that of the document.
 * cms may be empty; document is by the hash that is asked for, of_cms by that of cms.
 */
struct validation_document {
    struct digest document;
    struct bytes cms;
    struct digest of_cms;
};
MUST_CHECK int validation_check_document(const struct validation *validation,
                                         const struct validation_document *document,
                                         struct err *err);
