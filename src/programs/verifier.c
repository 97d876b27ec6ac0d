/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/verifier.h"

#include "base/file.h"
#include "rpc/signer_client.h"
#include "verify/ocsp_fetch.h"

#include <stdlib.h>

/* The context of an ocsp_asker. */
struct way {
    struct ocsp_fetch fetch; /* first: ocsp_fetch_send takes it from here */
    struct signer *signer;
    const char *key;
};

struct verifier {
    struct way way;
    struct x509_cert *requestor;
    struct ocsp_asker asker;
};

static int sign(const void *context, struct bytes tbs, struct buf *ret, struct err *err)
{
    const struct way *way = context;

    return signer_sign(way->signer, way->key, SIGNER_OCSP_REQUEST, tbs, ret, err);
}

static int open_signer(struct verifier *verifier, const struct verifier_way *way, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(file_read(way->certificate, X509_PEM_MAX, &file, err));
    TRY(err_prefix(err, x509_cert_parse_file(buf_bytes(&file), &verifier->requestor, err), "%s",
                   way->certificate));
    TRY(signer_open(way->signer, &verifier->way.signer, err));
    verifier->asker.sign = sign;
    verifier->asker.requestor = verifier->requestor;
    return 0;
}

int verifier_open(const struct verifier_way *way, struct verifier **ret, struct err *err)
{
    CLEANUP(verifier_closep) struct verifier *verifier = calloc(1, sizeof *verifier);

    if (verifier == NULL)
        return FAIL_NOMEM(err);
    verifier->way.fetch = (struct ocsp_fetch){.socket = way->socket, .base = way->base};
    verifier->way.key = way->key;
    verifier->asker = (struct ocsp_asker){.context = &verifier->way, .send = ocsp_fetch_send};
    if (way->signer != NULL)
        TRY(open_signer(verifier, way, err));
    *ret = verifier;
    verifier = NULL;
    return 0;
}

void verifier_close(struct verifier *verifier)
{
    if (verifier == NULL)
        return;
    signer_closep(&verifier->way.signer);
    x509_cert_free(verifier->requestor);
    free(verifier);
}

void verifier_closep(struct verifier **verifier)
{
    verifier_close(*verifier);
    *verifier = NULL;
}

struct status_source verifier_source(const struct verifier *verifier)
{
    return ocsp_status_source(&verifier->asker);
}
