/* SPDX-License-Identifier: Apache-2.0 */
/* Mandates as they are answered. Inside this subject only. */
#pragma once

#include "http/member.h"
#include "portal/mandate/mandate.h"

/* Members that everybody reads. */
MUST_CHECK int mandate_put(struct json *body, const struct mandate *mandate, struct err *err);

extern const struct http_form mandate_name_form;
#define MANDATE_MEMBERS                                                                            \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form},                         \
        {"kind", HTTP_TEXT, HTTP_REQUIRED, "how it came to be", .values = mandate_kinds},          \
        {"scopes", HTTP_ARRAY, HTTP_REQUIRED, "what it is for", .values = mandate_scopes},         \
        {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},                                       \
        {"begun_at", HTTP_INT, HTTP_OR_NULL, "when the proxy took it; null: not yet"},             \
        {"ends_at", HTTP_INT, HTTP_REQUIRED, "from when on it counts no more"},                    \
        {"ended_at", HTTP_INT, HTTP_OR_NULL, "when somebody ended it; null: nobody did"},          \
        {"ended_by", HTTP_TEXT, HTTP_OR_NULL, "who", .values = mandate_sides},                     \
        {"used_at", HTTP_INT, HTTP_OR_NULL, "when it was used last, as told in the logs"},         \
    {                                                                                              \
        "municipality", HTTP_TEXT, HTTP_OR_NULL, "that recorded it; null: the person gave it"      \
    }
