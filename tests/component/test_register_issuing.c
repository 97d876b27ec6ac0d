/* SPDX-License-Identifier: Apache-2.0 */
/* How long certificates live, who gets none, and what the routes take and tell. */
#include "register/routes.h"
#include "x509/csr.h"
#include "x509/name.h"

#include "support/register_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A request for a certificate of the key of that kind. */
static void make_request(enum profile_kind of, struct buf *ret)
{
    static const struct name_row subject[] = {{OID_COMMON_NAME, DER_UTF8_STRING, "card"}};
    const struct privkey *key = site_pki.keys[of];
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(name_build(subject, 1, &name, NULL), 0);
    assert_int_equal(csr_build_info(buf_bytes(&name), test_pki_spki(&site_pki, of), &info, NULL),
                     0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&info), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(csr_assemble(buf_bytes(&info), KEY_RSA, buf_bytes(&signature), ret, NULL), 0);
}

/* Ask for both certificates, or for an auth one alone; the authority does not answer. */
static int ask(const char *serial, bool with_sign)
{
    const struct audit_origin by = site_clerk();
    CLEANUP(buf_done) struct buf sign = BUF_INIT;
    CLEANUP(buf_done) struct buf auth = BUF_INIT;
    CLEANUP(issuing_done) struct issuing issuing = {.by = &by};

    make_request(PROFILE_AUTH, &auth);
    issuing.requests[CERT_AUTH] = buf_bytes(&auth);
    if (with_sign) {
        make_request(PROFILE_SIGN, &sign);
        issuing.requests[CERT_SIGN] = buf_bytes(&sign);
    }
    return counter_issue(&site.counter, serial, NULL, &issuing, NULL);
}

/* The end that an auth certificate was asked for with. */
static void assert_asked_end(const char *serial, struct caldate expected)
{
    const struct audit_origin by = site_clerk();
    CLEANUP(issue_done) struct issue issue = {.kind = CERT_AUTH};

    (void)snprintf(issue.card, sizeof issue.card, "%s", serial);
    make_request(PROFILE_AUTH, &issue.request);
    assert_int_equal(register_begin_issue(site.store, &issue, NULL, &by, NULL), 0);
    assert_int_equal(issue.not_after, day_end(expected));
}

/* The authority is not there, so that whether it is asked can be seen. */
static void what_was_not_answered_for_a_minute_is_asked_again(void **state)
{
    unsigned count = 1;

    (void)state;
    assert_int_equal(site_try_card("A-1", false), 0);
    site_set_time(DAY(2026, 11, 23), 12, 0, 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    site_set_time(DAY(2026, 11, 23), 12, 1, 0);
    assert_int_equal(counter_resume_issues(&site.counter, &count, NULL), 0);
    assert_int_equal(count, 0);
    site_set_time(DAY(2026, 11, 23), 12, 1, 1);
    assert_int_equal(counter_resume_issues(&site.counter, &count, NULL), -ERR_REMOTE);
    assert_int_equal(count, 0);
}

static void who_is_under_fifteen_gets_no_sign_certificate(void **state)
{
    (void)state;
    site_add_resident(DAY(2011, 11, 24), DAY(0, 0, 0));
    assert_int_equal(site_try_card("A-1", false), 0);
    site_set_time(DAY(2026, 11, 23), 23, 59, 59);
    assert_int_equal(ask("A-1", true), -ERR_DENIED);
    site_set_time(DAY(2026, 11, 24), 0, 0, 0);
    assert_int_equal(ask("A-1", true), -ERR_REMOTE);
}

static void a_certificate_ends_with_the_fifth_birthday(void **state)
{
    (void)state;
    site_add_resident(DAY(1990, 4, 15), DAY(0, 0, 0));
    assert_int_equal(site_try_card("A-1", false), 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2031, 4, 15));
}

static void born_on_29_february_it_ends_on_the_28th(void **state)
{
    (void)state;
    site_add_resident(DAY(2000, 2, 29), DAY(0, 0, 0));
    assert_int_equal(site_try_card("A-1", false), 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2031, 2, 28));
}

static void a_certificate_ends_with_the_stay(void **state)
{
    (void)state;
    site_add_resident(DAY(1990, 4, 15), DAY(2028, 3, 31));
    assert_int_equal(site_try_card("A-1", false), 0);
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2028, 3, 31));
}

