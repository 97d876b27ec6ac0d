/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application as it is signed: XML with Japanese element names in canonical form
 * (docsign/xml_signature.h), which says to whom, for what, when, each answer, and each attachment
 * by its digest. The signer's name, address, date of birth and sex are in his certificate, so they
 * are asked for nowhere. The real document is not public; its elements are our own.
 */
#pragma once

#include "portal/application/store.h"

/* ERR_CONFLICT unless it was prepared. */
MUST_CHECK int application_document(struct db *db, const struct application *application,
                                    struct buf *ret, struct err *err);
/*
 * Whether it is complete: an array of {field, problem} for answers (form_judge) and attachments
 * that are missing, but nothing that the signer's certificate says.
 */
MUST_CHECK int application_problems(struct db *db, const struct application *application,
                                    struct json **ret, struct err *err);
