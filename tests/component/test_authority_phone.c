/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phones, from the request on the holders' socket to the rows on disk, with a real signerd behind:
 * what is refused first, then one phone per person and how it ends.
 */
#include "authority/routes.h"

#include "authority/party/link.h"
#include "authority/phone/phone.h"
#include "authority/schema.h"
#include "authority/store_sqlite.h"
#include "base/hex.h"
#include "crypto/bound.h"
#include "http/engine.h"
#include "support/auditlog.h"
#include "support/routes_ask.h"
#include "support/signing_authority.h"
#include "x509/csr.h"
#include "x509/name.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN  "https://ca.example"
#define SUBJECT "00112233445566778899aabbccddeeff"

enum { DAY = 86400, PHONE_KEYS = 6, KEYS = PHONE_KEYS + CA_KINDS_ };
/* 23:59:59 in Japan, so that whole days later are it too. */
enum { NOW = 1795445999 };

static struct test_pki pki;
static struct privkey *keys[KEYS]; /* the last two are the card's */
static struct buf requests[KEYS];  /* PKCS#10 of each */

enum { CARD_SIGN = PHONE_KEYS, CARD_AUTH };

static struct signing_authority f;
static struct record cards[CA_KINDS_] = {RECORD_INIT, RECORD_INIT};
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    for (size_t i = 0; i < KEYS; i++) {
        assert_int_equal(privkey_generate(2048, &keys[i], NULL), 0);
        test_pki_request(keys[i], &requests[i]);
    }
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    for (size_t i = 0; i < KEYS; i++) {
        privkey_freep(&keys[i]);
        buf_done(&requests[i]);
    }
    return 0;
}

