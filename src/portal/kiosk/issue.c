/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/issue.h"

#include "base/rand.h"
#include "exchange/exchange.h"
#include "portal/account/codes.h"
#include "portal/eligibility/judge.h"
#include "portal/kiosk/facts.h"
#include "portal/kiosk/print.h"
#include "portal/municipality/connected.h"
#include "portal/procedure/store.h"

#include <stdio.h>
#include <string.h>

/* ---- the card ---- */

static int judge(const struct portal *portal, const struct kiosk_order *order,
                 const struct kiosk_proof *proof, const struct audit_origin *by, struct buf *ret,
                 struct err *err)
{
    const struct bound bound = {.origin = portal->origin,
                                .client_id = order->terminal,
                                .session = order->id,
                                .nonce = BYTES_ARRAY(order->nonce),
                                .expires_at = order->made_at + KIOSK_CARD_SECONDS};
    struct shown_card card = {proof->certificate, proof->signature, &bound, ""};
    struct err why = {0};
    const int rc = eligibility_judge(portal, &card, ret, &why);

    if (rc == -ERR_UNTRUSTED)
        TRY(kiosk_order_refuse(portal_store_db(portal->store), order, card.why, by, err));
    return rc < 0 ? err_copy(err, &why) : 0;
}

/* Whose card it is: at the portal, and where the person lives if that is a body there. */
static int find_codes(const struct portal *portal, const struct extract *extract,
                      struct kiosk_shown *shown, struct person_code codes[2], struct err *err)
{
    const char *bodies[] = {PORTAL_BODY, NULL};
    uint8_t told[2][PORTAL_CODE_SIZE] = {{0}};

    if (portal->holdings != NULL)
        bodies[1] = municipality_body(holdings_tables(portal->holdings), extract->municipality);
    TRY(codes_ask(portal, shown->reference, bodies, bodies[1] == NULL ? 1 : 2, told, err));
    for (size_t i = 0; i < 2; i++)
        memcpy(codes[i].value, told[i], sizeof codes[i].value);
    shown->code = &codes[0];
    shown->local = bodies[1] == NULL ? NULL : &codes[1];
    return 0;
}

int kiosk_show(const struct portal *portal, const struct kiosk_order *order,
               const struct kiosk_proof *proof, const struct audit_origin *by, struct err *err)
{
    CLEANUP(extract_done) struct extract extract = {.municipality = ""};
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    struct person_code codes[2];
    struct kiosk_shown shown = {.municipality = extract.municipality};

    if (order->state != KIOSK_IS_OPEN)
        return FAIL(err, ERR_CONFLICT, "a card was shown for this order before");
    if (by->at > order->made_at + KIOSK_CARD_SECONDS)
        return FAIL(err, ERR_ABSENT, "the %d seconds of this order are over; begin again",
                    KIOSK_CARD_SECONDS);
    TRY(judge(portal, order, proof, by, &reference, err));
    TRY(buf_text(&reference, &shown.reference, err));
    TRY(extract_ask(portal, shown.reference, false, &extract, err));
    TRY(find_codes(portal, &extract, &shown, codes, err));
    return kiosk_order_show(portal_store_db(portal->store), order, &shown, err);
}

/* ---- the choice ---- */

/* ERR_CONFLICT for what is refused to this person, which the audit log has then. */
static int check_choice(const struct portal *portal, const struct kiosk_order *order,
                        const struct kiosk_choice *choice, const struct audit_origin *by,
                        struct err *err)
{
    CLEANUP(kiosk_facts_done) struct kiosk_facts facts = {.tax = NULL};
    enum kiosk_refusal refusal;

    TRY(kiosk_facts_read(portal, order, &facts, err));
    refusal = kiosk_facts_judge(&facts, choice->kind, choice->items);
    if (refusal != KIOSK_NOT_REFUSED)
        TRY(kiosk_order_refuse(portal_store_db(portal->store), order, kiosk_refusals[refusal], by,
                               err));
    return kiosk_facts_check(&facts, choice->kind, choice->items, err);
}

int kiosk_choose(const struct portal *portal, const struct kiosk_order *order,
                 const struct kiosk_choice *choice, const struct audit_origin *by, struct err *err)
{
    const struct kiosk_offer *offer = kiosk_table_find(portal->kiosk, order->municipality,
                                                       choice->kind);

    if (offer == NULL)
        return FAIL(err, ERR_ABSENT, "the municipality does not give this certificate at kiosks");
    if (!kiosk_table_is_open(portal->kiosk, offer, by->at))
        return FAIL(err, ERR_CONFLICT, "this certificate is not given at this hour");
    if (choice->items != 0 && !kiosk_kind_has_items(choice->kind))
        return FAIL(err, ERR_INPUT, "there are no items to choose on this certificate");
    TRY(check_choice(portal, order, choice, by, err));
    return kiosk_order_choose(portal_store_db(portal->store), order, offer, choice->items, err);
}

