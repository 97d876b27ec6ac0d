/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens at the counter, in the order of flow F1. A request for a certificate is kept under
 * its own id before the authority is asked, so a crash between the two is mended by asking again:
 * the authority gives the same certificate for the same id.
 */
#include "register/counter.h"

#include "base/rand.h"
#include "register/authority_client.h"
#include "x509/csr.h"
#include "x509/validity.h"

#include <stdio.h>
#include <string.h>

static struct caldate day_of(int64_t now)
{
    return caltime_at(now, JST_OFFSET_SECONDS).date;
}

int counter_add_resident(const struct counter *counter, struct resident *resident,
                         const char *mynumber, const struct audit_origin *by, bool *ret_is_new,
                         struct err *err)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;

    TRY(resident_check(resident, counter->municipalities, day_of(by->at), err));
    TRY(mynumber_parse(mynumber, counter->rule, &number, err));
    return register_add_resident(counter->store, resident, &number, by, ret_is_new, err);
}

/* Four random digits, each value equally likely. */
static int security_code_new(char ret[SECURITY_CODE_LEN + 1], struct err *err)
{
    uint16_t random;

    do
        TRY(rand_fill(&random, sizeof random, err));
    while (random >= 60000);
    (void)snprintf(ret, SECURITY_CODE_LEN + 1, "%04u", (unsigned)(random % 10000));
    return 0;
}

/* The next card may be made while the present one counts, when that one soon ends. */
static int may_follow(const struct counter *counter, const struct resident *resident, int64_t now,
                      bool *ret, struct err *err)
{
    struct caldate opens;
    struct card own;
    int rc = register_get_own_card(counter->store, resident->id, &own, err);

    if (rc == -ERR_ABSENT) {
        *ret = false;
        return 0;
    }
    TRY(rc);
    opens = card_renewal_opens(counter->generation, own.expires_on);
    *ret = caldate_compare(day_of(now), opens) >= 0;
    return 0;
}

/* Somebody who lives here and may stay. */
static int entitled_check(const struct resident *resident, const struct card *card, int64_t now,
                          struct err *err)
{
    if (resident->standing != STANDING_HERE)
        return FAIL(err, ERR_CONFLICT, "the resident is %s; cards are for those who live here",
                    standing_name(resident->standing));
    if (caldate_compare(card->expires_on, day_of(now)) < 0)
        return FAIL(err, ERR_CONFLICT, "the resident's stay is over; no card would live");
    return 0;
}

int counter_add_card(const struct counter *counter, const struct card_entry *entry,
                     struct card *ret, bool *ret_is_new, struct err *err)
{
    struct card card = {
        .state = CARD_STOCK, .issued_at = entry->by->at, .is_further = entry->is_further};
    struct resident resident;
    bool follows = false;

    if (entry->is_further && counter->rule != MYNUMBER_TEST)
        return FAIL(err, ERR_DENIED, "further cards are for test residents: people have one card");
    TRY(card_serial_check(entry->serial, err));
    TRY(register_get_resident(counter->store, entry->resident, &resident, err));
    (void)snprintf(card.serial, sizeof card.serial, "%s", entry->serial);
    memcpy(card.resident, resident.id, sizeof card.resident);
    (void)snprintf(card.window_id, sizeof card.window_id, "%s%s", resident.municipality,
                   counter->window);
    card.expires_on = card_last_day(&resident, day_of(card.issued_at));
    TRY(entitled_check(&resident, &card, card.issued_at, err));
    TRY(may_follow(counter, &resident, card.issued_at, &follows, err));
    TRY(security_code_new(card.security_code, err));
    TRY(register_add_card(counter->store, &card, follows, entry->by, ret_is_new, err));
    *ret = card;
    return 0;
}

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
        TRY(register_check_replaceable(counter->store, card->serial, err));
    if (issuing->requests[CERT_SIGN].len > 0)
        TRY(sign_age_check(resident->birth, day_of(now), err));
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

static int issue_one(const struct counter *counter, struct question *question, struct issue *issue,
                     const struct audit_origin *by, struct err *err)
{
    struct err refusal = {0};
    int rc;

    TRY(register_begin_issue(counter->store, issue, by, err));
    if (issue->certificate.len > 0)
        return 0;
    question->issue = issue;
    rc = authority_ask(counter->authority, question, &issue->certificate, &issue->ca_certificate,
                       &refusal);
    if (is_refusal(rc))
        TRY(register_drop_issue(counter->store, issue, by, err));
    if (rc < 0)
        return FAIL_WITH(err, refusal.kind, refusal.detail, "%s", refusal.text);
    return register_finish_issue(counter->store, issue, by, err);
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
        TRY(issue_one(counter, question, issue, issuing->by, err));
    }
    return register_mark_issued(counter->store, card->serial, issuing->by, err);
}

int counter_issue(const struct counter *counter, const char *serial, const char *traceparent,
                  struct issuing *issuing, struct err *err)
{
    const struct municipality *municipality;
    struct question question = {.traceparent = traceparent};
    struct resident resident;
    struct card card;
    char window_id[WINDOW_ID_SIZE];

    TRY(register_get_card(counter->store, serial, &card, err));
    TRY(register_get_resident(counter->store, card.resident, &resident, err));
    TRY(life_check_issue(&resident, &card, day_of(issuing->by->at), err));
    TRY(municipality_find(counter->municipalities, resident.municipality, &municipality, err));
    question.resident = &resident;
    question.municipality = municipality;
    /* After a move the certificate is asked for where the resident lives now. */
    memcpy(window_id, card.window_id, sizeof window_id);
    memcpy(window_id, resident.municipality, MUNICIPALITY_CODE_LEN);
    question.window_id = window_id;
    return issue_all(counter, &card, &question, issuing, err);
}

int counter_activate_card(const struct counter *counter, const char *serial,
                          const struct audit_origin *by, struct card *ret, struct err *err)
{
    TRY(register_activate_card(counter->store, serial, by, err));
    return register_get_card(counter->store, serial, ret, err);
}
