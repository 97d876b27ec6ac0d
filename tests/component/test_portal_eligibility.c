/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clinics look up who is insured: each its own lookups, with a card that signed for it and for what
 * its holder has consented to, and nothing of anybody else.
 */
#include "base/base64.h"
#include "exchange/holdings.h"
#include "portal/account/codes.h"
#include "portal/eligibility/check.h"
#include "support/operator_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CLINIC   "1399999011"
#define PHARMACY "1399999029"
#define INSURED  "TM99000000000104"

static struct portal_site site;
static struct tables *tables;
static struct hours *hours;
static struct holdings *holdings;
static struct exchange x;
static char terminal[CLINIC_KEY_SIZE], operator[CLINIC_KEY_SIZE];
static char pharmacy[CLINIC_KEY_SIZE], pharmacist[CLINIC_KEY_SIZE];

/* ---- platform and register ---- */

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);
int __wrap_eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                             struct err *err);

/* The register: everybody's codes are one octet, hanako's 1. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)err;
    assert_int_equal(count, 2);
    assert_string_equal(bodies[0], "PORTAL");
    assert_string_equal(bodies[1], "HEALTHINS01");
    for (size_t i = 0; i < count; i++)
        memset(ret[i], strcmp(person_reference, "hanako") == 0 ? 1 : 2, PORTAL_CODE_SIZE);
    return 0;
}

static void base64_of(const struct bound *bound, char ret[64])
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest digest;

    assert_int_equal(bound_digest(bound, &digest, NULL), 0);
    assert_int_equal(base64_append(&text, BASE64_PADDED, digest_bytes(&digest), NULL), 0);
    (void)snprintf(ret, 64, "%.*s", (int)text.len, (const char *)text.ptr);
}

/*
 * The platform: certificates are their holders' names behind four points, and a signature is the
 * digest of what was signed, so that one for something else does not hold.
 */
int __wrap_eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                             struct err *err)
{
    const char *who = strrchr(card->certificate, '.') + 1;
    char expected[64];

    (void)portal;
    if (strcmp(who, "revoked") == 0) {
        (void)snprintf(card->why, sizeof card->why, "revoked");
        return FAIL(err, ERR_UNTRUSTED, "the card's certificate was revoked, or is suspended");
    }
    if (strcmp(who, "down") == 0)
        return FAIL(err, ERR_REMOTE, "the platform is as the test wants it");
    base64_of(card->bound, expected);
    if (card->signature != NULL && strcmp(card->signature, expected) != 0) {
        (void)snprintf(card->why, sizeof card->why, "signature-broken");
        return FAIL(err, ERR_UNTRUSTED, "the card did not sign this");
    }
    return buf_append_text(ret, who, err);
}

/* ---- what is held ---- */

#define ITEM(code, content) "{\"code\": \"" code "\", \"content\": \"" content "\"}"
#define RECORD(insurer, from, more)                                                                \
    "{\"day\": \"" from "\", \"items\": [" ITEM("0010400010", insurer) ", " ITEM(                  \
        "0010400020", "記号・番号") ", " ITEM("0010400030", from) ", " ITEM("0010400040", "30")    \
        more "]}"
#define UNTIL(day) ", " ITEM("0010400080", day)
#define LIMIT      ", " ITEM("0010400050", "99990001") ", " ITEM("0010400090", "ウ")

static void file(uint8_t person, const char *info, const char *records)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct holding holding = {.body = "HEALTHINS01", .info = info};
    char text[2048] = "";
    struct err err = {0};

    if (records != NULL)
        (void)snprintf(text, sizeof text, "{\"records\": [%s]}", records);
    memset(holding.code.value, person, sizeof holding.code.value);
    holding.answer = bytes_text(text);
    if (holdings_file(holdings, &holding, &by, &err) < 0)
        fail_msg("%s", err.text);
}

static void make_key(const char *clinic, const char *role, const char *name,
                     char ret[CLINIC_KEY_SIZE])
{
    const struct clinic_key_inputs inputs = {clinic, role, name};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(clinic_key_add(portal_store_db(site.portal.store), &inputs, &by, ret, NULL),
                     0);
}

