/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/crl_status.h"

#include "base/file.h"
#include "revocation/crl_write.h"
#include "support/pki.h"
#include "support/revocations.h"
#include "support/tempdir.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki other;   /* the same names, other keys */
static struct anchors *anchors; /* the CAs of the first */
static const struct crl_limits limits = {8, 100};

static const struct revocation others[] = {{1, TEST_PKI_NOW - 100, CRL_KEY_COMPROMISE},
                                           {3, TEST_PKI_NOW - 90, CRL_SUPERSEDED}};
static const struct revocation moved[] = {{2, TEST_PKI_NOW - 50, CRL_AFFILIATION_CHANGED}};
static const struct revocation held[] = {{2, TEST_PKI_NOW - 50, CRL_CERTIFICATE_HOLD}};

/* A list to be made, good until a test changes it. */
struct list {
    struct crl_head head;
    const struct revocation *entries;
    size_t count;
    const struct privkey *signer;
};

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_AUTH_CA], NULL), 0);
    return anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    anchors_freep(&anchors);
    return 0;
}

static struct list good_list(void)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);

    return (struct list){
        .head = {.issuer = ca->subject,
                 .authority_key_id = ca->subject_key_id,
                 .number = 1,
                 .this_update = TEST_PKI_NOW - 3600,
                 .next_update = TEST_PKI_NOW + 3600,
                 .distribution_point = x509_cert_tbs(pki.certs[PROFILE_SIGN])->distribution_point,
                 .scope = CRL_SCOPE_USERS},
        .entries = others,
        .count = 2,
        .signer = pki.keys[PROFILE_SIGN_CA]};
}

static void make(const struct list *list, struct buf *ret)
{
    struct test_revocations array = {.entries = list->entries, .count = list->count};
    struct revocation_source source = test_revocations_source(&array);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct crl_sink sink = crl_sink_buf(&tbs);
    struct crl_sink whole = crl_sink_buf(ret);
    struct digest digest;

    assert_int_equal(crl_write_tbs(&list->head, &source, &sink, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(list->signer, &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &whole, NULL), 0);
}

/* The same bytes under a signature that fits them again. */
static void sign_again(struct buf *der)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct crl_sink whole = crl_sink_buf(der);
    struct digest digest;
    struct crl crl;

    assert_int_equal(crl_parse(buf_bytes(der), CRL_FILE_MAX, &crl, NULL), 0);
    assert_int_equal(buf_copy(crl.tbs, &tbs, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN_CA], &digest, &signature, NULL), 0);
    buf_clear(der);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &whole, NULL), 0);
}

static void save(const struct tempdir *dir, const char *name, const struct list *list)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];

    make(list, &der);
    assert_int_equal(file_replace(tempdir_file(dir, name, path), 0600, buf_bytes(&der), NULL), 0);
}

static struct crl_lists *lists_of(const char *path)
{
    struct crl_lists *lists = NULL;

    assert_int_equal(crl_lists_new(anchors, &limits, &lists, NULL), 0);
    assert_int_equal(crl_lists_set_path(lists, path, NULL), 0);
    return lists;
}

static struct status ask_at(const struct crl_lists *lists, int64_t at, struct report *report)
{
    const struct status_question question = {pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA],
                                             at};
    struct status_source source = crl_lists_source(lists);
    struct status status = {.answer = STATUS_GOOD};

    *report = (struct report){.verdict = VERDICT_VALID};
    assert_int_equal(source.look(source.context, &question, report, &status, NULL), 0);
    return status;
}

static struct status look(const char *path, struct report *report)
{
    CLEANUP(crl_lists_freep) struct crl_lists *lists = lists_of(path);

    return ask_at(lists, TEST_PKI_NOW, report);
}

/* Exactly this reason, and nothing is known. */
static void assert_path_says(const char *path, enum reason reason)
{
    struct report report;

    assert_int_equal(look(path, &report).answer, STATUS_NOT_KNOWN);
    assert_int_equal(report.reason_count, 1);
    assert_string_equal(reason_name(report.reasons[0]), reason_name(reason));
    assert_int_equal(report.verdict, VERDICT_INDETERMINATE);
}

/* The same with one list in a directory of its own. */
static void assert_list_says(const struct list *list, enum reason reason)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();

    save(&dir, "a.crl", list);
    assert_path_says(dir.path, reason);
}

