/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki-verify/verifier.h"

#include "revocation/crl.h"

#include <stdlib.h>
#include <string.h>

static int verifier_make(struct jpki_verifier **ret, struct err *err)
{
    static const struct crl_limits limits = {CRL_FILES_DEFAULT, CRL_ENTRIES_DEFAULT};
    struct jpki_verifier *verifier = calloc(1, sizeof *verifier);
    int rc;

    if (verifier == NULL)
        return FAIL_NOMEM(err);
    rc = anchors_new(&verifier->anchors, err);
    if (rc == 0)
        rc = crl_lists_new(verifier->anchors, &limits, &verifier->lists, err);
    if (rc < 0)
        jpki_verifier_free(verifier);
    else
        *ret = verifier;
    return rc;
}

int jpki_verifier_new(jpki_verifier **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(verifier_make(ret, &err), &err, error);
}

void jpki_verifier_free(jpki_verifier *verifier)
{
    if (verifier == NULL)
        return;
    crl_lists_free(verifier->lists);
    anchors_free(verifier->anchors);
    x509_cert_free(verifier->requestor);
    free(verifier);
}

static int add_ca(struct jpki_verifier *verifier, struct jpki_bytes file, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct bytes contents;

    TRY(take_bytes(file, &contents, err));
    if (contents.len > ANCHOR_FILE_MAX)
        return FAIL(err, ERR_INPUT, "a CA certificate of more than %d bytes", ANCHOR_FILE_MAX);
    TRY(x509_cert_parse_file(contents, &cert, err));
    return anchors_add(verifier->anchors, cert, err);
}

int jpki_verifier_add_ca(jpki_verifier *verifier, struct jpki_bytes certificate,
                         struct jpki_error *error)
{
    struct err err = {0};

    return tell(add_ca(verifier, certificate, &err), &err, error);
}

int jpki_verifier_load_cas(jpki_verifier *verifier, const char *path, struct jpki_error *error)
{
    struct err err = {0};

    return tell(anchors_load(verifier->anchors, path, &err), &err, error);
}

static int add_crl(struct jpki_verifier *verifier, struct jpki_bytes list, struct err *err)
{
    struct bytes der;
    struct crl crl;

    TRY(take_bytes(list, &der, err));
    TRY(crl_parse(der, CRL_FILE_MAX, &crl, err));
    return crl_lists_add(verifier->lists, der, err);
}

int jpki_verifier_add_crl(jpki_verifier *verifier, struct jpki_bytes crl, struct jpki_error *error)
{
    struct err err = {0};

    return tell(add_crl(verifier, crl, &err), &err, error);
}

int jpki_verifier_set_crl_path(jpki_verifier *verifier, const char *path, struct jpki_error *error)
{
    struct err err = {0};

    return tell(crl_lists_set_path(verifier->lists, path, &err), &err, error);
}

int jpki_verifier_remember(jpki_verifier *verifier, size_t certificates, struct jpki_error *error)
{
    struct err err = {0};

    return tell(anchors_remember(verifier->anchors, certificates, &err), &err, error);
}

void jpki_verifier_set_ocsp(jpki_verifier *verifier, jpki_ask_fn *ask, void *context)
{
    verifier->ask = ask;
    verifier->ask_context = context;
}

static int set_requestor(struct jpki_verifier *verifier, struct jpki_bytes certificate,
                         struct err *err)
{
    struct x509_cert *requestor = NULL;
    struct bytes der;

    TRY(take_bytes(certificate, &der, err));
    TRY(x509_cert_parse(der, &requestor, err));
    x509_cert_free(verifier->requestor);
    verifier->requestor = requestor;
    return 0;
}

int jpki_verifier_set_ocsp_signer(jpki_verifier *verifier, struct jpki_bytes certificate,
                                  jpki_sign_fn *sign, void *context, struct jpki_error *error)
{
    struct err err = {0};
    int rc = set_requestor(verifier, certificate, &err);

    if (rc == 0) {
        verifier->sign = sign;
        verifier->sign_context = context;
    }
    return tell(rc, &err, error);
}

struct trust verifier_trust(const struct jpki_verifier *verifier,
                            const struct status_source *status, int64_t at)
{
    return (struct trust){verifier->anchors, verifier_has_status(verifier) ? status : NULL, at};
}
