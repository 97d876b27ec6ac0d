/* SPDX-License-Identifier: Apache-2.0 */
/* Published lists of an authority's database, as tests look at them. */
#pragma once

#include "authority/store.h"
#include "base/file.h"

#include <stdio.h>

/* All of a list; ERR_ABSENT if there is none of that name. */
static inline int published_list(struct authority_store *store, const char *name, struct buf *ret)
{
    struct open_crl list;
    char path[40];
    int rc = authority_open_crl(store, name, &list, NULL);

    if (rc < 0)
        return rc;
    buf_done(ret);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", list.fd);
    rc = file_read(path, list.size, ret, NULL);
    fd_done(&list.fd);
    return rc;
}
