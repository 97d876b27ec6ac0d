/* SPDX-License-Identifier: Apache-2.0 */
/* Codes out of what people know (card.md 3.4). */
#include "client/code.h"

#include "border/border.h"
#include "client/pin.h"
#include "libjpki/data.h"

#include <stdio.h>
#include <string.h>

enum { TYPED_SIZE = sizeof "1990-04-15 2035 1234" };

static bool is_date(const char *text)
{
    struct caldate date;

    return caldate_parse_iso(text, &date, NULL) == 0;
}

static bool are_four_digits(const char *text)
{
    return strlen(text) == 4 && strspn(text, "0123456789") == 4;
}

static int fail_form(struct err *err)
{
    return FAIL(err, ERR_DENIED,
                "a code is made of a date of birth like 1990-04-15, a year of expiry like 2035, "
                "and a security code of 4 digits");
}

static int make(enum icc_pin which, const char *typed, jpki_data **ret, struct err *err)
{
    CLEANUP(secret_done) struct secret code = SECRET_INIT;
    CLEANUP(buf_done) struct buf given = BUF_INIT;

    TRY(secret_copy(bytes_text(typed), &code, err));
    TRY(icc_pin_normalise(which, &code, err));
    TRY(buf_append(&given, secret_bytes(&code), err));
    return data_new(&given, ret, err);
}

static int make_b(const char *birth, const char *expiry_year, const char *security_code,
                  jpki_data **ret, struct err *err)
{
    char typed[TYPED_SIZE];
    int rc;

    if (!is_date(birth) || !are_four_digits(expiry_year) || !are_four_digits(security_code))
        return fail_form(err);
    (void)snprintf(typed, sizeof typed, "%s %s %s", birth, expiry_year, security_code);
    rc = make(ICC_PIN_B, typed, ret, err);
    wipe(typed, sizeof typed);
    return rc;
}

int jpki_code_b(const char *birth, const char *expiry_year, const char *security_code,
                jpki_data **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(make_b(birth, expiry_year, security_code, ret, &err), &err, error);
}

static int make_birth(const char *birth, jpki_data **ret, struct err *err)
{
    return is_date(birth) ? make(ICC_PIN_BIRTH, birth, ret, err) : fail_form(err);
}

int jpki_code_birth(const char *birth, jpki_data **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(make_birth(birth, ret, &err), &err, error);
}