static struct status assert_list(const struct list *list, struct report *report)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();

    save(&dir, "a.crl", list);
    return look(dir.path, report);
}

static void without_a_list_nothing_is_known(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    struct list list = good_list();

    (void)state;
    assert_path_says(dir.path, REASON_CRL_MISSING);
    assert_path_says(tempdir_file(&dir, "none", path), REASON_CRL_MISSING);
    save(&dir, "a.txt", &list);
    assert_path_says(dir.path, REASON_CRL_MISSING);
}

static void a_list_of_another_place_or_for_cas_covers_nothing(void **state)
{
    struct list list = good_list();

    (void)state;
    list.head.distribution_point = list.head.issuer;
    assert_list_says(&list, REASON_CRL_MISSING);
    list = good_list();
    list.head.scope = CRL_SCOPE_CAS;
    assert_list_says(&list, REASON_CRL_MISSING);
}

static void a_list_of_another_issuer_is_refused_whatever_its_name(void **state)
{
    struct list list = good_list();

    (void)state;
    list.head.authority_key_id = x509_cert_tbs(other.certs[PROFILE_SIGN_CA])->subject_key_id;
    list.signer = other.keys[PROFILE_SIGN_CA];
    assert_list_says(&list, REASON_CRL_OTHER_ISSUER);
    list = good_list();
    list.head.issuer = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject;
    assert_list_says(&list, REASON_CRL_OTHER_ISSUER);
}

static void a_list_with_a_wrong_signature_is_refused(void **state)
{
    struct list list = good_list();

    (void)state;
    list.signer = other.keys[PROFILE_SIGN_CA];
    assert_list_says(&list, REASON_CRL_FORGED);
}

/* Its own key, its own name: all that is missing is that it may not (RFC 5280, 6.3.3 (f)). */
static void a_list_by_somebody_who_may_sign_no_lists_is_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    const struct x509_cert *holder = pki.certs[PROFILE_SIGN];
    const struct status_question question = {holder, holder, TEST_PKI_NOW};
    CLEANUP(crl_lists_freep) struct crl_lists *lists = lists_of(dir.path);
    struct status_source source = crl_lists_source(lists);
    struct report report = {.verdict = VERDICT_VALID};
    struct status status = {.answer = STATUS_GOOD};
    struct list list = good_list();

    (void)state;
    list.head.issuer = x509_cert_tbs(holder)->subject;
    list.head.authority_key_id = x509_cert_tbs(holder)->subject_key_id;
    list.signer = pki.keys[PROFILE_SIGN];
    save(&dir, "a.crl", &list);
    assert_int_equal(source.look(source.context, &question, &report, &status, NULL), 0);
    assert_int_equal(status.answer, STATUS_NOT_KNOWN);
    assert_true(report_has(&report, REASON_CRL_FORGED));
}

static void a_list_holds_from_this_to_next_update(void **state)
{
    struct list list = good_list();
    struct report report;

    (void)state;
    list.head.next_update = TEST_PKI_NOW - 1;
    assert_list_says(&list, REASON_CRL_EXPIRED);
    list.head.next_update = TEST_PKI_NOW;
    assert_int_equal(assert_list(&list, &report).answer, STATUS_GOOD);
    list = good_list();
    list.head.this_update = TEST_PKI_NOW + STATUS_SKEW + 1;
    assert_list_says(&list, REASON_CRL_FROM_FUTURE);
    list.head.this_update = TEST_PKI_NOW + STATUS_SKEW;
    assert_int_equal(assert_list(&list, &report).answer, STATUS_GOOD);
}

static void files_that_are_no_lists_are_named(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    (void)tempdir_file(&dir, "bad.crl", path);
    assert_int_equal(file_replace(path, 0600, bytes_text("garbage"), NULL), 0);
    assert_path_says(dir.path, REASON_CRL_UNREADABLE);
    assert_path_says(path, REASON_CRL_UNREADABLE);
}

/* A list that is followed by zeros to that size: as long as it is read, it is refused as DER. */
static void a_file_ends_at_its_limit(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    struct list list = good_list();
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    save(&dir, "a.crl", &list);
    (void)tempdir_file(&dir, "a.crl", path);
    assert_int_equal(truncate(path, CRL_FILE_MAX), 0);
    assert_int_equal(file_read(path, CRL_FILE_MAX, &contents, NULL), 0);
    assert_path_says(path, REASON_CRL_UNREADABLE);
    assert_int_equal(truncate(path, (off_t)CRL_FILE_MAX + 1), 0);
    assert_path_says(path, REASON_CRL_UNREADABLE);
}

