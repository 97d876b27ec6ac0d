/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/index_status.h"

#include "x509/name.h"

struct index_search index_search_begin(const struct status_question *question)
{
    return (struct index_search){
        .question = question, .problems = {.verdict = VERDICT_VALID}, .newest = {.reason = -1}};
}

bool index_search_is_sensible(const struct index_search *search)
{
    return x509_cert_tbs(search->question->cert)->serial.len <= REVOCATION_SERIAL_OCTETS;
}

/* RFC 5280, 6.3.3 (b): what is said of another place says nothing here. */
static bool covers(const struct revocation_index *index, const struct tbs *tbs)
{
    return index->point.len == 0 ||
           (tbs->distribution_point.len > 0 && name_equal(index->point, tbs->distribution_point));
}

/* Whether it is the CA's own word and holds at that time; else the problem is noted. */
static bool counts(struct index_search *search, const struct revocation_index *index)
{
    const struct x509_cert *issuer = search->question->issuer;
    const struct tbs *tbs = x509_cert_tbs(issuer);
    int64_t at = search->question->at;

    if (!bytes_equal(index->authority_key_id, tbs->subject_key_id) ||
        !name_equal(index->issuer, tbs->subject))
        report_add(&search->problems, REASON_CRL_OTHER_ISSUER);
    else if (index->voucher.len == 0 || index->set == NULL ||
             !bytes_equal(index->voucher, pubkey_spki(x509_cert_pubkey(issuer))))
        report_add(&search->problems, REASON_CRL_FORGED);
    else if (index->this_update > at + STATUS_SKEW)
        report_add(&search->problems, REASON_CRL_FROM_FUTURE);
    else if (index->next_update < at)
        report_add(&search->problems, REASON_CRL_EXPIRED);
    else
        return true;
    return false;
}

static struct status find(const struct revocation_index *index, uint64_t serial)
{
    struct status status = {STATUS_GOOD, 0, -1, index->this_update, index->next_update};
    struct revocation entry;

    if (serial <= UINT32_MAX &&
        revocation_set_find(index->set, (uint32_t)serial, &entry, NULL) == 0) {
        status.answer = STATUS_REVOKED;
        status.revoked_at = entry.at;
        status.reason = (int)entry.reason;
    }
    return status;
}

void index_search_look(struct index_search *search, const struct revocation_index *index)
{
    const struct tbs *tbs = x509_cert_tbs(search->question->cert);

    if (!covers(index, tbs) || !counts(search, index))
        return;
    if (search->newest.answer == STATUS_NOT_KNOWN ||
        index->this_update > search->newest.this_update)
        search->newest = find(index, tbs_serial_number(tbs));
}

void index_search_end(const struct index_search *search, struct report *report, struct status *ret)
{
    *ret = search->newest;
    if (search->newest.answer != STATUS_NOT_KNOWN) {
        status_report(&search->newest, report);
        return;
    }
    if (search->problems.reason_count == 0)
        report_add(report, REASON_CRL_MISSING);
    for (size_t i = 0; i < search->problems.reason_count; i++)
        report_add(report, search->problems.reasons[i]);
}

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const struct index_list *list = context;
    struct index_search search = index_search_begin(question);

    (void)err;
    if (index_search_is_sensible(&search))
        for (size_t i = 0; i < list->count; i++)
            index_search_look(&search, &list->indexes[i]);
    index_search_end(&search, report, ret);
    return 0;
}

struct status_source index_status_source(const struct index_list *list)
{
    return (struct status_source){look, list};
}
