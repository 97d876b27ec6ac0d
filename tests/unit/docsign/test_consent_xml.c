/* SPDX-License-Identifier: Apache-2.0 */
/* Consents in XML: one spelling, and nothing else is one. */
#include "docsign/consent_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char good[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<利用者同意申請>\n"
                           "<様式>OpenJPKI同意書第1版</様式>\n"
                           "<署名検証者>pf</署名検証者>\n"
                           "<サービス事業者>bank</サービス事業者>\n"
                           "<サービス>accounts</サービス>\n"
                           "<提供項目>氏名</提供項目>\n"
                           "<提供項目>住所</提供項目>\n"
                           "<署名日時>2026-11-26T14:00:00+09:00</署名日時>\n"
                           "</利用者同意申請>\n";
static const struct consent_text text = {
    .verifier = "pf",
    .provider = "bank",
    .service = "accounts",
    .attributes = ATTRIBUTE_NAME | ATTRIBUTE_ADDRESS,
    .at = 1795669200,
};

static int parse(const char *document)
{
    struct consent_text ret;

    return consent_xml_parse(bytes_text(document), &ret, NULL);
}

/* The good one with the first place of a text replaced. */
static int parse_with(const char *old, const char *fresh)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *at = strstr(good, old);
    const char *whole;

    assert_non_null(at);
    assert_int_equal(buf_append(&out, bytes_of(good, (size_t)(at - good)), NULL), 0);
    assert_int_equal(buf_append_text(&out, fresh, NULL), 0);
    assert_int_equal(buf_append_text(&out, at + strlen(old), NULL), 0);
    assert_int_equal(buf_text(&out, &whole, NULL), 0);
    return parse(whole);
}

static void another_spelling_is_no_consent(void **state)
{
    static const struct {
        const char *old, *fresh;
    } spoilt[] = {
        {"<?xml", " <?xml"},
        {"UTF-8", "utf-8"},
        {"第1版", "第2版"},
        {"<サービス>", "<サービス >"},
        {"<サービス>", "<!-- --><サービス>"},
        {"accounts", "a&#99;counts"},
        {"accounts", "a/b"},
        {"accounts", ""},
        {">pf<", ">p<b/>f<"},
        {"<提供項目>氏名</提供項目>\n<提供項目>住所</提供項目>\n",
         "<提供項目>住所</提供項目>\n<提供項目>氏名</提供項目>\n"},
        {"<提供項目>住所", "<提供項目>氏名"},
        {"<提供項目>住所", "<提供項目>個人番号"},
        {"+09:00", "Z"},
        {"14:00:00", "24:00:00"},
        {"11-26", "13-26"},
        {"14:00:00", "1a:00:00"},
        {"</利用者同意申請>\n", "</利用者同意申請>"},
        {"</利用者同意申請>\n", "</利用者同意申請>\n\n"},
        {"<利用者同意申請>", "<利用者同意取消申請>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++)
        assert_int_equal(parse_with(spoilt[i].old, spoilt[i].fresh), -ERR_INPUT);
    assert_int_equal(parse(""), -ERR_INPUT);
    assert_int_equal(parse("{\"type\":\"OpenJPKI consent v1\"}"), -ERR_INPUT);
    assert_int_equal(parse(good), 0);
}

static void a_document_says_what_was_written(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct consent_text read = {.at = 0};

    (void)state;
    assert_int_equal(consent_xml_write(&text, &out, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&out), bytes_text(good)));
    assert_int_equal(consent_xml_parse(buf_bytes(&out), &read, NULL), 0);
    assert_string_equal(read.verifier, "pf");
    assert_string_equal(read.provider, "bank");
    assert_string_equal(read.service, "accounts");
    assert_int_equal(read.attributes, text.attributes);
    assert_int_equal(read.at, text.at);
    assert_false(read.is_withdrawal);
}

static void a_withdrawal_names_no_attributes(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct consent_text withdrawal = text;
    struct consent_text read = {.at = 0};

    (void)state;
    withdrawal.is_withdrawal = true;
    assert_int_equal(consent_xml_write(&withdrawal, &out, NULL), -ERR_INPUT);
    withdrawal.attributes = 0;
    assert_int_equal(consent_xml_write(&withdrawal, &out, NULL), 0);
    assert_int_equal(consent_xml_parse(buf_bytes(&out), &read, NULL), 0);
    assert_true(read.is_withdrawal);
    withdrawal.is_withdrawal = false;
    assert_int_equal(consent_xml_write(&withdrawal, &out, NULL), -ERR_INPUT);
}

static void names_and_times_have_limits(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct consent_text other = text;

    (void)state;
    memset(other.service, 's', CONSENT_NAME_MAX);
    assert_int_equal(consent_xml_write(&other, &out, NULL), 0);
    assert_true(out.len <= CONSENT_XML_MAX);
    assert_int_equal(consent_xml_parse(buf_bytes(&out), &other, NULL), 0);
    assert_int_equal(parse_with("accounts", "sssssssssssssssssssssssssssssssssssssssssssssssssssss"
                                            "ssssssssssss"),
                     -ERR_INPUT); /* one more */
    other.at = -1;
    assert_int_equal(consent_xml_write(&other, &out, NULL), -ERR_INPUT);
    other.at = 253402268399;
    buf_done(&out);
    assert_int_equal(consent_xml_write(&other, &out, NULL), 0);
    other.at++;
    assert_int_equal(consent_xml_write(&other, &out, NULL), -ERR_INPUT);
}

static void a_document_of_too_many_bytes_is_none(void **state)
{
    char much[CONSENT_XML_MAX + 2];

    (void)state;
    memset(much, 'x', sizeof much);
    much[CONSENT_XML_MAX + 1] = '\0';
    assert_int_equal(parse(much), -ERR_INPUT);
    much[CONSENT_XML_MAX] = '\0';
    assert_int_equal(parse(much), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_spelling_is_no_consent),
        cmocka_unit_test(a_document_says_what_was_written),
        cmocka_unit_test(a_withdrawal_names_no_attributes),
        cmocka_unit_test(names_and_times_have_limits),
        cmocka_unit_test(a_document_of_too_many_bytes_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
