/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

#include "jose.h"

#include <string.h>

static const char *secret;

int hook_start(const char *platform, const char *tenant, const char *here)
{
    const char *url = format("%s/v1/webhooks", platform);
    const json_t *webhook;
    size_t i;

    json_array_foreach(json_object_get(ask(200, url, tenant, NULL, NULL), "webhooks"), i, webhook)
    {
        if (strcmp(text(webhook, "url"), here) == 0)
            ask_delete(format("%s/%s", url, text(webhook, "webhook")), tenant);
    }
    secret = strdup(text(tell(201, url, tenant, json_pack("{s:s}", "url", here)), "secret"));
    return secret != NULL && secret[0] != '\0';
}

const json_t *hook_event(struct visit *visit)
{
    const char *covered = format("%s.%s.%s", field(visit, "webhook-id"),
                                 field(visit, "webhook-timestamp"), visit->body);
    int is_platforms = jose_is_hmac(secret + strlen("whsec_"), covered,
                                    field(visit, "webhook-signature"));

    visit->status = is_platforms ? 204 : 401;
    return is_platforms ? keep_json(json_loads(visit->body, JSON_REJECT_DUPLICATES, NULL)) : NULL;
}
