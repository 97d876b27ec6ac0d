/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the register makes for a card, with a signerd of zone card beside it: who gets it and when,
 * what stands in it, and that each reading of a number is in the log.
 */
#include "register/act.h"
#include "register/personal.h"

#include "base/file.h"
#include "carddata/cvc.h"
#include "crypto/pubkey.h"
#include "http/engine.h"
#include "iso7816/tlv.h"
#include "register/routes.h"
#include "signer/key.h"
#include "support/order_run.h"
#include "support/signer_site.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = TEST_PKI_NOW, STALL_MS = 1000 };

#define NUMBER      "123456789018"
#define BABY_NUMBER "900000000015"

static struct test_pki pki;
static struct signer_site site;
static pid_t server;
static struct municipalities *list;
static struct clock moment;
static struct register_store *store;
static struct personal *personal;
static struct counter counter;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

/* Files of the CV certificates, below the site's directory. */
static char certificates[CARDDATA_APPLETS_][TEMPDIR_FILE_SIZE];

static const struct {
    const char *name;
    enum profile_kind kind;
    const char *lines;
} keys[] = {
    {"text-root", PROFILE_SIGN_CA,
     "role = cv-root\nkey_id = 39303030303333080530303100000000\n"
     "subjects = 39303030303334080530303100000000\n"},
    {"visual-root", PROFILE_AUTH_CA,
     "role = cv-root\nkey_id = 39303030303233080530303100000000\n"
     "subjects = 39303030303234080530303100000000\n"},
    {"card-text", PROFILE_SIGN,
     "role = card-data\nkey_id = 39303030303334080530303100000000\napplet = text\n"},
    {"card-visual", PROFILE_AUTH,
     "role = card-data\nkey_id = 39303030303234080530303100000000\napplet = visual\n"},
};

static void configure(void)
{
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    const char *text;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(buf_append_format(&more, NULL, "[key %s]\nallow_uid = %u\n%s",
                                           keys[i].name, (unsigned)geteuid(), keys[i].lines),
                         0);
    assert_int_equal(buf_text(&more, &text, NULL), 0);
    signer_site_configure(&site, "64102", text);
}

static struct key *open_key(const struct signer_config *config, const char *name)
{
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    const struct key_config *row;
    struct key *key = NULL;

    assert_int_equal(secret_copy(BYTES_LITERAL("a passphrase of tests"), &passphrase, NULL), 0);
    assert_int_equal(signer_config_key(config, name, &row, NULL), 0);
    assert_int_equal(key_open(config, row, &passphrase, &key, NULL), 0);
    return key;
}

static void certify(enum carddata_applet applet)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(key_freep) struct key *root = NULL;
    CLEANUP(key_freep) struct key *data = NULL;
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;

    assert_int_equal(signer_config_read(site.config, &config, NULL), 0);
    root = open_key(config, keys[applet].name);
    data = open_key(config, keys[CARDDATA_APPLETS_ + applet].name);
    assert_int_equal(key_certify_card(root, data, &certificate, NULL), 0);
    (void)tempdir_file(&site.dir, applet == CARDDATA_TEXT ? "text.cvc" : "visual.cvc",
                       certificates[applet]);
    assert_int_equal(file_create(certificates[applet], 0600, buf_bytes(&certificate), NULL), 0);
}

static struct personal_setup setup_of(const char *text, const char *visual)
{
    return (struct personal_setup){.signer = site.socket, .certificate = {text, visual}};
}

static int setup_site(void **state)
{
    char path[4096];

    (void)state;
    test_pki_make(&pki);
    signer_site_make(&site, &pki, 1);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        signer_site_add_key(&site, keys[i].name, pki.keys[keys[i].kind]);
    configure();
    certify(CARDDATA_TEXT);
    certify(CARDDATA_VISUAL);
    server = signer_site_start(&site, STALL_MS);
    const struct personal_setup setup = setup_of(certificates[0], certificates[1]);
    assert_int_equal(personal_open(&setup, &personal, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/openjpki/municipalities.tsv", getenv("JPKI_TEST_SHARE"));
    return municipalities_load(path, &list, NULL);
}

static int teardown_site(void **state)
{
    (void)state;
    personal_freep(&personal);
    municipalities_freep(&list);
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    return 0;
}

/* A resident with a blank card. */
static void assign(const char *number, struct caldate birth, const char *serial)
{
    struct resident resident = {.name = "番号　花子",
                                .address = "東京都千代田区見本町一丁目２番３号",
                                .birth = birth,
                                .sex = SEX_UNKNOWN,
                                .municipality = "13101"};
    struct card card;
    bool is_new;

    assert_int_equal(counter_add_resident(&counter, &resident, &(struct number_texts){number, NULL},
                                          &by, &is_new, NULL),
                     0);
    assert_int_equal(counter_add_card(&counter, &(struct card_entry){resident.id, serial, &by},
                                      &card, &is_new, NULL),
                     0);
}

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    moment = clock_fixed(NOW);
    (void)tempdir_file(&site.dir, "r.db", path);
    assert_int_equal(register_store_open(path, &store, NULL), 0);
    counter = (struct counter){.store = store,
                               .municipalities = list,
                               .clock = &moment,
                               .authority = "/nonexistent/a.sock",
                               .window = "003A",
                               .personal = personal,
                               .rule = MYNUMBER_TEST};
    assign(NUMBER, (struct caldate){1990, 4, 15}, "A-00001");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"r.db", "r.db.lock", "r.db-wal", "r.db-shm"};
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    register_store_closep(&store);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)tempdir_file(&site.dir, names[i], path);
        (void)unlink(path);
    }
    return 0;
}