static void issue_card(enum ca_kind kind)
{
    const struct issue_request request = {
        .kind = kind,
        .request_id = kind == CA_SIGN ? "card-s" : "card-a",
        .subject = SUBJECT,
        .csr = buf_bytes(&requests[kind == CA_SIGN ? CARD_SIGN : CARD_AUTH]),
        .by = &by,
        .not_after = NOW + 100 * DAY,
        .prefecture = "Hyogo-ken",
        .municipality = kind == CA_SIGN ? "Kobe-shi" : NULL,
        .window_id = "28100003A",
        .holder = kind == CA_SIGN ? test_pki_holder() : NULL};

    assert_int_equal(authority_issue(&f.authority, f.signer, &request, &cards[kind], NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    signing_authority_make(&f, &pki, NOW);
    f.authority.holder_origin = ORIGIN;
    signing_authority_start(&f, &by);
    issue_card(CA_SIGN);
    issue_card(CA_AUTH);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signing_authority_done(&f);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        record_done(&cards[kind]);
        cards[kind] = (struct record)RECORD_INIT;
    }
    return 0;
}

/* What a client says and signs. */
struct order {
    const char *origin, *said_origin;
    size_t sign, auth; /* which keys */
    size_t said_auth;
    const struct privkey *key;
    const struct record *card;
    int64_t at;
    bool suspends;
    uint8_t nonce[BOUND_NONCE_SIZE];
};

static struct order order_of(size_t sign, size_t auth)
{
    return (struct order){.origin = ORIGIN,
                          .said_origin = ORIGIN,
                          .sign = sign,
                          .auth = auth,
                          .said_auth = auth,
                          .key = keys[CARD_SIGN],
                          .card = &cards[CA_SIGN],
                          .at = NOW,
                          .nonce = {1, 2, 3}};
}

static struct order suspension(void)
{
    struct order order = order_of(0, 1);

    order.suspends = true;
    return order;
}

static void sign(const struct order *order, const struct tbs *tbs, struct buf *ret)
{
    const struct bound_phone message = {.origin = order->origin,
                                        .issuer = tbs->authority_key_id,
                                        .serial = tbs->serial,
                                        .sign_request = buf_bytes(&requests[order->sign]),
                                        .auth_request = buf_bytes(&requests[order->auth]),
                                        .at = order->at,
                                        .nonce = BYTES_ARRAY(order->nonce)};
    struct digest digest;

    assert_int_equal(order->suspends ? bound_suspension_digest(&message, &digest, NULL)
                                     : bound_phone_digest(&message, &digest, NULL),
                     0);
    assert_int_equal(privkey_sign(order->key, &digest, ret, NULL), 0);
}

static void write_body(const struct order *order, struct buf *ret)
{
    CLEANUP(x509_cert_freep) struct x509_cert *card = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct tbs *tbs;
    const char *hex;

    assert_int_equal(x509_cert_parse(buf_bytes(&order->card->certificate), &card, NULL), 0);
    tbs = x509_cert_tbs(card);
    sign(order, tbs, &signature);
    assert_int_equal(hex_append(&issuer, tbs->authority_key_id, NULL), 0);
    assert_int_equal(buf_text(&issuer, &hex, NULL), 0);
    assert_int_equal(json_put_text(body, "origin", order->said_origin, NULL), 0);
    assert_int_equal(json_put_text(body, "issuer", hex, NULL), 0);
    assert_int_equal(json_put_int(body, "serial", order->card->serial, NULL), 0);
    assert_int_equal(json_put_int(body, "at", order->at, NULL), 0);
    assert_int_equal(json_put_base64(body, "nonce", BYTES_ARRAY(order->nonce), NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    if (!order->suspends) {
        assert_int_equal(
            json_put_base64(body, "sign_request", buf_bytes(&requests[order->sign]), NULL), 0);
        assert_int_equal(
            json_put_base64(body, "auth_request", buf_bytes(&requests[order->said_auth]), NULL), 0);
    }
    assert_int_equal(json_write(body, ret, NULL), 0);
}

/* Post as anybody; the status, and the answer's body. */
static unsigned ask(const struct order *order, struct buf *answer)
{
    const struct http_server_options options = {.tables = authority_holder_tables,
                                                .context = &f.authority,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close};
    const struct http_peer peer = {.is_unix = false};
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    write_body(order, &body);
    return routes_ask(&options, &peer,
                      order->suspends ? "POST /v1/holder/phones/suspensions"
                                      : "POST /v1/holder/phones",
                      buf_bytes(&body), answer);
}

static void assert_refused(const struct order *order, unsigned status, const char *words)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;
    unsigned got = ask(order, &answer);

    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    if (got != status || strstr(text, words) == NULL)
        fail_msg("not %u and \"%s\": %s", status, words, text);
}

/* The phone's certificates. */
struct phone_certs {
    struct x509_cert *of[CA_KINDS_];
    uint32_t serials[CA_KINDS_];
};

static void phone_certs_done(struct phone_certs *certs)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        x509_cert_freep(&certs->of[kind]);
}

static void enrol(const struct order *order, struct phone_certs *ret)
{
    static const char *const names[CA_KINDS_] = {[CA_SIGN] = "sign", [CA_AUTH] = "auth"};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;
    const char *text;
    unsigned status = ask(order, &answer);

    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    if (status != 200)
        fail_msg("%s", text);
    assert_int_equal(json_parse(bytes_text(strstr(text, "\r\n\r\n") + 4), &json, NULL), 0);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        assert_int_equal(json_get_base64(json, names[kind], &der, NULL), 0);
        assert_int_equal(x509_cert_parse(buf_bytes(&der), &ret->of[kind], NULL), 0);
        ret->serials[kind] = (uint32_t)tbs_serial_number(x509_cert_tbs(ret->of[kind]));
    }
}

enum { IN_FORCE = -1 };

/* The reason for which a certificate is revoked. */
static int standing(enum ca_kind kind, uint32_t serial)
{
    struct revoked revoked;

    return authority_get_revocation(f.store, kind, serial, &revoked, NULL) == 0
               ? (int)revoked.reason
               : IN_FORCE;
}

static void assert_standing(const struct phone_certs *phone, int sign, int auth)
{
    assert_int_equal(standing(CA_SIGN, phone->serials[CA_SIGN]), sign);
    assert_int_equal(standing(CA_AUTH, phone->serials[CA_AUTH]), auth);
}

