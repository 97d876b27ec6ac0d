/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/holder.h"
#include "x509/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct holder good(void)
{
    return (struct holder){
        .name = bytes_text("試験　花子"),
        .birth = bytes_text("420010401"),
        .sex = bytes_text("2"),
        .address = bytes_text("東京都見本区1番"),
        .name_substitutes = bytes_text("00010"),
        .address_substitutes = bytes_text("00000000"),
    };
}

static void assert_refused(struct holder holder)
{
    struct buf out = BUF_INIT;

    assert_int_equal(holder_check(&holder, NULL), -ERR_INPUT);
    assert_int_equal(holder_build(&holder, &out, NULL), -ERR_INPUT);
    assert_null(out.ptr);
}

static void assert_birth_refused(const char *birth)
{
    struct holder holder = good();

    holder.birth = bytes_text(birth);
    assert_refused(holder);
}

static void birth_dates_of_another_form_are_refused(void **state)
{
    static const char *const bad[] = {"",          "42001040",  "4200104010", "620010401",
                                      "4200x0401", "420011301", "420010230",  "420010001",
                                      "400000400", "400000001", "42001-4-1"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_birth_refused(bad[i]);
}

static void sexes_other_than_1_2_3_are_refused(void **state)
{
    static const char *const bad[] = {"", "0", "4", "9", "11", "M"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct holder holder = good();

        holder.sex = bytes_text(bad[i]);
        assert_refused(holder);
    }
}

static void flags_that_do_not_fit_their_text_are_refused(void **state)
{
    static const char *const bad[] = {"", "0001", "000100", "0002x", "00020"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct holder holder = good();

        holder.name_substitutes = bytes_text(bad[i]);
        assert_refused(holder);
    }
}

static void control_characters_and_broken_text_are_refused(void **state)
{
    struct holder holder = good();

    (void)state;
    holder.name = bytes_text("試験\n花子");
    assert_refused(holder);
    holder.name = bytes_text("\xe8\xa9");
    assert_refused(holder);
    holder.name = bytes_text("");
    assert_refused(holder);
}

static void names_and_addresses_end_at_their_limits(void **state)
{
    char letters[HOLDER_ADDRESS_MAX + 1];
    char flags[HOLDER_ADDRESS_MAX + 1];
    struct holder holder = good();

    (void)state;
    memset(letters, 'a', sizeof letters);
    memset(flags, '0', sizeof flags);
    holder.name = bytes_of(letters, HOLDER_NAME_MAX + 1);
    holder.name_substitutes = bytes_of(flags, HOLDER_NAME_MAX + 1);
    assert_refused(holder);
    holder.name.len = holder.name_substitutes.len = HOLDER_NAME_MAX;
    assert_int_equal(holder_check(&holder, NULL), 0);
    holder.address = bytes_of(letters, HOLDER_ADDRESS_MAX + 1);
    holder.address_substitutes = bytes_of(flags, HOLDER_ADDRESS_MAX + 1);
    assert_refused(holder);
    holder.address.len = holder.address_substitutes.len = HOLDER_ADDRESS_MAX;
    assert_int_equal(holder_check(&holder, NULL), 0);
}

/* A failure must not carry what it is about. */
static void failures_do_not_repeat_the_value(void **state)
{
    struct holder holder = good();
    struct err err = {0};

    (void)state;
    holder.birth = bytes_text("999999999");
    assert_int_equal(holder_check(&holder, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "9999"));
}

static void another_order_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct holder holder = good();
    struct bytes last;
    struct bytes rest;
    struct der names;

    (void)state;
    assert_int_equal(holder_build(&holder, &der, NULL), 0);
    assert_int_equal(der_only(buf_bytes(&der), DER_SEQUENCE, "", &names, NULL), 0);
    last = oid_der(OID_HOLDER_ADDRESS_SUBSTITUTES);
    rest = names.value;
    assert_true(rest.len > 0);
    /* .6 becomes .2: twice .2, no .6 */
    for (size_t i = 0; i + last.len <= der.len; i++)
        if (bytes_equal(bytes_of(der.ptr + i, last.len), last))
            der.ptr[i + last.len - 1] = 2;
    assert_int_equal(holder_parse(buf_bytes(&der), &holder, NULL), -ERR_INPUT);
}

