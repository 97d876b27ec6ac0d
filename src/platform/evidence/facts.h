/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be seen from inside a running platform of the things that whoever certifies it asks
 * about (S255 to S264): how it is set, who may operate it, what is kept. It judges nothing; that is
 * done outside, by jpkictl evidence, beside what can only be seen from there.
 */
#pragma once

#include "base/json.h"
#include "platform/platform.h"

extern const char *const evidence_webhooks[]; /* "none", "public", "any", NULL */

/* What its database has, read in one transaction, as members of an answer. */
MUST_CHECK int evidence_put_kept(struct platform_store *store, int64_t now, struct json *body,
                                 struct err *err);