static void make_clinics(void)
{
    static const struct clinic clinics[] = {{CLINIC, "見本内科", "Sample Clinic"},
                                            {PHARMACY, "例示薬局", "Sample Pharmacy"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(clinic_add(portal_store_db(site.portal.store), &clinics[i], &by, NULL), 0);
    make_key(CLINIC, "terminal", "desk", terminal);
    make_key(CLINIC, "operator", "受付", operator);
    make_key(PHARMACY, "terminal", "desk", pharmacy);
    make_key(PHARMACY, "operator", "受付", pharmacist);
}

static int set_up(void **state)
{
    static const struct portal_issuer issuers[] = {{"01234567890123456789"}};
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    portal_site_make(&site);
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    assert_int_equal(hours_load(EXCHANGE_DATA, &hours, NULL), 0);
    assert_int_equal(
        holdings_open(tempdir_file(&site.dir, "p.db", path), tables, &site.clock, &holdings, NULL),
        0);
    x = (struct exchange){.db = portal_store_db(site.portal.store),
                          .tables = tables,
                          .hours = hours,
                          .clock = &site.clock,
                          .provider = holdings_provider(holdings),
                          .capacity = 1000,
                          .rate = 1000,
                          .rate_seconds = 60,
                          .answer_seconds = 3600,
                          .keep_seconds = 2 * ELIGIBILITY_KEPT,
                          .retry_seconds = 10};
    site.portal.exchange = &x;
    site.portal.holdings = holdings;
    site.portal.issuers.key_ids = issuers;
    site.portal.issuers.count = 1;
    make_clinics();
    file(1, INSURED, RECORD("見本組合", "2020-04-01", LIMIT));
    file(1, "TM99000000000101",
         "{\"day\": \"2026-08-01\", \"items\": [" ITEM("0010100010", "2026-08-01") "]}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    holdings_closep(&holdings);
    hours_freep(&hours);
    tables_freep(&tables);
    portal_site_done(&site);
    return 0;
}

/* ---- terminals ---- */

static struct portal_answer ask(const char *line, const char *key, const char *body)
{
    char field[96] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&site, NULL, line, field, body == NULL ? NULL : "application/json",
                           body);
}

static unsigned status(const char *line, const char *key, const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(line, key, body);

    return answer.status;
}

struct opened {
    char id[PORTAL_ID_SIZE];
    struct buf nonce;
    int64_t expires_at;
};

static void opened_done(struct opened *opened)
{
    buf_done(&opened->nonce);
}

static struct opened open_lookup(const char *key)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask("POST /v1/eligibility/lookups", key, "{}");
    struct opened opened = {.nonce = BUF_INIT};

    assert_int_equal(answer.status, 201);
    (void)snprintf(opened.id, sizeof opened.id, "%s", portal_text(&answer, "session"));
    assert_int_equal(json_get_base64(answer.json, "nonce", &opened.nonce, NULL), 0);
    assert_int_equal(json_get_int(answer.json, "expires_at", &opened.expires_at, NULL), 0);
    return opened;
}

/* What a card signs there, by the name of the clinic and with consents as they are written. */
static void sign(const struct opened *opened, const char *clinic, const char *consents,
                 char ret[64])
{
    char session[PORTAL_ID_SIZE + 64];
    const struct bound bound = {.origin = PORTAL_SITE_ORIGIN,
                                .client_id = clinic,
                                .session = session,
                                .nonce = buf_bytes(&opened->nonce),
                                .expires_at = opened->expires_at};

    (void)snprintf(session, sizeof session, "%s.%s", opened->id, consents);
    base64_of(&bound, ret);
}

/* consents: as they are sent, "\"medicine\", \"cost\"". */
static struct portal_answer show(const char *key, const char *id, const char *who,
                                 const char *proof, const char *consents)
{
    char line[96];
    char body[512];

    (void)snprintf(line, sizeof line, "POST /v1/eligibility/lookups/%s/card", id);
    (void)snprintf(body, sizeof body, "{\"certificate\": \"a.b.c.d.%s\", %s\"consents\": [%s]}",
                   who, proof, consents);
    return ask(line, key, body);
}

static unsigned show_status(const char *key, const char *id, const char *who, const char *proof,
                            const char *consents)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = show(key, id, who, proof, consents);

    return answer.status;
}

static void proof_of(const char *signature, char ret[128])
{
    (void)snprintf(ret, 128, "\"signature\": \"%s\", ", signature);
}

/* A whole lookup by the PIN; its name. written: consents as they are signed. */
static void look_up(const char *key, const char *clinic, const char *who, const char *consents,
                    const char *written, char ret[PORTAL_ID_SIZE])
{
    CLEANUP(opened_done) struct opened opened = open_lookup(key);
    char signature[64];
    char proof[128];

    sign(&opened, clinic, written, signature);
    proof_of(signature, proof);
    assert_int_equal(show_status(key, opened.id, who, proof, consents), 200);
    memcpy(ret, opened.id, PORTAL_ID_SIZE);
    while (exchange_step(&x, NULL) == 0)
        ;
}

static struct portal_answer answer_of(const char *key, const char *id)
{
    char line[96];

