/* SPDX-License-Identifier: Apache-2.0 */
/* What bodies of the exchange know people by: to whom it is told, for whom, and for which card. */
#include "crypto/jwe.h"
#include "register/relocation.h"
#include "support/codes_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- refusals ---- */

static void who_is_not_the_exchange_is_refused_with_a_record(void **state)
{
    struct codes_answer answer;
    char claims[256];

    (void)state;
    site_give_card("C1");
    codes_claim(codes_auth_serial(), clock_now(&site.clock), claims);
    codes_ask_with(CLERK_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(codes_logged("codes.refused", "no-purpose"), 1);
    codes_ask_with(STRANGER_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    codes_post(PORTAL_UID, "/v1/residents/x/exchange-codes", "{\"bodies\": [\"PORTAL\"]}", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(codes_logged("codes.told", "disclosure"), 0);
}

static void what_is_no_reference_is_refused(void **state)
{
    static const struct {
        const char *claims;
        unsigned status;
    } rows[] = {
        {"{}", 400},
        {"x", 400},
        {"{\"issuer_key_id\": \"00\", \"serial\": \"1\", \"iat\": 1}", 400},
        {"{\"issuer_key_id\": \"0123456789012345678901234567890123456789\", \"serial\": \"01\","
         " \"iat\": 1}",
         400},
        {"{\"issuer_key_id\": \"0123456789012345678901234567890123456789\", \"serial\": \"1\","
         " \"iat\": 1, \"more\": 1}",
         400},
        {"{\"issuer_key_id\": \"0123456789012345678901234567890123456789\", \"serial\": \"1\","
         " \"iat\": 1}",
         422}, /* long ago */
    };
    struct codes_answer answer;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        codes_ask_with(PORTAL_UID, rows[i].claims, "[\"PORTAL\"]", &answer);
        assert_int_equal(answer.status, rows[i].status);
    }
    codes_post(PORTAL_UID, "/v1/exchange-codes",
               "{\"person_reference\": \"x\", \"bodies\": [\"A\"]}", &answer);
    assert_int_equal(answer.status, 400);
}

static void a_reference_for_another_key_or_changed_is_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(pubkey_freep) struct pubkey *other_public = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct codes_answer answer;
    char reference[2048];
    char claims[256];
    char body[4096];

    (void)state;
    assert_int_equal(privkey_generate(2048, &other, NULL), 0);
    assert_int_equal(privkey_spki(other, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &other_public, NULL), 0);
    codes_claim(codes_auth_serial(), clock_now(&site.clock), claims);
    codes_encrypt(other_public, claims, reference);
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"bodies\": [\"A\"]}",
                   reference);
    codes_post(PORTAL_UID, "/v1/exchange-codes", body, &answer);
    assert_int_equal(answer.status, 422);
    codes_encrypt(codes_site.public, claims, reference);
    strrchr(reference, '.')[-2] ^= 1; /* of the ciphertext */
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"bodies\": [\"A\"]}",
                   reference);
    codes_post(PORTAL_UID, "/v1/exchange-codes", body, &answer);
    assert_true(answer.status == 422 || answer.status == 400);
    assert_null(strstr(answer.text, "codes\""));
}

static void a_reference_counts_as_long_as_a_session(void **state)
{
    int64_t now = clock_now(&site.clock);
    const struct {
        int64_t made_at;
        unsigned status;
    } rows[] = {
        {now + CODE_REFERENCE_AHEAD_SECONDS, 200},
        {now + CODE_REFERENCE_AHEAD_SECONDS + 1, 422},
        {now - CODE_REFERENCE_SECONDS, 200},
        {now - CODE_REFERENCE_SECONDS - 1, 422},
    };
    struct codes_answer answer;
    char claims[256];

    (void)state;
    site_give_card("C1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        codes_claim(codes_auth_serial(), rows[i].made_at, claims);
        codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &answer);
        assert_int_equal(answer.status, rows[i].status);
    }
}

