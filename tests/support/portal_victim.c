/* SPDX-License-Identifier: Apache-2.0 */
#include "support/portal_victim.h"

#include "portal/account/codes.h"
#include "portal/eligibility/check.h"
#include "portal/notice/notice.h"
#include "portal/procedure/store.h"
#include "portal/site/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TAX     "TM00000000000002"
#define PDF     "%PDF-1.7\n" VICTIM_WORDS "\n%%EOF\n"
#define CONTENT "{\"category\":\"other\",\"events\":[],\"name\":\"手続\",\"summary\":\"s\"}"
#define FORM                                                                                       \
    "{\"needs_signature\":false,"                                                                  \
    "\"fields\":[{\"name\":\"a\",\"label\":\"l\",\"type\":\"text\",\"prefill\":\"name\"}],"        \
    "\"attachments\":[{\"name\":\"plan\",\"label\":\"l\",\"types\":[\"pdf\"],\"max_files\":2}]}"
#define DRAFT                                                                                      \
    "{\"based_on\":0,\"content\":{\"category\":\"other\",\"events\":[],\"name\":\"手続\","       \
    "\"summary\":"                                                                                 \
    "\"" VICTIM_WORDS "\"},\"form\":" FORM "}"
/* The base point of P-256 (SEC 2, 2.4.2): a key that anybody has. */
#define PAGE_KEY                                                                                   \
    "{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\","                                                  \
    "\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","                                       \
    "\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\"}}"
#define ANSWERS "{\"answers\":[{\"field\":\"a\",\"value\":\"" VICTIM_WORDS "\"}]}"

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);

/* Takes the place of the register: every body knows her by the octet of her account. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)person_reference;
    (void)bodies;
    (void)err;
    for (size_t i = 0; i < count; i++)
        memset(ret[i], 1, PORTAL_CODE_SIZE);
    return 0;
}

static void know(struct portal_victim *victim, const char *place, const char *value,
                 enum victim_kind kind)
{
    struct victim_value *next = &victim->values[victim->count++];

    assert_true(victim->count <= VICTIM_VALUES_MAX);
    next->place = place;
    next->kind = kind;
    assert_true((size_t)snprintf(next->value, sizeof next->value, "%s", value) <
                sizeof next->value);
}

static struct db *db(struct portal_victim *victim)
{
    return portal_store_db(victim->site.portal.store);
}

/* A request by somebody which is taken. */
static struct portal_answer ask(struct portal_victim *victim, struct portal_browser *browser,
                                const char *key, const char *line, const struct victim_body *body)
{
    struct portal_answer answer;
    char field[96] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    answer = portal_ask_with(&victim->site, browser, line, field, body == NULL ? NULL : body->type,
                             body == NULL ? NULL : body->text);
    if (answer.status >= 300)
        fail_msg("%s: %s", line, (const char *)answer.text.ptr);
    return answer;
}

/* ---- municipalities, and what they offer ---- */

static void add_key(struct portal_victim *victim, const char *place, const char *role,
                    char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct municipality_key_inputs inputs = {place, "n", role};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(municipality_key_add(db(victim), &inputs, &by, ret, NULL), 0);
}

static void make_places(struct portal_victim *victim)
{
    static const struct municipality places[] = {{VICTIM_PLACE, "東京都", "千代田区"},
                                                 {OTHER_PLACE, "東京都", "中央区"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db(victim), &places[i], &by, NULL), 0);
    add_key(victim, VICTIM_PLACE, "clerk", victim->clerk);
    add_key(victim, VICTIM_PLACE, "editor", victim->editor);
    add_key(victim, OTHER_PLACE, "clerk", victim->other_clerk);
    add_key(victim, OTHER_PLACE, "editor", victim->other_editor);
}

