/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything happens inside the secret that was typed into, from the left to the right: a code is
 * never longer than what it is made of.
 */
#include "client/code.h"

#include <string.h>

enum {
    DATE_SIZE = 8,     /* YYYYMMDD */
    DATED_B_SIZE = 16, /* YYYYMMDD, year of expiry, security code */
};

/* The latest first; the first day of each. */
static const struct caldate eras[] = {
    {2019, 5, 1},   /* Reiwa */
    {1989, 1, 8},   /* Heisei */
    {1926, 12, 25}, /* Showa */
    {1912, 7, 30},  /* Taisho */
    {1868, 1, 25},  /* Meiji */
};

static const struct caldate first_day = {1873, 1, 1};

int code_era_year(struct caldate day, int *ret, struct err *err)
{
    size_t at = 0;

    if (!caldate_is_valid(day) || caldate_compare(day, first_day) < 0)
        return FAIL(err, ERR_INPUT, "not a day since Japan counts by this calendar");
    while (caldate_compare(day, eras[at]) < 0)
        at++;
    *ret = day.year - eras[at].year + 1;
    return 0;
}

static bool are_digits(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

static int number_at(const uint8_t *digits, size_t count)
{
    int number = 0;

    for (size_t i = 0; i < count; i++)
        number = number * 10 + digits[i] - '0';
    return number;
}

/*
 * The last of the 12 digits checks the others (Ordinance of the Ministry of Internal Affairs No. 85
 * of 2014, Article 5; card.md 11.1, 12). Published test numbers are five off, so that nobody can
 * have them.
 */
bool code_a_is_possible(struct bytes code)
{
    int sum = 0;
    int right, last;

    if (code.len != CODE_A_SIZE || !are_digits(code))
        return false;
    for (int n = 1; n < CODE_A_SIZE; n++)
        sum += (code.ptr[CODE_A_SIZE - 1 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
    right = sum % 11 <= 1 ? 0 : 11 - sum % 11;
    last = code.ptr[CODE_A_SIZE - 1] - '0';
    return last == right || last == (right + 5) % 10;
}

bool code_birth_is_possible(struct bytes code)
{
    int month, day;

    if (code.len != CODE_BIRTH_SIZE || !are_digits(code))
        return false;
    month = number_at(code.ptr + 2, 2);
    day = number_at(code.ptr + 4, 2);
    /* A leap year: which one it is, the era would have to say. */
    return number_at(code.ptr, 2) > 0 && caldate_is_valid((struct caldate){2000, month, day});
}

bool code_b_is_possible(struct bytes code)
{
    return code.len == CODE_B_SIZE && are_digits(code) &&
           code_birth_is_possible(bytes_part(code, 0, CODE_BIRTH_SIZE));
}

/* Blanks and hyphens out. */
static void pack(struct secret *typed)
{
    size_t len = 0;

    for (size_t i = 0; i < typed->len; i++)
        if (typed->ptr[i] != ' ' && typed->ptr[i] != '-')
            typed->ptr[len++] = typed->ptr[i];
    secret_cut(typed, len);
}

/* The eight digits of a date at the start become the six of the code. */
static int shorten_date(struct secret *typed, struct err *err)
{
    struct caldate date = {number_at(typed->ptr, 4), number_at(typed->ptr + 4, 2),
                           number_at(typed->ptr + 6, 2)};
    int year;

    TRY(code_era_year(date, &year, err));
    typed->ptr[2] = (uint8_t)('0' + year / 10 % 10);
    typed->ptr[3] = (uint8_t)('0' + year % 10);
    memmove(typed->ptr, typed->ptr + 2, typed->len - 2);
    secret_cut(typed, typed->len - 2);
    return 0;
}

int code_a_from(struct secret *typed, struct err *err)
{
    pack(typed);
    if (!code_a_is_possible(secret_bytes(typed)))
        return FAIL(err, ERR_INPUT, "not an individual number");
    return 0;
}

int code_birth_from(struct secret *typed, struct err *err)
{
    pack(typed);
    if (typed->len == DATE_SIZE && are_digits(secret_bytes(typed)))
        TRY(shorten_date(typed, err));
    if (!code_birth_is_possible(secret_bytes(typed)))
        return FAIL(err, ERR_INPUT, "not a date of birth");
    return 0;
}

int code_b_from(struct secret *typed, struct err *err)
{
    pack(typed);
    if (typed->len == DATED_B_SIZE && are_digits(secret_bytes(typed)))
        TRY(shorten_date(typed, err));
    if (!code_b_is_possible(secret_bytes(typed)))
        return FAIL(err, ERR_INPUT, "not a date of birth, a year of expiry and a security code");
    return 0;
}
