/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NIST's Public Key Interoperability Test Suite 1.0.1 (247 questions) through verify/path.h.
 *
 * Most end entity certificates say in their name what is to become of them ("Valid…", "Invalid…");
 * sections 4.8, 4.10 and 4.12 ask the same certificate with several initial policies, which is the
 * table below. No question may be answered "valid" wrongly. The questions that are answered
 * "invalid" though they are valid are listed by name: one more or one less is a failure.
 */
#include "base/file.h"
#include "verify/path.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509_vfy.h>

enum {
    QUESTIONS = 247,
    RIGHT_MIN = 240,
    FILE_MAX = 65536,
    AT = 1577836800, /* 2020-01-01T00:00:00Z; the suite's certificates end in 2030 */
};

#define P1 "2.16.840.1.101.3.2.1.48.1"
#define P2 "2.16.840.1.101.3.2.1.48.2"
#define P3 "2.16.840.1.101.3.2.1.48.3"
#define P6 "2.16.840.1.101.3.2.1.48.6"

enum flags { EXPLICIT = 1, NO_MAPPING = 2, NO_ANY = 4 };

struct row {
    const char *number; /* in the suite's document */
    const char *name;   /* of the certificate's file, without "EE.crt" */
    bool is_valid;
    unsigned flags;
    const char *policies[3]; /* none: any */
};

