/* SPDX-License-Identifier: Apache-2.0 */
/* The four attributes of a sign certificate, as consents name them. */
#pragma once

#include "base/json.h"

enum attribute {
    ATTRIBUTE_NAME = 1 << 0,
    ATTRIBUTE_BIRTH = 1 << 1,
    ATTRIBUTE_SEX = 1 << 2,
    ATTRIBUTE_ADDRESS = 1 << 3,
};
enum { ATTRIBUTES_ = 4 };
extern const char *const attribute_names[]; /* "name", "birth", "sex", "address", NULL: by bit */

/* Member "attributes" of an object, in any order. ERR_INPUT for another word, or none or twice. */
MUST_CHECK int attributes_read(const struct json *object, unsigned *ret, struct err *err);
MUST_CHECK int attributes_put(struct json *object, unsigned attributes, struct err *err);
