/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrolling is three transactions: each certificate as any other (issue.c), then the phone itself,
 * with the end of the one before. Until the last has been made the certificates are given to
 * nobody, and what a crash leaves behind of them is revoked at the next start.
 */
#include "authority/phone/phone.h"

#include "authority/holder/claim.h"
#include "crypto/bound.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/profile.h"

#include <string.h>

#define ID_START "phone-"
_Static_assert(sizeof ID_START - 1 + (size_t)HOLDER_ID_OCTETS * 2 + 2 <= REQUEST_ID_MAX,
               "what a message is called is a request id");

/* What the card's sign certificate says, for those of the phone. */
struct card {
    struct x509_cert *cert;
    uint32_t serial, auth; /* auth 0: none is known */
    char prefecture[X509_ATTRIBUTE_MAX + 1], municipality[X509_ATTRIBUTE_MAX + 1];
    char window[WINDOW_ID_LEN + 1];
    char subject[SUBJECT_LEN + 1]; /* whose; "" if nobody has said so */
};

static void card_done(struct card *card)
{
    x509_cert_freep(&card->cert);
}

void phone_records_done(struct phone_records *records)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        record_done(&records->of[kind]);
}

static struct bound_phone message_of(const struct authority *authority,
                                     const struct phone_request *request, struct bytes serial)
{
    return (struct bound_phone){
        .origin = authority->holder_origin,
        .issuer = request->issuer,
        .serial = serial,
        .sign_request = request->csrs[CA_SIGN],
        .auth_request = request->csrs[CA_AUTH],
        .at = request->at,
        .nonce = request->nonce,
    };
}

/* A phone's certificates do not enrol another phone, nor does an OCSP responder's. */
static int check_is_card(const struct x509_cert *cert, struct err *err)
{
    if (profile_guess(x509_cert_tbs(cert)) != profile_of(PROFILE_SIGN))
        return FAIL(err, ERR_UNTRUSTED, "only the sign key of a card speaks for a phone");
    return 0;
}

/* Who signed the message; the certificate has been in force until now or is none. */
static int find_card(const struct authority *authority, const struct phone_request *request,
                     int (*digest_of)(const struct bound_phone *, struct digest *, struct err *),
                     struct card *card, struct digest *ret_digest, struct err *err)
{
    const struct holder_claim claim = {.origin = request->origin,
                                       .issuer = request->issuer,
                                       .serial = request->serial,
                                       .at = request->at,
                                       .signature = request->signature,
                                       .nothing = "no phone was changed"};
    uint8_t octets[HOLDER_SERIAL_OCTETS];
    struct bound_phone message;
    struct holder_signer signer = {.digest = ret_digest};

    TRY(holder_claim_check(authority, &claim, &signer.kind, &signer.serial, err));
    message = message_of(authority, request, holder_serial_octets(signer.serial, octets));
    TRY(digest_of(&message, ret_digest, err));
    TRY(holder_claim_verify(authority, &claim, &signer, &card->cert, err));
    card->serial = signer.serial;
    return check_is_card(card->cert, err);
}

static int check_not_revoked(const struct authority *authority, enum ca_kind kind, uint32_t serial,
                             struct err *err)
{
    struct revoked revoked;
    int rc = authority_get_revocation(authority->store, kind, serial, &revoked, err);

