/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of revocation feeds in the hands of others, alone and in a verifier. */
#include "base/file.h"
#include "border/border.h"
#include "libjpki-verify/limits.h"
#include "support/feed.h"
#include "support/signed.h"
#include "support/tempdir.h"
#include "verify/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpki/verify.h>

enum { NOW = TEST_PKI_NOW, HOLDER = 2 }; /* the holder's serial number (support/pki.c) */

static struct test_pki pki;
static struct test_feed made;
static struct buf snapshot, delta; /* of 10 numbers; the delta revokes the holder's */
static jpki_feed *feed;
static jpki_verifier *verifier;
static struct jpki_error error;

static struct jpki_bytes cert_bytes(enum profile_kind kind)
{
    return give_bytes(x509_cert_der(pki.certs[kind]));
}

static int make_pki(void **state)
{
    CLEANUP(buf_done) struct buf ignored = BUF_INIT;

    (void)state;
    test_pki_make(&pki);
    test_feed_begin(&made, &pki, PROFILE_FEED_SIGN);
    test_feed_step(&made, (struct test_step){9, 0, 0}, &ignored);
    test_feed_snapshot(&made, &snapshot);
    test_feed_step(&made, (struct test_step){0, HOLDER, 0}, &delta);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_feed_done(&made);
    buf_done(&snapshot);
    buf_done(&delta);
    test_pki_done(&pki);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    error = (struct jpki_error){0};
    assert_int_equal(jpki_feed_new(cert_bytes(PROFILE_SIGN_CA), &feed, NULL), 0);
    assert_int_equal(jpki_verifier_new(&verifier, NULL), 0);
    assert_int_equal(jpki_verifier_add_ca(verifier, cert_bytes(PROFILE_SIGN_CA), NULL), 0);
    return jpki_verifier_add_ca(verifier, cert_bytes(PROFILE_AUTH_CA), NULL);
}

static int tear_down(void **state)
{
    (void)state;
    jpki_verifier_free(verifier);
    jpki_feed_free(feed);
    return 0;
}

static void assert_refused(int rc, enum jpki_error_kind kind)
{
    assert_int_equal(rc, -(int)kind);
    assert_int_equal(error.kind, kind);
    assert_int_not_equal(strlen(error.text), 0);
}

static unsigned take(const struct buf *items)
{
    unsigned taken = 99;

    assert_int_equal(jpki_feed_take(feed, give_bytes(buf_bytes(items)), NOW, &taken, NULL), 0);
    return taken;
}

static enum jpki_feed_answer ask(const char *octets, size_t size)
{
    return jpki_feed_ask(feed, give_bytes(bytes_of(octets, size)), NOW);
}

static void what_is_no_ca_has_no_feed(void **state)
{
    const struct jpki_bytes nowhere = {NULL, 1};
    jpki_feed *none = NULL;

    (void)state;
    assert_refused(jpki_feed_new(nowhere, &none, &error), JPKI_ERROR_USAGE);
    assert_refused(jpki_feed_new(give_bytes(bytes_text("x")), &none, &error), JPKI_ERROR_INPUT);
    assert_refused(jpki_feed_new(cert_bytes(PROFILE_SIGN), &none, &error), JPKI_ERROR_UNTRUSTED);
    assert_null(none);
    jpki_feed_free(NULL);
}

static void what_cannot_be_read_or_believed_changes_nothing(void **state)
{
    const struct jpki_bytes nowhere = {NULL, 1};
    CLEANUP(buf_done) struct buf forged = BUF_INIT;

    (void)state;
    assert_int_equal(take(&snapshot), 1);
    assert_refused(jpki_feed_take(feed, nowhere, NOW, NULL, &error), JPKI_ERROR_USAGE);
    assert_refused(jpki_feed_take(feed, give_bytes(bytes_text("items")), NOW, NULL, &error),
                   JPKI_ERROR_INPUT);
    assert_int_equal(buf_copy(buf_bytes(&delta), &forged, NULL), 0);
    forged.ptr[forged.len - 1] ^= 1;
    assert_refused(jpki_feed_take(feed, give_bytes(buf_bytes(&forged)), NOW, NULL, &error),
                   JPKI_ERROR_UNTRUSTED);
    assert_refused(jpki_feed_take(feed, give_bytes(buf_bytes(&delta)), NOW - JPKI_CLOCK_SKEW - 1,
                                  NULL, &error),
                   JPKI_ERROR_UNTRUSTED);
    assert_int_equal(ask("\x02", 1), JPKI_FEED_GOOD);
    assert_int_equal(jpki_feed_edition(feed), 2);
}

