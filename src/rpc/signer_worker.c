/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/signer_worker.h"

#include <stdlib.h>

struct signer_worker {
    struct signer *signer; /* NULL until signerd was there for the first time */
};

int signer_worker_open(void *context, void **ret, struct err *err)
{
    struct signer_worker *worker = calloc(1, sizeof *worker);

    (void)context;
    if (worker == NULL)
        return FAIL_NOMEM(err);
    *ret = worker;
    return 0;
}

void signer_worker_close(void *context, void *worker)
{
    struct signer_worker *w = worker;

    (void)context;
    if (w != NULL)
        signer_close(w->signer);
    free(w);
}

int signer_worker_get(void *worker, const char *path, struct signer **ret, struct err *err)
{
    struct signer_worker *w = worker;

    if (w->signer == NULL)
        TRY(signer_open(path, &w->signer, err));
    *ret = w->signer;
    return 0;
}
