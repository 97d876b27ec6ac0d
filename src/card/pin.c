/* SPDX-License-Identifier: Apache-2.0 */
#include "card/pin.h"

#include "base/rand.h"
#include "card/limits.h"
#include "crypto/digest.h"

#include <string.h>

static int hash_pin(const uint8_t salt[PIN_SALT_SIZE], struct bytes pin, uint8_t ret[PIN_HASH_SIZE],
                    struct err *err)
{
    uint8_t salted[PIN_SALT_SIZE + CARD_PIN_MAX];
    struct digest digest;
    int rc;

    if (pin.len == 0 || pin.len > CARD_PIN_MAX)
        return FAIL(err, ERR_INPUT, "a PIN has 1 to %d characters", CARD_PIN_MAX);
    memcpy(salted, salt, PIN_SALT_SIZE);
    memcpy(salted + PIN_SALT_SIZE, pin.ptr, pin.len);
    rc = digest_compute(DIGEST_SHA256, bytes_of(salted, PIN_SALT_SIZE + pin.len), &digest, err);
    wipe(salted, sizeof salted);
    TRY(rc);
    memcpy(ret, digest.value, PIN_HASH_SIZE);
    return 0;
}

int pin_verifier_make(struct bytes pin, struct pin_verifier *ret, struct err *err)
{
    struct pin_verifier made = {.is_set = true};

    TRY(rand_fill(made.salt, sizeof made.salt, err));
    TRY(hash_pin(made.salt, pin, made.hash, err));
    *ret = made;
    return 0;
}

int pin_check(const struct pin_verifier *verifier, struct bytes pin, struct err *err)
{
    uint8_t hash[PIN_HASH_SIZE];

    if (!verifier->is_set)
        return FAIL(err, ERR_DENIED, "no PIN is set");
    TRY(hash_pin(verifier->salt, pin, hash, err));
    if (!bytes_equal_secret(BYTES_ARRAY(hash), BYTES_ARRAY(verifier->hash)))
        return FAIL(err, ERR_DENIED, "the PIN is wrong");
    return 0;
}

static bool is_digits(struct bytes pin, size_t len)
{
    for (size_t i = 0; i < pin.len; i++) {
        if (pin.ptr[i] < '0' || pin.ptr[i] > '9')
            return false;
    }
    return pin.len == len;
}

bool pin_is_four_digits(struct bytes pin)
{
    return is_digits(pin, 4);
}

/* A birth date with the year of its era. */
static bool pin_is_six_digits(struct bytes pin)
{
    return is_digits(pin, 6);
}

/* Check code A. */
static bool pin_is_twelve_digits(struct bytes pin)
{
    return is_digits(pin, 12);
}

/* Check code B. */
static bool pin_is_fourteen_digits(struct bytes pin)
{
    return is_digits(pin, 14);
}

bool pin_is_sign_password(struct bytes pin)
{
    size_t letters = 0;
    size_t digits = 0;

    for (size_t i = 0; i < pin.len; i++) {
        letters += pin.ptr[i] >= 'A' && pin.ptr[i] <= 'Z';
        digits += pin.ptr[i] >= '0' && pin.ptr[i] <= '9';
    }
    return pin.len >= 6 && pin.len <= 16 && letters + digits == pin.len && letters > 0 &&
           digits > 0;
}

const struct pin_form pin_form_four = {"four digits", pin_is_four_digits};
const struct pin_form pin_form_six = {"six digits", pin_is_six_digits};
const struct pin_form pin_form_twelve = {"twelve digits", pin_is_twelve_digits};
const struct pin_form pin_form_fourteen = {"fourteen digits", pin_is_fourteen_digits};
const struct pin_form pin_form_password = {"6 to 16 of A-Z and 0-9, with both",
                                           pin_is_sign_password};
