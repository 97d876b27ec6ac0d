/* SPDX-License-Identifier: Apache-2.0 */
/* Names, sentences and weight of what is found wrong with a record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/jpki.h>

static const struct {
    enum jpki_fault fault;
    const char *name;
    enum jpki_verdict verdict;
} rows[] = {
    {JPKI_FAULT_ISSUER_UNKNOWN, "issuer-unknown", JPKI_INDETERMINATE},
    {JPKI_FAULT_SIGNATURE_NOT_READABLE, "signature-not-readable", JPKI_INDETERMINATE},
    {JPKI_FAULT_CARD_NOT_PROVEN, "card-not-proven", JPKI_INDETERMINATE},
    {JPKI_FAULT_NOT_SIGNED, "not-signed", JPKI_INDETERMINATE},
    {JPKI_FAULT_CERTIFICATE_FORGED, "certificate-forged", JPKI_INVALID},
    {JPKI_FAULT_SIGNATURE_BROKEN, "signature-broken", JPKI_INVALID},
    {JPKI_FAULT_NUMBER_CHANGED, "number-changed", JPKI_INVALID},
    {JPKI_FAULT_ATTRIBUTES_CHANGED, "attributes-changed", JPKI_INVALID},
    {JPKI_FAULT_CARD_KEY_FORGED, "card-key-forged", JPKI_INVALID},
    {JPKI_FAULT_CARD_COPIED, "card-copied", JPKI_INVALID},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void each_fault_has_its_name_and_weight(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_string_equal(jpki_fault_name(rows[i].fault), rows[i].name);
        assert_int_equal(jpki_fault_verdict(rows[i].fault), rows[i].verdict);
    }
}

static void each_fault_has_a_sentence_in_two_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const char *english = jpki_fault_text(rows[i].fault, "en");
        const char *japanese = jpki_fault_text(rows[i].fault, "ja");

        assert_int_equal(english[strlen(english) - 1], '.');
        assert_string_equal(jpki_fault_text(rows[i].fault, "fr"), english);
        assert_string_equal(japanese + strlen(japanese) - 3, "。");
    }
    assert_string_equal(jpki_fault_text(JPKI_FAULT_NOT_SIGNED, "ja"),
                        "このデータには署名がありません。");
}

static void what_is_no_fault_has_none(void **state)
{
    static const int none[] = {JPKI_FAULT_NONE, 11, -1, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_null(jpki_fault_name((enum jpki_fault)none[i]));
        assert_null(jpki_fault_text((enum jpki_fault)none[i], "ja"));
        assert_int_equal(jpki_fault_verdict((enum jpki_fault)none[i]), JPKI_INDETERMINATE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_name_and_weight),
        cmocka_unit_test(each_fault_has_a_sentence_in_two_languages),
        cmocka_unit_test(what_is_no_fault_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
