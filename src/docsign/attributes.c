/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/attributes.h"

#include <string.h>

const char *const attribute_names[] = {"name", "birth", "sex", "address", NULL};

int attributes_read(const struct json *object, unsigned *ret, struct err *err)
{
    const struct json *list;
    unsigned attributes = 0;

    TRY(json_get_array(object, "attributes", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *name = json_text(json_at(list, i));
        unsigned k = 0;

        while (k < ATTRIBUTES_ && (name == NULL || strcmp(attribute_names[k], name) != 0))
            k++;
        if (k == ATTRIBUTES_ || (attributes & 1U << k) != 0)
            return FAIL(err, ERR_INPUT,
                        "attributes are name, birth, sex and address, each once at most");
        attributes |= 1U << k;
    }
    if (attributes == 0)
        return FAIL(err, ERR_INPUT, "attributes are empty");
    *ret = attributes;
    return 0;
}

int attributes_put(struct json *object, unsigned attributes, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; i < ATTRIBUTES_; i++)
        if ((attributes & 1U << i) != 0)
            TRY(json_add_text(list, attribute_names[i], err));
    return json_put(object, "attributes", json_steal(&list), err);
}