static void a_copy_tells_where_it_stands(void **state)
{
    (void)state;
    assert_int_equal(jpki_feed_edition(feed), 0);
    assert_int_equal(jpki_feed_number(feed), 0);
    assert_true(jpki_feed_this_update(feed) == JPKI_NO_TIME);
    assert_true(jpki_feed_next_update(feed) == JPKI_NO_TIME);
    assert_int_equal(take(&snapshot), 1);
    assert_int_equal(take(&delta), 1);
    assert_int_equal(take(&delta), 0);
    assert_int_equal(jpki_feed_edition(feed), 3);
    assert_int_equal(jpki_feed_number(feed), 1);
    assert_int_equal(jpki_feed_this_update(feed), NOW);
    assert_int_equal(jpki_feed_next_update(feed), NOW + TEST_FEED_SECONDS);
}

static void serial_numbers_are_octets(void **state)
{
    (void)state;
    assert_int_equal(ask("\x02", 1), JPKI_FEED_NOT_COVERED);
    assert_int_equal(take(&snapshot), 1);
    assert_int_equal(take(&delta), 1);
    assert_int_equal(ask("\x02", 1), JPKI_FEED_REVOKED);
    assert_int_equal(ask("\x00\x00\x02", 3), JPKI_FEED_REVOKED);
    assert_int_equal(ask("\x0a", 1), JPKI_FEED_GOOD);
    assert_int_equal(ask("\x0b", 1), JPKI_FEED_NOT_COVERED);
    assert_int_equal(ask("", 0), JPKI_FEED_NOT_COVERED);
    /* Not the low four octets of it. */
    assert_int_equal(ask("\x01\x00\x00\x00\x02", 5), JPKI_FEED_NOT_COVERED);
}

static void write_file(const struct tempdir *dir, const char *name, struct bytes data)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(dir, name, path), 0600, data, NULL), 0);
}

static void items_are_read_from_files_and_directories(void **state)
{
    struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    unsigned taken = 0;

    (void)state;
    (void)tempdir_file(&dir, "nothing", path);
    assert_refused(jpki_feed_load(feed, path, NOW, NULL, &error), JPKI_ERROR_ABSENT);
    write_file(&dir, "b.feed", buf_bytes(&snapshot));
    write_file(&dir, "a.feed", buf_bytes(&delta));
    write_file(&dir, "c.txt", bytes_text("nothing of a feed"));
    write_file(&dir, ".feed", bytes_text("a name without a beginning"));
    assert_int_equal(jpki_feed_load(feed, tempdir_file(&dir, "b.feed", path), NOW, &taken, NULL),
                     0);
    assert_int_equal(taken, 1);
    path[strlen(path) - strlen("/b.feed")] = '\0';
    assert_int_equal(jpki_feed_load(feed, path, NOW, &taken, NULL), 0);
    assert_int_equal(taken, 1);
    assert_int_equal(ask("\x02", 1), JPKI_FEED_REVOKED);
    write_file(&dir, "d.feed", bytes_text("garbage"));
    assert_refused(jpki_feed_load(feed, path, NOW, NULL, &error), JPKI_ERROR_INPUT);
    tempdir_done(&dir);
}

static void files_at_the_limit_are_read_and_one_past_it_refused(void **state)
{
    struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    char name[32];

    (void)state;
    for (int i = 0; i < FEED_FILES_MAX; i++) {
        FILE *file;

        (void)snprintf(name, sizeof name, "%d.feed", i);
        file = fopen(tempdir_file(&dir, name, path), "w");
        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
    }
    path[strrchr(path, '/') - path] = '\0';
    assert_int_equal(jpki_feed_load(feed, path, NOW, NULL, NULL), 0);
    write_file(&dir, "more.feed", bytes_text(""));
    assert_refused(jpki_feed_load(feed, path, NOW, NULL, &error), JPKI_ERROR_INPUT);
    tempdir_done(&dir);
}

static void feeds_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    (void)state;
    for (int i = 0; i < VERIFIER_FEEDS_MAX; i++)
        assert_int_equal(jpki_verifier_add_feed(verifier, feed, NULL), 0);
    assert_refused(jpki_verifier_add_feed(verifier, feed, &error), JPKI_ERROR_INPUT);
}

