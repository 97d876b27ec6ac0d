/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include <string.h>
#include <strings.h>

const char *http_method_name(enum http_method method)
{
    switch (method) {
    case HTTP_GET:
        return "GET";
    case HTTP_HEAD:
        return "HEAD";
    case HTTP_POST:
        return "POST";
    case HTTP_PUT:
        return "PUT";
    case HTTP_PATCH:
        return "PATCH";
    case HTTP_DELETE:
        return "DELETE";
    case HTTP_OPTIONS:
        return "OPTIONS";
    case HTTP_METHODS_:
        break;
    }
    return "unknown";
}

static const char *value_of(struct http_fields fields, const char *name,
                            int (*compare)(const char *, const char *))
{
    for (size_t i = 0; i < fields.count; i++) {
        if (compare(fields.at[i].name, name) == 0)
            return fields.at[i].value;
    }
    return NULL;
}

const char *http_param(const struct http_request *request, const char *name)
{
    const char *value = value_of(request->params, name, strcmp);

    return value == NULL ? "" : value;
}

const char *http_query(const struct http_request *request, const char *name)
{
    return value_of(request->query, name, strcmp);
}

const char *http_header(const struct http_request *request, const char *name)
{
    return value_of(request->headers, name, strcasecmp);
}