static void fewer_or_more_names_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf longer = BUF_INIT;
    struct holder holder = good();
    struct der names;
    size_t mark;

    (void)state;
    assert_int_equal(holder_build(&holder, &der, NULL), 0);
    assert_int_equal(der_only(buf_bytes(&der), DER_SEQUENCE, "", &names, NULL), 0);
    assert_int_equal(der_begin(&longer, DER_SEQUENCE, &mark, NULL), 0);
    assert_int_equal(buf_append(&longer, names.value, NULL), 0);
    assert_int_equal(der_put(&longer, DER_CONTEXT(2), bytes_text("a.test"), NULL), 0);
    assert_int_equal(der_finish(&longer, mark, NULL), 0);
    assert_int_equal(holder_parse(buf_bytes(&longer), &holder, NULL), -ERR_INPUT);
    assert_int_equal(holder_parse(BYTES_LITERAL("\x30\x00"), &holder, NULL), -ERR_INPUT);
}

static void attributes_come_back(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct holder holder = good();
    struct holder back;

    (void)state;
    assert_int_equal(holder_build(&holder, &der, NULL), 0);
    assert_int_equal(holder_parse(buf_bytes(&der), &back, NULL), 0);
    assert_true(bytes_equal(back.name, holder.name));
    assert_true(bytes_equal(back.birth, holder.birth));
    assert_true(bytes_equal(back.sex, holder.sex));
    assert_true(bytes_equal(back.address, holder.address));
    assert_true(bytes_equal(back.name_substitutes, holder.name_substitutes));
    assert_true(bytes_equal(back.address_substitutes, holder.address_substitutes));
}

/* The last and first days of the eras. */
static void birth_dates_carry_the_era_of_the_day(void **state)
{
    static const struct {
        struct caldate date;
        const char *expected;
    } rows[] = {
        {{1868, 1, 25}, "118680125"},  {{1912, 7, 29}, "119120729"},  {{1912, 7, 30}, "219120730"},
        {{1926, 12, 24}, "219261224"}, {{1926, 12, 25}, "319261225"}, {{1989, 1, 7}, "319890107"},
        {{1989, 1, 8}, "419890108"},   {{2019, 4, 30}, "420190430"},  {{2019, 5, 1}, "520190501"},
    };
    char birth[HOLDER_BIRTH_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct caldate back;

        assert_int_equal(holder_birth_format(rows[i].date, birth, NULL), 0);
        assert_string_equal(birth, rows[i].expected);
        assert_int_equal(holder_birth_date(bytes_text(birth), &back, NULL), 0);
        assert_int_equal(caldate_compare(back, rows[i].date), 0);
    }
    assert_int_equal(holder_birth_format((struct caldate){1868, 1, 24}, birth, NULL), -ERR_INPUT);
    assert_int_equal(holder_birth_format((struct caldate){2026, 2, 29}, birth, NULL), -ERR_INPUT);
}

static void unknown_parts_of_a_birth_date_are_allowed_and_absent(void **state)
{
    static const char *const partial[] = {"000000000", "400000000", "419900000", "419900200"};

    (void)state;
    for (size_t i = 0; i < sizeof partial / sizeof partial[0]; i++) {
        struct holder holder = good();
        struct caldate date;

        holder.birth = bytes_text(partial[i]);
        assert_int_equal(holder_check(&holder, NULL), 0);
        assert_int_equal(holder_birth_date(holder.birth, &date, NULL), -ERR_ABSENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(birth_dates_of_another_form_are_refused),
        cmocka_unit_test(sexes_other_than_1_2_3_are_refused),
        cmocka_unit_test(flags_that_do_not_fit_their_text_are_refused),
        cmocka_unit_test(control_characters_and_broken_text_are_refused),
        cmocka_unit_test(names_and_addresses_end_at_their_limits),
        cmocka_unit_test(failures_do_not_repeat_the_value),
        cmocka_unit_test(another_order_is_refused),
        cmocka_unit_test(fewer_or_more_names_are_refused),
        cmocka_unit_test(attributes_come_back),
        cmocka_unit_test(birth_dates_carry_the_era_of_the_day),
        cmocka_unit_test(unknown_parts_of_a_birth_date_are_allowed_and_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