static struct personal_order order_for(const char *serial)
{
    return (struct personal_order){
        .serial = serial,
        .key = {test_pki_spki(&pki, PROFILE_SIGN_CA), test_pki_spki(&pki, PROFILE_AUTH_CA)},
        .by = &by};
}

static int make(const struct personal_order *order, struct personal_card *ret, struct err *err)
{
    return counter_personal_files(&counter, order, ret, err);
}

/* How often a number was read, by the log. */
static size_t readings(void)
{
    CLEANUP(json_freep) struct json *page = NULL;
    const struct json *records;
    const char *text;
    size_t count = 0;

    assert_int_equal(audit_list(register_store_db(store), NULL, &page, NULL), 0);
    assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
    for (size_t i = 0; i < json_count(records); i++) {
        assert_int_equal(json_get_text(json_at(records, i), "act", &text, NULL), 0);
        if (strcmp(text, "mynumber.read") != 0)
            continue;
        assert_int_equal(json_get_text(json_at(records, i), "outcome", &text, NULL), 0);
        assert_string_equal(text, "card");
        assert_int_equal(json_get_text(json_at(records, i), "actor", &text, NULL), 0);
        assert_string_equal(text, by.actor);
        count++;
    }
    return count;
}

static void assert_refused(const struct personal_order *order, int rc, const char *sentence)
{
    struct personal_card card = {.code_a = SECRET_INIT};
    struct err err = {.kind = ERR_NONE};
    size_t before = readings();

    assert_int_equal(make(order, &card, &err), rc);
    assert_string_equal(err.text, sentence);
    assert_int_equal(card.files.count, 0);
    assert_null(card.code_a.ptr);
    assert_int_equal(readings(), before);
}

static void files_that_are_no_certificates_are_refused(void **state)
{
    char path[TEMPDIR_FILE_SIZE];
    struct personal *other = NULL;
    struct personal_setup setup = setup_of(certificates[0], path);

    (void)state;
    (void)tempdir_file(&site.dir, "bad.cvc", path);
    assert_int_equal(personal_open(&setup, &other, NULL), -ERR_ABSENT);
    assert_int_equal(file_create(path, 0600, BYTES_LITERAL("no certificate"), NULL), 0);
    assert_int_equal(personal_open(&setup, &other, NULL), -ERR_INPUT);
    setup = setup_of(certificates[0], certificates[1]);
    setup.font = path;
    assert_int_equal(personal_open(&setup, &other, NULL), -ERR_INPUT);
    assert_null(other);
}

static void a_register_without_keys_for_card_data_makes_none(void **state)
{
    const struct personal_order order = order_for("A-00001");

    (void)state;
    counter.personal = NULL;
    assert_refused(&order, -ERR_REMOTE, "this register has no keys for card data");
}

static void a_card_that_is_not_known_gets_nothing(void **state)
{
    const struct personal_order order = order_for("A-00002");

    (void)state;
    assert_refused(&order, -ERR_ABSENT, "there is no such card");
}

static void keys_that_no_card_has_are_refused_before_the_number_is_read(void **state)
{
    struct personal_order order = order_for("A-00001");
    struct personal_card card = {.code_a = SECRET_INIT};
    struct err err;

    (void)state;
    for (int i = 0; i < CARDDATA_APPLETS_; i++) {
        order = order_for("A-00001");
        order.key[i] = BYTES_LITERAL("garbage");
        assert_int_equal(make(&order, &card, &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, i == CARDDATA_TEXT ? "text_key: " : "visual_key: "));
    }
    assert_int_equal(readings(), 0);
}

