/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/check.h"

#include "exchange/answer.h"
#include "exchange/limits.h"
#include "portal/account/codes.h"
#include "portal/eligibility/insurance.h"
#include "portal/selfinfo/selfinfo.h"

#include <stdio.h>
#include <string.h>

/* Looking up eligibility needs no consent (data/exchange/duties.tsv); reading more does. */
static const char lookup_duty[] = "JM99000000000020";
static const char lookup_procedure[] = "JT99000000000201";
static const char consent_duty[] = "JM99000000000001";
static const char consent_procedure[] = "JT99000000000002";

const char *const check_states[] = {
    [CHECK_ASKING] = "asking",       [CHECK_INSURED] = "insured",
    [CHECK_EXPIRED] = "expired",     [CHECK_NOT_INSURED] = "not-insured",
    [CHECK_NO_ANSWER] = "no-answer", [CHECK_STATES_] = NULL};

/* Who has what people are insured with. */
static int find_insurer(const struct tables *tables, const char **ret, struct err *err)
{
    const struct info *info = tables_info(tables, INSURANCE_NAME);

    for (size_t i = 0; info != NULL && i < tables->body_count; i++) {
        if (tables->bodies[i].kind != info->provider)
            continue;
        *ret = tables->bodies[i].code;
        return 0;
    }
    return FAIL(err, ERR_REMOTE, "no insurer is connected to this portal");
}

/* ---- whose card it is ---- */

static int find_person(const struct portal *portal, const char *reference,
                       const struct audit_origin *by, struct lookup_check *ret, struct err *err)
{
    const char *bodies[] = {PORTAL_BODY, NULL};
    uint8_t codes[2][PORTAL_CODE_SIZE];
    struct exchange_link link;
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    TRY(find_insurer(x->tables, &bodies[1], err));
    TRY(codes_ask(portal, reference, bodies, 2, codes, err));
    memcpy(link.portal.value, codes[0], sizeof link.portal.value);
    for (size_t i = 0; i < 2; i++) {
        link.body = bodies[i];
        memcpy(link.code.value, codes[i], sizeof link.code.value);
        TRY(exchange_link(x, &link, by, &ret->person, err));
    }
    ret->portal = link.portal;
    return 0;
}

/* Who compared the person with the photo. */
static int find_operator(const struct portal *portal, const struct lookup *lookup,
                         const struct check_proof *proof, struct clinic_key *ret, struct err *err)
{
    if (proof->operator_key == NULL)
        return FAIL(err, ERR_DENIED,
                    "without the card's signature, an operator of the clinic has to confirm the "
                    "photo");
    TRY(clinic_key_find(portal_store_db(portal->store), proof->operator_key, CLINIC_OPERATOR, ret,
                        err));
    if (strcmp(ret->clinic, lookup->clinic) != 0)
        return FAIL(err, ERR_DENIED, "this operator is of another clinic");
    return 0;
}

static int judge(const struct portal *portal, const struct lookup *lookup,
                 const struct check_proof *proof, const struct audit_origin *by, struct buf *ret,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf session = BUF_INIT;
    struct bound bound = {.origin = portal->origin,
                          .client_id = lookup->clinic,
                          .nonce = BYTES_ARRAY(lookup->nonce),
                          .expires_at = lookup->expires_at};
    struct shown_card card = {proof->certificate, proof->signature, &bound, ""};
    struct err why = {0};
    int rc;

    TRY(bound_choices(lookup->id, consent_kinds, proof->consents, &session, err));
    TRY(buf_text(&session, &bound.session, err));
    rc = eligibility_judge(portal, &card, ret, &why);
    if (rc == -ERR_UNTRUSTED)
        TRY(lookup_refuse(portal_store_db(portal->store), lookup, card.why, by, err));
    return rc < 0 ? err_copy(err, &why) : 0;
}