static void make_offering(struct portal_victim *victim, char ret_psid[PSID_SIZE])
{
    static const struct victim_body text = {.type = "application/json",
                                            .text = "{\"content\":" CONTENT ",\"form\":" FORM "}"};
    static const struct victim_body offer = {
        .type = "application/json",
        .text = "{\"text\":1,\"is_online\":true,\"department\":\"d\",\"contact\":{}}"};
    struct portal_answer answer = ask(victim, NULL, victim->editor,
                                      "PUT /v1/municipality/texts/run", &text);

    portal_answer_done(&answer);
    answer = ask(victim, NULL, victim->editor, "PUT /v1/municipality/offerings", &offer);
    (void)snprintf(ret_psid, PSID_SIZE, "%s", portal_text(&answer, "psid"));
    portal_answer_done(&answer);
    know(victim, "/v1/municipality/offerings/:psid", ret_psid, VICTIM_KNOWN);
    know(victim, "/v1/procedures/:psid", ret_psid, VICTIM_PUBLIC);
    /* Names of texts are each municipality's own: that of another is made, not changed. */
    know(victim, "/v1/municipality/texts/:code", "run", VICTIM_PUBLIC);
}

/* ---- applications ---- */

static void begin(struct portal_victim *victim, struct portal_browser *browser, const char *psid,
                  char ret_id[PORTAL_ID_SIZE], char ret_ticket[PORTAL_SECRET_SIZE])
{
    char text[64];
    const struct victim_body body = {.type = "application/json", .text = text};
    struct portal_answer answer;

    (void)snprintf(text, sizeof text, "{\"psid\":\"%s\"}", psid);
    answer = ask(victim, browser, NULL, "POST /v1/applications", &body);
    (void)snprintf(ret_id, PORTAL_ID_SIZE, "%s", portal_text(&answer, "id"));
    if (ret_ticket != NULL)
        (void)snprintf(ret_ticket, PORTAL_SECRET_SIZE, "%s", portal_text(&answer, "ticket"));
    portal_answer_done(&answer);
}

static void fill(struct portal_victim *victim, const char *id)
{
    static const struct victim_body answers = {.type = "application/json", .text = ANSWERS};
    static const struct victim_body file = {.type = "application/octet-stream", .text = PDF};
    struct portal_answer answer;
    char line[128];

    (void)snprintf(line, sizeof line, "PUT /v1/applications/%s/answers", id);
    answer = ask(victim, &victim->hanako, NULL, line, &answers);
    portal_answer_done(&answer);
    (void)snprintf(line, sizeof line,
                   "POST /v1/applications/%s/files?kind=plan&name=a.pdf&document=other", id);
    answer = ask(victim, &victim->hanako, NULL, line, &file);
    portal_answer_done(&answer);
}

/* As if she had signed: what a route does with a document is not tried by its signature. */
static void put_document(struct portal_victim *victim, const char *id)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db(victim), &txn, NULL), 0);
    assert_int_equal(
        db_execute_one(&txn, "UPDATE application_submission SET document = ? WHERE application = ?",
                       DB_WITH(DB_BLOB(BYTES_LITERAL(VICTIM_WORDS)), DB_TEXT(id)), NULL),
        0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void make_applications(struct portal_victim *victim, const char *psid)
{
    static const struct victim_body nothing = {.type = "application/json", .text = "{}"};
    char draft[PORTAL_ID_SIZE], sent[PORTAL_ID_SIZE], line[128];
    struct portal_answer answer;

    begin(victim, NULL, psid, draft, victim->other_ticket);
    begin(victim, &victim->hanako, psid, draft, NULL);
    fill(victim, draft);
    begin(victim, &victim->hanako, psid, sent, NULL);
    fill(victim, sent);
    (void)snprintf(line, sizeof line, "POST /v1/applications/%s/submission", sent);
    answer = ask(victim, &victim->hanako, NULL, line, &nothing);
    know(victim, "/v1/municipality/applications/:receipt", portal_text(&answer, "receipt"),
         VICTIM_SECRET);
    portal_answer_done(&answer);
    put_document(victim, sent);
    know(victim, "/v1/municipality/applications/:receipt/files/:number", "1", VICTIM_SECRET);
    know(victim, "/v1/applications/:id/document", sent, VICTIM_SECRET);
    know(victim, "/v1/applications/:id/withdrawal", sent, VICTIM_SECRET);
    know(victim, "/v1/applications/:id/receipt", sent, VICTIM_SECRET);
    know(victim, "/v1/applications/:id", draft, VICTIM_SECRET);
    know(victim, "/v1/e-applications/:id", draft, VICTIM_SECRET);
    know(victim, "/v1/applications/:id/files/:number", "1", VICTIM_SECRET);
}

/* ---- what is held about her ---- */

static void open_exchange(struct portal_victim *victim)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct making_person person = {"hanako", {1990, 4, 15}, true, "千代田区", {2026, 9, 21}};
    struct holding whose = {.body = "M" VICTIM_PLACE};
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(tables_load(EXCHANGE_DATA, &victim->tables, NULL), 0);
    assert_int_equal(hours_load(EXCHANGE_DATA, &victim->hours, NULL), 0);
    assert_int_equal(making_load(victim->tables, EXCHANGE_DATA, &victim->making, NULL), 0);
    assert_int_equal(holdings_open(tempdir_file(&victim->site.dir, "p.db", path), victim->tables,
                                   &victim->site.clock, &victim->holdings, NULL),
                     0);
    memset(whose.code.value, 1, sizeof whose.code.value);
    assert_int_equal(holdings_make(victim->holdings, victim->making, &whose, &person, &by, NULL),
                     0);
    victim->x = (struct exchange){.db = db(victim),
                                  .tables = victim->tables,
                                  .hours = victim->hours,
                                  .clock = &victim->site.clock,
                                  .provider = holdings_provider(victim->holdings),
                                  .capacity = 100,
                                  .rate = 100,
                                  .rate_seconds = 60,
                                  .answer_seconds = 3600,
                                  .keep_seconds = 86400,
                                  .retry_seconds = 10};
    victim->site.portal.exchange = &victim->x;
    victim->site.portal.holdings = victim->holdings;
    victim->site.portal.making = victim->making;
    victim->site.portal.register_socket = "/nowhere";
}

