/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/issue.h"

#include "base/rand.h"
#include "exchange/exchange.h"
#include "portal/account/codes.h"
#include "portal/eligibility/judge.h"
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

int kiosk_show(const struct portal *portal, const struct kiosk_order *order,
               const struct kiosk_proof *proof, const struct audit_origin *by, struct err *err)
{
    static const char *const bodies[] = {PORTAL_BODY};
    CLEANUP(extract_done) struct extract extract = {.municipality = ""};
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    uint8_t codes[1][PORTAL_CODE_SIZE];
    struct person_code code;
    struct kiosk_shown shown = {.code = &code, .municipality = extract.municipality};

    if (order->state != KIOSK_IS_OPEN)
        return FAIL(err, ERR_CONFLICT, "a card was shown for this order before");
    if (by->at > order->made_at + KIOSK_CARD_SECONDS)
        return FAIL(err, ERR_ABSENT, "the %d seconds of this order are over; begin again",
                    KIOSK_CARD_SECONDS);
    TRY(judge(portal, order, proof, by, &reference, err));
    TRY(buf_text(&reference, &shown.reference, err));
    TRY(codes_ask(portal, shown.reference, bodies, 1, codes, err));
    memcpy(code.value, codes[0], sizeof code.value);
    TRY(extract_ask(portal, shown.reference, false, &extract, err));
    return kiosk_order_show(portal_store_db(portal->store), order, &shown, err);
}

/* ---- the choice ---- */

int kiosk_choose(const struct portal *portal, const struct kiosk_order *order, enum kiosk_kind kind,
                 int64_t now, struct err *err)
{
    const struct kiosk_offer *offer = kiosk_table_find(portal->kiosk, order->municipality, kind);

    if (offer == NULL)
        return FAIL(err, ERR_ABSENT, "the municipality does not give this certificate at kiosks");
    if (!kiosk_table_is_open(portal->kiosk, offer, now))
        return FAIL(err, ERR_CONFLICT, "this certificate is not given at this hour");
    return kiosk_order_choose(portal_store_db(portal->store), order, offer, err);
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

int kiosk_issue(const struct portal *portal, const struct kiosk_order *order,
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(extract_done) struct extract extract = {.municipality = ""};
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    char number[KIOSK_NUMBER_SIZE];
    struct certificate certificate = {.kind = order->kind,
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
    TRY(make_number(number, err));
    TRY(print(portal, order->municipality, &certificate, &pdf, err));
    return keep(portal, order, number, &pdf, by, err);
}
