/* SPDX-License-Identifier: Apache-2.0 */
#include "http/discovery.h"

#include "http/response.h"

static int put_endpoint(struct json *body, const char *issuer,
                        const struct discovery_endpoint *endpoint, struct err *err)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;

    TRY(buf_append_format(&url, err, "%s%s", issuer, endpoint->path));
    return json_put_bytes(body, endpoint->member, buf_bytes(&url), err);
}

static int put_list(struct json *body, const struct discovery_list *list, struct err *err)
{
    CLEANUP(json_freep) struct json *values = json_array_new();

    for (const char *const *value = list->values; *value != NULL; value++)
        TRY(json_add_text(values, *value, err));
    return json_put(body, list->member, json_steal(&values), err);
}

int discovery_reply(struct http_call *call, const char *issuer, const struct discovery *discovery,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    for (size_t i = 0; discovery->endpoints[i].member != NULL; i++)
        TRY(put_endpoint(body, issuer, &discovery->endpoints[i], err));
    for (size_t i = 0; discovery->lists[i].member != NULL; i++)
        TRY(put_list(body, &discovery->lists[i], err));
    for (size_t i = 0; discovery->flags[i].member != NULL; i++)
        TRY(json_put_bool(body, discovery->flags[i].member, discovery->flags[i].value, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}
