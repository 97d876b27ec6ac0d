/* SPDX-License-Identifier: Apache-2.0 */
#include "http/form.h"

#include "http/syntax.h"

#include <string.h>

int http_form_read(const struct http_call *call, struct http_fields *ret, struct err *err)
{
    const struct http_request *request = &call->request;

    return http_query_decode(request->arena,
                             request->method == HTTP_POST ? request->body : request->raw_query, ret,
                             err);
}

const char *http_form_get(const struct http_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->at[i].name, name) == 0)
            return fields->at[i].value[0] == '\0' ? NULL : fields->at[i].value;
    return NULL;
}
