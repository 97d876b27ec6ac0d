/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of a municipality on their way (portal.md, S357): each time one is saved it is another
 * version, which nobody else sees; publishing one makes it the municipality's text, which it then
 * offers. An earlier version may be published again.
 */
#pragma once

#include "portal/procedure/store.h"

struct text_draft {
    const char *municipality, *code;
    int64_t based_on;           /* the version that was changed; 0: there is none yet */
    const struct json *content; /* as a procedure's text */
    const struct json *form;    /* NULL: none */
    const char *by_whom;        /* for the list: whose doing it is */
};
/*
 * ERR_INPUT as procedure_put_text; ERR_CONFLICT if somebody saved another version since, and where
 * there are drafts of MUNICIPALITY_DRAFTS_MAX texts.
 */
MUST_CHECK int text_draft_save(struct db *db, const struct text_draft *draft,
                               const struct audit_origin *by, int64_t *ret_version,
                               struct err *err);
/* An array of {code, name, version, saved_at, published}: the newest version of each. */
MUST_CHECK int text_draft_list(struct db *db, const char *municipality, struct json **ret,
                               struct err *err);

/*
 * {content, form, version, versions}, versions an array of {version, name, saved_at, saved_by,
 * published_at}. version 0: the newest one. ERR_ABSENT if there is none such.
 */
MUST_CHECK int text_draft_get(struct db *db, const char *municipality, const char *code,
                              int64_t version, struct json **ret, struct err *err);
/* One version of one text; version 0: the newest. */
struct text_name {
    const char *municipality, *code;
    int64_t version;
};
/*
 * *ret_text is the number of the text, by which it is offered. ERR_ABSENT as above; the same again
 * changes nothing.
 */
MUST_CHECK int text_draft_publish(struct db *db, const struct text_name *name,
                                  const struct audit_origin *by, int64_t *ret_text,
                                  struct err *err);
