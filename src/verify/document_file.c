/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/document_file.h"

#include "crypto/cms_ber.h"
#include "verify/status.h"

const char *const document_forms[] = {
    [DOCUMENT_CMS] = "cms", [DOCUMENT_PDF] = "pdf", [DOCUMENT_FORMS_] = NULL};
const char *const document_coverages[] = {[COVERS_DOCUMENT] = "document",
                                          [COVERS_REVISION] = "revision",
                                          [COVERS_NOTHING] = "nothing",
                                          [DOCUMENT_COVERAGES_] = NULL};

static int digest_parts(const struct pdf_signature *signature, enum digest_alg alg,
                        struct digest *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;

    TRY(digest_begin(alg, &stream, err));
    for (size_t i = 0; i < 2; i++)
        TRY(digest_add(stream, signature->parts[i], err));
    return digest_end(stream, ret, err);
}

/* What cannot be read is no verdict on the rest of the document. */
static int unread(int rc, const struct err *why, struct document_report *ret, struct err *err)
{
    if (rc != -ERR_INPUT)
        return err_copy(err, why);
    *ret = (struct document_report)DOCUMENT_REPORT_INIT;
    report_add(&ret->report, REASON_FORM_NOT_READ);
    return 0;
}

/* A structure in BER, and perhaps what fills its place, in DER. */
static int decode(struct bytes ber, bool is_filled, struct buf *ret, struct err *err)
{
    size_t used;

    TRY(cms_decode_ber(ber, ret, &used, err));
    if (!is_filled && used < ber.len)
        return FAIL(err, ERR_INPUT, "a signature file with %zu bytes too many", ber.len - used);
    for (size_t i = used; i < ber.len; i++)
        if (ber.ptr[i] != 0)
            return FAIL(err, ERR_INPUT, "something else than a signature in its place");
    return 0;
}

/* Signing programs of NSS write BER, whatever ISO 32000-1, 12.8.3.3.1 says. */
static int read_form(struct buf *der, struct bytes *cms, enum digest_alg *ret, struct err *err)
{
    int rc = document_digest_alg(*cms, ret, err);

    if (rc != -ERR_INPUT || err->detail != DER_IS_BER)
        return rc;
    TRY(decode(*cms, true, der, err));
    *cms = buf_bytes(der);
    return document_digest_alg(*cms, ret, err);
}

static int verify_read(const struct pdf_signature *signature, const struct trust *trust,
                       struct document_report *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct document_inputs inputs = {.cms = buf_bytes(&signature->contents), .trust = *trust};
    struct err why = {0};
    enum digest_alg alg;
    int rc = read_form(&der, &inputs.cms, &alg, &why);

    if (rc < 0)
        return unread(rc, &why, ret, err);
    TRY(digest_parts(signature, alg, &inputs.document, err));
    rc = document_verify(&inputs, ret, &why);
    return rc < 0 ? unread(rc, &why, ret, err) : 0;
}

static int verify_part(const struct pdf_signature *signature, const struct trust *trust,
                       struct document_part *ret, struct err *err)
{
    static const enum document_coverage covers[] = {[PDF_WHOLE] = COVERS_DOCUMENT,
                                                    [PDF_REVISION] = COVERS_REVISION,
                                                    [PDF_BROKEN] = COVERS_NOTHING};

    *ret = (struct document_part){.found = DOCUMENT_REPORT_INIT,
                                  .covers = covers[signature->coverage]};
    if (signature->coverage != PDF_BROKEN)
        return verify_read(signature, trust, &ret->found, err);
    report_add(&ret->found.report, REASON_COVERAGE_BROKEN);
    return 0;
}

static int verify_pdf(const struct document_file_inputs *inputs, struct document_file_report *ret,
                      struct err *err)
{
    CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};

    TRY(pdf_parse(inputs->file, &found, err));
    if (found.count == 0)
        return FAIL(err, ERR_INPUT, "there is no signature in this PDF");
    for (size_t i = 0; i < found.count; i++)
        TRY(verify_part(&found.at[i], &inputs->trust, &ret->parts[ret->count++], err));
    return 0;
}

static int parse_signers(const struct document_file_inputs *inputs, struct buf *der,
                         struct cms_signers *ret, struct err *err)
{
    struct err why = {0};
    int rc = cms_parse_signers(inputs->file, ret, &why);

    if (rc == 0 || why.detail != DER_IS_BER || inputs->document == NULL)
        return rc < 0 ? err_copy(err, &why) : 0;
    TRY(decode(inputs->file, false, der, err));
    return cms_parse_signers(buf_bytes(der), ret, err);
}

static int verify_cms(const struct document_file_inputs *inputs, struct document_file_report *ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct cms_signers signers;

    TRY(parse_signers(inputs, &der, &signers, err));
    for (size_t i = 0; i < signers.count; i++) {
        struct document_report *found = &ret->parts[ret->count++].found;

        *found = (struct document_report)DOCUMENT_REPORT_INIT;
        TRY(document_verify_signer(&signers.at[i], inputs->document, &inputs->trust, found, err));
    }
    return 0;
}

/* The worst of all, and never valid without a signature over all of it. */
static void judge_whole(struct document_file_report *report)
{
    bool is_covered = false;

    for (size_t i = 0; i < report->count; i++) {
        report_merge(&report->report, &report->parts[i].found.report);
        is_covered |= report->parts[i].covers == COVERS_DOCUMENT;
    }
    if (!is_covered)
        report_add(&report->report, REASON_ADDED_LATER);
}

int document_file_verify(const struct document_file_inputs *inputs,
                         struct document_file_report *ret, struct err *err)
{
    CLEANUP(document_file_report_done)
    struct document_file_report out = DOCUMENT_FILE_REPORT_INIT;

    TRY((inputs->form == DOCUMENT_PDF ? verify_pdf : verify_cms)(inputs, &out, err));
    judge_whole(&out);
    *ret = out;
    out.count = 0;
    return 0;
}

static int proof_of(const struct cms_signers *signers, struct bytes certificate, struct buf *ret,
                    struct err *err)
{
    if (signers->count != 1)
        return FAIL(err, ERR_INPUT, "a document that several people signed");
    return cms_detach(&signers->at[0], certificate, ret, err);
}

static int proof_in_pdf(const struct pdf_signature *signature, struct bytes certificate,
                        struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct bytes cms = buf_bytes(&signature->contents);
    struct cms_signers signers;
    struct err why = {0};
    enum digest_alg alg;

    if (read_form(&der, &cms, &alg, &why) < 0)
        return err_copy(err, &why);
    TRY(cms_parse_signers(cms, &signers, err));
    return proof_of(&signers, certificate, ret, err);
}

int document_file_proof(const struct document_file_inputs *inputs, struct bytes certificate,
                        struct buf *ret, struct err *err)
{
    CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct cms_signers signers;

    if (inputs->form == DOCUMENT_CMS) {
        TRY(parse_signers(inputs, &der, &signers, err));
        return proof_of(&signers, certificate, ret, err);
    }
    TRY(pdf_parse(inputs->file, &found, err));
    if (found.count != 1)
        return FAIL(err, ERR_INPUT, "a PDF with %zu signatures", found.count);
    return proof_in_pdf(&found.at[0], certificate, ret, err);
}

void document_file_report_done(struct document_file_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        document_report_done(&report->parts[i].found);
    report->count = 0;
}
