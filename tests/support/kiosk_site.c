/* SPDX-License-Identifier: Apache-2.0 */
#include "support/kiosk_site.h"

#include "base/base64.h"
#include "portal/account/codes.h"
#include "portal/eligibility/judge.h"
#include "portal/kiosk/extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct portal_site site;
struct holdings *holdings;
char key[KIOSK_KEY_SIZE], other[KIOSK_KEY_SIZE];
static struct tables *tables;

/* ---- platform and register ---- */

struct kiosk_registry registry;

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);
int __wrap_eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                             struct err *err);
int __wrap_extract_ask(const struct portal *portal, const char *reference, bool is_whole,
                       struct extract *ret, struct err *err);

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)err;
    assert_string_equal(bodies[0], "PORTAL");
    assert_string_equal(person_reference, "hanako");
    memset(ret[0], 1, PORTAL_CODE_SIZE);
    if (count == 1)
        return 0;
    assert_int_equal(count, 2);
    assert_string_equal(bodies[1] + 1, registry.municipality);
    memset(ret[1], HER_CODE, PORTAL_CODE_SIZE);
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

/* Certificates are their holders' names; a signature is the digest of what was signed. */
int __wrap_eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                             struct err *err)
{
    char expected[64];

    (void)portal;
    base64_of(card->bound, expected);
    if (strcmp(card->certificate, "revoked") == 0 || strcmp(card->signature, expected) != 0) {
        (void)snprintf(card->why, sizeof card->why, "%s",
                       strcmp(card->certificate, "revoked") == 0 ? "revoked" : "signature-broken");
        return FAIL(err, ERR_UNTRUSTED, "the card does not count");
    }
    return buf_append_text(ret, card->certificate, err);
}

int __wrap_extract_ask(const struct portal *portal, const char *reference, bool is_whole,
                       struct extract *ret, struct err *err)
{
    (void)portal;
    assert_string_equal(reference, "hanako");
    if (registry.fails != ERR_NONE)
        return FAIL(err, registry.fails, "the register is as the test wants it");
    *ret = (struct extract){.municipality = ""};
    (void)snprintf(ret->municipality, sizeof ret->municipality, "%s", registry.municipality);
    if (!is_whole)
        return 0;
    (void)snprintf(ret->name, sizeof ret->name, "番号花子");
    (void)snprintf(ret->kana, sizeof ret->kana, "バンゴウハナコ");
    (void)snprintf(ret->address, sizeof ret->address, "東京都千代田区見本町一丁目２番３号");
    (void)snprintf(ret->sex, sizeof ret->sex, "female");
    ret->birth = (struct caldate){1990, 4, 15};
    return 0;
}
/* ---- a site with two kiosks ---- */

struct db *kiosk_db(void)
{
    return portal_store_db(site.portal.store);
}

static void add_terminal(const char *id, char ret[KIOSK_KEY_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(kiosk_terminal_add(kiosk_db(), id, "見本商店の端末", &by, ret, NULL), 0);
}
/* ---- the municipality's registers ---- */

const struct audit_origin *kiosk_clerk(void)
{
    static struct audit_origin by;

    by = audit_by_self(PORTAL_SITE_NOW);
    return &by;
}

struct civil_person kiosk_person(enum civil_relation relation, const char *name, int year)
{
    struct civil_person one = {.relation = relation,
                               .is_female = relation != CIVIL_HEAD,
                               .birth = {year, 4, 15},
                               .since = {2020, 4, 15}};

    (void)snprintf(one.name, sizeof one.name, "%s", name);
    (void)snprintf(one.father, sizeof one.father, "番号正");
    (void)snprintf(one.mother, sizeof one.mother, "番号和子");
    return one;
}

/* Husband, she, two children: her name there is as it was before the register's. */
struct household kiosk_family(void)
{
    struct household household = {.count = 4,
                                  .origin = "東京都千代田区見本町４４番地",
                                  .origin_body = "M13101",
                                  .family_since = {2014, 5, 5},
                                  .former_address = "千葉県千葉市例示区見本浜５０番"};

    household.people[0] = kiosk_person(CIVIL_HEAD, "番号翔太", 1989);
    household.people[1] = kiosk_person(CIVIL_SPOUSE, "旧姓花子", 1990);
    household.people[1].has_code = true;
    memset(household.people[1].code.value, HER_CODE, sizeof household.people[1].code.value);
    household.people[2] = kiosk_person(CIVIL_CHILD, "番号咲良", 2016);
    household.people[3] = kiosk_person(CIVIL_CHILD, "番号湊", 2018);
    return household;
}

int kiosk_file(const struct household *household)
{
    return civil_file(holdings, "M13101", household, kiosk_clerk(), NULL);
}

struct person_code kiosk_her_code(void)
{
    struct person_code code;

    memset(code.value, HER_CODE, sizeof code.value);
    return code;
}

int kiosk_file_seal(const char *letters)
{
    const struct person_code code = kiosk_her_code();
    struct seal seal = {.since = {2020, 2, 29}};
    const struct sealed sealed = {"M13101", &code, letters == NULL ? NULL : &seal};

    (void)snprintf(seal.letters, sizeof seal.letters, "%s", letters == NULL ? "" : letters);
    return civil_file_seal(holdings, &sealed, kiosk_clerk(), NULL);
}

/* Assessed on two days, the newer one not at the end; NULL: nothing any more. */
void kiosk_file_tax(const char *answer)
{
    const struct holding tax = {.body = "M13101",
                                .code = kiosk_her_code(),
                                .info = "TM00000000000002",
                                .answer = bytes_text(answer == NULL ? "" : answer)};

    assert_int_equal(holdings_file(holdings, &tax, kiosk_clerk(), NULL), 0);
}

#define SUMS(year, yen)                                                                            \
    "\"items\":[{\"code\":\"0000200010\",\"content\":\"" year                                      \
    "\"},{\"code\":\"0000200020\",\"content\":\"" yen "\"}]"
#define TAX                                                                                        \
    "{\"records\":[{\"day\":\"2026-06-01\"," SUMS(                                                 \
        "2026", "3210000") "},{\"day\":\"2025-06-01\"," SUMS("2025", "1110000") "}]}"

static void open_registers(void)
{
    const struct household household = kiosk_family();
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    assert_int_equal(
        holdings_open(tempdir_file(&site.dir, "p.db", path), tables, &site.clock, &holdings, NULL),
        0);
    assert_int_equal(kiosk_file(&household), 0);
    assert_int_equal(kiosk_file_seal("番号"), 0);
    kiosk_file_tax(TAX);
    site.portal.holdings = holdings;
}
int kiosk_site_set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"27100", "大阪府", "大阪市"},
                                                 {"14130", "神奈川県", "川崎市"}};
    static const struct portal_issuer issuers[] = {{"\xABjklmnopqrstuvwxyz"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)state;
    portal_site_make(&site);
    site.portal.issuers.key_ids = issuers;
    site.portal.issuers.count = 1;
    portal_site_at(&site, KIOSK_OPENS);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(municipality_add(kiosk_db(), &places[i], &by, NULL), 0);
    add_terminal("KIOSK-1", key);
    add_terminal("KIOSK-2", other);
    open_registers();
    registry.municipality = "13101";
    registry.fails = ERR_NONE;
    return 0;
}