static void revoked_and_held_are_told_apart(void **state)
{
    struct list list = good_list();
    struct report report;
    struct status status;

    (void)state;
    list.entries = moved;
    list.count = 1;
    status = assert_list(&list, &report);
    assert_true(report.reason_count == 1 && report.reasons[0] == REASON_REVOKED);
    assert_int_equal(report.verdict, VERDICT_INVALID);
    assert_int_equal(status.answer, STATUS_REVOKED);
    assert_int_equal(status.revoked_at, TEST_PKI_NOW - 50);
    assert_int_equal(status.reason, CRL_AFFILIATION_CHANGED);
    list.entries = held;
    (void)assert_list(&list, &report);
    assert_true(report.reason_count == 1 && report.reasons[0] == REASON_HELD);
    assert_int_equal(report.verdict, VERDICT_INVALID);
}

/* Read in whatever order: both names and both orders of creation. */
static void of_several_lists_the_newest_that_holds_counts(void **state)
{
    struct list older = good_list();
    struct list newer = good_list();
    struct list forged = good_list();

    (void)state;
    newer.head.this_update++;
    newer.entries = moved;
    newer.count = 1;
    forged.head.this_update += 2;
    forged.signer = other.keys[PROFILE_SIGN_CA];
    for (int i = 0; i < 4; i++) {
        CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
        struct list *const both[] = {&older, &newer};
        struct report report;

        save(&dir, i < 2 ? "1.crl" : "2.crl", both[i % 2]);
        save(&dir, i < 2 ? "2.crl" : "1.crl", both[1 - i % 2]);
        save(&dir, "3.crl", &forged);
        assert_int_equal(look(dir.path, &report).answer, STATUS_REVOKED);
        assert_int_equal(report.reason_count, 1);
    }
}

static void lists_in_memory_and_below_a_path_are_one_search(void **state)
{
    CLEANUP(crl_lists_freep) struct crl_lists *lists = NULL;
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf older = BUF_INIT;
    struct list list = good_list();
    struct report report;

    (void)state;
    assert_int_equal(crl_lists_new(anchors, &limits, &lists, NULL), 0);
    assert_false(crl_lists_are_any(lists));
    assert_int_equal(crl_lists_add(lists, BYTES_LITERAL("garbage"), NULL), 0);
    assert_true(crl_lists_are_any(lists));
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_NOT_KNOWN);
    assert_true(report.reason_count == 1 && report_has(&report, REASON_CRL_UNREADABLE));
    make(&list, &older);
    assert_int_equal(crl_lists_add(lists, buf_bytes(&older), NULL), 0);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_GOOD);
    assert_int_equal(report.reason_count, 0);
    list.head.this_update++;
    list.entries = moved;
    list.count = 1;
    save(&dir, "a.crl", &list);
    assert_int_equal(crl_lists_set_path(lists, dir.path, NULL), 0);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_REVOKED);
}

static void a_certificate_that_is_not_listed_is_good(void **state)
{
    struct list list = good_list();
    struct report report;

    (void)state;
    assert_int_equal(assert_list(&list, &report).answer, STATUS_GOOD);
    assert_int_equal(report.verdict, VERDICT_VALID);
    list.head.distribution_point = bytes_text(""); /* a full list */
    list.count = 0;
    assert_int_equal(assert_list(&list, &report).answer, STATUS_GOOD);
}

/* Each list answers for its own time, and nobody for the time between them. */
static void questions_about_the_past_are_answered_by_lists_of_the_past(void **state)
{
    enum { DAY = 86400 };
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_lists_freep) struct crl_lists *lists = lists_of(dir.path);
    struct list list = good_list();
    struct report report;

    (void)state;
    list.head.this_update = TEST_PKI_NOW - 2 * DAY;
    list.head.next_update = TEST_PKI_NOW - DAY;
    save(&dir, "old.crl", &list);
    list.head.this_update = TEST_PKI_NOW - 60;
    list.head.next_update = TEST_PKI_NOW + DAY;
    list.entries = moved;
    list.count = 1;
    save(&dir, "new.crl", &list);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW - 2 * DAY, &report).answer, STATUS_GOOD);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW - DAY, &report).answer, STATUS_GOOD);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_REVOKED);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW - DAY + 1, &report).answer, STATUS_NOT_KNOWN);
    assert_true(report_has(&report, REASON_CRL_EXPIRED));
    assert_true(report_has(&report, REASON_CRL_FROM_FUTURE));
    assert_int_equal(report.verdict, VERDICT_INDETERMINATE);
}

