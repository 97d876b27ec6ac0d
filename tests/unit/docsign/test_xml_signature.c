/* SPDX-License-Identifier: Apache-2.0 */
/* Signed XML: both phases, and files that differ from what is made in one thing. */
#include "docsign/xml_signature.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pkis[KEY_KINDS_];

#define ELEMENT "<申請 xmlns=\"urn:x\">\n<氏名>番号　花子</氏名>\n</申請>"

static int set_up(void **state)
{
    (void)state;
    test_pki_make(&pkis[KEY_RSA]);
    test_pki_make_kind(&pkis[KEY_P384], KEY_P384);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_KINDS_; i++)
        test_pki_done(&pkis[i]);
    return 0;
}

static void sign(const struct test_pki *pki, struct bytes element, struct buf *ret)
{
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    struct digest digest;

    assert_int_equal(xml_signature_prepare(element, pki->algorithm, &info, NULL), 0);
    assert_int_equal(
        digest_compute(key_kind_digest(pki->algorithm), buf_bytes(&info), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki->keys[PROFILE_SIGN], &digest, ret, NULL), 0);
}

static void make(const struct test_pki *pki, struct bytes element, struct buf *ret)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    sign(pki, element, &signature);
    assert_int_equal(
        xml_signature_complete(element, buf_bytes(&signature), pki->certs[PROFILE_SIGN], ret, NULL),
        0);
}

static void what_was_signed_is_read_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_KINDS_; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        CLEANUP(xml_signed_done) struct xml_signed xml = {.kind = KEY_KINDS_};
        struct digest digest;

        make(&pkis[i], BYTES_LITERAL(ELEMENT), &file);
        assert_int_equal(xml_signature_parse(buf_bytes(&file), &xml, NULL), 0);
        assert_int_equal(xml.kind, i);
        assert_true(bytes_equal(buf_bytes(&xml.element), BYTES_LITERAL(ELEMENT)));
        assert_true(
            bytes_equal(buf_bytes(&xml.certificate), x509_cert_der(pkis[i].certs[PROFILE_SIGN])));
        assert_int_equal(
            digest_compute(key_kind_digest(xml.kind), buf_bytes(&xml.signed_info), &digest, NULL),
            0);
        assert_int_equal(pubkey_verify_kind(x509_cert_pubkey(pkis[i].certs[PROFILE_SIGN]), xml.kind,
                                            &digest, buf_bytes(&xml.signature), NULL),
                         0);
    }
}

static void what_is_no_element_is_not_signed(void **state)
{
    static const char *const elements[] = {
        "",         "a",         "<a>",       "<a/>",
        "</a>",     "<a></b>",   "<ab></a>",  "<a></ab>",
        " <a></a>", "<a></a>\n", "<a>\r</a>", "<a><Signature></Signature></a>",
        "<a></ a>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        CLEANUP(buf_done) struct buf info = BUF_INIT;

        if (xml_signature_prepare(bytes_text(elements[i]), KEY_RSA, &info, NULL) != -ERR_INPUT)
            fail_msg("taken: %s", elements[i]);
        assert_int_equal(info.len, 0);
    }
}

