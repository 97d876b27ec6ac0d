/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report holds personal data; all of it lies in one arena, which is wiped. Who signed is told
 * only where somebody stands for it: what an invalid signature says is nobody's statement, and
 * what an unlisted CA says is anybody's.
 */
#include "libjpki-verify/report.h"

#include "base/arena.h"
#include "libjpki-verify/words.h"

#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES = JPKI_ADDRESS_SUBSTITUTES };

struct jpki_report {
    struct report found;
    struct x509_cert *signer; /* NULL: none that can be read */
    bool is_chained;          /* a trusted CA signed it */
    struct status status;
    int64_t signing_time;
    struct arena *arena;
    const char *attributes[ATTRIBUTES]; /* by enum jpki_attribute, from 1 */
};

static int fill(struct jpki_report *report, struct err *err)
{
    const struct holder *holder = &x509_cert_tbs(report->signer)->holder;
    const struct bytes values[ATTRIBUTES] = {
        [JPKI_NAME - 1] = holder->name,
        [JPKI_ADDRESS - 1] = holder->address,
        [JPKI_BIRTH - 1] = holder->birth,
        [JPKI_SEX - 1] = holder->sex,
        [JPKI_NAME_SUBSTITUTES - 1] = holder->name_substitutes,
        [JPKI_ADDRESS_SUBSTITUTES - 1] = holder->address_substitutes,
    };

    TRY(arena_new(&report->arena, err));
    for (size_t i = 0; i < ATTRIBUTES; i++)
        TRY(arena_text(report->arena, values[i], &report->attributes[i], err));
    return 0;
}

/* Takes signer over, also on failure. */
static int report_make(const struct jpki_report *found, jpki_report **ret, struct err *err)
{
    struct jpki_report *report = malloc(sizeof *report);
    int rc = 0;

    if (report == NULL) {
        x509_cert_free(found->signer);
        return FAIL_NOMEM(err);
    }
    *report = *found;
    if (report->is_chained && report->found.verdict != VERDICT_INVALID &&
        x509_cert_tbs(report->signer)->has_holder)
        rc = fill(report, err);
    if (rc < 0)
        jpki_report_free(report);
    else
        *ret = report;
    return rc;
}

int report_of_document(struct document_report *found, jpki_report **ret, struct err *err)
{
    const struct jpki_report out = {
        .found = found->report,
        .signer = found->signer,
        .is_chained = found->issuer != NULL,
        .status = found->status,
        .signing_time = found->has_signing_time ? found->signing_time : JPKI_NO_TIME,
    };

    found->signer = NULL;
    return report_make(&out, ret, err);
}

int report_of_signature(struct signature_report *found, jpki_report **ret, struct err *err)
{
    const struct jpki_report out = {
        .found = found->report,
        .signer = found->signer,
        .is_chained = found->issuer != NULL,
        .status = found->status,
        .signing_time = JPKI_NO_TIME,
    };

    found->signer = NULL;
    return report_make(&out, ret, err);
}

void jpki_report_free(jpki_report *report)
{
    if (report == NULL)
        return;
    x509_cert_free(report->signer);
    arena_free(report->arena);
    free(report);
}

enum jpki_verdict jpki_report_verdict(const jpki_report *report)
{
    return verdict_outside(report->found.verdict);
}

enum jpki_reason jpki_report_reason(const jpki_report *report, size_t nth)
{
    return nth < report->found.reason_count ? reason_outside(report->found.reasons[nth])
                                            : JPKI_REASON_NONE;
}

int64_t jpki_report_signing_time(const jpki_report *report)
{
    return report->signing_time;
}

const char *jpki_report_attribute(const jpki_report *report, enum jpki_attribute attribute)
{
    size_t i = (size_t)attribute - JPKI_NAME;

    return i < ATTRIBUTES ? report->attributes[i] : NULL;
}

struct jpki_bytes jpki_report_certificate(const jpki_report *report)
{
    return give_bytes(report->signer == NULL ? bytes_of(NULL, 0) : x509_cert_der(report->signer));
}

struct jpki_bytes jpki_report_issuer_key_id(const jpki_report *report)
{
    return give_bytes(report->is_chained ? x509_cert_tbs(report->signer)->authority_key_id
                                         : bytes_of(NULL, 0));
}

struct jpki_bytes jpki_report_serial(const jpki_report *report)
{
    return give_bytes(report->is_chained ? x509_cert_tbs(report->signer)->serial
                                         : bytes_of(NULL, 0));
}

int64_t jpki_report_revoked_at(const jpki_report *report)
{
    return report->status.answer == STATUS_REVOKED ? report->status.revoked_at : JPKI_NO_TIME;
}

int jpki_report_revocation_reason(const jpki_report *report)
{
    return report->status.answer == STATUS_REVOKED ? report->status.reason : -1;
}

int64_t jpki_report_status_time(const jpki_report *report)
{
    return report->status.answer == STATUS_NOT_KNOWN ? JPKI_NO_TIME : report->status.this_update;
}
