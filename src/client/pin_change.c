/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin_change.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "client/cert.h"
#include "client/code.h"
#include "client/file.h"
#include "client/icc.h"
#include "iso7816/tlv.h"

#include <stdio.h>
#include <string.h>

/* card.md 3.2 */
enum { EF_ATTRIBUTES = 0x0002, TAG_ATTRIBUTES = 0xFF20, TAG_BIRTH = 0xDF24, BIRTH_LEN = 8 };

static int fail_unknown(struct err *err, const struct icc_pin_change *change, const struct err *why)
{
    return FAIL_WITH(err, why->kind, why->detail,
                     "%s; the old or the new %s may count now: use the new one first, once",
                     why->text, err_message(icc_pin_title(change->which)));
}

/*
 * The classes of status words by which a card says that it did not begin (ISO 7816-4, 5.6). After
 * any other, such as 6581, it may have written the new PIN.
 */
static bool is_refusal(uint16_t sw)
{
    return (sw >= 0x6700 && sw <= 0x6EFF) || (sw >= 0x6282 && sw <= 0x63FF);
}

/* CHANGE REFERENCE DATA; JICSAP's CHANGE KEY where the card is older than that (card.md 4.1). */
static struct apdu command_of(enum icc_app app)
{
    if (app == ICC_APP_COMMON || app == ICC_APP_JUKI)
        return (struct apdu){.cla = 0x80, .ins = 0x32, .p2 = 0x80};
    return (struct apdu){.ins = 0x24, .p1 = 0x01, .p2 = 0x80};
}

/* The one place that sends a new PIN. It is not repeated, whatever happens. */
static int replace(struct icc *icc, const struct icc_pin_change *change, struct err *err)
{
    struct apdu apdu = command_of(icc_current_app(icc));
    struct err why = {0};
    uint16_t sw;

    apdu.data = secret_bytes(change->replacement);
    if (icc_transmit(icc, &apdu, NULL, &sw, &why) < 0)
        return fail_unknown(err, change, &why);
    if (sw == SW_OK)
        return 0;
    (void)!icc_fail_sw(&why, sw, N_("change the PIN"));
    if (!is_refusal(sw))
        return fail_unknown(err, change, &why);
    return FAIL_WITH(err, why.kind, sw, "%s; the old %s still counts", why.text,
                     err_message(icc_pin_title(change->which)));
}

/* "1990", "9004" or "0415" of 19900415, and the year within its era with the month. */
static bool is_of_birth_date(struct bytes pin, struct bytes birth)
{
    static const size_t starts[] = {0, 2, 4};
    char text[BIRTH_LEN + 1] = "";
    struct caldate date;
    char era[16];
    int year;
    bool is_one = false;

    if (birth.len != BIRTH_LEN)
        return false;
    memcpy(text, birth.ptr, BIRTH_LEN);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        is_one = bytes_equal_secret(pin, bytes_part(birth, starts[i], pin.len)) || is_one;
    if (caldate_parse_basic(text, &date, NULL) == 0 && code_era_year(date, &year, NULL) == 0) {
        (void)snprintf(era, sizeof era, "%02d%02d", year, date.month);
        is_one = bytes_equal_secret(pin, bytes_text(era)) || is_one;
    }
    return is_one;
}

/*
 * A PIN of digits that is part of the holder's birth date is no secret (portal.md S96). Only the
 * text application tells that date, and the old PIN has just opened it.
 */
static int check_birth_date(struct icc *icc, const struct icc_pin_change *change, struct err *err)
{
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    struct bytes rest;
    struct tlv attributes, birth;
    struct err why = {0};

    if (icc_read_object(icc, EF_ATTRIBUTES, TAG_ATTRIBUTES, ICC_OBJECT_MAX, &object, &why) < 0)
        return icc_is_missing(&why) ? 0 : err_copy(err, &why);
    rest = buf_bytes(&object);
    if (tlv_next(&rest, &attributes, NULL) < 0 ||
        tlv_find(attributes.value, TAG_BIRTH, &birth, NULL) < 0)
        return 0; /* a card without a birth date: nothing to compare with */
    if (is_of_birth_date(secret_bytes(change->replacement), birth.value))
        return FAIL(err, ERR_DENIED, "the new %s is part of your date of birth; it was not changed",
                    err_message(icc_pin_title(change->which)));
    return 0;
}

int icc_pin_change(struct icc *icc, const struct icc_pin_change *change, struct err *err)
{
    if (bytes_equal_secret(secret_bytes(change->old), secret_bytes(change->replacement)))
        return FAIL(err, ERR_DENIED, "the new %s is the old one; nothing was sent to the card",
                    err_message(icc_pin_title(change->which)));
    /* The PIN that was verified stays selected (card.md 4.1). */
    TRY(icc_pin_verify(icc, change->which, change->old, change->may_use_last_try, err));
    if (icc_current_app(icc) == ICC_APP_TEXT) {
        TRY(check_birth_date(icc, change, err));
        TRY(icc_pin_select(icc, change->which, err));
    }
    return replace(icc, change, err);
}

/* Something was changed already: what is the state now? */
static int fail_half(struct err *err, const struct icc_pin_change *change,
                     const struct icc_pin_places *places, size_t done, const struct err *why)
{
    return FAIL_WITH(err, why->kind, why->detail,
                     "the %s was changed in the application '%s', but not in '%s': %s",
                     err_message(icc_pin_title(change->which)),
                     icc_app_name(places->list[done - 1].app), icc_app_name(places->list[done].app),
                     why->text);
}

int icc_pin_change_in(struct icc *icc, const struct icc_pin_change *change,
                      const struct icc_pin_places *places, size_t *done, struct err *err)
{
    for (*done = 0; *done < places->count; ++*done) {
        CLEANUP(icc_end) struct icc_txn txn = {NULL};
        struct err why = {0};
        int rc = icc_begin_app(icc, places->list[*done].app, &txn, &why);

        if (rc == 0)
            rc = icc_pin_change(icc, change, &why);
        if (rc < 0)
            return *done == 0 ? err_copy(err, &why) : fail_half(err, change, places, *done, &why);
    }
    return 0;
}