static void hand_over(const char *serial)
{
    struct issue issue = {.kind = CERT_AUTH, .not_after = NOW + 1};
    struct card card;

    (void)snprintf(issue.card, sizeof issue.card, "%s", serial);
    assert_int_equal(buf_copy(bytes_text("request"), &issue.request, NULL), 0);
    assert_int_equal(register_begin_issue(store, &issue, NULL, &by, NULL), 0);
    assert_int_equal(buf_copy(x509_cert_der(pki.certs[PROFILE_AUTH]), &issue.certificate, NULL), 0);
    assert_int_equal(buf_copy(bytes_text("ca"), &issue.ca_certificate, NULL), 0);
    assert_int_equal(register_finish_issue(store, &issue, &by, NULL), 0);
    issue_done(&issue);
    assert_int_equal(register_mark_issued(store, serial, &by, NULL), 0);
    assert_int_equal(counter_activate_card(&counter, serial, &by, &card, NULL), 0);
}

/* An act at the counter, of the first resident or card. */
static void act(struct act_entry entry, const char *id)
{
    struct act_done done;

    entry.request_id = id;
    entry.by = &by;
    assert_int_equal(counter_act(&counter, &entry, NULL, &done, NULL), 0);
}

static void what_is_no_longer_true_is_written_anew(void **state)
{
    const struct personal_order order = order_for("A-00001");
    CLEANUP(personal_card_done) struct personal_card files = {.code_a = SECRET_INIT};
    struct act_entry moves = {.act = "move",
                              .told = {.address = "東京都港区見本二丁目", .municipality = "13103"}};
    struct card card;

    (void)state;
    hand_over("A-00001");
    assert_int_equal(register_get_card(store, "A-00001", &card, NULL), 0);
    act((struct act_entry){.act = "pin-reset", .card = "A-00001", .told = {.pin = "auth"}}, "a");
    assert_refused(&order, -ERR_CONFLICT,
                   "the card was handed over, and all that is written on it is still true");
    moves.resident = card.resident;
    act(moves, "b");
    assert_int_equal(make(&order, &files, NULL), 0);
    act((struct act_entry){.act = "return", .card = "A-00001"}, "c");
    assert_refused(&order, -ERR_CONFLICT, "the card is returned; nothing is written on it");
}

static void files_are_made_until_the_card_is_handed_over(void **state)
{
    const struct personal_order order = order_for("A-00001");

    (void)state;
    for (size_t i = 1; i <= 2; i++) {
        CLEANUP(personal_card_done) struct personal_card card = {.code_a = SECRET_INIT};

        assert_int_equal(make(&order, &card, NULL), 0);
        assert_int_equal(readings(), i);
    }
    hand_over("A-00001");
    assert_refused(&order, -ERR_CONFLICT,
                   "the card was handed over, and all that is written on it is still true");
}

/* The certificate on the card would not fit the signatures beside it. */
static void certificates_of_other_keys_are_found_out(void **state)
{
    const struct personal_order order = order_for("A-00001");
    const struct personal_setup setup = setup_of(certificates[1], certificates[0]);
    CLEANUP(personal_freep) struct personal *swapped = NULL;

    (void)state;
    assert_int_equal(personal_open(&setup, &swapped, NULL), 0);
    counter.personal = swapped;
    assert_refused(&order, -ERR_SYSTEM,
                   "signerd's card-text is another key than in its CV certificate");
}

static void without_signerd_no_number_is_read(void **state)
{
    const struct personal_order order = order_for("A-00001");
    struct personal_card card = {.code_a = SECRET_INIT};

    (void)state;
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    assert_int_equal(personal_ping(personal, NULL), -ERR_REMOTE);
    assert_int_equal(make(&order, &card, NULL), -ERR_REMOTE);
    assert_int_equal(readings(), 0);
    server = signer_site_start(&site, STALL_MS);
    assert_int_equal(personal_ping(personal, NULL), 0);
}

static struct bytes value_of(struct bytes whole, uint32_t tag)
{
    struct tlv element;

    assert_int_equal(tlv_find(whole, tag, &element, NULL), 0);
    return element.value;
}

static void assert_signed(enum profile_kind kind, struct bytes data, struct bytes signature)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct digest digest;

    assert_int_equal(pubkey_from_spki(test_pki_spki(&pki, kind), &key, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, data, &digest, NULL), 0);
    assert_int_equal(pubkey_verify(key, &digest, signature, NULL), 0);
}