static int end_card(enum ca_kind kind, uint32_t serial, enum crl_reason reason, const char *id)
{
    struct revocation_request request = {
        .request_id = id, .kind = kind, .serial = serial, .reason = reason, .by = &by};
    struct revoked revoked;

    return authority_revoke(&f.authority, &request, &revoked, NULL);
}

static uint64_t events(void)
{
    struct revocation_page *page = malloc(sizeof *page);
    uint64_t last;

    assert_non_null(page);
    assert_int_equal(authority_list_revocations(f.store, 0, page, NULL), 0);
    last = page->last;
    for (size_t i = 0; i < page->count; i++)
        assert_int_equal(page->entries[i].number, i + 1);
    free(page);
    return last;
}

static void only_the_sign_key_of_a_card_enrols(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    struct record as_card = {.kind = CA_SIGN};
    struct order order = order_of(0, 1);

    (void)state;
    order.key = keys[CARD_AUTH];
    assert_refused(&order, 422, "no signature");
    order.card = &cards[CA_AUTH];
    assert_refused(&order, 422, "only the sign key of a card");
    order = order_of(0, 1);
    enrol(&order, &phone);
    assert_int_equal(buf_copy(x509_cert_der(phone.of[CA_SIGN]), &as_card.certificate, NULL), 0);
    as_card.serial = phone.serials[CA_SIGN];
    order = order_of(2, 3);
    order.card = &as_card;
    order.key = keys[0];
    assert_refused(&order, 422, "only the sign key of a card");
    buf_done(&as_card.certificate);
}

static void what_is_said_and_what_is_signed_must_be_the_same(void **state)
{
    struct order order = order_of(0, 1);

    (void)state;
    order.said_auth = 2; /* by whoever stands between */
    assert_refused(&order, 422, "no signature");
    order = order_of(0, 1);
    order.origin = "https://other.example";
    assert_refused(&order, 422, "no signature");
    order.said_origin = order.origin;
    assert_refused(&order, 422, "another service");
    order = order_of(0, 1);
    order.at = NOW - HOLDER_SECONDS - 1;
    assert_refused(&order, 422, "more than 60 seconds ago");
    assert_refused(&order, 422, "ago");
}

static void keys_that_are_one_or_known_are_refused(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    struct order order = order_of(0, 0);

    (void)state;
    assert_refused(&order, 400, "two keys");
    order = order_of(CARD_SIGN, 1);
    assert_refused(&order, 409, "a certificate for this key already");
    order = order_of(0, 1);
    enrol(&order, &phone);
    order.nonce[0]++;
    assert_refused(&order, 409, "a certificate for this key already");
    assert_standing(&phone, IN_FORCE, IN_FORCE);
}

static void a_card_that_is_over_or_revoked_enrols_nothing(void **state)
{
    struct order order = order_of(0, 1);

    (void)state;
    f.clock = clock_fixed(NOW + 100 * DAY + 1);
    order.at = NOW + 100 * DAY + 1;
    assert_refused(&order, 409, "is over");
    f.clock = clock_fixed(NOW);
    order.at = NOW;
    assert_int_equal(end_card(CA_SIGN, cards[CA_SIGN].serial, CRL_CERTIFICATE_HOLD, "lost"), 0);
    assert_refused(&order, 409, "is revoked");
    assert_int_equal(events(), 1);
}

static void a_phone_has_two_certificates_that_end_with_the_cards(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    CLEANUP(x509_cert_freep) struct x509_cert *card = NULL;
    struct order order = order_of(0, 1);
    const struct tbs *tbs;

    (void)state;
    enrol(&order, &phone);
    assert_int_equal(x509_cert_parse(buf_bytes(&cards[CA_SIGN].certificate), &card, NULL), 0);
    tbs = x509_cert_tbs(phone.of[CA_SIGN]);
    assert_int_equal(profile_check(profile_of(PROFILE_PHONE_SIGN), tbs, NULL), 0);
    assert_int_equal(tbs->not_after, NOW + 100 * DAY);
    assert_true(bytes_equal(tbs->holder.address, x509_cert_tbs(card)->holder.address));
    assert_true(bytes_equal(tbs->holder.name, x509_cert_tbs(card)->holder.name));
    assert_true(bytes_equal(tbs->distribution_point, x509_cert_tbs(card)->distribution_point));
    tbs = x509_cert_tbs(phone.of[CA_AUTH]);
    assert_int_equal(profile_check(profile_of(PROFILE_PHONE_AUTH), tbs, NULL), 0);
    assert_int_equal(tbs->not_after, NOW + 100 * DAY);
    assert_int_equal(events(), 0);
}

