/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-registerd/parts.h"

#include "base/file.h"
#include "base/share.h"

int load_municipalities(const struct registerd_config *config, struct municipalities **ret,
                        struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    const char *path = config->municipalities;
    int rc;

    if (path == NULL) {
        TRY(share_path("openjpki/municipalities.tsv", &own, err));
        path = own;
    }
    rc = municipalities_load(path, ret, err);
    return rc == -ERR_ABSENT ? FAIL(err, ERR_INPUT, "%s: no such file", path) : rc;
}

int open_desk(const struct registerd_config *config, struct desk **ret, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    struct anchors *taken;
    int rc;

    if (config->clerk_anchors == NULL)
        return 0;
    TRY(anchors_new(&anchors, err));
    rc = anchors_load(anchors, config->clerk_anchors, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "clerk_anchors: %s does not exist", config->clerk_anchors);
    TRY(err_prefix(err, rc, "clerk_anchors"));
    taken = anchors;
    anchors = NULL;
    return desk_new(taken, config->clerk_origin, ret, err);
}