/* ---- the document ---- */

/* Sixteen letters that are not confused with each other on paper, in groups. */
static int make_number(char ret[KIOSK_NUMBER_SIZE], struct err *err)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    uint8_t octets[16];
    size_t len = 0;

    TRY(rand_fill(octets, sizeof octets, err));
    for (size_t i = 0; i < sizeof octets; i++) {
        if (i > 0 && i % 4 == 0)
            ret[len++] = '-';
        ret[len++] = letters[octets[i] % (sizeof letters - 1)];
    }
    ret[len] = '\0';
    return 0;
}

/* The body of the exchange that a municipality is. */
static const char *giver_of(const struct portal *portal, const char *municipality)
{
    return portal->exchange == NULL ? NULL
                                    : municipality_body(portal->exchange->tables, municipality);
}

static int keep(const struct portal *portal, const struct kiosk_order *order, const char *number,
                const struct buf *pdf, const struct audit_origin *by, struct err *err)
{
    const struct note note = {
        .what = LOG_PRINTED,
        .channel = NOTE_KIOSK,
        .receiver = order->terminal,
        .receiver_name = {"コンビニエンスストア等の端末", "a machine in a shop"},
        .giver = giver_of(portal, order->municipality),
        .why = {"本人が端末で証明書を求めたため", "you asked for a certificate at the machine"},
        .items = {kiosk_names_ja[order->kind], kiosk_names_en[order->kind]}};
    const struct kiosk_issue issue = {number, buf_bytes(pdf), &note};

    return kiosk_order_issue(portal_store_db(portal->store), order, &issue, by, err);
}

/* certificate has all but who issues it and from where. */
static int print(const struct portal *portal, const char *municipality_code,
                 struct certificate *certificate, struct buf *ret, struct err *err)
{
    struct municipality municipality;
    char issuer[sizeof municipality.prefecture + sizeof municipality.name];

    TRY(municipality_get(portal_store_db(portal->store), municipality_code, &municipality, err));
    (void)snprintf(issuer, sizeof issuer, "%s%s", municipality.prefecture, municipality.name);
    certificate->issuer = issuer;
    certificate->origin = portal->origin;
    return certificate_print(portal->font, certificate, ret, err);
}

/* The municipality's registers are read for a certificate, with a record there. */
static int take_facts(const struct portal *portal, const struct kiosk_order *order,
                      const struct audit_origin *by, struct kiosk_facts *ret, struct err *err)
{
    TRY(kiosk_facts_read(portal, order, ret, err));
    TRY(kiosk_facts_check(ret, order->kind, order->items, err));
    return ret->body[0] == '\0'
               ? 0
               : civil_note(portal->holdings, &order->local, kiosk_kinds[order->kind], by, err);
}

int kiosk_issue(const struct portal *portal, const struct kiosk_order *order,
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(kiosk_facts_done) struct kiosk_facts facts = {.tax = NULL};
    CLEANUP(extract_done) struct extract extract = {.municipality = ""};
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    char number[KIOSK_NUMBER_SIZE];
    struct certificate certificate = {.kind = order->kind,
                                      .items = order->items,
                                      .facts = &facts,
                                      .extract = &extract,
                                      .number = number,
                                      .fee = order->fee,
                                      .issued_at = by->at};
    const char *text;

    if (order->state != KIOSK_IS_PAID)
        return FAIL(err, ERR_CONFLICT, "this order was not paid for");
    if (by->at > order->made_at + KIOSK_FINISH_SECONDS)
        return FAIL(err, ERR_CONFLICT, "this order is too old; the money is to be given back");
    TRY(buf_copy(buf_bytes(&order->reference), &reference, err));
    TRY(buf_text(&reference, &text, err));
    TRY(extract_ask(portal, text, true, &extract, err));
    if (strcmp(extract.municipality, order->municipality) != 0)
        return FAIL(err, ERR_CONFLICT, "the person has moved since the card was shown");
    TRY(take_facts(portal, order, by, &facts, err));
    TRY(make_number(number, err));
    TRY(print(portal, order->municipality, &certificate, &pdf, err));
    return keep(portal, order, number, &pdf, by, err);
}