    (void)snprintf(line, sizeof line, "GET /v1/eligibility/lookups/%s", id);
    return ask(line, key, NULL);
}

static void assert_state(const char *id, const char *state, bool is_changed)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = answer_of(terminal, id);
    bool changed = !is_changed;

    assert_int_equal(answer.status, 200);
    assert_string_equal(portal_text(&answer, "state"), state);
    assert_int_equal(json_get_bool(answer.json, "is_changed", &changed, NULL), 0);
    assert_int_equal(changed, is_changed);
}

static struct portal_answer read_kind(const char *key, const char *id, const char *kind)
{
    char line[96];
    char body[64];

    (void)snprintf(line, sizeof line, "POST /v1/eligibility/lookups/%s/readings", id);
    (void)snprintf(body, sizeof body, "{\"kind\": \"%s\"}", kind);
    return ask(line, key, body);
}

static unsigned read_status(const char *key, const char *id, const char *kind)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = read_kind(key, id, kind);

    return answer.status;
}

static void only_terminals_ask(void **state)
{
    static const char *const lines[] = {"POST /v1/eligibility/lookups",
                                        "POST /v1/eligibility/lookups/x/readings",
                                        "POST /v1/eligibility/lookups/x/card"};
    static const char *const bodies[] = {"{}", "{\"kind\": \"cost\"}",
                                         "{\"certificate\": \"a.b.c.d.hanako\", \"consents\": []}"};
    struct portal_browser browser;

    (void)state;
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(status(lines[i], NULL, bodies[i]), 403);
        assert_int_equal(status(lines[i], "nobody", bodies[i]), 403);
        assert_int_equal(status(lines[i], operator, bodies[i]), 403);
    }
    assert_int_equal(status("GET /v1/eligibility/lookups/x", NULL, NULL), 403);
    assert_int_equal(status("GET /v1/eligibility/readings/x", operator, NULL), 403);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/eligibility/lookups/x", NULL), 403);
    assert_int_equal(status("GET /v1/eligibility/lookups/x", terminal, NULL), 404);
}

static void a_key_that_was_revoked_is_nobodys(void **state)
{
    struct db *db = portal_store_db(site.portal.store);
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct clinic_key key;

    (void)state;
    assert_int_equal(clinic_key_find(db, terminal, CLINIC_TERMINAL, &key, NULL), 0);
    assert_int_equal(clinic_key_revoke(db, PHARMACY, key.id, &by, NULL), -ERR_ABSENT);
    assert_int_equal(clinic_key_revoke(db, CLINIC, key.id, &by, NULL), 0);
    assert_int_equal(clinic_key_revoke(db, CLINIC, key.id, &by, NULL), -ERR_ABSENT);
    assert_int_equal(status("POST /v1/eligibility/lookups", terminal, "{}"), 403);
}

static void clinics_and_keys_have_their_limits(void **state)
{
    struct db *db = portal_store_db(site.portal.store);
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char name[CLINIC_KEY_NAME_MAX + 2], key[CLINIC_KEY_SIZE];
    struct clinic clinic = {"1399999037", name, "Another"};
    struct clinic_key_inputs inputs = {CLINIC, "terminal", name};

    (void)state;
    memset(name, 'x', sizeof name);
    name[CLINIC_NAME_MAX + 1] = '\0';
    assert_int_equal(clinic_add(db, &clinic, &by, NULL), -ERR_INPUT);
    name[CLINIC_NAME_MAX] = '\0';
    assert_int_equal(clinic_add(db, &clinic, &by, NULL), 0);
    assert_int_equal(clinic_add(db, &clinic, &by, NULL), -ERR_CONFLICT);
    clinic.id = "1399999045";
    clinic.name_en = "see www.example.jp";
    assert_int_equal(clinic_add(db, &clinic, &by, NULL), -ERR_INPUT);
    clinic.name_en = "a|b";
    assert_int_equal(clinic_add(db, &clinic, &by, NULL), -ERR_INPUT);
    clinic.name_en = "Another";
    clinic.id = "139999903";
    assert_int_equal(clinic_add(db, &clinic, &by, NULL), -ERR_INPUT);
    memset(name, 'x', sizeof name);
    name[CLINIC_KEY_NAME_MAX + 1] = '\0';
    assert_int_equal(clinic_key_add(db, &inputs, &by, key, NULL), -ERR_INPUT);
    name[CLINIC_KEY_NAME_MAX] = '\0';
    for (int i = 2; i < CLINIC_KEYS_MAX; i++)
        assert_int_equal(clinic_key_add(db, &inputs, &by, key, NULL), 0);
    assert_int_equal(clinic_key_add(db, &inputs, &by, key, NULL), -ERR_CONFLICT);
    inputs.role = "owner";
    assert_int_equal(clinic_key_add(db, &inputs, &by, key, NULL), -ERR_INPUT);
    inputs = (struct clinic_key_inputs){"1300000000", "terminal", "desk"};
    assert_int_equal(clinic_key_add(db, &inputs, &by, key, NULL), -ERR_ABSENT);
}