/* The verdict about a certificate, and the first reason. */
static enum jpki_verdict judge(enum profile_kind kind, enum jpki_use use, int64_t at,
                               enum jpki_reason *ret_reason)
{
    jpki_report *report = NULL;
    enum jpki_verdict verdict;

    assert_int_equal(jpki_verify_certificate(verifier, cert_bytes(kind), use, at, &report, NULL),
                     0);
    verdict = jpki_report_verdict(report);
    *ret_reason = jpki_report_reason(report, 0);
    if (*ret_reason == JPKI_REASON_REVOKED) {
        assert_true(jpki_report_revoked_at(report) == JPKI_NO_TIME);
        assert_int_equal(jpki_report_revocation_reason(report), -1);
        assert_int_equal(jpki_report_status_time(report), NOW);
    }
    jpki_report_free(report);
    return verdict;
}

static void assert_judged(int64_t at, enum jpki_verdict verdict, enum jpki_reason reason)
{
    enum jpki_reason got;

    assert_int_equal(judge(PROFILE_SIGN, JPKI_USE_SIGN, at, &got), verdict);
    assert_int_equal(got, reason);
}

static void a_verifier_with_a_feed_alone_knows_who_is_revoked(void **state)
{
    enum jpki_reason reason;

    (void)state;
    assert_int_equal(jpki_verifier_add_feed(verifier, feed, NULL), 0);
    assert_judged(NOW, JPKI_INDETERMINATE, JPKI_REASON_FEED_TOO_OLD); /* empty */
    assert_int_equal(take(&snapshot), 1);
    assert_judged(NOW, JPKI_VALID, JPKI_REASON_NONE);
    assert_judged(NOW + TEST_FEED_SECONDS + 1, JPKI_INDETERMINATE, JPKI_REASON_FEED_TOO_OLD);
    assert_int_equal(take(&delta), 1);
    assert_judged(NOW, JPKI_INVALID, JPKI_REASON_REVOKED);
    /* The other CA's are not covered, whatever their numbers. */
    assert_int_equal(judge(PROFILE_AUTH, JPKI_USE_AUTH, NOW, &reason), JPKI_INDETERMINATE);
    assert_int_equal(reason, JPKI_REASON_FEED_NOT_COVERED);
}

static void add_list(const struct revocation *entry)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct test_list list = test_list_of(&pki, NOW);

    list.entries = entry;
    list.count = entry != NULL;
    test_list_make(&list, &der);
    assert_int_equal(jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(&der)), NULL), 0);
}

static void what_the_feed_says_comes_before_lists(void **state)
{
    (void)state;
    assert_int_equal(jpki_verifier_add_feed(verifier, feed, NULL), 0);
    add_list(NULL);
    assert_judged(NOW, JPKI_VALID, JPKI_REASON_NONE); /* by the list: the copy is empty */
    assert_int_equal(take(&snapshot), 1);
    assert_int_equal(take(&delta), 1);
    assert_judged(NOW, JPKI_INVALID, JPKI_REASON_REVOKED);
}

static void what_the_feed_does_not_cover_is_in_lists(void **state)
{
    const struct revocation entry = {HOLDER, NOW - 60, CRL_CERTIFICATE_HOLD};

    (void)state;
    assert_int_equal(jpki_verifier_add_feed(verifier, feed, NULL), 0);
    add_list(&entry);
    assert_judged(NOW, JPKI_INVALID, JPKI_REASON_HELD);
    assert_int_equal(take(&snapshot), 1); /* which is newer than the list */
    assert_judged(NOW, JPKI_VALID, JPKI_REASON_NONE);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_is_no_ca_has_no_feed),
        EACH(what_cannot_be_read_or_believed_changes_nothing),
        EACH(a_copy_tells_where_it_stands),
        EACH(serial_numbers_are_octets),
        EACH(items_are_read_from_files_and_directories),
        EACH(files_at_the_limit_are_read_and_one_past_it_refused),
        EACH(feeds_at_the_limit_are_taken_and_one_past_it_refused),
        EACH(a_verifier_with_a_feed_alone_knows_who_is_revoked),
        EACH(what_the_feed_says_comes_before_lists),
        EACH(what_the_feed_does_not_cover_is_in_lists),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
