/* SPDX-License-Identifier: Apache-2.0 */
/* An application as it is answered, to its owner and to its municipality: inside this sub-room. */
#pragma once

#include "http/route.h"
#include "portal/application/store.h"

/* Procedure, state, number, answers, attachments and what became of it. */
MUST_CHECK int application_put(struct json *body, struct db *db,
                               const struct application *application, struct err *err);
/*
 * What the certificate says of who signed last; nothing if nobody did. It is "applicant", and
 * "signer" where a proxy submitted it, of whom it says all.
 */
MUST_CHECK int application_put_signer(struct json *body, struct db *db,
                                      const struct application *application, struct err *err);
extern const struct http_member applicant_members[];
#define APPLICATION_PROXY                                                                          \
    "the mandate of who submitted it last, or began it, for the applicant; missing: he himself"
#define APPLICATION_MEMBERS                                                                        \
    {"psid", HTTP_TEXT, HTTP_REQUIRED, "the procedure"},                                           \
        {"name", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},                                   \
        {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},                              \
        {"municipality", HTTP_TEXT, HTTP_REQUIRED, "whose it is"},                                 \
        {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = application_states},        \
        {"receipt", HTTP_TEXT, HTTP_OPTIONAL, "its number; missing: it was not submitted yet"},    \
        {"round", HTTP_INT, HTTP_REQUIRED, "how often it was submitted"},                          \
        {"proxy", HTTP_OBJECT, HTTP_OPTIONAL, APPLICATION_PROXY, application_proxy_members},       \
        {"answers", HTTP_ARRAY, HTTP_REQUIRED, "the answers", form_answer_members},                \
        {"attachments", HTTP_ARRAY, HTTP_REQUIRED, "the files with it", attachment_members},       \
    {                                                                                              \
        "steps", HTTP_ARRAY, HTTP_REQUIRED, "what became of it", application_step_members          \
    }
extern const struct http_member attachment_members[], application_step_members[];
extern const struct http_member application_row_members[]; /* of application_list */

/* Answer with a file of it, for saving only; of a document, as XML. */
MUST_CHECK int application_reply_file(struct http_call *call, struct db *db, const char *id,
                                      const char *number, struct err *err);
MUST_CHECK int application_reply_document(struct http_call *call, struct db *db, const char *id,
                                          struct err *err);
extern const struct http_answer application_file_answers[], application_document_answers[];
