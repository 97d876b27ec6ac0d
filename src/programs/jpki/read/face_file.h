/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the card face, for the commands that show it or a part of it. */
#pragma once

#include "client/visual.h"
#include "programs/jpki/read/data.h"

/* Read the face as requested, which is by check code A or B, and judge it. *ret is empty before. */
MUST_CHECK int face_read(const struct card_request *request, struct visual_data *ret,
                         struct err *err);

/* A row for a command whose option struct has a member "code_a" for it. */
#define FACE_CODE_OPTION(type)                                                                     \
    {                                                                                              \
        0, "code-a", CLI_FLAG, offsetof(type, code_a), NULL,                                       \
            N_("open it with the individual number, check code A, instead of check code B")        \
    }
