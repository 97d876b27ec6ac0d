/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/document_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
    KIND_OTHER,
    KIND_CARD_FRONT,
    KIND_CARD_BACK,
    KIND_NUMBER_NOTICE,
    KIND_RESIDENT_RECORD,
    KIND_RESIDENT_RECORD_NUMBER,
    KINDS_
};

const char *const document_kinds[] = {
    [KIND_OTHER] = "other",
    [KIND_CARD_FRONT] = "card-front",
    [KIND_CARD_BACK] = "card-back",
    [KIND_NUMBER_NOTICE] = "number-notice",
    [KIND_RESIDENT_RECORD] = "resident-record",
    [KIND_RESIDENT_RECORD_NUMBER] = "resident-record-number",
    [KINDS_] = NULL,
};

static const bool bears_number[] = {
    [KIND_OTHER] = false,           [KIND_CARD_FRONT] = false,
    [KIND_CARD_BACK] = true,        [KIND_NUMBER_NOTICE] = true,
    [KIND_RESIDENT_RECORD] = false, [KIND_RESIDENT_RECORD_NUMBER] = true,
};

int document_kind_check(const char *kind, struct err *err)
{
    for (size_t i = 0; document_kinds[i] != NULL; i++) {
        if (strcmp(document_kinds[i], kind) != 0)
            continue;
        return bears_number[i] ? FAIL(err, ERR_DENIED,
                                      "this document bears an individual number, which is not "
                                      "taken here; the front of a card is enough")
                               : 0;
    }
    return FAIL(err, ERR_INPUT, "there is no such kind of document");
}
