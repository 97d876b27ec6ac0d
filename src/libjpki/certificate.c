/* SPDX-License-Identifier: Apache-2.0 */
#include "client/cert.h"

#include "border/border.h"
#include "client/anchors.h"
#include "libjpki/data.h"
#include "libjpki/pin.h"

static const struct {
    enum jpki_certificate outside;
    enum icc_cert inside;
} certificates[] = {
    {JPKI_CERTIFICATE_SIGN, ICC_CERT_SIGN},
    {JPKI_CERTIFICATE_AUTH, ICC_CERT_AUTH},
    {JPKI_CERTIFICATE_SIGN_CA, ICC_CERT_SIGN_CA},
    {JPKI_CERTIFICATE_AUTH_CA, ICC_CERT_AUTH_CA},
};

static int certificate_meant(enum jpki_certificate which, enum icc_cert *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof certificates / sizeof certificates[0]; i++) {
        if (certificates[i].outside == which) {
            *ret = certificates[i].inside;
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "%d is no certificate", (int)which);
}

/* A PIN that is given is used where one may be needed, and nowhere else: trying it may cost. */
static int open_certificate(jpki_card *card, enum icc_cert which, const struct jpki_pin *pin,
                            struct err *err)
{
    if (which == ICC_CERT_SIGN)
        return pin_open(card, ICC_PIN_SIGN, pin, err);
    if (which == ICC_CERT_AUTH && icc_token(card->icc)->kind != ICC_CARD)
        return pin_open(card, ICC_PIN_AUTH, pin, err);
    return 0;
}

static int read_certificate(jpki_card *card, enum jpki_certificate which,
                            const struct jpki_pin *pin, jpki_data **ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    enum icc_cert meant;

    TRY(certificate_meant(which, &meant, err));
    TRY(icc_begin(card->icc, &txn, err));
    TRY(open_certificate(card, meant, pin, err));
    TRY(icc_read_cert(card->icc, meant, &der, err));
    return data_new(&der, ret, err);
}

int jpki_card_certificate(jpki_card *card, enum jpki_certificate which, const struct jpki_pin *pin,
                          jpki_data **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(read_certificate(card, which, pin, ret, &err), &err, error);
}

/* Of a CA for the other use, nothing is known here. */
static int find_authority(jpki_card *card, enum jpki_use use, unsigned *ret, struct err *err)
{
    enum icc_cert which = use == JPKI_USE_SIGN ? ICC_CERT_SIGN_CA : ICC_CERT_AUTH_CA;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct known_ca known = {.generation = 0};
    int rc;

    if (use != JPKI_USE_SIGN && use != JPKI_USE_AUTH)
        return FAIL(err, ERR_USAGE, "%d is no use of a key", (int)use);
    TRY(icc_begin(card->icc, &txn, err));
    TRY(icc_read_cert(card->icc, which, &der, err));
    rc = known_ca_find(buf_bytes(&der), &known, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0 && known.is_sign == (use == JPKI_USE_SIGN) ? (unsigned)known.generation : 0;
    return 0;
}

int jpki_card_authority(jpki_card *card, enum jpki_use use, unsigned *ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(find_authority(card, use, ret, &err), &err, error);
}