int check_card(const struct portal *portal, const struct lookup *lookup,
               const struct check_proof *proof, const struct audit_origin *by, struct err *err)
{
    struct lookup_check check = {.method = LOOKUP_PIN,
                                 .consents = proof->consents,
                                 .duty = lookup_duty,
                                 .procedure = lookup_procedure,
                                 .info = INSURANCE_NAME};
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    struct clinic_key operator;
    const char *text;

    if (lookup->method != LOOKUP_OPEN)
        return FAIL(err, ERR_CONFLICT, "a card was shown for this lookup before");
    if (by->at > lookup->expires_at)
        return FAIL(err, ERR_ABSENT, "the %d seconds of this lookup are over; begin again",
                    ELIGIBILITY_SECONDS);
    if (proof->signature == NULL) {
        TRY(find_operator(portal, lookup, proof, &operator, err));
        check.method = LOOKUP_PHOTO;
        check.operator= operator.id;
    }
    TRY(judge(portal, lookup, proof, by, &reference, err));
    TRY(buf_text(&reference, &text, err));
    TRY(find_person(portal, text, by, &check, err));
    return lookup_check(portal_store_db(portal->store), lookup, &check, by, err);
}

/* ---- what is held ---- */

/* Who asks for what, under which key. */
struct asking_for {
    const char *clinic;
    int64_t person;
    const char *duty, *procedure, *info;
    char key[EXCHANGE_KEY_MAX + 1];
};

/* The state of it, and where it is ready what was handed over. */
static int ask(const struct exchange *x, const struct asking_for *what,
               const struct audit_origin *by, struct exchange_standing *ret, struct buf *ret_answer,
               struct err *err)
{
    struct exchange_question question = {.person = what->person,
                                         .asker = PORTAL_BODY,
                                         .duty = what->duty,
                                         .procedure = what->procedure,
                                         .info = what->info,
                                         .department = "eligibility",
                                         .key = what->key,
                                         .condition = INQUIRY_LATEST};
    char user[CODE_SIZE];

    clinic_code(what->clinic, user);
    question.user = user;
    TRY(find_insurer(x->tables, &question.provider, err));
    TRY(exchange_ask(x, &question, by, ret, err));
    if (ret->state != EXCHANGE_READY)
        return 0;
    return exchange_answer_get(x, what->person, ret->id, ret, ret_answer, err);
}

/* Whether there is nothing to wait for at a terminal; by when it began. */
static bool is_silent(const struct exchange_standing *standing, int64_t since, int64_t now)
{
    if (standing->state == EXCHANGE_REQUESTED || standing->state == EXCHANGE_WAITING)
        return now >= since + ELIGIBILITY_SILENCE;
    return standing->state != EXCHANGE_READY && standing->state != EXCHANGE_NOTHING;
}

static int put_changed(const struct portal *portal, const struct lookup *lookup,
                       const struct json *insurance, enum check_state state, struct json *body,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf told = BUF_INIT;
    const char *text;
    bool is_changed;

    if (insurance != NULL)
        TRY(json_write(insurance, &told, err));
    TRY(buf_append_text(&told, check_states[state], err));
    TRY(buf_text(&told, &text, err));
    TRY(lookup_note_told(portal_store_db(portal->store), lookup, text, &is_changed, err));
    return json_put_bool(body, "is_changed", is_changed, err);
}

/* An answer that came, on the day of the lookup. */
static int put_insurance(const struct portal *portal, const struct lookup *lookup,
                         const struct buf *answer, struct json *body, struct err *err)
{
    static const enum check_state states[] = {[INSURANCE_NONE] = CHECK_NOT_INSURED,
                                              [INSURANCE_EXPIRED] = CHECK_EXPIRED,
                                              [INSURANCE_HOLDS] = CHECK_INSURED};
    const struct caldate day = caltime_at(lookup->checked_at, JST_OFFSET_SECONDS).date;
    struct insurance found = {.state = INSURANCE_NONE};
    CLEANUP(json_freep) struct json *parsed = NULL;
    CLEANUP(json_freep) struct json *told = NULL;

    if (answer->len > 0) {
        TRY(answer_parse(portal->exchange->tables, INSURANCE_NAME, buf_bytes(answer), &parsed,
                         err));
        TRY(insurance_read(parsed, day, &found, err));
    }
    TRY(json_put_text(body, "state", check_states[states[found.state]], err));
    if (found.state != INSURANCE_NONE)
        TRY(insurance_tell(&found, &told, err));
    TRY(put_changed(portal, lookup, told, states[found.state], body, err));
    return told == NULL ? 0 : json_put(body, "insurance", json_steal(&told), err);
}