/* The order is the CA's to choose (RFC 5280, 5.1.2.6), a serial twice is not. */
static void a_serial_twice_makes_the_list_unreadable_and_another_order_does_not(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct list list = good_list();
    struct report report;
    uint8_t *first = NULL;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    make(&list, &der);
    for (size_t i = 0; i + 8 < der.len && first == NULL; i++) /* INTEGER 1, UTCTime */
        if (bytes_equal(bytes_of(der.ptr + i, 5), BYTES_LITERAL("\x02\x01\x01\x17\x0d")))
            first = der.ptr + i + 2;
    assert_non_null(first);
    *first = 3; /* as the second entry */
    sign_again(&der);
    (void)tempdir_file(&dir, "a.crl", path);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&der), NULL), 0);
    assert_path_says(dir.path, REASON_CRL_UNREADABLE);
    *first = 5; /* behind the second one */
    sign_again(&der);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&der), NULL), 0);
    assert_int_equal(look(dir.path, &report).answer, STATUS_GOOD);
}

/* Whatever becomes of one byte, the certificate is never good by it. */
static void a_corrupted_list_is_never_believed(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct list list = good_list();
    struct report report;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    list.entries = moved;
    list.count = 1;
    make(&list, &der);
    (void)tempdir_file(&dir, "a.crl", path);
    for (size_t i = 0; i < der.len; i += 3) {
        der.ptr[i] ^= 0x10;
        assert_int_equal(file_replace(path, 0600, buf_bytes(&der), NULL), 0);
        der.ptr[i] ^= 0x10;
        assert_int_equal(look(path, &report).answer, STATUS_NOT_KNOWN);
        assert_int_equal(report.verdict, VERDICT_INDETERMINATE);
    }
}

static void a_list_that_comes_goes_or_is_replaced_is_noticed_at_once(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_lists_freep) struct crl_lists *lists = lists_of(dir.path);
    struct list list = good_list();
    struct report report;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_NOT_KNOWN);
    save(&dir, "a.crl", &list);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_GOOD);
    usleep(20000); /* a tick of the file system's clock */
    list.head.this_update++;
    list.entries = moved;
    list.count = 1;
    save(&dir, "a.crl", &list);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_REVOKED);
    usleep(20000);
    assert_int_equal(unlink(tempdir_file(&dir, "a.crl", path)), 0);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_NOT_KNOWN);
}

/* Names stay, and what is in the file is the same size: only its times tell. */
static void a_file_that_is_written_in_place_is_noticed_within_a_second(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_lists_freep) struct crl_lists *lists = lists_of(dir.path);
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct list list = good_list();
    struct report report;
    char path[TEMPDIR_FILE_SIZE];
    FILE *file;

    (void)state;
    list.entries = moved;
    list.count = 1;
    save(&dir, "a.crl", &list);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_REVOKED);
    assert_true(report_has(&report, REASON_REVOKED));
    usleep(20000);
    list.entries = held;
    make(&list, &der);
    file = fopen(tempdir_file(&dir, "a.crl", path), "r+b");
    assert_non_null(file);
    assert_int_equal(fwrite(der.ptr, 1, der.len, file), der.len);
    assert_int_equal(fclose(file), 0);
    usleep(1100000);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_REVOKED);
    assert_true(report_has(&report, REASON_HELD));
}

/* It was nobody's before: lists are judged again. */
static void a_ca_that_is_added_later_vouches_for_lists_that_are_there(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(anchors_freep) struct anchors *few = NULL;
    CLEANUP(crl_lists_freep) struct crl_lists *lists = NULL;
    struct list list = good_list();
    struct report report;

    (void)state;
    save(&dir, "a.crl", &list);
    assert_int_equal(anchors_new(&few, NULL), 0);
    assert_int_equal(crl_lists_new(few, &limits, &lists, NULL), 0);
    assert_int_equal(crl_lists_set_path(lists, dir.path, NULL), 0);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_NOT_KNOWN);
    assert_true(report_has(&report, REASON_CRL_FORGED));
    assert_int_equal(anchors_add(few, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_GOOD);
}

