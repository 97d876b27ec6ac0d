/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates for a card. A request is kept under its own id before the authority is asked, so a
 * crash between the two is mended by asking again, by the clerk or by the register itself: the
 * authority gives the same certificate for the same id.
 */
#include "register/counter.h"

#include "register/authority_client.h"
#include "x509/csr.h"
#include "x509/validity.h"

#include <string.h>

void issuing_done(struct issuing *issuing)
{
    for (int kind = 0; kind < CERT_KINDS_; kind++)
        issue_done(&issuing->issues[kind]);
}

/* Everything about the requests that can be judged before anything is kept. */
static int requests_check(const struct counter *counter, const struct card *card,
                          const struct issuing *issuing, const struct resident *resident,
                          int64_t now, struct err *err)
{
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        struct csr csr;

        if (issuing->requests[kind].len == 0)
            continue;
        TRY(err_prefix(err, csr_parse(issuing->requests[kind], &csr, err), "%s request",
                       cert_kind_name((enum cert_kind)kind)));
        if (csr.kind != KEY_RSA)
            return FAIL(err, ERR_INPUT, "%s request: over a %s key; RSA keys are certified",
                        cert_kind_name((enum cert_kind)kind), key_kind_name(csr.kind));
    }
    if (issuing->requests[CERT_AUTH].len == 0)
        TRY(register_check_replaceable(counter->store, card->serial, now, err));
    if (issuing->requests[CERT_SIGN].len > 0)
        TRY(sign_age_check(resident->birth, caltime_at(now, JST_OFFSET_SECONDS).date, err));
    return 0;
}

static int not_after(const struct counter *counter, const struct resident *resident,
                     const struct card *card, struct issue *issue, int64_t now, struct err *err)
{
    struct validity validity = {
        .birth = resident->birth, .issued = now, .card_expiry = day_end(card->expires_on)};

    TRY(register_get_renewed(counter->store, card->serial, issue->kind, &validity.old_not_after,
                             err));
    return validity_not_after(&validity, &issue->not_after, err);
}

/*
 * Whether the authority has refused for good: it answered, and it is not its own fault. Then the
 * request is forgotten, so that the card can be tried with another.
 */
static bool is_refusal(int rc)
{
    return rc == -ERR_INPUT || rc == -ERR_UNTRUSTED || rc == -ERR_CONFLICT;
}

/* Ask the authority for a certificate that is kept as a request. */
static int ask_for(const struct counter *counter, struct question *question, struct issue *issue,
                   const struct audit_origin *by, struct err *err)
{
    struct err refusal = {0};
    int rc;

    question->issue = issue;
    rc = authority_ask(counter->authority, question, &issue->certificate, &issue->ca_certificate,
                       &refusal);
    if (is_refusal(rc))
        TRY(register_drop_issue(counter->store, issue, by, err));
    if (rc < 0)
        return FAIL_WITH(err, refusal.kind, refusal.detail, "%s", refusal.text);
    return register_finish_issue(counter->store, issue, by, err);
}

static int issue_one(const struct counter *counter, const struct card *card,
                     struct question *question, struct issue *issue, const struct audit_origin *by,
                     struct err *err)
{
    const struct issue_basis basis = {card, question->resident};

    TRY(register_begin_issue(counter->store, issue, &basis, by, err));
    return issue->certificate.len > 0 ? 0 : ask_for(counter, question, issue, by, err);
}

static int issue_all(const struct counter *counter, const struct card *card,
                     struct question *question, struct issuing *issuing, struct err *err)
{
    int64_t now = issuing->by->at;

    TRY(requests_check(counter, card, issuing, question->resident, now, err));
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        struct issue *issue = &issuing->issues[kind];

        if (issuing->requests[kind].len == 0)
            continue;
        issue_done(issue);
        *issue = (struct issue){.kind = (enum cert_kind)kind};
        memcpy(issue->card, card->serial, sizeof issue->card);
        TRY(not_after(counter, question->resident, card, issue, now, err));
        TRY(buf_copy(issuing->requests[kind], &issue->request, err));
        TRY(issue_one(counter, card, question, issue, issuing->by, err));
    }
    return register_mark_issued(counter->store, card->serial, issuing->by, err);
}

/* A card, whose it is, and what the authority is told of both. */
struct applicant {
    struct card card;
    struct resident resident;
    char window_id[WINDOW_ID_SIZE];
    struct question question;
};

static int read_applicant(const struct counter *counter, const char *serial, struct applicant *ret,
                          struct err *err)
{
    struct question *question = &ret->question;

    TRY(register_get_card(counter->store, serial, &ret->card, err));
    TRY(register_get_resident(counter->store, ret->card.resident, &ret->resident, err));
    TRY(municipality_find(counter->municipalities, ret->resident.municipality,
                          &question->municipality, err));
    /* After a move the certificate is asked for where the resident lives now. */
    memcpy(ret->window_id, ret->card.window_id, sizeof ret->window_id);
    memcpy(ret->window_id, ret->resident.municipality, MUNICIPALITY_CODE_LEN);
    question->resident = &ret->resident;
    question->window_id = ret->window_id;
    return 0;
}

int counter_issue(const struct counter *counter, const char *serial, const char *traceparent,
                  struct issuing *issuing, struct err *err)
{
    struct applicant applicant = {.question = {.traceparent = traceparent}};
    struct caldate today = caltime_at(issuing->by->at, JST_OFFSET_SECONDS).date;

    TRY(read_applicant(counter, serial, &applicant, err));
    TRY(life_check_issue(&applicant.resident, &applicant.card, today, err));
    return issue_all(counter, &applicant.card, &applicant.question, issuing, err);
}

/* A clerk who is asking at this moment is not overtaken. */
enum { UNANSWERED_SECONDS = 60 };

static int resume(const struct counter *counter, struct issue *issue, const struct audit_origin *by,
                  struct err *err)
{
    struct applicant applicant = {.question = {.traceparent = NULL}};

    TRY(read_applicant(counter, issue->card, &applicant, err));
    TRY(ask_for(counter, &applicant.question, issue, by, err));
    return register_mark_issued(counter->store, issue->card, by, err);
}

int counter_resume_issues(const struct counter *counter, unsigned *ret_count, struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(counter->clock));
    int64_t number = 0;

    *ret_count = 0;
    for (;;) {
        CLEANUP(issue_done) struct issue issue = {.kind = CERT_SIGN};
        int rc = register_find_unanswered(counter->store, by.at - UNANSWERED_SECONDS, &number,
                                          &issue, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        rc = resume(counter, &issue, &by, err);
        if (rc < 0 && !is_refusal(rc))
            return rc;
        *ret_count += rc == 0;
    }
}