static unsigned door_status(uid_t uid, enum operator_who who)
{
    char field[96];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", terminal);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = operator_ask_as(&site, uid, who, "GET /v1/eligibility/lookups/x",
                                                  field, NULL, NULL);

    return answer.status;
}

static void a_key_that_is_bound_counts_with_its_certificate_at_the_door(void **state)
{
    struct db *db = portal_store_db(site.portal.store);
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct clinic_key key, keeper;
    struct digest digest;
    struct clinic_binding binding = {CLINIC, key.id, &digest};

    (void)state;
    operator_site_certificates();
    operator_site_open(&site);
    assert_int_equal(door_status(OPERATOR_SITE_PROXY, WHO_NOBODY), 404); /* not bound */
    operator_site_digest(WHO_BANK, &digest);
    assert_int_equal(clinic_key_find(db, terminal, CLINIC_TERMINAL, &key, NULL), 0);
    assert_int_equal(clinic_key_find(db, operator, CLINIC_OPERATOR, &keeper, NULL), 0);
    binding.clinic = PHARMACY;
    assert_int_equal(clinic_key_bind(db, &binding, &by, NULL), -ERR_ABSENT);
    binding = (struct clinic_binding){CLINIC, keeper.id, &digest};
    assert_int_equal(clinic_key_bind(db, &binding, &by, NULL), -ERR_ABSENT);
    binding.key = key.id;
    assert_int_equal(clinic_key_bind(db, &binding, &by, NULL), 0);
    assert_int_equal(door_status(OPERATOR_SITE_PROXY, WHO_BANK), 404);
    assert_int_equal(door_status(OPERATOR_SITE_PROXY, WHO_SHOP), 403);
    assert_int_equal(door_status(OPERATOR_SITE_PROXY, WHO_NOBODY), 403);
    assert_int_equal(door_status(PORTAL_SITE_OPERATOR, WHO_BANK), 403); /* no proxy */
    assert_int_equal(status("GET /v1/eligibility/lookups/x", terminal, NULL), 403);
    assert_int_equal(status("GET /v1/eligibility/lookups/x", pharmacy, NULL), 404);
    operator_site_forget();
}

static void a_terminal_that_asks_too_often_waits(void **state)
{
    unsigned last = 404;

    (void)state;
    for (int i = 0; i <= 20 * CLINIC_RATE && last == 404; i++)
        last = status("GET /v1/eligibility/lookups/x", terminal, NULL);
    assert_int_equal(last, 429);
    assert_int_equal(status("GET /v1/eligibility/lookups/x", pharmacy, NULL), 404);
}

/* ---- the card ---- */

static void a_lookup_is_one_clinics(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "\"medicine\"", "medicine", id);
    CLEANUP(portal_answer_done) struct portal_answer other = answer_of(pharmacy, id);
    assert_int_equal(other.status, 404);
    assert_int_equal(show_status(pharmacy, id, "hanako", "", ""), 404);
    assert_int_equal(read_status(pharmacy, id, "medicine"), 404);
    CLEANUP(portal_answer_done) struct portal_answer own = read_kind(terminal, id, "medicine");
    assert_int_equal(own.status, 201);
    char line[96];
    (void)snprintf(line, sizeof line, "GET /v1/eligibility/readings/%s",
                   portal_text(&own, "reading"));
    assert_int_equal(status(line, terminal, NULL), 200);
    assert_int_equal(status(line, pharmacy, NULL), 404);
}

static void what_was_signed_for_something_else_does_not_count(void **state)
{
    CLEANUP(opened_done) struct opened first = open_lookup(terminal);
    CLEANUP(opened_done) struct opened second = open_lookup(terminal);
    char signature[64];
    char proof[128];

    (void)state;
    sign(&first, PHARMACY, "none", signature); /* another clinic */
    proof_of(signature, proof);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, ""), 422);
    sign(&second, CLINIC, "none", signature); /* another lookup */
    proof_of(signature, proof);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, ""), 422);
    sign(&first, CLINIC, "medicine", signature); /* a consent more, and one less */
    proof_of(signature, proof);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, "\"medicine\", \"check-up\""),
                     422);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, ""), 422);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, "\"medicine\", \"medicine\""),
                     400);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, "\"address\""), 400);
    CLEANUP(portal_answer_done) struct portal_answer nothing = answer_of(terminal, first.id);
    assert_int_equal(nothing.status, 409); /* no card was shown yet */
    assert_int_equal(read_status(terminal, first.id, "medicine"), 409);
    assert_int_equal(show_status(terminal, first.id, "hanako", proof, "\"medicine\""), 200);
}