static void files_beyond_the_limit_leave_it_unknown(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    struct list list = good_list();
    struct report report;

    (void)state;
    list.head.distribution_point = list.head.issuer; /* of another place */
    for (size_t i = 0; i < limits.files; i++)
        save(&dir, (char[]){(char)('a' + i), '.', 'c', 'r', 'l', '\0'}, &list);
    assert_path_says(dir.path, REASON_CRL_MISSING);
    save(&dir, "z.crl", &list);
    assert_int_equal(look(dir.path, &report).answer, STATUS_NOT_KNOWN);
    assert_true(report_has(&report, REASON_CRL_UNREADABLE));
}

static void entries_beyond_the_limit_leave_it_unknown(void **state)
{
    enum { MOST = 100 };
    static struct revocation entries[MOST + 1];
    struct list list = good_list();
    struct report report;

    (void)state;
    assert_int_equal(limits.entries, MOST);
    for (uint32_t i = 0; i <= MOST; i++)
        entries[i] = (struct revocation){10 + i, TEST_PKI_NOW - 100, CRL_SUPERSEDED};
    list.entries = entries;
    list.count = MOST;
    assert_int_equal(assert_list(&list, &report).answer, STATUS_GOOD);
    list.count = MOST + 1;
    assert_list_says(&list, REASON_CRL_UNREADABLE);
}

enum { THREADS = 4, QUESTIONS = 300, SWAPS = 20 };

/* In a thread, where cmocka must not be left by a jump: good or revoked, never anything else. */
static void *ask_often(void *context)
{
    const struct status_question question = {pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA],
                                             TEST_PKI_NOW};
    struct status_source source = crl_lists_source(context);

    for (int i = 0; i < QUESTIONS; i++) {
        struct report report = {.verdict = VERDICT_VALID};
        struct status status;

        if (source.look(source.context, &question, &report, &status, NULL) != 0 ||
            status.answer == STATUS_NOT_KNOWN)
            return context;
    }
    return NULL;
}

static void threads_ask_while_lists_are_swapped(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(crl_lists_freep) struct crl_lists *lists = lists_of(dir.path);
    struct list list = good_list();
    pthread_t threads[THREADS];
    struct report report;
    void *failed;

    (void)state;
    save(&dir, "a.crl", &list);
    assert_int_equal(ask_at(lists, TEST_PKI_NOW, &report).answer, STATUS_GOOD);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, lists), 0);
    for (int i = 0; i < SWAPS; i++) {
        list.head.this_update++;
        list.entries = i % 2 == 0 ? moved : others;
        list.count = i % 2 == 0 ? 1 : 2;
        save(&dir, "a.crl", &list);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_nothing_is_known),
        cmocka_unit_test(a_list_of_another_place_or_for_cas_covers_nothing),
        cmocka_unit_test(a_list_of_another_issuer_is_refused_whatever_its_name),
        cmocka_unit_test(a_list_with_a_wrong_signature_is_refused),
        cmocka_unit_test(a_list_by_somebody_who_may_sign_no_lists_is_refused),
        cmocka_unit_test(a_list_holds_from_this_to_next_update),
        cmocka_unit_test(files_that_are_no_lists_are_named),
        cmocka_unit_test(a_file_ends_at_its_limit),
        cmocka_unit_test(revoked_and_held_are_told_apart),
        cmocka_unit_test(of_several_lists_the_newest_that_holds_counts),
        cmocka_unit_test(lists_in_memory_and_below_a_path_are_one_search),
        cmocka_unit_test(questions_about_the_past_are_answered_by_lists_of_the_past),
        cmocka_unit_test(a_serial_twice_makes_the_list_unreadable_and_another_order_does_not),
        cmocka_unit_test(a_corrupted_list_is_never_believed),
        cmocka_unit_test(a_list_that_comes_goes_or_is_replaced_is_noticed_at_once),
        cmocka_unit_test(a_file_that_is_written_in_place_is_noticed_within_a_second),
        cmocka_unit_test(a_ca_that_is_added_later_vouches_for_lists_that_are_there),
        cmocka_unit_test(files_beyond_the_limit_leave_it_unknown),
        cmocka_unit_test(entries_beyond_the_limit_leave_it_unknown),
        cmocka_unit_test(threads_ask_while_lists_are_swapped),
        cmocka_unit_test(a_certificate_that_is_not_listed_is_good),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
