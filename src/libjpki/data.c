/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki/data.h"

#include "border/border.h"

#include <stdlib.h>

struct jpki_data {
    struct buf bytes; /* wiped when it is released */
};

int data_new(struct buf *from, jpki_data **ret, struct err *err)
{
    jpki_data *data = calloc(1, sizeof *data);

    if (data == NULL)
        return FAIL_NOMEM(err);
    buf_move(&data->bytes, from);
    *ret = data;
    return 0;
}

struct jpki_bytes jpki_data_bytes(const jpki_data *data)
{
    return give_bytes(buf_bytes(&data->bytes));
}

void jpki_data_free(jpki_data *data)
{
    if (data == NULL)
        return;
    buf_done(&data->bytes);
    free(data);
}