static void make_information(struct portal_victim *victim)
{
    static const struct victim_body infos = {.type = "application/json",
                                             .text = "{\"infos\":[\"" TAX
                                                     "\"],\"area\":\"" VICTIM_PLACE "\"}"};
    struct portal_answer answer = ask(victim, &victim->hanako, NULL, "POST /v1/self-information",
                                      &infos);
    const struct json *records;
    char id[24];
    int64_t number;

    know(victim, "/v1/self-information/:id", portal_text(&answer, "id"), VICTIM_SECRET);
    portal_answer_done(&answer);
    while (exchange_step(&victim->x, NULL) == 0)
        ;
    answer = ask(victim, &victim->hanako, NULL, "GET /v1/history", NULL);
    assert_int_equal(json_get_array(answer.json, "records", &records, NULL), 0);
    assert_int_equal(json_get_int(json_at(records, 0), "id", &number, NULL), 0);
    (void)snprintf(id, sizeof id, "%lld", (long long)number);
    portal_answer_done(&answer);
    know(victim, "/v1/history/:id", id, VICTIM_SECRET);
}

/* ---- at a clinic ---- */

static void add_clinic(struct portal_victim *victim, const char *id, char ret[CLINIC_KEY_SIZE])
{
    const struct clinic clinic = {id, "n", "n"};
    const struct clinic_key_inputs inputs = {id, "terminal", "n"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(clinic_add(db(victim), &clinic, &by, NULL), 0);
    assert_int_equal(clinic_key_add(db(victim), &inputs, &by, ret, NULL), 0);
}

/* She has shown her card there, and let her medicines be read. */
static void show_card(struct portal_victim *victim, const struct lookup *lookup)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct lookup_check check = {.method = LOOKUP_PIN,
                                 .consents = 1U << CONSENT_MEDICINE,
                                 .duty = "JM99000000000020",
                                 .procedure = "JT99000000000201",
                                 .info = "TM99000000000104"};
    struct exchange_link link = {.body = "HEALTHINS01"};

    memset(&check.portal, 1, sizeof check.portal);
    link.portal = check.portal;
    link.code = check.portal;
    assert_int_equal(exchange_link(&victim->x, &link, &by, &check.person, NULL), 0);
    assert_int_equal(lookup_check(db(victim), lookup, &check, &by, NULL), 0);
}

