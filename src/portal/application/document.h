/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application as it is signed: XML with Japanese element names in canonical form
 * (docsign/xml_signature.h), which says to whom, for what, when, each answer, and each attachment
 * by its digest. The signer's name, address, date of birth and sex are in his certificate, so they
 * are asked for nowhere; but where he is a proxy, it says so, and by which mandate, and what is
 * asked of the applicant is answered as all else: the certificate is the proxy's. The real document
 * is not public; its elements are our own.
 */
#pragma once

#include "portal/application/store.h"

/* ERR_CONFLICT unless it was prepared. */
MUST_CHECK int application_document(struct db *db, const struct application *application,
                                    const struct application_proxy *signer, struct buf *ret,
                                    struct err *err);
/*
 * Whether it is complete: an array of {field, problem} for answers (form_judge) and attachments
 * that are missing, but nothing that the applicant's certificate says if he signs himself.
 */
MUST_CHECK int application_problems(struct db *db, const struct application *application,
                                    const struct application_proxy *signer, struct json **ret,
                                    struct err *err);
