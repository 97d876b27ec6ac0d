/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/issuers.h"

#include "programs/anchor_files.h"

#include <stdlib.h>

int issuers_load(const char *paths, struct portal_issuer **ret, size_t *ret_count, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    struct portal_issuer *issuers;
    size_t count;

    if (paths == NULL)
        return 0;
    TRY(anchor_files_load(paths, &anchors, err));
    count = anchors_count(anchors);
    issuers = calloc(count, sizeof *issuers);
    if (issuers == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < count; i++) {
        const struct bytes id = x509_cert_tbs(anchors_at(anchors, i))->subject_key_id;

        if (id.len != PORTAL_KEY_ID_BYTES) {
            free(issuers);
            return FAIL(err, ERR_INPUT, "a CA's key identifier has not %d octets",
                        PORTAL_KEY_ID_BYTES);
        }
        memcpy(issuers[i].value, id.ptr, sizeof issuers[i].value);
    }
    *ret = issuers;
    *ret_count = count;
    return 0;
}
