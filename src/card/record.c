/* SPDX-License-Identifier: Apache-2.0 */
#include "card/record.h"

enum { SHORT_HEADER = 2, LONG_HEADER = 4, LONG_LENGTH = 0xff };

bool record_next(struct bytes *rest, struct bytes *ret)
{
    struct bytes all = *rest;
    size_t header = SHORT_HEADER;
    size_t len;

    if (all.len < SHORT_HEADER || all.ptr[0] == 0x00 || all.ptr[0] == 0xff)
        return false;
    len = all.ptr[1];
    if (len == LONG_LENGTH) {
        if (all.len < LONG_HEADER)
            return false;
        header = LONG_HEADER;
        len = (size_t)all.ptr[2] << 8 | all.ptr[3];
    }
    if (len > all.len - header)
        return false;
    *ret = bytes_part(all, 0, header + len);
    *rest = bytes_part(all, header + len, all.len);
    return true;
}
