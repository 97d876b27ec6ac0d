/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin_change.h"

#include "base/i18n.h"
#include "client/icc.h"

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

int icc_pin_change(struct icc *icc, const struct icc_pin_change *change, struct err *err)
{
    if (bytes_equal_secret(secret_bytes(change->old), secret_bytes(change->replacement)))
        return FAIL(err, ERR_DENIED, "the new %s is the old one; nothing was sent to the card",
                    err_message(icc_pin_title(change->which)));
    /* The PIN that was verified stays selected (card.md 4.1). */
    TRY(icc_pin_verify(icc, change->which, change->old, change->may_use_last_try, err));
    return replace(icc, change, err);
}
