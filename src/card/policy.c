/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The birth date is in the attributes. The security code is there only as an image and, hashed,
 * as the end of check code B (card.md 3.4), so a PIN is tried in its place.
 */
#include "card/policy.h"

#include "iso7816/tlv.h"

#include <string.h>

enum {
    TAG_ATTRS = 0xff20,
    TAG_BIRTH = 0xdf24,
    TAG_FACE = 0xff20,
    TAG_EXPIRY = 0xdf29,
    DATE_LEN = 8,
    YEAR_LEN = 4,
    CODE_LEN = 4,
    CODE_B_LEN = 14,
};

/* The year before the first of 令和, 平成, 昭和, 大正 and 明治. */
static const unsigned eras[] = {2018, 1988, 1925, 1911, 1867};

static bool find_date(const struct buf *file, uint32_t outer, uint32_t tag, struct bytes *ret)
{
    struct tlv whole, date;

    if (tlv_find(buf_bytes(file), outer, &whole, NULL) < 0 ||
        tlv_find(whole.value, tag, &date, NULL) < 0 || date.value.len != DATE_LEN)
        return false;
    for (size_t i = 0; i < DATE_LEN; i++) {
        if (date.value.ptr[i] < '0' || date.value.ptr[i] > '9')
            return false;
    }
    *ret = date.value;
    return true;
}

static bool is_in(struct bytes whole, struct bytes part)
{
    for (size_t i = 0; i + part.len <= whole.len; i++) {
        if (bytes_equal(bytes_part(whole, i, part.len), part))
            return true;
    }
    return false;
}

/* Check code B of somebody born then, in each era the year could be one of. */
static bool is_security_code(const struct pin_verifier *code_b, struct bytes birth,
                             struct bytes expiry, struct bytes pin)
{
    uint8_t code[CODE_B_LEN];
    unsigned year = 0;

    for (size_t i = 0; i < YEAR_LEN; i++)
        year = year * 10 + birth.ptr[i] - '0';
    memcpy(code + 2, birth.ptr + YEAR_LEN, DATE_LEN - YEAR_LEN);
    memcpy(code + 6, expiry.ptr, YEAR_LEN);
    memcpy(code + 10, pin.ptr, CODE_LEN);
    for (size_t i = 0; i < sizeof eras / sizeof eras[0]; i++) {
        unsigned era_year = year - eras[i];

        if (year <= eras[i] || era_year > 99)
            continue;
        code[0] = (uint8_t)('0' + era_year / 10);
        code[1] = (uint8_t)('0' + era_year % 10);
        if (pin_matches(code_b, BYTES_ARRAY(code)))
            return true;
    }
    return false;
}

bool policy_accepts(const struct image *image, const struct node *node, struct bytes pin)
{
    struct bytes birth, expiry;

    if (node->form == NULL || !node->form->accepts(pin))
        return false;
    if (node->form != &pin_form_four ||
        !find_date(&image->data[CARD_TEXT_ATTRS], TAG_ATTRS, TAG_BIRTH, &birth))
        return true;
    if (is_in(birth, pin))
        return false;
    return !find_date(&image->data[CARD_VISUAL_FACE], TAG_FACE, TAG_EXPIRY, &expiry) ||
           !is_security_code(&image->pins[CARD_PIN_VISUAL_B], birth, expiry, pin);
}