static void a_renewed_certificate_ends_with_the_sixth_birthday(void **state)
{
    (void)state;
    site_give_card("A-1"); /* certificates until 15 April 2031 */
    site_set_day(DAY(2031, 1, 14));
    assert_int_equal(ask("A-1", false), -ERR_CONFLICT);
    site_set_day(DAY(2031, 1, 15));
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2036, 4, 15));
}

static void certificates_ended_for_another_reason_get_no_sixth_birthday(void **state)
{
    (void)state;
    site_give_card("A-1");
    site_set_day(DAY(2031, 1, 15));
    site_act(act_of_card("revoke", "A-1"));
    assert_int_equal(ask("A-1", false), -ERR_REMOTE);
    assert_asked_end("A-1", DAY(2035, 4, 15));
}

static bool is_in(const char *const *values, const char *name)
{
    while (*values != NULL && strcmp(*values, name) != 0)
        values++;
    return *values != NULL;
}

/* What the route takes as "act". */
static const char *const *values_of(const char *path)
{
    const struct route *row = register_act_orders;

    while (strcmp(row->path, path) != 0)
        row++;
    for (const struct http_member *member = row->body; member->name != NULL; member++)
        if (strcmp(member->name, "act") == 0)
            return member->values;
    fail_msg("%s takes no act", path);
    return NULL;
}

static void the_routes_name_all_acts_and_no_others(void **state)
{
    const char *const *of_residents = values_of("/v1/residents/:id/acts");
    const char *const *of_cards = values_of("/v1/cards/:id/acts");
    const struct life_act *found;

    (void)state;
    for (const struct life_act *act = life_acts; act->name != NULL; act++) {
        assert_int_equal(is_in(of_residents, act->name), !act->is_of_card && !act->is_own);
        assert_int_equal(is_in(of_cards, act->name), act->is_of_card && !act->is_own);
    }
    for (; *of_residents != NULL; of_residents++)
        assert_int_equal(life_act_find(*of_residents, false, &found, NULL), 0);
    for (; *of_cards != NULL; of_cards++)
        assert_int_equal(life_act_find(*of_cards, true, &found, NULL), 0);
}

/* In how many rows of bodies; none asks for one in a query or answers one. */
static unsigned numbers_taken(const struct route *const *table, const char *number)
{
    unsigned taking = 0;

    for (; *table != NULL; table++) {
        for (const struct route *row = *table; row->path != NULL; row++) {
            for (const struct http_member *m = row->body; m != NULL && m->name != NULL; m++)
                taking += strcmp(m->name, number) == 0;
            for (const struct http_member *m = row->query; m != NULL && m->name != NULL; m++)
                assert_string_not_equal(m->name, number);
            for (const struct http_answer *a = row->answers; a->status != 0; a++)
                for (const struct http_member *m = a->members; m != NULL && m->name != NULL; m++)
                    assert_string_not_equal(m->name, number);
        }
    }
    return taking;
}

/* Nobody is told an individual number or a resident code as such. One is taken to record a
 * resident; an individual number also by a registrar who looks for somebody and says what for. */
static void numbers_are_taken_for_a_resident_or_a_purpose_and_none_is_given(void **state)
{
    (void)state;
    assert_int_equal(numbers_taken(register_routes, "mynumber"), 1);
    assert_int_equal(numbers_taken(register_routes, "resident_code"), 0);
    assert_int_equal(numbers_taken(register_orders, "mynumber"), 1);
    assert_int_equal(numbers_taken(register_orders, "resident_code"), 1);
}

#define EACH(test)    cmocka_unit_test_setup_teardown(test, site_set_up_hanako, site_tear_down)
#define WITHOUT(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_was_not_answered_for_a_minute_is_asked_again),
        WITHOUT(who_is_under_fifteen_gets_no_sign_certificate),
        WITHOUT(a_certificate_ends_with_the_fifth_birthday),
        WITHOUT(born_on_29_february_it_ends_on_the_28th),
        WITHOUT(a_certificate_ends_with_the_stay),
        EACH(a_renewed_certificate_ends_with_the_sixth_birthday),
        EACH(certificates_ended_for_another_reason_get_no_sixth_birthday),
        cmocka_unit_test(the_routes_name_all_acts_and_no_others),
        cmocka_unit_test(numbers_are_taken_for_a_resident_or_a_purpose_and_none_is_given),
    };

    return cmocka_run_group_tests(tests, site_make_pki, site_release_pki);
}