static void make_lookups(struct portal_victim *victim)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct lookup lookup, waiting;
    struct reading reading;
    struct clinic_key key;

    add_clinic(victim, "1399999011", victim->terminal);
    add_clinic(victim, "1399999029", victim->other_terminal);
    assert_int_equal(clinic_key_find(db(victim), victim->terminal, CLINIC_TERMINAL, &key, NULL), 0);
    assert_int_equal(lookup_open(db(victim), &key, PORTAL_SITE_NOW, &waiting, NULL), 0);
    assert_int_equal(lookup_open(db(victim), &key, PORTAL_SITE_NOW, &lookup, NULL), 0);
    show_card(victim, &lookup);
    assert_int_equal(lookup_get(db(victim), key.clinic, lookup.id, &lookup, NULL), 0);
    assert_int_equal(
        check_read(&victim->site.portal, &lookup, CONSENT_MEDICINE, &by, &reading, NULL), 0);
    know(victim, "/v1/eligibility/lookups/:id", lookup.id, VICTIM_SECRET);
    know(victim, "/v1/eligibility/lookups/:id/card", waiting.id, VICTIM_SECRET);
    know(victim, "/v1/eligibility/readings/:id", reading.id, VICTIM_SECRET);
    know(victim, "/v1/me/eligibility/consents/:id", reading.consent, VICTIM_SECRET);
}

/* ---- what she prints at a machine ---- */

#define ORDER "anOrderOfHers123456789"
#define PAPER "ABCD-EFGH-JKLM-NPQR"

