/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/anchor_files.h"

#include "programs/variant.h"

#include <string.h>

static int add_file(const char *path, struct anchors *anchors, struct err *err)
{
    size_t before = anchors_count(anchors);
    int rc = anchors_load(anchors, path, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    if (anchors_count(anchors) == before)
        return FAIL(err, ERR_INPUT, "%s has no CA certificate", path);
    for (size_t i = before; i < anchors_count(anchors); i++)
        TRY(err_prefix(err, variant_check_ca(anchors_at(anchors, i), err), "%s", path));
    return 0;
}

int anchor_files_load(const char *paths, struct anchors **ret, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(free_text) char *copy = strdup(paths);
    char *rest = copy;

    if (copy == NULL)
        return FAIL_NOMEM(err);
    TRY(anchors_new(&anchors, err));
    for (const char *path = strsep(&rest, "\n"); path != NULL; path = strsep(&rest, "\n"))
        TRY(add_file(path, anchors, err));
    *ret = anchors;
    anchors = NULL;
    return 0;
}
