/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people see of a consent, before they give it and afterwards: the service, the interface, and
 * names with their items. Inside this subject only.
 */
#pragma once

#include "exchange/tables.h"
#include "portal/gateway/api.h"
#include "portal/operator/consent.h"

/* The members of CONSENT_CLIENT_MEMBERS, and of CONSENT_API_MEMBERS. */
MUST_CHECK int consent_put_client(struct json *object, const struct operator_client *client,
                                  struct err *err);
MUST_CHECK int consent_put_api(struct json *object, const struct gateway_api *api, struct err *err);
/* A name with its items, added to an array; with a consent, those that it has. */
MUST_CHECK int consent_put_info(const struct tables *tables, const struct info *info,
                                const struct operator_consent *consent, struct json *list,
                                struct err *err);

extern const struct http_member consent_info_members[];
extern const struct http_form consent_item_form;

#define CONSENT_API_MEMBERS                                                                        \
    {"api", HTTP_TEXT, HTTP_REQUIRED, "by which interface"},                                       \
        {"api_name", HTTP_TEXT, HTTP_REQUIRED, "what it is called, in Japanese"},                  \
    {                                                                                              \
        "api_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                      \
    }

#define CONSENT_CLIENT_MEMBERS                                                                     \
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the service", .form = &operator_id_form},             \
        {"client_name", HTTP_TEXT, HTTP_REQUIRED, "its name, in Japanese"},                        \
        {"client_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},                                \
        {"purpose", HTTP_TEXT, HTTP_REQUIRED, "what it is for, in Japanese"},                      \
        {"purpose_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},                                    \
    {                                                                                              \
        "environment", HTTP_TEXT, HTTP_REQUIRED, "where", .values = operator_environments          \
    }