static void bodies_have_a_form_and_a_number(void **state)
{
    CLEANUP(buf_done) struct buf many = BUF_INIT;
    struct codes_answer answer;
    const char *text;

    (void)state;
    site_give_card("C1");
    codes_ask("[]", &answer);
    assert_int_equal(answer.status, 400);
    codes_ask("[\"m13101\"]", &answer);
    assert_int_equal(answer.status, 400);
    codes_ask("[1]", &answer);
    assert_int_equal(answer.status, 400);
    codes_ask("[\"A234567890123456\"]", &answer); /* CODE_BODY_MAX */
    assert_int_equal(answer.status, 200);
    codes_ask("[\"A2345678901234567\"]", &answer);
    assert_int_equal(answer.status, 400);
    for (int i = 0; i < CODE_BODIES_MAX; i++)
        assert_int_equal(buf_append_format(&many, NULL, "%c\"B%d\"", i == 0 ? '[' : ',', i), 0);
    assert_int_equal(buf_append_text(&many, "]", NULL), 0);
    assert_int_equal(buf_text(&many, &text, NULL), 0);
    codes_ask(text, &answer);
    assert_int_equal(answer.status, 200);
    many.len--;
    assert_int_equal(buf_append_text(&many, ",\"C\"]", NULL), 0);
    assert_int_equal(buf_text(&many, &text, NULL), 0);
    codes_ask(text, &answer);
    assert_int_equal(answer.status, 400);
}

/* ---- who ---- */

static void an_unknown_certificate_and_one_that_is_over_are_told_apart(void **state)
{
    struct codes_answer answer;
    char claims[256];

    (void)state;
    codes_ask("[\"PORTAL\"]", &answer); /* nobody has a card yet */
    assert_int_equal(answer.status, 404);
    site_give_card("C1");
    codes_claim(codes_auth_serial() + 1, clock_now(&site.clock), claims);
    codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 404);
    codes_ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 200);
    site_act(act_of_card("loss", "C1"));
    codes_ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:gone"));
    assert_null(strstr(answer.text, "code\""));
}

static void each_body_has_another_code_which_stays(void **state)
{
    struct codes_answer before;
    struct codes_answer after;
    uint8_t code[CODE_BYTES];
    uint8_t other[CODE_BYTES];

    (void)state;
    site_give_card("C1");
    codes_ask("[\"PORTAL\", \"M13101\"]", &before);
    assert_int_equal(before.status, 200);
    assert_int_equal(codes_logged("codes.told", "disclosure"), 1);
    assert_int_equal(codes_derive(codes_site.codes, site.resident, "PORTAL", code, NULL), 0);
    assert_int_equal(codes_derive(codes_site.codes, site.resident, "M13101", other, NULL), 0);
    assert_memory_not_equal(code, other, sizeof code);
    assert_int_equal(codes_derive(codes_site.codes, "another", "PORTAL", other, NULL), 0);
    assert_memory_not_equal(code, other, sizeof code);
    /* The municipality's program, which files records, is told the same. */
    {
        char path[128];

        (void)snprintf(path, sizeof path, "/v1/residents/%s/exchange-codes", site.resident);
        codes_post(CLERK_UID, path, "{\"bodies\": [\"PORTAL\", \"M13101\"]}", &after);
        assert_string_equal(after.text, before.text);
    }
    codes_freep(&codes_site.codes);
    site_reopen();
    codes_site_open();
    codes_ask("[\"PORTAL\", \"M13101\"]", &after);
    assert_string_equal(after.text, before.text);
    assert_null(strstr(after.text, site.resident));
}

/* ---- extracts ---- */

static void extract(uid_t uid, const char *extent, struct codes_answer *ret)
{
    char claims[256];

    codes_claim(codes_auth_serial(), clock_now(&site.clock), claims);
    codes_extract(uid, claims, extent, ret);
}

static void extracts_are_for_the_exchange_as_much_as_it_asks_for(void **state)
{
    struct codes_answer answer;

    (void)state;
    site_give_card("C1");
    extract(CLERK_UID, "resident", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(codes_logged("codes.refused", "no-purpose"), 1);
    extract(STRANGER_UID, "resident", &answer);
    assert_int_equal(answer.status, 403);
    extract(PORTAL_UID, "everything", &answer);
    assert_int_equal(answer.status, 400);
    extract(PORTAL_UID, "municipality", &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.text, "{\"municipality\":\"13101\"}");
    assert_int_equal(codes_logged("extract.told", "municipality"), 1);
    extract(PORTAL_UID, "resident", &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, "番号　花子"));
    assert_non_null(strstr(answer.text, "\"birth_date\":\""));
    assert_null(strstr(answer.text, "number"));
    assert_int_equal(codes_logged("extract.told", "resident"), 1);
}