static void a_card_is_shown_once_and_in_time(void **state)
{
    CLEANUP(opened_done) struct opened opened = open_lookup(terminal);
    char signature[64];
    char proof[128];

    (void)state;
    assert_int_equal(opened.expires_at, PORTAL_SITE_NOW + ELIGIBILITY_SECONDS);
    sign(&opened, CLINIC, "none", signature);
    proof_of(signature, proof);
    portal_site_at(&site, ELIGIBILITY_SECONDS + 1);
    assert_int_equal(show_status(terminal, opened.id, "hanako", proof, ""), 404);
    portal_site_at(&site, ELIGIBILITY_SECONDS);
    assert_int_equal(show_status(terminal, opened.id, "hanako", proof, ""), 200);
    assert_int_equal(show_status(terminal, opened.id, "hanako", proof, ""), 409);
}

static void a_card_that_does_not_count_opens_nothing(void **state)
{
    CLEANUP(opened_done) struct opened opened = open_lookup(terminal);
    char proof[128];

    (void)state;
    proof_of("AAAA", proof);
    CLEANUP(portal_answer_done)
    struct portal_answer revoked = show(terminal, opened.id, "revoked", proof, "");
    assert_int_equal(revoked.status, 422);
    assert_true(portal_has(&revoked, "revoked, or is suspended"));
    assert_int_equal(show_status(terminal, opened.id, "down", proof, ""), 503);
    CLEANUP(portal_answer_done) struct portal_answer nothing = answer_of(terminal, opened.id);
    assert_int_equal(nothing.status, 409);
}

#define NOBODY "0000000000000000000000000000000000000000000"

static void a_photo_needs_somebody_who_answers_for_it(void **state)
{
    CLEANUP(opened_done) struct opened opened = open_lookup(terminal);
    char keys[4][CLINIC_KEY_SIZE + 32];
    const char *const owners[] = {operator, pharmacist, terminal, NOBODY};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        (void)snprintf(keys[i], sizeof keys[i], "\"operator_key\": \"%s\", ", owners[i]);
    assert_int_equal(show_status(terminal, opened.id, "hanako", "", ""), 403);
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(show_status(terminal, opened.id, "hanako", keys[i], ""), 403);
    assert_int_equal(show_status(terminal, opened.id, "revoked", keys[0], ""), 422);
    char both[160];
    (void)snprintf(both, sizeof both, "\"signature\": \"AAAA\", %s", keys[0]);
    assert_int_equal(show_status(terminal, opened.id, "hanako", both, ""), 400);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = show(terminal, opened.id, "hanako", keys[0], "\"cost\"");
    assert_int_equal(shown.status, 200);
    assert_string_equal(portal_text(&shown, "method"), "photo");
    assert_string_equal(portal_text(&shown, "operator"), "受付");
}

static void only_so_many_lookups_wait(void **state)
{
    (void)state;
    for (int i = 0; i < ELIGIBILITY_OPEN_MAX; i++) {
        struct lookup lookup;
        struct clinic_key key;

        assert_int_equal(clinic_key_find(portal_store_db(site.portal.store), terminal,
                                         CLINIC_TERMINAL, &key, NULL),
                         0);
        assert_int_equal(
            lookup_open(portal_store_db(site.portal.store), &key, PORTAL_SITE_NOW, &lookup, NULL),
            0);
    }
    assert_int_equal(status("POST /v1/eligibility/lookups", terminal, "{}"), 409);
    assert_int_equal(status("POST /v1/eligibility/lookups", pharmacy, "{}"), 201);
    portal_site_at(&site, ELIGIBILITY_SECONDS + 1);
    assert_int_equal(status("POST /v1/eligibility/lookups", terminal, "{}"), 201);
}

static void no_lookup_is_called_like_an_option(void **state)
{
    struct db *db = portal_store_db(site.portal.store);
    struct lookup lookup;
    struct clinic_key key;

    (void)state;
    assert_int_equal(clinic_key_find(db, terminal, CLINIC_TERMINAL, &key, NULL), 0);
    for (int64_t i = 0; i < 300; i++) {
        assert_int_equal(
            lookup_open(db, &key, PORTAL_SITE_NOW + i * (ELIGIBILITY_SECONDS + 1), &lookup, NULL),
            0);
        assert_true(lookup.id[0] != '-');
    }
}