static void what_is_made_is_of_this_resident_and_signed(void **state)
{
    const struct personal_order order = order_for("A-00001");
    CLEANUP(personal_card_done) struct personal_card card = {.code_a = SECRET_INIT};
    struct card known;
    char code_b[CARDHOLDER_CODE_B_SIZE + 1];

    (void)state;
    assert_int_equal(make(&order, &card, NULL), 0);
    assert_int_equal(register_get_card(store, "A-00001", &known, NULL), 0);
    struct bytes number = carddata_files_find(&card.files, "text", 0x0001);
    assert_true(bytes_equal(value_of(number, 0xff10), BYTES_LITERAL(NUMBER)));
    assert_true(bytes_equal(secret_bytes(&card.code_a), BYTES_LITERAL(NUMBER)));
    struct bytes attributes = value_of(carddata_files_find(&card.files, "text", 0x0002), 0xff20);
    assert_true(bytes_equal(value_of(attributes, 0xdf22), bytes_text("番号　花子")));
    assert_true(bytes_equal(value_of(attributes, 0xdf24), BYTES_LITERAL("19900415")));
    assert_true(bytes_equal(value_of(attributes, 0xdf25), BYTES_LITERAL("9")));
    struct bytes digests = value_of(carddata_files_find(&card.files, "text", 0x0003), 0xff30);
    assert_signed(PROFILE_SIGN, bytes_part(digests, 0, 70), value_of(digests, 0xdf33));
    struct bytes age = value_of(carddata_files_find(&card.files, "visual", 0x0001), 0xff10);
    assert_signed(PROFILE_AUTH, bytes_part(age, 0, 281), value_of(age, 0xdf13));
    /* Heisei 2, the year the card ends, the code under the photo (card.md 3.4). */
    (void)snprintf(code_b, sizeof code_b, "020415%04d%s", known.expires_on.year,
                   known.security_code);
    assert_string_equal(card.code_b, code_b);
    assert_string_equal(card.code_birth, "020415");
    struct bytes record = carddata_files_find(&card.files, "common", 0x0001);
    assert_memory_equal(record.ptr,
                        "\x01\x1c"
                        "00000000550000113101",
                        22); /* "A-" are 5, 5 */
}

static size_t photo_size(const char *serial)
{
    const struct personal_order order = order_for(serial);
    CLEANUP(personal_card_done) struct personal_card card = {.code_a = SECRET_INIT};

    assert_int_equal(make(&order, &card, NULL), 0);
    return value_of(value_of(carddata_files_find(&card.files, "visual", 0x0002), 0xff20), 0xdf27)
        .len;
}

static void who_is_under_one_has_no_photo(void **state)
{
    struct caldate today = caltime_at(NOW, JST_OFFSET_SECONDS).date;
    struct caldate tomorrow = caltime_at(NOW + 86400, JST_OFFSET_SECONDS).date;

    (void)state;
    tomorrow.year--;
    assign(BABY_NUMBER, tomorrow, "B-1");
    assert_int_equal(photo_size("B-1"), 0);
    today.year--;
    assign("900000000023", today, "B-2");
    assert_true(photo_size("B-2") > 100);
}

/* The whole answer as a clerk's program gets it: nothing that its row does not declare. */
static void a_clerk_gets_files_and_codes(void **state)
{
    CLEANUP(json_freep) struct json *keys_json = json_object_new();
    CLEANUP(http_response_done) struct http_response answer = {.status = 0};
    const char *text;

    (void)state;
    assert_int_equal(json_put_base64(keys_json, "text_key", order_for("").key[0], NULL), 0);
    assert_int_equal(json_put_base64(keys_json, "visual_key", order_for("").key[1], NULL), 0);
    assert_int_equal(
        order_run(&counter, "/v1/cards/A-00001/personal-files", keys_json, &answer, NULL), 0);
    assert_int_equal(answer.status, 200);
    assert_int_equal(buf_text(&answer.body, &text, NULL), 0);
    assert_non_null(strstr(text, "\"codes\":{\"a\":\"" NUMBER "\",\"b\":\"020415"));
    assert_non_null(strstr(text, "\"files\":{\"text\":{\"0001\":\"/xAMMTIz"));
    assert_non_null(strstr(text, "\"5F51\":\""));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_no_certificates_are_refused),
        EACH(a_register_without_keys_for_card_data_makes_none),
        EACH(a_card_that_is_not_known_gets_nothing),
        EACH(keys_that_no_card_has_are_refused_before_the_number_is_read),
        EACH(files_are_made_until_the_card_is_handed_over),
        EACH(what_is_no_longer_true_is_written_anew),
        EACH(certificates_of_other_keys_are_found_out),
        EACH(without_signerd_no_number_is_read),
        EACH(what_is_made_is_of_this_resident_and_signed),
        EACH(who_is_under_one_has_no_photo),
        EACH(a_clerk_gets_files_and_codes),
    };

    return cmocka_run_group_tests(tests, setup_site, teardown_site);
}
