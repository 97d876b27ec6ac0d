/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts, reasons and attributes as JSON members of answers. Inside this room only. */
#pragma once

#include "http/member.h"
#include "platform/routes.h"
#include "platform/verification/disclose.h"
#include "platform/verification/verification.h"
#include "verify/document_file.h"
#include "x509/holder.h"

extern const char *const told_verdicts[];                 /* NULL-terminated */
extern const struct http_member told_attribute_members[]; /* of the object "attributes" */

/* Put the array "reasons"; report is what disclose (disclose.h) made. */
MUST_CHECK int told_put_reasons(struct json *body, const struct report *report, struct err *err);
/* Put the object "attributes". */
MUST_CHECK int told_put_attributes(struct json *body, const struct holder *holder, struct err *err);
/* Put what stays of a verification. */
MUST_CHECK int told_put_verification(struct json *body, const struct verification *kept,
                                     const struct report *report, struct err *err);

/* Put the array "signatures" of a document, without attributes. */
MUST_CHECK int told_put_parts(struct json *body, const struct verification_part *parts,
                              size_t count, struct err *err);
/* One of them. */
MUST_CHECK int told_put_part(struct json *object, const struct verification_part *part,
                             struct err *err);

extern const char *const told_kinds[]; /* "signature", "cms", "pdf", NULL */
extern const struct http_member told_part_members[];
#define TOLD_PART_MEMBERS                                                                          \
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether this signature holds",                          \
     .values = told_verdicts},                                                                     \
        {"reasons", HTTP_ARRAY, HTTP_REQUIRED, "why not", .values = disclosed_reasons},            \
    {                                                                                              \
        "covers", HTTP_TEXT, HTTP_REQUIRED,                                                        \
            "what it is over: the document as it is, an earlier revision, or neither",             \
            .values = document_coverages                                                           \
    }

/* Rows for what that puts, alone and to be followed by others. */
extern const struct http_member told_verification_members[];
#define TOLD_VERIFICATION_MEMBERS                                                                  \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},                  \
        {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the signature holds",                       \
         .values = told_verdicts},                                                                 \
        {"reasons", HTTP_ARRAY, HTTP_REQUIRED,                                                     \
         "why it is not valid; of a revocation no more than that", .values = disclosed_reasons},   \
        {"purpose", HTTP_TEXT, HTTP_REQUIRED, "what was asked", .values = verification_purposes},  \
        {"kind", HTTP_TEXT, HTTP_REQUIRED,                                                         \
         "what was judged: a signature beside its document, or a document of that form",           \
         .values = told_kinds},                                                                    \
    {                                                                                              \
        "verified_at", HTTP_INT, HTTP_REQUIRED, "when the platform judged, UTC seconds"            \
    }
