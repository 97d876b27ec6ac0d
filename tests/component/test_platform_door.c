/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform that asks a real authority over a socket, with requests that the role of its key has
 * approved: who has a new certificate stays who he is, and nobody becomes somebody else because the
 * authority cannot be asked.
 */
#include "platform/door.h"

#include "authority/party/party.h"
#include "platform/login/holder.h"
#include "platform/login/login.h"
#include "support/auditlog.h"
#include "support/door_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct authority_site *const site = &door_sites.authority;
static struct platform_site *const other = &door_sites.platform;

/* A certificate by its number, as the platform names it. */
struct named {
    uint8_t octets[4];
    struct holder_key key;
};

static void name(enum ca_kind kind, uint32_t serial, struct named *ret)
{
    size_t zeros = 0;

    for (int i = 0; i < 4; i++)
        ret->octets[i] = (uint8_t)(serial >> (24 - 8 * i));
    while (zeros < 3 && ret->octets[zeros] == 0)
        zeros++;
    ret->key = (struct holder_key){
        x509_cert_tbs(authority_ca(&site->authority, kind, 1)->certificate)->subject_key_id,
        bytes_of(ret->octets + zeros, 4 - zeros)};
}

/* Somebody logs in with a certificate; his pseudonym at the bank. */
static int log_in(uint32_t serial, char ret[LOGIN_SUBJECT_SIZE], struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(&other->clock));
    struct opened_login opened;
    struct named named;

    name(CA_AUTH, serial, &named);
    assert_int_equal(login_open(&other->platform, "bank", &opened, NULL), 0);
    TRY(holder_recognise(&other->platform, door_signer, &named.key, opened.login.session, &by,
                         err));
    assert_int_equal(platform_answer_login(other->platform.store, opened.login.session, &named.key,
                                           "valid", &by, NULL),
                     0);
    assert_int_equal(
        login_redeem(&other->platform, opened.login.session, opened.secret, NULL, ret, NULL), 0);
    return 0;
}

static void take_step(enum party_step step)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);

    assert_int_equal(authority_take_step(site->store, SITE_PARTY, step, &by, NULL), 0);
}

static uint32_t issue_later(const char *subject)
{
    door_site_later(&door_sites, 10);
    return authority_site_issue(site, CA_AUTH, subject);
}

static void nobody_becomes_somebody_else_while_the_authority_cannot_be_asked(void **state)
{
    char first[LOGIN_SUBJECT_SIZE];
    char then[LOGIN_SUBJECT_SIZE];
    uint32_t old = issue_later(SITE_HANAKO);
    uint32_t new = issue_later(SITE_HANAKO);
    struct err err = {0};

    (void)state;
    assert_int_equal(log_in(old, first, &err), 0);
    other->platform.door.socket = "/nonexistent/v.sock";
    assert_int_equal(log_in(new, then, &err), -ERR_REMOTE);
    assert_int_equal(log_in(old, then, &err), 0); /* who is known needs no authority */
    assert_string_equal(first, then);
    other->platform.door.socket = door_sites.door->path;
    token_signer.is_down = true;
    assert_int_equal(log_in(new, then, &err), -ERR_REMOTE);
    token_signer.is_down = false;
    other->platform.door.origin = "https://other.example"; /* signerd refuses that */
    assert_int_equal(log_in(new, then, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "another service"));
    other->platform.door.origin = SITE_ORIGIN;
    take_step(PARTY_SUSPEND);
    assert_int_equal(log_in(new, then, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "no verifier that may ask"));
    take_step(PARTY_RESUME);
    assert_int_equal(log_in(new, then, &err), 0);
    assert_string_equal(first, then);
}

