/* SPDX-License-Identifier: Apache-2.0 */
#include "client/object.h"

#include "base/i18n.h"
#include "iso7816/tlv.h"

int object_take(struct bytes *rest, uint32_t tag, int size, struct object_part *ret,
                struct err *err)
{
    struct bytes at = *rest;
    struct tlv found;

    if (tlv_next(&at, &found, NULL) < 0)
        return FAIL(err, ERR_INPUT, "element %X of the card's data is missing or cut off", tag);
    if (found.tag != tag)
        return FAIL(err, ERR_INPUT, "element %X of the card's data stands where %X should",
                    found.tag, tag);
    if (size != OBJECT_ANY_SIZE && found.value.len != (size_t)size)
        return FAIL(err, ERR_INPUT, "element %X of the card's data has %zu bytes instead of %d",
                    tag, found.value.len, size);
    *ret = (struct object_part){found.value, bytes_part(*rest, 0, rest->len - at.len)};
    *rest = at;
    return 0;
}

int object_end(struct bytes rest, struct err *err)
{
    if (rest.len > 0)
        return FAIL(err, ERR_INPUT, "there are %zu bytes behind the card's data", rest.len);
    return 0;
}

int object_open(struct bytes object, uint32_t tag, struct bytes *ret, struct err *err)
{
    struct bytes rest = object;
    struct object_part part;

    TRY(object_take(&rest, tag, OBJECT_ANY_SIZE, &part, err));
    TRY(object_end(rest, err));
    *ret = part.value;
    return 0;
}

struct bytes object_span(const struct object_part *first, const struct object_part *last)
{
    const uint8_t *start = first->whole.ptr;

    return bytes_of(start, (size_t)(last->whole.ptr - start) + last->whole.len);
}

int object_digits(struct bytes value, struct err *err)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return FAIL(err, ERR_INPUT,
                        "the card's data has something else where digits should be");
    return 0;
}

int object_of_card(int rc, struct err *err)
{
    if (rc != -ERR_INPUT)
        return rc;
    if (err != NULL)
        err->kind = ERR_REMOTE;
    return err_prefix(err, -ERR_REMOTE, "%s", err_message(N_("the card answered garbage")));
}