static void make_order(struct portal_victim *victim)
{
    static const char *const statements[] = {
        "INSERT INTO kiosk_order (id, terminal, nonce, made_at, state, code, municipality, kind, "
        "fee,"
        " payment, number, reference, document) VALUES ('" ORDER "', 'KIOSK-1', zeroblob(32),"
        " 1790000000, 'issued', zeroblob(16), '" VICTIM_PLACE "', 'resident', 200, 'p', '" PAPER
        "', '', CAST('" VICTIM_WORDS "' AS BLOB))",
        "INSERT INTO kiosk_issued VALUES ('" PAPER "', 'KIOSK-1', '" VICTIM_PLACE
        "', 'resident', 200, 5, zeroblob(32), 0)"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(kiosk_terminal_add(db(victim), "KIOSK-1", "n", &by, victim->kiosk, NULL), 0);
    assert_int_equal(kiosk_terminal_add(db(victim), "KIOSK-2", "n", &by, victim->other_kiosk, NULL),
                     0);
    assert_int_equal(db_begin(db(victim), &txn, NULL), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(db_execute(&txn, statements[i], DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    know(victim, "/v1/kiosk/orders/:id", ORDER, VICTIM_SECRET);
    know(victim, "/v1/certificates-issued/:number", PAPER, VICTIM_PUBLIC);
}

/* ---- what she lets others do ---- */

#define HER        "(SELECT id FROM account WHERE sub = 'hanako')"
#define SERVICE    "a-service-she-uses"
#define CONSENT    "aConsentOfHers1234567A"
#define MANDATE    "aMandateOfHers1234567A"
#define GUARDIAN   "aGuardianOfHers123456A"
#define READING    "aReadingOfHers1234567A"
#define STATEMENTS 7

static void make_powers(struct portal_victim *victim)
{
    static const char *const statements[STATEMENTS] = {
        "INSERT INTO application_signing (application, id, address, code, expires_at, opened)"
        " SELECT id, 'aSigningOfHers', 'https://op.openjpki.test/s',"
        " '1234', 9000000000, 1 FROM application WHERE state = 'draft' AND owner LIKE 'account:%'",
        "INSERT INTO application_reading (application, session, code, wrong_codes, key,"
        " expires_at, state, answer) SELECT id, '" READING "', '123456', 0, '{}', 9000000000,"
        " 'pending', '' FROM application WHERE state = 'draft' AND owner LIKE 'account:%'",
        "INSERT INTO operator_client VALUES ('" SERVICE "', 'applied', NULL, x'7b7d',"
        " zeroblob(32), '', 5, 5, NULL, NULL, 5)",
        "INSERT INTO operator_consent VALUES ('" CONSENT "', '" SERVICE "', " HER
        ", 1, 'self-information', '13101', ' TM00000000000002 ', 0, 5, 9000000000, NULL, NULL, "
        "NULL)",
        "INSERT INTO gateway_outage VALUES (1, 'medical-insurance', 'outage', 't', 't', 5, NULL)",
        "INSERT INTO mandate (id, kind, scopes, mandator, proxy, mandator_name, proxy_name, "
        "made_at,"
        " begun_at, ends_at) VALUES ('" MANDATE "', 'given', 1, " HER
        ", (SELECT id FROM account WHERE sub = 'jiro'), '" VICTIM_WORDS "', 'p', 5, 5, 9000000000)",
        "INSERT INTO mandate (id, kind, scopes, mandator, proxy, mandator_name, proxy_name,"
        " municipality, made_at, begun_at, ends_at) VALUES ('" GUARDIAN "', 'guardian', 1, " HER
        ", (SELECT id FROM account WHERE sub = 'jiro'), '" VICTIM_WORDS "', 'p', '" VICTIM_PLACE
        "', 5, 5, 9000000000)"};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct portal_browser jiro;

    (void)portal_site_open(&victim->site, &jiro, "jiro", 3);
    assert_int_equal(db_begin(db(victim), &txn, NULL), 0);
    for (size_t i = 0; i < STATEMENTS; i++)
        assert_int_equal(db_execute(&txn, statements[i], DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    know(victim, "/v1/readings/:session", READING, VICTIM_PUBLIC);
    know(victim, "/v1/operators/:id", SERVICE, VICTIM_SECRET);
    know(victim, "/v1/consents/:id", CONSENT, VICTIM_SECRET);
    know(victim, "/v1/status/outages/:id", "1", VICTIM_KNOWN);
    know(victim, "/v1/mandates/:id", MANDATE, VICTIM_SECRET);
    know(victim, "/v1/municipality/mandates/:id", GUARDIAN, VICTIM_SECRET);
    know(victim, "/v1/sites/:id", "tax", VICTIM_PUBLIC);
}

/* What nobody is to see before it is published; names are each municipality's own. */
static void make_draft(struct portal_victim *victim)
{
    static const struct victim_body draft = {.type = "application/json", .text = DRAFT};
    struct portal_answer answer = ask(victim, NULL, victim->editor,
                                      "PUT /v1/municipality/drafts/hers", &draft);

    portal_answer_done(&answer);
    know(victim, "/v1/municipality/drafts/:code/publication", "hers", VICTIM_KNOWN);
    know(victim, "/v1/municipality/drafts/:code", "hers", VICTIM_PUBLIC);
}

/* What hanako is told, and a mail of it that was given up. */
static void make_notices(struct portal_victim *victim, const char *account)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct notice_draft draft = {
        .account = account, .topic = "information.ready", .at = PORTAL_SITE_NOW};

    assert_int_equal(db_begin(db(victim), &txn, NULL), 0);
    assert_int_equal(notice_send(&txn, &draft, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "INSERT INTO mail (account, notice, state, tries, due_at, made_at,"
                                " why) SELECT account, id, 'dead', 1, 5, 5, 'x' FROM notice",
                                DB_NOTHING, NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    know(victim, "/v1/notices/:id", "1", VICTIM_SECRET);
    know(victim, "/v1/mails/:id", "1", VICTIM_SECRET);
}

/* What a service and a site sent her, and how they ask for it. */
#define SENT(id, sender)                                                                           \
    "INSERT INTO notice_sent VALUES ('" id "', '" sender "', 'k', zeroblob(32), " HER              \
    ", 1, 5, 9000000000, NULL)"
#define BY_SERVICE "aNoticeOfAService1234A"
#define BY_SITE    "aNoticeOfASite1234567A"

static void give_token(struct portal_victim *victim, const char *site, char ret[PORTAL_SECRET_SIZE])
{
    struct digest hash;

    (void)snprintf(ret, PORTAL_SECRET_SIZE, "%s-0123456789012345678901234567890123", site);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(ret), &hash, NULL), 0);
    assert_int_equal(site_token_add(victim->site.portal.store, &hash, site, PORTAL_SITE_NOW, NULL),
                     0);
}

#define SITE(id)                                                                                   \
    "{\"id\":\"" id "\",\"name\":\"n\",\"name_en\":\"n\",\"lead\":\"l\",\"lead_en\":\"l\","        \
    "\"address\":\"https://s.example/\",\"redirect_uri\":\"https://s.example/b\","                 \
    "\"logout_uri\":\"https://s.example/e\",\"jwks\":{\"keys\":[]},\"sends_notices\":true}"

static void make_senders(struct portal_victim *victim)
{
    static const char text[] = "{\"sites\":[" SITE("tax") "," SITE("pension") "]}";
    static const char *const statements[] = {
        "INSERT INTO operator_consent VALUES ('aSendingOfHers1234567A', '" SERVICE "', " HER
        ", 0, 'notice-sending', '', ' document.ready ', 1, 5, 9000000000, NULL, NULL, NULL)",
        "INSERT INTO notice_sender VALUES ('service." SERVICE "', 'n', 'n')",
        "INSERT INTO notice_sender VALUES ('site.tax', 'n', 'n')",
        SENT(BY_SERVICE, "service." SERVICE),
        SENT(BY_SITE, "site.tax"),
        "INSERT INTO application_prepared (application, client, client_name, client_name_en, told)"
        " SELECT id, '" SERVICE "', 'n', 'n', 'draft'"
        " FROM application WHERE state = 'draft' AND owner LIKE 'account:%'",
    };
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(sites_parse(bytes_text(text), &victim->sites, NULL), 0);
    victim->site.portal.sites.list = victim->sites;
    victim->site.portal.sites.signer = "/nowhere";
    victim->site.portal.sites.key = "jws-2";
    assert_int_equal(portal_load(&victim->site.portal, NULL), 0);
    give_token(victim, "tax", victim->sender);
    give_token(victim, "pension", victim->other_sender);
    assert_int_equal(db_begin(db(victim), &txn, NULL), 0);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        assert_int_equal(db_execute(&txn, statements[i], DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    know(victim, "/v1/notice-senders/:id", "service." SERVICE, VICTIM_KNOWN);
    know(victim, "/v1/sent-notices/:id", BY_SERVICE, VICTIM_SECRET);
    know(victim, "/sso/notices/:id", BY_SITE, VICTIM_SECRET);
}

void portal_victim_make(struct portal_victim *victim)
{
    static const struct portal_issuer issuer = {{1}};
    struct session session;
    char psid[PSID_SIZE];

    memset(victim, 0, sizeof *victim);
    portal_site_make(&victim->site);
    victim->site.portal.issuers.key_ids = &issuer;
    victim->site.portal.issuers.count = 1;
    make_places(victim);
    open_exchange(victim);
    session = portal_site_open(&victim->site, &victim->hanako, "hanako", 1);
    know(victim, "/v1/sessions/:id", session.id, VICTIM_SECRET);
    make_notices(victim, session.account.id);
    (void)portal_site_open(&victim->site, &victim->taro, "taro", 2);
    make_offering(victim, psid);
    make_applications(victim, psid);
    make_information(victim);
    make_lookups(victim);
    make_order(victim);
    make_powers(victim);
    make_senders(victim);
    make_draft(victim);
    know(victim, "/pages/:file", "none.js", VICTIM_PUBLIC);
    know(victim, "/office/:file", "none.js", VICTIM_PUBLIC);
}

void portal_victim_done(struct portal_victim *victim)
{
    sites_freep(&victim->sites);
    holdings_closep(&victim->holdings);
    making_freep(&victim->making);
    hours_freep(&victim->hours);
    tables_freep(&victim->tables);
    portal_site_done(&victim->site);
}

/* ---- requests ---- */

/* The value of the parameter that a path has at a place: of the longest path that is known. */
static const struct victim_value *value_of(const struct portal_victim *victim, const char *path,
                                           size_t end)
{
    const struct victim_value *found = NULL;

    for (size_t i = 0; i < victim->count; i++) {
        const struct victim_value *value = &victim->values[i];
        const char *colon = strrchr(value->place, ':');
        size_t last = (size_t)(colon - value->place) + strcspn(colon, "/");
        size_t len = strlen(value->place);

        if (last == end && strncmp(path, value->place, len) == 0 &&
            (path[len] == '/' || path[len] == '\0') &&
            (found == NULL || len > strlen(found->place)))
            found = value;
    }
    return found;
}

void portal_victim_line(const struct portal_victim *victim, const struct route *route,
                        char ret[512], bool *ret_public)
{
    const struct victim_body *body = portal_victim_body(route);
    int len = snprintf(ret, 512, "%s ", http_method_name(route->method));

    *ret_public = true;
    for (const char *at = route->path; *at != '\0'; at++) {
        const struct victim_value *value;
        size_t word = strcspn(at, "/");

        if (*at != ':') {
            len += snprintf(ret + len, 512 - (size_t)len, "%c", *at);
            continue;
        }
        value = value_of(victim, route->path, (size_t)(at - route->path) + word);
        if (value == NULL)
            fail_msg("%s: no example of %.*s: add one to tests/support/portal_victim.c",
                     route->path, (int)word, at);
        *ret_public &= value->kind == VICTIM_PUBLIC;
        len += snprintf(ret + len, 512 - (size_t)len, "%s", value->value);
        at += word - 1;
    }
    if (body != NULL && body->query != NULL)
        (void)snprintf(ret + len, 512 - (size_t)len, "%s", body->query);
}

static const struct victim_body bodies[] = {
    {"POST /v1/clients/:id/confirmation", "application/json", "{}"},
    {"PUT /v1/municipality/texts/:code", "application/json",
     "{\"content\":" CONTENT ",\"form\":" FORM "}", NULL},
    {"PUT /v1/municipality/drafts/:code", "application/json", DRAFT, NULL},
    {"POST /v1/municipality/drafts/:code/publication", "application/json", "{\"version\":1}", NULL},
    {"PUT /v1/operators/:id/state", "application/json", "{\"state\":\"refused\",\"reason\":\"r\"}",
     NULL},
    {"PUT /v1/applications/:id/answers", "application/json", ANSWERS, NULL},
    {"POST /v1/applications/:id/files", "application/octet-stream", PDF,
     "?kind=plan&name=b.pdf&document=other"},
    {"POST /v1/e-applications/:id/files", "application/octet-stream", PDF,
     "?kind=plan&name=b.pdf&document=other"},
    {"POST /v1/applications/:id/reading", "application/json", PAGE_KEY, NULL},
    {"POST /v1/applications/:id/preparation", "application/json", "{}", NULL},
    {"POST /v1/applications/:id/submission", "application/json", "{}", NULL},
    {"POST /v1/eligibility/lookups/:id/card", "application/json",
     "{\"certificate\":\"a.b.c.d.e\",\"signature\":\"AAAA\",\"consents\":[]}", NULL},
    {"POST /v1/kiosk/orders/:id/card", "application/json",
     "{\"certificate\":\"c\",\"signature\":\"AAAA\"}", NULL},
    {"POST /v1/kiosk/orders/:id/choice", "application/json", "{\"kind\":\"resident\"}", NULL},
    {"POST /v1/kiosk/orders/:id/payment", "application/json",
     "{\"payment\":\"payment-0123456789\",\"amount\":200}", NULL},
    {"POST /v1/kiosk/orders/:id/document", "application/json", "{}", NULL},
    {"POST /v1/kiosk/orders/:id/printed", "application/json", "{}", NULL},
    {"POST /v1/kiosk/orders/:id/cancellation", "application/json", "{}", NULL},
    {"POST /v1/eligibility/lookups/:id/readings", "application/json", "{\"kind\":\"medicine\"}",
     NULL},
    {"PUT /v1/notice-senders/:id/state", "application/json", "{\"is_off\":true}", NULL},
    {"PUT /v1/notices/:id/state", "application/json", "{\"read\":true,\"archived\":true}", NULL},
    {"POST /v1/municipality/applications/:receipt/inquiries", "application/json",
     "{\"info\":\"TM99000000000124\"}", NULL},
    {"PUT /v1/municipality/applications/:receipt/state", "application/json",
     "{\"state\":\"received\",\"note\":\"" VICTIM_WORDS "\"}", NULL},
};

const struct victim_body *portal_victim_body(const struct route *route)
{
    const char *name = http_method_name(route->method);
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (strncmp(bodies[i].route, name, len) == 0 && bodies[i].route[len] == ' ' &&
            strcmp(bodies[i].route + len + 1, route->path) == 0)
            return &bodies[i];
    return NULL;
}