static void the_same_request_gives_the_same_phone(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs first = {.serials = {0}};
    CLEANUP(phone_certs_done) struct phone_certs again = {.serials = {0}};
    struct order order = order_of(0, 1);

    (void)state;
    enrol(&order, &first);
    f.clock = clock_fixed(NOW + 10);
    enrol(&order, &again);
    assert_memory_equal(first.serials, again.serials, sizeof first.serials);
    assert_int_equal(events(), 0);
}

static void the_next_phone_supersedes_the_one_before(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs first = {.serials = {0}};
    CLEANUP(phone_certs_done) struct phone_certs second = {.serials = {0}};
    struct order order = order_of(0, 1);

    (void)state;
    enrol(&order, &first);
    order = order_of(2, 3);
    enrol(&order, &second);
    assert_standing(&first, CRL_SUPERSEDED, CRL_SUPERSEDED);
    assert_standing(&second, IN_FORCE, IN_FORCE);
    assert_int_equal(standing(CA_SIGN, cards[CA_SIGN].serial), IN_FORCE);
    assert_int_equal(events(), 2);
}

static void a_change_of_attributes_ends_the_sign_certificate_alone(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    struct order order = order_of(0, 1);

    (void)state;
    enrol(&order, &phone);
    assert_int_equal(end_card(CA_SIGN, cards[CA_SIGN].serial, CRL_AFFILIATION_CHANGED, "moved"), 0);
    assert_standing(&phone, CRL_AFFILIATION_CHANGED, IN_FORCE);
    assert_int_equal(events(), 2);
}

/* What a person gets after a move: the same card, another sign certificate. */
static void issue_next_sign(struct record *ret)
{
    const struct issue_request request = {.kind = CA_SIGN,
                                          .request_id = "card-next",
                                          .subject = SUBJECT,
                                          .csr = buf_bytes(&requests[PHONE_KEYS - 1]),
                                          .by = &by,
                                          .not_after = NOW + 200 * DAY,
                                          .prefecture = "Hyogo-ken",
                                          .municipality = "Himeji-shi",
                                          .window_id = "28201003A",
                                          .holder = test_pki_holder()};

    assert_int_equal(authority_issue(&f.authority, f.signer, &request, ret, NULL), 0);
}

static void a_person_has_one_phone_also_with_another_sign_certificate(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs first = {.serials = {0}};
    CLEANUP(phone_certs_done) struct phone_certs second = {.serials = {0}};
    CLEANUP(record_done) struct record next = RECORD_INIT;
    char subject[SUBJECT_LEN + 1];
    struct order order = order_of(0, 1);

    (void)state;
    enrol(&order, &first);
    assert_int_equal(end_card(CA_SIGN, cards[CA_SIGN].serial, CRL_AFFILIATION_CHANGED, "moved"), 0);
    issue_next_sign(&next);
    order = order_of(2, 3);
    order.card = &next;
    order.key = keys[PHONE_KEYS - 1];
    enrol(&order, &second);
    assert_standing(&first, CRL_AFFILIATION_CHANGED, CRL_SUPERSEDED);
    assert_standing(&second, IN_FORCE, IN_FORCE);
    assert_int_equal(
        authority_get_subject(f.store, CA_AUTH, second.serials[CA_AUTH], subject, NULL), 0);
    assert_string_equal(subject, SUBJECT);
    assert_int_equal(events(), 3);
}