static void who_has_left_or_lost_the_card_gets_no_extract(void **state)
{
    struct act_entry leaves = act_of_resident("move-out");
    struct codes_answer answer;

    (void)state;
    site_give_card("C1");
    leaves.told.date = "2026-12-01";
    site_act(leaves);
    extract(PORTAL_UID, "resident", &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:not-here"));
    site_act(act_of_card("loss", "C1"));
    extract(PORTAL_UID, "resident", &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:gone"));
    assert_int_equal(codes_logged("extract.told", "resident"), 0);
}

/* ---- who came to live somewhere else ---- */

static void move_to(const char *act, const char *municipality, const char *address,
                    const char *date)
{
    struct act_entry moves = act_of_resident(act);

    moves.told.municipality = municipality;
    moves.told.address = address;
    moves.told.date = date;
    site_act(moves);
}

static void list_relocations(uid_t uid, int64_t after, struct codes_answer *ret)
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"after\": %lld}", (long long)after);
    codes_post(uid, "/v1/relocations", body, ret);
}

static void moves_are_told_to_the_exchange_alone(void **state)
{
    struct codes_answer answer;

    (void)state;
    move_to("move", "13101", "東京都千代田区見本町九丁目９番９号", NULL);
    list_relocations(CLERK_UID, 0, &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(codes_logged("codes.refused", "no-purpose"), 1);
    list_relocations(STRANGER_UID, 0, &answer);
    assert_int_equal(answer.status, 403);
    codes_post(PORTAL_UID, "/v1/relocations", "{}", &answer);
    assert_int_equal(answer.status, 400);
    assert_int_equal(codes_logged("codes.told", "relocation"), 0);
    list_relocations(PORTAL_UID, 0, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(codes_logged("codes.told", "relocation"), 1);
    codes_freep(&codes_site.codes);
    site.counter.codes = NULL;
    list_relocations(PORTAL_UID, 0, &answer);
    assert_int_equal(answer.status, 403);
}

/* By the codes of both sides, with the address before, from the day on that was notified. */
static void a_move_is_told_as_both_municipalities_know_the_person(void **state)
{
    struct codes_answer codes, answer;
    struct act_entry leaves = act_of_resident("move-out");
    char old[23], new[23], expected[256];

    (void)state;
    site_give_card("C1");
    codes_ask("[\"M13101\", \"M27100\"]", &codes);
    assert_int_equal(codes.status, 200);
    (void)snprintf(old, sizeof old, "%s", strstr(codes.text, "\"code\":\"") + 8);
    (void)snprintf(new, sizeof new, "%s", strstr(strstr(codes.text, "M27100"), "\"code\":\"") + 8);
    leaves.told.date = "2026-11-20";
    site_act(leaves);
    list_relocations(PORTAL_UID, 0, &answer); /* nobody has arrived */
    (void)snprintf(expected, sizeof expected,
                   "{\"relocations\":[{\"number\":1,\"from\":{\"body\":\"M13101\",\"code\":\"%s\"},"
                   "\"standing\":\"leaving\",\"since\":\"2026-11-20\",\"former_address\":\"\"}]}",
                   old);
    assert_string_equal(answer.text, expected);
    move_to("move-in", "27100", "大阪府大阪市北区見本一丁目１番１号", "2026-11-21");
    list_relocations(PORTAL_UID, 1, &answer);
    (void)snprintf(expected, sizeof expected,
                   "\"number\":2,\"from\":{\"body\":\"M13101\",\"code\":\"%s\"},"
                   "\"standing\":\"here\",\"to\":",
                   old);
    assert_non_null(strstr(answer.text, expected));
    (void)snprintf(expected, sizeof expected,
                   "{\"body\":\"M27100\",\"code\":\"%s\"},\"since\":\"2026-11-21\"", new);
    assert_non_null(strstr(answer.text, expected));
    assert_non_null(strstr(answer.text, "\"former_address\":\"東京都千代田区"));
    list_relocations(PORTAL_UID, 2, &answer);
    assert_string_equal(answer.text, "{\"relocations\":[]}");
}

/* As of the day on which it was notified; a change of the name is none. */
static void whoever_moved_abroad_or_died_is_told_once_each(void **state)
{
    struct relocation list[REGISTER_RELOCATIONS_MAX];
    struct act_entry renamed = act_of_resident("name");
    size_t count;

    (void)state;
    renamed.told.name = "見本　百合";
    site_act(renamed);
    site_act(act_of_resident("abroad"));
    site_act(act_of_resident("death"));
    assert_int_equal(register_list_relocations(site.store, 0, list, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].standing, STANDING_ABROAD);
    assert_int_equal(list[1].standing, STANDING_DEAD);
    for (size_t i = 0; i < count; i++) {
        const struct caldate today = caltime_at(clock_now(&site.clock), JST_OFFSET_SECONDS).date;

        assert_string_equal(list[i].from, "13101");
        assert_string_equal(list[i].former_address, "");
        assert_int_equal(caldate_compare(list[i].since, today), 0);
    }
}

static void moves_are_told_so_many_at_once(void **state)
{
    struct codes_answer answer;

    (void)state;
    for (int i = 0; i < REGISTER_RELOCATIONS_MAX + 1; i++) {
        char address[64];

        (void)snprintf(address, sizeof address, "東京都千代田区見本町%d", i);
        move_to("move", "13101", address, NULL);
    }
    for (int behind = 0; behind < 2; behind++) {
        struct relocation list[REGISTER_RELOCATIONS_MAX];
        size_t count;

        assert_int_equal(register_list_relocations(site.store, behind, list, &count, NULL), 0);
        assert_int_equal(count, REGISTER_RELOCATIONS_MAX);
        assert_int_equal(list[0].number, behind + 1);
        assert_int_equal(
            register_list_relocations(site.store, REGISTER_RELOCATIONS_MAX, list, &count, NULL), 0);
        assert_int_equal(count, 1);
    }
    list_relocations(PORTAL_UID, REGISTER_RELOCATIONS_MAX, &answer);
    assert_int_equal(answer.status, 200);
}

static void both_certificates_of_a_card_are_of_one_person(void **state)
{
    const struct tbs *sign = x509_cert_tbs(site_pki.certs[PROFILE_SIGN]);
    struct codes_answer by_auth, by_sign;
    char claims[256];

    (void)state;
    site_give_card("C1");
    codes_ask("[\"PORTAL\"]", &by_auth);
    assert_int_equal(by_auth.status, 200);
    codes_claim_of(sign, (int64_t)tbs_serial_number(sign), clock_now(&site.clock), claims);
    codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &by_sign);
    assert_int_equal(by_sign.status, 200);
    assert_string_equal(by_auth.text, by_sign.text);
}

/* With another key nobody would be who they were: better nothing. */
static void another_key_of_signerd_is_refused_at_the_start(void **state)
{
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    struct codes *none = NULL;

    (void)state;
    assert_int_equal(privkey_generate(2048, &other, NULL), 0);
    token_signer.key = other;
    assert_int_equal(codes_open(&codes_site_setup, site.store, &none, NULL), -ERR_CONFLICT);
    token_signer = (struct token_signer){.key = codes_site.key, .is_down = true};
    assert_int_equal(codes_open(&codes_site_setup, site.store, &none, NULL), -ERR_REMOTE);
    assert_null(none);
}

static void without_a_key_no_codes_are_told(void **state)
{
    struct codes_answer answer;

    (void)state;
    site_give_card("C1");
    token_signer.is_down = true;
    codes_ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 503);
    codes_freep(&codes_site.codes);
    site.counter.codes = NULL;
    codes_ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(codes_logged("codes.told", "disclosure"), 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, codes_set_up, codes_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(who_is_not_the_exchange_is_refused_with_a_record),
        CASE(what_is_no_reference_is_refused),
        CASE(a_reference_for_another_key_or_changed_is_refused),
        CASE(a_reference_counts_as_long_as_a_session),
        CASE(bodies_have_a_form_and_a_number),
        CASE(an_unknown_certificate_and_one_that_is_over_are_told_apart),
        CASE(each_body_has_another_code_which_stays),
        CASE(both_certificates_of_a_card_are_of_one_person),
        CASE(extracts_are_for_the_exchange_as_much_as_it_asks_for),
        CASE(who_has_left_or_lost_the_card_gets_no_extract),
        CASE(moves_are_told_to_the_exchange_alone),
        CASE(a_move_is_told_as_both_municipalities_know_the_person),
        CASE(whoever_moved_abroad_or_died_is_told_once_each),
        CASE(moves_are_told_so_many_at_once),
        CASE(another_key_of_signerd_is_refused_at_the_start),
        CASE(without_a_key_no_codes_are_told),
    };

    return cmocka_run_group_tests(tests, codes_make, codes_release);
}
