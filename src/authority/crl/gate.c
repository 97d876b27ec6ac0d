/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/gate.h"

#include "authority/limits.h"
#include "revocation/survey.h"
#include "x509/name.h"

enum { SECONDS_PER_HOUR = 3600 };

struct facts {
    const struct crl *crl;
    const struct gate_terms *terms;
    const struct tbs *ca;
    uint64_t number; /* 0: none that counts */
};

typedef bool claim_fn(const struct facts *facts);

static bool is_of_the_ca(const struct facts *facts)
{
    return bytes_equal(facts->crl->issuer, facts->ca->subject);
}

static bool names_the_key(const struct facts *facts)
{
    return bytes_equal(facts->crl->authority_key_id, facts->ca->subject_key_id);
}

static bool has_the_number(const struct facts *facts)
{
    return facts->number != 0 && facts->number == facts->terms->number;
}

/* RFC 5280, 5.2.3 */
static bool has_a_later_number(const struct facts *facts)
{
    return facts->number > facts->terms->number_before;
}

static bool is_of_the_place(const struct facts *facts)
{
    return bytes_equal(facts->crl->distribution_point, facts->terms->point);
}

static bool has_the_scope(const struct facts *facts)
{
    return facts->crl->scope == facts->terms->scope;
}

static bool has_the_dates(const struct facts *facts)
{
    return facts->crl->this_update == facts->terms->this_update &&
           facts->crl->next_update == facts->terms->next_update;
}

static bool is_not_of_the_future(const struct facts *facts)
{
    return facts->crl->this_update <= facts->terms->now;
}

static bool lasts_as_long_as_a_list(const struct facts *facts)
{
    int64_t lasts = facts->crl->next_update - facts->crl->this_update;

    return lasts > 0 && lasts <= (int64_t)CRL_HOURS * SECONDS_PER_HOUR;
}

static bool lies_within_the_ca(const struct facts *facts)
{
    return facts->crl->this_update >= facts->ca->not_before &&
           facts->crl->this_update <= facts->ca->not_after;
}

static const struct {
    claim_fn *holds;
    const char *otherwise;
} claims[] = {
    {is_of_the_ca, "its issuer is not the CA"},
    {names_the_key, "its authorityKeyIdentifier is not that of the CA's key"},
    {has_the_number, "it has another number than it was given"},
    {has_a_later_number, "its number is not above that of the list before"},
    {is_of_the_place, "its distribution point is another"},
    {has_the_scope, "it is not for the certificates it is meant for"},
    {has_the_dates, "it has other dates than it was given"},
    {is_not_of_the_future, "its thisUpdate lies in the future"},
    {lasts_as_long_as_a_list, "its nextUpdate is not within the time a list lasts"},
    {lies_within_the_ca, "its thisUpdate is not within the validity of the CA"},
};

/* Every entry, in order, is one of the source, and the other way round. */
static int check_entries(const struct crl *crl, const struct revocation_source *source,
                         struct err *err)
{
    struct bytes rest = crl->entries;
    struct revocation expected;
    struct revocation entry;
    int rc;

    TRY(source->rewind(source->context, err));
    while ((rc = source->next(source->context, &expected, err)) == 0) {
        if (rest.len == 0)
            return FAIL(err, ERR_CONFLICT, "it has fewer entries than the database");
        TRY(crl_next(&rest, &entry, err));
        if (entry.serial != expected.serial || entry.at != expected.at ||
            entry.reason != expected.reason)
            return FAIL(err, ERR_CONFLICT, "it has other entries than the database");
    }
    if (rc != -ERR_ABSENT)
        return rc;
    return rest.len > 0 ? FAIL(err, ERR_CONFLICT, "it has more entries than the database") : 0;
}

int gate_check(const struct crl *crl, const struct gate_terms *terms, struct err *err)
{
    struct facts facts = {crl, terms, x509_cert_tbs(terms->ca), 0};
    struct crl_survey survey;
    struct err why = {0};
    int rc;

    if (crl_number(crl, &facts.number, NULL) < 0)
        facts.number = 0;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        if (!claims[i].holds(&facts))
            return FAIL(err, ERR_CONFLICT, "%s", claims[i].otherwise);
    rc = crl_verify_watched(crl, x509_cert_pubkey(terms->ca), terms->watch, err);
    if (rc == -ERR_UNTRUSTED)
        return FAIL(err, ERR_CONFLICT, "its signature is not by the key of the CA");
    TRY(rc);
    if (crl_look_over(crl, &survey, &why) < 0)
        return FAIL(err, ERR_CONFLICT, "%s", why.text);
    return check_entries(crl, terms->entries, err);
}

static int judge_change(void *context, const struct crl_change *change, struct err *err)
{
    const struct gate_leave *leave = context;
    bool may_leave = false;

    if (change->before == NULL)
        return 0;
    if (change->after != NULL)
        return change->before->reason == CRL_CERTIFICATE_HOLD &&
                       change->before->at == change->after->at
                   ? 0
                   : FAIL(err, ERR_CONFLICT, "it says something else of an entry than before");
    TRY(leave->may(leave->context, change->before->serial, &may_leave, err));
    return may_leave ? 0
                     : FAIL(err, ERR_CONFLICT,
                            "it has lost an entry of the list before, and its certificate is "
                            "neither over nor released");
}

int gate_compare(const struct crl *before, const struct crl *after, const struct gate_leave *leave,
                 struct err *err)
{
    struct gate_leave rules = *leave;

    return crl_compare(before, after, judge_change, &rules, rules.watch, err);
}
