/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/document.h"

#include "platform/verification/disclose.h"
#include "platform/verification/record.h"
#include "platform/verification/verifier.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)VERIFICATION_PARTS_MAX == (int)PDF_SIGNATURES_MAX, "all of them are kept");

const struct http_problem document_refusals[] = {
    [DOCUMENT_NOT_A_VERIFIER] = {"not-a-verifier", ERR_DENIED,
                                 "only a tenant that is a signature verifier itself may have that"},
    [DOCUMENT_NOT_DER] = {"not-der", ERR_INPUT,
                          "a document in BER, of which there may be more than one reading"},
    {NULL},
};

static int check_tenant(const struct platform *platform, const char *client_id, struct err *err)
{
    bool is_verifier;

    TRY(platform_is_verifier(platform->store, client_id, &is_verifier, err));
    if (!is_verifier)
        return FAIL_WITH(err, ERR_DENIED, HTTP_NAMED(DOCUMENT_NOT_A_VERIFIER),
                         "a document carries its signers' certificates: only a tenant that is a "
                         "signature verifier itself may send one; send digest, signature and the "
                         "encrypted certificate to /v1/verifications");
    return 0;
}

/* What the digest of is kept and reported: the document as it was sent, or as it is beside. */
static int digest_file(struct document_request *request, struct err *err)
{
    if (request->is_beside)
        return 0;
    return digest_compute(DIGEST_SHA256, request->file, &request->asked.digest, err);
}

/* What of a failure the tenant can mend. */
static int refuse(int rc, const struct err *why, struct err *err)
{
    if (rc == -ERR_USAGE)
        return FAIL(err, ERR_INPUT, "digest: by another algorithm than the signature's");
    if (rc == -ERR_INPUT && why->detail == DER_IS_BER)
        return FAIL_WITH(err, ERR_INPUT, HTTP_NAMED(DOCUMENT_NOT_DER),
                         "content: %s; openssl cms -cmsout -outform DER writes it", why->text);
    return err_prefix(err, err_copy(err, why), "content");
}

static int judge(const struct platform *platform, struct signer *signer,
                 const struct document_request *request, struct document_file_report *ret,
                 struct err *err)
{
    struct asking room;
    struct err why = {0};
    const struct document_file_inputs inputs = {
        .form = request->form,
        .file = request->file,
        .document = request->is_beside ? &request->asked.digest : NULL,
        .trust = {.anchors = platform->sign_cas,
                  .status = asking_source_by(platform, signer, PURPOSE_DOCUMENT,
                                             request->asked.check, &room),
                  .at = clock_now(platform->clock)},
    };
    int rc;

    TRY(asking_can(platform, request->asked.check, err));
    room.client_id = request->asked.client_id;
    rc = document_file_verify(&inputs, ret, &why);
    return rc < 0 ? refuse(rc, &why, err) : 0;
}

static int describe_parts(struct document_finding *finding, struct err *err)
{
    const struct document_file_report *found = &finding->found;

    for (size_t i = 0; i < found->count; i++) {
        const struct report told = disclose(&found->parts[i].found.report);
        struct verification_part *part = &finding->parts[i];

        (void)snprintf(part->verdict, sizeof part->verdict, "%s", verdict_name(told.verdict));
        (void)snprintf(part->covers, sizeof part->covers, "%s",
                       document_coverages[found->parts[i].covers]);
        TRY(record_reasons(&told, part->reasons, err));
    }
    finding->count = found->count;
    return 0;
}

static int keep(const struct platform *platform, const struct document_request *request,
                const struct document_finding *finding, struct err *err)
{
    struct verification kept = finding->kept;
    struct platform_outcome outcome;

    kept.parts = finding->parts;
    kept.part_count = finding->count;
    TRY(platform_outcome_of(&finding->found.report, &outcome, err));
    for (size_t i = 0; i < finding->count; i++)
        platform_outcome_add(&outcome, &finding->found.parts[i].found.status);
    return record_keep(platform, &request->asked, &kept, &outcome, err);
}

bool document_tells(const struct document_finding *finding, size_t place)
{
    return !finding->is_replayed && finding->report.verdict == VERDICT_VALID &&
           strcmp(finding->kept.purpose, verification_purposes[VERIFY_SIGNATURE]) == 0 &&
           finding->found.parts[place].found.signer != NULL;
}

static int name_signers(const struct platform *platform, struct signer *signer,
                        const struct verification_request *asked, struct document_finding *finding,
                        struct err *err)
{
    const struct audit_origin by = audit_by_role(finding->kept.at, "tenant", asked->client_id,
                                                 asked->trace_id);

    for (size_t i = 0; i < finding->count; i++) {
        const struct showing showing = {asked->client_id, finding->found.parts[i].found.signer,
                                        finding->kept.id, &by};

        if (document_tells(finding, i))
            TRY(record_signer(platform, signer, &showing, finding->holders[i], err));
    }
    return 0;
}

static int make(const struct platform *platform, struct signer *signer,
                const struct document_request *request, struct document_finding *ret,
                struct err *err)
{
    TRY(judge(platform, signer, request, &ret->found, err));
    ret->report = disclose(&ret->found.report);
    TRY(record_describe(platform, &request->asked, document_forms[request->form], &ret->report,
                        &ret->kept, err));
    TRY(describe_parts(ret, err));
    TRY(keep(platform, request, ret, err));
    return name_signers(platform, signer, &request->asked, ret, err);
}

static int replay(const struct platform *platform, const struct verification_request *asked,
                  struct document_finding *ret, struct err *err)
{
    TRY(record_replay(platform, asked, &ret->kept, err));
    ret->is_replayed = true;
    ret->report = verification_report(&ret->kept);
    return platform_list_parts(platform->store, ret->kept.id, ret->parts, &ret->count, err);
}

int document_make(const struct platform *platform, struct signer *signer,
                  struct document_request *request, struct document_finding *ret, struct err *err)
{
    int rc;

    TRY(check_tenant(platform, request->asked.client_id, err));
    if (request->file.len > DOCUMENT_MAX)
        return FAIL(err, ERR_INPUT, "a document of more than %d bytes", DOCUMENT_MAX);
    TRY(digest_file(request, err));
    rc = replay(platform, &request->asked, ret, err);
    if (rc != -ERR_ABSENT)
        return rc;
    rc = make(platform, signer, request, ret, err);
    if (rc != -ERR_CONFLICT || request->asked.once == NULL)
        return rc;
    /* The same request at the same moment was faster. */
    document_finding_done(ret);
    *ret = (struct document_finding)DOCUMENT_FINDING_INIT;
    return replay(platform, &request->asked, ret, err);
}

void document_finding_done(struct document_finding *finding)
{
    document_file_report_done(&finding->found);
}