/* The number of what is linked to a certificate; 0 if nothing is. */
static uint32_t linked(enum ca_kind kind, uint32_t serial, enum link_want want)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct presented presented = {.kind = kind, .serial = serial};
    struct link link;

    assert_int_equal(db_begin_read(f.store->db, &txn, NULL), 0);
    assert_int_equal(link_find(&txn, &presented, want, &link, NULL), 0);
    return link.outcome == LINK_FOUND ? link.other.serial : 0;
}

static void a_phones_certificates_follow_each_other_and_not_the_cards(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs first = {.serials = {0}};
    CLEANUP(phone_certs_done) struct phone_certs second = {.serials = {0}};
    struct order order = order_of(0, 1);

    (void)state;
    enrol(&order, &first);
    order = order_of(2, 3);
    enrol(&order, &second);
    assert_int_equal(linked(CA_AUTH, cards[CA_AUTH].serial, LINK_NEWEST), 0);
    assert_int_equal(linked(CA_AUTH, cards[CA_AUTH].serial, LINK_COUNTERPART),
                     cards[CA_SIGN].serial);
    assert_int_equal(linked(CA_AUTH, first.serials[CA_AUTH], LINK_NEWEST), second.serials[CA_AUTH]);
    assert_int_equal(linked(CA_SIGN, second.serials[CA_SIGN], LINK_BEFORE), first.serials[CA_SIGN]);
    assert_int_equal(linked(CA_AUTH, second.serials[CA_AUTH], LINK_COUNTERPART),
                     second.serials[CA_SIGN]);
}

