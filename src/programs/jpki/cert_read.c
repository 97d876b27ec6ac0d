/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/cert_read.h"

enum icc_cert cert_meant(const struct cert_options *options)
{
    if (options->ca)
        return options->sign ? ICC_CERT_SIGN_CA : ICC_CERT_AUTH_CA;
    return options->sign ? ICC_CERT_SIGN : ICC_CERT_AUTH;
}

/* Which PIN opens a certificate (card.md 3.1); false where none does. */
static bool needs_pin(const struct icc *icc, enum icc_cert which, enum icc_pin *ret)
{
    *ret = which == ICC_CERT_SIGN ? ICC_PIN_SIGN : ICC_PIN_AUTH;
    return which == ICC_CERT_SIGN || (which == ICC_CERT_AUTH && icc_token(icc)->kind != ICC_CARD);
}

int cert_read(const struct cert_options *options, const struct card_options *card,
              const struct pin_options *pin, struct x509_cert **ret, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    enum icc_cert which = cert_meant(options);
    enum icc_pin needed;
    unsigned left;

    TRY(open_card(card, &icc, err));
    if (!needs_pin(icc, which, &needed))
        return read_certificate(icc, which, ret, err);
    TRY(pin_is_usable(icc, needed, pin, &left, err));
    TRY(pin_ask(needed, pin, left, &secret, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, needed, &secret, pin->last_try, err));
    return read_certificate(icc, which, ret, err);
}
