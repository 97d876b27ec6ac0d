/* SPDX-License-Identifier: Apache-2.0 */
/* The four questions that can be asked, handed on to verify/. Nothing is decided here. */
#include "libjpki-verify/report.h"
#include "libjpki-verify/verifier.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE_SIZE = 64 * 1024 };

static void stream_done(struct digest_stream **stream)
{
    digest_stream_free(stream);
}

static int digest_fd(int fd, enum digest_alg alg, struct digest *ret, struct err *err)
{
    CLEANUP(stream_done) struct digest_stream *stream = NULL;
    uint8_t piece[PIECE_SIZE];
    ssize_t got;

    TRY(digest_begin(alg, &stream, err));
    while ((got = read(fd, piece, sizeof piece)) != 0) {
        if (got < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "the document cannot be read");
        if (got > 0)
            TRY(digest_add(stream, bytes_of(piece, (size_t)got), err));
    }
    return digest_end(stream, ret, err);
}

/* A document, in memory or, if fd is not -1, in a file. */
struct source {
    struct jpki_bytes bytes;
    int fd;
};

static int digest_source(const struct source *document, enum digest_alg alg, struct digest *ret,
                         struct err *err)
{
    struct bytes bytes;

    if (document->fd >= 0)
        return digest_fd(document->fd, alg, ret, err);
    TRY(take_bytes(document->bytes, &bytes, err));
    return digest_compute(alg, bytes, ret, err);
}

static int verify_document(const struct jpki_verifier *verifier, struct jpki_bytes cms,
                           const struct source *document, int64_t at, jpki_report **ret,
                           struct err *err)
{
    CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
    const struct status_source status = verifier_status(verifier);
    struct document_inputs inputs = {.trust = verifier_trust(verifier, &status, at)};
    enum digest_alg alg;

    TRY(take_bytes(cms, &inputs.cms, err));
    TRY(document_digest_alg(inputs.cms, &alg, err));
    TRY(digest_source(document, alg, &inputs.document, err));
    TRY(document_verify(&inputs, &report, err));
    return report_of_document(&report, ret, err);
}

int jpki_verify_document(const jpki_verifier *verifier, struct jpki_bytes cms,
                         struct jpki_bytes document, int64_t at, jpki_report **ret,
                         struct jpki_error *error)
{
    const struct source source = {document, -1};
    struct err err = {0};

    return tell(verify_document(verifier, cms, &source, at, ret, &err), &err, error);
}

int jpki_verify_document_fd(const jpki_verifier *verifier, struct jpki_bytes cms, int fd,
                            int64_t at, jpki_report **ret, struct jpki_error *error)
{
    const struct source source = {.fd = fd};
    struct err err = {0};
    int rc = fd < 0 ? FAIL(&err, ERR_USAGE, "%d is no file descriptor", fd)
                    : verify_document(verifier, cms, &source, at, ret, &err);

    return tell(rc, &err, error);
}

static int take_use(enum jpki_use use, enum purpose *ret, struct err *err)
{
    if (use != JPKI_USE_SIGN && use != JPKI_USE_AUTH)
        return FAIL(err, ERR_USAGE, "%d is no use of a certificate", (int)use);
    *ret = use == JPKI_USE_SIGN ? PURPOSE_DOCUMENT : PURPOSE_LOGIN;
    return 0;
}

static int take_digest(enum jpki_hash hash, struct jpki_bytes value, struct digest *ret,
                       struct err *err)
{
    static const enum digest_alg algs[] = {[JPKI_SHA1] = DIGEST_SHA1,
                                           [JPKI_SHA256] = DIGEST_SHA256,
                                           [JPKI_SHA384] = DIGEST_SHA384,
                                           [JPKI_SHA512] = DIGEST_SHA512};
    struct bytes bytes;

    if (hash < JPKI_SHA1 || hash > JPKI_SHA512)
        return FAIL(err, ERR_USAGE, "%d is no hash function", (int)hash);
    TRY(take_bytes(value, &bytes, err));
    ret->alg = algs[hash];
    ret->len = digest_size(ret->alg);
    if (bytes.len != ret->len)
        return FAIL(err, ERR_USAGE, "a digest of another length than %s has",
                    digest_name(ret->alg));
    for (size_t i = 0; i < ret->len; i++)
        ret->value[i] = bytes.ptr[i];
    return 0;
}

static int take_form(enum jpki_form form, enum signature_form *ret, struct err *err)
{
    static const enum signature_form forms[] = {[JPKI_FORM_DIGESTINFO] = FORM_DIGESTINFO,
                                                [JPKI_FORM_BARE_HASH] = FORM_BARE_HASH,
                                                [JPKI_FORM_PSS] = FORM_PSS,
                                                [JPKI_FORM_ECDSA] = FORM_ECDSA};

    if (form < JPKI_FORM_DIGESTINFO || form > JPKI_FORM_ECDSA)
        return FAIL(err, ERR_USAGE, "%d is no form of a signature", (int)form);
    *ret = forms[form];
    return 0;
}

static int verify_signature(const struct jpki_verifier *verifier,
                            const struct jpki_raw_signature *signature, int64_t at,
                            jpki_report **ret, struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report report = SIGNATURE_REPORT_INIT;
    const struct status_source status = verifier_status(verifier);
    struct signature_inputs inputs = {.trust = verifier_trust(verifier, &status, at)};

    TRY(take_use(signature->use, &inputs.purpose, err));
    TRY(take_form(signature->form, &inputs.form, err));
    TRY(take_digest(signature->hash, signature->digest, &inputs.digest, err));
    TRY(take_bytes(signature->value, &inputs.signature, err));
    TRY(take_bytes(signature->certificate, &inputs.certificate, err));
    TRY(signature_verify(&inputs, &report, err));
    return report_of_signature(&report, ret, err);
}

int jpki_verify_signature(const jpki_verifier *verifier, const struct jpki_raw_signature *signature,
                          int64_t at, jpki_report **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(verify_signature(verifier, signature, at, ret, &err), &err, error);
}

static int verify_certificate(const struct jpki_verifier *verifier, struct jpki_bytes certificate,
                              enum jpki_use use, int64_t at, jpki_report **ret, struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report report = SIGNATURE_REPORT_INIT;
    const struct status_source status = verifier_status(verifier);
    const struct trust trust = verifier_trust(verifier, &status, at);
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};
    struct certificate_facts facts;
    enum purpose purpose;
    struct bytes der;

    TRY(take_use(use, &purpose, err));
    TRY(take_bytes(certificate, &der, err));
    TRY(certificate_show(der, trust.anchors, &shown, err));
    TRY(certificate_judge(&shown, purpose, &trust, &report.report, &facts, err));
    report.signer = shown.cert;
    shown.cert = NULL;
    report.issuer = facts.issuer;
    report.status = facts.status;
    return report_of_signature(&report, ret, err);
}

int jpki_verify_certificate(const jpki_verifier *verifier, struct jpki_bytes certificate,
                            enum jpki_use use, int64_t at, jpki_report **ret,
                            struct jpki_error *error)
{
    struct err err = {0};

    return tell(verify_certificate(verifier, certificate, use, at, ret, &err), &err, error);
}