    if (rc == 0)
        return FAIL(err, ERR_CONFLICT, "the card's %s certificate is revoked", ca_kind_name(kind));
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* A phone's certificates are beside the card's, each beside that of its kind. */
static int check_in_force(const struct authority *authority, const struct card *card,
                          struct err *err)
{
    if (clock_now(authority->clock) > x509_cert_tbs(card->cert)->not_after)
        return FAIL(err, ERR_CONFLICT, "the card's sign certificate is over");
    TRY(check_not_revoked(authority, CA_SIGN, card->serial, err));
    return card->auth == 0 ? 0 : check_not_revoked(authority, CA_AUTH, card->auth, err);
}

static int copy_part(struct bytes name, enum oid attribute, size_t nth,
                     char ret[X509_ATTRIBUTE_MAX + 1], struct err *err)
{
    struct bytes text;

    TRY(name_find(name, attribute, nth, &text, err));
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}

/* The form of it all was made by the profile. */
static int read_card(const struct authority *authority, struct card *card, struct err *err)
{
    struct bytes subject = x509_cert_tbs(card->cert)->subject;
    char name[X509_ATTRIBUTE_MAX + 1];
    int rc = authority_get_subject(authority->store, CA_SIGN, card->serial, card->subject, err);

    if (rc == -ERR_ABSENT)
        card->subject[0] = '\0';
    else
        TRY(rc);

    TRY(copy_part(subject, OID_LOCALITY, 0, card->prefecture, err));
    TRY(copy_part(subject, OID_LOCALITY, 1, card->municipality, err));
    TRY(copy_part(subject, OID_COMMON_NAME, 0, name, err));
    memcpy(card->window, name + strlen(name) - WINDOW_ID_LEN, sizeof card->window);
    return 0;
}

/* Two keys: one that signs documents and logs in would be neither. */
static int check_keys(const struct phone_request *request, struct err *err)
{
    struct csr csrs[CA_KINDS_];

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        TRY(err_prefix(err, csr_parse(request->csrs[kind], &csrs[kind], err),
                       "the %s key's request", ca_kind_name((enum ca_kind)kind)));
    if (bytes_equal(csrs[CA_SIGN].spki, csrs[CA_AUTH].spki))
        return FAIL(err, ERR_INPUT, "a phone has two keys, and these requests are for one");
    return 0;
}

/* An enrolment on its way. */
struct enrolment {
    const struct authority *authority;
    struct signer *signer;
    const struct phone_request *request;
    struct card card;
    struct digest digest; /* of the message */
};

static void enrolment_done(struct enrolment *enrolment)
{
    card_done(&enrolment->card);
}

static int issue(const struct enrolment *enrolment, enum ca_kind kind, struct record *ret,
                 struct err *err)
{
    const struct card *card = &enrolment->card;
    const struct tbs *tbs = x509_cert_tbs(card->cert);
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct issue_request order = {
        .kind = kind,
        .is_for_phone = true,
        .subject = card->subject[0] == '\0' ? NULL : card->subject,
        .csr = enrolment->request->csrs[kind],
        .not_after = tbs->not_after,
        .prefecture = card->prefecture,
        .municipality = kind == CA_SIGN ? card->municipality : NULL,
        .window_id = card->window,
        .holder = kind == CA_SIGN ? &tbs->holder : NULL,
        .by = enrolment->request->by,
    };

    TRY(holder_name_request(ID_START, &enrolment->digest, kind == CA_SIGN ? "-s" : "-a", &id, err));
    TRY(buf_text(&id, &order.request_id, err));
    return authority_issue(enrolment->authority, enrolment->signer, &order, ret, err);
}

static int keep(const struct enrolment *enrolment, const struct phone_records *records,
                struct err *err)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct phone phone = {.card = enrolment->card.serial,
                          .card_auth = enrolment->card.auth,
                          .now = clock_now(enrolment->authority->clock),
                          .by = enrolment->request->by};

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        phone.serials[kind] = records->of[kind].serial;
    TRY(holder_name_request(ID_START, &enrolment->digest, "", &id, err));
    TRY(buf_text(&id, &phone.request_id, err));
    return authority_keep_phone(enrolment->authority->store, &phone, err);
}

int authority_enrol_phone(const struct authority *authority, struct signer *signer,
                          const struct phone_request *request, struct phone_records *ret,
                          struct err *err)
{
    CLEANUP(enrolment_done)
    struct enrolment enrolment = {.authority = authority, .signer = signer, .request = request};
    CLEANUP(phone_records_done) struct phone_records records = PHONE_RECORDS_INIT;

    TRY(find_card(authority, request, bound_phone_digest, &enrolment.card, &enrolment.digest, err));
    TRY(authority_find_card_auth(authority->store, enrolment.card.serial, &enrolment.card.auth,
                                 err));
    TRY(check_in_force(authority, &enrolment.card, err));
    TRY(check_keys(request, err));
    TRY(read_card(authority, &enrolment.card, err));
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        TRY(issue(&enrolment, (enum ca_kind)kind, &records.of[kind], err));
    TRY(keep(&enrolment, &records, err));
    *ret = records;
    records = (struct phone_records)PHONE_RECORDS_INIT;
    return 0;
}

int authority_suspend_phone(const struct authority *authority, const struct phone_request *request,
                            struct err *err)
{
    CLEANUP(card_done) struct card card = {.cert = NULL};
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct phone phone = {.now = clock_now(authority->clock), .by = request->by};
    struct digest digest;

    TRY(find_card(authority, request, bound_suspension_digest, &card, &digest, err));
    phone.card = card.serial;
    TRY(holder_name_request(ID_START, &digest, "", &id, err));
    TRY(buf_text(&id, &phone.request_id, err));
    return authority_hold_phone(authority->store, &phone, err);
}
