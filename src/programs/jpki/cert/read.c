/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/cert/read.h"
#include "holder/own_cert.h"

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

static int read_opened(struct icc *icc, enum icc_cert which, const struct pin_options *pin,
                       struct x509_cert **ret, struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    enum icc_pin needed;
    unsigned left;

    if (!needs_pin(icc, which, &needed))
        return own_cert_read(icc, which, ret, err);
    TRY(pin_is_usable(icc, needed, pin, &left, err));
    TRY(pin_ask(needed, pin, left, &secret, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, needed, &secret, pin->last_try, err));
    return own_cert_read(icc, which, ret, err);
}

int cert_read(const struct cert_options *options, const struct card_options *card,
              const struct pin_options *pin, struct x509_cert **ret, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;

    TRY(open_card(card, &icc, err));
    return read_opened(icc, cert_meant(options), pin, ret, err);
}

void cert_pair_done(struct cert_pair *pair)
{
    x509_cert_freep(&pair->cert);
    x509_cert_freep(&pair->ca);
}

int cert_read_ca(struct icc *icc, bool is_sign, struct x509_cert **ret, struct err *err)
{
    struct x509_cert *ca = NULL;
    struct err why = {0};

    if (own_cert_read(icc, is_sign ? ICC_CERT_SIGN_CA : ICC_CERT_AUTH_CA, &ca, &why) < 0 &&
        !icc_is_missing(&why))
        return err_copy(err, &why);
    *ret = ca;
    return 0;
}

int cert_read_pair(const struct cert_options *options, const struct card_options *card,
                   const struct pin_options *pin, struct cert_pair *ret, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(cert_pair_done) struct cert_pair pair = {NULL, NULL};

    TRY(open_card(card, &icc, err));
    TRY(read_opened(icc, options->sign ? ICC_CERT_SIGN : ICC_CERT_AUTH, pin, &pair.cert, err));
    TRY(cert_read_ca(icc, options->sign, &pair.ca, err));
    *ret = pair;
    pair = (struct cert_pair){NULL, NULL};
    return 0;
}