static void a_pseudonym_outlives_certificates_and_is_one_persons(void **state)
{
    char first[LOGIN_SUBJECT_SIZE];
    char then[LOGIN_SUBJECT_SIZE];
    uint32_t old = issue_later(SITE_HANAKO);
    uint32_t taro = issue_later(SITE_TARO);
    uint32_t newest = 0;

    (void)state;
    assert_int_equal(log_in(old, first, NULL), 0);
    assert_int_equal(log_in(taro, then, NULL), 0);
    assert_string_not_equal(first, then);
    for (int i = 0; i < 3; i++) /* two that never were shown here */
        newest = issue_later(SITE_HANAKO);
    assert_int_equal(log_in(newest, then, NULL), 0);
    assert_string_equal(first, then);
    assert_int_equal(log_in(newest, then, NULL), 0);
    assert_string_equal(first, then);
    assert_int_equal(
        authority_site_count(site, "SELECT count(*) FROM audit WHERE act = 'link.answered'"),
        2 + 3); /* once nothing before each first one, then three steps back */
}

/* Once, with the login that showed the new certificate. */
static void that_somebody_is_recognised_is_in_the_log(void **state)
{
    char subject[LOGIN_SUBJECT_SIZE];
    uint32_t old = issue_later(SITE_HANAKO);
    uint32_t new = issue_later(SITE_HANAKO);
    struct json *log;

    (void)state;
    assert_int_equal(log_in(old, subject, NULL), 0);
    assert_int_equal(log_in(new, subject, NULL), 0);
    assert_int_equal(log_in(new, subject, NULL), 0);
    assert_int_equal(audit_list(platform_store_db(other->platform.store), NULL, &log, NULL), 0);
    assert_log(log, "tenant.added self\n"
                    "tenant.added self\n"
                    "login.answered self valid\n"
                    "login.redeemed client:bank\n"
                    "holder.shown client:bank\n"
                    "holder.linked self\n"
                    "login.answered self valid\n"
                    "login.redeemed client:bank\n"
                    "login.answered self valid\n"
                    "login.redeemed client:bank\n");
}

static void whoever_the_authority_does_not_know_is_somebody_new(void **state)
{
    char first[LOGIN_SUBJECT_SIZE];
    char then[LOGIN_SUBJECT_SIZE];

    (void)state;
    assert_int_equal(log_in(4000000, first, NULL), 0);
    assert_int_equal(log_in(4000001, then, NULL), 0);
    assert_string_not_equal(first, then);
}

static void a_person_is_looked_for_so_many_certificates_back(void **state)
{
    char first[LOGIN_SUBJECT_SIZE];
    char then[LOGIN_SUBJECT_SIZE];
    uint32_t newest = issue_later(SITE_HANAKO);

    (void)state;
    assert_int_equal(log_in(newest, first, NULL), 0);
    for (int i = 0; i < LINKS_MAX; i++)
        newest = issue_later(SITE_HANAKO);
    assert_int_equal(log_in(newest, then, NULL), 0);
    assert_string_equal(first, then);
    for (int i = 0; i < LINKS_MAX + 1; i++)
        newest = issue_later(SITE_HANAKO);
    assert_int_equal(log_in(newest, then, NULL), 0);
    assert_string_not_equal(first, then);
}

static void a_platform_learns_where_it_stands(void **state)
{
    struct standing standing = {.name = ""};
    struct err err = {0};

    (void)state;
    if (door_standing(&other->platform, door_signer, &standing, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(standing.name, SITE_PARTY);
    assert_true(standing.verifies_sign);
    assert_true(standing.verifies_auth);
    take_step(PARTY_SUSPEND);
    assert_int_equal(door_standing(&other->platform, door_signer, &standing, &err), -ERR_REMOTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DOOR_SITES(nobody_becomes_somebody_else_while_the_authority_cannot_be_asked),
        WITH_DOOR_SITES(a_pseudonym_outlives_certificates_and_is_one_persons),
        WITH_DOOR_SITES(that_somebody_is_recognised_is_in_the_log),
        WITH_DOOR_SITES(whoever_the_authority_does_not_know_is_somebody_new),
        WITH_DOOR_SITES(a_person_is_looked_for_so_many_certificates_back),
        WITH_DOOR_SITES(a_platform_learns_where_it_stands),
    };

    return cmocka_run_group_tests(tests, door_sites_make, door_sites_done);
}
