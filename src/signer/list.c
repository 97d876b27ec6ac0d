/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/list.h"

#include "signer/role_ca.h"

#include <stdio.h>
#include <stdlib.h>

static int look(void *context, const struct crl *crl, const struct revocation *entry,
                struct err *err)
{
    struct list *list = context;

    return role_ca_check_entry(&list->last, crl, entry, err);
}

int list_begin(const char *key, struct list **ret, struct err *err)
{
    CLEANUP(list_freep) struct list *list = calloc(1, sizeof *list);
    struct crl_look each = {look, list};

    if (list == NULL)
        return FAIL_NOMEM(err);
    (void)snprintf(list->key, sizeof list->key, "%s", key);
    TRY(crl_stream_begin(RPC_LIST_MAX, &each, &list->stream, err));
    *ret = list;
    list = NULL;
    return 0;
}

int list_add(struct list *list, struct bytes piece, struct err *err)
{
    return crl_stream_add(list->stream, piece, err);
}

int list_end(struct list *list, struct crl_streamed *ret, struct err *err)
{
    return crl_stream_end(list->stream, ret, err);
}

void list_freep(struct list **list)
{
    if (*list == NULL)
        return;
    crl_stream_freep(&(*list)->stream);
    free(*list);
    *list = NULL;
}
