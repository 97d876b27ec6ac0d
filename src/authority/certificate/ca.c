/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA key signs one CA certificate in its life, so the bytes are kept before signerd is asked:
 * after a crash the same bytes are asked for again, and signerd gives the same signature.
 */
#include "authority/authority.h"
#include "authority/limits.h"

#include "x509/profile.h"

static const enum profile_kind ca_profiles[CA_KINDS_] = {
    [CA_SIGN] = PROFILE_SIGN_CA,
    [CA_AUTH] = PROFILE_AUTH_CA,
};

static int ca_prepare(struct authority_store *store, struct signer *signer,
                      const struct ca_setup *setup, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    const struct profile *profile = profile_of(ca_profiles[setup->kind]);
    struct profile_inputs inputs = {
        .serial = CA_SERIAL,
        .not_before = setup->by->at,
        .not_after = profile_last_second(profile, KEY_RSA, setup->by->at),
    };

    TRY(signer_public(signer, setup->key, &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile, &inputs, &tbs, err));
    return authority_begin_ca(store, setup->kind, buf_bytes(&tbs), err);
}

/* The certificate is by the book and signed by its own key. */
static int ca_check(enum ca_kind kind, const struct x509_cert *cert, struct err *err)
{
    TRY(profile_check(profile_of(ca_profiles[kind]), x509_cert_tbs(cert), err));
    return x509_cert_is_signed_by(cert, x509_cert_pubkey(cert), err);
}

static int ca_sign(struct authority_store *store, struct signer *signer,
                   const struct ca_setup *setup, struct err *err)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    TRY(authority_get_ca_tbs(store, setup->kind, &tbs, err));
    TRY(signer_sign(signer, setup->key, SIGNER_CERTIFICATE, buf_bytes(&tbs), &signature, err));
    TRY(cert_assemble(buf_bytes(&tbs), buf_bytes(&signature), &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &cert, err));
    TRY(err_prefix(err, ca_check(setup->kind, cert, err), "what signerd signed"));
    return authority_finish_ca(store, setup->kind, buf_bytes(&der), setup->by, err);
}

int ca_init(struct authority_store *store, struct signer *signer, const struct ca_setup *setup,
            struct buf *ret, struct err *err)
{
    int rc = authority_get_ca(store, setup->kind, ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(ca_prepare(store, signer, setup, err));
    TRY(ca_sign(store, signer, setup, err));
    return authority_get_ca(store, setup->kind, ret, err);
}

static int ca_load(struct authority *authority, enum ca_kind kind, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    int rc = authority_get_ca(authority->store, kind, &der, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "the %s CA is not set up; run jpki-authorityd init-ca %s",
                    ca_kind_name(kind), ca_kind_name(kind));
    TRY(rc);
    TRY(x509_cert_parse(buf_bytes(&der), &cert, err));
    TRY(err_prefix(err, ca_check(kind, cert, err), "the stored %s CA certificate",
                   ca_kind_name(kind)));
    authority->cas[kind].certificate = cert;
    cert = NULL;
    return 0;
}

int authority_load_cas(struct authority *authority, struct err *err)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        TRY(ca_load(authority, (enum ca_kind)kind, err));
    return 0;
}

void authority_unload_cas(struct authority *authority)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        x509_cert_freep(&authority->cas[kind].certificate);
}
