/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/phone/phone.h"

#include "base/clock.h"
#include "programs/jpki/authority.h"

#include <stdio.h>

static int fail_real(struct err *err)
{
    return FAIL(err, ERR_USAGE,
                "certificates of real phones come from the My Number Portal app; --authority or "
                "JPKI_AUTHORITY names another authority");
}

int phone_open_authority(const struct phone_options *options, struct remote **ret, struct err *err)
{
    return authority_open(options->authority, fail_real, ret, err);
}

static int agree(const struct phone_options *options, const struct remote *remote, const char *what,
                 struct err *err)
{
    bool is_meant = options->yes;

    (void)fprintf(stderr, "%s\n", what);
    (void)fprintf(stderr, tr("The authority is %s, as reached from here.\n"),
                  remote_origin(remote));
    if (!is_meant)
        TRY(confirm(tr("Is this meant?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "nothing was sent: you did not agree");
    return 0;
}

int phone_have_signed(const struct phone_options *options, const struct remote *remote,
                      const char *what, struct phone_wish *wish, struct phone_order *ret,
                      struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    unsigned left;

    TRY(open_card(&options->card, &icc, err));
    TRY(authority_check_card(icc, true, fail_real, err));
    TRY(pin_is_usable(icc, ICC_PIN_SIGN, &options->pin, &left, err));
    TRY(agree(options, remote, what, err));
    TRY(pin_ask(ICC_PIN_SIGN, &options->pin, left, &pin, err));
    wish->origin = remote_origin(remote);
    wish->pin = &pin;
    wish->may_use_last_try = options->pin.last_try;
    wish->now = clock_now(&clock_system);
    return phone_sign(wish, icc, ret, err);
}