static void an_insurance_is_told_as_it_is_held(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    CLEANUP(portal_answer_done) struct portal_answer answer = answer_of(terminal, id);
    const struct json *insurance;
    const char *text;
    int64_t share;
    assert_string_equal(portal_text(&answer, "state"), "insured");
    assert_int_equal(json_get_object(answer.json, "insurance", &insurance, NULL), 0);
    assert_int_equal(json_get_text(insurance, "limit_category", &text, NULL), 0);
    assert_string_equal(text, "ウ");
    assert_int_equal(json_get_text(insurance, "symbol", &text, NULL), 0);
    assert_string_equal(text, "記号");
    assert_int_equal(json_get_text(insurance, "number", &text, NULL), 0);
    assert_string_equal(text, "番号");
    assert_int_equal(json_get_int(insurance, "share_percent", &share, NULL), 0);
    assert_int_equal(share, 30);
    assert_true(json_is_null_member(insurance, "valid_until"));
    portal_site_at(&site, ELIGIBILITY_KEPT);
    assert_int_equal(exchange_step(&x, NULL), -ERR_ABSENT);
    assert_state(id, "insured", false);
    portal_site_at(&site, ELIGIBILITY_KEPT + 1);
    CLEANUP(portal_answer_done) struct portal_answer late = answer_of(terminal, id);
    assert_int_equal(late.status, 404);
}

static void a_change_is_told_to_the_clinic_that_knew_it_otherwise(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    assert_state(id, "insured", false);
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    assert_state(id, "insured", false);
    file(1, INSURED,
         RECORD("見本組合", "2020-04-01", UNTIL("2026-08-31")) ", " RECORD("新組合",
                                                                           "2026-09-01", ));
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    assert_state(id, "insured", true);
    assert_state(id, "insured", true); /* also when it is looked at again */
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    assert_state(id, "insured", false);
    file(1, INSURED, RECORD("見本組合", "2020-04-01", UNTIL("2026-08-31")));
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    assert_state(id, "expired", true);
    file(1, INSURED, NULL);
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    assert_state(id, "not-insured", true);
}

static void an_insurer_that_does_not_answer_is_told_so(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char id[PORTAL_ID_SIZE];

    (void)state;
    assert_int_equal(holdings_tune(holdings, "HEALTHINS01", HOLDING_DOWN, 0, &by, NULL), 0);
    look_up(terminal, CLINIC, "hanako", "", "none", id);
    CLEANUP(portal_answer_done) struct portal_answer asking = answer_of(terminal, id);
    assert_string_equal(portal_text(&asking, "state"), "asking");
    portal_site_at(&site, ELIGIBILITY_SILENCE);
    CLEANUP(portal_answer_done) struct portal_answer silent = answer_of(terminal, id);
    assert_string_equal(portal_text(&silent, "state"), "no-answer");
    assert_false(json_has(silent.json, "insurance"));
    assert_int_equal(holdings_tune(holdings, "HEALTHINS01", HOLDING_ANSWERS, 0, &by, NULL), 0);
    portal_site_at(&site, 600);
    while (exchange_step(&x, NULL) == 0)
        ;
    assert_state(id, "insured", false);
}

static void nothing_is_read_without_a_consent(void **state)
{
    char id[PORTAL_ID_SIZE];
    char elsewhere[PORTAL_ID_SIZE];
    char others[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "\"medicine\"", "medicine", id);
    assert_int_equal(read_status(terminal, id, "check-up"), 403);
    assert_int_equal(read_status(terminal, id, "cost"), 403);
    assert_int_equal(read_status(terminal, id, "address"), 400);
    look_up(pharmacy, PHARMACY, "hanako", "", "none", elsewhere); /* another clinic's */
    assert_int_equal(read_status(pharmacy, elsewhere, "medicine"), 403);
    look_up(terminal, CLINIC, "taro", "", "none", others); /* another person's */
    assert_int_equal(read_status(terminal, others, "medicine"), 403);
    CLEANUP(portal_answer_done) struct portal_answer asked = read_kind(terminal, id, "medicine");
    assert_int_equal(asked.status, 201);
    while (exchange_step(&x, NULL) == 0)
        ;
    char line[96];
    (void)snprintf(line, sizeof line, "GET /v1/eligibility/readings/%s",
                   portal_text(&asked, "reading"));
    CLEANUP(portal_answer_done) struct portal_answer read = ask(line, terminal, NULL);
    assert_string_equal(portal_text(&read, "state"), "ready");
    assert_true(portal_has(&read, "2026-08-01"));
}