static void only_the_signers_own_signature_makes_a_file(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const struct x509_cert *signer = pkis[KEY_RSA].certs[PROFILE_SIGN];

    (void)state;
    sign(&pkis[KEY_RSA], BYTES_LITERAL(ELEMENT), &signature);
    assert_int_equal(xml_signature_complete(BYTES_LITERAL("<a></a>"), buf_bytes(&signature), signer,
                                            &file, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(xml_signature_complete(BYTES_LITERAL(ELEMENT), buf_bytes(&signature),
                                            pkis[KEY_RSA].certs[PROFILE_AUTH], &file, NULL),
                     -ERR_UNTRUSTED);
    signature.ptr[7] ^= 1;
    assert_int_equal(
        xml_signature_complete(BYTES_LITERAL(ELEMENT), buf_bytes(&signature), signer, &file, NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(file.len, 0);
}

static int parse(struct bytes file)
{
    CLEANUP(xml_signed_done) struct xml_signed xml = {.kind = KEY_RSA};

    return xml_signature_parse(file, &xml, NULL);
}

/* With the first occurrence of a text replaced by another one. */
static void change(const struct buf *file, const char *from, const char *to, struct buf *ret)
{
    const uint8_t *at = memmem(file->ptr, file->len, from, strlen(from));

    if (at == NULL)
        fail_msg("%s is not in it", from);
    assert_int_equal(buf_append(ret, bytes_of(file->ptr, (size_t)(at - file->ptr)), NULL), 0);
    assert_int_equal(buf_append_text(ret, to, NULL), 0);
    at += strlen(from);
    assert_int_equal(buf_append(ret, bytes_of(at, file->len - (size_t)(at - file->ptr)), NULL), 0);
}

static void another_spelling_is_no_document(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"番号", "別人"}, /* the digest is of something else */
        {"<?xml", " <?xml"},
        {"UTF-8", "utf-8"},
        {"<Signature xmlns", "<Signature  xmlns"},
        {"</Signature>", "<!-- --></Signature>"},
        {"</Signature>", "</Signature> "},
        {"<SignatureValue>", "<SignatureValue> "},
        {"</SignatureValue>", "\n</SignatureValue>"},
        {"URI=\"\"", "URI=\"#a\""},
        {"rsa-sha256", "rsa-sha1"},
        {"xmlenc#sha256", "xmlenc#sha512"},
        {"<Transform ", "<Transform Id=\"a\" "},
        {"</X509Certificate>", "</X509Certificate><X509CRL></X509CRL>"},
        {"<KeyInfo>", "<KeyInfo><KeyName>x</KeyName>"},
        {"</SignedInfo>", "</SignedInfo><Object></Object>"},
    };
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    make(&pkis[KEY_RSA], BYTES_LITERAL("<申請 xmlns=\"urn:x\">\n<氏名>番号　花子</氏名>\n</申請>"),
         &file);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        CLEANUP(buf_done) struct buf changed = BUF_INIT;

        change(&file, changes[i].from, changes[i].to, &changed);
        if (parse(buf_bytes(&changed)) != -ERR_INPUT)
            fail_msg("taken: %s", changes[i].to);
    }
}

static void a_file_that_is_cut_is_none(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    make(&pkis[KEY_P384], BYTES_LITERAL(ELEMENT), &file);
    for (size_t len = 0; len < file.len; len += 7)
        assert_int_equal(parse(bytes_of(file.ptr, len)), -ERR_INPUT);
    assert_int_equal(parse(bytes_of(file.ptr, file.len - 1)), -ERR_INPUT);
    assert_int_equal(buf_append_byte(&file, '\n', NULL), 0);
    assert_int_equal(parse(buf_bytes(&file)), -ERR_INPUT);
}

/* An element of so many bytes. */
static void fill(size_t size, struct buf *ret)
{
    buf_clear(ret);
    assert_int_equal(buf_append_text(ret, "<a>", NULL), 0);
    while (ret->len < size - 4)
        assert_int_equal(buf_append_byte(ret, 'a', NULL), 0);
    assert_int_equal(buf_append_text(ret, "</a>", NULL), 0);
}

static void documents_have_a_size(void **state)
{
    CLEANUP(buf_done) struct buf element = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;

    (void)state;
    fill(XML_MAX, &element);
    make(&pkis[KEY_RSA], buf_bytes(&element), &file);
    assert_true(file.len <= XML_SIGNED_MAX);
    assert_int_equal(parse(buf_bytes(&file)), 0);
    fill(XML_MAX + 1, &element);
    assert_int_equal(xml_signature_prepare(buf_bytes(&element), KEY_RSA, &info, NULL), -ERR_INPUT);
}

static void texts_are_written_as_canonical_xml_has_them(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    static const char *const refused[] = {"\x01", "\r", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xff"};

    (void)state;
    assert_int_equal(xml_append_text(&text, "a<b>&\"'\t\n字", NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("a&lt;b&gt;&amp;\"'\t\n字")));
    assert_int_equal(xml_append_value(&value, "a<b>&\"'\t\n字", NULL), 0);
    assert_true(bytes_equal(buf_bytes(&value), BYTES_LITERAL("a&lt;b>&amp;&quot;'&#x9;&#xA;字")));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(xml_append_text(&text, refused[i], NULL), -ERR_INPUT);
        assert_int_equal(xml_append_value(&text, refused[i], NULL), -ERR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_is_read_again),
        cmocka_unit_test(what_is_no_element_is_not_signed),
        cmocka_unit_test(only_the_signers_own_signature_makes_a_file),
        cmocka_unit_test(another_spelling_is_no_document),
        cmocka_unit_test(a_file_that_is_cut_is_none),
        cmocka_unit_test(documents_have_a_size),
        cmocka_unit_test(texts_are_written_as_canonical_xml_has_them),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