static int put_state(const struct portal *portal, const struct lookup *lookup,
                     const struct audit_origin *by, struct json *body, struct err *err)
{
    struct asking_for what = {lookup->clinic,   lookup->person, lookup_duty,
                              lookup_procedure, INSURANCE_NAME, ""};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct exchange_standing standing;
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    (void)snprintf(what.key, sizeof what.key, "lookup-%s", lookup->id);
    TRY(ask(x, &what, by, &standing, &answer, err));
    if (standing.state == EXCHANGE_READY || standing.state == EXCHANGE_NOTHING)
        return put_insurance(portal, lookup, &answer, body, err);
    if (!is_silent(&standing, lookup->checked_at, by->at))
        return json_put_text(body, "state", check_states[CHECK_ASKING], err);
    TRY(json_put_text(body, "state", check_states[CHECK_NO_ANSWER], err));
    return json_put_text(body, "because", exchange_states[standing.state], err);
}

static int put_consents(const struct portal *portal, const struct lookup *lookup, int64_t now,
                        struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct consent consents[CONSENT_KINDS_];
    unsigned count;

    TRY(consent_list(portal_store_db(portal->store), lookup->number, now, consents, &count, err));
    for (unsigned i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(json_put_text(item, "kind", consent_kinds[consents[i].kind], err));
        TRY(json_put_int(item, "expires_at", consents[i].expires_at, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    return json_put(body, "consents", json_steal(&list), err);
}

int check_answer(const struct portal *portal, const struct lookup *lookup,
                 const struct audit_origin *by, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    if (lookup->method == LOOKUP_OPEN)
        return FAIL(err, ERR_CONFLICT, "no card was shown for this lookup yet");
    if (by->at > lookup->checked_at + ELIGIBILITY_KEPT)
        return FAIL(err, ERR_ABSENT, "this lookup is over; look up again");
    TRY(json_put_text(body, "lookup", lookup->id, err));
    TRY(json_put_text(body, "method", lookup_methods[lookup->method], err));
    if (lookup->method == LOOKUP_PHOTO)
        TRY(json_put_text(body, "operator", lookup->operator, err));
    TRY(json_put_int(body, "checked_at", lookup->checked_at, err));
    TRY(put_state(portal, lookup, by, body, err));
    TRY(put_consents(portal, lookup, by->at, body, err));
    *ret = json_steal(&body);
    return 0;
}

/* ---- what is read by consent ---- */

int check_read(const struct portal *portal, const struct lookup *lookup, enum consent_kind kind,
               const struct audit_origin *by, struct reading *ret, struct err *err)
{
    struct reading_wish wish = {.clinic = lookup->clinic,
                                .person = lookup->person,
                                .kind = kind,
                                .duty = consent_duty,
                                .procedure = consent_procedure};
    const struct exchange *x;

    if (lookup->method == LOOKUP_OPEN)
        return FAIL(err, ERR_CONFLICT, "no card was shown for this lookup yet");
    TRY(selfinfo_exchange(portal, &x, err));
    TRY(exchange_find_code(x, lookup->person, PORTAL_BODY, &wish.portal, err));
    return reading_begin(portal_store_db(portal->store), &wish, by, ret, err);
}

static int put_records(const struct portal *portal, const char *info, const struct buf *answer,
                       struct json *body, struct err *err)
{
    const struct tables *tables = portal->exchange->tables;
    CLEANUP(json_freep) struct json *parsed = NULL;
    struct json *records;

    TRY(answer_parse(tables, info, buf_bytes(answer), &parsed, err));
    TRY(answer_explain(tables, info, parsed, &records, err));
    return json_put(body, "records", records, err);
}

int check_reading(const struct portal *portal, const char *clinic, const struct reading *reading,
                  const struct audit_origin *by, struct json **ret, struct err *err)
{
    struct asking_for what = {
        clinic, reading->person, consent_duty, consent_procedure, consent_infos[reading->kind], ""};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct exchange_standing standing;
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    (void)snprintf(what.key, sizeof what.key, "reading-%s", reading->id);
    TRY(ask(x, &what, by, &standing, &answer, err));
    TRY(json_put_text(body, "reading", reading->id, err));
    TRY(json_put_text(body, "kind", consent_kinds[reading->kind], err));
    TRY(json_put_text(body, "state", exchange_states[standing.state], err));
    if (standing.state == EXCHANGE_READY)
        TRY(put_records(portal, what.info, &answer, body, err));
    *ret = json_steal(&body);
    return 0;
}
