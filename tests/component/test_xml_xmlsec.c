/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed XML before xmlsec1, which knows nothing of us and reads XML with a parser: what we make is
 * valid there with RSA and with P-384, below its CA, and what was changed is not.
 */
#include "base/file.h"
#include "docsign/xml_signature.h"
#include "support/child.h"
#include "support/pki.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { XMLSEC_MS = 60000 };

static struct test_pki pkis[KEY_KINDS_];
static struct tempdir dir;

/* All that has to be written with a reference, in text and attribute. */
static const char hard[] = "1 < 2 & 3 > \"2\"\t'\n字　𠮷";

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    test_pki_make(&pkis[KEY_RSA]);
    test_pki_make_kind(&pkis[KEY_P384], KEY_P384);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_KINDS_; i++)
        test_pki_done(&pkis[i]);
    tempdir_done(&dir);
    return 0;
}

static void make(const struct test_pki *pki, struct buf *ret)
{
    CLEANUP(buf_done) struct buf element = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(buf_append_text(&element, "<申請 xmlns=\"urn:x\">\n<回答 項目=\"", NULL), 0);
    assert_int_equal(xml_append_value(&element, hard, NULL), 0);
    assert_int_equal(buf_append_text(&element, "\">", NULL), 0);
    assert_int_equal(xml_append_text(&element, hard, NULL), 0);
    assert_int_equal(buf_append_text(&element, "</回答>\n<空></空>\n</申請>", NULL), 0);
    assert_int_equal(xml_signature_prepare(buf_bytes(&element), pki->algorithm, &info, NULL), 0);
    assert_int_equal(
        digest_compute(key_kind_digest(pki->algorithm), buf_bytes(&info), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki->keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(xml_signature_complete(buf_bytes(&element), buf_bytes(&signature),
                                            pki->certs[PROFILE_SIGN], ret, NULL),
                     0);
}

/* The exit status of xmlsec1 with the CA of that PKI. */
static int judge(const struct test_pki *pki, struct bytes file)
{
    char xml[TEMPDIR_FILE_SIZE], ca[TEMPDIR_FILE_SIZE];
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    const char *const argv[] = {"xmlsec1",
                                "--verify",
                                "--verification-time",
                                "2026-09-21 14:13:20",
                                "--trusted-pem",
                                tempdir_file(&dir, "ca.pem", ca),
                                "--enabled-key-data",
                                "x509",
                                tempdir_file(&dir, "a.xml", xml),
                                NULL};
    struct child_result result;
    int code;

    assert_int_equal(x509_cert_append_pem(&pem, pki->certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(file_replace(ca, 0600, buf_bytes(&pem), NULL), 0);
    assert_int_equal(file_replace(xml, 0600, file, NULL), 0);
    result = child_run(argv, BYTES_LITERAL(""), XMLSEC_MS);
    code = result.exit_code;
    if (result.timed_out || code == 127)
        fail_msg("xmlsec1 did not run: apt-get install xmlsec1");
    child_result_done(&result);
    return code;
}

static void xmlsec_finds_it_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_KINDS_; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;

        make(&pkis[i], &file);
        assert_int_equal(judge(&pkis[i], buf_bytes(&file)), 0);
    }
}

static void xmlsec_refuses_what_was_changed(void **state)
{
    static const char *const words[] = {"回答 項目", "<空>", "𠮷"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        uint8_t *at;

        make(&pkis[KEY_RSA], &file);
        at = memmem(file.ptr, file.len, words[i], strlen(words[i]));
        assert_non_null(at);
        /* a space more behind the tag, another character */
        if (words[i][0] == '<')
            memcpy(at, "<空\n", strlen("<空\n"));
        else
            at[strlen(words[i]) - 1] ^= 1;
        assert_int_not_equal(judge(&pkis[KEY_RSA], buf_bytes(&file)), 0);
    }
}

static void xmlsec_refuses_another_ca(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    make(&pkis[KEY_RSA], &file);
    assert_int_not_equal(judge(&pkis[KEY_P384], buf_bytes(&file)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xmlsec_finds_it_valid),
        cmocka_unit_test(xmlsec_refuses_what_was_changed),
        cmocka_unit_test(xmlsec_refuses_another_ca),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