static const struct row rows[] = {
    {"4.8.1.1", "ValidCertificatePathTest1", true, EXPLICIT, {NULL}},
    {"4.8.1.2", "ValidCertificatePathTest1", true, EXPLICIT, {P1}},
    {"4.8.1.3", "ValidCertificatePathTest1", false, EXPLICIT, {P2}},
    {"4.8.1.4", "ValidCertificatePathTest1", true, EXPLICIT, {P1, P2}},
    {"4.8.2.1", "AllCertificatesNoPoliciesTest2", true, 0, {NULL}},
    {"4.8.2.2", "AllCertificatesNoPoliciesTest2", false, EXPLICIT, {NULL}},
    {"4.8.3.1", "DifferentPoliciesTest3", true, 0, {NULL}},
    {"4.8.3.2", "DifferentPoliciesTest3", false, EXPLICIT, {NULL}},
    {"4.8.3.3", "DifferentPoliciesTest3", false, EXPLICIT, {P1, P2}},
    {"4.8.4", "DifferentPoliciesTest4", false, 0, {NULL}},
    {"4.8.5", "DifferentPoliciesTest5", false, 0, {NULL}},
    {"4.8.6.1", "OverlappingPoliciesTest6", true, 0, {NULL}},
    {"4.8.6.2", "OverlappingPoliciesTest6", true, 0, {P1}},
    {"4.8.6.3", "OverlappingPoliciesTest6", false, 0, {P2}},
    {"4.8.7", "DifferentPoliciesTest7", false, 0, {NULL}},
    {"4.8.8", "DifferentPoliciesTest8", false, 0, {NULL}},
    {"4.8.9", "DifferentPoliciesTest9", false, 0, {NULL}},
    {"4.8.10.1", "AllCertificatesSamePoliciesTest10", true, 0, {NULL}},
    {"4.8.10.2", "AllCertificatesSamePoliciesTest10", true, 0, {P1}},
    {"4.8.10.3", "AllCertificatesSamePoliciesTest10", true, 0, {P2}},
    {"4.8.11.1", "AllCertificatesanyPolicyTest11", true, 0, {NULL}},
    {"4.8.11.2", "AllCertificatesanyPolicyTest11", true, 0, {P1}},
    {"4.8.12", "DifferentPoliciesTest12", false, 0, {NULL}},
    {"4.8.13.1", "AllCertificatesSamePoliciesTest13", true, 0, {P1}},
    {"4.8.13.2", "AllCertificatesSamePoliciesTest13", true, 0, {P2}},
    {"4.8.13.3", "AllCertificatesSamePoliciesTest13", true, 0, {P3}},
    {"4.8.14.1", "AnyPolicyTest14", true, 0, {P1}},
    {"4.8.14.2", "AnyPolicyTest14", false, 0, {P2}},
    {"4.8.15", "UserNoticeQualifierTest15", true, 0, {NULL}},
    {"4.8.16", "UserNoticeQualifierTest16", true, 0, {NULL}},
    {"4.8.17", "UserNoticeQualifierTest17", true, 0, {NULL}},
    {"4.8.18.1", "UserNoticeQualifierTest18", true, 0, {P1}},
    {"4.8.18.2", "UserNoticeQualifierTest18", true, 0, {P2}},
    {"4.8.19", "UserNoticeQualifierTest19", true, 0, {NULL}},
    {"4.8.20", "CPSPointerQualifierTest20", true, 0, {NULL}},
    {"4.10.1.1", "ValidPolicyMappingTest1", true, 0, {P1}},
    {"4.10.1.2", "ValidPolicyMappingTest1", false, 0, {P2}},
    {"4.10.1.3", "ValidPolicyMappingTest1", false, NO_MAPPING, {NULL}},
    {"4.10.2.1", "InvalidPolicyMappingTest2", false, 0, {NULL}},
    {"4.10.2.2", "InvalidPolicyMappingTest2", false, NO_MAPPING, {NULL}},
    {"4.10.3.1", "ValidPolicyMappingTest3", false, 0, {P1}},
    {"4.10.3.2", "ValidPolicyMappingTest3", true, 0, {P2}},
    {"4.10.5.1", "ValidPolicyMappingTest5", true, 0, {P1}},
    {"4.10.5.2", "ValidPolicyMappingTest5", false, 0, {P6}},
    {"4.10.6.1", "ValidPolicyMappingTest6", true, 0, {P1}},
    {"4.10.6.2", "ValidPolicyMappingTest6", false, 0, {P6}},
    {"4.10.12.1", "ValidPolicyMappingTest12", true, 0, {P1}},
    {"4.10.12.2", "ValidPolicyMappingTest12", true, 0, {P2}},
    {"4.12.3.1", "inhibitAnyPolicyTest3", true, 0, {NULL}},
    {"4.12.3.2", "inhibitAnyPolicyTest3", false, NO_ANY, {NULL}},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* Valid, and answered "invalid": why, and what libcrypto says. */
static const struct miss {
    const char *name, *why;
    uint32_t says;
} misses[] = {
    {"ValidDSAParameterInheritanceTest5", "DSA keys take parameters from the CA's",
     X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
    {"ValidIDPwithindirectCRLTest24", "indirect lists are not followed",
     X509_V_ERR_UNABLE_TO_GET_CRL},
    {"ValidIDPwithindirectCRLTest25", "indirect lists are not followed",
     X509_V_ERR_UNABLE_TO_GET_CRL},
    {"ValidcRLIssuerTest28", "lists by another issuer are not followed",
     X509_V_ERR_DIFFERENT_CRL_SCOPE},
    {"ValidcRLIssuerTest29", "lists by another issuer are not followed",
     X509_V_ERR_DIFFERENT_CRL_SCOPE},
    {"ValidcRLIssuerTest30", "lists by another issuer are not followed",
     X509_V_ERR_UNABLE_TO_GET_CRL},
    {"ValidcRLIssuerTest33", "lists by another issuer are not followed",
     X509_V_ERR_UNABLE_TO_GET_CRL},
};

struct result {
    size_t asked, right, false_accepts, other_misses;
};

static struct path_store *store;
static char folder[256];

static void read_file(const char *part, const char *name, struct buf *ret)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/%s/%s", folder, part, name), 0);
    assert_int_equal(file_read(path, FILE_MAX, ret, NULL), 0);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);

    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* Calls add for every file in a folder of the suite that ends so. */
static void load(const char *part, const char *end,
                 int (*add)(struct path_store *, struct bytes, struct err *))
{
    CLEANUP(free_text) char *path = NULL;
    const struct dirent *entry;
    DIR *dir;

    assert_int_equal(path_format(&path, NULL, "%s/%s", folder, part), 0);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct err err = {.kind = ERR_NONE};

        if (!ends_with(entry->d_name, end))
            continue;
        read_file(part, entry->d_name, &der);
        if (add(store, buf_bytes(&der), &err) < 0)
            fail_msg("%s: %s", entry->d_name, err.text);
    }
    (void)closedir(dir);
}

/* NULL if the question is to be answered right. */
static const struct miss *find_miss(const char *name)
{
    for (size_t i = 0; i < sizeof misses / sizeof misses[0]; i++)
        if (strcmp(misses[i].name, name) == 0)
            return &misses[i];
    return NULL;
}

