/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the published procedure search answers (portal.md 2.6): procedures with the members that
 * third-party clients of it read. All members are texts, empty where there is nothing, but for
 * isEApplicable. Days have 8 digits, times 14, in Japan.
 */
#pragma once

#include "portal/procedure/search.h"

/* "CHILDCARE": the code of a category, which is our own; NULL: there is none. */
const char *published_service(const char *category);
/* The category of a code, or NULL. */
const char *published_category(const char *service);

/* A row of the list. */
MUST_CHECK int published_put_item(struct json *object, const struct procedure_item *item,
                                  struct err *err);
/* The same with everything else. */
MUST_CHECK int published_put_detail(struct json *object, const struct procedure_detail *detail,
                                    struct err *err);

extern const struct http_member published_item_members[];
extern const struct http_member published_detail_members[];
