/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/agent/page.h"

#include "holder/origin.h"
#include "programs/jpki/agent/agent.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The field of this name; NULL if it is missing or there are several. */
static const char *only_field(const struct http_call *call, const char *name)
{
    const struct http_fields *fields = &call->request.headers;
    const char *found = NULL;

    for (size_t i = 0; i < fields->count; i++) {
        if (strcasecmp(fields->at[i].name, name) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = fields->at[i].value;
    }
    return found;
}

static bool is_own_host(const struct http_call *call)
{
    static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};
    const struct agent *agent = call->context;
    const char *host = only_field(call, "Host");
    char own[32];

    for (size_t i = 0; host != NULL && i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(own, sizeof own, "%s:%u", names[i], (unsigned)agent->port);
        if (strcasecmp(host, own) == 0)
            return true;
    }
    return false;
}

/* As browsers write it (RFC 6454, 6.2): one spelling, so that comparing is comparing texts. */
static bool is_origin(const char *text)
{
    struct origin origin;
    const char *path;

    return origin_parse(text, &origin, &path, NULL) == 0 && path[0] == '\0' &&
           strcmp(origin.text, text) == 0;
}

static int check(const struct http_call *call, struct err *err)
{
    const char *origin = only_field(call, "Origin");

    if (!is_own_host(call))
        return FAIL(err, ERR_DENIED, "this computer is reached here under another name");
    if (origin == NULL || !is_origin(origin))
        return FAIL(err, ERR_DENIED, "only pages of an origin may ask here");
    return 0;
}

const struct http_access agent_page = {
    .name = "page",
    .check = check,
    .meaning = "A page in a browser on this computer, by its origin.",
};

const char *page_origin(const struct http_call *call)
{
    return only_field(call, "Origin");
}

int page_check(const struct http_call *call, const char *url, struct err *err)
{
    struct origin origin;
    const char *path;

    TRY(origin_parse(url, &origin, &path, err));
    if (strcmp(origin.text, page_origin(call)) != 0)
        return FAIL(err, ERR_DENIED, "this page is not of the origin that it asks for");
    return 0;
}

int page_allow(struct http_call *call, struct err *err)
{
    TRY(http_reply_field(&call->response, "Access-Control-Allow-Origin", page_origin(call), err));
    return http_reply_field(&call->response, "Vary", "Origin", err);
}

/* Fetch, 3.2.3; Private Network Access, 3.2: asked only where a public page reaches inwards. */
int page_preflight(struct http_call *call, struct err *err)
{
    const char *inwards = only_field(call, "Access-Control-Request-Private-Network");

    http_reply_empty(&call->response, 204);
    TRY(page_allow(call, err));
    TRY(http_reply_field(&call->response, "Access-Control-Allow-Methods", "POST", err));
    TRY(http_reply_field(&call->response, "Access-Control-Allow-Headers", "Content-Type", err));
    if (inwards == NULL || strcmp(inwards, "true") != 0)
        return 0;
    return http_reply_field(&call->response, "Access-Control-Allow-Private-Network", "true", err);
}
