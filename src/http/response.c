/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"

#include "http/syntax.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

static void drop_body(struct http_response *response)
{
    buf_done(&response->body);
    json_freep(&response->json);
    response->written = NULL;
    if (response->file.is_there)
        (void)close(response->file.fd);
    response->file.is_there = false;
    buf_done(&response->location);
}

int http_reply_json(struct http_response *response, unsigned status, struct json *body,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *owned = body;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (owned == NULL)
        return FAIL_NOMEM(err);
    TRY(json_write(owned, &text, err));
    http_reply_empty(response, status);
    buf_move(&response->body, &text);
    response->json = json_steal(&owned);
    response->type = "application/json";
    return 0;
}

int http_reply_bytes(struct http_response *response, unsigned status, const char *type,
                     struct bytes body, struct err *err)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;

    TRY(buf_append(&copy, body, err));
    http_reply_empty(response, status);
    buf_move(&response->body, &copy);
    response->type = type;
    return 0;
}

void http_reply_buf(struct http_response *response, unsigned status, const char *type,
                    struct buf *body)
{
    http_reply_empty(response, status);
    buf_move(&response->body, body);
    response->type = type;
}

void http_reply_written(struct http_response *response, unsigned status,
                        const struct http_member *members, struct buf *body)
{
    http_reply_buf(response, status, "application/json", body);
    response->written = members;
}

void http_reply_empty(struct http_response *response, unsigned status)
{
    drop_body(response);
    response->status = status;
    response->type = NULL;
}

int http_reply_redirect(struct http_response *response, unsigned status, struct buf *location,
                        struct err *err)
{
    const char *text; /* engines want the NUL behind it */

    if (location->len > HTTP_LOCATION_MAX || !http_is_field_value(buf_bytes(location)))
        return FAIL(err, ERR_USAGE, "an address to go to that HTTP does not allow");
    TRY(buf_text(location, &text, err));
    http_reply_empty(response, status);
    buf_move(&response->location, location);
    return 0;
}

int http_reply_field(struct http_response *response, const char *name, const char *value,
                     struct err *err)
{
    struct http_reply_field *field = &response->fields[response->field_count];
    size_t name_size = strlen(name) + 1;
    size_t value_size = strlen(value) + 1;

    if (response->field_count == HTTP_REPLY_FIELDS_MAX)
        return FAIL(err, ERR_USAGE, "more than %d response fields", HTTP_REPLY_FIELDS_MAX);
    if (!http_is_token(bytes_text(name)) || !http_is_field_value(bytes_text(value)))
        return FAIL(err, ERR_USAGE, "a response field that HTTP does not allow");
    if (name_size > sizeof field->name || value_size > sizeof field->value)
        return FAIL(err, ERR_USAGE, "a response field that is too long");
    memcpy(field->name, name, name_size);
    memcpy(field->value, value, value_size);
    response->field_count++;
    return 0;
}

static bool has_field(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->field_count; i++) {
        if (strcasecmp(response->fields[i].name, name) == 0)
            return true;
    }
    return false;
}

bool http_response_may_be_kept(const struct http_response *response)
{
    return has_field(response, "Cache-Control");
}

bool http_response_needs_nosniff(const struct http_response *response)
{
    return response->type != NULL && !has_field(response, "X-Content-Type-Options");
}

void http_response_done(struct http_response *response)
{
    drop_body(response);
    *response = (struct http_response){0};
}
