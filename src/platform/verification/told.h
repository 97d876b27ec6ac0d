/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts, reasons and attributes as JSON members of answers. Inside this room only. */
#pragma once

#include "http/member.h"
#include "verify/verdict.h"
#include "x509/holder.h"

extern const char *const told_verdicts[];                 /* NULL-terminated */
extern const struct http_member told_attribute_members[]; /* of the object "attributes" */

/* Put the array "reasons"; report is what disclose (disclose.h) made. */
MUST_CHECK int told_put_reasons(struct json *body, const struct report *report, struct err *err);
/* Put the object "attributes". */
MUST_CHECK int told_put_attributes(struct json *body, const struct holder *holder, struct err *err);
