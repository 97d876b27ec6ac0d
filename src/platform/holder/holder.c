/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/holder/holder.h"

#include "platform/door.h"
#include "platform/login/holder.h"
#include "platform/login/login.h"

#include <string.h>

_Static_assert(HOLDER_NAME_SIZE == (int)LOGIN_SUBJECT_SIZE, "one pseudonym, whoever shows him");

struct holder_key holder_key_of(const struct x509_cert *cert)
{
    return (struct holder_key){x509_cert_tbs(cert)->authority_key_id, x509_cert_tbs(cert)->serial};
}

/*
 * The auth certificate that goes with it, which is then known to be the same person's: as somebody
 * who has logged in before, or as a further one of somebody new.
 */
static int join_counterpart(const struct platform *platform, struct signer *signer,
                            const struct showing *showing, struct err *err)
{
    const struct holder_key sign = holder_key_of(showing->cert);
    CLEANUP(linked_done) struct linked other = {.is_there = false};
    struct holder_key auth;
    int rc = door_counterpart(platform, signer, x509_cert_der(showing->cert), &other, err);

    if (rc == -ERR_ABSENT || (rc == 0 && !other.is_there))
        return 0;
    TRY(rc);
    auth = (struct holder_key){buf_bytes(&other.issuer), buf_bytes(&other.serial)};
    TRY(holder_recognise(platform, signer, &auth, showing->reference, showing->by, err));
    return platform_join_holder(platform->store, &sign, &auth, showing->reference, showing->by,
                                err);
}

/* Nobody, until the authority has led nowhere. */
static int recognise(const struct platform *platform, struct signer *signer,
                     const struct showing *showing, struct err *err)
{
    const struct holder_key sign = holder_key_of(showing->cert);
    int rc;

    TRY(holder_recognise(platform, signer, &sign, showing->reference, showing->by, err));
    rc = platform_know_holder(platform->store, &sign, err);
    if (rc != -ERR_ABSENT || !door_is_there(platform))
        return rc == -ERR_ABSENT ? 0 : rc;
    return join_counterpart(platform, signer, showing, err);
}

/* A list's distribution point is kept only where lists are looked into: it names a region. */
static int number_of(const struct platform *platform, const struct x509_cert *cert,
                     struct sign_number *ret, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);

    TRY(buf_copy(tbs->authority_key_id, &ret->issuer, err));
    TRY(buf_copy(tbs->serial, &ret->serial, err));
    if (platform->policy == REVOCATION_CRL)
        TRY(buf_copy(tbs->distribution_point, &ret->point, err));
    return buf_copy(tbs->ocsp_url, &ret->ocsp_url, err);
}

int holder_show(const struct platform *platform, struct signer *signer,
                const struct showing *showing, char ret[HOLDER_NAME_SIZE], struct err *err)
{
    const struct holder_key sign = holder_key_of(showing->cert);
    CLEANUP(sign_number_done) struct sign_number number = {.issuer = BUF_INIT};
    uint8_t id[HOLDER_ID_SIZE];
    char name[HOLDER_NAME_SIZE];
    const struct holder_shown shown = {showing->client_id, name, id, &number};
    int rc = platform_name_shown(platform->store, showing->client_id, &sign, ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(recognise(platform, signer, showing, err));
    TRY(platform_get_holder(platform->store, &sign, id, err));
    TRY(login_subject(platform, showing->client_id, id, name, err));
    TRY(number_of(platform, showing->cert, &number, err));
    TRY(platform_show_holder(platform->store, &shown, showing->by, err));
    memcpy(ret, name, sizeof name);
    return 0;
}