int kiosk_site_tear_down(void **state)
{
    (void)state;
    holdings_closep(&holdings);
    tables_freep(&tables);
    portal_site_done(&site);
    return 0;
}
/* ---- asking ---- */

struct portal_answer kiosk_ask_as(const char *bearer, const char *line, const char *body)
{
    char field[96];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", bearer);
    return portal_ask_with(&site, NULL, line, field, "application/json", body);
}

struct portal_answer kiosk_step(const char *bearer, const char *id, const char *what,
                                const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/kiosk/orders/%s%s", body == NULL ? "GET" : "POST", id,
                   what);
    return kiosk_ask_as(bearer, line, body);
}

unsigned kiosk_status(const char *id, const char *what, const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = kiosk_step(key, id, what, body);

    return answer.status;
}

/* What the card signs, as the terminal builds it. */
static void sign(const struct portal_answer *opened, char ret[64])
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    const struct json *provider;
    struct bound bound = {.origin = NULL};

    assert_int_equal(json_get_object(opened->json, "provider", &provider, NULL), 0);
    assert_int_equal(json_get_text(provider, "origin", &bound.origin, NULL), 0);
    assert_int_equal(json_get_text(provider, "client_id", &bound.client_id, NULL), 0);
    assert_int_equal(json_get_text(opened->json, "session", &bound.session, NULL), 0);
    assert_int_equal(json_get_int(opened->json, "expires_at", &bound.expires_at, NULL), 0);
    assert_int_equal(json_get_base64(opened->json, "nonce", &nonce, NULL), 0);
    bound.nonce = buf_bytes(&nonce);
    base64_of(&bound, ret);
}

/* A new order; ret_card is the body that shows a card for it. */
void kiosk_open_order(const char *bearer, const char *certificate, char ret_id[32],
                      char ret_card[256])
{
    CLEANUP(portal_answer_done)
    struct portal_answer opened = kiosk_ask_as(bearer, "POST /v1/kiosk/orders", NOTHING);
    char signature[64];

    assert_int_equal(opened.status, 201);
    (void)snprintf(ret_id, 32, "%s", portal_text(&opened, "session"));
    sign(&opened, signature);
    (void)snprintf(ret_card, 256, "{\"certificate\":\"%s\",\"signature\":\"%s\"}", certificate,
                   signature);
}

/* With a card that was shown. */
void kiosk_begin(char ret_id[32])
{
    char card[256];

    kiosk_open_order(key, "hanako", ret_id, card);
    assert_int_equal(kiosk_status(ret_id, "/card", card), 200);
}

void kiosk_pay(char ret_id[32])
{
    kiosk_begin(ret_id);
    assert_int_equal(kiosk_status(ret_id, "/choice", CHOICE), 200);
    assert_int_equal(kiosk_status(ret_id, "/payment", PAID(PAYMENT)), 200);
}

/* Made, if it was not, and fetched. */
struct portal_answer kiosk_take_document(const char *id)
{
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    return kiosk_step(key, id, "/document", NULL);
}

bool kiosk_is_logged(const char *act, const char *outcome)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    assert_int_equal(db_begin_read(kiosk_db(), &txn, NULL), 0);
    return db_query_one(&txn, "SELECT 1 FROM audit WHERE act = ? AND outcome = ?",
                        DB_WITH(DB_TEXT(act), DB_TEXT(outcome)), &rows, NULL) == 0;
}
