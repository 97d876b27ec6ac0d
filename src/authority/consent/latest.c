/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/consent/latest.h"

const char *const latest_outcomes[] = {
    [LATEST_GIVEN] = "given",
    [LATEST_NOT_NOTIFIED] = "not-notified",
    [LATEST_UNKNOWN] = "unknown-certificate",
    [LATEST_NO_CONSENT] = "no-consent",
    [LATEST_NOT_YET] = "consent-not-yet-valid",
    [LATEST_EXPIRED] = "consent-expired",
    [LATEST_WITHDRAWN] = "consent-withdrawn",
    [LATEST_NOT_CONSENTED] = "attribute-not-consented",
    [LATEST_NOT_REVOKED] = "not-revoked",
    [LATEST_NOT_REISSUED] = "not-reissued",
    [LATEST_CEASED] = "holder-ceased",
    [LATEST_OUTCOMES_] = NULL,
};

void latest_done(struct latest *latest)
{
    buf_done(&latest->cert);
}

static int put(struct json *object, const char *key, struct bytes value, bool is_told,
               struct err *err)
{
    return is_told ? json_put_bytes(object, key, value, err) : 0;
}

int latest_put(const struct latest *latest, struct json *object, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const unsigned told = latest->attributes;
    const struct holder *holder;

    TRY(x509_cert_parse(buf_bytes(&latest->cert), &cert, err));
    if (!x509_cert_tbs(cert)->has_holder)
        return FAIL(err, ERR_SYSTEM, "the database has a sign certificate without a holder");
    holder = &x509_cert_tbs(cert)->holder;
    TRY(put(object, "name", holder->name, (told & ATTRIBUTE_NAME) != 0, err));
    TRY(put(object, "name_substitutes", holder->name_substitutes, (told & ATTRIBUTE_NAME) != 0,
            err));
    TRY(put(object, "birth", holder->birth, (told & ATTRIBUTE_BIRTH) != 0, err));
    TRY(put(object, "sex", holder->sex, (told & ATTRIBUTE_SEX) != 0, err));
    TRY(put(object, "address", holder->address, (told & ATTRIBUTE_ADDRESS) != 0, err));
    return put(object, "address_substitutes", holder->address_substitutes,
               (told & ATTRIBUTE_ADDRESS) != 0, err);
}
