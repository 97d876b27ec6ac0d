/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a provider hands over under a name: JSON, this project's own shape (the real one is not
 * public, portal.md 8):
 *
 *   {"records": [{"day": "2026-04-01", "items": [{"code": "8200000020", "content":
 * "2026-04-01"}]}]}
 *
 * Each item is one of the name's (tables.h), in their order, each once in a record, and its content
 * has the item's form: date YYYY-MM-DD; yen and number decimal digits; flag 0 or 1; text.
 */
#pragma once

#include "base/json.h"
#include "exchange/tables.h"

enum { ANSWER_RECORDS_MAX = 200, ANSWER_CONTENT_MAX = 200 };

/* ERR_INPUT for what is no answer under this name; *ret is it, to be looked at. */
MUST_CHECK int answer_parse(const struct tables *tables, const char *info, struct bytes text,
                            struct json **ret, struct err *err);
/* Whether a content has the form of its item. */
bool answer_content_fits(enum item_form form, const char *content);
/*
 * A parsed answer for people: each record's day and items with code, level, form, name and
 * name_en of the item, and content.
 */
MUST_CHECK int answer_explain(const struct tables *tables, const char *info,
                              const struct json *answer, struct json **ret, struct err *err);
