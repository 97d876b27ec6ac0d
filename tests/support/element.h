/* SPDX-License-Identifier: Apache-2.0 */
/* Finding an element in a card's data object, for tests that change one. */
#pragma once

#include "iso7816/tlv.h"

/* The value of the object itself, or of the element directly in it, with this tag; else empty. */
static inline struct bytes element_value(struct bytes object, uint32_t tag)
{
    struct bytes rest = object;
    struct tlv element;

    if (tlv_next(&rest, &element, NULL) < 0)
        return bytes_of(NULL, 0);
    if (element.tag == tag)
        return element.value;
    rest = element.value;
    while (tlv_next(&rest, &element, NULL) == 0)
        if (element.tag == tag)
            return element.value;
    return bytes_of(NULL, 0);
}
