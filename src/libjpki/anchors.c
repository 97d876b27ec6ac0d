/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki/anchors.h"

#include "border/border.h"
#include "client/limits.h"

#include <stdlib.h>

/* What jpki/jpki.h promises. */
_Static_assert((int)JPKI_ANCHORS_MAX == (int)DATA_ROOTS_MAX, "");
_Static_assert((int)JPKI_ANCHOR_FILE_MAX == (int)DATA_ROOT_FILE_MAX, "");

static int make(jpki_anchors **ret, struct err *err)
{
    jpki_anchors *anchors = calloc(1, sizeof *anchors);
    int rc;

    if (anchors == NULL)
        return FAIL_NOMEM(err);
    rc = data_roots_new(&anchors->roots, err);
    if (rc < 0) {
        free(anchors);
        return rc;
    }
    *ret = anchors;
    return 0;
}

int jpki_anchors_new(jpki_anchors **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(make(ret, &err), &err, error);
}

void jpki_anchors_free(jpki_anchors *anchors)
{
    if (anchors == NULL)
        return;
    data_roots_free(anchors->roots);
    free(anchors);
}

int jpki_anchors_load(jpki_anchors *anchors, const char *directory, struct jpki_error *error)
{
    struct err err = {0};

    return tell(data_roots_load(anchors->roots, directory, &err), &err, error);
}
