/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform says about a signature (design 5, F2). It is sent a digest, the signature and
 * the certificate, which only it can read; never the document and never the signature file. It
 * can say whether the key behind a certificate signed the digest and whether the certificate
 * counts; that the digest is that of the document is for the caller to check.
 */
#pragma once

#include "holder/remote.h"
#include "verify/verdict.h"

struct opinion_question {
    struct digest digest; /* what was signed: of the signed attributes, for CMS */
    struct bytes signature;
    const struct x509_cert *cert;
};

/* Texts are UTF-8 from outside: make them harmless before they are shown. */
struct opinion {
    enum verdict verdict;
    struct buf id;                           /* by which the platform remembers the verdict */
    struct buf reasons[OPINION_REASONS_MAX]; /* names (verify/verdict.h), perhaps unknown ones */
    size_t reason_count;
    bool has_holder; /* told once, and only for a certificate that counts */
    struct buf name, address, birth_date, sex;
};

#define OPINION_INIT                                                                               \
    {                                                                                              \
        .verdict = VERDICT_INVALID                                                                 \
    }

/*
 * From a platform's answer. ERR_INPUT for anything but a complete one; also for "valid" with a
 * reason against it, and for another verdict without any.
 */
MUST_CHECK int opinion_parse(const struct json *answer, struct opinion *ret, struct err *err);
void opinion_done(struct opinion *opinion);

/* A verdict is a success, whichever it is. Failures as remote_ask; ERR_REMOTE for bad answers. */
MUST_CHECK int opinion_ask(struct remote *remote, const struct opinion_question *question,
                           struct opinion *ret, struct err *err);
/* The reason of this name in verify/verdict.h; false if there is none. */
bool opinion_reason(struct bytes name, enum reason *ret);
