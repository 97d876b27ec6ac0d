/* SPDX-License-Identifier: Apache-2.0 */
#include "support/register_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct register_site site;
struct test_pki site_pki;
static struct municipalities *list;

int site_make_pki(void **state)
{
    char path[4096];

    (void)state;
    test_pki_make(&site_pki);
    (void)snprintf(path, sizeof path, "%s/openjpki/municipalities.tsv", getenv("JPKI_TEST_SHARE"));
    return municipalities_load(path, &list, NULL);
}

int site_release_pki(void **state)
{
    (void)state;
    test_pki_done(&site_pki);
    municipalities_freep(&list);
    return 0;
}

static void open_store(void)
{
    assert_int_equal(register_store_open(site.path, &site.store, NULL), 0);
    site.counter.store = site.store;
}

void site_reopen(void)
{
    register_store_closep(&site.store);
    open_store();
}

void site_set_time(struct caldate day, int hour, int minute, int second)
{
    site.clock = clock_fixed(
        caltime_utc((struct caltime){day, hour, minute, second}, JST_OFFSET_SECONDS));
}

void site_set_day(struct caldate day)
{
    site_set_time(day, 10, 0, 0);
}

struct audit_origin site_clerk(void)
{
    return (struct audit_origin){.at = clock_now(&site.clock), .actor = "uid:1000"};
}

void site_add_resident(struct caldate birth, struct caldate stay_until)
{
    const struct audit_origin by = site_clerk();
    struct resident hanako = {.name = "番号　花子",
                              .address = "東京都千代田区見本町一丁目２番３号",
                              .birth = birth,
                              .sex = SEX_FEMALE,
                              .municipality = "13101",
                              .stay_until = stay_until};
    bool is_new;

    assert_int_equal(counter_add_resident(&site.counter, &hanako,
                                          &(struct number_texts){"123456789018", NULL}, &by,
                                          &is_new, NULL),
                     0);
    memcpy(site.resident, hanako.id, sizeof site.resident);
}

int site_try_card(const char *serial, bool is_further)
{
    const struct audit_origin by = site_clerk();
    const struct card_entry entry = {site.resident, serial, &by, is_further};
    struct card card;
    bool is_new;

    return counter_add_card(&site.counter, &entry, &card, &is_new, NULL);
}

int site_set_up(void **state)
{
    (void)state;
    site = (struct register_site){.dir = tempdir_make()};
    site_set_day(DAY(2026, 11, 23));
    tempdir_file(&site.dir, "r.db", site.path);
    tempdir_file(&site.dir, "a.sock", site.authority);
    site.counter = (struct counter){.municipalities = list,
                                    .clock = &site.clock,
                                    .authority = site.authority,
                                    .window = "003A",
                                    .rule = MYNUMBER_TEST};
    open_store();
    return 0;
}

int site_set_up_hanako(void **state)
{
    (void)site_set_up(state);
    site_add_resident(DAY(1990, 4, 15), DAY(0, 0, 0));
    return 0;
}

int site_tear_down(void **state)
{
    (void)state;
    register_store_closep(&site.store);
    tempdir_done(&site.dir);
    return 0;
}

void site_issue(const char *card, enum cert_kind kind, struct bytes certificate, int64_t end)
{
    const struct audit_origin by = site_clerk();
    CLEANUP(issue_done) struct issue issue = {.kind = kind, .not_after = end};

    (void)snprintf(issue.card, sizeof issue.card, "%s", card);
    assert_int_equal(buf_append_format(&issue.request, NULL, "request %u", site.ids++), 0);
    assert_int_equal(register_begin_issue(site.store, &issue, NULL, &by, NULL), 0);
    if (certificate.len == 0)
        return;
    assert_int_equal(buf_copy(certificate, &issue.certificate, NULL), 0);
    assert_int_equal(buf_copy(bytes_text("ca"), &issue.ca_certificate, NULL), 0);
    assert_int_equal(register_finish_issue(site.store, &issue, &by, NULL), 0);
}

struct bytes site_cert(enum profile_kind kind)
{
    return x509_cert_der(site_pki.certs[kind]);
}

void site_hand_over(const char *serial, int64_t end)
{
    const struct audit_origin by = site_clerk();
    struct card card;

    site_issue(serial, CERT_SIGN, site_cert(PROFILE_SIGN), end);
    site_issue(serial, CERT_AUTH, site_cert(PROFILE_AUTH), end);
    assert_int_equal(register_mark_issued(site.store, serial, &by, NULL), 0);
    assert_int_equal(counter_activate_card(&site.counter, serial, &by, &card, NULL), 0);
}

void site_give_card(const char *serial)
{
    assert_int_equal(site_try_card(serial, false), 0);
    site_hand_over(serial, day_end(DAY(2031, 4, 15)));
}

struct act_entry act_of_resident(const char *act)
{
    return (struct act_entry){.act = act, .resident = site.resident};
}

struct act_entry act_of_card(const char *act, const char *serial)
{
    return (struct act_entry){.act = act, .card = serial};
}

int site_act_as(struct act_entry entry, const char *id, struct act_done *done, struct err *err)
{
    const struct audit_origin by = site_clerk();

    entry.request_id = id;
    entry.by = &by;
    return counter_act(&site.counter, &entry, NULL, done, err);
}

int site_try_act(struct act_entry entry)
{
    struct act_done done;
    char id[16];

    (void)snprintf(id, sizeof id, "t-%u", site.ids++);
    return site_act_as(entry, id, &done, NULL);
}

void site_act(struct act_entry entry)
{
    assert_int_equal(site_try_act(entry), 0);
}

void assert_card_state(const char *serial, enum card_state expected)
{
    struct card card;

    assert_int_equal(register_get_card(site.store, serial, &card, NULL), 0);
    assert_string_equal(card_state_name(card.state), card_state_name(expected));
}

void assert_orders(int64_t *above, const char *const expected[])
{
    struct revocation_order order = {.id = *above};
    char text[64];

    for (size_t i = 0; expected[i] != NULL; i++) {
        assert_int_equal(register_next_revocation(site.store, order.id, &order, NULL), 0);
        (void)snprintf(text, sizeof text, "%s %s", order.kind, order.reason);
        assert_string_equal(text, expected[i]);
    }
    *above = order.id;
    assert_int_equal(register_next_revocation(site.store, order.id, &order, NULL), -ERR_ABSENT);
}
