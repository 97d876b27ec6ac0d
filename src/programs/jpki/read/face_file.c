/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/read/face_file.h"

int face_read(const struct card_request *request, struct visual_data *ret, struct err *err)
{
    CLEANUP(card_access_done) struct card_access access = CARD_ACCESS_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(card_access_open(request, &access, err));
    TRY(card_access_begin(&access, ICC_APP_VISUAL, &txn, err));
    return visual_read(access.icc, VISUAL_FACE, access.roots, ret, err);
}
