/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the six names is a table; building walks it and parsing does. Failures name the
 * attribute and never its value.
 */
#include "x509/holder.h"

#include "base/utf8.h"
#include "x509/limits.h"

#include <stdio.h>
#include <string.h>

struct row {
    enum oid id;
    size_t offset;
};

/* pki.md 1.4 */
static const struct row rows[] = {
    {OID_HOLDER_NAME, offsetof(struct holder, name)},
    {OID_HOLDER_BIRTH, offsetof(struct holder, birth)},
    {OID_HOLDER_SEX, offsetof(struct holder, sex)},
    {OID_HOLDER_ADDRESS, offsetof(struct holder, address)},
    {OID_HOLDER_NAME_SUBSTITUTES, offsetof(struct holder, name_substitutes)},
    {OID_HOLDER_ADDRESS_SUBSTITUTES, offsetof(struct holder, address_substitutes)},
};

enum { ROWS = sizeof rows / sizeof rows[0], BIRTH_LEN = HOLDER_BIRTH_SIZE - 1 };

static const struct bytes *field(const struct holder *holder, size_t i)
{
    return (const struct bytes *)(const void *)((const char *)holder + rows[i].offset);
}

static bool is_text(struct bytes text, size_t max)
{
    size_t count = utf8_count(text);

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return false;
    return count >= 1 && count <= max;
}

static bool are_digits(struct bytes text, size_t count, uint8_t low, uint8_t high)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < low || text.ptr[i] > high)
            return false;
    return text.len == count;
}

static int number(struct bytes text, size_t offset, size_t len)
{
    int value = 0;

    for (size_t i = offset; i < offset + len; i++)
        value = value * 10 + (text.ptr[i] - '0');
    return value;
}

/* Unknown parts are zeros, from the day up (pki.md 1.4). */
static bool is_birth(struct bytes birth)
{
    struct caldate date;

    if (!are_digits(birth, BIRTH_LEN, '0', '9') || birth.ptr[0] > '5')
        return false;
    date = (struct caldate){number(birth, 1, 4), number(birth, 5, 2), number(birth, 7, 2)};
    if (date.month == 0 && date.day != 0)
        return false;
    if (date.year == 0)
        return date.month == 0;
    if (date.month == 0 || date.day == 0)
        return date.month <= 12;
    return caldate_is_valid(date);
}

int holder_check(const struct holder *holder, struct err *err)
{
    if (!is_text(holder->name, HOLDER_NAME_MAX))
        return FAIL(err, ERR_INPUT, "the name is not 1 to %d characters", HOLDER_NAME_MAX);
    if (!is_birth(holder->birth))
        return FAIL(err, ERR_INPUT, "the birth date is not written EYYYYMMDD");
    if (!are_digits(holder->sex, 1, '1', '3'))
        return FAIL(err, ERR_INPUT, "the sex is not 1, 2 or 3");
    if (!is_text(holder->address, HOLDER_ADDRESS_MAX))
        return FAIL(err, ERR_INPUT, "the address is not 1 to %d characters", HOLDER_ADDRESS_MAX);
    if (!are_digits(holder->name_substitutes, utf8_count(holder->name), '0', '1'))
        return FAIL(err, ERR_INPUT, "the substitute flags do not fit the name");
    if (!are_digits(holder->address_substitutes, utf8_count(holder->address), '0', '1'))
        return FAIL(err, ERR_INPUT, "the substitute flags do not fit the address");
    return 0;
}

/* [0] { OBJECT IDENTIFIER, [0] EXPLICIT UTF8String } (RFC 5280, 4.2.1.6) */
static int put_other_name(struct buf *out, enum oid id, struct bytes text, struct err *err)
{
    size_t name;
    size_t value;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &name, err));
    TRY(der_put_oid(out, id, err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &value, err));
    TRY(der_put(out, DER_UTF8_STRING, text, err));
    TRY(der_finish(out, value, err));
    return der_finish(out, name, err);
}

int holder_build(const struct holder *holder, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    TRY(holder_check(holder, err));
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    for (size_t i = 0; i < ROWS; i++)
        TRY(put_other_name(&out, rows[i].id, *field(holder, i), err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}

static int take_other_name(struct bytes *rest, enum oid id, struct bytes *ret, struct err *err)
{
    struct bytes oid;
    struct der name;
    struct der value;
    struct der text;

    TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(0), "otherName", &name, err));
    TRY(der_take_oid(&name.value, "otherName", &oid, err));
    if (oid_find(oid) != id)
        return FAIL(err, ERR_INPUT, "%s is not where it belongs in subjectAltName", oid_name(id));
    TRY(der_only(name.value, DER_CONTEXT_CONSTRUCTED(0), oid_name(id), &value, err));
    TRY(der_only(value.value, DER_UTF8_STRING, oid_name(id), &text, err));
    if (!utf8_is_valid(text.value))
        return FAIL(err, ERR_INPUT, "%s is not UTF-8", oid_name(id));
    *ret = text.value;
    return 0;
}

int holder_parse(struct bytes general_names, struct holder *ret, struct err *err)
{
    struct bytes values[ROWS];
    struct der names;

    TRY(der_only(general_names, DER_SEQUENCE, "subjectAltName", &names, err));
    for (size_t i = 0; i < ROWS; i++)
        TRY(take_other_name(&names.value, rows[i].id, &values[i], err));
    TRY(der_end(names.value, "subjectAltName", err));
    *ret = (struct holder){.name = values[0],
                           .birth = values[1],
                           .sex = values[2],
                           .address = values[3],
                           .name_substitutes = values[4],
                           .address_substitutes = values[5]};
    return 0;
}

/* First days of the eras, latest first; Meiji dates count from its first Gregorian day. */
static const struct {
    struct caldate from;
    char digit;
} eras[] = {
    {{2019, 5, 1}, '5'},  {{1989, 1, 8}, '4'},  {{1926, 12, 25}, '3'},
    {{1912, 7, 30}, '2'}, {{1868, 1, 25}, '1'},
};

int holder_birth_format(struct caldate date, char ret[HOLDER_BIRTH_SIZE], struct err *err)
{
    char digits[CALTIME_TEXT_SIZE];
    size_t i = 0;

    if (!caldate_is_valid(date))
        return FAIL(err, ERR_INPUT, "there is no such date");
    while (i < sizeof eras / sizeof eras[0] && caldate_compare(date, eras[i].from) < 0)
        i++;
    if (i == sizeof eras / sizeof eras[0])
        return FAIL(err, ERR_INPUT, "a birth date before the Meiji era");
    caldate_format_basic(date, digits);
    ret[0] = eras[i].digit;
    memcpy(ret + 1, digits, BIRTH_LEN);
    return 0;
}

int holder_birth_date(struct bytes birth, struct caldate *ret, struct err *err)
{
    struct caldate date;

    if (!is_birth(birth))
        return FAIL(err, ERR_INPUT, "the birth date is not written EYYYYMMDD");
    date = (struct caldate){number(birth, 1, 4), number(birth, 5, 2), number(birth, 7, 2)};
    if (!caldate_is_valid(date))
        return FAIL(err, ERR_ABSENT, "the birth date is not known in full");
    *ret = date;
    return 0;
}
