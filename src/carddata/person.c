/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/person.h"

#include "base/utf8.h"
#include "carddata/limits.h"
#include "x509/holder.h"

#include <stdio.h>
#include <string.h>

static bool are_digits(struct bytes text, size_t count)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len == count;
}

static bool is_text(struct bytes text, size_t max)
{
    size_t count = utf8_count(text);

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return false;
    return count >= 1 && count <= max;
}

static int check_digits(const char *member, struct bytes digits, size_t count, struct err *err)
{
    if (!are_digits(digits, count))
        return FAIL(err, ERR_INPUT, "%s is not %zu digits", member, count);
    return 0;
}

static int check_text(const char *member, struct bytes text, size_t max, struct err *err)
{
    if (!is_text(text, max))
        return FAIL(err, ERR_INPUT, "%s is not 1 to %zu characters", member, max);
    return 0;
}

int cardholder_check(const struct cardholder *holder, struct err *err)
{
    char code[CARDHOLDER_CODE_B_SIZE + 1];

    TRY(check_text("name", holder->name, CARDDATA_NAME_MAX, err));
    TRY(check_text("address", holder->address, CARDDATA_ADDRESS_MAX, err));
    if (holder->sex != CARDHOLDER_MALE && holder->sex != CARDHOLDER_FEMALE &&
        holder->sex != CARDHOLDER_OTHER)
        return FAIL(err, ERR_INPUT, "sex is none of those that a card knows");
    TRY(check_digits("mynumber", holder->mynumber, CARDHOLDER_NUMBER_SIZE, err));
    if (!caldate_is_valid(holder->expiry))
        return FAIL(err, ERR_INPUT, "expiry is no date");
    TRY(check_digits("security_code", holder->security_code, CARDHOLDER_SECURITY_SIZE, err));
    TRY(check_digits("municipality", holder->municipality, CARDHOLDER_MUNICIPALITY_SIZE, err));
    TRY(check_digits("manufacture_number", holder->manufacture_number, CARDHOLDER_MANUFACTURE_SIZE,
                     err));
    if (holder->photo.len > CARDDATA_PHOTO_MAX)
        return FAIL(err, ERR_INPUT, "photo has more than %d bytes", CARDDATA_PHOTO_MAX);
    return cardholder_code_b(holder, code, err);
}

/* The year before the first of each era, by the digit that x509/holder.h gives it. */
static int era_start(char digit)
{
    static const int years[] = {0, 1867, 1911, 1925, 1988, 2018};

    return years[digit - '0'];
}

static int era_year(struct caldate birth, int *ret, struct err *err)
{
    char digits[HOLDER_BIRTH_SIZE];

    TRY(holder_birth_format(birth, digits, err));
    *ret = birth.year - era_start(digits[0]);
    return 0;
}

int cardholder_code_b(const struct cardholder *holder, char ret[CARDHOLDER_CODE_B_SIZE + 1],
                      struct err *err)
{
    char code[64];
    int year = 0;

    TRY(check_digits("security_code", holder->security_code, CARDHOLDER_SECURITY_SIZE, err));
    TRY(err_prefix(err, era_year(holder->birth, &year, err), "birth"));
    (void)snprintf(code, sizeof code, "%02d%02d%02d%04d%.4s", year % 100, holder->birth.month,
                   holder->birth.day, holder->expiry.year, (const char *)holder->security_code.ptr);
    memcpy(ret, code, CARDHOLDER_CODE_B_SIZE);
    ret[CARDHOLDER_CODE_B_SIZE] = 0;
    wipe(code, sizeof code);
    return 0;
}

int cardholder_code_birth(const struct cardholder *holder, char ret[CARDHOLDER_CODE_BIRTH_SIZE + 1],
                          struct err *err)
{
    char code[CARDHOLDER_CODE_B_SIZE + 1];

    TRY(cardholder_code_b(holder, code, err));
    memcpy(ret, code, CARDHOLDER_CODE_BIRTH_SIZE);
    ret[CARDHOLDER_CODE_BIRTH_SIZE] = 0;
    wipe(code, sizeof code);
    return 0;
}