static void the_end_of_the_card_ends_its_phone(void **state)
{
    static const struct {
        enum crl_reason card, phone;
    } rows[] = {
        {CRL_KEY_COMPROMISE, CRL_KEY_COMPROMISE},
        {CRL_SUPERSEDED, CRL_SUPERSEDED},
        {CRL_CERTIFICATE_HOLD, CRL_CESSATION_OF_OPERATION},
        {CRL_UNSPECIFIED, CRL_CESSATION_OF_OPERATION},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
        struct order order = order_of(0, 1);

        enrol(&order, &phone);
        assert_int_equal(end_card(CA_SIGN, cards[CA_SIGN].serial, rows[i].card, "end"), 0);
        assert_standing(&phone, (int)rows[i].phone, (int)rows[i].phone);
        assert_int_equal(events(), 3);
        (void)tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

/* The card's auth certificate alone: whoever cannot log in with the card cannot with the phone. */
static void the_end_of_the_cards_auth_certificate_ends_the_phones(void **state)
{
    static const struct {
        enum crl_reason card, phone;
    } rows[] = {
        {CRL_KEY_COMPROMISE, CRL_KEY_COMPROMISE},
        {CRL_SUPERSEDED, CRL_SUPERSEDED},
        {CRL_CERTIFICATE_HOLD, CRL_CESSATION_OF_OPERATION},
        {CRL_CESSATION_OF_OPERATION, CRL_CESSATION_OF_OPERATION},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
        struct order order = order_of(0, 1);

        enrol(&order, &phone);
        assert_int_equal(end_card(CA_AUTH, cards[CA_AUTH].serial, rows[i].card, "end"), 0);
        assert_standing(&phone, IN_FORCE, (int)rows[i].phone);
        assert_int_equal(events(), 2);
        order = order_of(2, 3);
        assert_refused(&order, 409, "the card's auth certificate is revoked");
        (void)tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

/* Acts of the register, by the certificates they end, on somebody who moved after enrolling. */
static void after_a_move_a_phone_still_ends_with_the_card(void **state)
{
    static const struct {
        const char *act;
        int sign, auth; /* of the card */
        int phone;      /* the phone's auth certificate; its sign certificate ended at the move */
    } rows[] = {
        {"move", CRL_AFFILIATION_CHANGED, IN_FORCE, IN_FORCE},
        {"death", CRL_CESSATION_OF_OPERATION, CRL_CESSATION_OF_OPERATION,
         CRL_CESSATION_OF_OPERATION},
        {"loss", CRL_CERTIFICATE_HOLD, CRL_CERTIFICATE_HOLD, CRL_CESSATION_OF_OPERATION},
        {"reissue", CRL_SUPERSEDED, CRL_SUPERSEDED, CRL_SUPERSEDED},
        {"leak", CRL_KEY_COMPROMISE, CRL_KEY_COMPROMISE, CRL_KEY_COMPROMISE},
        {"revoke-sign", CRL_CESSATION_OF_OPERATION, IN_FORCE, CRL_CESSATION_OF_OPERATION},
        {"auth certificate alone", IN_FORCE, CRL_SUPERSEDED, CRL_SUPERSEDED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
        CLEANUP(record_done) struct record next = RECORD_INIT;
        struct order order = order_of(0, 1);

        enrol(&order, &phone);
        assert_int_equal(end_card(CA_SIGN, cards[CA_SIGN].serial, CRL_AFFILIATION_CHANGED, "moved"),
                         0);
        issue_next_sign(&next);
        if (rows[i].sign != IN_FORCE)
            assert_int_equal(end_card(CA_SIGN, next.serial, (enum crl_reason)rows[i].sign, "act-s"),
                             0);
        if (rows[i].auth != IN_FORCE)
            assert_int_equal(
                end_card(CA_AUTH, cards[CA_AUTH].serial, (enum crl_reason)rows[i].auth, "act-a"),
                0);
        if (standing(CA_AUTH, phone.serials[CA_AUTH]) != rows[i].phone)
            fail_msg("after %s the phone stands otherwise", rows[i].act);
        assert_standing(&phone, CRL_AFFILIATION_CHANGED, rows[i].phone);
        (void)tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

/* A renewal: the new certificate is there, and has a phone enrolled, when the old one ends. */
static void a_phone_of_the_next_certificate_does_not_end_with_the_one_before(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    CLEANUP(record_done) struct record next = RECORD_INIT;
    struct order order = order_of(0, 1);

    (void)state;
    issue_next_sign(&next);
    order.card = &next;
    order.key = keys[PHONE_KEYS - 1];
    enrol(&order, &phone);
    assert_int_equal(end_card(CA_SIGN, cards[CA_SIGN].serial, CRL_SUPERSEDED, "renewed"), 0);
    assert_standing(&phone, IN_FORCE, IN_FORCE);
}

static int release(uint32_t serial, enum ca_kind kind)
{
    struct release_request request = {
        .request_id = "found", .kind = kind, .serial = serial, .by = &by};
    struct revoked revoked;

    return authority_release_hold(&f.authority, &request, &revoked, NULL);
}

static void a_suspended_phone_logs_in_again_and_never_signs_again(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    CLEANUP(phone_certs_done) struct phone_certs next = {.serials = {0}};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct order order = suspension();

    (void)state;
    assert_refused(&order, 409, "no phone that was enrolled by this card is in force");
    order = order_of(0, 1);
    enrol(&order, &phone);
    order = suspension();
    order.key = keys[CARD_AUTH];
    assert_refused(&order, 422, "no signature");
    order.key = keys[CARD_SIGN];
    assert_int_equal(ask(&order, &answer), 200);
    assert_standing(&phone, CRL_CERTIFICATE_HOLD, CRL_CERTIFICATE_HOLD);
    assert_refused(&order, 409, "is in force");
    assert_int_equal(release(phone.serials[CA_SIGN], CA_SIGN), -ERR_CONFLICT);
    assert_int_equal(release(phone.serials[CA_AUTH], CA_AUTH), 0);
    assert_standing(&phone, CRL_CERTIFICATE_HOLD, IN_FORCE);
    order = order_of(2, 3); /* what it takes to sign again */
    enrol(&order, &next);
    assert_standing(&phone, CRL_SUPERSEDED, CRL_SUPERSEDED);
    assert_standing(&next, IN_FORCE, IN_FORCE);
    assert_int_equal(events(), 5);
}

static void what_a_crash_left_undelivered_is_revoked(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    const struct issue_request half = {.kind = CA_AUTH,
                                       .request_id = "phone-half",
                                       .is_for_phone = true,
                                       .csr = buf_bytes(&requests[2]),
                                       .by = &by,
                                       .not_after = NOW + 100 * DAY,
                                       .prefecture = "Hyogo-ken",
                                       .window_id = "28100003A"};
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct order order = order_of(0, 1);
    unsigned count;

    (void)state;
    enrol(&order, &phone);
    assert_int_equal(authority_issue(&f.authority, f.signer, &half, &record, NULL), 0);
    assert_int_equal(authority_end_undelivered(f.store, &by, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_int_equal(standing(CA_AUTH, record.serial), CRL_UNSPECIFIED);
    assert_standing(&phone, IN_FORCE, IN_FORCE);
    assert_int_equal(authority_end_undelivered(f.store, &by, &count, NULL), 0);
    assert_int_equal(count, 0);
}

/* The card is revoked between the checks of an enrolment and its end. */
static void a_card_that_is_revoked_meanwhile_has_no_phone(void **state)
{
    struct phone phone = {
        .request_id = "phone-x",
        .card = cards[CA_SIGN].serial,
        .serials = {[CA_SIGN] = cards[CA_SIGN].serial + 1, [CA_AUTH] = cards[CA_AUTH].serial + 1},
        .now = NOW,
        .by = &by};
    struct err err = {0};

    (void)state;
    assert_int_equal(end_card(CA_SIGN, phone.card, CRL_KEY_COMPROMISE, "x"), 0);
    assert_int_equal(authority_keep_phone(f.store, &phone, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "revoked meanwhile"));
}

static void a_dead_signerd_leaves_the_phone_before(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs first = {.serials = {0}};
    CLEANUP(phone_certs_done) struct phone_certs second = {.serials = {0}};
    struct order order = order_of(0, 1);

    (void)state;
    enrol(&order, &first);
    assert_int_equal(signer_site_stop(f.signerd, SIGKILL), 128 + SIGKILL);
    f.signerd = -1;
    order = order_of(2, 3);
    assert_refused(&order, 503, "nobody is listening");
    assert_standing(&first, IN_FORCE, IN_FORCE);
    f.signerd = signer_site_start(&f.site, STALL_MS);
    enrol(&order, &second);
    assert_standing(&first, CRL_SUPERSEDED, CRL_SUPERSEDED);
    assert_standing(&second, IN_FORCE, IN_FORCE);
}

static void the_log_tells_of_the_phone(void **state)
{
    CLEANUP(phone_certs_done) struct phone_certs phone = {.serials = {0}};
    CLEANUP(json_freep) struct json *log = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct order order = order_of(0, 1);
    const char *words;

    (void)state;
    enrol(&order, &phone);
    assert_int_equal(audit_list(authority_store_db(f.store), NULL, &log, NULL), 0);
    assert_int_equal(json_write(log, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &words, NULL), 0);
    assert_non_null(strstr(words, "\"actor\":\"holder\",\"act\":\"phone.enrolled\""));
}

/* The last version that knew no phones. */
static struct db_schema schema_before(const char *older[])
{
    size_t count = 0;

    while (strstr(authority_schema.migrations[count], "CREATE TABLE phone ") == NULL) {
        older[count] = authority_schema.migrations[count];
        count++;
    }
    older[count] = NULL;
    return (struct db_schema){"authority", older};
}

static void an_older_database_has_cards_and_can_have_phones(void **state)
{
    const char *older[64];
    const struct db_schema schema = schema_before(older);
    struct phone phone = {.request_id = "phone-x",
                          .card = 2,
                          .serials = {[CA_SIGN] = 3, [CA_AUTH] = 3},
                          .now = NOW,
                          .by = &by};
    struct db *db;
    unsigned count;

    (void)state;
    authority_store_closep(&f.store);
    (void)tempdir_file(&f.site.dir, "old.db", f.database);
    assert_int_equal(db_open(f.database, &schema, &db, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(
            db_execute(&txn, "INSERT INTO ca VALUES ('sign', NULL, x'00', 3)", DB_NOTHING, NULL),
            0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO certificate (kind, serial, request_id,"
                                    " fingerprint, key, reserved_at, not_after, certificate)"
                                    " VALUES ('sign', 2, 'r', x'', x'01', 1, 2, x'00')",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    db_close(db);
    assert_int_equal(authority_store_open(f.database, &f.store, NULL), 0);
    assert_int_equal(authority_end_undelivered(f.store, &by, &count, NULL), 0);
    assert_int_equal(count, 0); /* a card's */
    assert_int_equal(authority_keep_phone(f.store, &phone, NULL), 0);
}

static void run(struct db *db, const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* A phone of before: the auth certificate that there was when it was enrolled, not the next one. */
static void an_older_phone_hangs_on_the_auth_certificate_of_its_time(void **state)
{
    static const char *const rows[] = {
        "INSERT INTO ca (kind, certificate, next_serial) VALUES ('sign', x'00', 9)",
        "INSERT INTO ca (kind, certificate, next_serial) VALUES ('auth', x'00', 9)",
        "INSERT INTO certificate (kind, serial, request_id, fingerprint, key, reserved_at,"
        " not_after, certificate, subject) VALUES"
        " ('sign', 2, 'a', x'', x'01', 1, 99, x'00', '" SUBJECT "'),"
        " ('auth', 3, 'b', x'', x'02', 1, 99, x'00', '" SUBJECT "'),"
        " ('auth', 4, 'c', x'', x'03', 8, 99, x'00', '" SUBJECT "')",
        "INSERT INTO phone (request_id, card, sign, auth, enrolled_at) VALUES ('p', 2, 5, 6, 7)",
    };
    const char *older[64] = {NULL};
    const struct db_schema schema = {"authority", older};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows found = DB_ROWS_INIT;
    struct db *db;

    (void)state;
    for (size_t i = 0; strstr(authority_schema.migrations[i], "card_auth") == NULL; i++)
        older[i] = authority_schema.migrations[i];
    authority_store_closep(&f.store);
    (void)tempdir_file(&f.site.dir, "old.db", f.database);
    assert_int_equal(db_open(f.database, &schema, &db, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run(db, rows[i]);
    db_close(db);
    assert_int_equal(authority_store_open(f.database, &f.store, NULL), 0);
    assert_int_equal(db_begin_read(f.store->db, &txn, NULL), 0);
    assert_int_equal(
        db_query_one(&txn, "SELECT 1 FROM phone WHERE card_auth = 3", DB_NOTHING, &found, NULL), 0);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(only_the_sign_key_of_a_card_enrols),
        WITH_SITE(what_is_said_and_what_is_signed_must_be_the_same),
        WITH_SITE(keys_that_are_one_or_known_are_refused),
        WITH_SITE(a_card_that_is_over_or_revoked_enrols_nothing),
        WITH_SITE(a_phone_has_two_certificates_that_end_with_the_cards),
        WITH_SITE(the_same_request_gives_the_same_phone),
        WITH_SITE(the_next_phone_supersedes_the_one_before),
        WITH_SITE(a_change_of_attributes_ends_the_sign_certificate_alone),
        WITH_SITE(a_person_has_one_phone_also_with_another_sign_certificate),
        WITH_SITE(a_phones_certificates_follow_each_other_and_not_the_cards),
        WITH_SITE(the_end_of_the_card_ends_its_phone),
        WITH_SITE(the_end_of_the_cards_auth_certificate_ends_the_phones),
        WITH_SITE(after_a_move_a_phone_still_ends_with_the_card),
        WITH_SITE(a_phone_of_the_next_certificate_does_not_end_with_the_one_before),
        WITH_SITE(a_suspended_phone_logs_in_again_and_never_signs_again),
        WITH_SITE(what_a_crash_left_undelivered_is_revoked),
        WITH_SITE(a_card_that_is_revoked_meanwhile_has_no_phone),
        WITH_SITE(a_dead_signerd_leaves_the_phone_before),
        WITH_SITE(the_log_tells_of_the_phone),
        WITH_SITE(an_older_database_has_cards_and_can_have_phones),
        WITH_SITE(an_older_phone_hangs_on_the_auth_certificate_of_its_time),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