static void a_consent_holds_for_a_day(void **state)
{
    char id[PORTAL_ID_SIZE];
    char later[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "\"medicine\"", "medicine", id);
    portal_site_at(&site, ELIGIBILITY_CONSENT - 1);
    look_up(terminal, CLINIC, "hanako", "", "none", later); /* of the same person and clinic */
    assert_int_equal(read_status(terminal, later, "medicine"), 201);
    portal_site_at(&site, ELIGIBILITY_CONSENT);
    assert_int_equal(read_status(terminal, later, "medicine"), 403);
    assert_int_equal(read_status(terminal, id, "medicine"), 403);
}

static void a_consent_is_made_use_of_so_often(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "\"medicine\"", "medicine", id);
    for (int i = 0; i < ELIGIBILITY_READINGS_MAX; i++) {
        const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
        struct lookup lookup;
        struct reading reading;

        assert_int_equal(lookup_get(portal_store_db(site.portal.store), CLINIC, id, &lookup, NULL),
                         0);
        assert_int_equal(check_read(&site.portal, &lookup, CONSENT_MEDICINE, &by, &reading, NULL),
                         0);
    }
    assert_int_equal(read_status(terminal, id, "medicine"), 409);
}

static const struct json *first_lookup(const struct portal_answer *answer)
{
    const struct json *list;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_array(answer->json, "lookups", &list, NULL), 0);
    assert_true(json_count(list) > 0);
    return json_at(list, 0);
}

