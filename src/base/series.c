/* SPDX-License-Identifier: Apache-2.0 */
#include "base/series.h"

#include <string.h>

bool series_note(struct series *series, const struct err *failure)
{
    bool is_new = false;

    if (failure == NULL) {
        series->last.kind = ERR_NONE;
        return false;
    }
    is_new = failure->kind != series->last.kind || strcmp(failure->text, series->last.text) != 0;
    series->last = *failure;
    return is_new;
}