/* A refusal of something valid: in the table, and for the reason there. */
static bool is_foreseen(const struct row *row, const struct err *err)
{
    const struct miss *miss = find_miss(row->name);

    print_message("# %s: refused, %s: %s\n", row->name,
                  miss == NULL ? "which nobody foresaw" : miss->why, err->text);
    return miss != NULL && miss->says == err->detail;
}

static void ask(const struct row *row, struct result *result)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(free_text) char *name = NULL;
    struct err err = {.kind = ERR_NONE};
    struct path_question question = {
        .at = AT,
        .policies = row->policies[0] == NULL ? NULL : row->policies,
        .explicit_policy = (row->flags & EXPLICIT) != 0,
        .inhibit_mapping = (row->flags & NO_MAPPING) != 0,
        .inhibit_any_policy = (row->flags & NO_ANY) != 0,
    };
    bool is_valid;

    assert_int_equal(path_format(&name, NULL, "%sEE.crt", row->name), 0);
    read_file("certs", name, &der);
    question.cert = buf_bytes(&der);
    is_valid = path_verify(store, &question, &err) == 0;
    assert_true(is_valid || err.kind == ERR_UNTRUSTED);
    result->asked++;
    if (is_valid == row->is_valid)
        result->right++;
    if (is_valid && !row->is_valid) {
        result->false_accepts++;
        print_error("%s %s: accepted\n", row->number, row->name);
    }
    if (!is_valid && row->is_valid && !is_foreseen(row, &err))
        result->other_misses++;
    if (is_valid && find_miss(row->name) != NULL) {
        print_error("%s %s: answered right, and still in the table\n", row->number, row->name);
        result->other_misses++;
    }
}

static bool has_rows(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0 && strncmp(rows[i].number, "4.8.1.", 6) != 0)
            return true;
    return false;
}

/* The certificates that are asked once and say in their name what they are. */
static void ask_by_name(struct result *result)
{
    CLEANUP(free_text) char *path = NULL;
    const struct dirent *entry;
    DIR *dir;

    assert_int_equal(path_format(&path, NULL, "%s/certs", folder), 0);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char name[128];
        size_t len = strlen(entry->d_name);
        struct row row = {.number = name, .name = name};

        if (!ends_with(entry->d_name, "EE.crt") || strstr(entry->d_name, "Test") == NULL)
            continue;
        assert_true(len < sizeof name);
        memcpy(name, entry->d_name, len - strlen("EE.crt"));
        name[len - strlen("EE.crt")] = '\0';
        if (has_rows(name))
            continue;
        row.is_valid = strncmp(name, "Valid", 5) == 0;
        if (!row.is_valid && strncmp(name, "Invalid", 7) != 0)
            fail_msg("%s: a verdict is missing", name);
        ask(&row, result);
    }
    (void)closedir(dir);
}

static void the_suite_is_answered_without_a_false_acceptance(void **state)
{
    struct result result = {0};

    (void)state;
    ask_by_name(&result);
    for (size_t i = 0; i < ROWS; i++)
        ask(&rows[i], &result);
    print_message("# PKITS: %zu of %zu right, %zu accepted wrongly\n", result.right, result.asked,
                  result.false_accepts);
    assert_int_equal(result.asked, QUESTIONS);
    assert_int_equal(result.false_accepts, 0);
    assert_true(result.right >= RIGHT_MIN);
    assert_int_equal(result.other_misses, 0);
}

static int setup(void **state)
{
    CLEANUP(buf_done) struct buf anchor = BUF_INIT;

    (void)state;
    assert_int_equal(path_store_new(&store, NULL), 0);
    read_file("certs", "TrustAnchorRootCertificate.crt", &anchor);
    assert_int_equal(path_store_add_anchor(store, buf_bytes(&anchor), NULL), 0);
    load("certs", "Cert.crt", path_store_add_intermediate);
    load("crls", ".crl", path_store_add_crl);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    path_store_freep(&store);
    return 0;
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_suite_is_answered_without_a_false_acceptance),
    };
    DIR *dir;

    (void)snprintf(folder, sizeof folder, "%s", argc > 1 ? argv[1] : "");
    dir = opendir(folder);
    if (dir == NULL) {
        printf("1..0 # SKIP no PKITS data: python3-cryptography-vectors is not installed\n");
        return 0;
    }
    (void)closedir(dir);
    return cmocka_run_group_tests(tests, setup, teardown);
}