static void consent_of(const struct portal_answer *page, char ret[PORTAL_ID_SIZE],
                       int64_t *ret_readings)
{
    const struct json *list;
    const char *text;

    assert_int_equal(json_get_array(first_lookup(page), "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_int_equal(json_get_text(json_at(list, 0), "id", &text, NULL), 0);
    assert_int_equal(json_get_int(json_at(list, 0), "readings", ret_readings, NULL), 0);
    (void)snprintf(ret, PORTAL_ID_SIZE, "%s", text);
}

static void its_holder_sees_and_withdraws_a_consent_and_nobody_else(void **state)
{
    struct portal_browser hanako;
    struct portal_browser taro;
    char id[PORTAL_ID_SIZE];
    char consent[PORTAL_ID_SIZE];
    char line[96];
    int64_t readings;

    (void)state;
    (void)portal_site_open(&site, &hanako, "sub-1", 1);
    (void)portal_site_open(&site, &taro, "sub-2", 2);
    look_up(terminal, CLINIC, "hanako", "\"medicine\"", "medicine", id);
    CLEANUP(portal_answer_done) struct portal_answer read = read_kind(terminal, id, "medicine");
    assert_int_equal(read.status, 201);
    CLEANUP(portal_answer_done)
    struct portal_answer page = portal_ask(&site, &hanako, "GET /v1/me/eligibility", NULL);
    assert_true(portal_has(&page, "見本内科"));
    consent_of(&page, consent, &readings);
    assert_int_equal(readings, 1);
    CLEANUP(portal_answer_done)
    struct portal_answer others = portal_ask(&site, &taro, "GET /v1/me/eligibility", NULL);
    assert_false(portal_has(&others, CLINIC));
    assert_int_equal(portal_status(&site, NULL, "GET /v1/me/eligibility", NULL), 403);
    (void)snprintf(line, sizeof line, "POST /v1/me/eligibility/consents/%s/withdraw", consent);
    assert_int_equal(portal_status(&site, &taro, line, NULL), 404);
    assert_int_equal(read_status(terminal, id, "medicine"), 201);
    assert_int_equal(portal_status(&site, &hanako, line, NULL), 204);
    assert_int_equal(portal_status(&site, &hanako, line, NULL), 409);
    assert_int_equal(read_status(terminal, id, "medicine"), 403);
    (void)snprintf(line, sizeof line, "GET /v1/eligibility/readings/%s",
                   portal_text(&read, "reading"));
    assert_int_equal(status(line, terminal, NULL), 403);
}

/* How many notices of a lookup, with the clinic's name, an account has. */
static int64_t notices_of(const char *sub)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    assert_int_equal(db_begin_read(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT count(*) FROM notice JOIN account ON account.id = account"
                                  " WHERE sub = ? AND topic = 'eligibility.checked'"
                                  " AND parameters LIKE '%見本内科%'",
                                  DB_WITH(DB_TEXT(sub)), &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

static void whoever_has_an_account_is_told_of_a_lookup(void **state)
{
    struct portal_browser hanako;
    char id[PORTAL_ID_SIZE];

    (void)state;
    look_up(terminal, CLINIC, "hanako", "", "none", id); /* nobody to be told yet */
    (void)portal_site_open(&site, &hanako, "sub-1", 1);
    assert_int_equal(notices_of("sub-1"), 0);
    look_up(terminal, CLINIC, "hanako", "\"cost\"", "cost", id);
    look_up(terminal, CLINIC, "taro", "", "none", id);
    assert_int_equal(read_status(terminal, id, "cost"), 403);
    assert_int_equal(notices_of("sub-1"), 1);
}

static void each_lookup_and_reading_is_in_the_log_of_its_person(void **state)
{
    struct portal_browser hanako;
    struct portal_browser taro;
    char id[PORTAL_ID_SIZE];

    (void)state;
    (void)portal_site_open(&site, &hanako, "sub-1", 1);
    (void)portal_site_open(&site, &taro, "sub-2", 2);
    look_up(terminal, CLINIC, "hanako", "\"cost\"", "cost", id);
    assert_int_equal(read_status(terminal, id, "cost"), 201);
    CLEANUP(portal_answer_done)
    struct portal_answer log = portal_ask(&site, &hanako, "GET /v1/history?body=C" CLINIC, NULL);
    int64_t total;
    assert_int_equal(json_get_int(log.json, "total", &total, NULL), 0);
    assert_int_equal(total, 2);
    assert_true(portal_has(&log, "TM99000000000102"));
    assert_true(portal_has(&log, "見本内科"));
    assert_true(portal_has(&log, "\"eligibility\""));
    CLEANUP(portal_answer_done)
    struct portal_answer given = portal_ask(&site, &hanako, "GET /v1/history?what=given", NULL);
    assert_true(portal_has(&given, "JM99000000000020")); /* by the insurer, for this duty */
    CLEANUP(portal_answer_done)
    struct portal_answer others = portal_ask(&site, &taro, "GET /v1/history", NULL);
    assert_int_equal(json_get_int(others.json, "total", &total, NULL), 0);
    assert_int_equal(total, 0);
}

static void lookups_come_in_pages(void **state)
{
    struct portal_browser hanako;
    char id[PORTAL_ID_SIZE];
    const struct json *list;
    char line[64];
    int64_t next;

    (void)state;
    (void)portal_site_open(&site, &hanako, "sub-1", 1);
    for (int i = 0; i < ELIGIBILITY_PAGE + 1; i++)
        look_up(i % 2 == 0 ? terminal : pharmacy, i % 2 == 0 ? CLINIC : PHARMACY, "hanako", "",
                "none", id);
    CLEANUP(portal_answer_done)
    struct portal_answer page = portal_ask(&site, &hanako, "GET /v1/me/eligibility", NULL);
    assert_int_equal(json_get_array(page.json, "lookups", &list, NULL), 0);
    assert_int_equal(json_count(list), ELIGIBILITY_PAGE);
    assert_int_equal(json_get_int(page.json, "next", &next, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/me/eligibility?before=%lld", (long long)next);
    CLEANUP(portal_answer_done)
    struct portal_answer last = portal_ask(&site, &hanako, line, NULL);
    assert_int_equal(json_get_array(last.json, "lookups", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_false(json_has(last.json, "next"));
    assert_int_equal(portal_status(&site, &hanako, "GET /v1/me/eligibility?before=x", NULL), 400);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(only_terminals_ask),
        WITH_SITE(a_key_that_was_revoked_is_nobodys),
        WITH_SITE(clinics_and_keys_have_their_limits),
        WITH_SITE(a_key_that_is_bound_counts_with_its_certificate_at_the_door),
        WITH_SITE(a_terminal_that_asks_too_often_waits),
        WITH_SITE(a_lookup_is_one_clinics),
        WITH_SITE(what_was_signed_for_something_else_does_not_count),
        WITH_SITE(a_card_is_shown_once_and_in_time),
        WITH_SITE(a_card_that_does_not_count_opens_nothing),
        WITH_SITE(a_photo_needs_somebody_who_answers_for_it),
        WITH_SITE(only_so_many_lookups_wait),
        WITH_SITE(no_lookup_is_called_like_an_option),
        WITH_SITE(an_insurance_is_told_as_it_is_held),
        WITH_SITE(a_change_is_told_to_the_clinic_that_knew_it_otherwise),
        WITH_SITE(an_insurer_that_does_not_answer_is_told_so),
        WITH_SITE(nothing_is_read_without_a_consent),
        WITH_SITE(a_consent_holds_for_a_day),
        WITH_SITE(a_consent_is_made_use_of_so_often),
        WITH_SITE(its_holder_sees_and_withdraws_a_consent_and_nobody_else),
        WITH_SITE(whoever_has_an_account_is_told_of_a_lookup),
        WITH_SITE(each_lookup_and_reading_is_in_the_log_of_its_person),
        WITH_SITE(lookups_come_in_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
